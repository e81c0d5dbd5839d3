/**
 * @file flight.h
 * @brief Who makes what at this moment: one maker of a value on a machine.
 *
 * The table lies in memory that processes share. A place in it is taken by a
 * maker under the table's lock; those who wait look at one word of it, and take
 * no lock.
 */
#ifndef HBR_BRIDGE_FLIGHT_H
#define HBR_BRIDGE_FLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_pools.h>
#include <apr_time.h>

/** A place in the table, as one maker took it. */
typedef struct hbr_flight_t {
    uint32_t place; /**< HBR_NO_PLACE: the maker has none. */
    uint64_t word;  /**< What it says while that maker is at it. */
} hbr_flight_t;

#define HBR_NO_PLACE UINT32_MAX

/** What the table needs of its surroundings. */
typedef struct hbr_flights_host_t {
    bool (*lock)(void *data); /**< False: it cannot be had. */
    void (*unlock)(void *data);
    bool (*is_alive)(uint32_t pid);
    void *data; /**< The locks'. */
} hbr_flights_host_t;

typedef struct hbr_flights_t hbr_flights_t;

/** The bytes of a table with so many places. */
apr_size_t hbr_flights_size(uint32_t places);

/**
 * Opens a table.
 * @param pool the handle's; a copy of it, as fork() makes one, is as good
 * @param memory hbr_flights_size() zeros, or a table
 */
hbr_flights_t *hbr_flights_open(apr_pool_t *pool, void *memory, uint32_t places,
                                const hbr_flights_host_t *host);

/**
 * Begins to make a value.
 * @param key a digest; 20 bytes of it count
 * @param pid the caller's process
 * @param term how long the caller is believed in; another may then begin anew
 * @param flight set to the caller's place, or to that of who is at it
 * @return APR_SUCCESS; APR_EBUSY: another is at it. Where all places for the key
 *         are taken, or the lock cannot be had, the caller is let in without
 *         one
 */
apr_status_t hbr_flight_begin(hbr_flights_t *flights, const unsigned char *key,
                              uint32_t pid, apr_time_t now,
                              apr_interval_time_t term, hbr_flight_t *flight);

/** The maker is done. Nothing happens when another has begun anew.
 *  @param lost he made it, but nobody will find it */
void hbr_flight_end(hbr_flights_t *flights, const hbr_flight_t *flight,
                    bool lost);

/** Whether the maker is still at it: APR_EBUSY; APR_SUCCESS: he is done, or
 *  dead; APR_INCOMPLETE: what he made was lost. */
apr_status_t hbr_flight_look(const hbr_flights_t *flights,
                             const hbr_flight_t *flight);

/** Waits until hbr_flight_look() says something else than APR_EBUSY; APR_TIMEUP
 *  after wait. */
apr_status_t hbr_flight_await(const hbr_flights_t *flights,
                              const hbr_flight_t *flight,
                              apr_interval_time_t wait);

#endif
