/*
 * The text a handler writes.
 *
 * It is gathered in chunks. Until the response is committed they are kept, up
 * to the cap (BridgeBuffer); the byte that reaches the cap commits the
 * response, and from then on each full chunk is passed on, so that memory
 * stays flat however much is written. Chunks come from the bucket allocator
 * and become heap buckets without a copy.
 */
#include "output.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "commit.h"
#include "log.h"
#include "response.h"

/* The allocator's own block is 8 KB; a little of it is its header. */
#define CHUNK_FIRST APR_BUCKET_BUFF_SIZE
#define CHUNK_SMALL 128 /* comes from the allocator's list of small blocks */
#define CHUNK_NEXT (32 * 1024 - 64)

apr_off_t hbr_output_pending(const hbr_state_t *state)
{
    return state->written - state->passed;
}

static apr_bucket_brigade *brigade_of(hbr_state_t *state)
{
    if (state->brigade == NULL)
        state->brigade = apr_brigade_create(state->request.pool,
                                            state->request.bucket_alloc);
    return state->brigade;
}

/* Turns the chunk into a bucket; an empty one is given back. */
static void close_chunk(hbr_state_t *state)
{
    apr_bucket *bucket;

    if (state->chunk == NULL)
        return;
    if (state->chunk_used == 0) {
        apr_bucket_free(state->chunk);
    } else {
        bucket = apr_bucket_heap_create(state->chunk, state->chunk_used,
                                        apr_bucket_free,
                                        state->request.bucket_alloc);
        APR_BRIGADE_INSERT_TAIL(brigade_of(state), bucket);
    }
    state->chunk = NULL;
    state->chunk_size = state->chunk_used = 0;
}

apr_bucket_brigade *hbr_output_take(hbr_state_t *state)
{
    close_chunk(state);
    state->passed = state->written;
    return brigade_of(state);
}

void hbr_output_drop(hbr_state_t *state)
{
    close_chunk(state);
    if (state->brigade != NULL)
        apr_brigade_cleanup(state->brigade);
    state->written = state->passed;
}

/* How large the next chunk is: small for a small text, which is mostly all
 * there is; before the commit it ends where the cap is. */
static apr_size_t next_size(const hbr_state_t *state, apr_size_t wanted)
{
    apr_size_t size = state->written > CHUNK_SMALL ? CHUNK_NEXT : CHUNK_FIRST;
    apr_off_t left =
        (apr_off_t)state->request.settings->buffer - hbr_output_pending(state);

    if (state->written == 0 && wanted <= CHUNK_SMALL)
        size = CHUNK_SMALL;
    if (state->committed_by == NULL && left > 0 && left < (apr_off_t)size)
        size = (apr_size_t)left;
    return size;
}

static bool cap_is_reached(const hbr_state_t *state)
{
    apr_off_t pending = hbr_output_pending(state);

    return pending > 0 && pending >= (apr_off_t)state->request.settings->buffer;
}

/* Makes room: passes on what is due, and opens a new chunk. */
static apr_status_t open_chunk(hbr_context_t *ctx, const char *call,
                               apr_size_t wanted)
{
    hbr_state_t *state = ctx->state;
    apr_status_t status = APR_SUCCESS;

    close_chunk(state);
    if (state->committed_by != NULL || cap_is_reached(state))
        status = hbr_commit_stream(ctx, call);
    if (status != APR_SUCCESS)
        return status;
    state->chunk_size = next_size(state, wanted);
    state->chunk =
        apr_bucket_alloc(state->chunk_size, state->request.bucket_alloc);
    return APR_SUCCESS;
}

/* Whether text can be written at all; says why not. */
static apr_status_t writable(hbr_context_t *ctx, const char *call)
{
    hbr_state_t *state = ctx->state;

    if (state->write_error != APR_SUCCESS)
        return state->write_error;
    if (state->failed != 0)
        return APR_EGENERAL;
    if (state->body != HBR_BODY_TEXT) {
        hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0020",
                       "%s() after a whole body was given; ignored", call);
        return APR_EINVAL;
    }
    return APR_SUCCESS;
}

static void put(hbr_state_t *state, const char *bytes, apr_size_t length)
{
    memcpy(state->chunk + state->chunk_used, bytes, length);
    state->chunk_used += length;
    state->written += length;
}

static apr_status_t append(hbr_context_t *ctx, const char *call,
                           const char *bytes, apr_size_t length)
{
    hbr_state_t *state = ctx->state;

    if (length == 0)
        return APR_SUCCESS;
    if (length <= state->chunk_size - state->chunk_used) {
        put(state, bytes, length);
        return APR_SUCCESS;
    }
    while (length > 0) {
        apr_size_t room = state->chunk_size - state->chunk_used;

        if (room == 0) {
            apr_status_t status = open_chunk(ctx, call, length);

            if (status != APR_SUCCESS)
                return status;
            continue;
        }
        if (room > length)
            room = length;
        put(state, bytes, room);
        bytes += room;
        length -= room;
    }
    return APR_SUCCESS;
}

apr_status_t hbr_output_append(hbr_context_t *ctx, const char *call,
                               const void *data, apr_size_t length)
{
    apr_status_t status = writable(ctx, call);

    if (status != APR_SUCCESS || length == 0)
        return status;
    return append(ctx, call, data, length);
}

/* A text that does not fit the chunk is formatted beside it and copied. */
static apr_status_t format_long(hbr_context_t *ctx, const char *call,
                                apr_size_t length, const char *format,
                                va_list args)
{
    char *text = apr_bucket_alloc(length + 1, ctx->state->request.bucket_alloc);
    apr_status_t status;

    vsnprintf(text, length + 1, format, args);
    status = append(ctx, call, text, length);
    apr_bucket_free(text);
    return status;
}

/* Formats by the C library, into the chunk where there is room. */
static apr_status_t format_rest(hbr_context_t *ctx, const char *call,
                                const char *format, va_list args)
{
    hbr_state_t *state = ctx->state;
    apr_status_t status = APR_SUCCESS;
    apr_size_t room;
    va_list again;
    int length;

    if (state->chunk_used == state->chunk_size)
        status = open_chunk(ctx, call, CHUNK_FIRST);
    if (status != APR_SUCCESS)
        return status;
    room = state->chunk_size - state->chunk_used;
    va_copy(again, args);
    length = vsnprintf(state->chunk + state->chunk_used, room, format, args);
    if (length < 0) {
        hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_FROM_OS_ERROR(errno), "HBR0021",
                       "%s() could not format its text", call);
        hbr_fail(ctx);
        status = APR_EINVAL;
    } else if ((apr_size_t)length < room) {
        state->chunk_used += length;
        state->written += length;
    } else {
        status = format_long(ctx, call, length, format, again);
    }
    va_end(again);
    return status;
}

/* Text and %s, which is what most formats are made of, at a fraction of what
 * vsnprintf() costs; from the first other conversion on it is the C library's
 * turn. */
apr_status_t hbr_output_format(hbr_context_t *ctx, const char *call,
                               const char *format, va_list args)
{
    apr_status_t status = writable(ctx, call);

    while (status == APR_SUCCESS && *format != '\0') {
        const char *text = format;

        if (format[0] == '%' && format[1] == 's') {
            text = va_arg(args, const char *);
            if (text == NULL)
                text = "(null)";
            format += 2;
            status = append(ctx, call, text, strlen(text));
        } else if (format[0] == '%') {
            return format_rest(ctx, call, format, args);
        } else {
            format = strchrnul(format, '%');
            status = append(ctx, call, text, (apr_size_t)(format - text));
        }
    }
    return status;
}

apr_status_t hbr_write(hbr_context_t *ctx, const void *data, apr_size_t length)
{
    return hbr_output_append(ctx, "hbr_write", data, length);
}

apr_status_t hbr_puts(hbr_context_t *ctx, const char *text)
{
    return hbr_output_append(ctx, "hbr_puts", text, strlen(text));
}

apr_status_t hbr_vprintf(hbr_context_t *ctx, const char *format, va_list args)
{
    return hbr_output_format(ctx, "hbr_printf", format, args);
}

apr_status_t hbr_printf(hbr_context_t *ctx, const char *format, ...)
{
    apr_status_t status;
    va_list args;

    va_start(args, format);
    status = hbr_vprintf(ctx, format, args);
    va_end(args);
    return status;
}

int hbr_vtext(hbr_context_t *ctx, const char *format, va_list args)
{
    apr_status_t status = hbr_output_format(ctx, "hbr_text", format, args);

    if (status == APR_SUCCESS && ctx->state->type == NULL)
        ctx->state->type = "text/plain; charset=utf-8";
    return status == APR_EINVAL ? HBR_INTERNAL_ERROR : HBR_OK;
}

int hbr_text(hbr_context_t *ctx, const char *format, ...)
{
    va_list args;
    int result;

    va_start(args, format);
    result = hbr_vtext(ctx, format, args);
    va_end(args);
    return result;
}

apr_status_t hbr_flush(hbr_context_t *ctx)
{
    apr_status_t status = writable(ctx, "hbr_flush");
    apr_bucket *flush;

    if (status != APR_SUCCESS)
        return status;
    close_chunk(ctx->state);
    flush = apr_bucket_flush_create(ctx->state->request.bucket_alloc);
    APR_BRIGADE_INSERT_TAIL(brigade_of(ctx->state), flush);
    return hbr_commit_stream(ctx, "hbr_flush");
}
