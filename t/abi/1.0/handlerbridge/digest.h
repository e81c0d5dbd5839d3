/**
 * @file digest.h
 * @brief SHA-256 (FIPS 180-4) of bytes that come piece by piece.
 */
#ifndef HANDLERBRIDGE_DIGEST_H
#define HANDLERBRIDGE_DIGEST_H

#include "api.h"

typedef struct hbr_digest_t hbr_digest_t;

/** Begins a digest; freed with the pool. NULL when the library has none. */
HBR_API hbr_digest_t *hbr_digest_create(apr_pool_t *pool);

/** Adds bytes. */
HBR_API void hbr_digest_update(hbr_digest_t *digest, const void *bytes,
                               apr_size_t length);

/** Ends it. @return 64 digits of lower case hex in the pool; NULL when the
 *  library failed */
HBR_API const char *hbr_digest_end(hbr_digest_t *digest);

#endif
