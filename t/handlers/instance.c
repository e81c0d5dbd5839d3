/**
 * @file instance.c
 * @brief For the tests: handlers whose instances tell who they are, how often
 *        they were used, and whether two requests met in one.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <apr_atomic.h>

#include "handlerbridge.h"

typedef struct thing_t {
    apr_uint32_t number;
    volatile apr_uint32_t users;
    volatile apr_uint32_t uses;
    volatile apr_uint32_t met;
} thing_t;

static volatile apr_uint32_t made;

static apr_status_t create(const hbr_child_t *child, apr_pool_t *pool,
                           void **instance)
{
    thing_t *thing = apr_pcalloc(pool, sizeof(*thing));

    thing->number = apr_atomic_inc32(&made) + 1;
    hbr_child_log(child, HBR_LOG_NOTICE, "made %u in %d", thing->number,
                  (int)getpid());
    *instance = thing;
    return APR_SUCCESS;
}

static void destroy(const hbr_child_t *child, void *instance)
{
    const thing_t *thing = instance;

    hbr_child_log(child, HBR_LOG_NOTICE, "ended %u in %d", thing->number,
                  (int)getpid());
}

static void rest(hbr_context_t *ctx)
{
    long ms = atol(hbr_query(ctx, "ms", "0"));
    struct timespec left = { ms / 1000, ms % 1000 * 1000000 };

    while (ms > 0 && nanosleep(&left, &left) != 0)
        continue;
}

/* "pid number uses met", and what it was asked to do besides. */
static int use(hbr_context_t *ctx)
{
    thing_t *thing = ctx->instance;

    if (apr_atomic_inc32(&thing->users) != 0)
        apr_atomic_inc32(&thing->met);
    apr_atomic_inc32(&thing->uses);
    rest(ctx);
    if (hbr_query(ctx, "broken", NULL) != NULL)
        hbr_instance_broken(ctx);
    hbr_type(ctx, "text/html");
    hbr_printf(ctx, "<%d %u %u %u>", (int)getpid(), thing->number,
               apr_atomic_read32(&thing->uses), apr_atomic_read32(&thing->met));
    apr_atomic_dec32(&thing->users);
    return atoi(hbr_query(ctx, "status", "0"));
}

HBR_HANDLER(instance_pooled, .process = use, .lifetime = HBR_POOLED,
            .create = create, .destroy = destroy);
HBR_HANDLER(instance_each, .process = use, .create = create,
            .destroy = destroy);

static void stop(hbr_child_t *child)
{
    hbr_child_log(child, HBR_LOG_NOTICE, "stop in %d", (int)getpid());
}

HBR_HANDLER(instance_process, .process = use, .lifetime = HBR_PER_PROCESS,
            .create = create, .destroy = destroy, .stop = stop);

/* Writes what makes mod_include ask for it once more, so many times. */
static int include(hbr_context_t *ctx)
{
    const thing_t *thing = ctx->instance;
    int depth = atoi(hbr_query(ctx, "depth", "0"));

    hbr_type(ctx, "text/html");
    hbr_printf(ctx, "<%u>", thing->number);
    if (depth > 0)
        hbr_printf(ctx, "<!--#include virtual=\"%s?depth=%d\" -->", ctx->uri,
                   depth - 1);
    return HBR_OK;
}

HBR_HANDLER(instance_nested, .process = include, .lifetime = HBR_POOLED,
            .create = create, .destroy = destroy);

/* Each child's first attempt fails. */
static apr_status_t create_at_last(const hbr_child_t *child, apr_pool_t *pool,
                                   void **instance)
{
    static volatile apr_uint32_t attempts;

    return apr_atomic_inc32(&attempts) == 0 ? APR_ENOTDIR
                                            : create(child, pool, instance);
}

HBR_HANDLER(instance_late, .process = use, .lifetime = HBR_POOLED,
            .create = create_at_last, .destroy = destroy);

static apr_status_t create_nothing(const hbr_child_t *child, apr_pool_t *pool,
                                   void **instance)
{
    (void)child, (void)pool, (void)instance;
    return APR_ENOTDIR;
}

HBR_HANDLER(instance_unmade, .process = use, .lifetime = HBR_PER_PROCESS,
            .create = create_nothing);

/* Says where it is before it rests. */
static int flush_first(hbr_context_t *ctx)
{
    hbr_printf(ctx, "begun in %d ", (int)getpid());
    hbr_flush(ctx);
    rest(ctx);
    return use(ctx);
}

HBR_HANDLER(instance_slow, .process = flush_first, .lifetime = HBR_POOLED,
            .create = create, .destroy = destroy);
