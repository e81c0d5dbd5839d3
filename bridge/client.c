/*
 * Facts about the client and his connection. The host knows them; nothing is
 * kept here. What is made of his certificate is in certificate.c.
 */
#include <string.h>

#include "state.h"

static const hbr_host_client_t *host_of(const hbr_context_t *ctx)
{
    return ctx->state->request.host->client;
}

static void *request_of(const hbr_context_t *ctx)
{
    return ctx->state->request.request;
}

const char *hbr_client_address(hbr_context_t *ctx)
{
    return host_of(ctx)->address(request_of(ctx));
}

const char *hbr_user(hbr_context_t *ctx)
{
    return host_of(ctx)->user(request_of(ctx));
}

const char *hbr_auth_type(hbr_context_t *ctx)
{
    return host_of(ctx)->auth_type(request_of(ctx));
}

const char *hbr_scheme(hbr_context_t *ctx)
{
    return host_of(ctx)->scheme(request_of(ctx));
}

bool hbr_is_secure(hbr_context_t *ctx)
{
    return host_of(ctx)->is_secure(request_of(ctx));
}

/* mod_ssl's look-up knows "HTTP:Authorization" and more that is no TLS. */
const char *hbr_tls(hbr_context_t *ctx, const char *name)
{
    if (strncmp(name, "SSL_", strlen("SSL_")) != 0 || !hbr_is_secure(ctx))
        return NULL;
    return host_of(ctx)->tls(request_of(ctx), ctx->pool, name);
}

bool hbr_client_gone(hbr_context_t *ctx)
{
    return host_of(ctx)->is_gone(request_of(ctx));
}
