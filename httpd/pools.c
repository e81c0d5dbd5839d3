/*
 * The limits of handlers' pools, and the sweep that ends instances which were
 * idle for too long without a request coming by.
 *
 * mod_watchdog sweeps, in a thread of its own in each child; where it is not
 * loaded, idle instances end when the next one is given back. On prefork too:
 * handlers are promised a process of one thread there.
 *
 * The child's pool, and all instances with it, is destroyed while that thread
 * still runs: nobody joins it before. So sweeping and the end of sweeping take
 * turns by a lock that outlives the child's pool.
 *
 * The limits are written while the configuration is read, in one thread.
 */
#include <apr_optional.h>
#include <apr_thread_mutex.h>

#include <http_core.h>
#include <http_log.h>
#include <ap_mpm.h>
#include <mod_watchdog.h>

#include "argument.h"
#include "config.h"
#include "host.h"
#include "pools.h"

APLOG_USE_MODULE(handlerbridge);

#define MAX_LIMIT 100000
#define WAIT_LIMIT_MS 3600000
#define IDLE_LIMIT_S 31536000

static const hbr_pool_limits_t limits_default = HBR_POOL_LIMITS_DEFAULT;
static hbr_pool_limits_t limits;

static APR_OPTIONAL_FN_TYPE(ap_watchdog_get_instance) * watchdog_get;
static APR_OPTIONAL_FN_TYPE(ap_watchdog_register_callback) * watchdog_register;

static apr_thread_mutex_t *turn; /* NULL: nobody sweeps */
static bool over;

void hbr_pools_begin(void)
{
    limits = limits_default;
}

const hbr_pool_limits_t *hbr_pools_limits(void)
{
    return &limits;
}

static const char *read_number(cmd_parms *cmd, const char *value, int most,
                               int *number)
{
    const char *wrong = ap_check_cmd_context(cmd, GLOBAL_ONLY);

    return wrong != NULL ? wrong
                         : hbr_argument_number(cmd, value, 0, most, number);
}

const char *hbr_set_pool_max(cmd_parms *cmd, void *config, const char *value)
{
    int number = 0;
    const char *wrong = read_number(cmd, value, MAX_LIMIT, &number);

    (void)config;
    limits.max = (apr_size_t)number;
    return wrong;
}

const char *hbr_set_pool_wait(cmd_parms *cmd, void *config, const char *value)
{
    int number = 0;
    const char *wrong = read_number(cmd, value, WAIT_LIMIT_MS, &number);

    (void)config;
    limits.wait = (apr_interval_time_t)number * 1000;
    return wrong;
}

const char *hbr_set_pool_idle(cmd_parms *cmd, void *config, const char *value)
{
    int number = 0;
    const char *wrong = read_number(cmd, value, IDLE_LIMIT_S, &number);

    (void)config;
    limits.idle = apr_time_from_sec(number);
    return wrong;
}

/* Later than mod_dbd's are: in optional_fn_retrieve there are none yet. */
static void retrieve(void)
{
    watchdog_get = APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_get_instance);
    watchdog_register = APR_RETRIEVE_OPTIONAL_FN(ap_watchdog_register_callback);
}

static void sweep_all(void)
{
    apr_size_t count, i;
    hbr_entry_t *const *all = hbr_registry_all(hbr_registry, &count);

    for (i = 0; i < count; i++)
        hbr_instances_sweep(all[i]);
}

static apr_status_t sweep(int state, void *data, apr_pool_t *pool)
{
    (void)data;
    (void)pool;
    if (state != AP_WATCHDOG_STATE_RUNNING || turn == NULL)
        return APR_SUCCESS;
    apr_thread_mutex_lock(turn);
    if (!over)
        sweep_all();
    apr_thread_mutex_unlock(turn);
    return APR_SUCCESS;
}

static apr_status_t end_sweep(void *data)
{
    (void)data;
    apr_thread_mutex_lock(turn);
    over = true;
    apr_thread_mutex_unlock(turn);
    return APR_SUCCESS;
}

static bool has_pools(void)
{
    apr_size_t count, i;
    hbr_entry_t *const *all = hbr_registry_all(hbr_registry, &count);

    for (i = 0; i < count; i++)
        if (all[i]->handler.lifetime == HBR_POOLED)
            return true;
    return false;
}

static bool is_to_sweep(void)
{
    return watchdog_get != NULL && watchdog_register != NULL && limits.idle > 0
           && hbr_httpd_is_threaded() && has_pools();
}

/* A thread of our own: destroy is an author's, and may take its time. */
int hbr_pools_post_config(apr_pool_t *pconf, apr_pool_t *plog,
                          apr_pool_t *ptemp, server_rec *main_server)
{
    ap_watchdog_t *watchdog;
    apr_status_t rv;

    (void)plog;
    (void)ptemp;
    retrieve();
    if (!is_to_sweep())
        return OK;
    rv = watchdog_get(&watchdog, "handlerbridge", 0, 0, pconf);
    if (rv == APR_SUCCESS)
        rv = watchdog_register(watchdog, AP_WD_TM_INTERVAL, NULL, sweep);
    if (rv != APR_SUCCESS)
        ap_log_error(APLOG_MARK, APLOG_WARNING, rv, main_server,
                     "HBR0253: mod_watchdog sweeps no pools: idle instances "
                     "end only when others are given back");
    return OK;
}

void hbr_pools_child_init(apr_pool_t *pchild, server_rec *main_server)
{
    apr_thread_mutex_t *lock;

    if (!is_to_sweep()
        || apr_thread_mutex_create(&lock, APR_THREAD_MUTEX_DEFAULT,
                                   main_server->process->pool)
               != APR_SUCCESS)
        return;
    turn = lock;
    apr_pool_pre_cleanup_register(pchild, NULL, end_sweep);
}
