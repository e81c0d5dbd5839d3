/*
 * The bridge's side of `make bench BENCH=cache`: one call of the shared cache,
 * which the request finds full after its first.
 */
#include "handlerbridge.h"

#define LENGTH 1000

static int make(hbr_context_t *ctx, void *data, hbr_cached_t *made)
{
    (void)data;
    made->data = apr_pcalloc(ctx->pool, LENGTH);
    made->length = LENGTH;
    return HBR_OK;
}

static int fetches(hbr_context_t *ctx)
{
    hbr_cached_t value;

    hbr_cache_fetch(ctx, "value", HBR_FOR(3600), make, NULL, &value);
    return hbr_text(ctx, "Hello, world!\n");
}

HBR_HANDLER(fetches, .name = "bench-fetches", .process = fetches);

static int counts(hbr_context_t *ctx)
{
    hbr_cache_increment(ctx, "number", 1, HBR_FOR(3600), NULL);
    return hbr_text(ctx, "Hello, world!\n");
}

HBR_HANDLER(counts, .name = "bench-counts", .process = counts);
