/**
 * @file status.h
 * @brief The handler "bridge-status": what is known of each handler, as a page,
 *        as JSON and as OpenMetrics text.
 *
 * A request gathers its rows once (status_rows.c) and writes them in one of the
 * forms; each has a file of its own. All of it lies in the request's pool, and
 * is used by its thread alone.
 */
#ifndef HBR_BRIDGE_STATUS_H
#define HBR_BRIDGE_STATUS_H

#include "handlerbridge.h"
#include "host.h"
#include "metrics.h"
#include "registry.h"

/** What the list can be sorted by: the value of ?sort=. */
typedef enum {
    HBR_BY_HANDLER = 0,
    HBR_BY_REQUESTS,
    HBR_BY_2XX,
    HBR_BY_3XX,
    HBR_BY_4XX,
    HBR_BY_5XX,
    HBR_BY_IN_FLIGHT,
    HBR_BY_P50,
    HBR_BY_P90,
    HBR_BY_P99,
    HBR_BY_MAX,
    HBR_BY_BYTES_IN,
    HBR_BY_BYTES_OUT,
    HBR_BY_ERRORS,
    HBR_BY_LIMITS,
    HBR_BY_IN_USE,
    HBR_BY_IDLE,
    HBR_BY_METHODS,
    HBR_BY_LIFETIME,
    HBR_BY_FILE,
    HBR_BY_MAPPINGS,
    HBR_COLUMNS
} hbr_status_column_e;

/** The words of ?sort=, NULL at the end. */
extern const char *const hbr_status_sorts[HBR_COLUMNS + 1];

/** One handler. */
typedef struct hbr_status_row_t {
    const char *name;
    const hbr_entry_t *entry;     /**< NULL: it is no longer loaded. */
    const hbr_reading_t *reading; /**< Zeros where it is not counted. */
    bool is_counted;
    const char *methods;  /**< "" without an entry, as the next two. */
    const char *lifetime; /**< In words; "" without instances. */
    const char *file;     /**< The module or source file it comes from. */
    apr_uint64_t limits;  /**< The sum of reading's. */
    const apr_array_header_t *mappings; /**< hbr_host_mapping_t */
} hbr_status_row_t;

/** What one request shows. */
typedef struct hbr_status_t {
    const hbr_metrics_t *metrics; /**< NULL: nothing is counted. */
    apr_time_t now;
    const char *handler; /**< The only one; NULL: all. */
    hbr_status_column_e sort;
    bool is_descending;
    const apr_array_header_t *rows; /**< hbr_status_row_t */
} hbr_status_t;

/** The 8 buckets of each doubling, taken together. */
#define HBR_DOUBLINGS (HBR_BUCKETS / 8)

/* ---- status_rows.c ------------------------------------------------------------ */

/** Gathers status->rows of status->handler, sorted. */
void hbr_status_gather(hbr_context_t *ctx, hbr_status_t *status);

/** A row's number in a column; 0 for columns of text. */
apr_uint64_t hbr_status_number(const hbr_status_row_t *row,
                               hbr_status_column_e column);

/** Whether a column is text; it is sorted upwards unless told otherwise. */
bool hbr_status_is_text(hbr_status_column_e column);

/** How many durations are in each doubling. */
void hbr_status_doublings(const hbr_reading_t *reading,
                          apr_uint64_t counts[HBR_DOUBLINGS]);

/** The longest duration of a doubling, as hbr_bucket_end(). */
apr_uint64_t hbr_status_doubling_end(apr_size_t doubling);

/** The metric's declaration; NULL: it is no longer there. */
const hbr_metric_t *hbr_status_metric(const hbr_status_row_t *row,
                                      const hbr_own_reading_t *own);

/* ---- status_text.c ------------------------------------------------------------ */

/** "12 345" (narrow blanks), "1.5 KiB", "12.3 ms"; the page's script writes them
 *  alike. A duration of 0 is a dash. */
const char *hbr_status_count(apr_pool_t *pool, apr_uint64_t n);
const char *hbr_status_bytes(apr_pool_t *pool, apr_uint64_t n);
const char *hbr_status_duration(apr_pool_t *pool, apr_uint64_t us);

/** "2026-11-21 08:30:00", UTC. */
const char *hbr_status_time(apr_pool_t *pool, apr_time_t when);

/* ---- status_picture.c --------------------------------------------------------- */

/** How durations spread, as a small inline picture. */
void hbr_status_histogram(hbr_context_t *ctx, const hbr_reading_t *reading);

/** Latency over the last hour. */
void hbr_status_hour(hbr_context_t *ctx, const hbr_reading_t *reading);

/* ---- the forms ---------------------------------------------------------------- */

extern const char hbr_status_style[];
extern const char hbr_status_script[];

void hbr_status_html(hbr_context_t *ctx, const hbr_status_t *status);
void hbr_status_list(hbr_context_t *ctx, const hbr_status_t *status);
void hbr_status_one(hbr_context_t *ctx, const hbr_status_t *status);
void hbr_status_json(hbr_context_t *ctx, const hbr_status_t *status);
void hbr_status_openmetrics(hbr_context_t *ctx, const hbr_status_t *status);

/* Tables of both pages: status_html.c. */
void hbr_status_places(hbr_context_t *ctx, const hbr_status_row_t *row);
void hbr_status_errors(hbr_context_t *ctx, const hbr_status_t *status);
void hbr_status_limits(hbr_context_t *ctx, const hbr_status_t *status);
void hbr_status_own(hbr_context_t *ctx, const hbr_status_t *status);

#endif
