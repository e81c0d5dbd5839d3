/*
 * The socache provider that keeps the sessions, one for the whole server.
 */
#ifndef SESSION_SOCACHE_STORE_H
#define SESSION_SOCACHE_STORE_H

#include <httpd.h>
#include <http_config.h>

#include "job.h"

/** What the directives of the server set. */
typedef struct hss_store_settings_t {
    bool wanted;              /**< a store or a cookie is declared somewhere */
    apr_size_t size_max;      /**< bytes of a session */
    apr_interval_time_t wait; /**< for a store elsewhere */
} hss_store_settings_t;

/** Valid while the configuration is. */
extern hss_store_settings_t hss_store_settings;

/** Back to the defaults; the mutex's name is made known. At pre_config. */
int hss_store_reset(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp);

/** SessionSocache. @return NULL or an error */
const char *hss_store_choose(cmd_parms *cmd, void *config, const char *text);

/** At check_config, also under `httpd -t`: the default when none is chosen. */
int hss_store_check(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                    server_rec *server);

/** At post_config: the parent makes mutex and store. */
int hss_store_open(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                   server_rec *server);

/** At child_init. */
void hss_store_child(apr_pool_t *pchild, server_rec *server);

/** Whether there is a store: not, when only .htaccess files ask for one. */
bool hss_store_is_open(void);

/** A job for hss_store_run(). @return NULL without memory */
hss_job_t *hss_store_job(request_rec *r);

/**
 * Runs a job where it has to be run. May block: for the mutex, or as long as
 * SessionSocacheWait.
 *
 * @param job NULL afterwards when it was left behind
 * @return the job's status; anything but what job.h names is logged, not
 *         each time
 */
apr_status_t hss_store_run(request_rec *r, hss_job_t **job);

#endif
