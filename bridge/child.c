/*
 * Handlers' start and stop in a child process.
 *
 * start runs before the child's first request, in one thread. stop is a
 * cleanup of the child's pool. prefork destroys that pool from a signal, while
 * a request may be inside a handler or its response on the way: all stops are
 * then skipped, the process is about to end anyway. Requests are counted only
 * where some handler has a stop.
 */
#include "child.h"

#include <stdarg.h>
#include <stdio.h>

#include <apr_atomic.h>

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

    if (apr_atomic_read32(&in_flight) == 0)
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

static void start_one(hbr_entry_t *entry)
{
    if (entry->handler.start != NULL)
        entry->started = entry->handler.start(&entry->child);
    if (entry->started != APR_SUCCESS) {
        char message[MESSAGE_MAX];

        snprintf(message, sizeof(message),
                 "HBR0010: %s: start failed; it answers 503 in this child",
                 entry->name);
        entry->log->write(NULL, HBR_LOG_ERROR, entry->started, message);
    } else if (entry->handler.stop != NULL) {
        is_counted = true;
        apr_pool_pre_cleanup_register(entry->child.pool, entry, stop);
    }
}

void hbr_child_start(hbr_registry_t *registry, apr_pool_t *pool,
                     const hbr_host_log_t *log)
{
    apr_size_t count, i;
    hbr_entry_t *const *all = hbr_registry_all(registry, &count);

    for (i = 0; i < count; i++) {
        all[i]->child.pool = pool;
        all[i]->log = log;
        start_one(all[i]);
    }
}
