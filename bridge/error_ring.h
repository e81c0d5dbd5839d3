/**
 * @file error_ring.h
 * @brief The last errors of a handler, in memory that processes share.
 */
#ifndef HBR_BRIDGE_ERROR_RING_H
#define HBR_BRIDGE_ERROR_RING_H

#include "metrics.h"

#define HBR_ERROR_WORDS (sizeof(hbr_error_record_t) / sizeof(apr_uint64_t))

/** A place in the ring. */
typedef struct hbr_error_place_t {
    apr_uint32_t writer;  /**< The process that writes here; 0: nobody. */
    apr_uint32_t version; /**< Odd while somebody does. */
    apr_uint64_t number;  /**< Of the error, from 1; 0: none. */
    apr_uint64_t words[HBR_ERROR_WORDS];
} hbr_error_place_t;

/** Zeros: empty. */
typedef struct hbr_error_ring_t {
    apr_uint64_t count; /**< Errors so far. */
    hbr_error_place_t places[HBR_ERRORS_KEPT];
} hbr_error_ring_t;

/**
 * Keeps an error. Never waits: when the place it comes to is being written by
 * another, it is not kept. A place whose writer died is taken over.
 * @param pid this process
 */
void hbr_error_ring_put(hbr_error_ring_t *ring, const hbr_error_record_t *error,
                        apr_uint32_t pid, hbr_is_alive_fn *is_alive);

/**
 * Copies what is kept, the latest first.
 * @return how many; one that is being written is left out
 */
apr_size_t hbr_error_ring_get(const hbr_error_ring_t *ring,
                              hbr_error_record_t errors[HBR_ERRORS_KEPT]);

/** Copies a text as far as there is room, by whole characters of UTF-8. */
void hbr_error_text(char *to, apr_size_t room, const char *from);

#endif
