/**
 * @file output.h
 * @brief The text a handler writes: collected, then streamed.
 */
#ifndef HBR_BRIDGE_OUTPUT_H
#define HBR_BRIDGE_OUTPUT_H

#include "chunk.h"
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

/** A format that writes into the output. */
typedef struct hbr_output_format_t {
    hbr_format_t format;
    hbr_context_t *ctx;
    const char *call;
} hbr_output_format_t;

/**
 * Begins a format in the output's room. Nothing else may write until
 * hbr_output_end().
 * @param output is filled in, but for its format's value and null
 * @param args copied
 * @return APR_SUCCESS, or the error that sticks: nothing was begun
 */
apr_status_t hbr_output_begin(hbr_output_format_t *output, hbr_context_t *ctx,
                              const char *call, const char *format,
                              va_list args);

/** Ends it. @return as hbr_output_append() */
apr_status_t hbr_output_end(hbr_output_format_t *output);

/** Drops the text that was not sent yet. */
void hbr_output_drop(hbr_state_t *state);

/** The text that was not sent yet, in a brigade of its own. */
apr_bucket_brigade *hbr_output_take(hbr_state_t *state);

/** Bytes of text that the handler wrote. */
static inline apr_off_t hbr_output_written(const hbr_state_t *state)
{
    return state->closed
           + (state->chunk != NULL ? state->room.at - state->chunk->bytes : 0);
}

/** Bytes of it that were not sent yet. */
static inline apr_off_t hbr_output_pending(const hbr_state_t *state)
{
    return hbr_output_written(state) - state->passed;
}

#endif
