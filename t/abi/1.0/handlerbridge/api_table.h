/**
 * @file api_table.h
 * @brief The functions of the API as the bridge hands them to modules.
 *
 * Made by tools/api-table; functions are only ever added at the end.
 */
#ifndef HANDLERBRIDGE_API_TABLE_H
#define HANDLERBRIDGE_API_TABLE_H

#include "handlerbridge.h"

typedef struct hbr_api_t {
    uint32_t size;  /**< Of the whole table. */
    uint16_t major; /**< The bridge's HBR_ABI_MAJOR. */
    uint16_t minor;
    apr_off_t (*hbr_body_length)(hbr_context_t *ctx);
    int (*hbr_body)(hbr_context_t *ctx, apr_size_t most, const char **bytes, apr_size_t *length);
    int (*hbr_body_stream)(hbr_context_t *ctx, int (*take)(void *data, const char *bytes, apr_size_t length), void *data);
    apr_status_t (*hbr_body_tap)(hbr_context_t *ctx, int (*tap)(void *data, const char *bytes, apr_size_t length), void *data);
    int (*hbr_body_json)(hbr_context_t *ctx, struct json_t **root);
    void (*hbr_defer)(hbr_context_t *ctx, void (*release)(void *data), void *data);
    struct request_rec *(*hbr_request_rec)(hbr_context_t *ctx);
    int (*hbr_select)(hbr_context_t *ctx, int statement, const hbr_value_t *values, hbr_rows_t **rows);
    int (*hbr_execute)(hbr_context_t *ctx, int statement, const hbr_value_t *values, int64_t *affected);
    bool (*hbr_row_is_null)(const hbr_rows_t *rows, apr_size_t row, apr_size_t column);
    const char *(*hbr_row_text)(const hbr_rows_t *rows, apr_size_t row, apr_size_t column);
    int64_t (*hbr_row_int)(const hbr_rows_t *rows, apr_size_t row, apr_size_t column);
    double (*hbr_row_double)(const hbr_rows_t *rows, apr_size_t row, apr_size_t column);
    const void *(*hbr_row_bytes)(const hbr_rows_t *rows, apr_size_t row, apr_size_t column, apr_size_t *length);
    hbr_digest_t *(*hbr_digest_create)(apr_pool_t *pool);
    void (*hbr_digest_update)(hbr_digest_t *digest, const void *bytes, apr_size_t length);
    const char *(*hbr_digest_end)(hbr_digest_t *digest);
    const char *(*hbr_html_escape)(apr_pool_t *pool, const char *text);
    const char *(*hbr_url_escape)(apr_pool_t *pool, const char *text);
    bool (*hbr_is_utf8)(const char *text, apr_size_t length);
    int (*hbr_form_read)(hbr_context_t *ctx);
    const char *(*hbr_form)(hbr_context_t *ctx, const char *name, const char *fallback);
    const hbr_pair_t *(*hbr_form_next)(hbr_context_t *ctx, const char *name, const hbr_pair_t *after);
    const hbr_upload_t *(*hbr_upload_next)(hbr_context_t *ctx, const char *field, const hbr_upload_t *after);
    apr_status_t (*hbr_upload_read)(const hbr_upload_t *upload, apr_off_t offset, void *buffer, apr_size_t size, apr_size_t *length);
    const char *(*hbr_upload_sha256)(hbr_context_t *ctx, const hbr_upload_t *upload);
    apr_status_t (*hbr_upload_keep)(hbr_context_t *ctx, const hbr_upload_t *upload, const char *path, bool overwrite);
    int (*hbr_form_stream)(hbr_context_t *ctx, const hbr_parts_t *parts, void *data);
    const void *(*hbr_inputs)(hbr_context_t *ctx);
    bool (*hbr_input_given)(hbr_context_t *ctx, const char *name);
    void (*hbr_vlog)(hbr_context_t *ctx, hbr_log_level_e level, const char *format, va_list args) HBR_PRINTF(3, 0);
    void (*hbr_vchild_log)(const hbr_child_t *child, hbr_log_level_e level, const char *format, va_list args) HBR_PRINTF(3, 0);
    int (*hbr_vtext)(hbr_context_t *ctx, const char *format, va_list args) HBR_PRINTF(2, 0);
    apr_status_t (*hbr_write)(hbr_context_t *ctx, const void *data, apr_size_t length);
    apr_status_t (*hbr_puts)(hbr_context_t *ctx, const char *text);
    apr_status_t (*hbr_vprintf)(hbr_context_t *ctx, const char *format, va_list args) HBR_PRINTF(2, 0);
    apr_status_t (*hbr_vhtml)(hbr_context_t *ctx, const char *format, va_list args) HBR_PRINTF(2, 0);
    apr_status_t (*hbr_json_string)(hbr_context_t *ctx, const char *text);
    int (*hbr_json)(hbr_context_t *ctx, struct json_t *root);
    apr_status_t (*hbr_flush)(hbr_context_t *ctx);
    apr_status_t (*hbr_clear)(hbr_context_t *ctx);
    int (*hbr_bytes)(hbr_context_t *ctx, const void *data, apr_size_t length, const hbr_content_t *about);
    int (*hbr_file)(hbr_context_t *ctx, const char *path, const hbr_content_t *about);
    int (*hbr_source)(hbr_context_t *ctx, const hbr_source_t *source, const hbr_content_t *about);
    const char *(*hbr_query)(hbr_context_t *ctx, const char *name, const char *fallback);
    const hbr_pair_t *(*hbr_query_next)(hbr_context_t *ctx, const char *name, const hbr_pair_t *after);
    const char *(*hbr_cookie)(hbr_context_t *ctx, const char *name, const char *fallback);
    const hbr_pair_t *(*hbr_cookie_next)(hbr_context_t *ctx, const char *name, const hbr_pair_t *after);
    const char *(*hbr_param)(hbr_context_t *ctx, const char *name, const char *fallback);
    const char *(*hbr_header)(hbr_context_t *ctx, const char *name, const char *fallback);
    const char *(*hbr_variable)(hbr_context_t *ctx, const char *name);
    const char *(*hbr_client_address)(hbr_context_t *ctx);
    const char *(*hbr_user)(hbr_context_t *ctx);
    const char *(*hbr_scheme)(hbr_context_t *ctx);
    apr_time_t (*hbr_request_time)(hbr_context_t *ctx);
    int (*hbr_negotiate)(hbr_context_t *ctx, const char *const types[]);
    int (*hbr_negotiate_language)(hbr_context_t *ctx, const char *const languages[]);
    apr_status_t (*hbr_status)(hbr_context_t *ctx, int status);
    apr_status_t (*hbr_type)(hbr_context_t *ctx, const char *type);
    apr_status_t (*hbr_header_set)(hbr_context_t *ctx, const char *name, const char *value);
    apr_status_t (*hbr_header_add)(hbr_context_t *ctx, const char *name, const char *value);
    apr_status_t (*hbr_header_unset)(hbr_context_t *ctx, const char *name);
    apr_status_t (*hbr_cookie_set)(hbr_context_t *ctx, const hbr_cookie_t *cookie);
    apr_status_t (*hbr_disposition)(hbr_context_t *ctx, hbr_disposition_e disposition, const char *filename);
    apr_status_t (*hbr_etag)(hbr_context_t *ctx, const char *tag, bool weak);
    apr_status_t (*hbr_last_modified)(hbr_context_t *ctx, apr_time_t when);
    int (*hbr_preconditions)(hbr_context_t *ctx);
    int (*hbr_redirect)(hbr_context_t *ctx, int status, const char *url);
    int (*hbr_verror)(hbr_context_t *ctx, int status, const char *format, va_list args) HBR_PRINTF(3, 0);
    bool (*hbr_committed)(hbr_context_t *ctx);
} hbr_api_t;

/** F(name) for each function of the table, in order. */
#define HBR_API_FUNCTIONS(F) \
    F(hbr_body_length) \
    F(hbr_body) \
    F(hbr_body_stream) \
    F(hbr_body_tap) \
    F(hbr_body_json) \
    F(hbr_defer) \
    F(hbr_request_rec) \
    F(hbr_select) \
    F(hbr_execute) \
    F(hbr_row_is_null) \
    F(hbr_row_text) \
    F(hbr_row_int) \
    F(hbr_row_double) \
    F(hbr_row_bytes) \
    F(hbr_digest_create) \
    F(hbr_digest_update) \
    F(hbr_digest_end) \
    F(hbr_html_escape) \
    F(hbr_url_escape) \
    F(hbr_is_utf8) \
    F(hbr_form_read) \
    F(hbr_form) \
    F(hbr_form_next) \
    F(hbr_upload_next) \
    F(hbr_upload_read) \
    F(hbr_upload_sha256) \
    F(hbr_upload_keep) \
    F(hbr_form_stream) \
    F(hbr_inputs) \
    F(hbr_input_given) \
    F(hbr_vlog) \
    F(hbr_vchild_log) \
    F(hbr_vtext) \
    F(hbr_write) \
    F(hbr_puts) \
    F(hbr_vprintf) \
    F(hbr_vhtml) \
    F(hbr_json_string) \
    F(hbr_json) \
    F(hbr_flush) \
    F(hbr_clear) \
    F(hbr_bytes) \
    F(hbr_file) \
    F(hbr_source) \
    F(hbr_query) \
    F(hbr_query_next) \
    F(hbr_cookie) \
    F(hbr_cookie_next) \
    F(hbr_param) \
    F(hbr_header) \
    F(hbr_variable) \
    F(hbr_client_address) \
    F(hbr_user) \
    F(hbr_scheme) \
    F(hbr_request_time) \
    F(hbr_negotiate) \
    F(hbr_negotiate_language) \
    F(hbr_status) \
    F(hbr_type) \
    F(hbr_header_set) \
    F(hbr_header_add) \
    F(hbr_header_unset) \
    F(hbr_cookie_set) \
    F(hbr_disposition) \
    F(hbr_etag) \
    F(hbr_last_modified) \
    F(hbr_preconditions) \
    F(hbr_redirect) \
    F(hbr_verror) \
    F(hbr_committed)

#endif
