/**
 * @file watchdog.h
 * @brief Ends a thread's waiting for a socket that another's code waits on.
 *
 * A client library that knows no time-out waits as long as the other side is
 * silent. A watch shuts the socket down when its time is over: the library then
 * finds the connection at its end.
 */
#ifndef HBR_BRIDGE_WATCHDOG_H
#define HBR_BRIDGE_WATCHDOG_H

#include <stdbool.h>

#include <apr_pools.h>
#include <apr_time.h>

typedef struct hbr_watchdog_t hbr_watchdog_t;

/** A socket that is watched. Its owner's memory; zeros: it is not. */
typedef struct hbr_watch_t {
    struct hbr_watch_t *next;
    int fd;
    apr_time_t ends;
    bool armed; /**< Set and cleared in the owner's calls. */
    bool cut; /**< Its time was over; read by the owner when it is disarmed. */
} hbr_watch_t;

/**
 * Makes a watchdog, in a child: its thread begins with the first watch and ends
 * with the pool.
 * @return NULL: it cannot be made
 */
hbr_watchdog_t *hbr_watchdog_create(apr_pool_t *pool);

/**
 * Watches a socket until it is disarmed. Where there is no thread to be had
 * nothing is watched.
 * @param watch not armed; stays where it is until it is disarmed
 * @param fd open until then
 * @param ends by apr_time_now()
 */
void hbr_watchdog_arm(hbr_watchdog_t *watchdog, hbr_watch_t *watch, int fd,
                      apr_time_t ends);

/** Ends that; nothing is done to the socket afterwards.
 *  @return whether it was shut down */
bool hbr_watchdog_disarm(hbr_watchdog_t *watchdog, hbr_watch_t *watch);

#endif
