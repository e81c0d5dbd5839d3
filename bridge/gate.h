/**
 * @file gate.h
 * @brief A door for a bounded number of threads at once.
 */
#ifndef HBR_BRIDGE_GATE_H
#define HBR_BRIDGE_GATE_H

#include "handlerbridge/api.h"

typedef struct hbr_gate_t hbr_gate_t;

/** Makes a gate with nobody in it; it lives as long as the pool. */
apr_status_t hbr_gate_create(apr_pool_t *pool, hbr_gate_t **gate);

/**
 * Goes in, or waits for one to leave.
 * @param gate the gate
 * @param max how many may be in at once; callers may differ about it
 * @param wait how long to wait at most, in microseconds
 * @return true when the caller is in and has to leave
 */
bool hbr_gate_enter(hbr_gate_t *gate, apr_uint32_t max,
                    apr_interval_time_t wait);

/** Leaves, and lets one in who waits. */
void hbr_gate_leave(hbr_gate_t *gate);

#endif
