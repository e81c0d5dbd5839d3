/**
 * @file descriptor.c
 * @brief For the tests: shows what a descriptor file, or another mapping, set.
 */
#include "handlerbridge.h"

typedef struct described_t {
    const char *text;
    int64_t size;
    bool bold;
    int style;
} described_t;

static const char *const styles[] = { "plain", "round", NULL };

static const hbr_input_t options[] = {
    HBR_STRING(described_t, text, "text", .max = 200, .fallback = "none"),
    HBR_INT(described_t, size, "size", .min = 8, .max = 144, .fallback = 32),
    HBR_BOOL(described_t, bold, "bold"),
    HBR_ENUM(described_t, style, "style", .values = styles, .fallback = 0),
    HBR_INPUTS_END
};

static int process(hbr_context_t *ctx)
{
    const described_t *set = ctx->options;

    hbr_type(ctx, "text/plain; charset=utf-8");
    return hbr_printf(ctx,
                      "described %s text=%s size=%d bold=%d style=%s path=%s\n",
                      ctx->method, set->text, (int)set->size, set->bold,
                      styles[set->style], ctx->path_info)
                   == APR_SUCCESS
               ? HBR_OK
               : 500;
}

HBR_HANDLER(described, .process = process, .methods = "GET, POST",
            .options = options);
