/*
 * What hello under "BridgeVirtual On" is measured against: the answer of
 * mod_handwritten.c, by a module that skips the directory walk itself, as one
 * written for speed would: two hooks more, and the body in one brigade instead
 * of through httpd's buffer.
 *
 * It looks at its flag once and trusts it: it is no model for a module that has
 * to keep what other modules forbid (see httpd/virtual.c). It keeps no state,
 * so any thread may run it.
 */
#include <string.h>

#include <httpd.h>
#include <http_config.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>

#include <apr_strings.h>

extern module AP_MODULE_DECLARE_DATA handvirtual_module;

static const char body[] = "Hello, world!\n";

/* Any address will do. */
static char mark;

static int translate(request_rec *r)
{
    const int *on =
        ap_get_module_config(r->per_dir_config, &handvirtual_module);

    if (!*on)
        return DECLINED;
    ap_set_module_config(r->request_config, &handvirtual_module, &mark);
    r->filename = apr_pstrdup(r->pool, "plain-virtual:/");
    return OK;
}

static int map(request_rec *r)
{
    return ap_get_module_config(r->request_config, &handvirtual_module) != NULL
               ? OK
               : DECLINED;
}

static int handvirtual(request_rec *r)
{
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;
    apr_bucket_brigade *out;

    if (r->handler == NULL || strcmp(r->handler, "plain") != 0)
        return DECLINED;
    if (r->method_number != M_GET)
        return HTTP_METHOD_NOT_ALLOWED;
    ap_set_content_type(r, "text/plain; charset=utf-8");
    out = apr_brigade_create(r->pool, alloc);
    APR_BRIGADE_INSERT_TAIL(
        out, apr_bucket_immortal_create(body, sizeof(body) - 1, alloc));
    APR_BRIGADE_INSERT_TAIL(out, apr_bucket_eos_create(alloc));
    return ap_pass_brigade(r->output_filters, out) == APR_SUCCESS
               ? OK
               : AP_FILTER_ERROR;
}

static void *create(apr_pool_t *pool, char *path)
{
    (void)path;
    return apr_pcalloc(pool, sizeof(int));
}

static const command_rec directives[] = {
    AP_INIT_FLAG("PlainVirtual", ap_set_flag_slot, (void *)0, ACCESS_CONF,
                 "skip the directory walk"),
    { .name = NULL }
};

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_translate_name(translate, NULL, NULL, APR_HOOK_LAST);
    ap_hook_map_to_storage(map, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_handler(handvirtual, NULL, NULL, APR_HOOK_MIDDLE);
}

/* The flags are the bridge's, which hide what is not marked. */
__attribute__((visibility("default")))
module AP_MODULE_DECLARE_DATA handvirtual_module = { STANDARD20_MODULE_STUFF,
                                                     create,
                                                     NULL,
                                                     NULL,
                                                     NULL,
                                                     directives,
                                                     register_hooks,
                                                     AP_MODULE_FLAG_NONE };
