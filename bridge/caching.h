/**
 * @file caching.h
 * @brief The beginning of a call of the shared cache.
 */
#ifndef HBR_BRIDGE_CACHING_H
#define HBR_BRIDGE_CACHING_H

#include "cache_chunk.h"
#include "cache_key.h"

/**
 * Checks the key and makes a call ready. What is wrong is logged.
 * @return APR_SUCCESS, APR_EINVAL or APR_EGENERAL
 */
apr_status_t hbr_caching_begin(hbr_context_t *ctx, hbr_cache_kind_e kind,
                               const char *key, hbr_caching_t *caching);

/** Begins the call's time anew, for a second one with the same key. */
void hbr_caching_again(hbr_caching_t *caching);

/** Whether a lifetime can be used; what is wrong is logged. */
bool hbr_caching_lives(hbr_context_t *ctx, const char *key, hbr_ttl_t ttl);

#endif
