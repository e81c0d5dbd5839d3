/*
 * The handler "bridge-status". It is linked in like any other and mapped by
 * nobody but the administrator, who says who may see it.
 *
 * The page's policy names the digests of its style and script, worked out once
 * in each child: what a handler or a client may have put into a text runs
 * nowhere, even where it was not escaped.
 */
#include "status.h"

#include <stdlib.h>
#include <string.h>

#include <apr_base64.h>
#include <apr_strings.h>

#define OPENMETRICS "application/openmetrics-text; version=1.0.0"
#define SHA256_SIZE 32

typedef enum { HTML = 0, JSON, METRICS } form_e;

typedef struct asked_t {
    int form; /* -1: by Accept */
    int sort;
    int order; /* -1: as suits the column */
    const char *handler;
} asked_t;

static const char *const forms[] = { "html", "json", "openmetrics", NULL };
static const char *const orders[] = { "asc", "desc", NULL };

static const hbr_input_t inputs[] = {
    HBR_ENUM(asked_t, form, "format", .values = forms, .fallback = -1,
             .help = "html, json or openmetrics"),
    HBR_ENUM(asked_t, sort, "sort", .values = hbr_status_sorts,
             .help = "the column to sort by"),
    HBR_ENUM(asked_t, order, "order", .values = orders, .fallback = -1,
             .help = "asc or desc"),
    HBR_STRING(asked_t, handler, "handler", .max = 64,
               .help = "the only handler to show"),
    HBR_INPUTS_END
};

/* "sha256-..." (Content Security Policy Level 3, 2.3.1) */
static const char *source_of(apr_pool_t *pool, const char *text)
{
    hbr_digest_t *digest = hbr_digest_create(pool);
    unsigned char bytes[SHA256_SIZE];
    const char *hex;
    char *encoded;
    int i;

    if (digest == NULL)
        return "none";
    hbr_digest_update(digest, text, strlen(text));
    hex = hbr_digest_end(digest);
    if (hex == NULL)
        return "none";
    for (i = 0; i < SHA256_SIZE; i++)
        bytes[i] = (unsigned char)strtoul(apr_pstrmemdup(pool, hex + i * 2, 2),
                                          NULL, 16);
    encoded = apr_palloc(pool, apr_base64_encode_len(SHA256_SIZE));
    apr_base64_encode_binary(encoded, bytes, SHA256_SIZE);
    return apr_pstrcat(pool, "sha256-", encoded, NULL);
}

static apr_status_t start(hbr_child_t *child)
{
    child->data =
        apr_psprintf(child->pool,
                     "default-src 'none'; script-src '%s'; style-src '%s'; "
                     "connect-src 'self'; base-uri 'none'; form-action 'none'; "
                     "frame-ancestors 'none'",
                     source_of(child->pool, hbr_status_script),
                     source_of(child->pool, hbr_status_style));
    return APR_SUCCESS;
}

static int form_of(hbr_context_t *ctx, const asked_t *asked)
{
    static const char *const types[] = { "text/html", "application/json",
                                         OPENMETRICS, NULL };

    return asked->form >= 0 ? asked->form : hbr_negotiate(ctx, types);
}

static void write_form(hbr_context_t *ctx, int form, const hbr_status_t *status)
{
    switch (form) {
    case JSON:
        hbr_type(ctx, "application/json");
        hbr_status_json(ctx, status);
        break;
    case METRICS:
        hbr_type(ctx, OPENMETRICS "; charset=utf-8");
        hbr_status_openmetrics(ctx, status);
        break;
    default: hbr_status_html(ctx, status);
    }
}

static int show(hbr_context_t *ctx)
{
    const asked_t *asked = hbr_inputs(ctx);
    int form = form_of(ctx, asked);
    hbr_status_t status = { .metrics = hbr_metrics_of(ctx),
                            .now = apr_time_now(),
                            .handler = asked->handler,
                            .sort = (hbr_status_column_e)asked->sort };

    hbr_header_set(ctx, "Cache-Control", "no-store");
    hbr_header_set(ctx, "Content-Security-Policy", ctx->child->data);
    hbr_header_set(ctx, "X-Content-Type-Options", "nosniff");
    hbr_header_set(ctx, "Referrer-Policy", "no-referrer");
    if (form < 0)
        return hbr_error(ctx, 406, "There are HTML, JSON and OpenMetrics.");
    status.is_descending = asked->order >= 0 ? asked->order == 1
                                             : !hbr_status_is_text(status.sort);
    hbr_status_gather(ctx, &status);
    if (status.handler != NULL && status.rows->nelts == 0)
        return hbr_error(ctx, 404, "There is no handler of that name.");
    write_form(ctx, form, &status);
    return HBR_OK;
}

HBR_HANDLER(bridge_status, .process = show, .name = "bridge-status",
            .methods = "GET", .inputs = inputs, .start = start,
            .summary = "What is known of each handler, and what was counted");
