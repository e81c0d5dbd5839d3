/*
 * Handlers' start and stop in a child process, and the instances between.
 *
 * start runs before the child's first request, in one thread; the instance of
 * an HBR_PER_PROCESS handler is made after it. Ending instances and stop are a
 * cleanup of the child's pool. prefork destroys that pool from a signal, while
 * a request may be inside a handler or its response on the way: all of it is
 * then skipped, the process is about to end anyway. Requests are counted only
 * where some handler has something to end.
 */
#include "child.h"

#include <stdarg.h>
#include <stdio.h>

#include <apr_atomic.h>

#include "application.h"
#include "shared.h"

#define MESSAGE_MAX 1024

/* Requests of this process that have not ended. */
static volatile apr_uint32_t in_flight;
static bool is_counted;

static hbr_entry_t *entry_of(const hbr_child_t *child)
{
    return (hbr_entry_t *)((char *)child - offsetof(hbr_entry_t, child));
}

void hbr_vchild_log(const hbr_child_t *child, hbr_log_level_e level,
                    const char *format, va_list args)
{
    const hbr_entry_t *entry = entry_of(child);
    char message[MESSAGE_MAX];
    int length;

    if (!entry->log->enabled(NULL, level))
        return;
    length = snprintf(message, sizeof(message), "%s: ", entry->name);
    vsnprintf(message + length, sizeof(message) - length, format, args);
    entry->log->write(NULL, level, APR_SUCCESS, message);
}

void hbr_child_log(const hbr_child_t *child, hbr_log_level_e level,
                   const char *format, ...)
{
    va_list args;

    va_start(args, format);
    hbr_vchild_log(child, level, format, args);
    va_end(args);
}

static apr_status_t stop(void *data)
{
    hbr_entry_t *entry = data;

    if (apr_atomic_read32(&in_flight) != 0)
        return APR_SUCCESS;
    if (entry->instances != NULL)
        hbr_instances_stop(entry);
    if (entry->handler.stop != NULL)
        entry->handler.stop(&entry->child);
    return APR_SUCCESS;
}

static apr_status_t leave(void *data)
{
    apr_atomic_dec32(data);
    return APR_SUCCESS;
}

void hbr_child_enter(apr_pool_t *pool)
{
    if (!is_counted)
        return;
    apr_atomic_inc32(&in_flight);
    apr_pool_cleanup_register(pool, (void *)&in_flight, leave,
                              apr_pool_cleanup_null);
}

/* The handler answers 503 in this child. */
static void fail(hbr_entry_t *entry, apr_status_t status, const char *tag,
                 const char *what)
{
    char message[MESSAGE_MAX];

    entry->started = status;
    snprintf(message, sizeof(message),
             "%s: %s: %s failed; it answers 503 in this child", tag,
             entry->name, what);
    entry->log->write(NULL, HBR_LOG_ERROR, status, message);
}

static void say_orphaned(const hbr_entry_t *entry)
{
    char message[MESSAGE_MAX];

    snprintf(message, sizeof(message), "HBR0380: %s: " HBR_SHARED_ORPHANED,
             entry->name);
    entry->log->write(NULL, HBR_LOG_WARNING, APR_SUCCESS, message);
}

static void start_instances(hbr_entry_t *entry, const hbr_pool_limits_t *limits)
{
    apr_status_t rv = hbr_instances_start(entry, entry->child.pool, limits);

    if (rv != APR_SUCCESS)
        fail(entry, rv, "HBR0251", "create");
}

/* False: it has failed. */
static bool fill_shared(hbr_entry_t *entry)
{
    bool orphaned = false;
    apr_status_t rv;

    if (entry->shared == NULL) {
        fail(entry, entry->shared_failed, "HBR0376", "shared memory");
        return false;
    }
    rv = hbr_shared_fill(entry->shared, entry->handler.shared_init, &orphaned);
    if (orphaned)
        say_orphaned(entry);
    if (rv != APR_SUCCESS)
        fail(entry, rv, "HBR0377", "shared_init");
    return rv == APR_SUCCESS;
}

static void start_one(hbr_entry_t *entry, const hbr_pool_limits_t *limits)
{
    const hbr_handler_t *handler = &entry->handler;
    apr_status_t rv = APR_SUCCESS;

    hbr_application_start(entry);
    if (handler->shared_size > 0 && !fill_shared(entry))
        return;
    if (handler->start != NULL)
        rv = handler->start(&entry->child);
    if (rv != APR_SUCCESS) {
        fail(entry, rv, "HBR0010", "start");
        return;
    }
    if (handler->create != NULL)
        start_instances(entry, limits);
    if (handler->stop != NULL || entry->instances != NULL) {
        is_counted = true;
        apr_pool_pre_cleanup_register(entry->child.pool, entry, stop);
    }
}

void hbr_child_start(hbr_registry_t *registry, apr_pool_t *pool,
                     const hbr_host_log_t *log, const hbr_pool_limits_t *limits)
{
    apr_size_t count, i;
    hbr_entry_t *const *all = hbr_registry_all(registry, &count);

    for (i = 0; i < count; i++) {
        all[i]->child.pool = pool;
        all[i]->log = log;
        start_one(all[i], limits);
    }
}
