/**
 * @file disposition.h
 * @brief The Content-Disposition field's value (RFC 6266, RFC 8187).
 */
#ifndef HBR_BRIDGE_DISPOSITION_H
#define HBR_BRIDGE_DISPOSITION_H

#include "handlerbridge/response.h"

/** The longest file name that is sent, in bytes of UTF-8; file systems take no
 *  more. */
#define HBR_FILENAME_MAX 255

/**
 * Makes the field's value. Only the last component of the name is sent, for
 * slashes and backslashes alike; control characters, and those that turn the
 * direction of writing, become "_"; what is not UTF-8 becomes U+FFFD; a name
 * that is too long is cut between two characters, before its extension where
 * it has a short one. "", "." and ".." are no names.
 * A name that is not plain ASCII is sent twice: for old clients as an ASCII
 * likeness in filename, and in filename* as it is.
 * @param pool the result's memory
 * @param disposition what the browser is to do
 * @param filename any bytes; NULL: no name
 * @return a valid field value
 */
const char *hbr_disposition_format(apr_pool_t *pool,
                                   hbr_disposition_e disposition,
                                   const char *filename);

#endif
