/**
 * @file handlerbridge.h
 * @brief The one header a handler includes.
 *
 * A handler is one function and one declaration:
 *
 *     static int hello(hbr_context_t *ctx)
 *     {
 *         return hbr_text(ctx, "Hello, %s!\n", hbr_query(ctx, "name", "world"));
 *     }
 *
 *     HBR_HANDLER(hello, .process = hello, .methods = "GET");
 *
 * Conventions that hold for every function here:
 *
 * - What a function hands out lives until the request ends; nothing is freed
 *   by the author. The one exception is named in output.h (hbr_source()).
 * - A context belongs to one request and to the thread that runs it.
 * - Functions that return `int` return a handler's result (HBR_OK or an HTTP
 *   status) and are meant to be returned: `return hbr_text(...);`.
 * - Functions that return `apr_status_t` may be ignored: a failed write
 *   sticks, and the bridge ends the response right.
 * - No function keeps a pointer into the caller's stack, and none blocks
 *   unless its comment says so.
 */
#ifndef HANDLERBRIDGE_H
#define HANDLERBRIDGE_H

#include "handlerbridge/api.h"
#include "handlerbridge/application.h"
#include "handlerbridge/body.h"
#include "handlerbridge/cache.h"
#include "handlerbridge/client.h"
#include "handlerbridge/context.h"
#include "handlerbridge/database.h"
#include "handlerbridge/digest.h"
#include "handlerbridge/escape.h"
#include "handlerbridge/form.h"
#include "handlerbridge/input.h"
#include "handlerbridge/lifetime.h"
#include "handlerbridge/log.h"
#include "handlerbridge/mapping.h"
#include "handlerbridge/metric.h"
#include "handlerbridge/output.h"
#include "handlerbridge/request.h"
#include "handlerbridge/response.h"
#include "handlerbridge/session.h"
#include "handlerbridge/trace.h"
#include "handlerbridge/handler.h"

#endif
