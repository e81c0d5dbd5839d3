/*
 * The host's shared cache: which provider it is, and the lock that all processes
 * share.
 *
 * One cache for the whole server. Configuration is written in the parent's one
 * thread; the parent makes memory and lock before it forks and connects to
 * nothing; afterwards all is read only.
 */
#include <apr_atomic.h>
#include <apr_global_mutex.h>
#include <apr_strings.h>

#include <httpd.h>
#include <http_core.h>
#include <http_log.h>
#include <util_mutex.h>

#include "bridge/nearest.h"
#include "cache.h"
#include "cache_flights.h"
#include "cache_space.h"
#include "host.h"

APLOG_USE_MODULE(handlerbridge);

#define MUTEX "handlerbridge-cache"
#define SECRET_MAX 512

static const hbr_provider_t *const providers[] = { &hbr_cache_shmcb,
                                                   &hbr_cache_redis,
                                                   &hbr_cache_memcache };
#define PROVIDERS (sizeof(providers) / sizeof(providers[0]))

static bool is_configured;             /* BridgeCache is there */
static const hbr_provider_t *provider; /* NULL: there is no cache */
static const char *why_none;           /* for the log, if there is none */
static const char *secret;
static apr_global_mutex_t *mutex;
static apr_uint32_t has_told; /* that there is no cache, in this child */

/* ------------------------------------------------------------- directives */

void hbr_httpd_cache_begin(apr_pool_t *pconf)
{
    is_configured = false;
    provider = &hbr_cache_shmcb;
    provider->read(pconf, NULL);
    secret = NULL;
    hbr_cache_spaces_begin(pconf);
    mutex = NULL;
    ap_mutex_register(pconf, MUTEX, NULL, APR_LOCK_DEFAULT, 0);
}

static const hbr_provider_t *find(const char *name)
{
    apr_size_t i;

    for (i = 0; i < PROVIDERS; i++) {
        if (strcasecmp(providers[i]->name, name) == 0)
            return providers[i];
    }
    return NULL;
}

static const char *unknown(apr_pool_t *pool, const char *name)
{
    static const char *const known = "shmcb, redis, memcache and none";

    if (strcasecmp(name, "dbm") == 0 || strcasecmp(name, "dc") == 0
        || strcasecmp(name, "rediss") == 0)
        return apr_psprintf(pool,
                            "BridgeCache takes no \"%s\": it cannot do what "
                            "handlers are promised; known are %s",
                            name, known);
    return apr_psprintf(pool, "BridgeCache takes no \"%s\"; known are %s", name,
                        known);
}

const char *hbr_set_cache(cmd_parms *cmd, void *config, const char *value)
{
    const char *wrong = ap_check_cmd_context(cmd, GLOBAL_ONLY);
    const char *rest = strchr(value, ':');
    const char *name = rest != NULL ? apr_pstrmemdup(cmd->pool, value,
                                                     (apr_size_t)(rest - value))
                                    : value;

    (void)config;
    if (wrong != NULL)
        return wrong;
    is_configured = true;
    provider = NULL;
    why_none = "BridgeCache is none";
    if (strcasecmp(value, "none") == 0)
        return NULL;
    provider = find(name);
    if (provider == NULL)
        return unknown(cmd->pool, name);
    return provider->read(cmd->pool, rest != NULL ? rest + 1 : NULL);
}

/* Read by the parent, while it may be root. */
const char *hbr_set_cache_secret(cmd_parms *cmd, void *config,
                                 const char *value)
{
    const char *wrong = ap_check_cmd_context(cmd, GLOBAL_ONLY);
    const char *path = ap_server_root_relative(cmd->pool, value);
    char line[SECRET_MAX];
    apr_file_t *file;

    (void)config;
    if (wrong != NULL)
        return wrong;
    if (path == NULL
        || apr_file_open(&file, path, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT,
                         cmd->temp_pool)
               != APR_SUCCESS)
        return apr_psprintf(cmd->pool,
                            "BridgeCacheSecret: the file \"%s\" cannot be read",
                            value);
    if (apr_file_gets(line, sizeof(line), file) != APR_SUCCESS)
        line[0] = '\0';
    apr_file_close(file);
    line[strcspn(line, "\r\n")] = '\0';
    if (line[0] == '\0')
        return apr_psprintf(cmd->pool,
                            "BridgeCacheSecret: the first line of \"%s\" is "
                            "empty",
                            value);
    secret = apr_pstrdup(cmd->pool, line);
    return NULL;
}

const char *hbr_cache_secret(void)
{
    return secret;
}

/* ------------------------------------------------------------------ start */

/* mod_socache_shmcb is not missed where nobody asked for it. */
int hbr_httpd_cache_check(apr_pool_t *pconf, apr_pool_t *plog,
                          apr_pool_t *ptemp, server_rec *main_server)
{
    const char *missing = provider != NULL ? provider->missing(ptemp) : NULL;

    (void)pconf;
    (void)plog;
    if (missing == NULL)
        return OK;
    provider = NULL;
    why_none = "load mod_socache_shmcb (LoadModule), or name another one "
               "(BridgeCache)";
    if (!is_configured)
        return OK;
    ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_CRIT, 0, main_server,
                 "HBR0366: BridgeCache: %s", missing);
    return HTTP_INTERNAL_SERVER_ERROR;
}

int hbr_httpd_cache_post_config(apr_pool_t *pconf, apr_pool_t *plog,
                                apr_pool_t *ptemp, server_rec *main_server)
{
    apr_status_t rv;

    (void)plog;
    (void)ptemp;
    if (provider == NULL
        || ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG)
        return OK;
    hbr_cache_spaces_name(pconf, main_server);
    rv = ap_global_mutex_create(&mutex, NULL, MUTEX, NULL, main_server, pconf,
                                0);
    if (rv == APR_SUCCESS)
        rv = hbr_cache_flights_make(pconf);
    if (rv == APR_SUCCESS && provider->open != NULL)
        rv = provider->open(pconf, main_server);
    if (rv == APR_SUCCESS)
        return OK;
    ap_log_error(APLOG_MARK, APLOG_CRIT, rv, main_server,
                 "HBR0369: the shared cache %s cannot be made", provider->name);
    provider = NULL;
    why_none = "it could not be made, see HBR0369";
    return is_configured ? HTTP_INTERNAL_SERVER_ERROR : OK;
}

bool hbr_cache_lock(void)
{
    apr_status_t rv = apr_global_mutex_lock(mutex);

    if (rv != APR_SUCCESS)
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, NULL,
                     "HBR0367: the lock of the shared cache cannot be had");
    return rv == APR_SUCCESS;
}

void hbr_cache_unlock(void)
{
    apr_global_mutex_unlock(mutex);
}

void hbr_cache_name(const hbr_cache_call_t *call, char name[HBR_CACHE_NAME + 1])
{
    static const char digits[] = "0123456789abcdef";
    char *at = name + 4;
    int i;

    memcpy(name, "hbr:", 4);
    for (i = 0; i < HBR_CACHE_KEY; i++) {
        *at++ = digits[call->key[i] >> 4];
        *at++ = digits[call->key[i] & 15];
    }
    *at = '\0';
}

void hbr_httpd_cache_child_init(apr_pool_t *pchild, server_rec *main_server)
{
    apr_status_t rv;

    has_told = 0;
    if (provider == NULL)
        return;
    rv = apr_global_mutex_child_init(&mutex, apr_global_mutex_lockfile(mutex),
                                     pchild);
    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, rv, main_server,
                     "HBR0367: the lock of the shared cache cannot be had");
        provider = NULL;
        why_none = "its lock cannot be had, see HBR0367";
        return;
    }
    hbr_cache_flights_open(pchild);
    provider->child_init(pchild, main_server);
}

/* ------------------------------------------------------------------ calls */

static void tell_none(request_rec *r)
{
    if (apr_atomic_cas32(&has_told, 1, 0) != 0)
        return;
    ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                  "HBR0360: a handler uses the shared cache, and there is "
                  "none: %s",
                  why_none);
}

static apr_size_t piece(void *request)
{
    if (provider != NULL)
        return provider->calls->piece(request);
    tell_none(request);
    return 0;
}

static apr_status_t get(void *request, const hbr_cache_call_t *call,
                        apr_pool_t *pool, char **data, apr_size_t *length)
{
    return provider->calls->get(request, call, pool, data, length);
}

static apr_status_t set(void *request, const hbr_cache_call_t *call,
                        const char *data, apr_size_t length,
                        apr_interval_time_t life)
{
    return provider->calls->set(request, call, data, length, life);
}

static apr_status_t remove_entry(void *request, const hbr_cache_call_t *call)
{
    return provider->calls->remove(request, call);
}

static apr_status_t add(void *request, const hbr_cache_call_t *call,
                        const char *data, apr_size_t length,
                        apr_interval_time_t life)
{
    return provider->calls->add(request, call, data, length, life);
}

static apr_status_t take(void *request, const hbr_cache_call_t *call,
                         apr_pool_t *pool, char **data, apr_size_t *length)
{
    return provider->calls->take(request, call, pool, data, length);
}

static apr_status_t renew(void *request, const hbr_cache_call_t *call,
                          const char *was, const char *is, apr_size_t length,
                          apr_interval_time_t life)
{
    return provider->calls->renew(request, call, was, is, length, life);
}

static apr_status_t increment(void *request, const hbr_cache_call_t *call,
                              int64_t by, apr_interval_time_t life,
                              int64_t *sum)
{
    return provider->calls->increment(request, call, by, life, sum);
}

const hbr_host_cache_t hbr_httpd_cache = { .piece = piece,
                                           .space = hbr_cache_space,
                                           .get = get,
                                           .set = set,
                                           .remove = remove_entry,
                                           .add = add,
                                           .take = take,
                                           .renew = renew,
                                           .increment = increment,
                                           .begin = hbr_cache_flights_begin,
                                           .end = hbr_cache_flights_end,
                                           .await = hbr_cache_flights_await };
