/**
 * @file vary.h
 * @brief The response's Vary field (RFC 9110 12.5.5).
 */
#ifndef HBR_BRIDGE_VARY_H
#define HBR_BRIDGE_VARY_H

#include "handlerbridge/context.h"

/** Adds a field's name to Vary unless it stands there. */
void hbr_vary(hbr_context_t *ctx, const char *name);

#endif
