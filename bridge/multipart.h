/**
 * @file multipart.h
 * @brief multipart/form-data (RFC 7578, RFC 2046 5.1), parsed as it comes in.
 *
 * The caller feeds the body in any pieces and is called back for each part. The
 * data is handed on where the caller has it; what the parser keeps is at most a
 * boundary line and a part's header.
 */
#ifndef HBR_BRIDGE_MULTIPART_H
#define HBR_BRIDGE_MULTIPART_H

#include "boundary.h"
#include "part_header.h"

/** What is called for each part, in this order. All are needed. A result other
 *  than APR_SUCCESS stops the parser. */
typedef struct hbr_multipart_calls_t {
    /** A part begins. Its texts are good until on_part_end returns. */
    apr_status_t (*on_part)(void *arg, const hbr_part_t *part);
    /** Some of its data, or all; never 0 bytes, so an empty part has none. They
     *  are good until it returns. */
    apr_status_t (*on_data)(void *arg, const char *bytes, apr_size_t length);
    /** The part is complete. Not called for one that was cut off. */
    apr_status_t (*on_part_end)(void *arg);
} hbr_multipart_calls_t;

/** A parser. Callers read problem and limits; it stays where it is. */
typedef struct hbr_multipart_t {
    hbr_multipart_e problem; /**< With the body; sticks. */

    apr_status_t status; /**< What stopped it; sticks. */
    const hbr_multipart_calls_t *calls;
    void *arg;
    hbr_multipart_limits_t limits;
    apr_size_t parts;
    apr_size_t outside; /**< Bytes of the preamble, or of the epilogue. */
    unsigned where;     /**< In the body. */
    hbr_boundary_t boundary;
    hbr_part_header_t header;
} hbr_multipart_t;

/**
 * Makes a parser ready.
 * @param pool memory of the part's header, less than twice its limit in all
 * @param content_type the field's value, which the caller has found to be
 *        multipart/form-data; NULL when it is missing. Only its boundary is
 *        read.
 * @param limits copied
 * @param calls stays the caller's
 * @param arg theirs
 * @return APR_SUCCESS; APR_EINVAL when there is no good boundary, see problem
 */
apr_status_t hbr_multipart_open(hbr_multipart_t *parser, apr_pool_t *pool,
                                const char *content_type,
                                const hbr_multipart_limits_t *limits,
                                const hbr_multipart_calls_t *calls, void *arg);

/**
 * Takes the next bytes, any number of them. They are not kept.
 * @return APR_SUCCESS; what a callback returned; or APR_EINVAL with problem
 *         set. Further bytes then change nothing and give the same.
 */
apr_status_t hbr_multipart_feed(hbr_multipart_t *parser, const char *bytes,
                                apr_size_t length);

/**
 * Ends the body: without its final boundary it is not complete.
 * @return as hbr_multipart_feed()
 */
apr_status_t hbr_multipart_close(hbr_multipart_t *parser);

#endif
