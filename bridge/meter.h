/**
 * @file meter.h
 * @brief Counting of requests: what a process adds to the block of metrics.h.
 */
#ifndef HBR_BRIDGE_METER_H
#define HBR_BRIDGE_METER_H

#include "metrics.h"

struct hbr_cells_t;
struct hbr_gauge_t;
struct hbr_slot_t;
struct hbr_state_t;

/** Where a handler's requests are counted. Zeros: nowhere. The first two are
 *  the parent's work, the others the child's, before its first request. */
typedef struct hbr_meter_t {
    apr_uint32_t place;                  /**< Its slot and 1; 0: none. */
    apr_uint32_t words[HBR_METRICS_MAX]; /**< Likewise, of its own metrics. */
    const hbr_metrics_t *metrics;        /**< NULL: nothing is counted. */
    struct hbr_cells_t *cells;           /**< NULL: not counted. */
    struct hbr_slot_t *slot;
    struct hbr_gauge_t *gauge;
    struct hbr_gauge_t *instances;      /**< NULL: there is no seat. */
    apr_uint64_t *own[HBR_METRICS_MAX]; /**< NULL: there was no room. */
    hbr_is_alive_fn *is_alive;
    apr_uint32_t pid;
    apr_uint32_t misused; /**< hbr_count() or hbr_observe(); was logged. */
} hbr_meter_t;

/** A request begins. */
void hbr_meter_begin(const struct hbr_state_t *state);

/** Another handler has it. */
void hbr_meter_move(const struct hbr_entry_t *from,
                    const struct hbr_entry_t *to);

/**
 * A request ended.
 * @param status of the response
 * @param now the time
 */
void hbr_meter_end(const struct hbr_state_t *state, int status, apr_time_t now);

/** Takes no more than one line of a kind in this process.
 *  @return true the first time */
bool hbr_meter_misused(hbr_meter_t *meter);

#endif
