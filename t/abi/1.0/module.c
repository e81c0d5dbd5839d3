/* A module of its own as it was compiled with version 1.0 of the headers beside
 * this file, which are kept as they were: the suite (t/outside.t) loads it into
 * today's bridge. */
#include "handlerbridge_module.h"

HBR_MODULE(abi_1_0);

typedef struct in_t {
    const char *name;
    int64_t number;
    hbr_strings_t tags;
} in_t;

static const hbr_input_t inputs[] = {
    HBR_STRING(in_t, name, "name", .fallback = "nobody", .max = 20),
    HBR_INT(in_t, number, "number", .min = 1, .max = 9, .fallback = 4),
    HBR_STRINGS(in_t, tags, "tag", .most = 3), HBR_INPUTS_END
};

static apr_status_t start(hbr_child_t *child)
{
    child->data = apr_pstrdup(child->pool, "started");
    hbr_child_log(child, HBR_LOG_NOTICE, "version %d.%d", HBR_ABI_MAJOR,
                  HBR_ABI_MINOR);
    return APR_SUCCESS;
}

static int process(hbr_context_t *ctx)
{
    const in_t *in = hbr_inputs(ctx);
    apr_size_t i;

    hbr_header_set(ctx, "X-Abi", "1.0");
    hbr_html(ctx, "<p>%s %d %s</p>\n", in->name, (int)in->number,
             (const char *)ctx->child->data);
    for (i = 0; i < in->tags.count; i++)
        hbr_html(ctx, "<i>%s</i>\n", in->tags.values[i]);
    hbr_printf(ctx, "%d %d\n", hbr_input_given(ctx, "number"),
               hbr_committed(ctx));
    return HBR_OK;
}

HBR_HANDLER(abi, .process = process, .name = "abi-1.0", .inputs = inputs,
            .start = start, .summary = "Compiled against 1.0");

/* The first function of the table and the last, and a whole body. */
static int whole(hbr_context_t *ctx)
{
    static const hbr_content_t about = { .type = "text/x-abi", .etag = "abi" };
    char *text = apr_psprintf(ctx->pool, "%d %d 0123456789",
                              (int)hbr_body_length(ctx), hbr_committed(ctx));

    return hbr_bytes(ctx, text, strlen(text), &about);
}

HBR_HANDLER(abi_whole, .process = whole, .name = "abi-1.0-whole");
