/**
 * @file rows.h
 * @brief The rows of a SELECT, out of the driver's hands.
 */
#ifndef HBR_BRIDGE_ROWS_H
#define HBR_BRIDGE_ROWS_H

#include <apr_buckets.h>
#include <apr_dbd.h>

#include "handlerbridge/database.h"

/** One value. */
typedef struct hbr_cell_t {
    const char *text; /**< NUL-terminated; NULL: SQL's NULL. */
    apr_size_t text_length;
    const char *bytes; /**< What the text stands for, when a driver shows
                                 BLOBs as hexadecimal text. */
    apr_size_t length; /**< Of bytes. */
} hbr_cell_t;

/**
 * Takes the rows out of a driver's results.
 * @param pool the rows' memory; the one the statement was run with
 * @param bucket_alloc for the driver's BLOBs on their way
 * @param driver the driver
 * @param results all of them, got with random access
 * @param blobs which columns the driver shows as hexadecimal text; NULL: none
 * @param known how many columns blobs tells of: all
 * @param rows set to the rows; they outlive the connection
 * @return APR_EGENERAL when a BLOB is not in that form, or there are other
 *         columns than expected
 */
apr_status_t hbr_rows_collect(apr_pool_t *pool,
                              apr_bucket_alloc_t *bucket_alloc,
                              const apr_dbd_driver_t *driver,
                              apr_dbd_results_t *results, const bool *blobs,
                              apr_size_t known, hbr_rows_t **rows);

/**
 * Reads PostgreSQL's hexadecimal form of a bytea: "\x00ff".
 * @param pool the result's memory
 * @param cell its bytes become what the text stands for
 * @return false when the text has another form; the cell is left alone then
 */
bool hbr_cell_unhex(apr_pool_t *pool, hbr_cell_t *cell);

#endif
