/*
 * Several requests at once, each in a thread of its own. They begin when all
 * threads are there.
 */
#include <apr_thread_cond.h>
#include <apr_thread_proc.h>

#include "kit.h"

typedef struct start_line_t {
    apr_thread_mutex_t *lock;
    apr_thread_cond_t *all_there;
    apr_size_t awaited;
} start_line_t;

typedef struct runner_t {
    hbr_test_t *kit;
    start_line_t *line;
    const hbr_test_request_t *request;
    const hbr_test_response_t *response;
    apr_thread_t *thread;
} runner_t;

static void line_up(start_line_t *line)
{
    apr_thread_mutex_lock(line->lock);
    if (--line->awaited == 0)
        apr_thread_cond_broadcast(line->all_there);
    while (line->awaited > 0)
        apr_thread_cond_wait(line->all_there, line->lock);
    apr_thread_mutex_unlock(line->lock);
}

static void *APR_THREAD_FUNC run(apr_thread_t *thread, void *data)
{
    runner_t *runner = data;

    (void)thread;
    line_up(runner->line);
    runner->response = hbr_test_run(runner->kit, runner->request);
    return NULL;
}

static void start(runner_t *runner, apr_pool_t *pool)
{
    if (apr_thread_create(&runner->thread, NULL, run, runner, pool)
        != APR_SUCCESS)
        hbr_kit_fail("a thread could not be made");
}

static void draw_line(start_line_t *line, apr_size_t count, apr_pool_t *pool)
{
    line->awaited = count;
    if (apr_thread_mutex_create(&line->lock, APR_THREAD_MUTEX_DEFAULT, pool)
            != APR_SUCCESS
        || apr_thread_cond_create(&line->all_there, pool) != APR_SUCCESS)
        hbr_kit_fail("a lock could not be made");
}

void hbr_test_run_together(hbr_test_t *kit, const hbr_test_request_t *requests,
                           apr_size_t count,
                           const hbr_test_response_t **responses)
{
    start_line_t line;
    runner_t *runners;
    apr_pool_t *pool;
    apr_size_t i;

    hbr_test_start(kit);
    apr_pool_create(&pool, kit->pool);
    runners = apr_pcalloc(pool, count * sizeof(*runners));
    draw_line(&line, count, pool);
    for (i = 0; i < count; i++) {
        runners[i] = (runner_t){ kit, &line, &requests[i], NULL, NULL };
        start(&runners[i], pool);
    }
    for (i = 0; i < count; i++) {
        apr_status_t rv;

        apr_thread_join(&rv, runners[i].thread);
        responses[i] = runners[i].response;
    }
    apr_pool_destroy(pool);
}
