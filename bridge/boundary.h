/**
 * @file boundary.h
 * @brief Finds the boundary lines of a multipart body (RFC 2046 5.1.1).
 */
#ifndef HBR_BRIDGE_BOUNDARY_H
#define HBR_BRIDGE_BOUNDARY_H

#include "handlerbridge/api.h"

/** RFC 2046 5.1.1 */
#define HBR_BOUNDARY_MAX 70

/** Blanks that may stand between a boundary and its line end; with more it is
 *  no boundary. */
#define HBR_BOUNDARY_PADDING 32

/** What the bytes read last turned out to be. */
typedef enum {
    HBR_BOUNDARY_MORE, /**< All bytes are read; what they end in is open. */
    HBR_BOUNDARY_DATA, /**< Bytes that belong to no boundary line. */
    HBR_BOUNDARY_NEXT, /**< A boundary line: another part begins. */
    HBR_BOUNDARY_LAST  /**< "--boundary--": no part follows. */
} hbr_boundary_e;

/** A finder; all members are its own. */
typedef struct hbr_boundary_t {
    /** CR LF "--" boundary, and behind it what was held of the line's rest. */
    char text[HBR_BOUNDARY_MAX + 4 + HBR_BOUNDARY_PADDING + 2];
    apr_size_t length; /**< Of CR LF "--" boundary. */
    apr_size_t held;   /**< Bytes of text that were read. */
    apr_size_t given;  /**< Of them, those that were no data of ours. */
} hbr_boundary_t;

/**
 * Tells whether text is a boundary (RFC 2046 5.1.1): 1 to 70 of its characters,
 * a space not the last.
 * @param boundary NUL-terminated
 */
bool hbr_boundary_ok(const char *boundary);

/**
 * Makes a finder ready, at the begin of a line.
 * @param boundary one that hbr_boundary_ok() takes; copied
 */
void hbr_boundary_open(hbr_boundary_t *finder, const char *boundary);

/** Says that the next byte begins a line, as behind a part's header. To be
 *  called only when nothing is held: after a boundary line. */
void hbr_boundary_begin_line(hbr_boundary_t *finder);

/**
 * Reads on. A boundary line is CR LF "--" boundary and then "--", or blanks and
 * CR LF; what differs from that in any byte is data. The line end before it
 * belongs to it.
 * The time is linear in the number of bytes, whatever they are.
 * @param at where to read on; moved behind what was read. It does not move
 *        when bytes that were held turn out to be data.
 * @param end of the bytes
 * @param data set to the data, which is among the caller's bytes, or in the
 *        finder when earlier calls held it; it is good until the next call
 * @param length of the data; never 0 for HBR_BOUNDARY_DATA
 */
hbr_boundary_e hbr_boundary_next(hbr_boundary_t *finder, const char **at,
                                 const char *end, const char **data,
                                 apr_size_t *length);

#endif
