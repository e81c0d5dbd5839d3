/**
 * @file getters.h
 * @brief Calls every getter of a context.
 */
#ifndef HBR_FUZZ_GETTERS_H
#define HBR_FUZZ_GETTERS_H

#include "handlerbridge.h"

/** Calls them all, looks at each byte they give, and checks that those of one
 *  thing agree. */
void getters_call(hbr_context_t *ctx);

#endif
