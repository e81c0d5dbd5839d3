/*
 * What bench/handlers/output.c is measured against: the same text by
 * ap_rwrite() and ap_rprintf(). No state.
 */
#include <string.h>

#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>

#define PIECES 256
#define PIECE 4096
#define LINES 20

static int writes(request_rec *r)
{
    char piece[PIECE];

    memset(piece, 'x', sizeof(piece));
    ap_set_content_type(r, "text/plain; charset=utf-8");
    for (int i = 0; i < PIECES; i++) {
        if (ap_rwrite(piece, sizeof(piece), r) < 0)
            return HTTP_INTERNAL_SERVER_ERROR;
    }
    return OK;
}

static int lines(request_rec *r)
{
    ap_set_content_type(r, "text/plain; charset=utf-8");
    for (int i = 0; i < LINES; i++) {
        if (ap_rprintf(r, "line %d of %s\n", i, r->uri) < 0)
            return HTTP_INTERNAL_SERVER_ERROR;
    }
    return OK;
}

static int handle(request_rec *r)
{
    if (r->handler == NULL)
        return DECLINED;
    if (strcmp(r->handler, "by-hand-writes") == 0)
        return writes(r);
    if (strcmp(r->handler, "by-hand-lines") == 0)
        return lines(r);
    return DECLINED;
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
}

/* The flags are the bridge's, which hide what is not marked. */
__attribute__((visibility("default")))
module AP_MODULE_DECLARE_DATA output_module = {
    STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL, register_hooks,
    AP_MODULE_FLAG_NONE
};
