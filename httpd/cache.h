/**
 * @file cache.h
 * @brief The host's shared cache: directives, and one provider for the server.
 */
#ifndef HBR_HTTPD_CACHE_H
#define HBR_HTTPD_CACHE_H

#include <httpd.h>
#include <http_config.h>

#include "bridge/host.h"

/** One way of keeping entries. Its functions are called when it is the one that
 *  BridgeCache names. */
typedef struct hbr_provider_t {
    const char *name;
    /** Reads what stands behind "name:"; NULL: nothing does. Returns what is
     *  wrong, or NULL. May be called several times: the last one counts. */
    const char *(*read)(apr_pool_t *pool, const char *argument);
    /** What is missing, or NULL; once the configuration is read, also by
     *  `httpd -t`. */
    const char *(*missing)(apr_pool_t *pool);
    /** In the parent, before it forks; says in the log what is wrong. Opens no
     *  connection. NULL: nothing to do. */
    apr_status_t (*open)(apr_pool_t *pconf, server_rec *main_server);
    void (*child_init)(apr_pool_t *pchild, server_rec *main_server);
    /** piece, get, set, remove, add, take, renew and increment. */
    const hbr_host_cache_t *calls;
} hbr_provider_t;

extern const hbr_provider_t hbr_cache_shmcb;
extern const hbr_provider_t hbr_cache_redis;
extern const hbr_provider_t hbr_cache_memcache;

/** Takes the lock that all processes share; false: it cannot be had, which is
 *  logged. For a few instructions. */
bool hbr_cache_lock(void);
void hbr_cache_unlock(void);

/** Characters of an entry's name at a server elsewhere. */
#define HBR_CACHE_NAME (4 + 2 * HBR_CACHE_KEY)

/** That name: "hbr:" and the key in hex. */
void hbr_cache_name(const hbr_cache_call_t *call,
                    char name[HBR_CACHE_NAME + 1]);

/** What BridgeCacheSecret's file says: "password" or "user:password"; NULL:
 *  there is none. */
const char *hbr_cache_secret(void);

/* Directives; see docs/directives.md. */
const char *hbr_set_cache(cmd_parms *cmd, void *config, const char *value);
const char *hbr_set_cache_secret(cmd_parms *cmd, void *config,
                                 const char *value);

/* Hooks. */
void hbr_httpd_cache_begin(apr_pool_t *pconf);
int hbr_httpd_cache_check(apr_pool_t *pconf, apr_pool_t *plog,
                          apr_pool_t *ptemp, server_rec *main_server);
int hbr_httpd_cache_post_config(apr_pool_t *pconf, apr_pool_t *plog,
                                apr_pool_t *ptemp, server_rec *main_server);
void hbr_httpd_cache_child_init(apr_pool_t *pchild, server_rec *main_server);

/** The host's table; `request` is a request_rec. */
extern const hbr_host_cache_t hbr_httpd_cache;

#endif
