/*
 * The log lines of a request: the handler's own, and the bridge's with a tag.
 * A line that nobody wants is not formatted.
 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

#include "state.h"

/* httpd cuts a line of its error log at 8 KB; one of ours is cut here. */
#define MESSAGE_MAX 2048

static void write_line(hbr_context_t *ctx, hbr_log_level_e level,
                       apr_status_t status, const char *tag, const char *format,
                       va_list args)
{
    const hbr_request_t *request = &ctx->state->request;
    char message[MESSAGE_MAX];
    int length;

    length = snprintf(message, sizeof(message), "%s%s%s: ", tag,
                      *tag != '\0' ? ": " : "", ctx->state->entry->name);
    vsnprintf(message + length, sizeof(message) - length, format, args);
    request->host->log->write(request->request, level, status, message);
}

static bool wanted(hbr_context_t *ctx, hbr_log_level_e level)
{
    const hbr_request_t *request = &ctx->state->request;

    return request->host->log->enabled(request->request, level);
}

void hbr_vlog(hbr_context_t *ctx, hbr_log_level_e level, const char *format,
              va_list args)
{
    if (wanted(ctx, level))
        write_line(ctx, level, APR_SUCCESS, "", format, args);
}

void hbr_log(hbr_context_t *ctx, hbr_log_level_e level, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    hbr_vlog(ctx, level, format, args);
    va_end(args);
}

static void note_cause(hbr_state_t *state, const char *tag)
{
    state->explained = true;
    if (state->tag == NULL)
        state->tag = tag;
}

void hbr_bridge_log(hbr_context_t *ctx, hbr_log_level_e level,
                    apr_status_t status, const char *tag, const char *format,
                    ...)
{
    va_list args;

    if (level <= HBR_LOG_ERROR)
        note_cause(ctx->state, tag);
    if (!wanted(ctx, level))
        return;
    va_start(args, format);
    write_line(ctx, level, status, tag, format, args);
    va_end(args);
}
