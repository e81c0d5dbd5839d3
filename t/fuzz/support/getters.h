/**
 * @file getters.h
 * @brief Calls every getter of a context.
 */
#ifndef HBR_FUZZ_GETTERS_H
#define HBR_FUZZ_GETTERS_H

#include "handlerbridge.h"

/** The options of a handler that calls them. */
typedef struct getters_options_t {
    int64_t size;
} getters_options_t;

extern const hbr_input_t getters_options[];

/** Calls them all, looks at each byte they give, and checks that those of one
 *  thing agree. */
void getters_call(hbr_context_t *ctx);

#endif
