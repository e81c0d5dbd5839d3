/* For the tests: its handler has the name of one in the module first. */
#include "handlerbridge_module.h"

HBR_MODULE(twin);

static int process(hbr_context_t *ctx)
{
    return hbr_text(ctx, "twin\n");
}

HBR_HANDLER(twin, .process = process, .name = "first-answer");
