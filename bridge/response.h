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

/**
 * Tells whether the body can still be replaced, and logs when it cannot: the
 * response is committed, or its source is being read.
 */
bool hbr_replaceable(hbr_context_t *ctx, const char *call);

/** Makes the response a 500; the cause is logged. After the commit it is cut
 *  at its end. */
void hbr_fail(hbr_context_t *ctx);

/** Removes the header fields that describe a body, before another one takes
 *  its place with a status of 300 to 599. */
void hbr_drop_body_fields(hbr_context_t *ctx, int status);

#endif
