/**
 * @file piece.h
 * @brief One piece of a source, read as the client takes it.
 */
#ifndef HBR_BRIDGE_PIECE_H
#define HBR_BRIDGE_PIECE_H

#include "state.h"

/** A piece, and the pool it lies in. All zero at first. */
typedef struct hbr_piece_t {
    apr_pool_t *pool;
    const void *bytes;
    apr_size_t length; /**< 0: nothing is read yet. */
} hbr_piece_t;

/**
 * Reads the next piece of the response's source into the memory of the last
 * one. A failure is logged.
 * @param first where it begins
 * @param left how much is wanted from there on; more than 0
 */
apr_status_t hbr_piece_read(hbr_context_t *ctx, hbr_piece_t *piece,
                            apr_off_t first, apr_off_t left);

#endif
