/*
 * The response on its way into httpd's output filters.
 */
#include <stdlib.h>

#include <http_core.h>
#include <http_protocol.h>
#include <mod_core.h>
#include <util_filter.h>

#include <apr_strings.h>

#include "bridge/reason.h"
#include "host.h"
#include "session.h"

static const ap_filter_rec_t *byterange;
static const ap_filter_rec_t *content_length;

void hbr_httpd_output_begin(void)
{
    byterange = ap_get_output_filter_handle("BYTERANGE");
    content_length = ap_get_output_filter_handle("CONTENT_LENGTH");
}

/* What mod_mime read into the URL's extensions says nothing about what a
 * handler writes. */
static void forget_the_url(request_rec *r)
{
    r->content_encoding = NULL;
    r->content_languages = NULL;
    r->content_type = NULL;
}

/* httpd makes 500 of a status that it has no line for. */
static bool is_known(int status)
{
    return atoi(ap_get_status_line(status)) == status;
}

static void say_status(request_rec *r, int status)
{
    r->status = status;
    if (status != HTTP_OK && !is_known(status))
        r->status_line =
            apr_psprintf(r->pool, "%d %s", status, hbr_reason_phrase(status));
}

/* Ranges are the bridge's: httpd's filter for them is not asked. A subrequest's
 * filters are those of the request around it. */
static void leave_ranges(request_rec *r)
{
    ap_filter_t *filter = r->output_filters;

    if (r->main != NULL)
        return;
    while (filter != NULL && filter->frec != byterange)
        filter = filter->next;
    if (filter != NULL)
        ap_remove_output_filter(filter);
}

/* A body that comes in one pass and meets no filter before httpd's own for its
 * length needs no counting: what that filter would say of it is said here. With
 * a filter before it, which may change the body, it is left to count. */
static void say_length(request_rec *r, apr_off_t length)
{
    ap_filter_t *first = r->output_filters;

    if (r->main != NULL || first->frec != content_length)
        return;
    ap_remove_output_filter(first);
    r->bytes_sent = length;
    ap_set_content_length(r, length);
}

static void head(void *request, const hbr_head_t *head)
{
    request_rec *r = request;

    forget_the_url(r);
    say_status(r, head->status);
    if (head->type != NULL)
        ap_set_content_type(r, head->type);
    leave_ranges(r);
    if (head->whole && head->length >= 0)
        say_length(r, head->length);
    else if (head->length >= 0)
        ap_set_content_length(r, head->length);
    if (head->status == HTTP_PARTIAL_CONTENT) {
        apr_table_setn(r->subprocess_env, "no-gzip", "1");
        apr_table_setn(r->subprocess_env, "no-brotli", "1");
    }
}

static apr_status_t pass(void *request, apr_bucket_brigade *brigade)
{
    request_rec *r = request;
    bool ends = APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(brigade));
    apr_status_t status = ap_pass_brigade(r->output_filters, brigade);

    if (!APR_BRIGADE_EMPTY(brigade))
        apr_brigade_cleanup(brigade);
    if (r->connection->aborted && (status != APR_SUCCESS || !ends))
        return APR_ECONNABORTED;
    return APR_STATUS_IS_ECONNABORTED(status) ? APR_EGENERAL : status;
}

/* An error bucket makes HTTP/1 close the connection without the last chunk,
 * and HTTP/2 reset the stream. */
static void cut_at(request_rec *r, ap_filter_t *filter)
{
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;
    apr_bucket_brigade *brigade = apr_brigade_create(r->pool, alloc);

    APR_BRIGADE_INSERT_TAIL(
        brigade,
        ap_bucket_error_create(HTTP_BAD_GATEWAY, NULL, r->pool, alloc));
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(alloc));
    r->no_cache = 1; /* mod_cache would take what it has for the whole. */
    ap_pass_brigade(filter, brigade);
    r->connection->keepalive = AP_CONN_CLOSE;
}

static void cut(void *request)
{
    request_rec *r = request;

    cut_at(r, r->output_filters);
}

/* httpd answers when nothing has left. When something has, it would leave the
 * client waiting for the rest; the filter that failed, and what stands before
 * those of the protocol, is not asked any more. */
int hbr_httpd_leave_failure(request_rec *r)
{
    ap_filter_t *filter = r->output_filters;

    while (filter != NULL && filter->frec->ftype < AP_FTYPE_PROTOCOL)
        filter = filter->next;
    if (filter != NULL && r->sent_bodyct != 0 && r->main == NULL)
        cut_at(r, filter);
    return AP_FILTER_ERROR;
}

static const char *error_document(request_rec *r, int status)
{
    return ap_response_code_string(r, ap_index_of_response(status));
}

/* An error while an ErrorDocument is being made gets our text: httpd would
 * not look for a second ErrorDocument. */
static bool has_error_document(void *request, int status)
{
    request_rec *r = request;

    if (!is_known(status)
        || (r->prev != NULL && ap_is_HTTP_ERROR(r->prev->status)))
        return false;
    return error_document(r, status) != NULL;
}

static apr_int32_t file_flags(void *request, bool *mmap)
{
    const request_rec *r = request;
    const core_dir_config *core = ap_get_core_module_config(r->per_dir_config);

    *mmap = core->enable_mmap != ENABLE_MMAP_OFF;
#if APR_HAS_SENDFILE
    if (AP_SENDFILE_ENABLED(core->enable_sendfile))
        return APR_FOPEN_SENDFILE_ENABLED;
#endif
    return 0;
}

/* httpd writes Allow itself when the ErrorDocument is a text. */
static void allow_as_we_said(request_rec *r)
{
    const char *allow = apr_table_get(r->headers_out, "Allow");
    char *state, *name;

    if (allow == NULL)
        return;
    ap_clear_method_list(r->allowed_methods);
    for (name = apr_strtok(apr_pstrdup(r->pool, allow), ", ", &state);
         name != NULL; name = apr_strtok(NULL, ", ", &state))
        ap_method_list_add(r->allowed_methods, name);
    apr_table_unset(r->headers_out, "Allow");
}

static bool holds(const apr_table_t *table, const char *name)
{
    return table != NULL && apr_table_get(table, name) != NULL;
}

/* Fields that other modules had set before are theirs to set again. */
static void keep_our_fields(request_rec *r, const apr_table_t *before)
{
    const apr_array_header_t *all = apr_table_elts(r->headers_out);
    int i;

    for (i = 0; i < all->nelts; i++) {
        const apr_table_entry_t *field =
            &APR_ARRAY_IDX(all, i, apr_table_entry_t);

        if (!holds(before, field->key))
            apr_table_addn(r->err_headers_out, field->key, field->val);
    }
}

int hbr_httpd_leave_error(request_rec *r, int status, const apr_table_t *before)
{
    const char *document = error_document(r, status);
    bool is_text = document != NULL && *document == '"';

    if (is_text)
        allow_as_we_said(r);
    keep_our_fields(r, before);
    if (is_text)
        hbr_httpd_session_keep_private(r);
    forget_the_url(r);
    return status;
}

const hbr_host_output_t hbr_httpd_output = { .head = head,
                                             .pass = pass,
                                             .cut = cut,
                                             .has_error_document =
                                                 has_error_document,
                                             .file_flags = file_flags };
