/**
 * @file commit.h
 * @brief The point from which a response can no longer change.
 */
#ifndef HBR_BRIDGE_COMMIT_H
#define HBR_BRIDGE_COMMIT_H

#include "state.h"

/**
 * Commits the response if it is not yet, as one whose length is not known, and
 * passes the text on that was written so far.
 * @param call what commits it, for messages
 * @return APR_SUCCESS, or an error that sticks as the write error
 */
apr_status_t hbr_commit_stream(hbr_context_t *ctx, const char *call);

/**
 * Commits and ends a response that is whole: preconditions, If-Range and Range
 * are decided here (RFC 9110 13 and 14).
 * @return HBR_OK when it is complete or cut; else the status of the error that
 *         is to be sent in its place, nothing having been committed
 */
int hbr_commit_whole(hbr_context_t *ctx);

/** Ends a response that streams. */
void hbr_commit_end(hbr_context_t *ctx);

/** Cuts a response that is committed and cannot be completed. */
void hbr_commit_cut(hbr_context_t *ctx, const char *why);

#endif
