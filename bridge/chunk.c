/*
 * Chunks as buckets: what a heap bucket does, without its third block. They are
 * of the allocator's thread, as all of its buckets.
 */
#include "chunk.h"

static apr_status_t show(apr_bucket *bucket, const char **bytes,
                         apr_size_t *length, apr_read_type_e block)
{
    const hbr_chunk_t *chunk = bucket->data;

    (void)block;
    *bytes = chunk->bytes + bucket->start;
    *length = bucket->length;
    return APR_SUCCESS;
}

static void forget(void *chunk)
{
    if (apr_bucket_shared_destroy(chunk))
        apr_bucket_free(chunk);
}

const apr_bucket_type_t hbr_chunk_type = { "HBR_CHUNK",
                                           5,
                                           APR_BUCKET_DATA,
                                           forget,
                                           show,
                                           apr_bucket_setaside_noop,
                                           apr_bucket_shared_split,
                                           apr_bucket_shared_copy };

apr_bucket *hbr_chunk_bucket(hbr_chunk_t *chunk, apr_size_t length,
                             apr_bucket_alloc_t *alloc)
{
    apr_bucket *bucket = apr_bucket_alloc(sizeof(*bucket), alloc);

    APR_BUCKET_INIT(bucket);
    bucket->type = &hbr_chunk_type;
    bucket->free = apr_bucket_free;
    bucket->list = alloc;
    return apr_bucket_shared_make(bucket, chunk, 0, length);
}
