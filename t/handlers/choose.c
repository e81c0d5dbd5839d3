/**
 * @file choose.c
 * @brief For the tests: a factory that chooses as the path says, and what it
 *        chooses.
 *
 * The last word of the path is the way; handler=NAME and a method choose, too.
 */
#include <string.h>

#include "handlerbridge.h"

typedef struct chosen_in_t {
    int64_t number;
} chosen_in_t;

typedef struct chosen_set_t {
    const char *text;
} chosen_set_t;

static const hbr_input_t inputs[] = { HBR_INT(chosen_in_t, number, "number",
                                              .max = 9, .required = true),
                                      HBR_INPUTS_END };

static const hbr_input_t options[] = {
    HBR_STRING(chosen_set_t, text, "text", .fallback = "none"), HBR_INPUTS_END
};

static int show(hbr_context_t *ctx)
{
    const chosen_set_t *set = ctx->options;
    const chosen_in_t *in = hbr_inputs(ctx);
    const char *field = apr_table_get(ctx->headers_out, "X-Factory");

    return hbr_text(
        ctx, "chosen %s text=%s number=%d path=%s way=%s field=%s\n",
        ctx->method, set->text, (int)in->number, ctx->path_info,
        hbr_path(ctx, "way", "none"), field != NULL ? field : "none");
}

HBR_HANDLER(chosen, .process = show, .methods = "GET, POST", .inputs = inputs,
            .options = options);

static int take(hbr_context_t *ctx)
{
    return hbr_text(ctx, "taken %s\n", ctx->method);
}

HBR_HANDLER(chosen_writer, .process = take, .methods = "PUT, DELETE");

static int decline(hbr_context_t *ctx)
{
    (void)ctx;
    return HBR_DECLINED;
}

HBR_HANDLER(chosen_declines, .process = decline, .methods = "*");

static int by_name(hbr_context_t *ctx, hbr_choice_t *choice)
{
    choice->name = hbr_query(ctx, "handler", NULL);
    return HBR_OK;
}

static int by_method(hbr_context_t *ctx, hbr_choice_t *choice)
{
    bool writes =
        strcmp(ctx->method, "PUT") == 0 || strcmp(ctx->method, "DELETE") == 0;

    choice->handler = writes ? &hbr_handler_chosen_writer : &hbr_handler_chosen;
    return HBR_OK;
}

static int writer(hbr_context_t *ctx, hbr_choice_t *choice)
{
    (void)ctx;
    choice->handler = &hbr_handler_chosen_writer;
    return HBR_OK;
}

static int declined(hbr_context_t *ctx, hbr_choice_t *choice)
{
    (void)ctx;
    choice->handler = &hbr_handler_chosen;
    return HBR_DECLINED;
}

static int not_found(hbr_context_t *ctx, hbr_choice_t *choice)
{
    (void)choice;
    return hbr_error(ctx, 404, "No such way.");
}

static int too_long(hbr_context_t *ctx, hbr_choice_t *choice)
{
    (void)ctx;
    (void)choice;
    return 414;
}

static int nothing(hbr_context_t *ctx, hbr_choice_t *choice)
{
    (void)ctx;
    (void)choice;
    return HBR_OK;
}

/* What is set before the choice is not the chosen one's. */
static int fields(hbr_context_t *ctx, hbr_choice_t *choice)
{
    hbr_status(ctx, 202);
    hbr_header_set(ctx, "X-Factory", "set");
    return by_method(ctx, choice);
}

static int wrote(hbr_context_t *ctx, hbr_choice_t *choice)
{
    hbr_puts(ctx, "written by the factory\n");
    return by_method(ctx, choice);
}

static int read_body(hbr_context_t *ctx, hbr_choice_t *choice)
{
    hbr_form(ctx, "number", NULL);
    return by_method(ctx, choice);
}

static const struct {
    const char *word;
    int (*choose)(hbr_context_t *ctx, hbr_choice_t *choice);
} ways[] = { { "name", by_name },        { "method", by_method },
             { "writer", writer },       { "declined", declined },
             { "not-found", not_found }, { "too-long", too_long },
             { "nothing", nothing },     { "fields", fields },
             { "wrote", wrote },         { "body", read_body } };

static int choose(hbr_context_t *ctx, hbr_choice_t *choice)
{
    const char *word = strrchr(ctx->uri, '/') + 1;
    size_t i;

    for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        if (strcmp(ways[i].word, word) == 0)
            return ways[i].choose(ctx, choice);
    return HBR_DECLINED;
}

HBR_HANDLER(choose, .choose = choose, .methods = "*", .options = options);

/* One that takes less than what it chooses, and one before another. */
HBR_HANDLER(choose_get, .choose = by_method, .methods = "GET, PUT");
HBR_HANDLER(choose_on, .choose = by_name, .methods = "*");
