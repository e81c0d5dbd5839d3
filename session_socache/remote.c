/*
 * Threads that ask a server elsewhere.
 *
 * A provider's call may block for ever: apr_memcache has no time-out, and
 * apr_redis takes mod_socache_redis' microseconds for seconds. No thread can be
 * called back from there, so it is not the request's. A request that has waited
 * long enough leaves its job to the thread, which ends it whenever the server
 * lets it. As long as one is left, only one request in some seconds tries
 * again; the others are told at once that the store is away.
 *
 * The threads are never joined: a child process that ends takes them with it,
 * wherever they are. Any thread may call.
 */
#include "remote.h"

#include <pthread.h>
#include <signal.h>

#include <apr_atomic.h>
#include <apr_thread_pool.h>

#define RETRY_SECONDS 2
#define IDLE_TIME apr_time_from_sec(60)

static apr_thread_pool_t *threads;
static apr_interval_time_t patience;
static apr_uint32_t threads_max;
static volatile apr_uint32_t running;
static volatile apr_uint32_t left;
static volatile apr_uint32_t retry_at; /* in seconds */

apr_status_t hss_remote_start(int count, apr_interval_time_t wait)
{
    apr_pool_t *pool;
    apr_status_t status = apr_pool_create_unmanaged(&pool);

    /* That pool is never destroyed, or the end of the child would wait for
     * threads that hang. */
    if (status == APR_SUCCESS)
        status = apr_thread_pool_create(&threads, 0, (apr_size_t)count, pool);
    if (status != APR_SUCCESS)
        return status;
    apr_thread_pool_idle_max_set(threads, (apr_size_t)count);
    apr_thread_pool_idle_wait_set(threads, IDLE_TIME);
    patience = wait;
    threads_max = (apr_uint32_t)count;
    return APR_SUCCESS;
}

bool hss_remote_is_crowded(void)
{
    return apr_atomic_read32(&running) > 1;
}

/* On a thread of the pool. Once it has told, the job is the caller's again. */
static void *APR_THREAD_FUNC work(apr_thread_t *thread, void *data)
{
    hss_job_t *job = data;
    bool is_left;

    (void)thread;
    job->status = job->run(job);
    apr_atomic_dec32(&running);
    apr_thread_mutex_lock(job->lock);
    job->is_ended = true;
    is_left = job->is_left;
    apr_thread_cond_signal(job->ended);
    apr_thread_mutex_unlock(job->lock);
    if (is_left) {
        apr_atomic_dec32(&left);
        hss_job_destroy(job);
    }
    return NULL;
}

/* A thread that is made here inherits what it does not want: httpd's signals
 * are for the MPM's threads. */
static apr_status_t push(hss_job_t *job)
{
    sigset_t all;
    sigset_t before;
    apr_status_t status;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    status = apr_thread_pool_push(threads, work, job,
                                  APR_THREAD_TASK_PRIORITY_NORMAL, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

/* Whether the store is worth asking: one tries, the others need not hang. */
static bool may_try(void)
{
    apr_uint32_t now = (apr_uint32_t)apr_time_sec(apr_time_now());
    apr_uint32_t at = apr_atomic_read32(&retry_at);

    if (apr_atomic_read32(&running) >= threads_max)
        return false;
    if (apr_atomic_read32(&left) == 0)
        return true;
    return now >= at
           && apr_atomic_cas32(&retry_at, now + RETRY_SECONDS, at) == at;
}

static apr_status_t wait_for(hss_job_t **job)
{
    apr_time_t end = apr_time_now() + patience;
    hss_job_t *mine = *job;
    apr_interval_time_t rest;

    apr_thread_mutex_lock(mine->lock);
    while (!mine->is_ended && (rest = end - apr_time_now()) > 0)
        apr_thread_cond_timedwait(mine->ended, mine->lock, rest);
    if (!mine->is_ended) {
        mine->is_left = true;
        apr_atomic_inc32(&left);
        apr_atomic_set32(&retry_at,
                         (apr_uint32_t)apr_time_sec(end) + RETRY_SECONDS);
        *job = NULL;
    }
    apr_thread_mutex_unlock(mine->lock);
    return *job != NULL ? mine->status : APR_TIMEUP;
}

apr_status_t hss_remote_run(hss_job_t **job)
{
    hss_job_t *mine = *job;
    apr_status_t status;

    if (!may_try())
        return APR_TIMEUP;
    status = apr_thread_mutex_create(&mine->lock, APR_THREAD_MUTEX_DEFAULT,
                                     mine->pool);
    if (status == APR_SUCCESS)
        status = apr_thread_cond_create(&mine->ended, mine->pool);
    if (status != APR_SUCCESS)
        return status;
    apr_atomic_inc32(&running);
    status = push(mine);
    if (status != APR_SUCCESS) {
        apr_atomic_dec32(&running);
        return status;
    }
    return wait_for(job);
}
