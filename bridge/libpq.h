/**
 * @file libpq.h
 * @brief What apr_dbd does not pass on of PostgreSQL's client library.
 */
#ifndef HBR_BRIDGE_LIBPQ_H
#define HBR_BRIDGE_LIBPQ_H

#include <apr_dbd.h>

#include "handlerbridge/api.h"

/** The library's functions by their own names, without PQ. A connection is a
 *  PGconn *, a result a PGresult *: whoever has this file needs no header of
 *  the library's. */
typedef struct hbr_libpq_t {
    int (*status)(const void *connection);
    int (*socket)(const void *connection);
    int (*consumeInput)(void *connection);
    int (*backendPID)(const void *connection);
    int (*setErrorVerbosity)(void *connection, int verbosity);
    void *(*describePrepared)(void *connection, const char *name);
    int (*resultStatus)(const void *result);
    int (*nfields)(const void *result);
    unsigned int (*ftype)(const void *result, int column);
    void (*clear)(void *result);
} hbr_libpq_t;

/**
 * Finds the library that apr_dbd_pgsql has loaded.
 * @param pq filled in
 * @return false when there is none
 */
bool hbr_libpq_find(hbr_libpq_t *pq);

/** True when apr_dbd's driver is the one that uses the library. */
bool hbr_is_pgsql(const apr_dbd_driver_t *driver);

/**
 * Whether an idle connection still has its server. A server that ended has
 * said so on the socket, where nobody has read it yet. Does not block.
 */
bool hbr_libpq_is_alive(const hbr_libpq_t *pq, void *connection);

/** Makes the first line of a failure's words carry the SQLSTATE. */
void hbr_libpq_say_states(const hbr_libpq_t *pq, void *connection);

/**
 * Which columns of a prepared statement are bytea. Blocks for the server.
 * @param pool the result's memory
 * @param name the statement's
 * @param columns set to the number of columns
 * @return a bool for each; NULL when the server does not tell
 */
const bool *hbr_libpq_blobs(const hbr_libpq_t *pq, apr_pool_t *pool,
                            void *connection, const char *name,
                            apr_size_t *columns);

#endif
