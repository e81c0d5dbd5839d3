/*
 * Handlers' instances: per request, pooled, per process.
 *
 * Invariants: create and destroy run without a lock of the bridge's, and each
 * instance's pool has an allocator of its own (HBR_PER_REQUEST: the request's),
 * so no two threads meet in it. What a request took, state->taken, is given
 * back by the same thread when its response is made.
 *
 * A pool of no parent is not ended when the child's is, which prefork does in
 * the middle of a request: child.c says when it is time.
 */
#include "instance.h"

#include "context.h"
#include "error.h"
#include "instance_pool.h"
#include "log.h"
#include "timing.h"

#define RETRY_AFTER "5" /* seconds, for the client */

/* What an entry has in a child; one of the two. */
struct hbr_instances_t {
    hbr_instance_pool_t *pool; /* HBR_POOLED */
    hbr_instance_t *only;      /* HBR_PER_PROCESS */
};

/* The pool goes with the instance, also when there comes to be none. */
static apr_status_t make(hbr_entry_t *entry, apr_pool_t *pool,
                         hbr_instance_t **instance)
{
    hbr_instance_t *made = apr_pcalloc(pool, sizeof(*made));
    apr_status_t rv;

    apr_pool_tag(pool, entry->name);
    made->pool = pool;
    rv = entry->handler.create(&entry->child, pool, &made->made);
    if (rv != APR_SUCCESS)
        apr_pool_destroy(pool);
    else
        *instance = made;
    return rv;
}

static apr_status_t make_alone(hbr_entry_t *entry, hbr_instance_t **instance)
{
    apr_pool_t *pool;
    apr_status_t rv = apr_pool_create_unmanaged_ex(
        &pool, apr_pool_abort_get(entry->child.pool), NULL);

    return rv == APR_SUCCESS ? make(entry, pool, instance) : rv;
}

static void end(hbr_entry_t *entry, hbr_instance_t *instance)
{
    if (entry->handler.destroy != NULL)
        entry->handler.destroy(&entry->child, instance->made);
    apr_pool_destroy(instance->pool);
}

static void end_pooled(hbr_entry_t *entry, hbr_instance_t *instance)
{
    end(entry, instance);
    hbr_instance_pool_leave(entry->instances->pool);
}

apr_status_t hbr_instances_start(hbr_entry_t *entry, apr_pool_t *pool,
                                 const hbr_pool_limits_t *limits)
{
    struct hbr_instances_t *instances;
    apr_status_t rv;

    if (entry->handler.lifetime == HBR_PER_REQUEST)
        return APR_SUCCESS;
    instances = apr_pcalloc(pool, sizeof(*instances));
    if (entry->handler.lifetime == HBR_POOLED)
        rv = hbr_instance_pool_create(pool, limits, entry->meter.instances,
                                      &instances->pool);
    else
        rv = make_alone(entry, &instances->only);
    if (rv == APR_SUCCESS)
        entry->instances = instances;
    return rv;
}

void hbr_instances_stop(hbr_entry_t *entry)
{
    struct hbr_instances_t *instances = entry->instances;
    hbr_instance_t *idle;

    if (instances->only != NULL) {
        end(entry, instances->only);
        return;
    }
    while ((idle = hbr_instance_pool_idle(instances->pool)) != NULL)
        end_pooled(entry, idle);
}

static int no_instance(hbr_context_t *ctx, apr_status_t rv)
{
    hbr_bridge_log(ctx, HBR_LOG_ERROR, rv, "HBR0250",
                   "create failed: no instance for this request");
    return hbr_error(ctx, HBR_SERVICE_UNAVAILABLE,
                     "The handler could not be made ready.");
}

/* Load, not a fault: news for who looks for it. */
static int full(hbr_context_t *ctx)
{
    hbr_bridge_log(ctx, HBR_LOG_INFO, APR_SUCCESS, "HBR0252",
                   "no instance came free within BridgePoolWait; "
                   "BridgePoolMax of them are in use");
    ctx->state->explained = true;
    hbr_header_set(ctx, "Retry-After", RETRY_AFTER);
    return hbr_limit_error(
        ctx, HBR_SERVICE_UNAVAILABLE,
        "All instances of the handler that BridgePoolMax allows "
        "are in use.");
}

static int took(hbr_state_t *state, hbr_instance_t *instance)
{
    state->taken = instance;
    state->instance = instance->made;
    return HBR_OK;
}

static int make_pooled(hbr_context_t *ctx)
{
    hbr_entry_t *entry = ctx->state->entry;
    hbr_instance_t *instance;
    apr_status_t rv = make_alone(entry, &instance);

    if (rv != APR_SUCCESS) {
        hbr_instance_pool_leave(entry->instances->pool);
        return no_instance(ctx, rv);
    }
    hbr_instance_pool_add(entry->instances->pool, instance);
    return took(ctx->state, instance);
}

static int take_pooled(hbr_context_t *ctx)
{
    hbr_state_t *state = ctx->state;
    hbr_entry_t *entry = state->entry;

    for (;;) {
        hbr_instance_t *instance;

        switch (hbr_instance_pool_take(entry->instances->pool,
                                       state->request.is_nested, &instance)) {
        case HBR_POOL_TAKEN: return took(state, instance);
        case HBR_POOL_ROOM: return make_pooled(ctx);
        case HBR_POOL_FULL: return full(ctx);
        case HBR_POOL_STALE: end_pooled(entry, instance);
        }
    }
}

static int take_own(hbr_context_t *ctx)
{
    hbr_state_t *state = ctx->state;
    hbr_instance_t *instance;
    apr_pool_t *pool;
    apr_status_t rv = apr_pool_create(&pool, state->request.pool);

    if (rv == APR_SUCCESS)
        rv = make(state->entry, pool, &instance);
    if (rv != APR_SUCCESS)
        return no_instance(ctx, rv);
    return took(state, instance);
}

static int take(hbr_context_t *ctx)
{
    hbr_state_t *state = ctx->state;

    switch (state->entry->handler.lifetime) {
    case HBR_POOLED: return take_pooled(ctx);
    case HBR_PER_PROCESS:
        state->instance = state->entry->instances->only->made;
        return HBR_OK;
    default: return take_own(ctx);
    }
}

int hbr_instance_take(hbr_context_t *ctx)
{
    apr_time_t started = hbr_timing_start(ctx->state);
    int result = take(ctx);

    hbr_timing_stop(ctx->state, HBR_TIMED_WAIT, started);
    return result;
}

static void give_back_pooled(hbr_entry_t *entry, hbr_instance_t *instance)
{
    hbr_instance_pool_t *pool = entry->instances->pool;
    hbr_instance_t *old = hbr_instance_pool_give_back(pool, instance);

    while (old != NULL) {
        end_pooled(entry, old);
        old = hbr_instance_pool_stale(pool);
    }
}

void hbr_instance_give_back(hbr_state_t *state)
{
    hbr_instance_t *instance = state->taken;
    hbr_entry_t *entry = state->entry;

    state->taken = NULL;
    state->instance = NULL;
    if (instance == NULL)
        return;
    if (entry->handler.lifetime == HBR_POOLED)
        give_back_pooled(entry, instance);
    else
        end(entry, instance);
}

void hbr_instance_broken(hbr_context_t *ctx)
{
    if (ctx->state->taken != NULL)
        ctx->state->taken->broken = true;
}

void hbr_instances_sweep(hbr_entry_t *entry)
{
    struct hbr_instances_t *instances = entry->instances;
    hbr_instance_t *old;

    if (instances == NULL || instances->pool == NULL)
        return;
    while ((old = hbr_instance_pool_stale(instances->pool)) != NULL)
        end_pooled(entry, old);
}

hbr_pool_state_t hbr_instances_state(const hbr_entry_t *entry)
{
    const struct hbr_instances_t *instances = entry->instances;

    if (instances == NULL || instances->pool == NULL)
        return (hbr_pool_state_t){ 0 };
    return hbr_instance_pool_state(instances->pool);
}
