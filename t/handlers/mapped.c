/**
 * @file mapped.c
 * @brief For the tests: what a mapping tells its handler, a line a fact, and
 *        handlers that differ in their methods.
 */
#include "handlerbridge.h"

typedef struct look_t {
    const char *title;
    int64_t size;
    double ratio;
    bool deep;
    int format;
    apr_time_t day;
} look_t;

static const char *const formats[] = { "png", "jpeg", NULL };

static const hbr_input_t options[] = {
    HBR_STRING(look_t, title, "title", .max = 20, .fallback = "none",
               .help = "what stands above it"),
    HBR_INT(look_t, size, "size", .min = 1, .max = 99, .fallback = 8,
            .help = "in points"),
    HBR_DOUBLE(look_t, ratio, "ratio", .min = 0.5, .max = 2, .fallback = 1),
    HBR_BOOL(look_t, deep, "deep"),
    HBR_ENUM(look_t, format, "format", .values = formats),
    HBR_DATE(look_t, day, "day"),
    HBR_INPUTS_END
};

static void show_mapping(hbr_context_t *ctx, const char *handler)
{
    static const char *const names[] = { "id", "key", "day", "rest" };
    apr_size_t i;

    hbr_type(ctx, "text/plain; charset=utf-8");
    hbr_printf(ctx, "handler=%s\nmethod=%s\nuri=%s\npath_info=%s\n", handler,
               ctx->method, ctx->uri, ctx->path_info);
    for (i = 0; i < sizeof(names) / sizeof(*names); i++)
        hbr_printf(ctx, "%s=%s\n", names[i], hbr_path(ctx, names[i], "-"));
}

static void show_options(hbr_context_t *ctx)
{
    const look_t *look = ctx->options;

    hbr_printf(ctx, "title=%s\nsize=%d\nratio=%g\ndeep=%d\nformat=%s\n",
               look->title, (int)look->size, look->ratio, look->deep,
               formats[look->format]);
    hbr_printf(ctx, "seconds=%d\n", (int)(look->day / APR_USEC_PER_SEC));
}

static int mapped(hbr_context_t *ctx)
{
    show_mapping(ctx, "mapped");
    show_options(ctx);
    return HBR_OK;
}

HBR_HANDLER(mapped, .process = mapped, .methods = "GET, POST",
            .options = options, .summary = "Shows what its mapping says");

/* t/options.t sets its options for the whole server. */
HBR_HANDLER(mapped_set, .process = mapped, .methods = "GET, POST",
            .options = options);

static int mapped_put(hbr_context_t *ctx)
{
    show_mapping(ctx, "mapped_put");
    return HBR_OK;
}

HBR_HANDLER(mapped_put, .process = mapped_put, .methods = "PUT, DELETE");

static int mapped_any(hbr_context_t *ctx)
{
    show_mapping(ctx, "mapped_any");
    return HBR_OK;
}

HBR_HANDLER(mapped_any, .process = mapped_any, .methods = "*");

typedef struct number_t {
    int64_t id;
} number_t;

static const hbr_input_t inputs[] = {
    HBR_INT(number_t, id, "id", .from = HBR_FROM_PATH, .min = 1, .max = 99),
    HBR_INPUTS_END
};

static int mapped_input(hbr_context_t *ctx)
{
    const number_t *number = hbr_inputs(ctx);

    return hbr_text(ctx, "number %d, given %d\n", (int)number->id,
                    hbr_input_given(ctx, "id"));
}

HBR_HANDLER(mapped_input, .process = mapped_input, .inputs = inputs);

static int choose(hbr_context_t *ctx, hbr_choice_t *choice)
{
    choice->name = hbr_query(ctx, "name", "mapped");
    return HBR_OK;
}

HBR_HANDLER(mapped_choice, .choose = choose, .methods = "*");
