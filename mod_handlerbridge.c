/*
 * mod_handlerbridge: answers requests from C functions. They are mapped by name
 * with SetHandler, AddHandler and BridgeMap, or named by a descriptor file.
 *
 * httpd's door to the bridge: the module record, the hooks, the table of
 * directives, and the look-up of the handler's name. What happens behind it is
 * in bridge/, which knows nothing of httpd; httpd/ stands between the two.
 */
#include <httpd.h>
#include <http_config.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <ap_mpm.h>

#include "bridge/child.h"
#include "bridge/rare.h"
#include "bridge/registry.h"
#include "httpd/cache.h"
#include "httpd/cache_space.h"
#include "httpd/config.h"
#include "httpd/crash.h"
#include "httpd/database.h"
#include "httpd/descriptor.h"
#include "httpd/host.h"
#include "httpd/listing.h"
#include "httpd/map.h"
#include "httpd/mappings.h"
#include "httpd/metrics.h"
#include "httpd/modules.h"
#include "httpd/output_cache.h"
#include "httpd/pools.h"
#include "httpd/session.h"
#include "httpd/shared.h"
#include "httpd/status.h"
#include "httpd/virtual.h"
#include "httpd/virtual_check.h"
#include "httpd/way.h"

static int read_handlers(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    const char *problem = hbr_registry_create(pconf, &hbr_registry);
    const char *tag = "HBR0001";

    (void)plog;
    hbr_mappings_begin(pconf);
    hbr_pools_begin();
    hbr_httpd_metrics_begin();
    hbr_httpd_shared_begin();
    hbr_httpd_cache_begin(pconf);
    hbr_virtual_begin();
    hbr_config_read_strict(ptemp);
    if (problem == NULL) {
        problem = hbr_modules_read(hbr_registry, pconf);
        tag = "HBR0241";
    }
    if (problem == NULL)
        return OK;
    ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_CRIT, 0, NULL, "%s: %s", tag,
                 problem);
    return HTTP_INTERNAL_SERVER_ERROR;
}

static void start_child(apr_pool_t *pchild, server_rec *main_server)
{
    hbr_mappings_end();
    hbr_httpd_output_begin();
    hbr_output_cache_begin();
    hbr_crash_child_init(pchild);
    hbr_httpd_database_child_init(pchild, main_server);
    hbr_httpd_descriptor_child_init(pchild);
    hbr_httpd_metrics_child_init();
    hbr_httpd_cache_child_init(pchild, main_server);
    hbr_child_start(hbr_registry, pchild, &hbr_httpd_log, hbr_pools_limits());
    hbr_pools_child_init(pchild, main_server);
    hbr_httpd_database_try(pchild, main_server);
}

static int answer(request_rec *r)
{
    hbr_entry_t *entry = hbr_virtual_entry(r);

    if (entry == NULL)
        entry = hbr_httpd_find(r);
    if (entry != NULL)
        return hbr_httpd_serve(entry, r);
    return strcmp(r->handler, HBR_DESCRIPTOR_NAME) == 0
               ? hbr_httpd_descriptor_answer(r)
               : DECLINED;
}

/* In one hook, so that requests without sessions pay for no other. */
static int fixups(request_rec *r)
{
    if (r->prev != NULL)
        hbr_httpd_session_inherit(r);
    return hbr_way_fixups(r);
}

static void register_hooks(apr_pool_t *pool)
{
    static const char *const behind_dbd[] = { "mod_dbd.c", NULL };
    static const char *const before_watchdog[] = { "mod_watchdog.c", NULL };
    /* It takes all methods but GET from whoever came before. */
    static const char *const behind_dav[] = { "mod_dav.c", NULL };
    static const char *const before_session[] = { "mod_session.c", NULL };

    (void)pool;
    ap_hook_pre_config(read_handlers, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_optional_fn_retrieve(hbr_httpd_database_retrieve, NULL, NULL,
                                 APR_HOOK_MIDDLE);
    ap_hook_optional_fn_retrieve(hbr_httpd_session_retrieve, NULL, NULL,
                                 APR_HOOK_MIDDLE);
    ap_hook_check_config(hbr_map_check, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_test_config(hbr_listing_print, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(hbr_pools_post_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(hbr_httpd_metrics_post_config, NULL, NULL,
                        APR_HOOK_MIDDLE);
    ap_hook_check_config(hbr_httpd_shared_check, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(hbr_httpd_shared_post_config, NULL, NULL,
                        APR_HOOK_MIDDLE);
    ap_hook_check_config(hbr_httpd_cache_check, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(hbr_httpd_cache_post_config, NULL, NULL,
                        APR_HOOK_MIDDLE);
    ap_hook_child_status(hbr_httpd_metrics_child_status, NULL, NULL,
                         APR_HOOK_MIDDLE);
    ap_hook_child_init(start_child, behind_dbd, before_watchdog,
                       APR_HOOK_MIDDLE);
    ap_hook_fixups(fixups, behind_dav, before_session, APR_HOOK_MIDDLE);
    ap_hook_handler(answer, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(hbr_virtual_check, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(hbr_virtual_tell, NULL, NULL, APR_HOOK_MIDDLE);
    hbr_httpd_status_register();
    ap_hook_log_transaction(hbr_way_log, NULL, NULL, APR_HOOK_FIRST);
}

#define ANYWHERE (RSRC_CONF | ACCESS_CONF | OR_FILEINFO)
#define FLAG(name, text)                                                       \
    AP_INIT_FLAG(name, hbr_set_flag, NULL, RSRC_CONF | ACCESS_CONF, text)
#define LIMIT(name, text)                                                      \
    AP_INIT_TAKE1(name, hbr_set_limit, NULL, RSRC_CONF | ACCESS_CONF, text)

static const command_rec directives[] = {
    LIMIT("BridgeBuffer", "bytes of text collected before a response streams"),
    LIMIT("BridgeCacheTimeout", "milliseconds to wait for the shared cache"),
    LIMIT("BridgeCacheWait", "milliseconds to wait for who makes a value"),
    LIMIT("BridgeDeadline", "milliseconds a request may take; 0 for no end"),
    LIMIT("BridgeLimitBody", "most bytes of a request's body"),
    LIMIT("BridgeLimitCacheKey", "most bytes of a key of the shared cache"),
    LIMIT("BridgeLimitCacheValue", "most bytes of a value of the shared cache"),
    LIMIT("BridgeLimitFile", "most bytes of a form's file"),
    LIMIT("BridgeLimitFileName", "most bytes of a file's name"),
    LIMIT("BridgeLimitFiles", "most files of a form"),
    LIMIT("BridgeLimitJSON", "most bytes of a JSON body"),
    LIMIT("BridgeLimitJSONDepth", "how deep JSON may nest"),
    LIMIT("BridgeLimitName", "most bytes of a form field's name"),
    LIMIT("BridgeLimitParams", "most parameters, fields of a form, cookies"),
    LIMIT("BridgeLimitPartFields", "most fields of a multipart part's header"),
    LIMIT("BridgeLimitPartHeader", "most bytes of a multipart part's header"),
    LIMIT("BridgeLimitParts", "most parts of a multipart body"),
    LIMIT("BridgeLimitPreamble", "most bytes around a multipart body's parts"),
    LIMIT("BridgeLimitSession", "most bytes of a session"),
    AP_INIT_TAKE1("BridgeLimitShared", hbr_set_limit_shared, NULL, RSRC_CONF,
                  "most bytes of a handler's shared struct"),
    LIMIT("BridgeLimitValue", "most bytes of a form field's value"),
    LIMIT("BridgeSlow", "milliseconds from which on a request is logged"),
    LIMIT("BridgeSpoolMemory", "bytes of a form's file kept in memory"),
    FLAG("BridgeNotes", "set notes of each request for the access log"),
    FLAG("BridgeServerTiming", "send the field Server-Timing"),
    FLAG("BridgeTrace", "give each request a trace id"),
    AP_INIT_TAKE1("BridgeCache", hbr_set_cache, NULL, RSRC_CONF,
                  "where the shared cache is: shmcb, redis:..., "
                  "memcache:... or none"),
    AP_INIT_TAKE1("BridgeCacheSecret", hbr_set_cache_secret, NULL, RSRC_CONF,
                  "a file with Redis' password"),
    AP_INIT_TAKE1("BridgeCacheSpace", hbr_set_cache_space, NULL, RSRC_CONF,
                  "what keeps this server's keys of the shared cache apart"),
    AP_INIT_FLAG("BridgeMetrics", hbr_set_metrics, NULL, RSRC_CONF,
                 "count requests"),
    AP_INIT_TAKE1("BridgeMetricsHandlers", hbr_set_metrics_handlers, NULL,
                  RSRC_CONF, "most handlers whose requests are counted"),
    AP_INIT_TAKE_ARGV("BridgeMap", hbr_add_map, NULL, ANYWHERE,
                      "METHODS PATTERN[,PATTERN...] HANDLER [key=value ...]"),
    AP_INIT_TAKE2("BridgeUnmap", hbr_take_map, NULL, ANYWHERE,
                  "METHODS and PATTERN of a BridgeMap, or * * for all"),
    AP_INIT_TAKE1("BridgeRequire", hbr_set_require, NULL, ANYWHERE,
                  "file, directory, either or none"),
    AP_INIT_RAW_ARGS("BridgeMethods", hbr_set_methods, NULL, ANYWHERE,
                     "the methods that are left to handlers here"),
    AP_INIT_RAW_ARGS("BridgeSet", hbr_set_option, NULL, ANYWHERE,
                     "a handler, one of its options, and its value"),
    AP_INIT_FLAG("BridgeFiles", hbr_set_files, NULL, RSRC_CONF | ACCESS_CONF,
                 "take descriptor files (bridge-file) here"),
    AP_INIT_FLAG("BridgeVirtual", hbr_set_virtual, NULL,
                 RSRC_CONF | ACCESS_CONF,
                 "the URLs here are no files: skip the directory walk"),
    AP_INIT_TAKE1("BridgeSpoolDir", hbr_set_spool_dir, NULL,
                  RSRC_CONF | ACCESS_CONF, "where a form's large files go"),
    AP_INIT_TAKE1("BridgeDBMax", hbr_set_db_max, NULL, RSRC_CONF,
                  "most database connections a child uses at once"),
    AP_INIT_TAKE1("BridgeDBWait", hbr_set_db_wait, NULL, RSRC_CONF,
                  "milliseconds to wait for a database connection"),
    AP_INIT_TAKE1("BridgeDBTimeout", hbr_set_db_timeout, NULL, RSRC_CONF,
                  "milliseconds a statement may take (PostgreSQL); 0: as the "
                  "database does"),
    AP_INIT_TAKE1("BridgePoolIdle", hbr_set_pool_idle, NULL, RSRC_CONF,
                  "seconds after which an idle instance is ended"),
    AP_INIT_TAKE1("BridgePoolMax", hbr_set_pool_max, NULL, RSRC_CONF,
                  "most instances of a pooled handler in a child"),
    AP_INIT_TAKE1("BridgePoolWait", hbr_set_pool_wait, NULL, RSRC_CONF,
                  "milliseconds to wait for an instance"),
    AP_INIT_FLAG("BridgeStrict", hbr_set_strict, NULL, RSRC_CONF,
                 "refuse handler names that look like mistakes"),
    /* Not ours: these only look, and their owners do the work. */
    AP_INIT_TAKE1("SetHandler", hbr_see_set_handler, NULL, OR_FILEINFO,
                  "a handler name, or none"),
    AP_INIT_ITERATE2("AddHandler", hbr_see_add_handler, NULL, OR_FILEINFO,
                     "a handler name followed by extensions"),
    AP_INIT_TAKE1("SSLVerifyClient", hbr_see_verify_client, NULL,
                  RSRC_CONF | OR_AUTHCFG,
                  "none, optional, optional_no_ca or require"),
    AP_INIT_TAKE1("DBDriver", hbr_see_dbdriver, NULL, RSRC_CONF,
                  "a database driver"),
    AP_INIT_TAKE1("DBDParams", hbr_see_dbdparams, NULL, RSRC_CONF,
                  "a driver's parameters"),
    AP_INIT_TAKE1("DBDMax", hbr_see_dbdmax, NULL, RSRC_CONF,
                  "most connections"),
    { .name = NULL }
};

__attribute__((visibility("default"))) module AP_MODULE_DECLARE_DATA
    handlerbridge_module = { STANDARD20_MODULE_STUFF,
                             hbr_dir_config_create,
                             hbr_dir_config_merge,
                             hbr_database_config_create,
                             hbr_database_config_merge,
                             directives,
                             register_hooks,
                             AP_MODULE_FLAG_NONE };
