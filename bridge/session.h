/**
 * @file session.h
 * @brief The end of a request's session.
 */
#ifndef HBR_BRIDGE_SESSION_H
#define HBR_BRIDGE_SESSION_H

#include "state.h"

/**
 * Saves the request's session if it was changed: once, before the response's
 * head. Only for a state that has a session.
 * @param status the response's: what changed with one of 500 and above, the
 *        handler's failure, is dropped
 * @return HBR_OK, or the status of the error that is to be sent instead; the
 *         same again when it is called again
 */
int hbr_session_close(hbr_context_t *ctx, int status);

/** Answers that what keeps sessions is away; Retry-After.
 *  @return the status, 503 */
int hbr_session_unavailable(hbr_context_t *ctx, const char *sentence);

/** Takes the response back that promises what could not be saved.
 *  @return the status of the error in its place */
int hbr_session_lost(hbr_context_t *ctx);

/** Adds Cache-Control to the head of a response that a session was used for,
 *  if nothing there speaks of who may keep it. */
void hbr_session_keep_private(hbr_context_t *ctx);

#endif
