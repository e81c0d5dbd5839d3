/*
 * Values as entries: one, or a head and chunks. Chunks are written before their
 * head, and read after it, so a head that is there had all of them once.
 *
 * Nothing read from the cache is believed: a chunk has to say the same
 * generation and length as its head, and they have to add up.
 */
#include "cache_chunk.h"

#include <string.h>

#include <apr_general.h>

#include "cache_key.h"
#include "cache_record.h"
#include "state.h"

/* A sliding life is begun anew when this part of it has passed: a value that is
 * read all the time is not written all the time. */
#define PART_OF_LIFE 8

static apr_time_t now_of(const hbr_caching_t *caching)
{
    return caching->ctx->state->request.host->request->now(caching->request);
}

/* ---------------------------------------------------------------- writing */

static apr_status_t set_entry(const hbr_caching_t *caching,
                              const hbr_cache_call_t *call,
                              const hbr_record_t *record,
                              apr_interval_time_t life, bool only_new)
{
    apr_size_t length = HBR_RECORD_HEADER + record->length;
    char *entry = apr_palloc(caching->ctx->pool, length);

    hbr_record_write(record, (unsigned char *)entry);
    if (record->length > 0)
        memcpy(entry + HBR_RECORD_HEADER, record->data, record->length);
    return only_new ? caching->cache->add(caching->request, call, entry, length,
                                          life)
                    : caching->cache->set(caching->request, call, entry, length,
                                          life);
}

static apr_status_t set_chunk(const hbr_caching_t *caching,
                              const hbr_record_t *head, const char *data,
                              uint32_t index, apr_interval_time_t life)
{
    apr_size_t room = caching->piece - HBR_RECORD_HEADER;
    apr_size_t offset = (apr_size_t)index * room;
    apr_size_t left = (apr_size_t)head->total - offset;
    hbr_cache_call_t call = caching->call;
    hbr_record_t chunk = *head;

    chunk.kind = HBR_RECORD_CHUNK;
    chunk.count = index;
    chunk.read = 0;
    chunk.data = data + offset;
    chunk.length = left < room ? left : room;
    if (!hbr_cache_chunk_key(caching->call.key, head->generation, index,
                             call.key))
        return APR_EGENERAL;
    return set_entry(caching, &call, &chunk, life, false);
}

static void remove_chunks(const hbr_caching_t *caching,
                          const hbr_record_t *head, uint32_t count)
{
    hbr_cache_call_t call = caching->call;
    uint32_t i;

    for (i = 0; i < count; i++) {
        if (hbr_cache_chunk_key(caching->call.key, head->generation, i,
                                call.key)
            && caching->cache->remove(caching->request, &call) == APR_EGENERAL)
            return;
    }
}

static apr_status_t store_chunks(const hbr_caching_t *caching,
                                 hbr_record_t *head, const char *data,
                                 apr_interval_time_t life, bool only_new)
{
    apr_size_t room = caching->piece - HBR_RECORD_HEADER;
    uint32_t count = (uint32_t)((head->total + room - 1) / room);
    apr_status_t rv = APR_SUCCESS;
    uint32_t i;

    for (i = 0; i < count && rv == APR_SUCCESS; i++)
        rv = set_chunk(caching, head, data, i, life);
    head->kind = HBR_RECORD_HEAD;
    head->count = count;
    head->length = 0;
    if (rv == APR_SUCCESS)
        rv = set_entry(caching, &caching->call, head, life, only_new);
    if (rv != APR_SUCCESS)
        remove_chunks(caching, head, i);
    return rv;
}

apr_status_t hbr_cache_store(const hbr_caching_t *caching, const void *data,
                             apr_size_t length, hbr_ttl_t ttl, bool only_new)
{
    hbr_record_t record = { .kind = HBR_RECORD_WHOLE,
                            .total = length,
                            .sliding = ttl.sliding ? ttl.time : 0,
                            .read = now_of(caching),
                            .data = data,
                            .length = length };
    apr_status_t rv = apr_generate_random_bytes(
        (unsigned char *)&record.generation, sizeof(record.generation));

    if (rv != APR_SUCCESS)
        return rv;
    if (length <= caching->piece - HBR_RECORD_HEADER)
        return set_entry(caching, &caching->call, &record, ttl.time, only_new);
    return store_chunks(caching, &record, data, ttl.time, only_new);
}

/* ---------------------------------------------------------------- reading */

static bool fits_limit(const hbr_caching_t *caching, const hbr_record_t *record)
{
    return record->kind != HBR_RECORD_CHUNK
           && record->total
                  <= caching->ctx->state->request.settings->cache_value;
}

/* One chunk, to its place in the value. */
static apr_status_t load_chunk(const hbr_caching_t *caching, apr_pool_t *pool,
                               const hbr_record_t *head, uint32_t index,
                               char *data, apr_size_t *filled)
{
    hbr_cache_call_t call = caching->call;
    hbr_record_t chunk;
    apr_size_t length;
    apr_status_t rv;
    char *entry;

    if (!hbr_cache_chunk_key(caching->call.key, head->generation, index,
                             call.key))
        return APR_EGENERAL;
    rv = caching->cache->get(caching->request, &call, pool, &entry, &length);
    if (rv != APR_SUCCESS)
        return rv;
    if (!hbr_record_read(entry, length, &chunk)
        || chunk.kind != HBR_RECORD_CHUNK || chunk.count != index
        || chunk.generation != head->generation || chunk.total != head->total
        || chunk.length > head->total - *filled)
        return APR_NOTFOUND;
    memcpy(data + *filled, chunk.data, chunk.length);
    *filled += chunk.length;
    return APR_SUCCESS;
}

static apr_status_t load_chunks(const hbr_caching_t *caching,
                                const hbr_record_t *head, hbr_cached_t *value)
{
    apr_size_t total = (apr_size_t)head->total, filled = 0;
    char *data = apr_palloc(caching->ctx->pool, total + 1);
    apr_status_t rv = APR_SUCCESS;
    apr_pool_t *pool;
    uint32_t i;

    apr_pool_create(&pool, caching->ctx->pool);
    for (i = 0; i < head->count && rv == APR_SUCCESS; i++) {
        rv = load_chunk(caching, pool, head, i, data, &filled);
        apr_pool_clear(pool);
    }
    apr_pool_destroy(pool);
    if (rv != APR_SUCCESS)
        return rv;
    if (filled != total)
        return APR_NOTFOUND;
    data[total] = '\0';
    *value = (hbr_cached_t){ data, total };
    return APR_SUCCESS;
}

static apr_status_t load(const hbr_caching_t *caching,
                         const hbr_record_t *record, hbr_cached_t *value)
{
    if (record->kind == HBR_RECORD_HEAD)
        return load_chunks(caching, record, value);
    *value = (hbr_cached_t){ record->data, record->length };
    return APR_SUCCESS;
}

/* ---------------------------------------------------------------- sliding */

/* By another machine's clock it may have been read in the future: then it is
 * written too often rather than too seldom. */
static bool is_due(const hbr_record_t *record, apr_time_t now)
{
    return record->sliding > 0
           && (now < record->read
               || now - record->read >= record->sliding / PART_OF_LIFE);
}

/* A chunk has no other clock than its own life: what it says stays. */
static void renew_chunk(const hbr_caching_t *caching, const hbr_record_t *head,
                        uint32_t index)
{
    hbr_cache_call_t call = caching->call;
    unsigned char header[HBR_RECORD_HEADER];
    hbr_record_t chunk = *head;

    chunk.kind = HBR_RECORD_CHUNK;
    chunk.count = index;
    chunk.read = 0;
    hbr_record_write(&chunk, header);
    if (hbr_cache_chunk_key(caching->call.key, head->generation, index,
                            call.key))
        caching->cache->renew(caching->request, &call, (char *)header,
                              (char *)header, HBR_RECORD_HEADER, head->sliding);
}

/* The generation is in the bytes that are compared: a value that another has
 * set meanwhile, or taken, is left alone. */
static void slide(const hbr_caching_t *caching, const char *entry,
                  hbr_record_t *record)
{
    unsigned char header[HBR_RECORD_HEADER];
    apr_time_t now = now_of(caching);
    uint32_t i;

    if (!is_due(record, now))
        return;
    record->read = now;
    hbr_record_write(record, header);
    if (caching->cache->renew(caching->request, &caching->call, entry,
                              (char *)header, HBR_RECORD_HEADER,
                              record->sliding)
            != APR_SUCCESS
        || record->kind != HBR_RECORD_HEAD)
        return;
    for (i = 0; i < record->count; i++)
        renew_chunk(caching, record, i);
}

apr_status_t hbr_cache_load(const hbr_caching_t *caching, hbr_cached_t *value)
{
    hbr_record_t record;
    apr_size_t length;
    apr_status_t rv;
    char *entry;

    rv = caching->cache->get(caching->request, &caching->call,
                             caching->ctx->pool, &entry, &length);
    if (rv != APR_SUCCESS)
        return rv;
    if (!hbr_record_read(entry, length, &record)
        || !fits_limit(caching, &record))
        return APR_NOTFOUND;
    rv = load(caching, &record, value);
    if (rv == APR_SUCCESS)
        slide(caching, entry, &record);
    return rv;
}

apr_status_t hbr_cache_unload(const hbr_caching_t *caching, hbr_cached_t *value)
{
    hbr_record_t record;
    apr_size_t length;
    apr_status_t rv;
    char *entry;

    rv = caching->cache->take(caching->request, &caching->call,
                              caching->ctx->pool, &entry, &length);
    if (rv != APR_SUCCESS)
        return rv;
    if (!hbr_record_read(entry, length, &record)
        || !fits_limit(caching, &record))
        return APR_NOTFOUND;
    rv = load(caching, &record, value);
    if (record.kind == HBR_RECORD_HEAD)
        remove_chunks(caching, &record, record.count);
    return rv;
}
