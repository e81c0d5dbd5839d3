/*
 * Handlers' start and stop in a child process.
 */
#include "support/main.h"
#include "support/serve.h"

static int starts, stops, calls;
static apr_status_t start_result;
static hbr_test_t *stop_within;

static apr_status_t start(hbr_child_t *child)
{
    assert_null(child->data);
    assert_non_null(child->pool);
    assert_string_equal(child->handler->stamp.ident, "worker");
    hbr_child_log(child, HBR_LOG_NOTICE, "start says %d", 42);
    starts++;
    child->data = &starts;
    return start_result;
}

static void stop(hbr_child_t *child)
{
    assert_ptr_equal(child->data, &starts);
    assert_non_null(apr_palloc(child->pool, 10));
    hbr_child_log(child, HBR_LOG_NOTICE, "stop says %d", 43);
    stops++;
}

static int work(hbr_context_t *ctx)
{
    calls++;
    assert_ptr_equal(ctx->child->data, &starts);
    if (stop_within != NULL)
        hbr_test_stop(stop_within);
    return hbr_text(ctx, "worked");
}

HBR_TEST_HANDLER(worker, .process = work, .start = start, .stop = stop);

static int setup(void **state)
{
    starts = stops = calls = 0;
    start_result = APR_SUCCESS;
    stop_within = NULL;
    return serve_setup(state) != 0
           || hbr_test_add(kit, &worker_handler) != NULL;
}

static const hbr_test_response_t *get(void)
{
    return serve_run(&(hbr_test_request_t){ .url = "/worker" });
}

static void test_start_once(void **state)
{
    (void)state;
    assert_int_equal(starts, 0);
    assert_string_equal(get()->body, "worked");
    get();
    hbr_test_start(kit);
    assert_int_equal(starts, 1);
    assert_int_equal(calls, 2);
    assert_int_equal(stops, 0);
}

static void test_stop_once(void **state)
{
    (void)state;
    get();
    hbr_test_stop(kit);
    assert_int_equal(stops, 1);
    hbr_test_stop(kit);
    assert_int_equal(stops, 1);
}

static void test_another_child(void **state)
{
    (void)state;
    get();
    hbr_test_stop(kit);
    get();
    assert_int_equal(starts, 2);
    hbr_test_stop(kit);
    assert_int_equal(stops, 2);
}

/* The kit's end is the child's. */
static void test_destroy_stops(void **state)
{
    (void)state;
    get();
    hbr_test_destroy(kit);
    assert_int_equal(stops, 1);
    assert_int_equal(serve_setup(state), 0);
}

static void test_log(void **state)
{
    (void)state;
    hbr_test_start(kit);
    assert_non_null(hbr_test_logged(kit, "worker: start says 42"));
    hbr_test_stop(kit);
    assert_non_null(hbr_test_logged(kit, "worker: stop says 43"));
}

static int say_ok(hbr_context_t *ctx)
{
    return hbr_text(ctx, "ok");
}

/* It alone answers 503; process and stop are not called. */
static void test_failing_start(void **state)
{
    const hbr_test_line_t *line;
    const hbr_test_response_t *r;

    (void)state;
    start_result = APR_ENOMEM;
    r = get();
    assert_int_equal(r->status, 503);
    assert_int_equal(calls, 0);
    line = hbr_test_logged(kit, "start failed");
    assert_non_null(line);
    assert_int_equal(line->level, HBR_LOG_ERROR);
    assert_int_equal(line->status, APR_ENOMEM);
    assert_non_null(strstr(line->text, "worker"));
    assert_string_equal(SERVE(say_ok)->body, "ok");
    hbr_test_stop(kit);
    assert_int_equal(stops, 0);
}

/* The next child may have more luck. */
static void test_start_fails_in_one_child(void **state)
{
    (void)state;
    start_result = APR_EGENERAL;
    assert_int_equal(get()->status, 503);
    hbr_test_stop(kit);
    start_result = APR_SUCCESS;
    assert_int_equal(get()->status, 200);
}

/* prefork may end a child from a signal while a request is in a handler. */
static void test_stop_in_flight_is_skipped(void **state)
{
    (void)state;
    stop_within = kit;
    assert_string_equal(get()->body, "worked");
    assert_int_equal(stops, 0);
    stop_within = NULL;
    get();
    hbr_test_stop(kit);
    assert_int_equal(stops, 1);
}

static int serve_inside(hbr_context_t *ctx)
{
    const hbr_test_response_t *r = get();

    hbr_test_stop(kit);
    return hbr_text(ctx, "outer, %s", r->body);
}

/* A request in another handler keeps this one from stopping too: the signal
 * may have come in the middle of it. */
static void test_other_handlers_count(void **state)
{
    (void)state;
    assert_string_equal(SERVE(serve_inside)->body, "outer, worked");
    assert_int_equal(stops, 0);
}

static int stops_at_release;

static void note_stops(void *data)
{
    (void)data;
    stops_at_release = stops;
}

static apr_status_t read_and_stop(hbr_context_t *ctx, void *data,
                                  apr_off_t offset, apr_size_t wanted,
                                  const void **bytes, apr_size_t *length)
{
    (void)ctx, (void)data;
    if (offset > 0)
        hbr_test_stop(kit);
    *bytes = "x";
    *length = wanted > 1 ? 1 : wanted;
    return APR_SUCCESS;
}

static int send_source(hbr_context_t *ctx)
{
    hbr_defer(ctx, note_stops, NULL);
    return hbr_source(
        ctx, &(hbr_source_t){ .length = 3, .read = read_and_stop }, NULL);
}

/* A request is in flight while its response is made, and until what it
 * deferred was released. */
static void test_a_source_is_in_flight(void **state)
{
    (void)state;
    hbr_test_start(kit);
    stops_at_release = -1;
    assert_string_equal(SERVE(send_source)->body, "xxx");
    assert_int_equal(stops, 0);
    assert_int_equal(stops_at_release, 0);
    get();
    hbr_test_stop(kit);
    assert_int_equal(stops, 1);
}

static void stop_kit(void *data)
{
    hbr_test_stop(data);
}

static int stop_at_release(hbr_context_t *ctx)
{
    hbr_defer(ctx, stop_kit, kit);
    return hbr_text(ctx, "released");
}

static void test_a_release_is_in_flight(void **state)
{
    (void)state;
    hbr_test_start(kit);
    assert_string_equal(SERVE(stop_at_release)->body, "released");
    assert_int_equal(stops, 0);
}

static apr_status_t start_only(hbr_child_t *child)
{
    child->data = apr_palloc(child->pool, 1);
    return APR_SUCCESS;
}

static void stop_only(hbr_child_t *child)
{
    assert_null(child->data);
    stops++;
}

static int has_data(hbr_context_t *ctx)
{
    return hbr_text(ctx, "%d", ctx->child->data != NULL);
}

HBR_TEST_HANDLER(starter, .process = has_data, .start = start_only);
HBR_TEST_HANDLER(stopper, .process = has_data, .stop = stop_only);

static void test_one_of_the_two(void **state)
{
    (void)state;
    assert_null(hbr_test_add(kit, &starter_handler));
    assert_null(hbr_test_add(kit, &stopper_handler));
    assert_string_equal(hbr_test_get(kit, "/starter")->body, "1");
    assert_string_equal(hbr_test_get(kit, "/stopper")->body, "0");
    stops = 0;
    hbr_test_stop(kit);
    assert_int_equal(stops, 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, serve_teardown)

MAIN(TEST(test_start_once), TEST(test_stop_once), TEST(test_another_child),
     TEST(test_destroy_stops), TEST(test_log), TEST(test_failing_start),
     TEST(test_start_fails_in_one_child), TEST(test_stop_in_flight_is_skipped),
     TEST(test_other_handlers_count), TEST(test_one_of_the_two),
     TEST(test_a_source_is_in_flight), TEST(test_a_release_is_in_flight))
