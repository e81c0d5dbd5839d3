/**
 * @file instance_pool.h
 * @brief Which of a handler's pooled instances are free, and how many there
 *        may be.
 *
 * It keeps books and waits. Making and ending instances is the caller's: no
 * code of an author runs under the pool's lock.
 */
#ifndef HBR_BRIDGE_INSTANCE_POOL_H
#define HBR_BRIDGE_INSTANCE_POOL_H

#include <apr_portable.h>
#include <apr_ring.h>

#include "handlerbridge/api.h"
#include "instance.h"

/** An instance; it lies in its own memory. */
typedef struct hbr_instance_t {
    APR_RING_ENTRY(hbr_instance_t) link;
    apr_pool_t *pool;
    void *made;             /**< What create made. */
    bool broken;            /**< Not to be used again. */
    apr_os_thread_t holder; /**< The thread whose request it serves. */
    apr_time_t idle_since;
} hbr_instance_t;

typedef struct hbr_instance_pool_t hbr_instance_pool_t;

/** How taking went. */
typedef enum {
    HBR_POOL_TAKEN, /**< It is the caller's. */
    HBR_POOL_STALE, /**< It was idle for too long: the caller ends it, tells so
                         with hbr_instance_pool_leave(), and asks again. */
    HBR_POOL_ROOM,  /**< There is none, and room for one: the caller makes it,
                         then adds it, or leaves. */
    HBR_POOL_FULL   /**< None came free. */
} hbr_pool_take_e;

/**
 * Makes a pool with nothing in it; it lives as long as @a pool.
 * @param gauge tells other processes how many there are; NULL: nothing does
 */
apr_status_t hbr_instance_pool_create(apr_pool_t *pool,
                                      const hbr_pool_limits_t *limits,
                                      struct hbr_gauge_t *gauge,
                                      hbr_instance_pool_t **instances);

/**
 * Takes the instance that was used last, or waits for one.
 * @param nested another request of this thread waits: when that one holds an
 *        instance of this pool, there is no waiting
 * @param instance set when TAKEN or STALE
 */
hbr_pool_take_e hbr_instance_pool_take(hbr_instance_pool_t *instances,
                                       bool nested, hbr_instance_t **instance);

/** Adds the instance that ROOM was for; it is taken. */
void hbr_instance_pool_add(hbr_instance_pool_t *instances,
                           hbr_instance_t *instance);

/** Makes the place of an instance free that was ended, or could not be made. */
void hbr_instance_pool_leave(hbr_instance_pool_t *instances);

/**
 * Gives an instance back that was taken.
 * @return one to be ended (then leave): itself when it is broken, one that was
 *         idle for too long; or NULL
 */
hbr_instance_t *hbr_instance_pool_give_back(hbr_instance_pool_t *instances,
                                            hbr_instance_t *instance);

/** @return one that was idle for too long, to be ended (then leave); NULL:
 *          there is none */
hbr_instance_t *hbr_instance_pool_stale(hbr_instance_pool_t *instances);

/** @return one that is idle, to be ended (then leave); NULL: there is none */
hbr_instance_t *hbr_instance_pool_idle(hbr_instance_pool_t *instances);

hbr_pool_state_t hbr_instance_pool_state(hbr_instance_pool_t *instances);

#endif
