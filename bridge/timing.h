/**
 * @file timing.h
 * @brief Where a request's time goes. The clock is read around slow things only
 *        where somebody wants to know.
 */
#ifndef HBR_BRIDGE_TIMING_H
#define HBR_BRIDGE_TIMING_H

#include "state.h"

typedef enum {
    HBR_TIMED_WAIT = 0, /**< Getting an instance. */
    HBR_TIMED_DB,       /**< Statements, and waiting for a connection. */
    HBR_TIMED_READ,     /**< The request's body. */
    HBR_TIMED_WRITE,    /**< Passing the response on. */
    HBR_TIMED
} hbr_timed_e;

typedef struct hbr_timing_t {
    apr_time_t begun; /**< When the bridge had the request. */
    apr_interval_time_t spent[HBR_TIMED];
} hbr_timing_t;

/** A request begins: sets what its duration is counted from. */
void hbr_timing_begin(hbr_state_t *state);

/** The time by the host's clock. */
static inline apr_time_t hbr_timing_now(const hbr_state_t *state)
{
    const hbr_request_t *request = &state->request;

    return request->host->request->now(request->request);
}

/** Something slow begins.
 *  @return what hbr_timing_stop() wants */
static inline apr_time_t hbr_timing_start(const hbr_state_t *state)
{
    return state->timing != NULL ? hbr_timing_now(state) : 0;
}

static inline void hbr_timing_stop(const hbr_state_t *state, hbr_timed_e what,
                                   apr_time_t started)
{
    if (state->timing != NULL)
        state->timing->spent[what] += hbr_timing_now(state) - started;
}

/** Adds Server-Timing to the response's header, where it is wanted. */
void hbr_timing_header(const hbr_state_t *state);

/** Logs a request that was slow, and sets its notes. */
void hbr_timing_end(hbr_context_t *ctx, apr_time_t now);

#endif
