/**
 * @file response.h
 * @brief Whether the response can still change.
 */
#ifndef HBR_BRIDGE_RESPONSE_H
#define HBR_BRIDGE_RESPONSE_H

#include "handlerbridge/context.h"

/**
 * Tells whether the response can still change, and logs when it cannot.
 * @param call the public function that wants to change it, for the message
 */
bool hbr_changeable(hbr_context_t *ctx, const char *call);

/** Removes the header fields that describe a body. */
void hbr_drop_body_fields(hbr_context_t *ctx);

#endif
