/**
 * @file status.c
 * @brief For t/status.t: a handler with metrics of its own, that fails when it
 *        is asked to.
 */
#include <stdlib.h>

#include "handlerbridge.h"

enum { SOLD, RENDER };
static const hbr_metric_t metrics[] = { [SOLD] = HBR_COUNTER(
                                            "sold", .help = "what was sold"),
                                        [RENDER] = HBR_TIMER("render"),
                                        HBR_METRICS_END };

static int ignore(void *data, const char *bytes, apr_size_t length)
{
    (void)data;
    (void)bytes;
    (void)length;
    return HBR_OK;
}

static int count(hbr_context_t *ctx)
{
    int rc = hbr_body_stream(ctx, ignore, NULL);
    int status = atoi(hbr_query(ctx, "status", "0"));

    if (rc != HBR_OK)
        return rc;
    hbr_count(ctx, SOLD, 1);
    hbr_observe(ctx, RENDER, 0.001);
    return status != 0 ? status : hbr_text(ctx, "0123456789");
}

HBR_HANDLER(status_count, .process = count, .methods = "GET, POST",
            .metrics = metrics);
