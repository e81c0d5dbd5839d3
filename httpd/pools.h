/**
 * @file pools.h
 * @brief The limits of handlers' pools, and the sweep that ends idle instances.
 */
#ifndef HBR_HTTPD_POOLS_H
#define HBR_HTTPD_POOLS_H

#include <httpd.h>
#include <http_config.h>

#include "bridge/instance.h"

/** Forgets what another configuration said; for ap_hook_pre_config. */
void hbr_pools_begin(void);

/* Directives; see docs/directives.md. */
const char *hbr_set_pool_max(cmd_parms *cmd, void *config, const char *value);
const char *hbr_set_pool_wait(cmd_parms *cmd, void *config, const char *value);
const char *hbr_set_pool_idle(cmd_parms *cmd, void *config, const char *value);

/** What the directives said. */
const hbr_pool_limits_t *hbr_pools_limits(void);

/** Asks mod_watchdog for a thread in each child, where there is something to
 *  sweep; for ap_hook_post_config, before mod_watchdog's. */
int hbr_pools_post_config(apr_pool_t *pconf, apr_pool_t *plog,
                          apr_pool_t *ptemp, server_rec *main_server);

/**
 * Lets the sweep begin, and end with the child's pool: behind
 * hbr_child_start(), whose instances it ends, and before mod_watchdog's threads
 * begin.
 */
void hbr_pools_child_init(apr_pool_t *pchild, server_rec *main_server);

#endif
