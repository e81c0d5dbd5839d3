/*
 * Handlers' instances: how long they live, how many there are, and that no two
 * requests meet in a pooled one.
 */
#include <stdlib.h>

#include "support/main.h"
#include "support/serve.h"

#include <apr_atomic.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>

#define THREADS 8
#define ROUNDS 40
#define EACH 25
#define ROOM 3

/* What the test's handlers make. */
typedef struct thing_t {
    apr_uint32_t number;
    volatile apr_uint32_t users;
    int uses;
    char memory[100];
} thing_t;

static volatile apr_uint32_t made, ended, alive, most, met, starts, stops;
static apr_status_t create_result;
static apr_interval_time_t create_time, destroy_time;
static char order[64];

static void note(const char *what)
{
    if (strlen(order) + strlen(what) < sizeof(order))
        strcat(order, what);
}

static apr_status_t create(const hbr_child_t *child, apr_pool_t *pool,
                           void **instance)
{
    thing_t *thing = apr_pcalloc(pool, sizeof(*thing));
    apr_uint32_t now;

    *instance = thing;
    if (create_time > 0)
        apr_sleep(create_time);
    if (create_result != APR_SUCCESS)
        return create_result;
    thing->number = apr_atomic_inc32(&made) + 1;
    now = apr_atomic_inc32(&alive) + 1;
    if (now > apr_atomic_read32(&most))
        apr_atomic_set32(&most, now);
    hbr_child_log(child, HBR_LOG_NOTICE, "made %u", thing->number);
    return APR_SUCCESS;
}

static void destroy(const hbr_child_t *child, void *instance)
{
    const thing_t *thing = instance;

    hbr_child_log(child, HBR_LOG_NOTICE, "ended %u", thing->number);
    if (destroy_time > 0)
        apr_sleep(destroy_time);
    apr_atomic_dec32(&alive);
    apr_atomic_inc32(&ended);
}

static int use(hbr_context_t *ctx)
{
    thing_t *thing = ctx->instance;
    apr_uint32_t number = thing->number;

    if (apr_atomic_inc32(&thing->users) != 0)
        apr_atomic_inc32(&met);
    if (hbr_query(ctx, "sleep", NULL) != NULL)
        apr_sleep(apr_time_from_msec(atoi(hbr_query(ctx, "sleep", "0"))));
    thing->uses++;
    if (strcmp(hbr_query(ctx, "broken", ""), "yes") == 0)
        hbr_instance_broken(ctx);
    apr_atomic_dec32(&thing->users);
    if (hbr_query(ctx, "status", NULL) != NULL)
        return atoi(hbr_query(ctx, "status", ""));
    return hbr_text(ctx, "%u %d", number, thing->uses);
}

HBR_TEST_HANDLER(pooled, .process = use, .lifetime = HBR_POOLED,
                 .create = create, .destroy = destroy);
HBR_TEST_HANDLER(each, .process = use, .create = create, .destroy = destroy);

static apr_status_t start(hbr_child_t *child)
{
    (void)child;
    note("start ");
    apr_atomic_inc32(&starts);
    return APR_SUCCESS;
}

static void stop(hbr_child_t *child)
{
    (void)child;
    note("stop ");
    apr_atomic_inc32(&stops);
}

static apr_status_t create_one(const hbr_child_t *child, apr_pool_t *pool,
                               void **instance)
{
    note("create ");
    return create(child, pool, instance);
}

static void destroy_one(const hbr_child_t *child, void *instance)
{
    note("destroy ");
    destroy(child, instance);
}

static int count(hbr_context_t *ctx)
{
    thing_t *thing = ctx->instance;

    return hbr_text(ctx, "%u %u", thing->number,
                    apr_atomic_inc32(&thing->users) + 1);
}

HBR_TEST_HANDLER(one, .process = count, .lifetime = HBR_PER_PROCESS,
                 .create = create_one, .destroy = destroy_one, .start = start,
                 .stop = stop);

static int setup_clean(void **state)
{
    made = ended = alive = most = met = starts = stops = 0;
    create_result = APR_SUCCESS;
    create_time = destroy_time = 0;
    order[0] = '\0';
    return serve_setup(state);
}

static int setup(void **state)
{
    return setup_clean(state) != 0 || hbr_test_add(kit, &pooled_handler) != NULL
           || hbr_test_add(kit, &each_handler) != NULL;
}

static const hbr_test_response_t *get(const char *url)
{
    return serve_run(&(hbr_test_request_t){ .url = url });
}

static void assert_pool(apr_size_t in_use, apr_size_t idle)
{
    hbr_test_instances_t now = hbr_test_instances(kit, "pooled");

    assert_int_equal(now.in_use, in_use);
    assert_int_equal(now.idle, idle);
}

/* ------------------------------------------------------------ per request */

static void test_per_request(void **state)
{
    (void)state;
    assert_string_equal(get("/each")->body, "1 1");
    assert_int_equal(ended, 1);
    assert_string_equal(get("/each")->body, "2 1");
    assert_int_equal(ended, 2);
    assert_non_null(hbr_test_logged(kit, "each: made 1"));
    assert_non_null(hbr_test_logged(kit, "each: ended 2"));
}

static apr_uint32_t ended_at_release;

static void note_ended(void *data)
{
    (void)data;
    ended_at_release = ended;
}

static int use_and_defer(hbr_context_t *ctx)
{
    hbr_defer(ctx, note_ended, NULL);
    return use(ctx);
}

HBR_TEST_HANDLER(deferring, .process = use_and_defer, .create = create,
                 .destroy = destroy);

/* It ends with the response, before what was deferred to the request's end. */
static void test_ends_with_the_response(void **state)
{
    (void)state;
    ended_at_release = 0;
    assert_null(hbr_test_add(kit, &deferring_handler));
    assert_string_equal(get("/deferring")->body, "1 1");
    assert_int_equal(ended_at_release, 1);
}

static void test_create_fails(void **state)
{
    static const char *const urls[] = { "/each", "/pooled" };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(urls); i++) {
        const hbr_test_response_t *r;
        const hbr_test_line_t *line;

        create_result = APR_ENOMEM;
        r = get(urls[i]);
        assert_int_equal(r->status, 503);
        assert_int_equal(count_lines(r, HBR_LOG_ERROR), 1);
        line = hbr_test_logged(kit, "HBR0250");
        assert_non_null(line);
        assert_non_null(strstr(line->text, urls[i] + 1));
        assert_int_equal(line->status, APR_ENOMEM);
        create_result = APR_SUCCESS;
        assert_int_equal(get(urls[i])->status, 200);
    }
    assert_int_equal(ended, 1);
}

/* ------------------------------------------------------------------ pooled */

static void test_used_again(void **state)
{
    (void)state;
    assert_pool(0, 0);
    assert_string_equal(get("/pooled")->body, "1 1");
    assert_string_equal(get("/pooled")->body, "1 2");
    assert_pool(0, 1);
    assert_int_equal(ended, 0);
    hbr_test_stop(kit);
    assert_int_equal(ended, 1);
    assert_non_null(hbr_test_logged(kit, "pooled: ended 1"));
}

static void test_another_child(void **state)
{
    (void)state;
    get("/pooled");
    hbr_test_stop(kit);
    assert_string_equal(get("/pooled")->body, "2 1");
}

/* Whatever the request comes to, the instance comes back, once. */
static void test_comes_back(void **state)
{
    const hbr_test_request_t rows[] = {
        { .url = "/pooled?status=500" },
        { .url = "/pooled?status=404" },
        { .url = "/pooled?status=-1" },
        { .url = "/pooled?status=1000" },
        { .url = "/pooled", .fail_pass = 1 },
        { .url = "/pooled", .fail_pass = 1, .fail_filter = true },
        { .url = "/pooled", .method = "HEAD" },
        { .url = "/pooled?status=404", .subrequest = true },
        { .url = "/pooled", .unbuffered = true, .fail_pass = 1 },
        { .url = "/pooled?status=-1", .behind = HEADERS("each") },
    };
    apr_size_t i;

    (void)state;
    hbr_test_pools(kit, 1, 0, 0);
    for (i = 0; i < COUNT(rows); i++) {
        serve_run(&rows[i]);
        assert_pool(0, 1);
    }
    assert_string_equal(get("/pooled")->body, "1 11");
}

/* While the next handler is tried it is free already. */
static int ask_pool(hbr_context_t *ctx)
{
    hbr_test_instances_t now = hbr_test_instances(kit, "pooled");

    assert_null(ctx->instance);
    return hbr_text(ctx, "%d %d", (int)now.in_use, (int)now.idle);
}

HBR_TEST_HANDLER(asking, .process = ask_pool);

static void test_declined_is_free(void **state)
{
    (void)state;
    assert_null(hbr_test_add(kit, &asking_handler));
    assert_string_equal(
        serve_run(&(hbr_test_request_t){ .url = "/pooled?status=-1",
                                         .behind = HEADERS("asking") })
            ->body,
        "0 1");
    assert_string_equal(
        serve_run(&(hbr_test_request_t){ .url = "/each?status=-1",
                                         .behind = HEADERS("asking") })
            ->body,
        "0 1");
    assert_int_equal(ended, 1);
}

static void test_broken(void **state)
{
    (void)state;
    hbr_test_pools(kit, 1, 0, 0);
    assert_string_equal(get("/pooled?broken=yes")->body, "1 1");
    assert_int_equal(ended, 1);
    assert_pool(0, 0);
    assert_string_equal(get("/pooled")->body, "2 1");
}

static int break_nothing(hbr_context_t *ctx)
{
    hbr_instance_broken(ctx);
    return hbr_text(ctx, "fine");
}

/* Without a pooled instance there is nothing to be broken. */
static void test_nothing_broken(void **state)
{
    (void)state;
    assert_string_equal(SERVE(break_nothing)->body, "fine");
    assert_string_equal(get("/each?broken=yes")->body, "1 1");
    assert_int_equal(ended, 1);
}

/* One whose request makes others: they reach the same handler. */
static int nest(hbr_context_t *ctx)
{
    int depth = atoi(hbr_query(ctx, "depth", "0"));
    const hbr_test_response_t *r;

    if (depth == 0)
        return use(ctx);
    r = serve_run(&(hbr_test_request_t){
        .url = apr_psprintf(ctx->pool, "/nesting?depth=%d", depth - 1),
        .nested = true });
    return hbr_text(ctx, "%u in %d: %s", ((thing_t *)ctx->instance)->number,
                    r->status, r->body);
}

HBR_TEST_HANDLER(nesting, .process = nest, .lifetime = HBR_POOLED,
                 .create = create, .destroy = destroy);

static void test_nested_gets_another(void **state)
{
    (void)state;
    assert_null(hbr_test_add(kit, &nesting_handler));
    assert_string_equal(get("/nesting?depth=2")->body,
                        "1 in 200: 2 in 200: 3 1");
    /* last given back, first used: the outermost's */
    assert_string_equal(get("/nesting")->body, "1 1");
}

static void test_nested_does_not_wait(void **state)
{
    apr_time_t begin = apr_time_now();
    const hbr_test_response_t *r;

    (void)state;
    assert_null(hbr_test_add(kit, &nesting_handler));
    hbr_test_pools(kit, 2, apr_time_from_sec(20), 0);
    r = get("/nesting?depth=2");
    assert_true(apr_time_now() - begin < apr_time_from_sec(10));
    assert_int_equal(r->status, 200);
    assert_non_null(strstr(r->body, "1 in 200: 2 in 503: 503 Service"));
}

/* One that another thread has, a nested request may wait for: an internal
 * redirect that no handler holds anything for is nested too. */
static void test_nested_waits_for_others(void **state)
{
    const hbr_test_request_t requests[] = {
        { .url = "/pooled?sleep=50", .nested = true },
        { .url = "/pooled?sleep=50", .nested = true }
    };
    const hbr_test_response_t *r[2];

    (void)state;
    hbr_test_pools(kit, 1, apr_time_from_sec(20), 0);
    hbr_test_run_together(kit, requests, 2, r);
    assert_int_equal(r[0]->status, 200);
    assert_int_equal(r[1]->status, 200);
    assert_int_equal(made, 1);
}

static void test_full(void **state)
{
    const hbr_test_request_t requests[] = { { .url = "/pooled?sleep=1500" },
                                            { .url = "/pooled?sleep=1500" } };
    const hbr_test_response_t *r[2], *refused;
    apr_time_t begin = apr_time_now();
    apr_size_t i;
    int lines = 0;

    (void)state;
    hbr_test_pools(kit, 1, apr_time_from_msec(50), 0);
    hbr_test_run_together(kit, requests, 2, r);
    assert_true(apr_time_now() - begin < apr_time_from_sec(10));
    assert_int_equal(r[0]->status + r[1]->status, 703);
    refused = r[r[1]->status == 503];
    assert_string_equal(hbr_test_header(refused, "Retry-After"), "5");
    assert_non_null(strstr(refused->body, "BridgePoolMax"));
    assert_int_equal(count_lines(refused, HBR_LOG_NOTICE), 0);
    for (i = 0; i < refused->line_count; i++)
        lines += strstr(refused->lines[i].text, "HBR0252: pooled: ") != NULL
                 && strstr(refused->lines[i].text, "BridgePoolWait") != NULL;
    assert_int_equal(lines, 1);
    assert_pool(0, 1);
}

/* He who waits is woken by what comes back, not by the end of his wait. */
static void test_woken(void **state)
{
    const hbr_test_request_t requests[] = { { .url = "/pooled?sleep=50" },
                                            { .url = "/pooled?sleep=50" } };
    const hbr_test_response_t *r[2];
    apr_time_t begin = apr_time_now();

    (void)state;
    hbr_test_pools(kit, 1, apr_time_from_sec(20), 0);
    hbr_test_run_together(kit, requests, 2, r);
    assert_true(apr_time_now() - begin < apr_time_from_sec(10));
    assert_int_equal(r[0]->status + r[1]->status, 400);
    assert_int_equal(made, 1);
    assert_int_equal(met, 0);
}

/* The place of a broken one comes free when it has ended. */
static void test_woken_by_a_broken_one(void **state)
{
    const hbr_test_request_t requests[] = {
        { .url = "/pooled?sleep=50&broken=yes" },
        { .url = "/pooled?sleep=50&broken=yes" }
    };
    const hbr_test_response_t *r[2];
    apr_time_t begin = apr_time_now();

    (void)state;
    destroy_time = apr_time_from_msec(30);
    hbr_test_pools(kit, 1, apr_time_from_sec(20), 0);
    hbr_test_run_together(kit, requests, 2, r);
    assert_true(apr_time_now() - begin < apr_time_from_sec(10));
    assert_int_equal(r[0]->status + r[1]->status, 400);
    assert_int_equal(made, 2);
    assert_int_equal(most, 1);
}

/* And by one that could not be made; no place is lost. */
static void test_woken_by_a_failed_create(void **state)
{
    const hbr_test_request_t requests[] = { { .url = "/pooled" },
                                            { .url = "/pooled" },
                                            { .url = "/pooled" } };
    const hbr_test_response_t *r[3];
    apr_time_t begin = apr_time_now();
    int i;

    (void)state;
    create_time = apr_time_from_msec(30);
    create_result = APR_EGENERAL;
    hbr_test_pools(kit, 1, apr_time_from_sec(20), 0);
    hbr_test_run_together(kit, requests, 3, r);
    assert_true(apr_time_now() - begin < apr_time_from_sec(10));
    for (i = 0; i < 3; i++)
        assert_non_null(strstr(r[i]->body, "could not be made ready"));
    assert_pool(0, 0);
    create_result = APR_SUCCESS;
    assert_string_equal(get("/pooled")->body, "1 1");
}

static void test_no_bound(void **state)
{
    hbr_test_request_t requests[THREADS];
    const hbr_test_response_t *r[THREADS];
    apr_size_t i;

    (void)state;
    for (i = 0; i < THREADS; i++)
        requests[i] = (hbr_test_request_t){ .url = "/pooled?sleep=100" };
    hbr_test_pools(kit, 0, 0, 0);
    hbr_test_run_together(kit, requests, THREADS, r);
    for (i = 0; i < THREADS; i++)
        assert_int_equal(r[i]->status, 200);
    assert_int_equal(made, most);
    assert_pool(0, made);
}

static void many_at_once(const hbr_test_request_t *requests)
{
    const hbr_test_response_t *r[THREADS];
    int i;

    hbr_test_run_together(kit, requests, THREADS, r);
    for (i = 0; i < THREADS; i++) {
        assert_null(r[i]->violation);
        assert_int_equal(r[i]->status, 200);
    }
    hbr_test_clear(kit);
}

/* A thousand requests of each thread. */
static void *APR_THREAD_FUNC run_each(apr_thread_t *thread, void *data)
{
    apr_uint32_t *bad = data;
    int i;

    (void)thread;
    for (i = 0; i < EACH; i++) {
        const hbr_test_response_t *r = hbr_test_run(
            kit, &(hbr_test_request_t){
                     .url = i % 10 == 9 ? "/pooled?broken=yes" : "/pooled" });

        *bad += r->status != 200 || r->violation != NULL;
    }
    return NULL;
}

static void run_threads(apr_pool_t *pool)
{
    apr_thread_t *threads[THREADS];
    apr_uint32_t bad[THREADS] = { 0 };
    apr_status_t rv;
    int i;

    for (i = 0; i < THREADS; i++)
        assert_int_equal(
            apr_thread_create(&threads[i], NULL, run_each, &bad[i], pool), 0);
    for (i = 0; i < THREADS; i++) {
        apr_thread_join(&rv, threads[i]);
        assert_int_equal(bad[i], 0);
    }
}

static void test_threads(void **state)
{
    apr_pool_t *pool;
    int i;

    (void)state;
    hbr_test_pools(kit, ROOM, apr_time_from_sec(20), apr_time_from_msec(1));
    hbr_test_start(kit);
    for (i = 0; i < ROUNDS; i++) {
        apr_pool_create(&pool, NULL);
        run_threads(pool);
        apr_pool_destroy(pool);
        hbr_test_clear(kit);
    }
    assert_int_equal(met, 0);
    assert_in_range(most, 1, ROOM);
    assert_int_equal(hbr_test_instances(kit, "pooled").in_use, 0);
    hbr_test_stop(kit);
    assert_int_equal(made, ended);
}

/* As full as can be: each has to wait for another. */
static void test_crowd(void **state)
{
    hbr_test_request_t requests[THREADS];
    int i;

    (void)state;
    for (i = 0; i < THREADS; i++)
        requests[i] = (hbr_test_request_t){ .url = "/pooled?sleep=2" };
    hbr_test_pools(kit, ROOM, apr_time_from_sec(20), 0);
    for (i = 0; i < 10; i++)
        many_at_once(requests);
    assert_int_equal(met, 0);
    assert_in_range(most, 1, ROOM);
}

/* -------------------------------------------------------------------- idle */

#define IDLE apr_time_from_msec(1000)

static void fill(int count)
{
    hbr_test_request_t requests[THREADS];
    const hbr_test_response_t *r[THREADS];
    int i;

    for (i = 0; i < count; i++)
        requests[i] = (hbr_test_request_t){ .url = "/pooled?sleep=200" };
    hbr_test_run_together(kit, requests, count, r);
    assert_int_equal(made, count);
    assert_pool(0, count);
}

static void test_swept(void **state)
{
    (void)state;
    hbr_test_pools(kit, 0, 0, IDLE);
    fill(3);
    hbr_test_sweep(kit);
    assert_pool(0, 3);
    apr_sleep(IDLE + apr_time_from_msec(20));
    hbr_test_sweep(kit);
    assert_pool(0, 0);
    assert_int_equal(ended, 3);
}

static void test_kept_for_ever(void **state)
{
    (void)state;
    hbr_test_pools(kit, 0, 0, 0);
    fill(2);
    apr_sleep(apr_time_from_msec(20));
    hbr_test_sweep(kit);
    assert_pool(0, 2);
}

/* The last used is used; the others grow old, and end when it comes back. */
static void test_ended_at_give_back(void **state)
{
    (void)state;
    hbr_test_pools(kit, 0, 0, IDLE);
    fill(3);
    apr_sleep(IDLE / 2);
    get("/pooled");
    assert_pool(0, 3);
    apr_sleep(IDLE / 2 + apr_time_from_msec(20));
    get("/pooled");
    assert_pool(0, 1);
    assert_int_equal(made, 3);
    assert_int_equal(ended, 2);
}

/* One that was idle for too long is not used, whether it was swept or not. */
static void test_stale_is_not_used(void **state)
{
    (void)state;
    hbr_test_pools(kit, 2, 0, IDLE);
    fill(2);
    apr_sleep(IDLE + apr_time_from_msec(20));
    assert_string_equal(get("/pooled")->body, "3 1");
    assert_int_equal(ended, 2);
    assert_pool(0, 1);
}

/* ------------------------------------------------------------- per process */

static int setup_one(void **state)
{
    return setup(state) != 0 || hbr_test_add(kit, &one_handler) != NULL;
}

static void test_per_process(void **state)
{
    (void)state;
    hbr_test_start(kit);
    assert_string_equal(order, "start create ");
    assert_string_equal(get("/one")->body, "1 1");
    assert_string_equal(get("/one")->body, "1 2");
    hbr_test_stop(kit);
    assert_string_equal(order, "start create destroy stop ");
    assert_int_equal(hbr_test_instances(kit, "one").idle, 0);
}

static void test_per_process_fails(void **state)
{
    const hbr_test_line_t *line;

    (void)state;
    create_result = APR_ENOTDIR;
    hbr_test_start(kit);
    line = hbr_test_logged(kit, "HBR0251: one: ");
    assert_non_null(line);
    assert_int_equal(line->status, APR_ENOTDIR);
    assert_int_equal(get("/one")->status, 503);
    create_result = APR_SUCCESS;
    assert_int_equal(get("/one")->status, 503);
    assert_int_equal(get("/pooled")->status, 200);
    hbr_test_stop(kit);
    assert_string_equal(order, "start create stop ");
    assert_int_equal(get("/one")->status, 200);
}

static apr_status_t start_badly(hbr_child_t *child)
{
    (void)child;
    return APR_EGENERAL;
}

HBR_TEST_HANDLER(unstarted, .process = count, .lifetime = HBR_PER_PROCESS,
                 .create = create, .destroy = destroy, .start = start_badly);
HBR_TEST_HANDLER(unpooled, .process = use, .lifetime = HBR_POOLED,
                 .create = create, .destroy = destroy, .start = start_badly);

static void test_not_started(void **state)
{
    (void)state;
    assert_null(hbr_test_add(kit, &unstarted_handler));
    assert_null(hbr_test_add(kit, &unpooled_handler));
    assert_int_equal(get("/unstarted")->status, 503);
    assert_int_equal(get("/unpooled")->status, 503);
    hbr_test_sweep(kit);
    hbr_test_stop(kit);
    assert_int_equal(made, 0);
    assert_int_equal(ended, 0);
}

static int stop_inside(hbr_context_t *ctx)
{
    hbr_test_stop(kit);
    return hbr_text(ctx, "stopped");
}

/* prefork may end a child from a signal while a request is in a handler. */
static void test_in_flight_nothing_ends(void **state)
{
    (void)state;
    get("/one");
    get("/pooled");
    assert_string_equal(SERVE(stop_inside)->body, "stopped");
    assert_int_equal(ended, 0);
    assert_int_equal(stops, 0);
    get("/one");
    hbr_test_stop(kit);
    assert_int_equal(ended, 1);
    assert_int_equal(stops, 1);
}

/* ------------------------------------------------------------------- bytes */

static int send_own(hbr_context_t *ctx)
{
    thing_t *thing = ctx->instance;

    memset(thing->memory, 'a' + thing->uses++, sizeof(thing->memory));
    return hbr_bytes(ctx, thing->memory, sizeof(thing->memory), NULL);
}

HBR_TEST_HANDLER(sending, .process = send_own, .create = create,
                 .destroy = destroy);

/* The bytes leave after the instance has ended: they are copies. Only
 * AddressSanitizer would see if not. */
static void test_bytes_are_copies(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    assert_null(hbr_test_add(kit, &sending_handler));
    r = get("/sending");
    assert_int_equal(ended, 1);
    assert_int_equal(r->length, 100);
    assert_int_equal(r->body[99], 'a');
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, serve_teardown)
#define TEST_ONE(f)                                                            \
    cmocka_unit_test_setup_teardown(f, setup_one, serve_teardown)

MAIN(TEST(test_per_request), TEST(test_ends_with_the_response),
     TEST(test_create_fails), TEST(test_used_again), TEST(test_another_child),
     TEST(test_comes_back), TEST(test_declined_is_free), TEST(test_broken),
     TEST(test_nothing_broken), TEST(test_nested_gets_another),
     TEST(test_nested_does_not_wait), TEST(test_nested_waits_for_others),
     TEST(test_full), TEST(test_woken), TEST(test_woken_by_a_broken_one),
     TEST(test_woken_by_a_failed_create), TEST(test_no_bound),
     TEST(test_threads), TEST(test_crowd), TEST(test_swept),
     TEST(test_kept_for_ever), TEST(test_ended_at_give_back),
     TEST(test_stale_is_not_used), TEST_ONE(test_per_process),
     TEST_ONE(test_per_process_fails), TEST(test_not_started),
     TEST_ONE(test_in_flight_nothing_ends), TEST(test_bytes_are_copies))
