/*
 * The provider that keeps the sessions: chosen and checked at start, made by
 * the parent, asked by the children.
 *
 * A provider that is not safe among processes (shmcb, dbm) lies in this
 * machine and is asked under a global mutex. One that is safe (redis,
 * memcache) asks a server, which may be away, and is asked by remote.c.
 */
#include "store.h"

#include <string.h>

#include <apr_atomic.h>
#include <apr_strings.h>
#include <ap_mpm.h>
#include <http_core.h>
#include <http_log.h>
#include <util_mutex.h>

#include "provider.h"
#include "remote.h"

APLOG_USE_MODULE(session_socache);

/* Of the mutex; and the store's name space, of at most 15 bytes. */
#define MUTEX_TYPE "session-socache"
#define NAMESPACE "session"

#define DEFAULT_SIZE_MAX (64 * 1024)
#define DEFAULT_WAIT apr_time_from_msec(2000)
#define DEFAULT_SHMCB_SIZE (16 * 1024 * 1024)

/* memcached takes what is more for a date. */
#define MEMCACHE_LIFE_MAX apr_time_from_sec(30 * 24 * 60 * 60)

#define SAY_SECONDS 5
#define SPARE_THREADS 4

hss_store_settings_t hss_store_settings;

static apr_global_mutex_t *mutex;

static volatile apr_uint32_t errors;
static volatile apr_uint32_t errors_over;
static volatile apr_uint32_t unproved_at; /* in seconds */

/* ---- the store's three calls ------------------------------------------- */

static bool is_remote(void)
{
    return (hss_chosen.provider->flags & AP_SOCACHE_FLAG_NOTMPSAFE) == 0;
}

static apr_uint32_t seconds_now(void)
{
    return (apr_uint32_t)apr_time_sec(apr_time_now());
}

static bool takes_a_store(hss_job_t *job)
{
    static const unsigned char key[] = "session-socache:probe";
    unsigned char data[] = "1";

    return hss_chosen.provider->store(hss_chosen.instance, job->server, key,
                                      sizeof(key) - 1,
                                      apr_time_now() + apr_time_from_sec(10),
                                      data, sizeof(data) - 1, job->pool)
           == APR_SUCCESS;
}

/* The providers' client libraries leave a server that failed aside for some
 * seconds, and meanwhile say "not found" for everything: for a key that is not
 * there, and for a store. So after an error, or while another call may be
 * having one, only a store that succeeds proves that a server listens; it is
 * tried once a second at most when it does not. */
static apr_status_t prove_absence(hss_job_t *job)
{
    /* In this order: a call counts its error before it is no longer there. */
    bool is_crowded = hss_remote_is_crowded();
    apr_uint32_t before = apr_atomic_read32(&errors);

    if (!is_remote() || job->is_sure
        || (before == apr_atomic_read32(&errors_over) && !is_crowded))
        return APR_NOTFOUND;
    if (apr_atomic_read32(&unproved_at) == seconds_now())
        return APR_ECONNREFUSED;
    if (!takes_a_store(job)) {
        apr_atomic_set32(&unproved_at, seconds_now());
        return APR_ECONNREFUSED;
    }
    apr_atomic_set32(&errors_over, before);
    return APR_NOTFOUND;
}

static apr_status_t note(hss_job_t *job, apr_status_t status)
{
    if (status == APR_NOTFOUND)
        return prove_absence(job);
    if (status != APR_SUCCESS)
        apr_atomic_inc32(&errors);
    return status;
}

static apr_status_t get(void *store, hss_job_t *job, const unsigned char *key,
                        unsigned char *data, unsigned int *length)
{
    return note(job, hss_chosen.provider->retrieve(store, job->server, key,
                                                   HSS_KEY_LENGTH, data, length,
                                                   job->pool));
}

static apr_status_t set(void *store, hss_job_t *job, const unsigned char *key,
                        apr_time_t expires, unsigned char *data,
                        unsigned int length)
{
    apr_time_t latest = job->now + MEMCACHE_LIFE_MAX;
    apr_status_t status;

    if (expires > latest && strcmp(hss_chosen.provider->name, "memcache") == 0)
        expires = latest;
    status = hss_chosen.provider->store(store, job->server, key, HSS_KEY_LENGTH,
                                        expires, data, length, job->pool);
    return note(job, status == APR_NOTFOUND ? APR_ECONNREFUSED : status);
}

static apr_status_t unset(void *store, hss_job_t *job, const unsigned char *key)
{
    return note(job, hss_chosen.provider->remove(store, job->server, key,
                                                 HSS_KEY_LENGTH, job->pool));
}

static hss_calls_t calls = { .get = get, .set = set, .unset = unset };

/* ---- at start ------------------------------------------------------------ */

int hss_store_reset(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    apr_status_t status =
        ap_mutex_register(pconf, MUTEX_TYPE, NULL, APR_LOCK_DEFAULT, 0);

    (void)ptemp;
    hss_chosen = (hss_chosen_t){ 0 };
    calls.store = NULL;
    hss_store_settings = (hss_store_settings_t){
        .size_max = DEFAULT_SIZE_MAX,
        .wait = DEFAULT_WAIT,
    };
    if (status == APR_SUCCESS)
        return OK;
    ap_log_perror(APLOG_MARK, APLOG_CRIT, status, plog,
                  "HSS0001: cannot make the mutex " MUTEX_TYPE " known");
    return HTTP_INTERNAL_SERVER_ERROR;
}

const char *hss_store_choose(cmd_parms *cmd, void *config, const char *text)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);
    const char *colon = ap_strchr_c(text, ':');
    const char *name = text;

    (void)config;
    if (error != NULL)
        return error;
    if (colon != NULL)
        name = apr_pstrmemdup(cmd->pool, text, (apr_size_t)(colon - text));
    error = hss_provider_choose(cmd->pool, cmd->temp_pool, name,
                                colon != NULL ? colon + 1 : NULL);
    hss_store_settings.wanted = true;
    if (error != NULL)
        return apr_psprintf(cmd->pool, "%s: %s", cmd->cmd->name, error);
    return NULL;
}

int hss_store_check(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                    server_rec *server)
{
    const char *file;
    const char *error;

    (void)plog;
    if (!hss_store_settings.wanted || hss_chosen.provider != NULL)
        return OK;
    file = ap_runtime_dir_relative(ptemp, "session_socache");
    error = hss_provider_choose(
        pconf, ptemp, "shmcb",
        apr_psprintf(pconf, "%s(%d)", file, DEFAULT_SHMCB_SIZE));
    if (error == NULL)
        return OK;
    ap_log_error(APLOG_MARK, APLOG_CRIT, 0, server,
                 "HSS0002: SessionSocache is not set, and its default cannot "
                 "be had: %s",
                 error);
    return HTTP_INTERNAL_SERVER_ERROR;
}

/* A session of the largest size, once, so that it does not fail at a request.
 * A server elsewhere may come later, and is not asked. */
static apr_status_t try_largest(server_rec *server, apr_pool_t *ptemp)
{
    static const unsigned char key[HSS_KEY_LENGTH] = "largest";
    unsigned int length = (unsigned int)hss_store_settings.size_max + 64;
    unsigned char *data = apr_pcalloc(ptemp, length);
    apr_status_t status;

    if (is_remote())
        return APR_SUCCESS;
    status = hss_chosen.provider->store(
        hss_chosen.instance, server, key, sizeof(key),
        apr_time_now() + apr_time_from_sec(60), data, length, ptemp);
    if (status == APR_SUCCESS)
        status = hss_chosen.provider->remove(hss_chosen.instance, server, key,
                                             sizeof(key), ptemp);
    if (status != APR_SUCCESS)
        ap_log_error(APLOG_MARK, APLOG_CRIT, status, server,
                     "HSS0003: SessionSocache %s: a session of "
                     "SessionSocacheMaxSize (%" APR_SIZE_T_FMT
                     " bytes) does not fit: give the store more, or the "
                     "sessions less",
                     hss_chosen.provider->name, hss_store_settings.size_max);
    return status;
}

static apr_status_t destroy(void *server)
{
    hss_chosen.provider->destroy(hss_chosen.instance, server);
    return APR_SUCCESS;
}

static apr_status_t open_store(apr_pool_t *pconf, server_rec *server)
{
    struct ap_socache_hints hints = {
        .avg_id_len = HSS_KEY_LENGTH,
        .avg_obj_size = hss_provider_average(hss_store_settings.size_max),
        .expiry_interval = apr_time_from_sec(60),
    };
    apr_status_t status = APR_SUCCESS;

    if (!is_remote())
        status = ap_global_mutex_create(&mutex, NULL, MUTEX_TYPE, NULL, server,
                                        pconf, 0);
    if (status == APR_SUCCESS)
        status = hss_chosen.provider->init(hss_chosen.instance, NAMESPACE,
                                           &hints, server, pconf);
    if (status != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, status, server,
                     "HSS0004: SessionSocache %s cannot be opened",
                     hss_chosen.provider->name);
        return status;
    }
    apr_pool_cleanup_register(pconf, server, destroy, apr_pool_cleanup_null);
    calls.store = hss_chosen.instance;
    calls.is_locked = !is_remote();
    return APR_SUCCESS;
}

int hss_store_open(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                   server_rec *server)
{
    (void)plog;
    if (hss_chosen.provider == NULL
        || ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG)
        return OK;
    if (open_store(pconf, server) != APR_SUCCESS
        || try_largest(server, ptemp) != APR_SUCCESS)
        return HTTP_INTERNAL_SERVER_ERROR;
    return OK;
}

static apr_status_t start_threads(void)
{
    int count = 1;

    ap_mpm_query(AP_MPMQ_MAX_THREADS, &count);
    return hss_remote_start((count > 0 ? count : 1) + SPARE_THREADS,
                            hss_store_settings.wait);
}

void hss_store_child(apr_pool_t *pchild, server_rec *server)
{
    apr_status_t status;

    if (calls.store == NULL)
        return;
    if (is_remote())
        status = start_threads();
    else
        status = apr_global_mutex_child_init(
            &mutex, apr_global_mutex_lockfile(mutex), pchild);
    if (status != APR_SUCCESS)
        ap_log_error(APLOG_MARK, APLOG_CRIT, status, server,
                     "HSS0005: the child cannot ask SessionSocache %s",
                     hss_chosen.provider->name);
}

/* ---- at requests --------------------------------------------------------- */

bool hss_store_is_open(void)
{
    return calls.store != NULL;
}

hss_job_t *hss_store_job(request_rec *r)
{
    hss_job_t *job = hss_job_create(&calls, hss_store_settings.size_max);

    if (job != NULL)
        job->server = r->server;
    return job;
}

static apr_status_t run_locked(hss_job_t *job)
{
    apr_status_t status = apr_global_mutex_lock(mutex);

    if (status != APR_SUCCESS)
        return status;
    status = job->run(job);
    apr_global_mutex_unlock(mutex);
    return status;
}

/* A store that is away fails each request: of each of its ways, one line in
 * some seconds is said. */
static bool is_to_be_said(volatile apr_uint32_t *said_at)
{
    apr_uint32_t now = seconds_now();
    apr_uint32_t before = apr_atomic_read32(said_at);

    return now - before >= SAY_SECONDS
           && apr_atomic_cas32(said_at, now, before) == before;
}

static void say_away(request_rec *r, apr_status_t status)
{
    static volatile apr_uint32_t away;
    static volatile apr_uint32_t hanging;

    if (status == APR_TIMEUP && is_to_be_said(&hanging))
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                      "HSS0011: SessionSocache %s does not answer within "
                      "SessionSocacheWait (%d ms); sessions fail",
                      hss_chosen.provider->name,
                      (int)apr_time_as_msec(hss_store_settings.wait));
    else if (status != APR_TIMEUP && is_to_be_said(&away))
        ap_log_rerror(APLOG_MARK, APLOG_ERR, status, r,
                      "HSS0010: SessionSocache %s is away; sessions fail",
                      hss_chosen.provider->name);
}

apr_status_t hss_store_run(request_rec *r, hss_job_t **job)
{
    apr_status_t status = is_remote() ? hss_remote_run(job) : run_locked(*job);

    if (status != APR_SUCCESS && status != APR_NOTFOUND && status != APR_EBUSY)
        say_away(r, status);
    return status;
}
