/**
 * @file application.c
 * @brief For the tests: handlers that count in memory of the server and of their
 *        process, and one that ends while it has the lock.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "handlerbridge.h"

typedef struct counts_t {
    uint64_t sold;
    uint64_t twin;  /**< Changes with it. */
    uint64_t maker; /**< The process that filled it. */
} counts_t;

typedef struct own_t {
    uint64_t sold;
} own_t;

static apr_status_t fill(void *shared, apr_size_t size)
{
    counts_t *counts = shared;

    (void)size;
    counts->maker = (uint64_t)getpid();
    return APR_SUCCESS;
}

static apr_status_t start(hbr_child_t *child)
{
    child->data = apr_pcalloc(child->pool, sizeof(own_t));
    return APR_SUCCESS;
}

/* Each child says how much of the sum was its. */
static void stop(hbr_child_t *child)
{
    const own_t *own = child->data;

    hbr_child_log(child, HBR_LOG_NOTICE, "sold %d in %d", (int)own->sold,
                  (int)getpid());
}

static void sell_own(hbr_context_t *ctx)
{
    own_t *own = ctx->child->data;

    hbr_process_write(ctx);
    own->sold++;
    hbr_process_unlock(ctx);
}

/* With "die" it ends in between, with "hold" it waits there so many ms. */
static int sell(hbr_context_t *ctx)
{
    int hold = atoi(hbr_query(ctx, "hold", "0"));
    counts_t *counts = hbr_shared_lock(ctx);

    counts->sold++;
    if (hold > 0) {
        hbr_log(ctx, HBR_LOG_NOTICE, "holds it in %d", (int)getpid());
        usleep((useconds_t)hold * 1000);
    }
    if (hbr_query(ctx, "die", NULL) != NULL)
        kill(getpid(), SIGKILL);
    counts->twin++;
    if (hbr_query(ctx, "keep", NULL) == NULL)
        hbr_shared_unlock(ctx);
    sell_own(ctx);
    if (hbr_query(ctx, "ms", NULL) != NULL)
        usleep((useconds_t)atoi(hbr_query(ctx, "ms", "0")) * 1000);
    hbr_puts(ctx, "sold\n");
    return HBR_OK;
}

static int show(hbr_context_t *ctx)
{
    const counts_t *counts = hbr_shared(ctx);

    hbr_printf(ctx, "%d %d %d %d\n", (int)counts->sold, (int)counts->twin,
               (int)counts->maker, (int)((uintptr_t)counts % 64));
    return HBR_OK;
}

static int sell_or_show(hbr_context_t *ctx)
{
    return hbr_query(ctx, "show", NULL) != NULL ? show(ctx) : sell(ctx);
}

HBR_HANDLER(application_sell, .process = sell_or_show, .start = start,
            .stop = stop, .shared_size = sizeof(counts_t), .shared_init = fill);

/* The same functions, another struct: zeros. */
HBR_HANDLER(application_other, .process = sell_or_show, .start = start,
            .shared_size = sizeof(counts_t));
