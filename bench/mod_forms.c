/*
 * What bench/handlers/forms.c is measured against: the same by hand, with what
 * httpd has for it. "by-hand-form" reads a form by ap_parse_form_data(),
 * "by-hand-hash" the body by brigades. No state.
 */
#include <string.h>

#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <util_filter.h>
#include <apr_escape.h>
#include <openssl/evp.h>

/* The bridge's bounds. */
#define FIELDS 1000
#define FORM (16 * 1024 * 1024)
/* As much as the bridge asks for at a time. */
#define STEP (64 * 1024)

static int form(request_rec *r)
{
    apr_array_header_t *pairs = NULL;
    int result = ap_parse_form_data(r, NULL, &pairs, FIELDS, FORM);

    if (result != OK)
        return result;
    ap_set_content_type(r, "text/plain; charset=utf-8");
    for (int i = 0; pairs != NULL && i < pairs->nelts; i++) {
        const ap_form_pair_t *pair = &APR_ARRAY_IDX(pairs, i, ap_form_pair_t);
        char *value;
        apr_size_t length;

        if (strcmp(pair->name, "wanted") != 0)
            continue;
        if (apr_brigade_pflatten(pair->value, &value, &length, r->pool)
            != APR_SUCCESS)
            return HTTP_INTERNAL_SERVER_ERROR;
        ap_rwrite(value, (int)length, r);
        ap_rputs("\n", r);
        return OK;
    }
    ap_rputs("not given\n", r);
    return OK;
}

/* Sets ended when the body's end is among the brigade. */
static apr_status_t hash_brigade(EVP_MD_CTX *digest,
                                 apr_bucket_brigade *brigade, int *ended)
{
    apr_bucket *bucket;

    for (bucket = APR_BRIGADE_FIRST(brigade);
         bucket != APR_BRIGADE_SENTINEL(brigade);
         bucket = APR_BUCKET_NEXT(bucket)) {
        const char *bytes;
        apr_size_t length;
        apr_status_t status;

        if (APR_BUCKET_IS_EOS(bucket)) {
            *ended = 1;
            return APR_SUCCESS;
        }
        status = apr_bucket_read(bucket, &bytes, &length, APR_BLOCK_READ);
        if (status != APR_SUCCESS)
            return status;
        if (EVP_DigestUpdate(digest, bytes, length) != 1)
            return APR_EGENERAL;
    }
    return APR_SUCCESS;
}

static int read_and_hash(request_rec *r, EVP_MD_CTX *digest)
{
    apr_bucket_brigade *brigade =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);
    int ended = 0;

    while (!ended) {
        apr_status_t status = ap_get_brigade(
            r->input_filters, brigade, AP_MODE_READBYTES, APR_BLOCK_READ, STEP);

        if (status == APR_SUCCESS)
            status = hash_brigade(digest, brigade, &ended);
        if (status != APR_SUCCESS)
            return ap_map_http_request_error(status, HTTP_BAD_REQUEST);
        apr_brigade_cleanup(brigade);
    }
    return OK;
}

static int hash(request_rec *r)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    int result = HTTP_INTERNAL_SERVER_ERROR;

    if (digest != NULL && EVP_DigestInit_ex(digest, EVP_sha256(), NULL) == 1)
        result = read_and_hash(r, digest);
    if (result == OK && EVP_DigestFinal_ex(digest, sum, &length) != 1)
        result = HTTP_INTERNAL_SERVER_ERROR;
    EVP_MD_CTX_free(digest);
    if (result != OK)
        return result;
    ap_set_content_type(r, "text/plain; charset=utf-8");
    ap_rputs(apr_pescape_hex(r->pool, sum, length, 0), r);
    ap_rputs("\n", r);
    return OK;
}

static int handle(request_rec *r)
{
    if (r->handler == NULL)
        return DECLINED;
    if (strcmp(r->handler, "by-hand-form") == 0)
        return form(r);
    if (strcmp(r->handler, "by-hand-hash") == 0)
        return hash(r);
    return DECLINED;
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
}

/* The flags are the bridge's, which hide what is not marked. */
__attribute__((visibility("default")))
module AP_MODULE_DECLARE_DATA forms_module = {
    STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL, register_hooks,
    AP_MODULE_FLAG_NONE
};
