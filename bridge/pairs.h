/**
 * @file pairs.h
 * @brief Walking name=value pairs in order: query, cookies, fields.
 */
#ifndef HBR_BRIDGE_PAIRS_H
#define HBR_BRIDGE_PAIRS_H

#include "handlerbridge/request.h"

/**
 * The next pair of a name; names are case-sensitive.
 * @param pairs the pairs; NULL when there are none
 * @param count how many there are
 * @param name only pairs of this name; NULL for all
 * @param after the pair of these to go on from; NULL for the first
 * @return the pair, or NULL
 */
const hbr_pair_t *hbr_pairs_next(const hbr_pair_t *pairs, apr_size_t count,
                                 const char *name, const hbr_pair_t *after);

#endif
