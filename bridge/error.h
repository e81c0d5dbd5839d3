/**
 * @file error.h
 * @brief Responses that the bridge writes for a status.
 */
#ifndef HBR_BRIDGE_ERROR_H
#define HBR_BRIDGE_ERROR_H

#include "rare.h"
#include "state.h"

/**
 * As hbr_error(), for a limit that the request hit: it is counted for the
 * directive that the sentence names, whatever the handler makes of it. Not for
 * handlers, who may say a client's words.
 */
int hbr_limit_error(hbr_context_t *ctx, int status, const char *format, ...)
    HBR_PRINTF(3, 4);

/**
 * Writes and sends the response for a redirect or an error. Nothing may have
 * been committed.
 * @param status 300 to 599, not 304
 * @return HBR_OK when it is sent; @a status when the host has to answer it
 */
int hbr_error_send(hbr_context_t *ctx, int status) HBR_RARE;

#endif
