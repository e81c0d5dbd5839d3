/*
 * The host's shared cache: which provider it is, whose keys they are, and the
 * table of who makes what, which is the same with every provider.
 *
 * One cache for the whole server. Configuration is written in the parent's one
 * thread; the parent makes memory and lock before it forks and connects to
 * nothing; afterwards all is read only.
 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <apr_atomic.h>
#include <apr_global_mutex.h>
#include <apr_hash.h>
#include <apr_shm.h>
#include <apr_strings.h>

#include <httpd.h>
#include <http_core.h>
#include <http_log.h>
#include <util_mutex.h>

#include "bridge/nearest.h"
#include "cache.h"
#include "host.h"

APLOG_USE_MODULE(handlerbridge);

#define MUTEX "handlerbridge-cache"
#define PLACES 1024
#define SECRET_MAX 512

static const hbr_provider_t *const providers[] = { &hbr_cache_shmcb,
                                                   &hbr_cache_redis,
                                                   &hbr_cache_memcache };
#define PROVIDERS (sizeof(providers) / sizeof(providers[0]))

static bool is_configured;             /* BridgeCache is there */
static const hbr_provider_t *provider; /* NULL: there is no cache */
static const char *secret;
static apr_hash_t *spaces; /* of server_rec pointers; NULL: the main server's */
static apr_global_mutex_t *mutex;
static void *memory; /* of the table of who makes what */
static hbr_flights_t *flights;
static apr_uint32_t has_told; /* that there is no cache, in this child */

/* ------------------------------------------------------------- directives */

void hbr_httpd_cache_begin(apr_pool_t *pconf)
{
    is_configured = false;
    provider = &hbr_cache_shmcb;
    provider->read(pconf, NULL);
    secret = NULL;
    spaces = apr_hash_make(pconf);
    mutex = NULL;
    memory = NULL;
    flights = NULL;
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

const char *hbr_set_cache_space(cmd_parms *cmd, void *config, const char *value)
{
    const char *wrong = ap_check_cmd_context(cmd, NOT_IN_DIR_CONTEXT);

    (void)config;
    if (wrong == NULL)
        apr_hash_set(spaces,
                     apr_pmemdup(cmd->pool, &cmd->server, sizeof(void *)),
                     sizeof(void *), value);
    return wrong;
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
    if (!is_configured)
        return OK;
    ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_CRIT, 0, main_server,
                 "HBR0366: BridgeCache: %s", missing);
    return HTTP_INTERNAL_SERVER_ERROR;
}

static const char *space_given(server_rec *server)
{
    return apr_hash_get(spaces, &server, sizeof(void *));
}

/* Two sites may have the same ServerName on two ports; what one of them has
 * cached is not the other's. */
static const char *space_of(apr_pool_t *pool, server_rec *server)
{
    unsigned port = server->addrs != NULL ? server->addrs->host_port : 0;
    const char *name = server->server_hostname;

    return apr_psprintf(pool, "%s:%u", name != NULL ? name : "",
                        port != 0 ? port : server->port);
}

static void name_spaces(apr_pool_t *pool, server_rec *main_server)
{
    const char *of_all = space_given(main_server);
    server_rec *s;

    for (s = main_server; s != NULL; s = s->next) {
        const char *name = space_given(s);

        if (name == NULL)
            name = of_all != NULL ? of_all : space_of(pool, s);
        apr_hash_set(spaces, apr_pmemdup(pool, &s, sizeof(void *)),
                     sizeof(void *), name);
    }
}

static apr_status_t make_table(apr_pool_t *pool)
{
    apr_shm_t *shm;
    apr_status_t rv =
        apr_shm_create(&shm, hbr_flights_size(PLACES), NULL, pool);

    if (rv != APR_SUCCESS)
        return rv;
    memory = apr_shm_baseaddr_get(shm);
    memset(memory, 0, hbr_flights_size(PLACES));
    return APR_SUCCESS;
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
    name_spaces(pconf, main_server);
    rv = ap_global_mutex_create(&mutex, NULL, MUTEX, NULL, main_server, pconf,
                                0);
    if (rv == APR_SUCCESS)
        rv = make_table(pconf);
    if (rv == APR_SUCCESS && provider->open != NULL)
        rv = provider->open(pconf, main_server);
    if (rv == APR_SUCCESS)
        return OK;
    ap_log_error(APLOG_MARK, APLOG_CRIT, rv, main_server,
                 "HBR0369: the shared cache %s cannot be made", provider->name);
    provider = NULL;
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

static bool lock_table(void *data)
{
    (void)data;
    return hbr_cache_lock();
}

static void unlock_table(void *data)
{
    (void)data;
    hbr_cache_unlock();
}

/* A child may not be allowed to signal another user's process: it lives. */
static bool is_alive(uint32_t pid)
{
    return kill((pid_t)pid, 0) == 0 || errno != ESRCH;
}

void hbr_httpd_cache_child_init(apr_pool_t *pchild, server_rec *main_server)
{
    const hbr_flights_host_t host = { lock_table, unlock_table, is_alive,
                                      NULL };
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
        return;
    }
    flights = hbr_flights_open(pchild, memory, PLACES, &host);
    provider->child_init(pchild, main_server);
}

/* ------------------------------------------------------------------ calls */

static void tell_none(request_rec *r)
{
    if (apr_atomic_cas32(&has_told, 1, 0) != 0)
        return;
    ap_log_rerror(
        APLOG_MARK, APLOG_ERR, 0, r,
        is_configured
            ? "HBR0360: a handler uses the shared cache, and there is "
              "none: BridgeCache is none"
            : "HBR0360: a handler uses the shared cache, and there is "
              "none: load mod_socache_shmcb (LoadModule), or name "
              "another one (BridgeCache)");
}

static apr_size_t piece(void *request)
{
    if (provider != NULL)
        return provider->calls->piece(request);
    tell_none(request);
    return 0;
}

static const char *space(void *request)
{
    return space_given(((request_rec *)request)->server);
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

static apr_status_t begin(void *request, const unsigned char *key,
                          apr_interval_time_t term, hbr_flight_t *flight)
{
    (void)request;
    return hbr_flight_begin(flights, key, (uint32_t)getpid(), apr_time_now(),
                            term, flight);
}

static void end(void *request, const hbr_flight_t *flight, bool lost)
{
    (void)request;
    hbr_flight_end(flights, flight, lost);
}

static apr_status_t await(void *request, const hbr_flight_t *flight,
                          apr_time_t until)
{
    (void)request;
    return hbr_flight_await(flights, flight, until - apr_time_now());
}

const hbr_host_cache_t hbr_httpd_cache = { .piece = piece,
                                           .space = space,
                                           .get = get,
                                           .set = set,
                                           .remove = remove_entry,
                                           .add = add,
                                           .take = take,
                                           .renew = renew,
                                           .increment = increment,
                                           .begin = begin,
                                           .end = end,
                                           .await = await };
