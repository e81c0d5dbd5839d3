/*
 * The cache of several machines in memcached, by its text protocol: not by
 * apr_memcache, which waits a second whatever it is told, takes a short count of
 * apr_socket_sendv() for all, has numbers of 32 bits, and no gets and cas, which
 * take and renew are made of.
 *
 * - take: gets, then cas with a life that is over. Of many one succeeds.
 * - A number is two's complement as memcached's unsigned one, which wraps: then
 *   incr adds a negative number too, and leaves the life alone.
 * - A life is in whole seconds. Over 30 days it is a date.
 */
#include <apr_strings.h>

#include <httpd.h>

#include "cache.h"
#include "memcached.h"

#define PORT 11211
#define RELATIVE_MOST apr_time_from_sec(30 * 86400)

static hbr_memcached_servers_t servers;

/* ------------------------------------------------------------------ start */

static const char *read_argument(apr_pool_t *pool, const char *given)
{
    char *list = apr_pstrdup(pool, given != NULL ? given : "");
    char *last = NULL, *text;
    const char *wrong = NULL;

    servers.count = 0;
    for (text = apr_strtok(list, ",", &last); text != NULL && wrong == NULL;
         text = apr_strtok(NULL, ",", &last)) {
        if (servers.count == HBR_MEMCACHED_SERVERS)
            wrong = "more than 32 servers";
        else
            wrong = hbr_address_read(pool, text, PORT,
                                     &servers.address[servers.count++]);
    }
    if (wrong == NULL && servers.count == 0)
        wrong = "there is none";
    return wrong != NULL
               ? apr_psprintf(pool,
                              "BridgeCache memcache takes "
                              "memcache:HOST[:PORT][,HOST[:PORT]...]: %s",
                              wrong)
               : NULL;
}

static const char *missing(apr_pool_t *pool)
{
    (void)pool;
    return hbr_cache_secret() != NULL
               ? "BridgeCacheSecret is Redis'; memcached has no passwords here"
               : NULL;
}

static void child_init(apr_pool_t *pchild, server_rec *main_server)
{
    (void)main_server;
    hbr_memcached_child_init(pchild, &servers);
}

static apr_int64_t seconds_of(apr_interval_time_t life)
{
    apr_int64_t seconds = (life + APR_USEC_PER_SEC - 1) / APR_USEC_PER_SEC;

    return life < RELATIVE_MOST ? seconds
                                : apr_time_sec(apr_time_now()) + seconds;
}

/* ------------------------------------------------------------------ calls */

static apr_size_t piece(void *request)
{
    (void)request;
    return HBR_MEMCACHED_PIECE;
}

typedef apr_status_t read_f(hbr_memcached_t *link, const char *key,
                            apr_pool_t *pool, hbr_memcached_found_t *found);

static apr_status_t read_by(read_f *read, const hbr_cache_call_t *call,
                            apr_pool_t *pool, char **data, apr_size_t *length)
{
    hbr_memcached_t *link = hbr_memcached_borrow(call);
    char key[HBR_CACHE_NAME + 1];
    apr_status_t rv;
    hbr_memcached_found_t found;

    if (link == NULL)
        return APR_EGENERAL;
    hbr_cache_name(call, key);
    rv = read(link, key, pool, &found);
    if (rv == APR_SUCCESS) {
        *data = found.data;
        *length = found.length;
    }
    return hbr_memcached_give(link, call, rv);
}

static apr_status_t get(void *request, const hbr_cache_call_t *call,
                        apr_pool_t *pool, char **data, apr_size_t *length)
{
    (void)request;
    return read_by(hbr_memcached_gets, call, pool, data, length);
}

static apr_status_t write_entry(const hbr_cache_call_t *call,
                                const char *command, const char *data,
                                apr_size_t length, apr_interval_time_t life)
{
    hbr_memcached_t *link = hbr_memcached_borrow(call);
    char key[HBR_CACHE_NAME + 1];

    if (link == NULL)
        return APR_EGENERAL;
    hbr_cache_name(call, key);
    return hbr_memcached_give(link, call,
                              hbr_memcached_store(link, command, key, data,
                                                  length, seconds_of(life),
                                                  ""));
}

static apr_status_t set(void *request, const hbr_cache_call_t *call,
                        const char *data, apr_size_t length,
                        apr_interval_time_t life)
{
    (void)request;
    return write_entry(call, "set", data, length, life);
}

static apr_status_t add(void *request, const hbr_cache_call_t *call,
                        const char *data, apr_size_t length,
                        apr_interval_time_t life)
{
    (void)request;
    return write_entry(call, "add", data, length, life);
}

static apr_status_t remove_entry(void *request, const hbr_cache_call_t *call)
{
    hbr_memcached_t *link = hbr_memcached_borrow(call);
    char key[HBR_CACHE_NAME + 1];

    (void)request;
    if (link == NULL)
        return APR_EGENERAL;
    hbr_cache_name(call, key);
    return hbr_memcached_give(link, call, hbr_memcached_delete(link, key));
}

/* Whoever comes first has it; a value that was set anew meanwhile is another
 * one to be taken. */
static apr_status_t take_from(hbr_memcached_t *link, const char *key,
                              apr_pool_t *pool, hbr_memcached_found_t *found)
{
    apr_status_t rv;

    do {
        rv = hbr_memcached_gets(link, key, pool, found);
        if (rv == APR_SUCCESS)
            rv =
                hbr_memcached_store(link, "cas", key, "", 0, -1, found->unique);
    } while (rv == APR_EEXIST);
    return rv;
}

static apr_status_t take(void *request, const hbr_cache_call_t *call,
                         apr_pool_t *pool, char **data, apr_size_t *length)
{
    (void)request;
    return read_by(take_from, call, pool, data, length);
}

static apr_status_t renew(void *request, const hbr_cache_call_t *call,
                          const char *was, const char *is, apr_size_t length,
                          apr_interval_time_t life)
{
    hbr_memcached_t *link = hbr_memcached_borrow(call);
    char key[HBR_CACHE_NAME + 1];
    apr_status_t rv;
    hbr_memcached_found_t found;

    if (link == NULL)
        return APR_EGENERAL;
    hbr_cache_name(call, key);
    rv = hbr_memcached_gets(link, key, ((request_rec *)request)->pool, &found);
    if (rv == APR_SUCCESS
        && (found.length < length || memcmp(found.data, was, length) != 0))
        rv = APR_NOTFOUND;
    if (rv == APR_SUCCESS) {
        memcpy(found.data, is, length);
        rv = hbr_memcached_store(link, "cas", key, found.data, found.length,
                                 seconds_of(life), found.unique);
    }
    return hbr_memcached_give(link, call, rv == APR_EEXIST ? APR_NOTFOUND : rv);
}

/* Adds modulo 2^64, and takes it back when the sum is no int64: for a moment
 * others may see it. */
static apr_status_t incr_signed(hbr_memcached_t *link, const char *key,
                                int64_t by, int64_t *sum)
{
    uint64_t result;
    int64_t checked;
    apr_status_t rv = hbr_memcached_incr(link, key, (uint64_t)by, &result);

    if (rv != APR_SUCCESS)
        return rv;
    if (!__builtin_add_overflow((int64_t)(result - (uint64_t)by), by,
                                &checked)) {
        *sum = checked;
        return APR_SUCCESS;
    }
    rv = hbr_memcached_incr(link, key, 0 - (uint64_t)by, &result);
    return rv == APR_SUCCESS ? APR_ERANGE : rv;
}

static apr_status_t add_number(hbr_memcached_t *link, const char *key,
                               int64_t by, apr_int64_t seconds)
{
    char number[24];
    int length = apr_snprintf(number, sizeof(number), "%" APR_UINT64_T_FMT,
                              (uint64_t)by);

    return hbr_memcached_store(link, "add", key, number, (apr_size_t)length,
                               seconds, "");
}

static apr_status_t increment(void *request, const hbr_cache_call_t *call,
                              int64_t by, apr_interval_time_t life,
                              int64_t *sum)
{
    hbr_memcached_t *link = hbr_memcached_borrow(call);
    char key[HBR_CACHE_NAME + 1];
    apr_status_t rv;

    (void)request;
    if (link == NULL)
        return APR_EGENERAL;
    hbr_cache_name(call, key);
    do {
        rv = incr_signed(link, key, by, sum);
        if (rv != APR_NOTFOUND)
            break;
        rv = add_number(link, key, by, seconds_of(life));
        if (rv == APR_SUCCESS)
            *sum = by;
    } while (rv == APR_EEXIST);
    return hbr_memcached_give(link, call, rv);
}

static const hbr_host_cache_t calls = { .piece = piece,
                                        .get = get,
                                        .set = set,
                                        .remove = remove_entry,
                                        .add = add,
                                        .take = take,
                                        .renew = renew,
                                        .increment = increment };

const hbr_provider_t hbr_cache_memcache = { .name = "memcache",
                                            .read = read_argument,
                                            .missing = missing,
                                            .child_init = child_init,
                                            .calls = &calls };
