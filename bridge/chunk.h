/**
 * @file chunk.h
 * @brief A piece of the text that a handler writes, and the bucket it becomes.
 *
 * The text's bytes and the count of the buckets that show them are one block of
 * the bucket allocator, so that a chunk becomes a bucket with one allocation,
 * and is gone with its last one.
 */
#ifndef HBR_BRIDGE_CHUNK_H
#define HBR_BRIDGE_CHUNK_H

#include <stddef.h>

#include <apr_buckets.h>

typedef struct hbr_chunk_t {
    apr_bucket_refcount buckets; /**< That show it; first: APR looks there. */
    char bytes[];
} hbr_chunk_t;

/** Of such a bucket: the text stays where it is until the last one is gone. */
extern const apr_bucket_type_t hbr_chunk_type;

/** Makes a chunk of so many bytes. It is given away with hbr_chunk_bucket(), or
 *  back with apr_bucket_free(). */
static inline hbr_chunk_t *hbr_chunk_make(apr_size_t size,
                                          apr_bucket_alloc_t *alloc)
{
    return apr_bucket_alloc(offsetof(hbr_chunk_t, bytes) + size, alloc);
}

/**
 * Makes a bucket of a chunk, which then is the bucket's.
 * @param length how many of its bytes are text; more than 0
 * @param alloc where the chunk is from
 */
apr_bucket *hbr_chunk_bucket(hbr_chunk_t *chunk, apr_size_t length,
                             apr_bucket_alloc_t *alloc);

#endif
