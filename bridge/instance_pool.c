/*
 * Which of a handler's pooled instances are free, and how many there may be.
 *
 * Invariants: `places` counts every instance from before it is made until
 * after it is ended, so there are never more than the limit, whatever an
 * author's create and destroy take long for. An instance is in one ring: busy
 * while a request has it, idle with the last used first, or in none while its
 * caller ends it.
 *
 * Any thread may call; one lock, held for a few instructions only.
 */
#include "instance_pool.h"

#include "atomic.h"
#include "metrics_block.h"

#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>

APR_RING_HEAD(instance_ring_t, hbr_instance_t);

struct hbr_instance_pool_t {
    hbr_pool_limits_t limits;
    hbr_gauge_t *gauge; /* NULL: nobody wants to know */
    apr_thread_mutex_t *lock;
    apr_thread_cond_t *freed; /* an instance or a place */
    struct instance_ring_t busy;
    struct instance_ring_t idle;
    apr_size_t idle_count;
    apr_size_t places;
};

apr_status_t hbr_instance_pool_create(apr_pool_t *pool,
                                      const hbr_pool_limits_t *limits,
                                      struct hbr_gauge_t *gauge,
                                      hbr_instance_pool_t **instances)
{
    hbr_instance_pool_t *made = apr_pcalloc(pool, sizeof(*made));
    apr_status_t rv =
        apr_thread_mutex_create(&made->lock, APR_THREAD_MUTEX_DEFAULT, pool);

    if (rv == APR_SUCCESS)
        rv = apr_thread_cond_create(&made->freed, pool);
    made->limits = *limits;
    made->gauge = gauge;
    APR_RING_INIT(&made->busy, hbr_instance_t, link);
    APR_RING_INIT(&made->idle, hbr_instance_t, link);
    *instances = rv == APR_SUCCESS ? made : NULL;
    return rv;
}

/* What another process reads is what it was at the last change. */
static void unlock(hbr_instance_pool_t *instances)
{
    if (instances->gauge != NULL) {
        hbr_store32(&instances->gauge->in_use,
                    (apr_uint32_t)(instances->places - instances->idle_count));
        hbr_store32(&instances->gauge->idle,
                    (apr_uint32_t)instances->idle_count);
    }
    apr_thread_mutex_unlock(instances->lock);
}

static bool has_idle(const hbr_instance_pool_t *instances)
{
    return instances->idle_count > 0;
}

static bool is_full(const hbr_instance_pool_t *instances)
{
    return instances->limits.max > 0
           && instances->places >= instances->limits.max;
}

static bool is_stale(const hbr_instance_pool_t *instances,
                     const hbr_instance_t *instance, apr_time_t now)
{
    return instances->limits.idle > 0
           && now - instance->idle_since >= instances->limits.idle;
}

static void start_work(hbr_instance_pool_t *instances, hbr_instance_t *instance)
{
    instance->holder = apr_os_thread_current();
    APR_RING_INSERT_HEAD(&instances->busy, instance, hbr_instance_t, link);
}

static hbr_instance_t *remove_idle(hbr_instance_pool_t *instances,
                                   hbr_instance_t *instance)
{
    APR_RING_REMOVE(instance, link);
    instances->idle_count--;
    return instance;
}

/* The one that was used longest ago, when that is too long. */
static hbr_instance_t *remove_stale(hbr_instance_pool_t *instances,
                                    apr_time_t now)
{
    hbr_instance_t *oldest = APR_RING_LAST(&instances->idle);

    if (!has_idle(instances) || !is_stale(instances, oldest, now))
        return NULL;
    return remove_idle(instances, oldest);
}

/* A request that an instance's own request makes must not wait for it. */
static bool holds_one(const hbr_instance_pool_t *instances)
{
    apr_os_thread_t self = apr_os_thread_current();
    const hbr_instance_t *at;

    for (at = APR_RING_FIRST(&instances->busy);
         at != APR_RING_SENTINEL(&instances->busy, hbr_instance_t, link);
         at = APR_RING_NEXT(at, link))
        if (apr_os_thread_equal(at->holder, self))
            return true;
    return false;
}

/* Waking up proves nothing: another may have been quicker. */
static void wait_for_one(hbr_instance_pool_t *instances)
{
    apr_interval_time_t wait = instances->limits.wait;
    apr_time_t end = apr_time_now() + wait;

    while (!has_idle(instances) && is_full(instances) && wait > 0) {
        apr_thread_cond_timedwait(instances->freed, instances->lock, wait);
        wait = end - apr_time_now();
    }
}

/* The last used is the warmest; when it is stale, all are. */
static hbr_pool_take_e take_now(hbr_instance_pool_t *instances,
                                hbr_instance_t **instance)
{
    hbr_instance_t *last = APR_RING_FIRST(&instances->idle);

    if (has_idle(instances) && !is_stale(instances, last, apr_time_now())) {
        *instance = remove_idle(instances, last);
        start_work(instances, *instance);
        return HBR_POOL_TAKEN;
    }
    if (has_idle(instances)) {
        *instance = remove_idle(instances, APR_RING_LAST(&instances->idle));
        return HBR_POOL_STALE;
    }
    if (is_full(instances))
        return HBR_POOL_FULL;
    instances->places++;
    return HBR_POOL_ROOM;
}

hbr_pool_take_e hbr_instance_pool_take(hbr_instance_pool_t *instances,
                                       bool nested, hbr_instance_t **instance)
{
    hbr_pool_take_e result;

    apr_thread_mutex_lock(instances->lock);
    if (!has_idle(instances) && is_full(instances)
        && !(nested && holds_one(instances)))
        wait_for_one(instances);
    result = take_now(instances, instance);
    unlock(instances);
    return result;
}

void hbr_instance_pool_add(hbr_instance_pool_t *instances,
                           hbr_instance_t *instance)
{
    apr_thread_mutex_lock(instances->lock);
    start_work(instances, instance);
    unlock(instances);
}

void hbr_instance_pool_leave(hbr_instance_pool_t *instances)
{
    apr_thread_mutex_lock(instances->lock);
    instances->places--;
    apr_thread_cond_signal(instances->freed);
    unlock(instances);
}

/* Nobody is woken for a broken one: its place comes free when it has ended. */
static hbr_instance_t *rest(hbr_instance_pool_t *instances,
                            hbr_instance_t *instance)
{
    APR_RING_REMOVE(instance, link);
    if (instance->broken)
        return instance;
    instance->idle_since = apr_time_now();
    APR_RING_INSERT_HEAD(&instances->idle, instance, hbr_instance_t, link);
    instances->idle_count++;
    apr_thread_cond_signal(instances->freed);
    return remove_stale(instances, instance->idle_since);
}

hbr_instance_t *hbr_instance_pool_give_back(hbr_instance_pool_t *instances,
                                            hbr_instance_t *instance)
{
    hbr_instance_t *to_end;

    apr_thread_mutex_lock(instances->lock);
    to_end = rest(instances, instance);
    unlock(instances);
    return to_end;
}

hbr_instance_t *hbr_instance_pool_stale(hbr_instance_pool_t *instances)
{
    hbr_instance_t *to_end;

    apr_thread_mutex_lock(instances->lock);
    to_end = remove_stale(instances, apr_time_now());
    unlock(instances);
    return to_end;
}

hbr_instance_t *hbr_instance_pool_idle(hbr_instance_pool_t *instances)
{
    hbr_instance_t *to_end = NULL;

    apr_thread_mutex_lock(instances->lock);
    if (has_idle(instances))
        to_end = remove_idle(instances, APR_RING_LAST(&instances->idle));
    unlock(instances);
    return to_end;
}

hbr_pool_state_t hbr_instance_pool_state(hbr_instance_pool_t *instances)
{
    hbr_pool_state_t state;

    apr_thread_mutex_lock(instances->lock);
    state.idle = instances->idle_count;
    state.in_use = instances->places - state.idle;
    unlock(instances);
    return state;
}
