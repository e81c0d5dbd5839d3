/**
 * @file quality.h
 * @brief Lists with quality values: Accept and its sisters (RFC 9110 12.4.2).
 *
 * Pure functions on NUL-terminated text. They allocate nothing, keep nothing
 * and may be called from any thread.
 */
#ifndef HBR_BRIDGE_QUALITY_H
#define HBR_BRIDGE_QUALITY_H

#include "handlerbridge/api.h"

/** Qualities are thousandths: they have three decimals at most. */
#define HBR_QUALITY_MAX 1000

/**
 * The next element of a list. A comma in a quoted string ends none.
 * @param at where to read on; moved behind the element and its comma
 * @return where it begins, blanks aside; NULL at the field's end. It may be
 *         empty or malformed.
 */
const char *hbr_quality_next(const char **at);

/**
 * Reads the parameters behind an element's range. The one called q is its
 * quality, wherever it stands (RFC 9110 12.5.1).
 * @param at behind the range
 * @param quality set to 0 to HBR_QUALITY_MAX, which it is when it is left out
 * @return false: it is malformed, or something else follows before the
 *         element's end
 */
bool hbr_quality_read(const char *at, int *quality);

/** A range's closeness to what it does not describe. */
#define HBR_QUALITY_NO_MATCH (-1)

/** What a client thinks of something on offer. */
typedef struct hbr_opinion_t {
    int closeness; /**< Of the range that described it best. */
    int quality;   /**< And what that gave it. */
} hbr_opinion_t;

/** Nothing was said about it. */
#define HBR_NO_OPINION                                                         \
    {                                                                          \
        HBR_QUALITY_NO_MATCH, 0                                                \
    }

/**
 * Hears one range more. The closest counts; of some that are as close, the one
 * of the highest quality.
 */
void hbr_quality_hear(hbr_opinion_t *opinion, int closeness, int quality);

#endif
