/*
 * What handlers/hello.c is measured against: the same answer, written as a
 * module of its own, the way every httpd handler is written today.
 *
 * It says no more than it has to: no query, no HEAD or OPTIONS of its own, no
 * limits, no checks. It keeps no state, so any thread may run it. Its name is
 * as long as hello's: httpd copies the name for each request.
 */
#include <string.h>

#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>

static int handwritten(request_rec *r)
{
    if (r->handler == NULL || strcmp(r->handler, "plain") != 0)
        return DECLINED;
    if (r->method_number != M_GET)
        return HTTP_METHOD_NOT_ALLOWED;
    ap_set_content_type(r, "text/plain; charset=utf-8");
    ap_rputs("Hello, world!\n", r);
    return OK;
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_handler(handwritten, NULL, NULL, APR_HOOK_MIDDLE);
}

/* The flags are the bridge's, which hide what is not marked. */
__attribute__((visibility("default")))
module AP_MODULE_DECLARE_DATA handwritten_module = {
    STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL, register_hooks,
    AP_MODULE_FLAG_NONE
};
