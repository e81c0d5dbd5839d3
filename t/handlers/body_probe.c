/**
 * @file body_probe.c
 * @brief For the tests: reads a body as the query says.
 *
 * /?as=json gives JSON back, /?as=whole at most 100 bytes, /?as=twice streams
 * the body and then wants it whole.
 */
#include <jansson.h>
#include <string.h>

#include "handlerbridge.h"

static int pass_over(void *data, const char *bytes, apr_size_t length)
{
    (void)data;
    (void)bytes;
    (void)length;
    return HBR_OK;
}

static int json(hbr_context_t *ctx)
{
    json_t *root;
    int rc = hbr_body_json(ctx, &root);

    return rc == HBR_OK ? hbr_json(ctx, json_incref(root)) : rc;
}

static int whole(hbr_context_t *ctx)
{
    const char *bytes;
    apr_size_t length;
    int rc = hbr_body(ctx, 100, &bytes, &length);

    return rc == HBR_OK ? hbr_text(ctx, "%s", bytes) : rc;
}

static int process(hbr_context_t *ctx)
{
    const char *as = hbr_query(ctx, "as", "");
    int rc = HBR_OK;

    if (strcmp(as, "json") == 0)
        return json(ctx);
    if (strcmp(as, "twice") == 0)
        rc = hbr_body_stream(ctx, pass_over, NULL);
    return rc == HBR_OK ? whole(ctx) : rc;
}

HBR_HANDLER(body_probe, .process = process, .methods = "POST");
