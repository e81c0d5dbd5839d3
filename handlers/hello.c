#include "handlerbridge.h"

static int hello(hbr_context_t *ctx)
{
    return hbr_text(ctx, "Hello, %s!\n", hbr_query(ctx, "name", "world"));
}

HBR_HANDLER(hello, .process = hello, .methods = "GET");
