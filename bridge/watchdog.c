/*
 * One thread in a child that sleeps until the first of the watches ends. Watches
 * lie in a list that has no order: there are as many as threads that wait for a
 * database.
 *
 * All threads; one lock, held while the list is walked. A socket is shut down
 * under it, so that none is that its owner has closed. Prefork may end a child
 * in a signal's handler, over a thread that has the lock: the end then does not
 * wait for it.
 */
#include "watchdog.h"

#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>

#define FOREVER apr_time_from_sec(3600)
#define PATIENCE apr_time_from_msec(200)

struct hbr_watchdog_t {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    bool runs, ends;
    apr_time_t wakes; /* the thread, by itself */
    hbr_watch_t *first;
};

static struct timespec timespec_of(apr_time_t time)
{
    return (struct timespec){ .tv_sec = (time_t)apr_time_sec(time),
                              .tv_nsec = (long)apr_time_usec(time) * 1000 };
}

/* Cuts those whose time is over; the next one's. */
static apr_time_t look(hbr_watchdog_t *watchdog, apr_time_t now)
{
    apr_time_t next = now + FOREVER;
    hbr_watch_t *watch;

    for (watch = watchdog->first; watch != NULL; watch = watch->next) {
        if (!watch->cut && watch->ends <= now) {
            watch->cut = true;
            shutdown(watch->fd, SHUT_RDWR);
        } else if (!watch->cut && watch->ends < next) {
            next = watch->ends;
        }
    }
    return next;
}

static void *run(void *data)
{
    hbr_watchdog_t *watchdog = data;

    pthread_mutex_lock(&watchdog->lock);
    while (!watchdog->ends) {
        struct timespec until;

        watchdog->wakes = look(watchdog, apr_time_now());
        until = timespec_of(watchdog->wakes);
        pthread_cond_timedwait(&watchdog->changed, &watchdog->lock, &until);
    }
    pthread_mutex_unlock(&watchdog->lock);
    return NULL;
}

static apr_status_t end(void *data)
{
    hbr_watchdog_t *watchdog = data;
    struct timespec until = timespec_of(apr_time_now() + PATIENCE);

    if (pthread_mutex_timedlock(&watchdog->lock, &until) != 0)
        return APR_SUCCESS;
    watchdog->ends = true;
    pthread_cond_signal(&watchdog->changed);
    pthread_mutex_unlock(&watchdog->lock);
    if (watchdog->runs)
        pthread_join(watchdog->thread, NULL);
    watchdog->runs = false;
    return APR_SUCCESS;
}

hbr_watchdog_t *hbr_watchdog_create(apr_pool_t *pool)
{
    hbr_watchdog_t *watchdog = apr_pcalloc(pool, sizeof(*watchdog));

    if (pthread_mutex_init(&watchdog->lock, NULL) != 0
        || pthread_cond_init(&watchdog->changed, NULL) != 0)
        return NULL;
    apr_pool_cleanup_register(pool, watchdog, end, apr_pool_cleanup_null);
    return watchdog;
}

/* Signals are the other threads'. */
static bool make_run(hbr_watchdog_t *watchdog)
{
    sigset_t all, before;

    if (watchdog->runs || watchdog->ends)
        return watchdog->runs;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    watchdog->runs =
        pthread_create(&watchdog->thread, NULL, run, watchdog) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return watchdog->runs;
}

void hbr_watchdog_arm(hbr_watchdog_t *watchdog, hbr_watch_t *watch, int fd,
                      apr_time_t ends)
{
    pthread_mutex_lock(&watchdog->lock);
    if (make_run(watchdog)) {
        *watch = (hbr_watch_t){
            .next = watchdog->first, .fd = fd, .ends = ends, .armed = true
        };
        watchdog->first = watch;
        if (ends < watchdog->wakes)
            pthread_cond_signal(&watchdog->changed);
    }
    pthread_mutex_unlock(&watchdog->lock);
}

bool hbr_watchdog_disarm(hbr_watchdog_t *watchdog, hbr_watch_t *watch)
{
    hbr_watch_t **at;
    bool cut;

    pthread_mutex_lock(&watchdog->lock);
    for (at = &watchdog->first; *at != NULL && *at != watch; at = &(*at)->next)
        ;
    if (*at == watch)
        *at = watch->next;
    cut = watch->armed && watch->cut;
    watch->armed = false;
    pthread_mutex_unlock(&watchdog->lock);
    return cut;
}
