/**
 * @file input_from.h
 * @brief Where a declared input's values come from.
 */
#ifndef HBR_BRIDGE_INPUT_FROM_H
#define HBR_BRIDGE_INPUT_FROM_H

#include "handlerbridge/input.h"
#include "handlerbridge/request.h"

/** Where an input comes from; HBR_FROM_QUERY for a type that is none. */
hbr_from_e hbr_input_from(const hbr_input_t *input);

/**
 * Walks an input's values in order. An empty path is none.
 * @param input a declaration that was checked
 * @param after the value to go on from; NULL for the first
 * @return the next value, good until the request ends; or NULL
 */
const hbr_pair_t *hbr_input_next(hbr_context_t *ctx, const hbr_input_t *input,
                                 const hbr_pair_t *after);

#endif
