/*
 * What reading a body is measured against: a module of its own that reads the
 * same bytes out of httpd and throws them away, the way every httpd handler
 * reads today. It looks at none of them, so it can hardly be done for less.
 *
 * It answers how many there were. It keeps no state, so any thread may run it.
 */
#include <string.h>

#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <util_filter.h>

/* As much as the bridge asks for at a time. */
#define STEP (64 * 1024)

/* Adds what the brigade holds; true when the body's end is among it. */
static int discard(apr_bucket_brigade *brigade, apr_off_t *total)
{
    apr_bucket *bucket;

    for (bucket = APR_BRIGADE_FIRST(brigade);
         bucket != APR_BRIGADE_SENTINEL(brigade);
         bucket = APR_BUCKET_NEXT(bucket)) {
        const char *bytes;
        apr_size_t length;

        if (APR_BUCKET_IS_EOS(bucket))
            return 1;
        if (apr_bucket_read(bucket, &bytes, &length, APR_BLOCK_READ)
            == APR_SUCCESS)
            *total += length;
    }
    return 0;
}

static int handle(request_rec *r)
{
    apr_bucket_brigade *brigade;
    apr_off_t total = 0;
    int ended = 0;

    if (r->handler == NULL || strcmp(r->handler, "discard") != 0)
        return DECLINED;
    brigade = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    while (!ended) {
        if (ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES,
                           APR_BLOCK_READ, STEP)
            != APR_SUCCESS)
            return HTTP_BAD_REQUEST;
        ended = discard(brigade, &total);
        apr_brigade_cleanup(brigade);
    }
    ap_set_content_type(r, "text/plain; charset=utf-8");
    ap_rprintf(r, "%" APR_OFF_T_FMT " bytes\n", total);
    return OK;
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
}

/* The flags are the bridge's, which hide what is not marked. */
__attribute__((visibility("default")))
module AP_MODULE_DECLARE_DATA discard_module = {
    STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL, register_hooks,
    AP_MODULE_FLAG_NONE
};
