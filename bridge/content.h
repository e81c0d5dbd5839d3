/**
 * @file content.h
 * @brief Whole bodies: bytes, a file, a source.
 */
#ifndef HBR_BRIDGE_CONTENT_H
#define HBR_BRIDGE_CONTENT_H

#include "state.h"

/** Gives back what a whole body holds; the body is text again. */
void hbr_content_drop(hbr_state_t *state);

/** The response's Content-Type, or NULL when it has no body to describe. */
const char *hbr_content_type(const hbr_state_t *state);

/** The same for text that streams, and may not have begun. */
const char *hbr_stream_type(const hbr_state_t *state);

/**
 * Puts a stretch of the body at a brigade's end. Not for a source.
 * @param first where it begins
 * @param length how long it is
 */
void hbr_content_insert(hbr_state_t *state, apr_bucket_brigade *brigade,
                        apr_off_t first, apr_off_t length);

#endif
