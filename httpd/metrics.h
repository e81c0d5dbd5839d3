/**
 * @file metrics.h
 * @brief The memory that handlers' counters lie in, for all processes of this
 *        server.
 */
#ifndef HBR_HTTPD_METRICS_H
#define HBR_HTTPD_METRICS_H

#include <httpd.h>
#include <http_config.h>
#include <ap_mpm.h>

#include "bridge/metrics.h"

/** Forgets what another configuration said; for ap_hook_pre_config. */
void hbr_httpd_metrics_begin(void);

/* Directives; see docs/directives.md. */
const char *hbr_set_metrics(cmd_parms *cmd, void *config, int on);
const char *hbr_set_metrics_handlers(cmd_parms *cmd, void *config,
                                     const char *value);

/** Makes the memory at the server's start, and gives each handler its slot. */
int hbr_httpd_metrics_post_config(apr_pool_t *pconf, apr_pool_t *plog,
                                  apr_pool_t *ptemp, server_rec *main_server);

/** Takes a seat for this child; before anything is counted. */
void hbr_httpd_metrics_child_init(void);

/** Empties a child's seat when it has ended; in the parent. */
void hbr_httpd_metrics_child_status(server_rec *server, pid_t pid,
                                    ap_generation_t generation, int slot,
                                    mpm_child_status state);

/** What is counted; NULL: nothing (BridgeMetrics Off, or no memory). */
const hbr_metrics_t *hbr_httpd_metrics(void);

#endif
