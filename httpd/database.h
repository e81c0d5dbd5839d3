/**
 * @file database.h
 * @brief The host's database: connections borrowed from mod_dbd.
 */
#ifndef HBR_HTTPD_DATABASE_H
#define HBR_HTTPD_DATABASE_H

#include <httpd.h>
#include <http_config.h>

#include "bridge/gate.h"
#include "bridge/host.h"

/** What a server's configuration says about the database. Made when the
 *  configuration is read, except for the gate, which each child makes. */
typedef struct hbr_database_config_t {
    const char *driver;       /**< DBDriver; NULL: none. */
    const char *params;       /**< DBDParams; NULL: none. */
    int dbd_max;              /**< DBDMax; 0: not set. */
    int max;                  /**< BridgeDBMax; 0: not set. */
    apr_interval_time_t wait; /**< BridgeDBWait in microseconds; -1: not set. */
    apr_interval_time_t timeout; /**< BridgeDBTimeout; 0: none; -1: not
                                      set. */
    hbr_gate_t *gate;            /**< NULL: no threads, nobody to wait for. */
} hbr_database_config_t;

/** The module's configuration of a server: for the module record. */
void *hbr_database_config_create(apr_pool_t *pool, server_rec *server);
void *hbr_database_config_merge(apr_pool_t *pool, void *base, void *add);

/* Directives; see docs/directives.md. The last three are mod_dbd's: they are
 * looked at, and mod_dbd still does its work. */
const char *hbr_set_db_max(cmd_parms *cmd, void *config, const char *value);
const char *hbr_set_db_wait(cmd_parms *cmd, void *config, const char *value);
const char *hbr_set_db_timeout(cmd_parms *cmd, void *config, const char *value);
const char *hbr_see_dbdriver(cmd_parms *cmd, void *config, const char *name);
const char *hbr_see_dbdparams(cmd_parms *cmd, void *config, const char *params);
const char *hbr_see_dbdmax(cmd_parms *cmd, void *config, const char *value);

/** Finds mod_dbd's functions; for ap_hook_optional_fn_retrieve. */
void hbr_httpd_database_retrieve(void);

/**
 * Makes the gates of a child process; for ap_hook_child_init, in any order.
 * @param pool the child's
 * @param main_server the first of the servers
 */
void hbr_httpd_database_child_init(apr_pool_t *pool, server_rec *main_server);

/**
 * Tries the statements of the handlers that are mapped on each server that has a
 * DBDriver, so that a bad one is logged at start; for ap_hook_child_init, behind
 * mod_dbd.c's.
 * @param pool the child's
 * @param main_server the first of the servers
 */
void hbr_httpd_database_try(apr_pool_t *pool, server_rec *main_server);

/** The host's table; `request` is a request_rec. */
extern const hbr_host_database_t hbr_httpd_database;

#endif
