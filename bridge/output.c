/*
 * The text a handler writes.
 *
 * It is gathered in chunks. Until the response is committed they are kept, up
 * to the cap (BridgeBuffer); the byte that reaches the cap commits the
 * response, and from then on each full chunk is passed on, so that memory
 * stays flat however much is written. Chunks become buckets without a copy.
 */
#include "output.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "chunk.h"
#include "commit.h"
#include "log.h"
#include "rare.h"
#include "response.h"

/* The allocator's own block is 8 KB; a little of it is its header. Small ones
 * come from its list of small blocks. */
enum {
    HEADER = offsetof(hbr_chunk_t, bytes),
    CHUNK_FIRST = APR_BUCKET_BUFF_SIZE - HEADER,
    CHUNK_SMALL = 128 - HEADER,
    CHUNK_NEXT = 32 * 1024 - 64 - HEADER
};

/* Where no chunk is open nothing has room. */
static char nowhere[1];

/* Every way out of a request empties it, so it does without the cleanup that
 * apr_brigade_create() would register. */
static apr_bucket_brigade *brigade_of(hbr_state_t *state)
{
    apr_bucket_brigade *brigade = &state->brigade;

    if (brigade->p == NULL) {
        brigade->p = state->request.pool;
        brigade->bucket_alloc = state->request.bucket_alloc;
        APR_RING_INIT(&brigade->list, apr_bucket, link);
    }
    return brigade;
}

/* Turns the chunk into a bucket; an empty one is given back. */
static void close_chunk(hbr_state_t *state)
{
    apr_bucket *bucket;
    apr_size_t used;

    if (state->chunk == NULL)
        return;
    used = (apr_size_t)(state->room.at - state->chunk->bytes);
    if (used == 0) {
        apr_bucket_free(state->chunk);
    } else {
        bucket =
            hbr_chunk_bucket(state->chunk, used, state->request.bucket_alloc);
        APR_BRIGADE_INSERT_TAIL(brigade_of(state), bucket);
    }
    state->closed += (apr_off_t)used;
    state->chunk = NULL;
    state->room.at = state->room.end = nowhere;
}

apr_bucket_brigade *hbr_output_take(hbr_state_t *state)
{
    close_chunk(state);
    state->passed = state->closed;
    return brigade_of(state);
}

void hbr_output_drop(hbr_state_t *state)
{
    close_chunk(state);
    apr_brigade_cleanup(brigade_of(state));
    state->closed = state->passed;
}

/* How large the next chunk is: small for a small text, which is mostly all
 * there is; before the commit it ends where the cap is. None is open. */
static apr_size_t next_size(const hbr_state_t *state, apr_size_t wanted)
{
    apr_off_t size = state->closed > CHUNK_SMALL ? CHUNK_NEXT : CHUNK_FIRST;
    apr_off_t pending = state->closed - state->passed;
    apr_off_t left = (apr_off_t)state->request.settings->buffer - pending;

    if (state->closed == 0 && wanted <= CHUNK_SMALL)
        size = CHUNK_SMALL;
    if (state->committed_by == NULL && left > 0 && left < size)
        size = left;
    return (apr_size_t)size;
}

static bool cap_is_reached(const hbr_state_t *state)
{
    apr_off_t pending = state->closed - state->passed;

    return pending > 0 && pending >= (apr_off_t)state->request.settings->buffer;
}

/* Makes room: passes on what is due, and opens a new chunk. */
static apr_status_t open_chunk(hbr_context_t *ctx, const char *call,
                               apr_size_t wanted)
{
    hbr_state_t *state = ctx->state;
    apr_status_t status = APR_SUCCESS;
    apr_size_t size;

    if (state->chunk != NULL)
        close_chunk(state);
    if (state->committed_by != NULL || cap_is_reached(state))
        status = hbr_commit_stream(ctx, call);
    if (status != APR_SUCCESS)
        return status;
    size = next_size(state, wanted);
    state->chunk = hbr_chunk_make(size, state->request.bucket_alloc);
    state->room.at = state->chunk->bytes;
    state->room.end = state->chunk->bytes + size;
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

static apr_size_t room_of(const hbr_state_t *state)
{
    return (apr_size_t)(state->room.end - state->room.at);
}

static void put(hbr_state_t *state, const char *bytes, apr_size_t length)
{
    memcpy(state->room.at, bytes, length);
    state->room.at += length;
}

/* Fills the chunk and others behind it. */
static apr_status_t spread(hbr_context_t *ctx, const char *call,
                           const char *bytes, apr_size_t length)
{
    hbr_state_t *state = ctx->state;
    apr_size_t room;

    while (length > (room = room_of(state))) {
        apr_status_t status;

        if (room > 0)
            put(state, bytes, room);
        bytes += room;
        length -= room;
        status = open_chunk(ctx, call, length);
        if (status != APR_SUCCESS)
            return status;
    }
    if (length > 0)
        put(state, bytes, length);
    return APR_SUCCESS;
}

static inline apr_status_t append(hbr_context_t *ctx, const char *call,
                                  const char *bytes, apr_size_t length)
{
    hbr_state_t *state = ctx->state;

    if (length == 0 || length > room_of(state))
        return spread(ctx, call, bytes, length);
    put(state, bytes, length);
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
static HBR_RARE apr_status_t format_long(hbr_context_t *ctx, const char *call,
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

static HBR_RARE apr_status_t refuse(hbr_context_t *ctx, const char *call,
                                    apr_status_t why)
{
    hbr_bridge_log(ctx, HBR_LOG_ERROR, why, "HBR0021",
                   "%s() could not format its text", call);
    hbr_fail(ctx);
    return APR_EINVAL;
}

/* Whether a format has a %n: it would count what is left of the text, not all
 * of it, and no text needs it. */
static bool counts(const char *format)
{
    while ((format = strchr(format, '%')) != NULL) {
        format++;
        format += strspn(format, "-+ #'I0123456789$*.hlLqjzZt");
        if (*format == 'n')
            return true;
        format += *format != '\0';
    }
    return false;
}

/* Formats by the C library, into the chunk where there is room. */
static HBR_RARE apr_status_t format_rest(hbr_context_t *ctx, const char *call,
                                         const char *format, va_list args)
{
    hbr_state_t *state = ctx->state;
    apr_status_t status = APR_SUCCESS;
    apr_size_t room;
    va_list again;
    int length;

    if (counts(format))
        return refuse(ctx, call, APR_EINVAL);
    if (room_of(state) == 0)
        status = open_chunk(ctx, call, CHUNK_FIRST);
    if (status != APR_SUCCESS)
        return status;
    room = room_of(state);
    va_copy(again, args);
    length = vsnprintf(state->room.at, room, format, args);
    if (length < 0) {
        status = refuse(ctx, call, APR_FROM_OS_ERROR(errno));
    } else if ((apr_size_t)length < room) {
        state->room.at += length;
    } else {
        status = format_long(ctx, call, length, format, again);
    }
    va_end(again);
    return status;
}

static void spill(hbr_format_t *format, const char *bytes, apr_size_t length)
{
    hbr_output_format_t *output = (hbr_output_format_t *)format;

    format->status = append(output->ctx, output->call, bytes, length);
}

/* All but the values. */
static inline apr_status_t begin(hbr_output_format_t *output,
                                 hbr_context_t *ctx, const char *call,
                                 const char *format)
{
    apr_status_t status = writable(ctx, call);

    if (status == APR_SUCCESS && ctx->state->chunk == NULL)
        status = open_chunk(ctx, call, 1);
    output->ctx = ctx;
    output->call = call;
    output->format.rest = format;
    output->format.status = status;
    output->format.spill = spill;
    output->format.room = &ctx->state->room;
    return status;
}

apr_status_t hbr_output_begin(hbr_output_format_t *output, hbr_context_t *ctx,
                              const char *call, const char *format,
                              va_list args)
{
    apr_status_t status = begin(output, ctx, call, format);

    if (status == APR_SUCCESS)
        va_copy(output->format.args, args);
    return status;
}

apr_status_t hbr_output_end(hbr_output_format_t *output)
{
    va_end(output->format.args);
    return output->format.status;
}

/* From the first conversion on that is not done by hbr_format() it is the C
 * library's turn. */
static inline apr_status_t write_all(hbr_output_format_t *output)
{
    hbr_format_t *format = &output->format;

    format->value = hbr_format_put;
    format->null = "(null)";
    hbr_format(format);
    if (format->status != APR_SUCCESS || *format->rest == '\0')
        return format->status;
    return format_rest(output->ctx, output->call, format->rest, format->args);
}

apr_status_t hbr_output_format(hbr_context_t *ctx, const char *call,
                               const char *format, va_list args)
{
    hbr_output_format_t output;
    apr_status_t status = hbr_output_begin(&output, ctx, call, format, args);

    if (status != APR_SUCCESS)
        return status;
    status = write_all(&output);
    va_end(output.format.args);
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

/* What takes values itself needs no copy of them. */
apr_status_t hbr_printf(hbr_context_t *ctx, const char *format, ...)
{
    hbr_output_format_t output;
    apr_status_t status = begin(&output, ctx, "hbr_printf", format);

    if (status != APR_SUCCESS)
        return status;
    va_start(output.format.args, format);
    status = write_all(&output);
    va_end(output.format.args);
    return status;
}

static inline int text_result(hbr_context_t *ctx, apr_status_t status)
{
    if (status == APR_SUCCESS && ctx->state->type == NULL)
        ctx->state->type = "text/plain; charset=utf-8";
    return status == APR_EINVAL ? HBR_INTERNAL_ERROR : HBR_OK;
}

int hbr_vtext(hbr_context_t *ctx, const char *format, va_list args)
{
    return text_result(ctx, hbr_output_format(ctx, "hbr_text", format, args));
}

int hbr_text(hbr_context_t *ctx, const char *format, ...)
{
    hbr_output_format_t output;
    apr_status_t status = begin(&output, ctx, "hbr_text", format);

    if (status == APR_SUCCESS) {
        va_start(output.format.args, format);
        status = write_all(&output);
        va_end(output.format.args);
    }
    return text_result(ctx, status);
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
