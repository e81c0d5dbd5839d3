/**
 * @file cache.h
 * @brief The shared cache: of all processes, or of all machines.
 *
 *     static int make(hbr_context_t *ctx, void *data, hbr_cached_t *made)
 *     {
 *         made->data = render(ctx, data, &made->length);
 *         return HBR_OK;
 *     }
 *
 *     hbr_cached_t page;
 *     int rc = hbr_cache_fetch(ctx, key, HBR_FOR(60), make, args, &page);
 *     if (rc != HBR_OK)
 *         return rc;
 *     return hbr_bytes(ctx, page.data, page.length,
 *                      &(hbr_content_t){ .ownership = HBR_REQUEST });
 *
 * BridgeCache says where it is: shmcb on this machine (the default), redis or
 * memcache for several. Keys are a handler's own: two handlers never see each
 * other's, nor does one handler in two virtual hosts (BridgeCacheSpace); each is
 * 1 to BridgeLimitCacheKey bytes, any but NUL. A value has at most
 * BridgeLimitCacheValue bytes; the provider's own limits are no concern of the
 * caller's.
 *
 * It is a cache: what was set may be gone at any time, and a cache that is away
 * behaves as an empty one. Functions that return apr_status_t log what is wrong
 * and may be ignored where a miss will do:
 *
 * - APR_SUCCESS
 * - APR_NOTFOUND: there is none, or it has expired
 * - APR_EEXIST: hbr_cache_add() alone
 * - APR_ENOSPC: the value is longer than BridgeLimitCacheValue
 * - APR_EINVAL: the key is empty or too long, or the lifetime is not positive, or
 *   longer than ten years
 * - APR_EGENERAL: there is no cache, it is away, or it did not answer within
 *   BridgeCacheTimeout; what was asked for may have been done all the same
 *
 * All of them may block, for at most BridgeCacheTimeout milliseconds
 * (hbr_cache_fetch(): see there), and never longer than hbr_time_left().
 */
#ifndef HANDLERBRIDGE_CACHE_H
#define HANDLERBRIDGE_CACHE_H

#include "context.h"

/** How long a value lives. */
typedef struct hbr_ttl_t {
    apr_interval_time_t time; /**< Microseconds from when it was set. */
    bool sliding;             /**< From when it was last read instead. */
} hbr_ttl_t;

/** For so many seconds. */
#define HBR_FOR(seconds) ((hbr_ttl_t){ apr_time_from_sec(seconds), false })
/** For so many seconds after it was last set or read. */
#define HBR_SLIDING(seconds) ((hbr_ttl_t){ apr_time_from_sec(seconds), true })

/** A value; what hbr_cache_get() and hbr_cache_take() hand out lives as long as
 *  the request and has a NUL behind it. */
typedef struct hbr_cached_t {
    const void *data;
    apr_size_t length;
} hbr_cached_t;

/** Reads a value.
 *  @param value set to it; to NULL and 0 when there is none */
HBR_API apr_status_t hbr_cache_get(hbr_context_t *ctx, const char *key,
                                   hbr_cached_t *value);

/** Sets a value, whether there was one or not. Of two at the same time one stays,
 *  whole. */
HBR_API apr_status_t hbr_cache_set(hbr_context_t *ctx, const char *key,
                                   const void *data, apr_size_t length,
                                   hbr_ttl_t ttl);

/** Removes a value; one that is not there is no error. */
HBR_API apr_status_t hbr_cache_remove(hbr_context_t *ctx, const char *key);

/** Sets a value where there is none, atomically among all that use the cache:
 *  of many at the same time one gets APR_SUCCESS. */
HBR_API apr_status_t hbr_cache_add(hbr_context_t *ctx, const char *key,
                                   const void *data, apr_size_t length,
                                   hbr_ttl_t ttl);

/** Reads a value and removes it, atomically: of many at the same time one gets
 *  it. */
HBR_API apr_status_t hbr_cache_take(hbr_context_t *ctx, const char *key,
                                    hbr_cached_t *value);

/**
 * Adds to a number, atomically; one that is not there is 0 and begins its life
 * now. Numbers are apart from values: a key may have both. A number's life is
 * never prolonged.
 * @param by may be negative
 * @param ttl not sliding
 * @param sum set to the number after it; may be NULL
 * @return APR_ERANGE besides the others: the sum is no int64
 */
HBR_API apr_status_t hbr_cache_increment(hbr_context_t *ctx, const char *key,
                                         int64_t by, hbr_ttl_t ttl,
                                         int64_t *sum);

/** Makes a value.
 *  @param made to be filled; its bytes live as long as the request
 *  @return HBR_OK; anything else is hbr_cache_fetch()'s result, and nothing is
 *          cached */
typedef int hbr_cache_make_f(hbr_context_t *ctx, void *data,
                             hbr_cached_t *made);

/**
 * Reads a value, or makes and sets it. Under load one request of a machine
 * makes it while the others wait, at most BridgeCacheWait milliseconds; who has
 * waited for nothing makes it himself, and so does everybody at once while the
 * cache is away, or when the value is too long for it. When make fails, the next
 * one tries.
 *
 * What is wrong with key or ttl is logged, and the value made all the same.
 * @param make makes it. It may fetch other values, and write to the client
 *        (others then get the value without that); for the same key within it
 *        the value is made without waiting
 * @param data make's
 * @param value set to the value
 * @return HBR_OK, or what make returned
 */
HBR_API int hbr_cache_fetch(hbr_context_t *ctx, const char *key, hbr_ttl_t ttl,
                            hbr_cache_make_f *make, void *data,
                            hbr_cached_t *value);

#endif
