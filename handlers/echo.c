/*
 * echo: what the bridge makes of a request, as JSON; to debug clients with.
 *
 *     SetHandler echo                /echo/any/path?a=1&a=2
 *
 * Lists keep their order and their repeated names: query, form, cookies and
 * headers are arrays of [name, value], files one of objects. (httpd joins
 * repeated header fields before a handler sees them.) Bytes that are not UTF-8
 * are {"base64": "..."}. The body's length and digest are of what was sent,
 * before anything was parsed.
 *
 * It shows all a client sent, HttpOnly cookies and passwords too: scripts of
 * the same site can read them here. Map it where that does no harm.
 *
 * Threads: no state of its own.
 */
#include <apr_encode.h>
#include <jansson.h>
#include <string.h>

#include "handlerbridge.h"

typedef struct body_t {
    apr_off_t length;
    hbr_digest_t *digest;
} body_t;

static int count(void *data, const char *bytes, apr_size_t length)
{
    body_t *body = data;

    body->length += (apr_off_t)length;
    hbr_digest_update(body->digest, bytes, length);
    return HBR_OK;
}

static bool is_form(hbr_context_t *ctx)
{
    static const char *const types[] = { "application/x-www-form-urlencoded",
                                         "multipart/form-data" };
    const char *type = hbr_header(ctx, "Content-Type", "");
    apr_size_t length = strcspn(type, "; \t");
    const char *rest = type + length + strspn(type + length, " \t");

    for (int i = 0; i < 2; i++)
        if (strlen(types[i]) == length
            && strncasecmp(types[i], type, length) == 0)
            return *rest == ';' || *rest == '\0';
    return false;
}

/* A form is read by the bridge, anything else only counted. */
static int read_body(hbr_context_t *ctx, body_t *body)
{
    body->digest = hbr_digest_create(ctx->pool);
    if (body->digest == NULL)
        return hbr_error(ctx, 500, NULL);
    if (!is_form(ctx))
        return hbr_body_stream(ctx, count, body);
    hbr_body_tap(ctx, count, body);
    return hbr_form_read(ctx);
}

static json_t *bytes_of(hbr_context_t *ctx, const char *bytes,
                        apr_size_t length)
{
    json_t *text = json_stringn(bytes, length);

    if (text != NULL)
        return text;
    return json_pack("{s:s}", "base64",
                     apr_pencode_base64(ctx->pool, bytes, (apr_ssize_t)length,
                                        APR_ENCODE_NONE, NULL));
}

static json_t *text_of(hbr_context_t *ctx, const char *text)
{
    return bytes_of(ctx, text, strlen(text));
}

/* The query's, the form's or the cookies' names and values. */
typedef const hbr_pair_t *next_fn(hbr_context_t *ctx, const char *name,
                                  const hbr_pair_t *after);

static json_t *pairs_of(hbr_context_t *ctx, next_fn *next)
{
    json_t *list = json_array();
    const hbr_pair_t *pair = NULL;

    while ((pair = next(ctx, NULL, pair)) != NULL)
        json_array_append_new(
            list,
            json_pack("[o,o]", bytes_of(ctx, pair->name, pair->name_length),
                      bytes_of(ctx, pair->value, pair->value_length)));
    return list;
}

static json_t *headers_of(hbr_context_t *ctx)
{
    const apr_array_header_t *fields = apr_table_elts(ctx->headers_in);
    const apr_table_entry_t *field = (const apr_table_entry_t *)fields->elts;
    json_t *list = json_array();

    for (int i = 0; i < fields->nelts; i++)
        json_array_append_new(list,
                              json_pack("[o,o]", text_of(ctx, field[i].key),
                                        text_of(ctx, field[i].val)));
    return list;
}

static json_t *file_of(hbr_context_t *ctx, const hbr_upload_t *file)
{
    const char *digest = hbr_upload_sha256(ctx, file);
    json_t *object = json_object();

    json_object_set_new(object, "field", text_of(ctx, file->field));
    json_object_set_new(object, "filename", text_of(ctx, file->filename));
    json_object_set_new(object, "content_type", text_of(ctx, file->type));
    json_object_set_new(object, "size", json_integer(file->size));
    json_object_set_new(object, "sha256",
                        digest != NULL ? json_string(digest) : json_null());
    return object;
}

static json_t *files_of(hbr_context_t *ctx)
{
    json_t *list = json_array();
    const hbr_upload_t *file = NULL;

    while ((file = hbr_upload_next(ctx, NULL, file)) != NULL)
        json_array_append_new(list, file_of(ctx, file));
    return list;
}

static json_t *document(hbr_context_t *ctx, const body_t *body)
{
    json_t *root = json_object();

    json_object_set_new(root, "method", text_of(ctx, ctx->method));
    json_object_set_new(root, "path", text_of(ctx, ctx->uri));
    json_object_set_new(root, "path_info", text_of(ctx, ctx->path_info));
    json_object_set_new(root, "query", pairs_of(ctx, hbr_query_next));
    json_object_set_new(root, "form", pairs_of(ctx, hbr_form_next));
    json_object_set_new(root, "cookies", pairs_of(ctx, hbr_cookie_next));
    json_object_set_new(root, "headers", headers_of(ctx));
    json_object_set_new(root, "files", files_of(ctx));
    json_object_set_new(root, "body_length", json_integer(body->length));
    json_object_set_new(root, "body_sha256",
                        json_string(hbr_digest_end(body->digest)));
    return root;
}

static int echo(hbr_context_t *ctx)
{
    body_t body = { .length = 0 };
    int rc = read_body(ctx, &body);

    if (rc != HBR_OK)
        return rc;
    hbr_header_set(ctx, "Cache-Control", "no-store");
    hbr_header_set(ctx, "X-Content-Type-Options", "nosniff");
    return hbr_json(ctx, document(ctx, &body));
}

HBR_HANDLER(echo, .process = echo, .methods = "*",
            .summary = "Shows what a client sent, as JSON");
