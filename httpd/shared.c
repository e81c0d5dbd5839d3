/*
 * Handlers' shared structs in a server.
 *
 * The memory hangs on the process' pool, which outlives every configuration, and
 * this module's code too; which handler has what of it is bridge/shared_store.c's
 * work. All of it is done by the parent: children inherit it. Handlers get
 * theirs whether they are mapped or not, for .htaccess and descriptor files map
 * while the server runs; what nobody touches takes a page.
 */
#include <http_core.h>
#include <http_log.h>

#include "argument.h"
#include "bridge/shared.h"
#include "bridge/shared_store.h"
#include "config.h"
#include "host.h"
#include "shared.h"

APLOG_USE_MODULE(handlerbridge);

#define LIMIT_DEFAULT ((apr_off_t)1024 * 1024)

static apr_off_t limit;

void hbr_httpd_shared_begin(void)
{
    limit = LIMIT_DEFAULT;
}

const char *hbr_set_limit_shared(cmd_parms *cmd, void *config,
                                 const char *value)
{
    const char *wrong = ap_check_cmd_context(cmd, GLOBAL_ONLY);

    (void)config;
    return wrong != NULL
               ? wrong
               : hbr_argument_amount(cmd, value, true,
                                     (apr_off_t)HBR_SHARED_MAX, &limit);
}

/* The first that wants more than it may have, or NULL. */
static const hbr_entry_t *too_large(void)
{
    apr_size_t count, i;
    hbr_entry_t *const *all = hbr_registry_all(hbr_registry, &count);

    for (i = 0; i < count; i++)
        if (all[i]->handler.shared_size > (apr_size_t)limit)
            return all[i];
    return NULL;
}

int hbr_httpd_shared_check(apr_pool_t *pconf, apr_pool_t *plog,
                           apr_pool_t *ptemp, server_rec *main_server)
{
    const hbr_entry_t *entry = too_large();

    (void)pconf;
    (void)plog;
    (void)ptemp;
    (void)main_server;
    if (entry == NULL)
        return OK;
    ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_CRIT, 0, NULL,
                 "HBR0375: %s: handler \"%s\" wants %" APR_SIZE_T_FMT
                 " bytes of shared memory (.shared_size), more than "
                 "BridgeLimitShared %" APR_OFF_T_FMT,
                 entry->handler.stamp.file, entry->name,
                 entry->handler.shared_size, limit);
    return HTTP_INTERNAL_SERVER_ERROR;
}

int hbr_httpd_shared_post_config(apr_pool_t *pconf, apr_pool_t *plog,
                                 apr_pool_t *ptemp, server_rec *main_server)
{
    apr_size_t count;
    hbr_entry_t *const *all = hbr_registry_all(hbr_registry, &count);

    (void)pconf;
    (void)plog;
    (void)ptemp;
    if (ap_state_query(AP_SQ_MAIN_STATE) != AP_SQ_MS_CREATE_PRE_CONFIG)
        hbr_shared_store_bind(main_server->process->pool, all, count);
    return OK;
}
