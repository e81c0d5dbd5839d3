/*
 * The table of who makes what (bridge/flight.c) in memory that a server's
 * processes share, the same with every provider. Its lock is the cache's.
 *
 * The parent makes it, zeros, before it forks. All threads of a child.
 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <apr_shm.h>

#include <httpd.h>

#include "cache.h"
#include "cache_flights.h"

#define PLACES 1024

static void *memory;
static hbr_flights_t *flights; /* the child's */

apr_status_t hbr_cache_flights_make(apr_pool_t *pconf)
{
    apr_shm_t *shm;
    apr_status_t rv =
        apr_shm_create(&shm, hbr_flights_size(PLACES), NULL, pconf);

    if (rv == APR_SUCCESS)
        memory = memset(apr_shm_baseaddr_get(shm), 0, hbr_flights_size(PLACES));
    return rv;
}

static bool lock(void *data)
{
    (void)data;
    return hbr_cache_lock();
}

static void unlock(void *data)
{
    (void)data;
    hbr_cache_unlock();
}

/* A child may not be allowed to signal another user's process: it lives. */
static bool is_alive(uint32_t pid)
{
    return kill((pid_t)pid, 0) == 0 || errno != ESRCH;
}

void hbr_cache_flights_open(apr_pool_t *pchild)
{
    const hbr_flights_host_t host = { lock, unlock, is_alive, NULL };

    flights = hbr_flights_open(pchild, memory, PLACES, &host);
}

apr_status_t hbr_cache_flights_begin(void *request, const unsigned char *key,
                                     apr_interval_time_t term,
                                     hbr_flight_t *flight)
{
    (void)request;
    return hbr_flight_begin(flights, key, (uint32_t)getpid(), apr_time_now(),
                            term, flight);
}

void hbr_cache_flights_end(void *request, const hbr_flight_t *flight, bool lost)
{
    (void)request;
    hbr_flight_end(flights, flight, lost);
}

apr_status_t hbr_cache_flights_await(void *request, const hbr_flight_t *flight,
                                     apr_time_t until)
{
    (void)request;
    return hbr_flight_await(flights, flight, until - apr_time_now());
}
