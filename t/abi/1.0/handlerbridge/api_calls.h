/**
 * @file api_calls.h
 * @brief The functions of the API in a module of its own: calls through the
 *        bridge's table. Included by handlerbridge_module.h.
 *
 * Made by tools/api-table. Hidden, as HBR_API says: they are this module's. Weak,
 * so that several of its files may include this.
 */
#ifndef HANDLERBRIDGE_API_CALLS_H
#define HANDLERBRIDGE_API_CALLS_H

#include "handlerbridge/module.h"

#define HBR_CALL __attribute__((weak))

HBR_CALL int hbr_body(hbr_context_t *ctx, apr_size_t most, const char **bytes, apr_size_t *length)
{
    return hbr_this_module.api->hbr_body(ctx, most, bytes, length);
}

HBR_CALL int hbr_body_json(hbr_context_t *ctx, struct json_t **root)
{
    return hbr_this_module.api->hbr_body_json(ctx, root);
}

HBR_CALL apr_off_t hbr_body_length(hbr_context_t *ctx)
{
    return hbr_this_module.api->hbr_body_length(ctx);
}

HBR_CALL int hbr_body_stream(hbr_context_t *ctx, int (*take)(void *data, const char *bytes, apr_size_t length), void *data)
{
    return hbr_this_module.api->hbr_body_stream(ctx, take, data);
}

HBR_CALL apr_status_t hbr_body_tap(hbr_context_t *ctx, int (*tap)(void *data, const char *bytes, apr_size_t length), void *data)
{
    return hbr_this_module.api->hbr_body_tap(ctx, tap, data);
}

HBR_CALL int hbr_bytes(hbr_context_t *ctx, const void *data, apr_size_t length, const hbr_content_t *about)
{
    return hbr_this_module.api->hbr_bytes(ctx, data, length, about);
}

HBR_CALL void hbr_child_log(const hbr_child_t *child, hbr_log_level_e level, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    hbr_this_module.api->hbr_vchild_log(child, level, format, args);
    va_end(args);
}

HBR_CALL apr_status_t hbr_clear(hbr_context_t *ctx)
{
    return hbr_this_module.api->hbr_clear(ctx);
}

HBR_CALL const char *hbr_client_address(hbr_context_t *ctx)
{
    return hbr_this_module.api->hbr_client_address(ctx);
}

HBR_CALL bool hbr_committed(hbr_context_t *ctx)
{
    return hbr_this_module.api->hbr_committed(ctx);
}

HBR_CALL const char *hbr_cookie(hbr_context_t *ctx, const char *name, const char *fallback)
{
    return hbr_this_module.api->hbr_cookie(ctx, name, fallback);
}

HBR_CALL const hbr_pair_t *hbr_cookie_next(hbr_context_t *ctx, const char *name, const hbr_pair_t *after)
{
    return hbr_this_module.api->hbr_cookie_next(ctx, name, after);
}

HBR_CALL apr_status_t hbr_cookie_set(hbr_context_t *ctx, const hbr_cookie_t *cookie)
{
    return hbr_this_module.api->hbr_cookie_set(ctx, cookie);
}

HBR_CALL void hbr_defer(hbr_context_t *ctx, void (*release)(void *data), void *data)
{
    hbr_this_module.api->hbr_defer(ctx, release, data);
}

HBR_CALL hbr_digest_t *hbr_digest_create(apr_pool_t *pool)
{
    return hbr_this_module.api->hbr_digest_create(pool);
}

HBR_CALL const char *hbr_digest_end(hbr_digest_t *digest)
{
    return hbr_this_module.api->hbr_digest_end(digest);
}

HBR_CALL void hbr_digest_update(hbr_digest_t *digest, const void *bytes, apr_size_t length)
{
    hbr_this_module.api->hbr_digest_update(digest, bytes, length);
}

HBR_CALL apr_status_t hbr_disposition(hbr_context_t *ctx, hbr_disposition_e disposition, const char *filename)
{
    return hbr_this_module.api->hbr_disposition(ctx, disposition, filename);
}

HBR_CALL int hbr_error(hbr_context_t *ctx, int status, const char *format, ...)
{
    va_list args;
    int result;

    va_start(args, format);
    result = hbr_this_module.api->hbr_verror(ctx, status, format, args);
    va_end(args);
    return result;
}

HBR_CALL apr_status_t hbr_etag(hbr_context_t *ctx, const char *tag, bool weak)
{
    return hbr_this_module.api->hbr_etag(ctx, tag, weak);
}

HBR_CALL int hbr_execute(hbr_context_t *ctx, int statement, const hbr_value_t *values, int64_t *affected)
{
    return hbr_this_module.api->hbr_execute(ctx, statement, values, affected);
}

HBR_CALL int hbr_file(hbr_context_t *ctx, const char *path, const hbr_content_t *about)
{
    return hbr_this_module.api->hbr_file(ctx, path, about);
}

HBR_CALL apr_status_t hbr_flush(hbr_context_t *ctx)
{
    return hbr_this_module.api->hbr_flush(ctx);
}

HBR_CALL const char *hbr_form(hbr_context_t *ctx, const char *name, const char *fallback)
{
    return hbr_this_module.api->hbr_form(ctx, name, fallback);
}

HBR_CALL const hbr_pair_t *hbr_form_next(hbr_context_t *ctx, const char *name, const hbr_pair_t *after)
{
    return hbr_this_module.api->hbr_form_next(ctx, name, after);
}

HBR_CALL int hbr_form_read(hbr_context_t *ctx)
{
    return hbr_this_module.api->hbr_form_read(ctx);
}

HBR_CALL int hbr_form_stream(hbr_context_t *ctx, const hbr_parts_t *parts, void *data)
{
    return hbr_this_module.api->hbr_form_stream(ctx, parts, data);
}

HBR_CALL const char *hbr_header(hbr_context_t *ctx, const char *name, const char *fallback)
{
    return hbr_this_module.api->hbr_header(ctx, name, fallback);
}

HBR_CALL apr_status_t hbr_header_add(hbr_context_t *ctx, const char *name, const char *value)
{
    return hbr_this_module.api->hbr_header_add(ctx, name, value);
}

HBR_CALL apr_status_t hbr_header_set(hbr_context_t *ctx, const char *name, const char *value)
{
    return hbr_this_module.api->hbr_header_set(ctx, name, value);
}

HBR_CALL apr_status_t hbr_header_unset(hbr_context_t *ctx, const char *name)
{
    return hbr_this_module.api->hbr_header_unset(ctx, name);
}

HBR_CALL apr_status_t hbr_html(hbr_context_t *ctx, const char *format, ...)
{
    va_list args;
    apr_status_t result;

    va_start(args, format);
    result = hbr_this_module.api->hbr_vhtml(ctx, format, args);
    va_end(args);
    return result;
}

HBR_CALL const char *hbr_html_escape(apr_pool_t *pool, const char *text)
{
    return hbr_this_module.api->hbr_html_escape(pool, text);
}

HBR_CALL bool hbr_input_given(hbr_context_t *ctx, const char *name)
{
    return hbr_this_module.api->hbr_input_given(ctx, name);
}

HBR_CALL const void *hbr_inputs(hbr_context_t *ctx)
{
    return hbr_this_module.api->hbr_inputs(ctx);
}

HBR_CALL bool hbr_is_utf8(const char *text, apr_size_t length)
{
    return hbr_this_module.api->hbr_is_utf8(text, length);
}

HBR_CALL int hbr_json(hbr_context_t *ctx, struct json_t *root)
{
    return hbr_this_module.api->hbr_json(ctx, root);
}

HBR_CALL apr_status_t hbr_json_string(hbr_context_t *ctx, const char *text)
{
    return hbr_this_module.api->hbr_json_string(ctx, text);
}

HBR_CALL apr_status_t hbr_last_modified(hbr_context_t *ctx, apr_time_t when)
{
    return hbr_this_module.api->hbr_last_modified(ctx, when);
}

HBR_CALL void hbr_log(hbr_context_t *ctx, hbr_log_level_e level, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    hbr_this_module.api->hbr_vlog(ctx, level, format, args);
    va_end(args);
}

HBR_CALL int hbr_negotiate(hbr_context_t *ctx, const char *const types[])
{
    return hbr_this_module.api->hbr_negotiate(ctx, types);
}

HBR_CALL int hbr_negotiate_language(hbr_context_t *ctx, const char *const languages[])
{
    return hbr_this_module.api->hbr_negotiate_language(ctx, languages);
}

HBR_CALL const char *hbr_param(hbr_context_t *ctx, const char *name, const char *fallback)
{
    return hbr_this_module.api->hbr_param(ctx, name, fallback);
}

HBR_CALL int hbr_preconditions(hbr_context_t *ctx)
{
    return hbr_this_module.api->hbr_preconditions(ctx);
}

HBR_CALL apr_status_t hbr_printf(hbr_context_t *ctx, const char *format, ...)
{
    va_list args;
    apr_status_t result;

    va_start(args, format);
    result = hbr_this_module.api->hbr_vprintf(ctx, format, args);
    va_end(args);
    return result;
}

HBR_CALL apr_status_t hbr_puts(hbr_context_t *ctx, const char *text)
{
    return hbr_this_module.api->hbr_puts(ctx, text);
}

HBR_CALL const char *hbr_query(hbr_context_t *ctx, const char *name, const char *fallback)
{
    return hbr_this_module.api->hbr_query(ctx, name, fallback);
}

HBR_CALL const hbr_pair_t *hbr_query_next(hbr_context_t *ctx, const char *name, const hbr_pair_t *after)
{
    return hbr_this_module.api->hbr_query_next(ctx, name, after);
}

HBR_CALL int hbr_redirect(hbr_context_t *ctx, int status, const char *url)
{
    return hbr_this_module.api->hbr_redirect(ctx, status, url);
}

HBR_CALL struct request_rec *hbr_request_rec(hbr_context_t *ctx)
{
    return hbr_this_module.api->hbr_request_rec(ctx);
}

HBR_CALL apr_time_t hbr_request_time(hbr_context_t *ctx)
{
    return hbr_this_module.api->hbr_request_time(ctx);
}

HBR_CALL const void *hbr_row_bytes(const hbr_rows_t *rows, apr_size_t row, apr_size_t column, apr_size_t *length)
{
    return hbr_this_module.api->hbr_row_bytes(rows, row, column, length);
}

HBR_CALL double hbr_row_double(const hbr_rows_t *rows, apr_size_t row, apr_size_t column)
{
    return hbr_this_module.api->hbr_row_double(rows, row, column);
}

HBR_CALL int64_t hbr_row_int(const hbr_rows_t *rows, apr_size_t row, apr_size_t column)
{
    return hbr_this_module.api->hbr_row_int(rows, row, column);
}

HBR_CALL bool hbr_row_is_null(const hbr_rows_t *rows, apr_size_t row, apr_size_t column)
{
    return hbr_this_module.api->hbr_row_is_null(rows, row, column);
}

HBR_CALL const char *hbr_row_text(const hbr_rows_t *rows, apr_size_t row, apr_size_t column)
{
    return hbr_this_module.api->hbr_row_text(rows, row, column);
}

HBR_CALL const char *hbr_scheme(hbr_context_t *ctx)
{
    return hbr_this_module.api->hbr_scheme(ctx);
}

HBR_CALL int hbr_select(hbr_context_t *ctx, int statement, const hbr_value_t *values, hbr_rows_t **rows)
{
    return hbr_this_module.api->hbr_select(ctx, statement, values, rows);
}

HBR_CALL int hbr_source(hbr_context_t *ctx, const hbr_source_t *source, const hbr_content_t *about)
{
    return hbr_this_module.api->hbr_source(ctx, source, about);
}

HBR_CALL apr_status_t hbr_status(hbr_context_t *ctx, int status)
{
    return hbr_this_module.api->hbr_status(ctx, status);
}

HBR_CALL int hbr_text(hbr_context_t *ctx, const char *format, ...)
{
    va_list args;
    int result;

    va_start(args, format);
    result = hbr_this_module.api->hbr_vtext(ctx, format, args);
    va_end(args);
    return result;
}

HBR_CALL apr_status_t hbr_type(hbr_context_t *ctx, const char *type)
{
    return hbr_this_module.api->hbr_type(ctx, type);
}

HBR_CALL apr_status_t hbr_upload_keep(hbr_context_t *ctx, const hbr_upload_t *upload, const char *path, bool overwrite)
{
    return hbr_this_module.api->hbr_upload_keep(ctx, upload, path, overwrite);
}

HBR_CALL const hbr_upload_t *hbr_upload_next(hbr_context_t *ctx, const char *field, const hbr_upload_t *after)
{
    return hbr_this_module.api->hbr_upload_next(ctx, field, after);
}

HBR_CALL apr_status_t hbr_upload_read(const hbr_upload_t *upload, apr_off_t offset, void *buffer, apr_size_t size, apr_size_t *length)
{
    return hbr_this_module.api->hbr_upload_read(upload, offset, buffer, size, length);
}

HBR_CALL const char *hbr_upload_sha256(hbr_context_t *ctx, const hbr_upload_t *upload)
{
    return hbr_this_module.api->hbr_upload_sha256(ctx, upload);
}

HBR_CALL const char *hbr_url_escape(apr_pool_t *pool, const char *text)
{
    return hbr_this_module.api->hbr_url_escape(pool, text);
}

HBR_CALL const char *hbr_user(hbr_context_t *ctx)
{
    return hbr_this_module.api->hbr_user(ctx);
}

HBR_CALL const char *hbr_variable(hbr_context_t *ctx, const char *name)
{
    return hbr_this_module.api->hbr_variable(ctx, name);
}

HBR_CALL void hbr_vchild_log(const hbr_child_t *child, hbr_log_level_e level, const char *format, va_list args)
{
    hbr_this_module.api->hbr_vchild_log(child, level, format, args);
}

HBR_CALL int hbr_verror(hbr_context_t *ctx, int status, const char *format, va_list args)
{
    return hbr_this_module.api->hbr_verror(ctx, status, format, args);
}

HBR_CALL apr_status_t hbr_vhtml(hbr_context_t *ctx, const char *format, va_list args)
{
    return hbr_this_module.api->hbr_vhtml(ctx, format, args);
}

HBR_CALL void hbr_vlog(hbr_context_t *ctx, hbr_log_level_e level, const char *format, va_list args)
{
    hbr_this_module.api->hbr_vlog(ctx, level, format, args);
}

HBR_CALL apr_status_t hbr_vprintf(hbr_context_t *ctx, const char *format, va_list args)
{
    return hbr_this_module.api->hbr_vprintf(ctx, format, args);
}

HBR_CALL int hbr_vtext(hbr_context_t *ctx, const char *format, va_list args)
{
    return hbr_this_module.api->hbr_vtext(ctx, format, args);
}

HBR_CALL apr_status_t hbr_write(hbr_context_t *ctx, const void *data, apr_size_t length)
{
    return hbr_this_module.api->hbr_write(ctx, data, length);
}

#undef HBR_CALL

#endif
