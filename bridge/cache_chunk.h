/**
 * @file cache_chunk.h
 * @brief Values of any length in entries of a bounded one.
 *
 * A value that fits an entry is one. A longer one is a head and chunks, and each
 * chunk's key has the value's generation in it: writers never write over each
 * other's chunks, and a value of which a chunk is gone is gone.
 */
#ifndef HBR_BRIDGE_CACHE_CHUNK_H
#define HBR_BRIDGE_CACHE_CHUNK_H

#include "handlerbridge/cache.h"
#include "host.h"

/** A call on its way. */
typedef struct hbr_caching_t {
    hbr_context_t *ctx;
    const hbr_host_cache_t *cache;
    void *request;
    apr_size_t piece;      /**< Most bytes of an entry. */
    hbr_cache_call_t call; /**< With the value's key. */
} hbr_caching_t;

/** Writes a value; only_new: by add, which may say APR_EEXIST. */
apr_status_t hbr_cache_store(const hbr_caching_t *caching, const void *data,
                             apr_size_t length, hbr_ttl_t ttl, bool only_new);

/** Reads a value, and begins a sliding life anew. APR_NOTFOUND also for one that
 *  is torn or not ours. */
apr_status_t hbr_cache_load(const hbr_caching_t *caching, hbr_cached_t *value);

/** Reads a value and removes it. */
apr_status_t hbr_cache_unload(const hbr_caching_t *caching,
                              hbr_cached_t *value);

#endif
