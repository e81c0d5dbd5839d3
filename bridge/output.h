/**
 * @file output.h
 * @brief The text a handler writes: collected, then streamed.
 */
#ifndef HBR_BRIDGE_OUTPUT_H
#define HBR_BRIDGE_OUTPUT_H

#include "state.h"

/**
 * Appends bytes to the text.
 * @param call the public function that writes, for messages
 * @return APR_SUCCESS, or the error that sticks
 */
apr_status_t hbr_output_append(hbr_context_t *ctx, const char *call,
                               const void *data, apr_size_t length);

/** Appends formatted text. */
apr_status_t hbr_output_format(hbr_context_t *ctx, const char *call,
                               const char *format, va_list args);

/** Drops the text that was not sent yet. */
void hbr_output_drop(hbr_state_t *state);

/** The text that was not sent yet, in a brigade of its own. */
apr_bucket_brigade *hbr_output_take(hbr_state_t *state);

/** Bytes of text that were not sent yet. */
apr_off_t hbr_output_pending(const hbr_state_t *state);

#endif
