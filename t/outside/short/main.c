/* For the tests: its headers have a function that the bridge has not. */
#include "handlerbridge_module.h"

typedef struct longer_t {
    hbr_api_t known;
    void (*unknown)(void);
} longer_t;

/* HBR_MODULE() takes this one's size. */
#define hbr_api_t longer_t
HBR_MODULE(short);

static int process(hbr_context_t *ctx)
{
    return hbr_text(ctx, "short\n");
}

HBR_HANDLER(short_answer, .process = process);
