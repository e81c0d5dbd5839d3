/*
 * Chunks as buckets: read, split and copied as APR's own, and given back to the
 * allocator once, by whichever bucket is the last.
 */
#include <stdbool.h>

#include <apr_strings.h>

#include "support/pool.h"

#include "chunk.h"

static apr_bucket_alloc_t *alloc;

static apr_bucket *bucket_of(const char *text)
{
    hbr_chunk_t *chunk = hbr_chunk_make(100, alloc);

    memcpy(chunk->bytes, text, strlen(text));
    return hbr_chunk_bucket(chunk, strlen(text), alloc);
}

static const char *text_of(apr_bucket *bucket)
{
    const char *bytes;
    apr_size_t length;

    assert_int_equal(apr_bucket_read(bucket, &bytes, &length, APR_BLOCK_READ),
                     APR_SUCCESS);
    assert_int_equal(length, bucket->length);
    return apr_pstrmemdup(pool, bytes, length);
}

/* The allocator hands out what came back last. */
static bool is_back(const void *chunk)
{
    void *next = hbr_chunk_make(100, alloc);
    bool same = next == chunk;

    apr_bucket_free(next);
    return same;
}

static void test_read(void **state)
{
    apr_bucket *bucket;
    void *chunk;

    (void)state;
    alloc = apr_bucket_alloc_create(pool);
    bucket = bucket_of("some text");
    chunk = bucket->data;
    assert_string_equal(text_of(bucket), "some text");
    assert_int_equal(apr_bucket_setaside(bucket, pool), APR_SUCCESS);
    assert_ptr_equal(bucket->data, chunk);
    bucket->type->destroy(bucket->data);
    assert_true(is_back(chunk));
    bucket->free(bucket);
}

/* A piece shows what it showed when the others are gone. */
static void test_split_and_copy(void **state)
{
    apr_bucket_brigade *brigade;
    apr_bucket *bucket, *copy, *rest;
    void *chunk;

    (void)state;
    alloc = apr_bucket_alloc_create(pool);
    brigade = apr_brigade_create(pool, alloc);
    bucket = bucket_of("some text");
    chunk = bucket->data;
    APR_BRIGADE_INSERT_TAIL(brigade, bucket);
    assert_int_equal(apr_bucket_split(bucket, 5), APR_SUCCESS);
    rest = APR_BUCKET_NEXT(bucket);
    assert_int_equal(apr_bucket_copy(rest, &copy), APR_SUCCESS);
    APR_BRIGADE_INSERT_TAIL(brigade, copy);
    assert_string_equal(text_of(bucket), "some ");
    apr_bucket_delete(bucket);
    assert_string_equal(text_of(rest), "text");
    apr_bucket_delete(rest);
    assert_string_equal(text_of(copy), "text");
    APR_BUCKET_REMOVE(copy);
    copy->type->destroy(copy->data);
    assert_true(is_back(chunk));
    copy->free(copy);
}

MAIN(POOL_TEST(test_read), POOL_TEST(test_split_and_copy))
