/*
 * The response's head: status, type, header fields.
 *
 * Header fields go into the host's own table at once, checked, so that what
 * HTTP/1 and HTTP/2 put on the wire is the same. After the commit nothing
 * changes any more.
 */
#include "response.h"

#include <stdio.h>
#include <string.h>

#include <apr_date.h>
#include <apr_strings.h>

#include "conditional.h"
#include "content.h"
#include "cookie.h"
#include "disposition.h"
#include "escape.h"
#include "field.h"
#include "log.h"
#include "notable.h"
#include "output.h"
#include "state.h"

bool hbr_committed(hbr_context_t *ctx)
{
    return ctx->state->committed_by != NULL;
}

bool hbr_changeable(hbr_context_t *ctx, const char *call)
{
    if (!hbr_committed(ctx))
        return true;
    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0030",
                   "%s() comes after the response was committed by %s; "
                   "ignored",
                   call, ctx->state->committed_by);
    return false;
}

bool hbr_replaceable(hbr_context_t *ctx, const char *call)
{
    if (!ctx->state->reading)
        return hbr_changeable(ctx, call);
    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0030",
                   "%s() is called inside a source's read; ignored", call);
    return false;
}

void hbr_fail(hbr_context_t *ctx)
{
    ctx->state->failed = HBR_INTERNAL_ERROR;
    ctx->state->reason = NULL;
}

static apr_status_t refuse(hbr_context_t *ctx, const char *call,
                           const char *what)
{
    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0031",
                   "%s() refused: %s", call, what);
    return APR_EINVAL;
}

apr_status_t hbr_status(hbr_context_t *ctx, int status)
{
    if (!hbr_changeable(ctx, "hbr_status"))
        return APR_EINVAL;
    if (status < 200 || status > 599)
        return refuse(ctx, "hbr_status",
                      "a status is a number from 200 to 599");
    ctx->state->status = status;
    return APR_SUCCESS;
}

apr_status_t hbr_type(hbr_context_t *ctx, const char *type)
{
    if (!hbr_changeable(ctx, "hbr_type"))
        return APR_EINVAL;
    if (!hbr_media_type_ok(type))
        return refuse(ctx, "hbr_type", "the text is no media type");
    ctx->state->type = apr_pstrdup(ctx->state->request.pool, type);
    return APR_SUCCESS;
}

static apr_status_t check_field(hbr_context_t *ctx, const char *call,
                                const char *name, const char *value)
{
    if (!hbr_changeable(ctx, call))
        return APR_EINVAL;
    if (!hbr_field_name_ok(name))
        return refuse(ctx, call, "the field's name is no token");
    if (hbr_field_is_reserved(name))
        return refuse(ctx, call,
                      "the field belongs to the bridge or to the "
                      "connection");
    if (!hbr_field_value_ok(value))
        return refuse(ctx, call,
                      "the field's value holds a control character "
                      "or blanks at an end");
    return APR_SUCCESS;
}

apr_status_t hbr_header_set(hbr_context_t *ctx, const char *name,
                            const char *value)
{
    apr_status_t status = check_field(ctx, "hbr_header_set", name, value);

    if (status == APR_SUCCESS)
        apr_table_set(ctx->state->request.headers_out, name, value);
    return status;
}

apr_status_t hbr_header_add(hbr_context_t *ctx, const char *name,
                            const char *value)
{
    apr_status_t status = check_field(ctx, "hbr_header_add", name, value);

    if (status == APR_SUCCESS)
        apr_table_add(ctx->state->request.headers_out, name, value);
    return status;
}

apr_status_t hbr_header_unset(hbr_context_t *ctx, const char *name)
{
    apr_status_t status = check_field(ctx, "hbr_header_unset", name, "");

    if (status == APR_SUCCESS)
        apr_table_unset(ctx->state->request.headers_out, name);
    return status;
}

apr_status_t hbr_cookie_set(hbr_context_t *ctx, const hbr_cookie_t *cookie)
{
    const char *problem, *value;

    if (!hbr_changeable(ctx, "hbr_cookie_set"))
        return APR_EINVAL;
    value = hbr_cookie_format(ctx->state->request.pool, cookie,
                              strcmp(hbr_scheme(ctx), "https") == 0, &problem);
    if (value == NULL)
        return refuse(ctx, "hbr_cookie_set", problem);
    apr_table_addn(ctx->state->request.headers_out, "Set-Cookie", value);
    return APR_SUCCESS;
}

apr_status_t hbr_disposition(hbr_context_t *ctx, hbr_disposition_e disposition,
                             const char *filename)
{
    const hbr_request_t *request = &ctx->state->request;

    if (!hbr_changeable(ctx, "hbr_disposition"))
        return APR_EINVAL;
    apr_table_setn(
        request->headers_out, "Content-Disposition",
        hbr_disposition_format(request->pool, disposition, filename));
    return APR_SUCCESS;
}

/* etagc = %x21 / %x23-7E / obs-text (RFC 9110 8.8.3); we send no obs-text. */
static bool is_opaque_tag(const char *tag)
{
    for (; *tag != '\0'; tag++)
        if (*tag <= ' ' || *tag == '"' || *tag > '~')
            return false;
    return true;
}

apr_status_t hbr_etag(hbr_context_t *ctx, const char *tag, bool weak)
{
    const hbr_request_t *request = &ctx->state->request;

    if (!hbr_changeable(ctx, "hbr_etag"))
        return APR_EINVAL;
    if (!is_opaque_tag(tag))
        return refuse(ctx, "hbr_etag", "a tag is visible ASCII without quotes");
    apr_table_setn(
        request->headers_out, "ETag",
        apr_pstrcat(request->pool, weak ? "W/\"" : "\"", tag, "\"", NULL));
    return APR_SUCCESS;
}

apr_status_t hbr_last_modified(hbr_context_t *ctx, apr_time_t when)
{
    const hbr_request_t *request = &ctx->state->request;
    char *date;

    if (!hbr_changeable(ctx, "hbr_last_modified"))
        return APR_EINVAL;
    if (when > request->time)
        when = request->time;
    date = apr_palloc(request->pool, APR_RFC822_DATE_LEN);
    apr_rfc822_date(date, when);
    apr_table_setn(request->headers_out, "Last-Modified", date);
    return APR_SUCCESS;
}

int hbr_preconditions(hbr_context_t *ctx)
{
    const hbr_request_t *request = &ctx->state->request;
    const char *date;

    if ((ctx->state->notable & HBR_NOTABLE_CONDITION) == 0
        || request->is_fragment)
        return HBR_OK;
    date = apr_table_get(request->headers_out, "Last-Modified");
    return hbr_conditional(request->method, request->headers_in,
                           apr_table_get(request->headers_out, "ETag"),
                           date != NULL ? apr_date_parse_http(date) : 0);
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307
           || status == 308;
}

int hbr_redirect(hbr_context_t *ctx, int status, const char *url)
{
    const hbr_request_t *request = &ctx->state->request;
    const char *location =
        url != NULL ? hbr_url_clean(request->pool, url) : NULL;

    if (status == 0)
        status = HBR_FOUND;
    if (!hbr_changeable(ctx, "hbr_redirect"))
        return HBR_INTERNAL_ERROR;
    if (!is_redirect(status)) {
        refuse(ctx, "hbr_redirect", "the status is none of a redirect");
        return HBR_INTERNAL_ERROR;
    }
    if (location == NULL || *location == '\0') {
        refuse(ctx, "hbr_redirect",
               "the URL is empty or holds a control "
               "character");
        return HBR_INTERNAL_ERROR;
    }
    apr_table_set(request->headers_out, "Location", location);
    return status;
}

/* Leaves the fields that other modules had set before the handler ran. */
static void clear_fields(const hbr_request_t *request)
{
    apr_table_clear(request->headers_out);
    if (request->fields_before != NULL)
        apr_table_overlap(request->headers_out, request->fields_before,
                          APR_OVERLAP_TABLES_ADD);
}

apr_status_t hbr_clear(hbr_context_t *ctx)
{
    hbr_state_t *state = ctx->state;

    if (!hbr_replaceable(ctx, "hbr_clear"))
        return APR_EINVAL;
    hbr_output_drop(state);
    hbr_content_drop(state);
    clear_fields(&state->request);
    state->status = 0;
    state->type = NULL;
    state->html = false;
    state->failed = 0;
    state->reason = NULL;
    if (!state->answered) /* A second response must never follow. */
        state->write_error = APR_SUCCESS;
    return APR_SUCCESS;
}

/* A redirect may say how long it holds; an error may only forbid to keep it:
 * what a handler said about the body it meant to send is not true of it. */
static bool is_to_stay(int status, const char *name, const char *value)
{
    if (!hbr_field_describes_body(name))
        return true;
    if (strcasecmp(name, "Expires") == 0)
        return status < 400;
    return strcasecmp(name, "Cache-Control") == 0
           && (status < 400 || strstr(value, "no-store") != NULL
               || strstr(value, "no-cache") != NULL);
}

void hbr_drop_body_fields(hbr_context_t *ctx, int status)
{
    const hbr_request_t *request = &ctx->state->request;
    const apr_array_header_t *all = apr_table_elts(request->headers_out);
    apr_table_t *kept = apr_table_make(request->pool, all->nelts + 1);
    int i;

    for (i = 0; i < all->nelts; i++) {
        const apr_table_entry_t *field =
            &APR_ARRAY_IDX(all, i, apr_table_entry_t);

        if (is_to_stay(status, field->key, field->val))
            apr_table_addn(kept, field->key, field->val);
    }
    apr_table_clear(request->headers_out);
    apr_table_overlap(request->headers_out, kept, APR_OVERLAP_TABLES_ADD);
}
