/**
 * @file part_header.h
 * @brief The header of a part of a multipart form (RFC 7578 4).
 */
#ifndef HBR_BRIDGE_PART_HEADER_H
#define HBR_BRIDGE_PART_HEADER_H

#include "handlerbridge/form.h"
#include "multipart_problem.h"

/** The header that is being read; all members are its own. */
typedef struct hbr_part_header_t {
    apr_pool_t *pool;
    const hbr_multipart_limits_t *limits;
    char *bytes; /**< What came of it; kept for the next header. */
    apr_size_t length;
    apr_size_t room; /**< Of bytes, without the NUL. */
    apr_size_t fields;
    unsigned line_end; /**< How much of CR LF CR LF came last. */
} hbr_part_header_t;

/**
 * Makes a header ready.
 * @param pool memory, less than twice the longest header in all
 * @param limits stays the caller's; read until the last header is
 */
void hbr_part_header_open(hbr_part_header_t *header, apr_pool_t *pool,
                          const hbr_multipart_limits_t *limits);

/** Begins the next part's; what the last one gave out is gone. */
void hbr_part_header_reset(hbr_part_header_t *header);

/**
 * Reads on, to the end of the header at most. Only CR LF ends a line; control
 * characters other than HTAB are refused.
 * @param at where to read on; moved behind what was read
 * @param end of the bytes
 * @param complete set to whether the header has ended
 */
hbr_multipart_e hbr_part_header_feed(hbr_part_header_t *header, const char **at,
                                     const char *end, bool *complete);

/**
 * Tells what a complete header says. Folded lines are unfolded (RFC 5322
 * 2.2.3). In a quoted string a backslash only goes with a quote or a backslash,
 * since browsers have sent paths as they are; %22, %0D and %0A, which browsers
 * write for quote, CR and LF (RFC 7578 2, WHATWG HTML), are decoded, and no
 * other escape is. Of a file name only the last component is given, for
 * slashes and backslashes alike; "." and ".." are none and become "".
 * filename* and name* are not read (RFC 7578 4.2): beside filename the first
 * does not count, as some clients send both, but alone it is refused, or what
 * others take for a file would be a field. Not read either are fields other than
 * Content-Disposition, Content-Type and Content-Transfer-Encoding (4.8).
 * @param part filled in; its texts are good until the next reset
 */
hbr_multipart_e hbr_part_header_read(hbr_part_header_t *header,
                                     hbr_part_t *part);

#endif
