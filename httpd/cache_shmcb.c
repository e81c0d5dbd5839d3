/*
 * The cache of one machine: httpd's mod_socache_shmcb, under a lock that all
 * processes share, since it is safe for one caller at a time only. That lock is
 * also what makes add, take and renew one step.
 *
 * It drops the oldest entry of a full queue, whoever reads it. Numbers lie in a
 * table of their own (bridge/tally.c).
 */
#include <stdlib.h>

#include <apr_shm.h>
#include <apr_strings.h>

#include <httpd.h>
#include <ap_provider.h>
#include <ap_socache.h>
#include <http_log.h>

#include "bridge/tally.h"
#include "cache.h"

APLOG_USE_MODULE(handlerbridge);

#define DEFAULT "handlerbridge-cache(16777216)"
#define SIZE_DEFAULT (512 * 1024) /* mod_socache_shmcb's own, without a size */
#define NAME "hbr-cache"
#define AVERAGE 1024 /* of an entry; what the number of places is made of */
#define PIECE_MOST 65536
#define PIECE_LEAST 1024
#define NUMBERS 16384

static const char *argument;
static const ap_socache_provider_t *socache;
static ap_socache_instance_t *instance;
static server_rec *server; /* for its log lines */
static apr_size_t most;    /* bytes of an entry */
static void *numbers;
static unsigned char *buffer; /* the child's; whoever has the lock uses it */

/* ------------------------------------------------------------------ start */

static const char *read_argument(apr_pool_t *pool, const char *given)
{
    (void)pool;
    argument = given != NULL && *given != '\0' ? given : DEFAULT;
    return NULL;
}

static apr_size_t size_of(const char *given)
{
    const char *open = strrchr(given, '(');

    return open != NULL ? (apr_size_t)strtol(open + 1, NULL, 10) : SIZE_DEFAULT;
}

/* mod_socache_shmcb divides its memory into queues, as many as the average of
 * an entry suggests, and an entry has to fit one; that several of the longest
 * do keeps one of them from pushing out all others. */
static apr_size_t piece_for(apr_size_t size)
{
    apr_size_t entries = size / (AVERAGE + HBR_CACHE_KEY);
    apr_size_t queues = 256;
    apr_size_t piece;

    while (queues > 1 && entries / queues < 2 * queues)
        queues /= 2;
    piece = size / queues / 8;
    return piece < PIECE_MOST ? piece : PIECE_MOST;
}

static const char *missing(apr_pool_t *pool)
{
    const char *wrong;

    socache = ap_lookup_provider(AP_SOCACHE_PROVIDER_GROUP, "shmcb",
                                 AP_SOCACHE_PROVIDER_VERSION);
    if (socache == NULL)
        return "shmcb is mod_socache_shmcb's, which is not loaded";
    most = piece_for(size_of(argument));
    wrong = socache->create(&instance, argument, pool, pool);
    if (wrong == NULL && most < PIECE_LEAST)
        wrong = "size has to be >= 131072 bytes";
    return wrong != NULL
               ? apr_psprintf(pool, "\"shmcb:%s\": %s", argument, wrong)
               : NULL;
}

static apr_status_t destroy(void *data)
{
    socache->destroy(data, server);
    return APR_SUCCESS;
}

static apr_status_t make_numbers(apr_pool_t *pconf)
{
    apr_shm_t *shm;
    apr_status_t rv =
        apr_shm_create(&shm, hbr_tally_size(NUMBERS), NULL, pconf);

    if (rv == APR_SUCCESS)
        numbers = apr_shm_baseaddr_get(shm);
    return rv;
}

/* Anonymous shared memory is zeros, and what nobody touches is no memory. */
static apr_status_t open_cache(apr_pool_t *pconf, server_rec *main_server)
{
    const struct ap_socache_hints hints = { .avg_id_len = HBR_CACHE_KEY,
                                            .avg_obj_size = AVERAGE };
    apr_status_t rv;

    server = main_server;
    if (socache->create(&instance, argument, pconf, pconf) != NULL)
        return APR_EGENERAL;
    rv = socache->init(instance, NAME, &hints, main_server, pconf);
    if (rv != APR_SUCCESS)
        return rv;
    apr_pool_cleanup_register(pconf, instance, destroy, apr_pool_cleanup_null);
    return make_numbers(pconf);
}

static void child_init(apr_pool_t *pchild, server_rec *main_server)
{
    (void)main_server;
    buffer = apr_palloc(pchild, most);
}

/* ---------------------------------------------- under the lock: one entry */

static apr_status_t retrieve(const hbr_cache_call_t *call, apr_pool_t *pool,
                             apr_size_t *length)
{
    unsigned filled = (unsigned)most;
    apr_status_t rv = socache->retrieve(instance, server, call->key,
                                        HBR_CACHE_KEY, buffer, &filled, pool);

    *length = filled;
    return rv == APR_SUCCESS ? APR_SUCCESS : APR_NOTFOUND;
}

static apr_status_t store(const hbr_cache_call_t *call, apr_pool_t *pool,
                          const char *data, apr_size_t length,
                          apr_interval_time_t life)
{
    return socache->store(instance, server, call->key, HBR_CACHE_KEY,
                          apr_time_now() + life, (unsigned char *)data,
                          (unsigned)length, pool);
}

/* ------------------------------------------------------------------ calls */

static apr_status_t leave(apr_status_t rv)
{
    hbr_cache_unlock();
    return rv;
}

static apr_pool_t *pool_of(void *request)
{
    return ((request_rec *)request)->pool;
}

static apr_size_t piece(void *request)
{
    (void)request;
    return most;
}

static apr_status_t read_entry(void *request, const hbr_cache_call_t *call,
                               apr_pool_t *pool, char **data,
                               apr_size_t *length, bool away)
{
    apr_status_t rv;

    if (!hbr_cache_lock())
        return APR_EGENERAL;
    rv = retrieve(call, pool_of(request), length);
    if (rv != APR_SUCCESS)
        return leave(rv);
    *data = apr_pstrmemdup(pool, (char *)buffer, *length);
    if (away)
        socache->remove(instance, server, call->key, HBR_CACHE_KEY,
                        pool_of(request));
    return leave(APR_SUCCESS);
}

static apr_status_t get(void *request, const hbr_cache_call_t *call,
                        apr_pool_t *pool, char **data, apr_size_t *length)
{
    return read_entry(request, call, pool, data, length, false);
}

static apr_status_t take(void *request, const hbr_cache_call_t *call,
                         apr_pool_t *pool, char **data, apr_size_t *length)
{
    return read_entry(request, call, pool, data, length, true);
}

static apr_status_t set(void *request, const hbr_cache_call_t *call,
                        const char *data, apr_size_t length,
                        apr_interval_time_t life)
{
    if (!hbr_cache_lock())
        return APR_EGENERAL;
    return leave(store(call, pool_of(request), data, length, life));
}

static apr_status_t add(void *request, const hbr_cache_call_t *call,
                        const char *data, apr_size_t length,
                        apr_interval_time_t life)
{
    apr_size_t there;

    if (!hbr_cache_lock())
        return APR_EGENERAL;
    if (retrieve(call, pool_of(request), &there) == APR_SUCCESS)
        return leave(APR_EEXIST);
    return leave(store(call, pool_of(request), data, length, life));
}

static apr_status_t remove_entry(void *request, const hbr_cache_call_t *call)
{
    if (!hbr_cache_lock())
        return APR_EGENERAL;
    return leave(socache->remove(instance, server, call->key, HBR_CACHE_KEY,
                                 pool_of(request)));
}

static apr_status_t renew(void *request, const hbr_cache_call_t *call,
                          const char *was, const char *is, apr_size_t length,
                          apr_interval_time_t life)
{
    apr_size_t there;

    if (!hbr_cache_lock())
        return APR_EGENERAL;
    if (retrieve(call, pool_of(request), &there) != APR_SUCCESS
        || there < length || memcmp(buffer, was, length) != 0)
        return leave(APR_NOTFOUND);
    memcpy(buffer, is, length);
    return leave(store(call, pool_of(request), (char *)buffer, there, life));
}

static apr_status_t increment(void *request, const hbr_cache_call_t *call,
                              int64_t by, apr_interval_time_t life,
                              int64_t *sum)
{
    (void)request;
    if (!hbr_cache_lock())
        return APR_EGENERAL;
    return leave(hbr_tally_add(numbers, NUMBERS, call->key, by, apr_time_now(),
                               life, sum));
}

static const hbr_host_cache_t calls = { .piece = piece,
                                        .get = get,
                                        .set = set,
                                        .remove = remove_entry,
                                        .add = add,
                                        .take = take,
                                        .renew = renew,
                                        .increment = increment };

const hbr_provider_t hbr_cache_shmcb = { .name = "shmcb",
                                         .read = read_argument,
                                         .missing = missing,
                                         .open = open_cache,
                                         .child_init = child_init,
                                         .calls = &calls };
