/* For the tests: compiled with headers of a newer minor version. */
#include "handlerbridge_module.h"

#undef HBR_ABI_MINOR
#define HBR_ABI_MINOR 99

HBR_MODULE(minor);

static int process(hbr_context_t *ctx)
{
    return hbr_text(ctx, "minor\n");
}

HBR_HANDLER(minor_answer, .process = process);
