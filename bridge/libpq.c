/*
 * PostgreSQL's client library, as far as apr_dbd hides it: the types of a
 * result's columns, the code of a failure, whether a connection still lives.
 *
 * The library is not linked: the module is loaded where there is none, too.
 * apr_dbd_pgsql brings it into the process, with its names visible to all, so
 * it is asked for by name once a connection of that driver is at hand. What is
 * used has been in it since PostgreSQL 8.2 and belongs to its stable interface.
 *
 * Nothing is kept here. Any thread may call, for a connection that it has.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_DEFAULT */
#endif
#include "libpq.h"

#include <dlfcn.h>
#include <poll.h>
#include <string.h>

/* Of the library's and the server's interfaces, the same for ever. */
#define CONNECTION_OK 0
#define PGRES_COMMAND_OK 1
#define PQERRORS_VERBOSE 2
#define BYTEAOID 17

/* What a server says last and its end are two pieces to read. */
#define READS 4

/* POSIX lets dlsym() give functions, ISO C has no cast for it. */
static bool find(const char *name, void *function)
{
    void *symbol = dlsym(RTLD_DEFAULT, name);

    memcpy(function, &symbol, sizeof(symbol));
    return symbol != NULL;
}

bool hbr_libpq_find(hbr_libpq_t *pq)
{
    return find("PQstatus", &pq->status) && find("PQsocket", &pq->socket)
           && find("PQconsumeInput", &pq->consumeInput)
           && find("PQbackendPID", &pq->backendPID)
           && find("PQsetErrorVerbosity", &pq->setErrorVerbosity)
           && find("PQdescribePrepared", &pq->describePrepared)
           && find("PQresultStatus", &pq->resultStatus)
           && find("PQnfields", &pq->nfields) && find("PQftype", &pq->ftype)
           && find("PQclear", &pq->clear);
}

bool hbr_is_pgsql(const apr_dbd_driver_t *driver)
{
    return strcmp(apr_dbd_name(driver), "pgsql") == 0;
}

static bool has_input(const hbr_libpq_t *pq, const void *connection)
{
    struct pollfd poller = { .fd = pq->socket(connection), .events = POLLIN };

    return poller.fd >= 0 && poll(&poller, 1, 0) > 0;
}

bool hbr_libpq_is_alive(const hbr_libpq_t *pq, void *connection)
{
    int reads = 0;

    while (pq->status(connection) == CONNECTION_OK && reads++ < READS
           && has_input(pq, connection)) {
        if (!pq->consumeInput(connection))
            return false;
    }
    return pq->status(connection) == CONNECTION_OK;
}

void hbr_libpq_say_states(const hbr_libpq_t *pq, void *connection)
{
    pq->setErrorVerbosity(connection, PQERRORS_VERBOSE);
}

static const bool *blobs_of(const hbr_libpq_t *pq, apr_pool_t *pool,
                            const void *result, apr_size_t *columns)
{
    int count = pq->nfields(result);
    bool *blobs = apr_pcalloc(pool, (apr_size_t)count * sizeof(*blobs) + 1);
    int i;

    for (i = 0; i < count; i++)
        blobs[i] = pq->ftype(result, i) == BYTEAOID;
    *columns = (apr_size_t)count;
    return blobs;
}

const bool *hbr_libpq_blobs(const hbr_libpq_t *pq, apr_pool_t *pool,
                            void *connection, const char *name,
                            apr_size_t *columns)
{
    void *result = pq->describePrepared(connection, name);
    const bool *blobs = NULL;

    if (result != NULL && pq->resultStatus(result) == PGRES_COMMAND_OK)
        blobs = blobs_of(pq, pool, result, columns);
    if (result != NULL)
        pq->clear(result);
    return blobs;
}
