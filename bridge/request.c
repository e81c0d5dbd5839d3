/*
 * Facts about the request. What httpd has ready is handed on; nothing is
 * copied and nothing parsed here.
 */
#include <string.h>

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

apr_time_t hbr_request_time(hbr_context_t *ctx)
{
    return ctx->state->request.time;
}

/* A clock that was set back gives nobody more than all of it. */
apr_interval_time_t hbr_time_left(hbr_context_t *ctx)
{
    const hbr_request_t *request = &ctx->state->request;
    apr_interval_time_t whole, left;

    if (request->settings->deadline == 0)
        return HBR_NO_DEADLINE;
    whole = (apr_interval_time_t)request->settings->deadline * 1000;
    left = request->time + whole - host_of(ctx)->now(request_of(ctx));
    if (left < 0)
        return 0;
    return left < whole ? left : whole;
}

/* RFC 3986 5.2.4 would take ".." away; who asks for a file by name gets no
 * other file than the one he named. */
static bool has_dot_dot(const char *path)
{
    const char *at;

    for (at = path; (at = strstr(at, "/..")) != NULL; at++) {
        if (at[3] == '/' || at[3] == '\0')
            return true;
    }
    return false;
}

apr_status_t hbr_map_path(hbr_context_t *ctx, const char *path,
                          const char **file)
{
    *file = NULL;
    if (path[0] != '/' || path[1] == '/' || has_dot_dot(path))
        return APR_EINVAL;
    return host_of(ctx)->map_path(request_of(ctx), ctx->pool, path, file);
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
