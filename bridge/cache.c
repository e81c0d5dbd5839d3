/*
 * The shared cache's functions: what is wrong with the call is said here, once,
 * and the rest is cache_chunk.c's or the host's. The request's thread calls.
 */
#include "handlerbridge/cache.h"

#include <string.h>

#include "cache_record.h"
#include "caching.h"
#include "log.h"
#include "state.h"

/* Of a key, in a line of the log. */
#define SHOWN 64

/* The longest life: what adds it to a clock must not overflow. */
#define LONGEST apr_time_from_sec(10LL * 366 * 86400)

/* What a cache that is well answers within, whoever asks. */
#define HURRY apr_time_from_msec(100)

static const hbr_settings_t *settings_of(const hbr_context_t *ctx)
{
    return ctx->state->request.settings;
}

void hbr_caching_again(hbr_caching_t *caching)
{
    hbr_context_t *ctx = caching->ctx;
    apr_interval_time_t most =
        (apr_interval_time_t)settings_of(ctx)->cache_timeout * 1000;
    apr_interval_time_t left = hbr_time_left(ctx);

    caching->call.most = settings_of(ctx)->cache_value + HBR_RECORD_HEADER;
    caching->call.hurried = left < most && left < HURRY;
    caching->call.until =
        ctx->state->request.host->request->now(caching->request)
        + (left < most ? left : most);
}

static apr_status_t check_key(hbr_context_t *ctx, const char *key)
{
    apr_size_t length = strlen(key);

    if (length > 0 && length <= settings_of(ctx)->cache_key)
        return APR_SUCCESS;
    hbr_bridge_log(ctx, HBR_LOG_WARNING, APR_SUCCESS, "HBR0363",
                   "the key \"%.*s\" of the shared cache has %" APR_SIZE_T_FMT
                   " bytes: from 1 to %" APR_SIZE_T_FMT
                   " are allowed (BridgeLimitCacheKey)",
                   SHOWN, key, length, settings_of(ctx)->cache_key);
    return APR_EINVAL;
}

bool hbr_caching_lives(hbr_context_t *ctx, const char *key, hbr_ttl_t ttl)
{
    if (ttl.time > 0 && ttl.time <= LONGEST)
        return true;
    hbr_bridge_log(ctx, HBR_LOG_WARNING, APR_SUCCESS, "HBR0365",
                   "the lifetime of \"%.*s\" in the shared cache is %s", SHOWN,
                   key,
                   ttl.time <= 0 ? "not positive" : "longer than ten years");
    return false;
}

apr_status_t hbr_caching_begin(hbr_context_t *ctx, hbr_cache_kind_e kind,
                               const char *key, hbr_caching_t *caching)
{
    const hbr_request_t *request = &ctx->state->request;
    apr_status_t rv = check_key(ctx, key);

    if (rv != APR_SUCCESS)
        return rv;
    caching->ctx = ctx;
    caching->cache = request->host->cache;
    caching->request = request->request;
    caching->piece =
        caching->cache != NULL ? caching->cache->piece(request->request) : 0;
    if (caching->piece == 0
        || !hbr_cache_key(kind, caching->cache->space(request->request),
                          ctx->state->entry->name, key, caching->call.key))
        return APR_EGENERAL;
    hbr_caching_again(caching);
    return APR_SUCCESS;
}

static apr_status_t check_value(hbr_context_t *ctx, const char *key,
                                apr_size_t length)
{
    if (length <= settings_of(ctx)->cache_value)
        return APR_SUCCESS;
    hbr_bridge_log(ctx, HBR_LOG_WARNING, APR_SUCCESS, "HBR0364",
                   "the value of \"%.*s\" is longer than "
                   "BridgeLimitCacheValue: %" APR_SIZE_T_FMT " bytes",
                   SHOWN, key, length);
    return APR_ENOSPC;
}

static apr_status_t store(hbr_context_t *ctx, const char *key, const void *data,
                          apr_size_t length, hbr_ttl_t ttl, bool only_new)
{
    hbr_caching_t caching;
    apr_status_t rv;

    if (!hbr_caching_lives(ctx, key, ttl))
        return APR_EINVAL;
    rv = check_value(ctx, key, length);
    if (rv == APR_SUCCESS)
        rv = hbr_caching_begin(ctx, HBR_CACHE_VALUE, key, &caching);
    return rv == APR_SUCCESS
               ? hbr_cache_store(&caching, data, length, ttl, only_new)
               : rv;
}

apr_status_t hbr_cache_set(hbr_context_t *ctx, const char *key,
                           const void *data, apr_size_t length, hbr_ttl_t ttl)
{
    return store(ctx, key, data, length, ttl, false);
}

apr_status_t hbr_cache_add(hbr_context_t *ctx, const char *key,
                           const void *data, apr_size_t length, hbr_ttl_t ttl)
{
    return store(ctx, key, data, length, ttl, true);
}

/* One that was not checked shows the caller nothing. */
static apr_status_t load(hbr_context_t *ctx, const char *key,
                         hbr_cached_t *value,
                         apr_status_t (*by)(const hbr_caching_t *,
                                            hbr_cached_t *))
{
    hbr_caching_t caching;
    apr_status_t rv = hbr_caching_begin(ctx, HBR_CACHE_VALUE, key, &caching);

    *value = (hbr_cached_t){ NULL, 0 };
    return rv == APR_SUCCESS ? by(&caching, value) : rv;
}

apr_status_t hbr_cache_get(hbr_context_t *ctx, const char *key,
                           hbr_cached_t *value)
{
    return load(ctx, key, value, hbr_cache_load);
}

apr_status_t hbr_cache_take(hbr_context_t *ctx, const char *key,
                            hbr_cached_t *value)
{
    return load(ctx, key, value, hbr_cache_unload);
}

apr_status_t hbr_cache_remove(hbr_context_t *ctx, const char *key)
{
    hbr_caching_t caching;
    apr_status_t rv = hbr_caching_begin(ctx, HBR_CACHE_VALUE, key, &caching);

    if (rv != APR_SUCCESS)
        return rv;
    rv = caching.cache->remove(caching.request, &caching.call);
    return rv == APR_NOTFOUND ? APR_SUCCESS : rv;
}

apr_status_t hbr_cache_increment(hbr_context_t *ctx, const char *key,
                                 int64_t by, hbr_ttl_t ttl, int64_t *sum)
{
    hbr_caching_t caching;
    apr_status_t rv;
    int64_t result = 0;

    if (sum != NULL)
        *sum = 0;
    if (ttl.sliding || !hbr_caching_lives(ctx, key, ttl))
        return APR_EINVAL;
    rv = hbr_caching_begin(ctx, HBR_CACHE_NUMBER, key, &caching);
    if (rv == APR_SUCCESS)
        rv = caching.cache->increment(caching.request, &caching.call, by,
                                      ttl.time, &result);
    if (sum != NULL && rv == APR_SUCCESS)
        *sum = result;
    return rv;
}
