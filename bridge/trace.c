/*
 * The request's place in a trace. Made when somebody first asks for it, by the
 * request's thread.
 */
#include "trace.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sys/random.h>

#include "state.h"

#define ID_AT 3
#define SPAN_AT 36
#define FLAGS_AT 53
#define SAMPLED 0x01

/* Lower case only (3.2.2). */
static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool are_digits(const char *text, apr_size_t count)
{
    apr_size_t i;

    for (i = 0; i < count; i++)
        if (digit(text[i]) < 0)
            return false;
    return true;
}

static bool are_zeros(const char *text, apr_size_t count)
{
    return strspn(text, "0") >= count;
}

/* What all versions have (3.2.2, 4.3): length first. */
static bool has_form(const char *text)
{
    return strlen(text) >= HBR_TRACEPARENT && are_digits(text, 2)
           && text[ID_AT - 1] == '-' && are_digits(text + ID_AT, HBR_TRACE_ID)
           && text[SPAN_AT - 1] == '-'
           && are_digits(text + SPAN_AT, HBR_SPAN_ID)
           && text[FLAGS_AT - 1] == '-' && are_digits(text + FLAGS_AT, 2);
}

/* Version ff is none; 00 ends here, later ones may go on behind a dash. */
static bool has_end(const char *text)
{
    char end = text[HBR_TRACEPARENT];

    if (memcmp(text, "ff", 2) == 0)
        return false;
    return end == '\0' || (end == '-' && memcmp(text, "00", 2) != 0);
}

bool hbr_traceparent_read(const char *text, char id[HBR_TRACE_ID + 1],
                          bool *sampled)
{
    if (!has_form(text) || !has_end(text)
        || are_zeros(text + ID_AT, HBR_TRACE_ID)
        || are_zeros(text + SPAN_AT, HBR_SPAN_ID))
        return false;
    memcpy(id, text + ID_AT, HBR_TRACE_ID);
    id[HBR_TRACE_ID] = '\0';
    *sampled = (digit(text[FLAGS_AT + 1]) & SAMPLED) != 0;
    return true;
}

static bool fill_random(unsigned char *bytes, apr_size_t length)
{
    apr_size_t filled = 0;

    while (filled < length) {
        ssize_t got = getrandom(bytes + filled, length - filled, 0);

        if (got < 0 && errno != EINTR)
            return false;
        if (got > 0)
            filled += (apr_size_t)got;
    }
    return true;
}

/* Never all zeros. */
static bool make_id(char *text, apr_size_t digits)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char bytes[HBR_TRACE_ID / 2];
    apr_size_t i;

    do {
        if (!fill_random(bytes, digits / 2))
            return false;
        for (i = 0; i < digits; i++)
            text[i] = hex[i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 15];
        text[digits] = '\0';
    } while (are_zeros(text, digits));
    return true;
}

static hbr_trace_t *make(hbr_context_t *ctx)
{
    const char *given = apr_table_get(ctx->headers_in, "traceparent");
    hbr_trace_t *trace = apr_palloc(ctx->state->request.pool, sizeof(*trace));
    char span[HBR_SPAN_ID + 1];
    bool sampled = false;

    if ((given == NULL || !hbr_traceparent_read(given, trace->id, &sampled))
        && !make_id(trace->id, HBR_TRACE_ID))
        return NULL;
    if (!make_id(span, HBR_SPAN_ID))
        return NULL;
    snprintf(trace->parent, sizeof(trace->parent), "00-%s-%s-%s", trace->id,
             span, sampled ? "01" : "00");
    return trace;
}

static const hbr_trace_t *trace_of(hbr_context_t *ctx)
{
    hbr_state_t *state = ctx->state;

    if (state->trace == NULL)
        state->trace = make(ctx);
    return state->trace;
}

const char *hbr_trace_id(hbr_context_t *ctx)
{
    const hbr_trace_t *trace = trace_of(ctx);

    return trace != NULL ? trace->id : NULL;
}

const char *hbr_traceparent(hbr_context_t *ctx)
{
    const hbr_trace_t *trace = trace_of(ctx);

    return trace != NULL ? trace->parent : NULL;
}
