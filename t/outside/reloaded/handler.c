/*
 * For the test of reloading: a handler of which there are versions.
 *
 * What it answers begins and ends with its version, and in between is made of
 * it, so that two versions' parts in one body are seen. It has something to
 * lose in all that may be left behind when a module goes: what start took and
 * stop frees, a pooled instance, an option of the configuration, and a variable
 * that the module's file brings.
 */
#include "handlerbridge.h"

#include <stdlib.h>
#include <string.h>

#include <apr_time.h>

#ifndef VERSION
#define VERSION 1
#endif

#define PIECE 1024

typedef struct in_t {
    int64_t pieces;
    int64_t pause;
} in_t;

static const hbr_input_t inputs[] = {
    HBR_INT(in_t, pieces, "pieces", .min = 1, .max = 100, .fallback = 4,
            .help = "how many pieces the body has"),
    HBR_INT(in_t, pause, "pause", .max = 1000,
            .help = "milliseconds before each piece, which is sent at once"),
    HBR_INPUTS_END
};

typedef struct options_t {
    const char *word;
} options_t;

static const hbr_input_t options[] = {
    HBR_STRING(options_t, word, "word", .max = 20, .fallback = "nothing"),
    HBR_INPUTS_END
};

/* 0 when the file has just been loaded. */
static int starts;

static apr_status_t start(hbr_child_t *child)
{
    starts++;
    child->data = malloc(PIECE);
    if (child->data == NULL)
        return APR_ENOMEM;
    memset(child->data, 'a' + VERSION, PIECE);
    hbr_child_log(child, HBR_LOG_INFO, "version %d starts", VERSION);
    return APR_SUCCESS;
}

static void stop(hbr_child_t *child)
{
    free(child->data);
    hbr_child_log(child, HBR_LOG_INFO, "version %d stops", VERSION);
}

static apr_status_t create(const hbr_child_t *child, apr_pool_t *pool,
                           void **instance)
{
    char *piece = malloc(PIECE);

    (void)pool;
    if (piece == NULL)
        return APR_ENOMEM;
    *instance = memcpy(piece, child->data, PIECE);
    return APR_SUCCESS;
}

static void destroy(const hbr_child_t *child, void *instance)
{
    (void)child;
    free(instance);
}

static int version(hbr_context_t *ctx)
{
    const in_t *in = hbr_inputs(ctx);
    const options_t *set = ctx->options;
    int64_t i;

    hbr_type(ctx, "text/plain");
    hbr_printf(ctx, "version %d, start %d: %s\n", VERSION, starts, set->word);
    for (i = 0; i < in->pieces; i++) {
        if (in->pause > 0) {
            hbr_flush(ctx);
            apr_sleep(apr_time_from_msec(in->pause));
        }
        hbr_write(ctx, ctx->instance, PIECE);
    }
    hbr_printf(ctx, "\nend of version %d\n", VERSION);
    return HBR_OK;
}

HBR_HANDLER(version, .process = version, .inputs = inputs, .options = options,
            .lifetime = HBR_POOLED, .start = start, .stop = stop,
            .create = create, .destroy = destroy);
