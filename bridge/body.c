/*
 * Reading the request's body, once.
 *
 * Whoever reads first owns it; a second reader is an error that names the
 * first. A length that is announced is checked before a byte is read, and
 * every byte is counted. Used by the request's thread only.
 */
#include "body.h"

#include <string.h>

#include <apr_strings.h>

#include "error.h"
#include "limit.h"
#include "log.h"
#include "timing.h"
#include "transaction.h"

/* As much as is asked for at a time. */
#define STEP (64 * 1024)

static const hbr_host_body_t *host_of(const hbr_context_t *ctx)
{
    return ctx->state->request.host->body;
}

/* Asked once: a host has to read it out of a field. */
apr_off_t hbr_body_length(hbr_context_t *ctx)
{
    hbr_state_t *state = ctx->state;

    if (!state->has_length) {
        state->length = host_of(ctx)->length(state->request.request);
        state->has_length = true;
    }
    return state->length;
}

int hbr_too_large(hbr_context_t *ctx, const char *what, apr_off_t most,
                  const char *directive)
{
    return hbr_limit_error(ctx, HBR_CONTENT_TOO_LARGE,
                           "%s is longer than %" APR_OFF_T_FMT " bytes%s%s%s.",
                           what, most, directive != NULL ? " (" : "",
                           directive != NULL ? directive : "",
                           directive != NULL ? ")" : "");
}

/* The body is read by one function only. */
static int claim(hbr_context_t *ctx, const char *call)
{
    hbr_state_t *state = ctx->state;

    if (hbr_transaction_forbids(ctx, call, "waits for the client"))
        return HBR_INTERNAL_ERROR;
    if (state->reader == NULL) {
        state->reader = call;
        return HBR_OK;
    }
    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0050",
                   "%s() wants the request's body, which %s() has read", call,
                   state->reader);
    return hbr_error(ctx, HBR_INTERNAL_ERROR, NULL);
}

/* A limit, and what the client is told sets it. */
typedef struct limit_t {
    apr_off_t most; /* 0: none */
    const char *directive;
} limit_t;

static limit_t smaller(limit_t a, limit_t b)
{
    if (a.most == 0)
        return b;
    return b.most != 0 && b.most < a.most ? b : a;
}

static limit_t limit_of(const hbr_context_t *ctx, apr_off_t most,
                        const char *directive)
{
    limit_t bridge = { ctx->state->request.settings->body, "BridgeLimitBody" };
    limit_t caller = { most, directive };
    limit_t host = { 0, NULL };

    host.most =
        host_of(ctx)->limit(ctx->state->request.request, &host.directive);
    return smaller(smaller(bridge, host), caller);
}

static int too_long(hbr_context_t *ctx, const limit_t *limit)
{
    return hbr_too_large(ctx, "The request's body", limit->most,
                         limit->directive);
}

/* What is over the host's limit may be over a smaller one of the bridge's, and
 * that is the one to be raised first. */
int hbr_body_refuse(hbr_context_t *ctx)
{
    const char *directive;
    apr_off_t most =
        host_of(ctx)->limit(ctx->state->request.request, &directive);
    limit_t limit = limit_of(ctx, 0, NULL);

    if (most == 0 || hbr_body_length(ctx) <= most)
        return HBR_OK;
    return too_long(ctx, &limit);
}

static int ended_badly(hbr_context_t *ctx, hbr_read_e how)
{
    switch (how) {
    case HBR_READ_LATE:
        return hbr_error(ctx, HBR_REQUEST_TIMEOUT,
                         "The request's body did not arrive in time.");
    case HBR_READ_ANSWERED_LONG:
        ctx->state->limit = hbr_limit_in("LimitRequestBody") + 1;
        /* fall through */
    case HBR_READ_ANSWERED:
        ctx->state->answered = true;
        ctx->state->write_error = APR_ECONNABORTED;
        return HBR_CONTENT_TOO_LARGE;
    case HBR_READ_TOO_LONG:
        return hbr_limit_error(
            ctx, HBR_CONTENT_TOO_LARGE,
            "The request's body is longer than the server allows "
            "(LimitRequestBody).");
    case HBR_READ_CUT:
        return hbr_error(ctx, HBR_BAD_REQUEST,
                         "The request's body ended too early.");
    default:
        return hbr_error(ctx, HBR_BAD_REQUEST,
                         "The request's body is framed wrongly.");
    }
}

/* Hands a brigade's bytes on. */
static int take_all(hbr_context_t *ctx, apr_bucket_brigade *brigade,
                    hbr_take_fn *take, void *data)
{
    apr_bucket *bucket;

    for (bucket = APR_BRIGADE_FIRST(brigade);
         bucket != APR_BRIGADE_SENTINEL(brigade);
         bucket = APR_BUCKET_NEXT(bucket)) {
        const char *bytes;
        apr_size_t length;
        int result = HBR_OK;

        if (apr_bucket_read(bucket, &bytes, &length, APR_BLOCK_READ)
            != APR_SUCCESS)
            return ended_badly(ctx, HBR_READ_CUT);
        if (length > 0 && ctx->state->tap != NULL)
            result = ctx->state->tap(ctx->state->tap_data, bytes, length);
        if (length > 0 && result == HBR_OK)
            result = take(data, bytes, length);
        if (result != HBR_OK)
            return result;
    }
    return HBR_OK;
}

static int read_step(hbr_context_t *ctx, apr_bucket_brigade *brigade,
                     const limit_t *limit, apr_off_t *total, hbr_read_e *how)
{
    apr_time_t started = hbr_timing_start(ctx->state);
    apr_off_t length = 0;

    *how = host_of(ctx)->read(ctx->state->request.request, brigade, STEP);
    hbr_timing_stop(ctx->state, HBR_TIMED_READ, started);
    if (*how != HBR_READ_MORE && *how != HBR_READ_END)
        return ended_badly(ctx, *how);
    apr_brigade_length(brigade, 1, &length);
    *total += length;
    ctx->state->bytes_in += length;
    if (limit->most != 0 && *total > limit->most)
        return too_long(ctx, limit);
    return HBR_OK;
}

static int pull(hbr_context_t *ctx, const limit_t *limit, hbr_take_fn *take,
                void *data)
{
    const hbr_request_t *request = &ctx->state->request;
    apr_bucket_brigade *brigade =
        apr_brigade_create(request->pool, request->bucket_alloc);
    hbr_read_e how = HBR_READ_MORE;
    apr_off_t total = 0;
    int result = HBR_OK;

    while (result == HBR_OK && how == HBR_READ_MORE) {
        result = read_step(ctx, brigade, limit, &total, &how);
        if (result == HBR_OK)
            result = take_all(ctx, brigade, take, data);
        apr_brigade_cleanup(brigade);
    }
    apr_brigade_destroy(brigade);
    return result;
}

/* What is announced to be too long is not read at all. */
static int pull_checked(hbr_context_t *ctx, const limit_t *limit,
                        hbr_take_fn *take, void *data)
{
    if (limit->most != 0 && hbr_body_length(ctx) > limit->most)
        return too_long(ctx, limit);
    return pull(ctx, limit, take, data);
}

int hbr_body_pull(hbr_context_t *ctx, const char *call, apr_off_t most,
                  const char *directive, hbr_take_fn *take, void *data)
{
    limit_t limit = limit_of(ctx, most, directive);
    int result = claim(ctx, call);

    return result == HBR_OK ? pull_checked(ctx, &limit, take, data) : result;
}

apr_status_t hbr_body_tap(hbr_context_t *ctx, hbr_take_fn *tap, void *data)
{
    if (ctx->state->reader != NULL)
        return APR_EINVAL;
    ctx->state->tap = tap;
    ctx->state->tap_data = data;
    return APR_SUCCESS;
}

int hbr_body_stream(hbr_context_t *ctx, hbr_take_fn *take, void *data)
{
    return hbr_body_pull(ctx, "hbr_body_stream", 0, NULL, take, data);
}

/* Memory that grows with what comes. */
typedef struct whole_t {
    apr_pool_t *pool;
    char *bytes;
    apr_size_t length;
    apr_size_t room;
    apr_size_t most; /* as much room as can be needed; 0: not known */
} whole_t;

/* It doubles, so that a byte is moved twice at most on average. The last step
 * goes to the end at once: what was left behind is then less than that. */
static apr_size_t next_room(const whole_t *whole, apr_size_t needed)
{
    apr_size_t room = 2 * needed < STEP ? STEP : 2 * needed;

    if (whole->most >= needed && room >= whole->most / 2)
        return whole->most;
    return room;
}

static int gather(void *data, const char *bytes, apr_size_t length)
{
    whole_t *whole = data;
    apr_size_t needed = whole->length + length + 1;

    if (needed > whole->room) {
        char *grown;

        whole->room = next_room(whole, needed);
        grown = apr_palloc(whole->pool, whole->room);
        if (whole->length > 0)
            memcpy(grown, whole->bytes, whole->length);
        whole->bytes = grown;
    }
    memcpy(whole->bytes + whole->length, bytes, length);
    whole->length += length;
    return HBR_OK;
}

/* The announced length is believed only when something comes, and then only
 * half of it has to. */
static int gather_all(hbr_context_t *ctx, const limit_t *limit)
{
    hbr_state_t *state = ctx->state;
    apr_off_t announced = hbr_body_length(ctx);
    apr_off_t most = announced > 0 ? announced : limit->most;
    whole_t whole = { .pool = state->request.pool };
    int result;

    if (most > 0)
        whole.most = (apr_size_t)most + 1;
    result = pull_checked(ctx, limit, gather, &whole);
    if (result != HBR_OK)
        return result;
    if (whole.length > 0)
        whole.bytes[whole.length] = '\0';
    state->whole_body = whole.length > 0 ? whole.bytes : "";
    state->whole_length = whole.length;
    return HBR_OK;
}

static bool has_read(const hbr_state_t *state, const char *call)
{
    return state->reader != NULL && strcmp(state->reader, call) == 0;
}

int hbr_body_gather(hbr_context_t *ctx, const char *call, apr_off_t most,
                    const char *directive)
{
    hbr_state_t *state = ctx->state;
    limit_t limit = limit_of(ctx, most, directive);

    if (!has_read(state, call)) {
        int result = claim(ctx, call);

        if (result != HBR_OK)
            return result;
        state->whole_result = gather_all(ctx, &limit);
    }
    if (state->whole_result == HBR_OK && limit.most != 0
        && (apr_off_t)state->whole_length > limit.most)
        return too_long(ctx, &limit);
    return state->whole_result;
}

/* What no apr_off_t can say is no limit. */
static apr_off_t as_limit(apr_size_t most)
{
    apr_off_t limit = (apr_off_t)most;

    return limit < 0 ? 0 : limit;
}

int hbr_body(hbr_context_t *ctx, apr_size_t most, const char **bytes,
             apr_size_t *length)
{
    int result = hbr_body_gather(ctx, "hbr_body", as_limit(most), NULL);

    *bytes = result == HBR_OK ? ctx->state->whole_body : "";
    *length = result == HBR_OK ? ctx->state->whole_length : 0;
    return result;
}
