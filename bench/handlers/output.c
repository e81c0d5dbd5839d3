/*
 * The bridge's side of `make bench BENCH=output`: text in many pieces, and a
 * file. No state.
 */
#include <string.h>

#include "handlerbridge.h"

#define PIECES 256
#define PIECE 4096
#define LINES 20

static int writes(hbr_context_t *ctx)
{
    char piece[PIECE];

    memset(piece, 'x', sizeof(piece));
    hbr_type(ctx, "text/plain; charset=utf-8");
    for (int i = 0; i < PIECES; i++)
        hbr_write(ctx, piece, sizeof(piece));
    return HBR_OK;
}

HBR_HANDLER(writes, .name = "bench-writes", .process = writes);

static int lines(hbr_context_t *ctx)
{
    hbr_type(ctx, "text/plain; charset=utf-8");
    for (int i = 0; i < LINES; i++)
        hbr_printf(ctx, "line %d of %s\n", i, ctx->uri);
    return HBR_OK;
}

HBR_HANDLER(lines, .name = "bench-lines", .process = lines);

typedef struct options_t {
    const char *path;
} options_t;

static const hbr_input_t options[] = { HBR_STRING(options_t, path, "path",
                                                  .fallback = "",
                                                  .help = "the file to send"),
                                       HBR_INPUTS_END };

static int file(hbr_context_t *ctx)
{
    const options_t *set = ctx->options;

    return hbr_file(ctx, set->path, NULL);
}

HBR_HANDLER(file, .name = "bench-file", .process = file, .options = options);
