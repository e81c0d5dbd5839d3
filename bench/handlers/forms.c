/*
 * The bridge's side of `make bench BENCH=forms`: a form of which one field
 * counts, and a body of which the digest does. No state.
 */
#include "handlerbridge.h"

static int form(hbr_context_t *ctx)
{
    int result = hbr_form_read(ctx);

    if (result != HBR_OK)
        return result;
    return hbr_text(ctx, "%s\n", hbr_form(ctx, "wanted", "not given"));
}

HBR_HANDLER(form, .name = "bench-form", .process = form, .methods = "POST");

static int take(void *digest, const char *bytes, apr_size_t length)
{
    hbr_digest_update(digest, bytes, length);
    return HBR_OK;
}

static int hash(hbr_context_t *ctx)
{
    hbr_digest_t *digest = hbr_digest_create(ctx->pool);
    const char *sum;
    int result;

    if (digest == NULL)
        return hbr_error(ctx, 500, NULL);
    result = hbr_body_stream(ctx, take, digest);
    if (result != HBR_OK)
        return result;
    sum = hbr_digest_end(digest);
    return sum != NULL ? hbr_text(ctx, "%s\n", sum) : hbr_error(ctx, 500, NULL);
}

HBR_HANDLER(hash, .name = "bench-hash", .process = hash, .methods = "POST");
