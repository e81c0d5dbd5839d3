/**
 * @file metrics.h
 * @brief What is counted of each handler, over all processes of the server.
 *
 * The counters lie in one block of memory that the host makes and that all
 * processes share: it is mapped before they are forked, and kept as long as the
 * server runs. It has
 *
 * - slots, one for each handler's name: which handlers there are, their last
 *   hour by the minute, their last errors;
 * - lanes: what only grows, a whole set of counters in each. A process adds to
 *   one lane, and a reader adds the lanes up, so that processes do not pull at
 *   the same memory. Several may share one: adding is atomic;
 * - seats, one for each process: what is so at this moment. A seat is one
 *   process' own; when that has ended it is emptied and given to another.
 *
 * Whoever reads gets a copy, in any process, at any time; nothing stands still
 * for him. Each number is right, but a request that ends in between may be in
 * one and not yet in another.
 */
#ifndef HBR_BRIDGE_METRICS_H
#define HBR_BRIDGE_METRICS_H

#include <apr_time.h>

#include "handlerbridge/metric.h"

struct hbr_entry_t;

/** How large a block is. */
typedef struct hbr_metrics_shape_t {
    apr_uint32_t handlers; /**< BridgeMetricsHandlers. */
    apr_uint32_t lanes;
    apr_uint32_t seats; /**< Processes at once; one more may do without. */
} hbr_metrics_shape_t;

/** This process' view of a block. */
typedef struct hbr_metrics_t hbr_metrics_t;

/** Tells whether a process lives. */
typedef bool hbr_is_alive_fn(apr_uint32_t pid);

/* ---- reading: any process, any thread; nothing blocks ---------------------- */

/** Statuses 1xx to 5xx. */
#define HBR_CLASSES 5
#define HBR_MINUTES 60
#define HBR_ERRORS_KEPT 8

/** Durations, in microseconds. A quantile is the upper end of the bucket that
 *  it lies in, and never more than max: not less than the true one, and at most
 *  an eighth more (coarse ones: at most twice that, and 8 at least). */
typedef struct hbr_latency_t {
    apr_uint64_t count;
    apr_uint64_t sum;
    apr_uint64_t max;
    apr_uint64_t p50;
    apr_uint64_t p90;
    apr_uint64_t p99;
} hbr_latency_t;

/** Requests that ended within a minute of the clock. */
typedef struct hbr_minute_t {
    apr_time_t start;
    hbr_latency_t latency; /**< Coarse; max is the end of its bucket. */
} hbr_minute_t;

/** A response with 500 to 599, or one that was cut. The texts came from a
 *  client and from a handler: escape them. They are cut to their length. */
typedef struct hbr_error_record_t {
    apr_uint64_t time; /**< apr_time_t */
    apr_uint32_t status;
    apr_uint32_t was_cut; /**< After the status had left. */
    char method[16];
    char path[128];   /**< Without the query. */
    char reason[160]; /**< What the client was told; "" when nothing. */
    char tag[16]; /**< Of the line in the error log that says why; "": none. */
} hbr_error_record_t;

/** A counter or timer of the handler's own. */
typedef struct hbr_own_reading_t {
    const char *name;
    hbr_metric_type_e type;
    apr_uint64_t count;    /**< A counter's value; a timer's observations. */
    hbr_latency_t latency; /**< A timer's; coarse. */
} hbr_own_reading_t;

/** How many times requests were refused for one directive. */
typedef struct hbr_limit_reading_t {
    const char *directive; /**< "BridgeLimitBody" */
    apr_uint64_t count;
} hbr_limit_reading_t;

/** One handler. */
typedef struct hbr_reading_t {
    const char *handler;
    apr_time_t since;      /**< When counting began. */
    apr_uint64_t requests; /**< That have ended: the sum of the classes. */
    apr_uint64_t classes[HBR_CLASSES]; /**< [0]: 1xx, [4]: 5xx. */
    apr_uint64_t in_flight;
    apr_uint64_t bytes_in;  /**< Of bodies, as they were read. */
    apr_uint64_t bytes_out; /**< Of bodies, as they were given to the server:
                                 before compression; none for HEAD. */
    hbr_latency_t latency;  /**< From a request's first line on until its
                                 response was given to the server. */
    const apr_uint64_t *buckets;       /**< HBR_BUCKETS of them. */
    hbr_minute_t minutes[HBR_MINUTES]; /**< The oldest first, this one last. */
    apr_uint64_t errors;               /**< Responses with 5xx, and cut ones. */
    apr_size_t error_count;
    const hbr_error_record_t *last_errors; /**< The latest first. */
    apr_size_t limit_count;
    const hbr_limit_reading_t *limits; /**< Those that were hit. */
    apr_uint64_t instances_in_use;     /**< Of an HBR_POOLED handler. */
    apr_uint64_t instances_idle;
    apr_size_t own_count;
    const hbr_own_reading_t *own; /**< In the order in which they were first
                                    seen. */
} hbr_reading_t;

/** What is counted where this request runs: for a page over it. NULL: nothing
 *  is (BridgeMetrics Off). */
const hbr_metrics_t *hbr_metrics_of(const hbr_context_t *ctx);

/** When the block was made: the server's start. */
apr_time_t hbr_metrics_since(const hbr_metrics_t *metrics);

/** How many handlers have a slot. It only grows: a handler that went away at a
 *  restart keeps its numbers. */
apr_size_t hbr_metrics_count(const hbr_metrics_t *metrics);

/** How many handlers found no slot at the last start, or no room for all of
 *  their own metrics. */
apr_size_t hbr_metrics_missed(const hbr_metrics_t *metrics);

/**
 * Reads one handler's numbers.
 * @param index below hbr_metrics_count(); in the order in which they were first
 *        seen
 * @param now the time, for the last hour
 * @param pool the reading's memory: some 12 KB
 */
const hbr_reading_t *hbr_metrics_read(const hbr_metrics_t *metrics,
                                      apr_size_t index, apr_time_t now,
                                      apr_pool_t *pool);

/** The same by the handler's name; NULL: it has no slot. */
const hbr_reading_t *hbr_metrics_find(const hbr_metrics_t *metrics,
                                      const char *handler, apr_time_t now,
                                      apr_pool_t *pool);

/** The histogram: 8 buckets for each doubling of the duration. */
#define HBR_BUCKETS 240

/** The longest duration in a bucket, in microseconds; APR_UINT64_MAX for the
 *  last. */
apr_uint64_t hbr_bucket_end(apr_size_t bucket);

/* ---- the host's --------------------------------------------------------------- */

/** How much memory a block needs. */
apr_size_t hbr_metrics_size(const hbr_metrics_shape_t *shape);

/**
 * Lays out a block.
 * @param pool the view's memory
 * @param block of hbr_metrics_size() bytes of zeros, aligned to 64; maybe one
 *        that was laid out before, by another load of this module: then its
 *        counters stay
 * @param size of the block
 * @param shape counts for a new block only
 * @return the view; NULL when the block was laid out by another version
 */
hbr_metrics_t *hbr_metrics_open(apr_pool_t *pool, void *block, apr_size_t size,
                                const hbr_metrics_shape_t *shape,
                                apr_time_t now, hbr_is_alive_fn *is_alive);

/** What the block was laid out for. */
hbr_metrics_shape_t hbr_metrics_shape(const hbr_metrics_t *metrics);

/**
 * Gives handlers their slots; in the parent, one thread, before it forks. Seats
 * of processes that ended while nobody looked (BridgeMetrics Off) are emptied.
 * @param entries all of them
 * @return how many found none: their requests are not counted; or no room for
 *         all of their own metrics: those are not
 */
apr_size_t hbr_metrics_claim(hbr_metrics_t *metrics,
                             struct hbr_entry_t *const *entries,
                             apr_size_t count, apr_time_t now);

/**
 * Takes a seat for a process, and tells its handlers' meters where to count;
 * before its first request.
 * @return false: there was no seat. It counts all the same, but what is in
 *         flight in it when it crashes stays so
 */
bool hbr_metrics_enter(hbr_metrics_t *metrics, apr_uint32_t pid,
                       struct hbr_entry_t *const *entries, apr_size_t count);

/** Empties the seat of a process that has ended; in any process. */
void hbr_metrics_leave(hbr_metrics_t *metrics, apr_uint32_t pid);

#endif
