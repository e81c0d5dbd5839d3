/**
 * @file cache_flights.h
 * @brief Who makes which value of the shared cache, among a server's processes.
 */
#ifndef HBR_HTTPD_CACHE_FLIGHTS_H
#define HBR_HTTPD_CACHE_FLIGHTS_H

#include <httpd.h>

#include "bridge/host.h"

/** In the parent, before it forks: the table's memory. */
apr_status_t hbr_cache_flights_make(apr_pool_t *pconf);

/** In a child, which has the cache's lock. */
void hbr_cache_flights_open(apr_pool_t *pchild);

/* The host's calls; see hbr_host_cache_t. */
apr_status_t hbr_cache_flights_begin(void *request, const unsigned char *key,
                                     apr_interval_time_t term,
                                     hbr_flight_t *flight);
void hbr_cache_flights_end(void *request, const hbr_flight_t *flight,
                           bool lost);
apr_status_t hbr_cache_flights_await(void *request, const hbr_flight_t *flight,
                                     apr_time_t until);

#endif
