/*
 * Responses that the bridge writes for a status: redirects and errors.
 *
 * The form is what the client's Accept likes best: plain text, HTML, or
 * problem+json (RFC 9457). A configured ErrorDocument wins over our text and
 * HTML; a client that asked for JSON gets JSON.
 */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <apr_strings.h>

#include "accept.h"
#include "commit.h"
#include "content.h"
#include "limit.h"
#include "log.h"
#include "output.h"
#include "range.h"
#include "reason.h"
#include "response.h"
#include "vary.h"

#define REASON_MAX 512

typedef enum { PLAIN, HTML, PROBLEM, JSON } form_e;

static const char *const form_types[] = { "text/plain", "text/html",
                                          "application/problem+json",
                                          "application/json", NULL };

/* Takes a character off that was cut in the middle. */
static void mend_end(char *text)
{
    apr_size_t length = strlen(text);

    while (length > 0 && (text[length - 1] & 0xC0) == 0x80)
        length--;
    if (length > 0 && (text[length - 1] & 0x80) != 0)
        length--;
    text[length] = '\0';
}

static const char *format_reason(apr_pool_t *pool, const char *format,
                                 va_list args)
{
    char text[REASON_MAX];

    if (vsnprintf(text, sizeof(text), format, args) >= (int)sizeof(text))
        mend_end(text);
    return apr_pstrdup(pool, text);
}

int hbr_verror(hbr_context_t *ctx, int status, const char *format, va_list args)
{
    hbr_state_t *state = ctx->state;

    if (status < 400 || status > 599) {
        hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0035",
                       "hbr_error() was given %d, which is no error's status",
                       status);
        status = HBR_INTERNAL_ERROR;
    }
    if (!hbr_changeable(ctx, "hbr_error"))
        return status;
    state->failed = status;
    state->reason = NULL;
    if (format != NULL)
        state->reason = format_reason(state->request.pool, format, args);
    return status;
}

int hbr_error(hbr_context_t *ctx, int status, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    status = hbr_verror(ctx, status, format, args);
    va_end(args);
    return status;
}

int hbr_limit_error(hbr_context_t *ctx, int status, const char *format, ...)
{
    const char *reason;
    va_list args;

    va_start(args, format);
    reason = format_reason(ctx->state->request.pool, format, args);
    va_end(args);
    ctx->state->limit = hbr_limit_in(reason) + 1;
    return hbr_error(ctx, status, "%s", reason);
}

static form_e form_for(hbr_context_t *ctx)
{
    int best =
        hbr_accept_best(apr_table_get(ctx->headers_in, "Accept"), form_types);

    return best < 0 ? PLAIN : (form_e)best;
}

/* Client mistakes are news for who looks for them; our own are errors, unless
 * the cause stands in the log already. */
static void log_answer(hbr_context_t *ctx, int status, const char *reason)
{
    if (status < 400)
        return;
    hbr_bridge_log(
        ctx,
        status < 500 || ctx->state->explained ? HBR_LOG_INFO : HBR_LOG_ERROR,
        APR_SUCCESS, "HBR0032", "%d %s%s%s", status, hbr_reason_phrase(status),
        reason != NULL ? ": " : "", reason != NULL ? reason : "");
}

static void write_plain(hbr_context_t *ctx, int status, const char *reason)
{
    hbr_type(ctx, "text/plain; charset=utf-8");
    hbr_printf(ctx, "%d %s\n", status, hbr_reason_phrase(status));
    if (reason != NULL)
        hbr_printf(ctx, "\n%s\n", reason);
}

static void write_html(hbr_context_t *ctx, int status, const char *reason)
{
    const char *phrase = hbr_reason_phrase(status);
    const char *location = apr_table_get(ctx->headers_out, "Location");

    hbr_type(ctx, "text/html; charset=utf-8");
    hbr_html(ctx,
             "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
             "<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width\">\n"
             "<title>%d %s</title>\n</head>\n<body>\n<h1>%d %s</h1>\n",
             status, phrase, status, phrase);
    if (reason != NULL)
        hbr_html(ctx, "<p>%s</p>\n", reason);
    if (status < 400 && location != NULL)
        hbr_html(ctx, "<p><a href=\"%s\">%s</a></p>\n", location, location);
    hbr_puts(ctx, "</body>\n</html>\n");
}

/* RFC 9457 3.1; "about:blank" says that the status tells the problem's type. */
static void write_problem(hbr_context_t *ctx, int status, const char *reason)
{
    hbr_type(ctx, "application/problem+json");
    hbr_printf(ctx, "{\"type\":\"about:blank\",\"title\":");
    hbr_json_string(ctx, hbr_reason_phrase(status));
    hbr_printf(ctx, ",\"status\":%d", status);
    if (reason != NULL) {
        hbr_puts(ctx, ",\"detail\":");
        hbr_json_string(ctx, reason);
    }
    hbr_puts(ctx, "}\n");
}

/* Clears the ground for a body of the bridge's own. */
static void start_over(hbr_context_t *ctx, int status)
{
    hbr_state_t *state = ctx->state;
    apr_off_t length = state->body_length;

    hbr_output_drop(state);
    hbr_content_drop(state);
    hbr_drop_body_fields(ctx, status);
    if (state->unsatisfied)
        apr_table_setn(
            state->request.headers_out, "Content-Range",
            hbr_content_range_unsatisfied(state->request.pool, length));
    state->status = status;
    state->type = NULL;
    state->failed = 0;
    state->write_error = APR_SUCCESS;
}

int hbr_error_send(hbr_context_t *ctx, int status)
{
    hbr_state_t *state = ctx->state;
    const hbr_request_t *request = &state->request;
    const char *reason = state->failed == status ? state->reason : NULL;
    form_e form = form_for(ctx);

    state->told = reason;
    log_answer(ctx, status, reason);
    start_over(ctx, status);
    if (request->is_subrequest)
        return status;
    hbr_vary(ctx, "Accept");
    if (form < PROBLEM && status >= 400
        && request->host->output->has_error_document(request->request, status))
        return status;
    if (form == HTML)
        write_html(ctx, status, reason);
    else if (form == PLAIN || status < 400)
        write_plain(ctx, status, reason);
    else
        write_problem(ctx, status, reason);
    if (!hbr_committed(ctx))
        return hbr_commit_whole(ctx);
    hbr_commit_end(ctx);
    return HBR_OK;
}
