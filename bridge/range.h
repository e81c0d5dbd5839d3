/**
 * @file range.h
 * @brief Byte ranges (RFC 9110 14) and the responses that carry them.
 */
#ifndef HBR_BRIDGE_RANGE_H
#define HBR_BRIDGE_RANGE_H

#include "handlerbridge/api.h"

/** A Range field that names more than this is ignored: each part costs a head,
 *  and nobody needs so many (RFC 9110 17.15). */
#define HBR_RANGES_MAX 32

/** A piece of the representation; length is never 0. */
typedef struct hbr_range_t {
    apr_off_t first;
    apr_off_t length;
} hbr_range_t;

typedef enum {
    HBR_RANGE_WHOLE,        /**< There is no range to obey: 200. */
    HBR_RANGE_PARTIAL,      /**< 206 with one range or several. */
    HBR_RANGE_UNSATISFIABLE /**< 416. */
} hbr_range_e;

/**
 * Reads a Range field (RFC 9110 14.1.2, 14.2). The answer is to send the whole
 * when the unit is not bytes, the field is malformed, it names more than
 * HBR_RANGES_MAX ranges, or the ranges together are longer than the
 * representation, so that no request makes more work than one without a
 * Range. Ranges that lie outside are left out; those that overlap or touch
 * become one (15.3.7.2); apart from that they stay in the order sent.
 * A suffix of an empty representation is the whole of it.
 * @param pool the result's memory
 * @param field the field's value; NULL when it is missing
 * @param total the representation's length in bytes; below 0: not known
 * @param ranges set to the ranges; NULL unless partial
 * @param count set to how many there are; 0 unless partial
 */
hbr_range_e hbr_range_parse(apr_pool_t *pool, const char *field,
                            apr_off_t total, hbr_range_t **ranges,
                            apr_size_t *count);

/**
 * The Content-Range of a range: "bytes 0-9/100" (RFC 9110 14.4).
 * @param pool the result's memory
 * @param range one that hbr_range_parse() gave
 * @param total the representation's length
 */
char *hbr_content_range(apr_pool_t *pool, const hbr_range_t *range,
                        apr_off_t total);

/** The Content-Range of a 416, with an asterisk in place of the range (RFC 9110
 *  14.4, 15.5.17). */
char *hbr_content_range_unsatisfied(apr_pool_t *pool, apr_off_t total);

/**
 * The Content-Type of a response with several ranges (RFC 9110 14.6).
 * @param pool the result's memory
 * @param boundary a token of at most 70 characters that does not occur in the
 *        body (RFC 2046 5.1.1)
 */
const char *hbr_byteranges_type(apr_pool_t *pool, const char *boundary);

/**
 * What stands in front of one range's bytes: delimiter and head, from the
 * line end before the delimiter to the empty line.
 * @param pool the result's memory
 * @param boundary the one that hbr_byteranges_type() was given
 * @param type the representation's Content-Type; NULL: none
 * @param range the range
 * @param total the representation's length
 */
const char *hbr_byteranges_part(apr_pool_t *pool, const char *boundary,
                                const char *type, const hbr_range_t *range,
                                apr_off_t total);

/** What stands behind the last range's bytes. */
const char *hbr_byteranges_end(apr_pool_t *pool, const char *boundary);

#endif
