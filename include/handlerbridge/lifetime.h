/**
 * @file lifetime.h
 * @brief Instances of a handler, and how long they live.
 *
 * A handler with .create works on an instance of its own making, which
 * ctx->instance points to. Its lifetime is named; what ASP.NET says with
 * IsReusable = true is HBR_POOLED.
 *
 * A request gives its instance back when its response is made, whatever came of
 * it, and before the last bytes have left: nothing of the instance's may be
 * among bytes that are not copied (HBR_REQUEST, release), nor be used by what
 * was given to hbr_defer().
 */
#ifndef HANDLERBRIDGE_LIFETIME_H
#define HANDLERBRIDGE_LIFETIME_H

#include "context.h"

typedef enum {
    /** Made for each request, ended with its response. */
    HBR_PER_REQUEST = 0,
    /** Kept and used again, never by two requests at once, also not by one
     *  and another that it makes: needs no locks. At most BridgePoolMax of
     *  them in a child, 503 when none comes free within BridgePoolWait; idle
     *  ones are ended after BridgePoolIdle, maybe in a thread that runs no
     *  request (not on prefork). */
    HBR_POOLED,
    /** One in each child, made at its start, used by all threads at once: has
     *  to be safe for that. */
    HBR_PER_PROCESS
} hbr_lifetime_e;

/**
 * Tells that this request's instance must not be used again: a pooled one is
 * ended instead of kept. Nothing happens for the other lifetimes.
 */
HBR_API void hbr_instance_broken(hbr_context_t *ctx);

#endif
