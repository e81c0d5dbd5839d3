/*
 * A door for a bounded number of threads at once, with an end to waiting.
 * Any thread may call; one lock, held for a few instructions only.
 */
#include "gate.h"

#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>

struct hbr_gate_t {
    apr_thread_mutex_t *lock;
    apr_thread_cond_t *left; /* somebody left */
    apr_uint32_t inside;
};

apr_status_t hbr_gate_create(apr_pool_t *pool, hbr_gate_t **gate)
{
    hbr_gate_t *made = apr_pcalloc(pool, sizeof(*made));
    apr_status_t rv =
        apr_thread_mutex_create(&made->lock, APR_THREAD_MUTEX_DEFAULT, pool);

    if (rv == APR_SUCCESS)
        rv = apr_thread_cond_create(&made->left, pool);
    *gate = rv == APR_SUCCESS ? made : NULL;
    return rv;
}

/* Waking up proves nothing: another may have been quicker. */
static void wait_for_room(hbr_gate_t *gate, apr_uint32_t max,
                          apr_interval_time_t wait)
{
    apr_time_t end = apr_time_now() + wait;

    while (gate->inside >= max && wait > 0) {
        apr_thread_cond_timedwait(gate->left, gate->lock, wait);
        wait = end - apr_time_now();
    }
}

bool hbr_gate_enter(hbr_gate_t *gate, apr_uint32_t max,
                    apr_interval_time_t wait)
{
    bool entered;

    apr_thread_mutex_lock(gate->lock);
    if (gate->inside >= max)
        wait_for_room(gate, max, wait);
    entered = gate->inside < max;
    if (entered)
        gate->inside++;
    apr_thread_mutex_unlock(gate->lock);
    return entered;
}

/* All who wait are woken, for they may differ about how many are too many. */
void hbr_gate_leave(hbr_gate_t *gate)
{
    apr_thread_mutex_lock(gate->lock);
    gate->inside--;
    apr_thread_cond_broadcast(gate->left);
    apr_thread_mutex_unlock(gate->lock);
}
