/**
 * @file show.c
 * @brief For the tests: shows a handler's view of its request, a line a fact.
 *
 * The query's pairs come last, in order, each as "pair name=value".
 */
#include "handlerbridge.h"

static void show(hbr_context_t *ctx, const char *name, const char *value)
{
    hbr_printf(ctx, "%s=%s\n", name, value == NULL ? "(null)" : value);
}

static int process(hbr_context_t *ctx)
{
    const hbr_pair_t *pair = NULL;

    hbr_type(ctx, "text/plain; charset=utf-8");
    show(ctx, "method", ctx->method);
    show(ctx, "uri", ctx->uri);
    show(ctx, "path_info", ctx->path_info);
    show(ctx, "args", ctx->args);
    show(ctx, "scheme", hbr_scheme(ctx));
    show(ctx, "user", hbr_user(ctx));
    show(ctx, "client", hbr_client_address(ctx));
    show(ctx, "agent", hbr_header(ctx, "User-Agent", "none"));
    while ((pair = hbr_query_next(ctx, NULL, pair)) != NULL)
        hbr_printf(ctx, "pair %s=%s\n", pair->name, pair->value);
    return HBR_OK;
}

HBR_HANDLER(show, .process = process, .methods = "GET, POST");
