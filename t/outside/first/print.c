/* For the tests: the functions that take a printf format, each reached through
 * its form with a va_list, from a request and from start. */
#include "handlerbridge.h"

#include <string.h>

typedef struct in_t {
    const char *how;
    int64_t number;
} in_t;

static const char *const types[] = { "text/html", "text/plain", NULL };

static const hbr_input_t inputs[] = {
    HBR_STRING(in_t, how, "how", .required = true, .max = 20),
    HBR_INT(in_t, number, "number", .max = 9, .fallback = 3), HBR_INPUTS_END
};

static apr_status_t start(hbr_child_t *child)
{
    child->data = (void *)"started";
    hbr_child_log(child, HBR_LOG_NOTICE, "start of %s, %d", "first", 7);
    return APR_SUCCESS;
}

static int process(hbr_context_t *ctx)
{
    const in_t *in = hbr_inputs(ctx);
    int number = (int)in->number;

    if (strcmp(in->how, "text") == 0)
        return hbr_text(ctx, "%d %s %.2f %%\n", number, "<text>", 0.5);
    if (strcmp(in->how, "error") == 0)
        return hbr_error(ctx, 409, "%s number %d", "Conflict", number);
    if (strcmp(in->how, "bare-error") == 0)
        return hbr_error(ctx, 410, NULL);
    if (strcmp(in->how, "bytes") == 0)
        return hbr_bytes(
            ctx, "0123456789", 10,
            &(hbr_content_t){ .type = "text/x-ten", .etag = "ten" });
    hbr_html(ctx, "<p title=\"%s\">%5d|%-4s|%lld</p>\n", "<\"&", number, "<",
             1LL << 40);
    hbr_printf(ctx, "%s %c %zu %s\n", "<raw>", 'x', sizeof(char),
               (const char *)ctx->child->data);
    hbr_log(ctx, HBR_LOG_NOTICE, "printed %d of %s", number, "first");
    hbr_printf(ctx, "%d\n", hbr_negotiate(ctx, types));
    return HBR_OK;
}

HBR_HANDLER(print, .process = process, .name = "first-print", .inputs = inputs,
            .methods = "GET, POST", .start = start);
