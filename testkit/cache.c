/*
 * The kit's cache: entries in memory, with a life by the kit's clock, and the
 * faults a test can set. It takes entries of piece bytes and no more, so that a
 * small piece makes chunks of a small value.
 *
 * Requests may run in several threads: one lock. Memory is the kit's, and is
 * given back with it.
 */
#include <stdlib.h>
#include <string.h>

#include <apr_hash.h>
#include <apr_strings.h>

#include "../bridge/tally.h"
#include "kit.h"

#define PIECE 65536
#define LEAST 41 /* a header and one byte */
#define NUMBERS 256
#define PLACES 64
#define PID 1

typedef struct entry_t {
    struct entry_t *next; /* the one that was stored before */
    unsigned char key[HBR_CACHE_KEY];
    char *data;
    apr_size_t length;
    apr_time_t ends;
    bool there;
} entry_t;

struct hbr_test_cache_t {
    apr_pool_t *pool;
    apr_thread_mutex_t *lock;
    apr_hash_t *entries;
    entry_t *last;
    apr_size_t piece;
    void *numbers;
    hbr_flights_t *flights;
    apr_size_t calls;
    bool none;
    bool away;
};

typedef struct hbr_test_cache_t cache_t;

static bool lock_table(void *data)
{
    return apr_thread_mutex_lock(data) == APR_SUCCESS;
}

static void unlock_table(void *data)
{
    apr_thread_mutex_unlock(data);
}

static bool is_alive(uint32_t pid)
{
    return pid == PID;
}

void hbr_kit_make_cache(hbr_test_t *kit)
{
    cache_t *cache = apr_pcalloc(kit->pool, sizeof(*cache));
    hbr_flights_host_t host = { lock_table, unlock_table, is_alive, NULL };

    apr_pool_create(&cache->pool, kit->pool);
    if (apr_thread_mutex_create(&cache->lock, APR_THREAD_MUTEX_DEFAULT,
                                kit->pool)
        != APR_SUCCESS)
        hbr_kit_fail("apr_thread_mutex_create() failed");
    host.data = cache->lock;
    cache->entries = apr_hash_make(cache->pool);
    cache->piece = PIECE;
    cache->numbers = apr_pcalloc(kit->pool, hbr_tally_size(NUMBERS));
    cache->flights = hbr_flights_open(
        kit->pool, apr_pcalloc(kit->pool, hbr_flights_size(PLACES)), PLACES,
        &host);
    kit->cache = cache;
}

static cache_t *cache_of(void *request)
{
    return hbr_kit_of(request)->cache;
}

/* The entry while it lives; NULL: there is none. */
static entry_t *find(void *request, const hbr_cache_call_t *call)
{
    entry_t *entry =
        apr_hash_get(cache_of(request)->entries, call->key, HBR_CACHE_KEY);

    if (entry == NULL || !entry->there
        || entry->ends <= hbr_kit_now(hbr_kit_of(request)))
        return NULL;
    return entry;
}

static void put(void *request, const hbr_cache_call_t *call, const char *data,
                apr_size_t length, apr_interval_time_t life)
{
    cache_t *cache = cache_of(request);
    entry_t *entry = apr_pcalloc(cache->pool, sizeof(*entry));
    entry_t *before = apr_hash_get(cache->entries, call->key, HBR_CACHE_KEY);

    if (before != NULL)
        before->there = false;
    memcpy(entry->key, call->key, HBR_CACHE_KEY);
    entry->data = apr_pmemdup(cache->pool, data, length);
    entry->length = length;
    entry->ends = hbr_kit_now(hbr_kit_of(request)) + life;
    entry->there = true;
    entry->next = cache->last;
    cache->last = entry;
    apr_hash_set(cache->entries, entry->key, HBR_CACHE_KEY, entry);
}

static void hand_out(const entry_t *entry, apr_pool_t *pool, char **data,
                     apr_size_t *length)
{
    *data = apr_pstrmemdup(pool, entry->data, entry->length);
    *length = entry->length;
}

/* Begins a call: the lock is held when it is true. */
static bool enter(void *request)
{
    cache_t *cache = cache_of(request);

    apr_thread_mutex_lock(cache->lock);
    cache->calls++;
    if (!cache->away)
        return true;
    apr_thread_mutex_unlock(cache->lock);
    return false;
}

static apr_status_t leave(void *request, apr_status_t rv)
{
    apr_thread_mutex_unlock(cache_of(request)->lock);
    return rv;
}

static apr_size_t piece(void *request)
{
    return cache_of(request)->none ? 0 : cache_of(request)->piece;
}

static const char *space(void *request)
{
    hbr_kit_run_t *run = request;

    return run->request->server != NULL ? run->request->server : "localhost";
}

static apr_status_t get(void *request, const hbr_cache_call_t *call,
                        apr_pool_t *pool, char **data, apr_size_t *length)
{
    const entry_t *entry;

    if (!enter(request))
        return APR_EGENERAL;
    entry = find(request, call);
    if (entry == NULL)
        return leave(request, APR_NOTFOUND);
    hand_out(entry, pool, data, length);
    return leave(request, APR_SUCCESS);
}

static void check_length(void *request, apr_size_t length)
{
    if (length > cache_of(request)->piece)
        hbr_kit_violate(request,
                        "an entry of the cache is longer than allowed");
}

static apr_status_t set(void *request, const hbr_cache_call_t *call,
                        const char *data, apr_size_t length,
                        apr_interval_time_t life)
{
    check_length(request, length);
    if (!enter(request))
        return APR_EGENERAL;
    put(request, call, data, length, life);
    return leave(request, APR_SUCCESS);
}

static apr_status_t remove_entry(void *request, const hbr_cache_call_t *call)
{
    entry_t *entry;

    if (!enter(request))
        return APR_EGENERAL;
    entry = find(request, call);
    if (entry != NULL)
        entry->there = false;
    return leave(request, entry != NULL ? APR_SUCCESS : APR_NOTFOUND);
}

static apr_status_t add(void *request, const hbr_cache_call_t *call,
                        const char *data, apr_size_t length,
                        apr_interval_time_t life)
{
    check_length(request, length);
    if (!enter(request))
        return APR_EGENERAL;
    if (find(request, call) != NULL)
        return leave(request, APR_EEXIST);
    put(request, call, data, length, life);
    return leave(request, APR_SUCCESS);
}

static apr_status_t take(void *request, const hbr_cache_call_t *call,
                         apr_pool_t *pool, char **data, apr_size_t *length)
{
    entry_t *entry;

    if (!enter(request))
        return APR_EGENERAL;
    entry = find(request, call);
    if (entry == NULL)
        return leave(request, APR_NOTFOUND);
    hand_out(entry, pool, data, length);
    entry->there = false;
    return leave(request, APR_SUCCESS);
}

static apr_status_t renew(void *request, const hbr_cache_call_t *call,
                          const char *was, const char *is, apr_size_t length,
                          apr_interval_time_t life)
{
    entry_t *entry;

    if (!enter(request))
        return APR_EGENERAL;
    entry = find(request, call);
    if (entry == NULL || entry->length < length
        || memcmp(entry->data, was, length) != 0)
        return leave(request, APR_NOTFOUND);
    memcpy(entry->data, is, length);
    entry->ends = hbr_kit_now(hbr_kit_of(request)) + life;
    return leave(request, APR_SUCCESS);
}

static apr_status_t increment(void *request, const hbr_cache_call_t *call,
                              int64_t by, apr_interval_time_t life,
                              int64_t *sum)
{
    if (!enter(request))
        return APR_EGENERAL;
    return leave(request, hbr_tally_add(
                              cache_of(request)->numbers, NUMBERS, call->key,
                              by, hbr_kit_now(hbr_kit_of(request)), life, sum));
}

static apr_status_t begin(void *request, const unsigned char *key,
                          apr_interval_time_t term, hbr_flight_t *flight)
{
    return hbr_flight_begin(cache_of(request)->flights, key, PID,
                            hbr_kit_now(hbr_kit_of(request)), term, flight);
}

static void end(void *request, const hbr_flight_t *flight, bool lost)
{
    hbr_flight_end(cache_of(request)->flights, flight, lost);
}

/* A set clock shows how long somebody waited in vain. */
static apr_status_t await(void *request, const hbr_flight_t *flight,
                          apr_time_t until)
{
    hbr_test_t *kit = hbr_kit_of(request);
    apr_status_t rv;

    if (kit->clock == 0)
        return hbr_flight_await(kit->cache->flights, flight,
                                until - apr_time_now());
    rv = hbr_flight_look(kit->cache->flights, flight);
    if (rv != APR_EBUSY)
        return rv;
    kit->clock = until;
    return APR_TIMEUP;
}

const hbr_host_cache_t hbr_kit_cache = { .piece = piece,
                                         .space = space,
                                         .get = get,
                                         .set = set,
                                         .remove = remove_entry,
                                         .add = add,
                                         .take = take,
                                         .renew = renew,
                                         .increment = increment,
                                         .begin = begin,
                                         .end = end,
                                         .await = await };

void hbr_test_cache_none(hbr_test_t *kit, bool none)
{
    kit->cache->none = none;
}

void hbr_test_cache_away(hbr_test_t *kit, bool away)
{
    kit->cache->away = away;
}

void hbr_test_cache_piece(hbr_test_t *kit, apr_size_t bytes)
{
    if (bytes < LEAST)
        hbr_kit_fail("hbr_test_cache_piece(): at least %d", LEAST);
    kit->cache->piece = bytes;
}

apr_size_t hbr_test_cache_calls(const hbr_test_t *kit)
{
    return kit->cache->calls;
}

static bool lives(const hbr_test_t *kit, const entry_t *entry)
{
    return entry->there && entry->ends > hbr_kit_now(kit);
}

/* The newest is index 0. */
static entry_t *entry_at(const hbr_test_t *kit, apr_size_t index)
{
    entry_t *entry = kit->cache->last;

    while (entry != NULL && (!lives(kit, entry) || index-- > 0))
        entry = entry->next;
    return entry;
}

apr_size_t hbr_test_cache_count(const hbr_test_t *kit)
{
    apr_size_t count = 0;

    while (entry_at(kit, count) != NULL)
        count++;
    return count;
}

void hbr_test_cache_evict(hbr_test_t *kit, apr_size_t index)
{
    entry_t *entry = entry_at(kit, index);

    if (entry == NULL)
        hbr_kit_fail("hbr_test_cache_evict(): there is no such entry");
    entry->there = false;
}

char *hbr_test_cache_entry(hbr_test_t *kit, apr_size_t index,
                           apr_size_t *length)
{
    entry_t *entry = entry_at(kit, index);

    if (entry == NULL)
        hbr_kit_fail("hbr_test_cache_entry(): there is no such entry");
    *length = entry->length;
    return entry->data;
}
