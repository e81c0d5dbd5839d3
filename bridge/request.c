/*
 * Facts about the request. What httpd has ready is handed on; nothing is
 * copied and nothing parsed here.
 */
#include "accept.h"
#include "language.h"
#include "state.h"
#include "vary.h"

static const hbr_host_request_t *host_of(const hbr_context_t *ctx)
{
    return ctx->state->request.host->request;
}

static void *request_of(const hbr_context_t *ctx)
{
    return ctx->state->request.request;
}

const char *hbr_param(hbr_context_t *ctx, const char *name,
                      const char *fallback)
{
    const char *value = hbr_query(ctx, name, NULL);

    if (value == NULL)
        value = hbr_form(ctx, name, NULL);
    if (value == NULL)
        value = hbr_cookie(ctx, name, NULL);
    if (value == NULL)
        value = hbr_variable(ctx, name);
    return value != NULL ? value : fallback;
}

const char *hbr_header(hbr_context_t *ctx, const char *name,
                       const char *fallback)
{
    const char *value = apr_table_get(ctx->headers_in, name);

    return value != NULL ? value : fallback;
}

const char *hbr_variable(hbr_context_t *ctx, const char *name)
{
    return host_of(ctx)->variable(request_of(ctx), name);
}

const char *hbr_client_address(hbr_context_t *ctx)
{
    return host_of(ctx)->client_address(request_of(ctx));
}

const char *hbr_user(hbr_context_t *ctx)
{
    return host_of(ctx)->user(request_of(ctx));
}

const char *hbr_scheme(hbr_context_t *ctx)
{
    return host_of(ctx)->scheme(request_of(ctx));
}

apr_time_t hbr_request_time(hbr_context_t *ctx)
{
    return ctx->state->request.time;
}

int hbr_negotiate(hbr_context_t *ctx, const char *const types[])
{
    if (!hbr_committed(ctx))
        hbr_vary(ctx, "Accept");
    return hbr_accept_best(apr_table_get(ctx->headers_in, "Accept"), types);
}

int hbr_negotiate_language(hbr_context_t *ctx, const char *const languages[])
{
    if (!hbr_committed(ctx))
        hbr_vary(ctx, "Accept-Language");
    return hbr_language_best(apr_table_get(ctx->headers_in, "Accept-Language"),
                             languages);
}
