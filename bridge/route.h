/**
 * @file route.h
 * @brief Which handler answers: choosing one, and going on when one declines.
 */
#ifndef HBR_BRIDGE_ROUTE_H
#define HBR_BRIDGE_ROUTE_H

#include "state.h"

/** The methods that may reach the handler at hand. */
const hbr_methods_t *hbr_route_methods(const hbr_state_t *state);

/**
 * Has the handler at hand choose another, which becomes the one at hand.
 * @param ctx set to a fresh view for it
 * @return HBR_OK, or the request's result
 */
int hbr_route_choose(hbr_context_t **ctx);

/**
 * Goes on to the next route after one was declined, which it might be.
 * @param ctx set to a fresh view for it
 * @return false when there is none
 */
bool hbr_route_next(hbr_context_t **ctx);

/** False when it has written or read the body already; logged. */
bool hbr_route_may_decline(hbr_context_t *ctx);

/** True when the handler gave the response a body. */
bool hbr_has_output(const hbr_state_t *state);

#endif
