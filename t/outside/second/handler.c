/* For the tests: first and second have this file's name and its identifiers in
 * common, with other contents. */
#include "handlerbridge.h"

static int calls;

static const char *word(void)
{
    return "second";
}

static int process(hbr_context_t *ctx)
{
    calls++;
    return hbr_text(ctx, "%s answers %s, %s\n", word(),
                    hbr_query(ctx, "name", "nobody"),
                    calls > 0 ? "again" : "never");
}

HBR_HANDLER(answer, .process = process, .name = "second-answer");
