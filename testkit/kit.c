/*
 * The kit's life: one child process in memory, with the handlers that are
 * linked in and those that a test adds.
 *
 * Invariants: kit->child is there exactly while the child process runs, and
 * handlers are added only before. `at_work` is set while a handler's functions
 * run, since host.h gives no request to those of a child.
 *
 * One thread uses a kit, but for hbr_test_run(); several threads may each use
 * their own.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>

#include "../bridge/child.h"
#include "../bridge/shared.h"
#include "../bridge/shared_store.h"
#include "kit.h"

/* Of the child process, as the counters know it. */
#define PID 1

static _Thread_local hbr_test_t *at_work;

void hbr_kit_fail(const char *format, ...)
{
    va_list values;

    va_start(values, format);
    fputs("handlerbridge_test: ", stderr);
    vfprintf(stderr, format, values);
    fputc('\n', stderr);
    va_end(values);
    abort();
}

hbr_test_t *hbr_kit_of(void *request)
{
    if (request == NULL)
        return at_work;
    return ((hbr_kit_run_t *)request)->kit;
}

apr_time_t hbr_kit_now(const hbr_test_t *kit)
{
    return kit->clock != 0 ? kit->clock : apr_time_now();
}

void hbr_test_clock(hbr_test_t *kit, apr_time_t time)
{
    kit->clock = time;
}

hbr_test_t *hbr_kit_work_for(hbr_test_t *kit)
{
    hbr_test_t *before = at_work;

    at_work = kit;
    return before;
}

static void open_results(hbr_test_t *kit)
{
    apr_pool_create(&kit->results, kit->pool);
    kit->child_lines = apr_array_make(kit->results, 4, sizeof(hbr_test_line_t));
    kit->lines = apr_array_make(kit->results, 1, sizeof(hbr_test_line_t));
}

hbr_test_t *hbr_test_create(void)
{
    const char *wrong;
    apr_pool_t *pool;
    hbr_test_t *kit;

    if (apr_initialize() != APR_SUCCESS)
        hbr_kit_fail("apr_initialize() failed");
    apr_pool_create(&pool, NULL);
    kit = apr_pcalloc(pool, sizeof(*kit));
    kit->pool = pool;
    kit->limits = (hbr_pool_limits_t)HBR_POOL_LIMITS_DEFAULT;
    if (apr_thread_mutex_create(&kit->lock, APR_THREAD_MUTEX_DEFAULT, pool)
        != APR_SUCCESS)
        hbr_kit_fail("apr_thread_mutex_create() failed");
    kit->host = (hbr_host_t){ .request = &hbr_kit_facts,
                              .client = &hbr_kit_client,
                              .output = &hbr_kit_output,
                              .body = &hbr_kit_body,
                              .log = &hbr_kit_log,
                              .database = &hbr_kit_database,
                              .session = &hbr_kit_session,
                              .cache = &hbr_kit_cache };
    hbr_kit_make_cache(kit);
    open_results(kit);
    wrong = hbr_registry_create(pool, &kit->registry);
    if (wrong != NULL)
        hbr_kit_fail("%s", wrong);
    return kit;
}

void hbr_test_destroy(hbr_test_t *kit)
{
    hbr_test_stop(kit);
    apr_pool_destroy(kit->pool);
    apr_terminate();
}

void hbr_test_clear(hbr_test_t *kit)
{
    apr_pool_destroy(kit->results);
    open_results(kit);
}

const char *hbr_test_add(hbr_test_t *kit, const hbr_handler_t *handler)
{
    if (kit->child != NULL)
        hbr_kit_fail("hbr_test_add() comes after the first request");
    return hbr_registry_add(kit->registry, handler);
}

static bool is_alive(apr_uint32_t pid)
{
    (void)pid;
    return true;
}

static void make_metrics(hbr_test_t *kit, apr_uint32_t handlers)
{
    hbr_metrics_shape_t shape = { .handlers = handlers,
                                  .lanes = 1,
                                  .seats = 1 };
    apr_size_t size = hbr_metrics_size(&shape);

    kit->metrics = hbr_metrics_open(kit->pool, apr_pcalloc(kit->pool, size),
                                    size, &shape, hbr_kit_now(kit), is_alive);
}

static void enter_metrics(hbr_test_t *kit)
{
    apr_size_t count;
    hbr_entry_t *const *all = hbr_registry_all(kit->registry, &count);

    if (kit->metrics == NULL)
        make_metrics(kit, (apr_uint32_t)count);
    if (hbr_metrics_claim(kit->metrics, all, count, hbr_kit_now(kit)) > 0)
        hbr_kit_fail("there is no room to count in");
    hbr_metrics_enter(kit->metrics, PID, all, count);
}

uint64_t hbr_test_counted(const hbr_test_t *kit, const char *handler,
                          const char *metric)
{
    const hbr_reading_t *reading =
        kit->metrics == NULL ? NULL
                             : hbr_metrics_find(kit->metrics, handler,
                                                hbr_kit_now(kit), kit->results);
    apr_size_t i;

    for (i = 0; reading != NULL && i < reading->own_count; i++)
        if (strcmp(reading->own[i].name, metric) == 0)
            return reading->own[i].count;
    hbr_kit_fail("no handler %s has counted %s", handler, metric);
}

/* As the parent does before it forks. */
static void bind_shared(hbr_test_t *kit)
{
    apr_size_t count;
    hbr_entry_t *const *all = hbr_registry_all(kit->registry, &count);

    hbr_shared_store_bind(kit->pool, all, count);
}

void *hbr_test_shared(hbr_test_t *kit, const char *handler)
{
    const hbr_entry_t *entry = hbr_registry_find(kit->registry, handler);

    hbr_test_start(kit);
    if (entry == NULL || entry->shared == NULL)
        hbr_kit_fail("no handler %s has a shared struct", handler);
    return hbr_shared_struct(entry->shared);
}

void hbr_test_start(hbr_test_t *kit)
{
    hbr_test_t *before;

    if (kit->child != NULL)
        return;
    before = hbr_kit_work_for(kit);
    apr_pool_create(&kit->child, kit->pool);
    enter_metrics(kit);
    bind_shared(kit);
    hbr_child_start(kit->registry, kit->child, &hbr_kit_log, &kit->limits);
    hbr_kit_work_for(before);
}

/* The next child process begins with nothing, as a forked one does. */
static void forget_children(hbr_test_t *kit)
{
    apr_size_t count, i;
    hbr_entry_t *const *all = hbr_registry_all(kit->registry, &count);

    for (i = 0; i < count; i++) {
        all[i]->child.pool = NULL;
        all[i]->child.data = NULL;
        all[i]->started = APR_SUCCESS;
        all[i]->instances = NULL;
    }
}

void hbr_test_stop(hbr_test_t *kit)
{
    hbr_test_t *before;
    apr_pool_t *child = kit->child;

    if (child == NULL)
        return;
    before = hbr_kit_work_for(kit);
    kit->child = NULL;
    apr_pool_destroy(child);
    forget_children(kit);
    hbr_kit_work_for(before);
}

void hbr_test_pools(hbr_test_t *kit, apr_size_t max, apr_interval_time_t wait,
                    apr_interval_time_t idle)
{
    if (kit->child != NULL)
        hbr_kit_fail("hbr_test_pools() comes after the first request");
    kit->limits = (hbr_pool_limits_t){ .max = max, .wait = wait, .idle = idle };
}

void hbr_test_sweep(hbr_test_t *kit)
{
    hbr_test_t *before = hbr_kit_work_for(kit);
    apr_size_t count, i;
    hbr_entry_t *const *all = hbr_registry_all(kit->registry, &count);

    for (i = 0; i < count; i++)
        hbr_instances_sweep(all[i]);
    hbr_kit_work_for(before);
}

hbr_test_instances_t hbr_test_instances(const hbr_test_t *kit,
                                        const char *handler)
{
    const hbr_entry_t *entry = hbr_registry_find(kit->registry, handler);
    hbr_pool_state_t state;

    if (entry == NULL)
        hbr_kit_fail("there is no handler %s", handler);
    state = hbr_instances_state(entry);
    return (hbr_test_instances_t){ .in_use = state.in_use, .idle = state.idle };
}
