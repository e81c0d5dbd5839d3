/**
 * @file stopping.c
 * @brief For the tests: says in the log what its data was when it used it.
 *
 * Its response is a source of the query's "length", whose second piece takes
 * "seconds" to make; at the request's end the data is used once more. After
 * stop there is none.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "handlerbridge.h"

typedef struct life_t {
    bool alive;
} life_t;

static apr_status_t start(hbr_child_t *child)
{
    life_t *life = malloc(sizeof(*life));

    if (life == NULL)
        return APR_ENOMEM;
    life->alive = true;
    child->data = life;
    return APR_SUCCESS;
}

static void stop(hbr_child_t *child)
{
    life_t *life = child->data;

    hbr_child_log(child, HBR_LOG_NOTICE, "stop runs in %d", (int)getpid());
    life->alive = false;
    free(life);
}

/* What the end of a request needs to speak. */
typedef struct last_t {
    hbr_context_t *ctx;
    const life_t *life;
} last_t;

static void release(void *data)
{
    const last_t *last = data;

    hbr_log(last->ctx, HBR_LOG_NOTICE, "release runs in %d: %s", (int)getpid(),
            last->life->alive ? "alive" : "dead");
}

/* A signal's handler may run in between, and return. */
static void rest(hbr_context_t *ctx)
{
    struct timespec left = { .tv_sec = atoi(hbr_query(ctx, "seconds", "0")) };

    while (nanosleep(&left, &left) != 0)
        continue;
}

static apr_status_t read_piece(hbr_context_t *ctx, void *data, apr_off_t offset,
                               apr_size_t wanted, const void **bytes,
                               apr_size_t *length)
{
    const life_t *life = data;
    char *piece = apr_palloc(ctx->pool, wanted);

    if (offset > 0) {
        hbr_log(ctx, HBR_LOG_NOTICE, "read rests in %d", (int)getpid());
        rest(ctx);
    }
    memset(piece, life->alive ? 'a' : 'd', wanted);
    *bytes = piece;
    *length = wanted;
    return APR_SUCCESS;
}

static int process(hbr_context_t *ctx)
{
    last_t *last = apr_palloc(ctx->pool, sizeof(*last));
    int length = atoi(hbr_query(ctx, "length", "600000"));

    *last = (last_t){ ctx, ctx->child->data };
    hbr_defer(ctx, release, last);
    return hbr_source(ctx,
                      &(hbr_source_t){ .length = length,
                                       .data = ctx->child->data,
                                       .read = read_piece },
                      NULL);
}

HBR_HANDLER(stopping, .process = process, .start = start, .stop = stop,
            .methods = "GET, POST");
