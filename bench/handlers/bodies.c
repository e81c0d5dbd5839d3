/*
 * The bridge's side of `make bench BENCH=bodies`: forms that are read and
 * thrown away. Each answers what it saw, so that the measurement can tell that
 * everything was read. No state.
 */
#include "handlerbridge.h"

typedef struct seen_t {
    apr_size_t parts;
    apr_off_t bytes;
} seen_t;

static int answer(hbr_context_t *ctx, const char *what, const seen_t *seen)
{
    return hbr_text(ctx, "%" APR_SIZE_T_FMT " %s of %" APR_OFF_T_FMT " bytes\n",
                    seen->parts, what, seen->bytes);
}

static int begin(void *data, const hbr_part_t *part)
{
    seen_t *seen = data;

    (void)part;
    seen->parts++;
    return HBR_OK;
}

static int take(void *data, const char *bytes, apr_size_t length)
{
    seen_t *seen = data;

    (void)bytes;
    seen->bytes += length;
    return HBR_OK;
}

static int stream(hbr_context_t *ctx)
{
    static const hbr_parts_t parts = { .begin = begin, .take = take };
    seen_t seen = { 0, 0 };
    int result = hbr_form_stream(ctx, &parts, &seen);

    return result == HBR_OK ? answer(ctx, "parts", &seen) : result;
}

HBR_HANDLER(stream, .name = "bench-stream", .process = stream,
            .methods = "POST");

static int fields(hbr_context_t *ctx)
{
    const hbr_pair_t *field = NULL;
    seen_t seen = { 0, 0 };
    int result = hbr_form_read(ctx);

    if (result != HBR_OK)
        return result;
    while ((field = hbr_form_next(ctx, NULL, field)) != NULL) {
        seen.parts++;
        seen.bytes += field->value_length;
    }
    return answer(ctx, "fields", &seen);
}

HBR_HANDLER(fields, .name = "bench-fields", .process = fields,
            .methods = "POST");
