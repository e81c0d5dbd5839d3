/**
 * @file readers.h
 * @brief The steps of a script that read the request's body.
 */
#ifndef HBR_FUZZ_READERS_H
#define HBR_FUZZ_READERS_H

#include "fuzz.h"
#include "handlerbridge.h"

/* Each checks what it got, reads what it needs from the script, and returns
 * what a handler would. */
int readers_form(hbr_context_t *ctx, fuzz_input_t *script);
int readers_uploads(hbr_context_t *ctx, fuzz_input_t *script);
int readers_body(hbr_context_t *ctx, fuzz_input_t *script);
int readers_stream(hbr_context_t *ctx, fuzz_input_t *script);
int readers_parts(hbr_context_t *ctx, fuzz_input_t *script);
int readers_json(hbr_context_t *ctx, fuzz_input_t *script);

#endif
