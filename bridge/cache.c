#include "handlerbridge/cache.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"
apr_status_t hbr_cache_get(hbr_context_t *ctx, const char *key, hbr_cached_t *value) { return APR_ENOTIMPL; }
apr_status_t hbr_cache_set(hbr_context_t *ctx, const char *key, const void *data, apr_size_t length, hbr_ttl_t ttl) { return APR_ENOTIMPL; }
apr_status_t hbr_cache_remove(hbr_context_t *ctx, const char *key) { return APR_ENOTIMPL; }
apr_status_t hbr_cache_add(hbr_context_t *ctx, const char *key, const void *data, apr_size_t length, hbr_ttl_t ttl) { return APR_ENOTIMPL; }
apr_status_t hbr_cache_take(hbr_context_t *ctx, const char *key, hbr_cached_t *value) { return APR_ENOTIMPL; }
apr_status_t hbr_cache_increment(hbr_context_t *ctx, const char *key, int64_t by, hbr_ttl_t ttl, int64_t *sum) { return APR_ENOTIMPL; }
int hbr_cache_fetch(hbr_context_t *ctx, const char *key, hbr_ttl_t ttl, hbr_cache_make_f *make, void *data, hbr_cached_t *value) { return 500; }
