/*
 * SHA-256 by OpenSSL.
 */
#include "handlerbridge/digest.h"

#include <openssl/evp.h>

#include <apr_escape.h>

struct hbr_digest_t {
    apr_pool_t *pool;
    EVP_MD_CTX *context;
};

static apr_status_t release(void *data)
{
    EVP_MD_CTX_free(((hbr_digest_t *)data)->context);
    return APR_SUCCESS;
}

hbr_digest_t *hbr_digest_create(apr_pool_t *pool)
{
    hbr_digest_t *digest = apr_palloc(pool, sizeof(*digest));

    digest->pool = pool;
    digest->context = EVP_MD_CTX_new();
    if (digest->context == NULL)
        return NULL;
    apr_pool_cleanup_register(pool, digest, release, apr_pool_cleanup_null);
    if (EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL) != 1)
        return NULL;
    return digest;
}

void hbr_digest_update(hbr_digest_t *digest, const void *bytes,
                       apr_size_t length)
{
    EVP_DigestUpdate(digest->context, bytes, length);
}

const char *hbr_digest_end(hbr_digest_t *digest)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length;

    if (EVP_DigestFinal_ex(digest->context, hash, &length) != 1)
        return NULL;
    return apr_pescape_hex(digest->pool, hash, length, 0);
}
