/*
 * hbr_cache_fetch(): of all requests on a machine that want a value, one makes
 * it. Nobody waits for longer than BridgeCacheWait, nor than his deadline leaves
 * him, and nobody waits where waiting brings nothing: while the cache is away,
 * when the value did not go into it, or for himself.
 */
#include "handlerbridge/cache.h"

#include <string.h>

#include "caching.h"
#include "log.h"
#include "state.h"

/* What a request makes, within what it makes besides. */
typedef struct hbr_making_t {
    struct hbr_making_t *outer;
    const unsigned char *key;
} making_t;

typedef struct fetch_t {
    hbr_context_t *ctx;
    hbr_caching_t caching;
    const char *key;
    hbr_ttl_t ttl;
    hbr_cache_make_f *make;
    void *data;
    hbr_cached_t *value;
    apr_interval_time_t wait; /* BridgeCacheWait */
    bool usable;              /* the value may go into the cache */
} fetch_t;

static apr_time_t now_of(const fetch_t *fetch)
{
    return fetch->ctx->state->request.host->request->now(
        fetch->caching.request);
}

static apr_status_t look(fetch_t *fetch)
{
    hbr_caching_again(&fetch->caching);
    return hbr_cache_load(&fetch->caching, fetch->value);
}

static bool makes_it_already(const fetch_t *fetch)
{
    const making_t *making = fetch->ctx->state->making;

    while (making != NULL
           && memcmp(making->key, fetch->caching.call.key, HBR_CACHE_KEY) != 0)
        making = making->outer;
    return making != NULL;
}

static int run_make(fetch_t *fetch)
{
    hbr_state_t *state = fetch->ctx->state;
    making_t making = { state->making, fetch->caching.call.key };
    int result;

    *fetch->value = (hbr_cached_t){ NULL, 0 };
    state->making = &making;
    result = fetch->make(fetch->ctx, fetch->data, fetch->value);
    state->making = making.outer;
    return result;
}

/* Sets *lost when what was made is not in the cache. */
static int make_and_set(fetch_t *fetch, bool *lost)
{
    int result = run_make(fetch);

    *lost = result == HBR_OK
            && hbr_cache_set(fetch->ctx, fetch->key, fetch->value->data,
                             fetch->value->length, fetch->ttl)
                   != APR_SUCCESS;
    return result;
}

static int make_alone(fetch_t *fetch)
{
    bool lost;

    return fetch->usable ? make_and_set(fetch, &lost) : run_make(fetch);
}

/* Another may have been done between the look and the beginning. */
static int make_as_the_one(fetch_t *fetch, const hbr_flight_t *flight)
{
    bool lost = false;
    int result = HBR_OK;

    if (look(fetch) != APR_SUCCESS)
        result = make_and_set(fetch, &lost);
    fetch->caching.cache->end(fetch->caching.request, flight, lost);
    return result;
}

static apr_time_t end_of_waiting(const fetch_t *fetch)
{
    apr_interval_time_t left = hbr_time_left(fetch->ctx);

    return now_of(fetch) + (left < fetch->wait ? left : fetch->wait);
}

static int waited_in_vain(fetch_t *fetch)
{
    hbr_bridge_log(fetch->ctx, HBR_LOG_INFO, APR_SUCCESS, "HBR0371",
                   "a value of the shared cache was not made by another "
                   "request within %s",
                   hbr_time_left(fetch->ctx) == 0 ? "BridgeDeadline"
                                                  : "BridgeCacheWait");
    return make_alone(fetch);
}

/* The next one tries, when the maker had no luck. */
static int make_or_wait(fetch_t *fetch)
{
    const hbr_host_cache_t *cache = fetch->caching.cache;
    apr_time_t until = end_of_waiting(fetch);
    hbr_flight_t flight;
    apr_status_t rv;

    while (cache->begin(fetch->caching.request, fetch->caching.call.key,
                        fetch->wait, &flight)
           == APR_EBUSY) {
        rv = cache->await(fetch->caching.request, &flight, until);
        if (rv == APR_TIMEUP)
            return waited_in_vain(fetch);
        if (rv != APR_SUCCESS)
            return make_alone(fetch);
        rv = look(fetch);
        if (rv == APR_SUCCESS)
            return HBR_OK;
        if (rv != APR_NOTFOUND)
            return make_alone(fetch);
    }
    return make_as_the_one(fetch, &flight);
}

int hbr_cache_fetch(hbr_context_t *ctx, const char *key, hbr_ttl_t ttl,
                    hbr_cache_make_f *make, void *data, hbr_cached_t *value)
{
    fetch_t fetch = { .ctx = ctx,
                      .caching = { .ctx = ctx },
                      .key = key,
                      .ttl = ttl,
                      .make = make,
                      .data = data,
                      .value = value };
    apr_status_t rv = APR_EINVAL;

    fetch.wait =
        (apr_interval_time_t)ctx->state->request.settings->cache_wait * 1000;
    if (hbr_caching_lives(ctx, key, ttl))
        rv = hbr_caching_begin(ctx, HBR_CACHE_VALUE, key, &fetch.caching);
    if (rv == APR_SUCCESS)
        rv = look(&fetch);
    if (rv == APR_SUCCESS)
        return HBR_OK;
    fetch.usable = rv == APR_NOTFOUND;
    if (!fetch.usable || makes_it_already(&fetch))
        return make_alone(&fetch);
    return make_or_wait(&fetch);
}
