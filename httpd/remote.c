/*
 * A server elsewhere: a stack of idle connections, the newest on top, and how
 * long it is left alone after it did not answer. No more connections are open
 * than threads are at work, since a thread has one at a time.
 *
 * All threads of a child; one lock, held for a few instructions, and never
 * while anything is sent or closed.
 */
#include <stdatomic.h>

#include <apr_thread_mutex.h>

#include <httpd.h>
#include <http_log.h>

#include "host.h"
#include "remote.h"

APLOG_USE_MODULE(handlerbridge);

#define IDLE 64
#define REST apr_time_from_sec(1)
#define SILENCE apr_time_from_sec(60) /* between two complaints */

struct hbr_remote_t {
    const char *name;
    bool (*is_open)(void *connection);
    void (*close)(void *connection);
    apr_thread_mutex_t *lock; /* NULL: there is one thread */
    void *idle[IDLE];
    unsigned count;
    atomic_bool away; /* written under the lock */
    apr_time_t rests_until;
    apr_time_t complained;
};

static void lock(hbr_remote_t *remote)
{
    if (remote->lock != NULL)
        apr_thread_mutex_lock(remote->lock);
}

static void unlock(hbr_remote_t *remote)
{
    if (remote->lock != NULL)
        apr_thread_mutex_unlock(remote->lock);
}

static void *pop(hbr_remote_t *remote)
{
    void *connection;

    lock(remote);
    connection = remote->count > 0 ? remote->idle[--remote->count] : NULL;
    unlock(remote);
    return connection;
}

static void close_all(hbr_remote_t *remote)
{
    void *connection;

    while ((connection = pop(remote)) != NULL)
        remote->close(connection);
}

static apr_status_t end(void *data)
{
    close_all(data);
    return APR_SUCCESS;
}

hbr_remote_t *hbr_remote_create(apr_pool_t *pool, const char *name,
                                bool (*is_open)(void *connection),
                                void (*close)(void *connection))
{
    hbr_remote_t *remote = apr_pcalloc(pool, sizeof(*remote));

    remote->name = name;
    remote->is_open = is_open;
    remote->close = close;
    if (hbr_httpd_is_threaded())
        apr_thread_mutex_create(&remote->lock, APR_THREAD_MUTEX_DEFAULT, pool);
    apr_pool_cleanup_register(pool, remote, end, apr_pool_cleanup_null);
    return remote;
}

bool hbr_remote_rests(hbr_remote_t *remote)
{
    bool rests = false;

    if (!remote->away)
        return false;
    lock(remote);
    if (remote->away) {
        apr_time_t now = apr_time_now();

        /* a clock that was set back ends no rest for hours */
        rests = now < remote->rests_until && remote->rests_until <= now + REST;
        if (!rests)
            remote->rests_until = now + REST;
    }
    unlock(remote);
    return rests;
}

/* What the other side closed while it was idle is not used. */
void *hbr_remote_take(hbr_remote_t *remote)
{
    void *connection;

    while ((connection = pop(remote)) != NULL) {
        if (remote->is_open(connection))
            return connection;
        remote->close(connection);
    }
    return NULL;
}

void hbr_remote_give(hbr_remote_t *remote, void *connection)
{
    bool kept;

    lock(remote);
    kept = remote->count < IDLE;
    if (kept)
        remote->idle[remote->count++] = connection;
    unlock(remote);
    if (!kept)
        remote->close(connection);
}

void hbr_remote_answered(hbr_remote_t *remote)
{
    bool was_away;

    if (!remote->away)
        return;
    lock(remote);
    was_away = remote->away;
    remote->away = false;
    unlock(remote);
    if (was_away)
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, NULL,
                     "HBR0362: the shared cache is back: %s answers",
                     remote->name);
}

void hbr_remote_failed(hbr_remote_t *remote, const char *why, bool hurried)
{
    bool was_away;

    if (hurried)
        return;
    lock(remote);
    was_away = remote->away;
    remote->away = true;
    remote->rests_until = apr_time_now() + REST;
    unlock(remote);
    if (was_away)
        return;
    close_all(remote);
    ap_log_error(APLOG_MARK, APLOG_WARNING, 0, NULL,
                 "HBR0361: the shared cache is away: %s: %s", remote->name,
                 why);
}

void hbr_remote_complained(hbr_remote_t *remote, const char *what)
{
    apr_time_t now = apr_time_now();
    bool silent;

    lock(remote);
    silent = now >= remote->complained && now - remote->complained < SILENCE;
    if (!silent)
        remote->complained = now;
    unlock(remote);
    if (!silent)
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, NULL,
                     "HBR0372: %s refuses what the shared cache asks: %s",
                     remote->name, what);
}
