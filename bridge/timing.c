/*
 * Where a request's time goes: the line of a slow request, its notes for the
 * access log, and the field Server-Timing (W3C Server Timing). Used by the
 * request's thread only.
 *
 * What is left of the time, when all that was measured is taken off, is the
 * handler's own.
 */
#include "timing.h"

#include <apr_strings.h>

#include "log.h"
#include "trace.h"

/* One request's time, in microseconds. */
typedef struct split_t {
    apr_interval_time_t total;
    apr_interval_time_t before; /* until the bridge had it */
    const apr_interval_time_t *spent;
    apr_interval_time_t handler;
} split_t;

static bool is_wanted(const hbr_settings_t *settings)
{
    return settings->slow > 0 || settings->notes || settings->server_timing;
}

/* A request that another one has made took no time before it was made: httpd
 * gives it the other's. */
void hbr_timing_begin(hbr_state_t *state)
{
    const hbr_request_t *request = &state->request;

    state->began = request->time;
    if (request->is_nested)
        state->began = hbr_timing_now(state);
    if (!is_wanted(request->settings))
        return;
    state->timing = apr_pcalloc(request->pool, sizeof(*state->timing));
    state->timing->begun = hbr_timing_now(state);
}

static split_t split_of(const hbr_state_t *state, apr_time_t now)
{
    const hbr_timing_t *timing = state->timing;
    split_t split = { .total = now - state->began,
                      .before = timing->begun - state->began,
                      .spent = timing->spent };
    int i;

    split.handler = split.total - split.before;
    for (i = 0; i < HBR_TIMED; i++)
        split.handler -= timing->spent[i];
    return split;
}

/* Nothing takes less than no time, though the clock may have been set back. */
static apr_interval_time_t at_least_none(apr_interval_time_t us)
{
    return us > 0 ? us : 0;
}

/* Milliseconds with what is behind the point, in any locale. */
static const char *as_ms(apr_pool_t *pool, apr_interval_time_t us)
{
    us = at_least_none(us);
    return apr_psprintf(pool, "%" APR_INT64_T_FMT ".%03d",
                        (apr_int64_t)(us / 1000), (int)(us % 1000));
}

void hbr_timing_header(const hbr_state_t *state)
{
    const hbr_request_t *request = &state->request;
    apr_pool_t *pool = request->pool;
    split_t split;

    if (!request->settings->server_timing)
        return;
    split = split_of(state, hbr_timing_now(state));
    apr_table_addn(
        request->headers_out, "Server-Timing",
        apr_pstrcat(pool, "total;dur=", as_ms(pool, split.total),
                    ", before;dur=", as_ms(pool, split.before),
                    ", wait;dur=", as_ms(pool, split.spent[HBR_TIMED_WAIT]),
                    ", db;dur=", as_ms(pool, split.spent[HBR_TIMED_DB]),
                    ", read;dur=", as_ms(pool, split.spent[HBR_TIMED_READ]),
                    ", handler;dur=", as_ms(pool, split.handler), NULL));
}

static void log_slow(hbr_context_t *ctx, const split_t *split, const char *id)
{
    apr_pool_t *pool = ctx->state->request.pool;

    hbr_bridge_log(
        ctx, HBR_LOG_WARNING, APR_SUCCESS, "HBR0300",
        "%s %s took %s ms: %s before the handler, %s waiting for an "
        "instance, %s in the database, %s reading the body, %s in "
        "the handler, %s writing (BridgeSlow %" APR_SIZE_T_FMT ")%s%s",
        ctx->method, ctx->uri, as_ms(pool, split->total),
        as_ms(pool, split->before), as_ms(pool, split->spent[HBR_TIMED_WAIT]),
        as_ms(pool, split->spent[HBR_TIMED_DB]),
        as_ms(pool, split->spent[HBR_TIMED_READ]), as_ms(pool, split->handler),
        as_ms(pool, split->spent[HBR_TIMED_WRITE]),
        ctx->state->request.settings->slow, id != NULL ? ", trace " : "",
        id != NULL ? id : "");
}

static void note_us(const hbr_request_t *request, const char *name,
                    apr_interval_time_t us)
{
    request->host->request->note(request->request, name,
                                 apr_psprintf(request->pool,
                                              "%" APR_INT64_T_FMT,
                                              (apr_int64_t)at_least_none(us)));
}

static void set_notes(const hbr_state_t *state, const split_t *split)
{
    const hbr_request_t *request = &state->request;

    request->host->request->note(request->request, "hbr-handler",
                                 state->entry->name);
    note_us(request, "hbr-time-us", split->total);
    note_us(request, "hbr-before-us", split->before);
    note_us(request, "hbr-wait-us", split->spent[HBR_TIMED_WAIT]);
    note_us(request, "hbr-db-us", split->spent[HBR_TIMED_DB]);
    note_us(request, "hbr-read-us", split->spent[HBR_TIMED_READ]);
    note_us(request, "hbr-handler-us", split->handler);
    note_us(request, "hbr-write-us", split->spent[HBR_TIMED_WRITE]);
}

/* NULL where nobody asked for one. */
static const char *trace_id_of(hbr_context_t *ctx)
{
    const hbr_state_t *state = ctx->state;

    return state->trace != NULL || state->request.settings->trace
               ? hbr_trace_id(ctx)
               : NULL;
}

void hbr_timing_end(hbr_context_t *ctx, apr_time_t now)
{
    const hbr_state_t *state = ctx->state;
    const hbr_request_t *request = &state->request;
    const hbr_settings_t *settings = request->settings;
    bool has_notes = request->host->request->note != NULL;
    const char *id = trace_id_of(ctx);
    split_t split;

    if (id != NULL && has_notes && (settings->trace || settings->notes))
        request->host->request->note(request->request, "hbr-trace-id", id);
    if (state->timing == NULL)
        return;
    split = split_of(state, now);
    if (settings->notes && has_notes)
        set_notes(state, &split);
    if (settings->slow > 0 && split.total >= apr_time_from_msec(settings->slow))
        log_slow(ctx, &split, id);
}
