/**
 * @file memcached.h
 * @brief memcached servers: commands and their answers.
 *
 * A command gives APR_SUCCESS, APR_NOTFOUND, APR_EEXIST, or APR_EGENERAL: then
 * the connection is of no more use, which hbr_memcached_give() takes care of.
 * Each blocks at most until call->until.
 */
#ifndef HBR_HTTPD_MEMCACHED_H
#define HBR_HTTPD_MEMCACHED_H

#include "address.h"
#include "bridge/host.h"

#define HBR_MEMCACHED_SERVERS 32
/** Most bytes of an entry: memcached's -I is 1 MB. */
#define HBR_MEMCACHED_PIECE (256 * 1024)

typedef struct hbr_memcached_servers_t {
    hbr_address_t address[HBR_MEMCACHED_SERVERS];
    unsigned count;
} hbr_memcached_servers_t;

/** A connection. */
typedef struct hbr_memcached_t hbr_memcached_t;

/** An entry, with what cas wants. */
typedef struct hbr_memcached_found_t {
    char *data; /**< With a NUL behind it. */
    apr_size_t length;
    char unique[24];
} hbr_memcached_found_t;

/** In a child, before its first request; connects to nothing. */
void hbr_memcached_child_init(apr_pool_t *pchild,
                              const hbr_memcached_servers_t *all);

/** A connection to the server of the call's key; NULL: it is away. */
hbr_memcached_t *hbr_memcached_borrow(const hbr_cache_call_t *call);

/** Gives it back.
 *  @return what is left of rv: APR_EGENERAL when anything went wrong */
apr_status_t hbr_memcached_give(hbr_memcached_t *link,
                                const hbr_cache_call_t *call, apr_status_t rv);

/** Reads an entry into the pool. */
apr_status_t hbr_memcached_gets(hbr_memcached_t *link, const char *key,
                                apr_pool_t *pool, hbr_memcached_found_t *found);

/**
 * Writes an entry.
 * @param command set, add or cas
 * @param seconds its life; -1: it is over
 * @param unique cas' own, "" otherwise
 * @return APR_EEXIST: add found one, cas another one
 */
apr_status_t hbr_memcached_store(hbr_memcached_t *link, const char *command,
                                 const char *key, const char *data,
                                 apr_size_t length, apr_int64_t seconds,
                                 const char *unique);

apr_status_t hbr_memcached_delete(hbr_memcached_t *link, const char *key);

/** Adds to a number, modulo 2^64. */
apr_status_t hbr_memcached_incr(hbr_memcached_t *link, const char *key,
                                uint64_t by, uint64_t *result);

#endif
