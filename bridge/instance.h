/**
 * @file instance.h
 * @brief Handlers' instances: per request, pooled, per process.
 */
#ifndef HBR_BRIDGE_INSTANCE_H
#define HBR_BRIDGE_INSTANCE_H

#include "state.h"

/** How far each handler's pool goes in this child. */
typedef struct hbr_pool_limits_t {
    apr_size_t max;           /**< BridgePoolMax; 0: no bound. */
    apr_interval_time_t wait; /**< BridgePoolWait. */
    apr_interval_time_t idle; /**< BridgePoolIdle; 0: kept for ever. */
} hbr_pool_limits_t;

#define HBR_POOL_LIMITS_DEFAULT                                                \
    {                                                                          \
        .max = 0, .wait = apr_time_from_sec(5), .idle = apr_time_from_sec(300) \
    }

/** What a pool looks like at this moment. */
typedef struct hbr_pool_state_t {
    apr_size_t in_use; /**< Also those that are just made or ended. */
    apr_size_t idle;
} hbr_pool_state_t;

/**
 * Makes what a handler with create needs in a child: its pool, or its one
 * instance. Called at the child's start, after the handler's start.
 * @param pool the child's
 * @return APR_SUCCESS, or what create returned: the handler answers 503
 */
apr_status_t hbr_instances_start(hbr_entry_t *entry, apr_pool_t *pool,
                                 const hbr_pool_limits_t *limits);

/** Ends what is left in a child, but for what is in use. The entry has
 *  instances. */
void hbr_instances_stop(hbr_entry_t *entry);

/**
 * Gets this request an instance. May wait BridgePoolWait for one, but never
 * when one of the pool's belongs to a request of the same thread that waits
 * for this one.
 * @return HBR_OK with state->instance set; 503 with its reason set
 */
int hbr_instance_take(hbr_context_t *ctx);

/** Gives the request's instance back, or ends it; nothing when it has none. */
void hbr_instance_give_back(hbr_state_t *state);

/** Ends pooled instances that were idle for too long. Any thread. */
void hbr_instances_sweep(hbr_entry_t *entry);

/** The pool's state; zeros for other lifetimes. Any thread. */
hbr_pool_state_t hbr_instances_state(const hbr_entry_t *entry);

#endif
