/**
 * @file input.h
 * @brief Declared inputs: checked at start, read before process runs.
 */
#ifndef HBR_BRIDGE_INPUT_H
#define HBR_BRIDGE_INPUT_H

#include "handlerbridge/input.h"
#include "registry.h"

/** As many as state.h has bits for. */
#define HBR_INPUTS_MOST 64

/**
 * Checks a declaration's inputs, or options.
 * @param noun what they are: "input"
 * @return NULL, or one sentence without its full stop: `input "size": .min 144
 *         is over .max 8`
 */
const char *hbr_inputs_refusal(apr_pool_t *pool, const char *noun,
                               const hbr_input_t *inputs, apr_size_t count);

/**
 * Reads the declared inputs into a struct for hbr_inputs().
 * @return NULL, or one sentence for the client; it never repeats what he sent
 */
const char *hbr_inputs_fill(hbr_context_t *ctx);

/**
 * Does hbr_inputs_fill() and answers 400 with its sentence. Where an input is a
 * form's, the form is read first, and what is wrong with that is the answer.
 * Does nothing when no inputs are declared.
 * @return HBR_OK, or the status to be returned
 */
int hbr_inputs_read(hbr_context_t *ctx);

#endif
