/**
 * @file decline.c
 * @brief For the tests: a handler that takes no request.
 */
#include "handlerbridge.h"

static int decline(hbr_context_t *ctx)
{
    (void)ctx;
    return HBR_DECLINED;
}

HBR_HANDLER(decline, .process = decline, .methods = "GET, POST",
            .summary = "Declines every request");
