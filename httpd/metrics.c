/*
 * The memory that handlers' counters lie in: anonymous and shared, made once
 * when the server starts, before it forks. It hangs on the process' pool, which
 * outlives every configuration, and this module's code too: at a restart a
 * newly loaded module finds it there by its key.
 *
 * The parent makes it, gives out the slots and empties the seats of children
 * that have ended; a child only takes its seat.
 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <apr_shm.h>

#include <http_core.h>
#include <http_log.h>
#include <ap_mpm.h>

#include "argument.h"
#include "config.h"
#include "host.h"
#include "metrics.h"

APLOG_USE_MODULE(handlerbridge);

#define KEY "mod_handlerbridge:metrics"
#define HANDLERS_DEFAULT 128
#define HANDLERS_MAX 10000
/* Processes that count at once share these; more than there are processors is
 * no use, and memory for those that nobody uses is never touched. */
#define LANES 32
#define SEATS_MAX 4096

static bool is_on;
static int handlers;
static hbr_metrics_t *metrics; /* NULL: nothing is counted */

void hbr_httpd_metrics_begin(void)
{
    is_on = true;
    handlers = HANDLERS_DEFAULT;
    metrics = NULL;
}

const char *hbr_set_metrics(cmd_parms *cmd, void *config, int on)
{
    (void)config;
    is_on = on != 0;
    return ap_check_cmd_context(cmd, GLOBAL_ONLY);
}

const char *hbr_set_metrics_handlers(cmd_parms *cmd, void *config,
                                     const char *value)
{
    const char *wrong = ap_check_cmd_context(cmd, GLOBAL_ONLY);

    (void)config;
    return wrong != NULL
               ? wrong
               : hbr_argument_number(cmd, value, 1, HANDLERS_MAX, &handlers);
}

/* A child may not signal the parent, which runs as another user: it lives. */
static bool is_alive(apr_uint32_t pid)
{
    return kill((pid_t)pid, 0) == 0 || errno != ESRCH;
}

/* At a graceful restart there are the old children beside the new ones. */
static hbr_metrics_shape_t shape_wanted(void)
{
    int daemons = 0;

    if (ap_mpm_query(AP_MPMQ_HARD_LIMIT_DAEMONS, &daemons) != APR_SUCCESS
        || daemons < 1)
        daemons = 1;
    if (daemons > SEATS_MAX / 2)
        daemons = SEATS_MAX / 2;
    return (hbr_metrics_shape_t){ .handlers = (apr_uint32_t)handlers,
                                  .lanes = LANES,
                                  .seats = (apr_uint32_t)daemons * 2 };
}

static apr_shm_t *kept(apr_pool_t *pool)
{
    void *shm = NULL;

    apr_pool_userdata_get(&shm, KEY, pool);
    return shm;
}

/* What an older version of this module laid out is of no use to this one; its
 * children may still count there, so it stays. */
static hbr_metrics_t *open_kept(apr_pool_t *pconf, apr_shm_t *shm)
{
    hbr_metrics_shape_t shape = { 0 };

    return hbr_metrics_open(pconf, apr_shm_baseaddr_get(shm),
                            apr_shm_size_get(shm), &shape, apr_time_now(),
                            is_alive);
}

static apr_status_t open_new(apr_pool_t *pconf, apr_pool_t *process,
                             hbr_metrics_t **made)
{
    hbr_metrics_shape_t shape = shape_wanted();
    apr_size_t size = hbr_metrics_size(&shape);
    apr_shm_t *shm;
    apr_status_t rv = apr_shm_create(&shm, size, NULL, process);

    if (rv != APR_SUCCESS)
        return rv;
    /* The key is copied: ours goes when the module is unloaded. */
    apr_pool_userdata_set(shm, KEY, NULL, process);
    *made = hbr_metrics_open(pconf, apr_shm_baseaddr_get(shm), size, &shape,
                             apr_time_now(), is_alive);
    return APR_SUCCESS;
}

static apr_status_t open_metrics(apr_pool_t *pconf, server_rec *main_server)
{
    apr_pool_t *process = main_server->process->pool;
    apr_shm_t *shm = kept(process);

    if (shm != NULL)
        metrics = open_kept(pconf, shm);
    if (metrics != NULL)
        return APR_SUCCESS;
    return open_new(pconf, process, &metrics);
}

static void say_size(server_rec *main_server)
{
    hbr_metrics_shape_t shape = hbr_metrics_shape(metrics);

    if (shape.handlers != (apr_uint32_t)handlers)
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, main_server,
                     "HBR0303: BridgeMetricsHandlers %d counts from the next "
                     "start on; until then it is %u",
                     handlers, shape.handlers);
}

static void claim(server_rec *main_server)
{
    apr_size_t count, missed;
    hbr_entry_t *const *all = hbr_registry_all(hbr_registry, &count);

    missed = hbr_metrics_claim(metrics, all, count, apr_time_now());
    if (missed > 0)
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, main_server,
                     "HBR0304: %" APR_SIZE_T_FMT " of %" APR_SIZE_T_FMT
                     " handlers are not counted, or not all of their own "
                     "metrics: BridgeMetricsHandlers is %u",
                     missed, count, hbr_metrics_shape(metrics).handlers);
}

int hbr_httpd_metrics_post_config(apr_pool_t *pconf, apr_pool_t *plog,
                                  apr_pool_t *ptemp, server_rec *main_server)
{
    apr_status_t rv;

    (void)plog;
    (void)ptemp;
    if (!is_on
        || ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG)
        return OK;
    rv = open_metrics(pconf, main_server);
    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, rv, main_server,
                     "HBR0302: there is no shared memory to count in: requests "
                     "are not counted");
        return OK;
    }
    say_size(main_server);
    claim(main_server);
    return OK;
}

void hbr_httpd_metrics_child_init(void)
{
    apr_size_t count;
    hbr_entry_t *const *all = hbr_registry_all(hbr_registry, &count);

    if (metrics != NULL)
        hbr_metrics_enter(metrics, (apr_uint32_t)getpid(), all, count);
}

void hbr_httpd_metrics_child_status(server_rec *server, pid_t pid,
                                    ap_generation_t generation, int slot,
                                    mpm_child_status state)
{
    (void)server;
    (void)generation;
    (void)slot;
    if (metrics != NULL && state == MPM_CHILD_EXITED)
        hbr_metrics_leave(metrics, (apr_uint32_t)pid);
}

const hbr_metrics_t *hbr_httpd_metrics(void)
{
    return metrics;
}
