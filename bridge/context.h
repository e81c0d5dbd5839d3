/**
 * @file context.h
 * @brief Views of a request's context.
 */
#ifndef HBR_BRIDGE_CONTEXT_H
#define HBR_BRIDGE_CONTEXT_H

#include "state.h"

/**
 * Makes the first view fit what was found out since: the instance.
 */
void hbr_context_refresh(hbr_context_t *ctx);

/** Asks the host for the options of the handler that has the request now. */
void hbr_context_options(hbr_state_t *state);

/**
 * Another public view over the same request.
 * @param ctx a context of the request
 * @param pool what the view's pool is, and where the view lies
 */
hbr_context_t *hbr_context_view(hbr_context_t *ctx, apr_pool_t *pool);

#endif
