/* For the tests: compiled with headers of another major version. */
#include "handlerbridge_module.h"

#undef HBR_ABI_MAJOR
#define HBR_ABI_MAJOR 99

HBR_MODULE(major);

static int process(hbr_context_t *ctx)
{
    return hbr_text(ctx, "major\n");
}

HBR_HANDLER(major_answer, .process = process);
