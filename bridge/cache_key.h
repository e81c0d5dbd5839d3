/**
 * @file cache_key.h
 * @brief What entries of the shared cache are found by.
 */
#ifndef HBR_BRIDGE_CACHE_KEY_H
#define HBR_BRIDGE_CACHE_KEY_H

#include "host.h"

/** What an entry is, so that none is taken for one of another kind. */
typedef enum {
    HBR_CACHE_VALUE = 'v', /**< A value, or the head of one in chunks. */
    HBR_CACHE_NUMBER = 'n'
} hbr_cache_kind_e;

/**
 * The key of a handler's value or number.
 * @param space what keeps servers apart
 * @param handler its name
 * @param name the handler's own key
 * @param key set to it
 * @return false: there is no SHA-256
 */
bool hbr_cache_key(hbr_cache_kind_e kind, const char *space,
                   const char *handler, const char *name,
                   unsigned char key[HBR_CACHE_KEY]);

/**
 * The key of a value's chunk.
 * @param head the value's key
 * @param generation which of the values that were set by that key
 */
bool hbr_cache_chunk_key(const unsigned char head[HBR_CACHE_KEY],
                         uint64_t generation, uint32_t index,
                         unsigned char key[HBR_CACHE_KEY]);

#endif
