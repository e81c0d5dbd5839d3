/**
 * @file metrics_block.h
 * @brief How the block of metrics.h is laid out.
 *
 *     head | slots | own | lanes: (cells by slot | words) ... | seats: gauges ...
 *
 * There are no pointers in it: the code that looks at it may be loaded
 * elsewhere after a restart.
 */
#ifndef HBR_BRIDGE_METRICS_BLOCK_H
#define HBR_BRIDGE_METRICS_BLOCK_H

#include "atomic.h"
#include "error_ring.h"
#include "histogram.h"
#include "limit.h"
#include "metrics.h"

#define HBR_CACHE_LINE 64
#define HBR_SLOT_NAME 72
#define HBR_OWN_NAME 44
/** So many minutes are kept: a power of two above the hour. */
#define HBR_MINUTES_KEPT 64
/** Words and names of handlers' own metrics, for each handler there may be. */
#define HBR_OWN_WORDS 64
#define HBR_OWN_EACH 8
/** A timer's words: sum, max, buckets. */
#define HBR_TIMER_SUM 0
#define HBR_TIMER_MAX 1
#define HBR_TIMER_BUCKETS 2
#define HBR_TIMER_WORDS (HBR_TIMER_BUCKETS + HBR_COARSE)

typedef struct hbr_block_t {
    apr_uint64_t magic; /**< Tells of another layout. */
    apr_uint64_t size;
    apr_time_t since;
    hbr_metrics_shape_t shape;
    apr_uint32_t slots; /**< In use; grows only, by the parent. */
    apr_uint32_t own;   /**< In use; likewise. */
    apr_uint32_t words; /**< Given out, of each lane's. */
    apr_uint32_t missed;
    apr_uint32_t seats; /**< Up to the last one that was ever taken; grows only.
                             Nobody looks at what is behind it: a page of
                             shared memory is there from its first reading. */
} hbr_block_t;

/** One minute: words with the minute in their upper bits (meter.c). */
typedef struct hbr_minute_cell_t {
    apr_uint64_t sum;
    apr_uint64_t buckets[HBR_COARSE];
} hbr_minute_cell_t;

/** What a handler has once. */
typedef struct hbr_slot_t {
    char name[HBR_SLOT_NAME];
    apr_time_t since;
    hbr_minute_cell_t minutes[HBR_MINUTES_KEPT];
    hbr_error_ring_t errors;
} hbr_slot_t;

/** A handler's own metric: where in each lane its words are. */
typedef struct hbr_own_t {
    char name[HBR_OWN_NAME];
    apr_uint32_t slot;
    apr_uint32_t type;
    apr_uint32_t word;
} hbr_own_t;

/** What a handler has in each lane. */
typedef struct hbr_cells_t {
    apr_uint64_t classes[HBR_CLASSES];
    apr_uint64_t bytes_in;
    apr_uint64_t bytes_out;
    apr_uint64_t errors;
    apr_uint64_t sum;
    apr_uint64_t max;
    apr_uint64_t buckets[HBR_BUCKETS];
    apr_uint64_t limits[HBR_LIMITS];
    apr_uint64_t padding[3]; /**< To whole lines of the cache. */
} hbr_cells_t;

_Static_assert(sizeof(hbr_cells_t) % HBR_CACHE_LINE == 0, "whole lines");

/** What a handler has in each seat. */
typedef struct hbr_gauge_t {
    apr_uint32_t in_flight;
    apr_uint32_t in_use; /**< Instances. */
    apr_uint32_t idle;
    apr_uint32_t unused;
} hbr_gauge_t;

/** A process' seat; gauges by slot behind it. */
typedef struct hbr_seat_t {
    apr_uint32_t pid; /**< 0: free. */
    apr_uint32_t padding[15];
} hbr_seat_t;

/** A view: where the parts are in this process. */
struct hbr_metrics_t {
    hbr_block_t *block;
    hbr_slot_t *slots;
    hbr_own_t *own;
    char *lanes;
    apr_size_t lane_size;
    char *seats;
    apr_size_t seat_size;
    hbr_is_alive_fn *is_alive;
};

static inline hbr_cells_t *hbr_lane_cells(const hbr_metrics_t *metrics,
                                          apr_size_t lane)
{
    return (hbr_cells_t *)(metrics->lanes + lane * metrics->lane_size);
}

static inline apr_uint64_t *hbr_lane_words(const hbr_metrics_t *metrics,
                                           apr_size_t lane)
{
    return (apr_uint64_t *)(hbr_lane_cells(metrics, lane)
                            + metrics->block->shape.handlers);
}

static inline hbr_seat_t *hbr_seat(const hbr_metrics_t *metrics,
                                   apr_size_t seat)
{
    return (hbr_seat_t *)(metrics->seats + seat * metrics->seat_size);
}

static inline hbr_gauge_t *hbr_seat_gauges(const hbr_metrics_t *metrics,
                                           apr_size_t seat)
{
    return (hbr_gauge_t *)(hbr_seat(metrics, seat) + 1);
}

/** How many seats, and lanes, were ever in use. */
static inline apr_uint32_t hbr_seats_in_use(const hbr_metrics_t *metrics)
{
    return hbr_load32(&metrics->block->seats);
}

static inline apr_uint32_t hbr_lanes_in_use(const hbr_metrics_t *metrics)
{
    apr_uint32_t seats = hbr_seats_in_use(metrics);
    apr_uint32_t lanes = metrics->block->shape.lanes;

    return seats < lanes ? seats : lanes;
}

/** How many slots other processes may look at. */
static inline apr_uint32_t hbr_slots_in_use(const hbr_metrics_t *metrics)
{
    return __atomic_load_n(&metrics->block->slots, __ATOMIC_ACQUIRE);
}

#endif
