/**
 * @file shared.h
 * @brief Handlers' shared structs in a server: how large they may be, and the
 *        memory for them.
 */
#ifndef HBR_HTTPD_SHARED_H
#define HBR_HTTPD_SHARED_H

#include <httpd.h>
#include <http_config.h>

/** Forgets what another configuration said; for ap_hook_pre_config. */
void hbr_httpd_shared_begin(void);

/* A directive; see docs/directives.md. */
const char *hbr_set_limit_shared(cmd_parms *cmd, void *config,
                                 const char *value);

/** Refuses handlers whose struct is larger than BridgeLimitShared. */
int hbr_httpd_shared_check(apr_pool_t *pconf, apr_pool_t *plog,
                           apr_pool_t *ptemp, server_rec *main_server);

/** Gives each handler its memory: what it had before a graceful restart, or
 *  new. */
int hbr_httpd_shared_post_config(apr_pool_t *pconf, apr_pool_t *plog,
                                 apr_pool_t *ptemp, server_rec *main_server);

#endif
