/*
 * hbr_cache_fetch(): who makes a value, who waits, and for how long.
 */
#include "support/main.h"
#include "support/serve.h"

#include <apr_atomic.h>

#define NOW apr_time_from_sec(1700000000)
#define TOGETHER 8

static volatile apr_uint32_t made, at_once, most;
static apr_interval_time_t takes;
static int fails_with;
static apr_size_t length_made;
static _Thread_local hbr_cached_t value;

static int make(hbr_context_t *ctx, void *data, hbr_cached_t *out)
{
    apr_uint32_t together = apr_atomic_inc32(&at_once) + 1;
    apr_uint32_t before = apr_atomic_read32(&most);

    while (together > before
           && apr_atomic_cas32(&most, together, before) != before)
        before = apr_atomic_read32(&most);
    apr_sleep(takes);
    apr_atomic_dec32(&at_once);
    apr_atomic_inc32(&made);
    out->data = data != NULL ? data : apr_pcalloc(ctx->pool, length_made + 1);
    out->length = data != NULL ? strlen(data) : length_made;
    return fails_with;
}

static int fetch(hbr_context_t *ctx)
{
    int rc = hbr_cache_fetch(ctx, "k", HBR_FOR(10), make, "made", &value);

    return rc != HBR_OK ? rc : hbr_text(ctx, "%s", (const char *)value.data);
}

static int fetch_more(hbr_context_t *ctx)
{
    int rc = hbr_cache_fetch(ctx, "k", HBR_FOR(10), make, NULL, &value);

    return rc != HBR_OK ? rc : hbr_text(ctx, "x");
}

HBR_TEST_HANDLER(fetch, .process = fetch);
HBR_TEST_HANDLER(more, .process = fetch_more);

static int setup(void **state)
{
    made = most = at_once = 0;
    takes = 0;
    fails_with = HBR_OK;
    length_made = 0;
    return serve_setup(state) || hbr_test_add(kit, &fetch_handler) != NULL
           || hbr_test_add(kit, &more_handler) != NULL;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, serve_teardown)

static const hbr_test_response_t *answers[TOGETHER];

static void together(const hbr_test_request_t *request)
{
    hbr_test_request_t requests[TOGETHER];
    int i;

    for (i = 0; i < TOGETHER; i++)
        requests[i] = *request;
    hbr_test_run_together(kit, requests, TOGETHER, answers);
}

static void all_got(int status, const char *body)
{
    int i;

    for (i = 0; i < TOGETHER; i++) {
        assert_int_equal(answers[i]->status, status);
        if (body != NULL)
            assert_string_equal(answers[i]->body, body);
    }
}

static void test_once(void **state)
{
    (void)state;
    assert_string_equal(SERVE(fetch)->body, "made");
    /* get, get once more as the one who makes it, set */
    assert_int_equal(hbr_test_cache_calls(kit), 3);
    assert_string_equal(SERVE(fetch)->body, "made");
    assert_int_equal(hbr_test_cache_calls(kit), 4);
    assert_int_equal(made, 1);
}

static void test_one_makes(void **state)
{
    (void)state;
    takes = apr_time_from_msec(150);
    together(&(hbr_test_request_t){ .url = "/fetch" });
    all_got(200, "made");
    assert_int_equal(made, 1);
}

/* Nothing is cached; the next one tries, and never two at once. */
static void test_fails(void **state)
{
    (void)state;
    takes = apr_time_from_msec(5);
    fails_with = 503;
    together(&(hbr_test_request_t){ .url = "/fetch" });
    all_got(503, NULL);
    assert_int_equal(made, TOGETHER);
    assert_int_equal(most, 1);
    assert_int_equal(hbr_test_cache_count(kit), 0);
}

/* Waiting for a value that does not go into the cache brings nothing. */
static void test_too_long(void **state)
{
    (void)state;
    takes = apr_time_from_msec(150);
    length_made = 5;
    together(&(hbr_test_request_t){ .url = "/more",
                                    .limits = { .cache_value = 4 } });
    all_got(200, "x");
    assert_int_equal(made, TOGETHER);
    assert_in_range(most, TOGETHER / 2, TOGETHER);
}

static void test_away(void **state)
{
    (void)state;
    takes = apr_time_from_msec(150);
    hbr_test_cache_away(kit, true);
    together(&(hbr_test_request_t){ .url = "/fetch" });
    all_got(200, "made");
    assert_int_equal(most, TOGETHER);
}

static void test_none(void **state)
{
    (void)state;
    hbr_test_cache_none(kit, true);
    assert_string_equal(SERVE(fetch)->body, "made");
    assert_string_equal(SERVE(fetch)->body, "made");
    assert_int_equal(made, 2);
}

/* A wait that is too short ends with making it oneself. */
static void check_in_vain(const hbr_test_request_t *request, const char *why)
{
    takes = apr_time_from_msec(400);
    together(request);
    all_got(200, "made");
    assert_int_equal(made, TOGETHER);
    assert_non_null(hbr_test_logged(kit, why));
    assert_non_null(hbr_test_logged(kit, "HBR0371"));
}

static void test_wait_ends(void **state)
{
    (void)state;
    check_in_vain(&(hbr_test_request_t){ .url = "/fetch",
                                         .limits = { .cache_wait = 50 } },
                  "BridgeCacheWait");
}

static void test_deadline_ends(void **state)
{
    (void)state;
    check_in_vain(&(hbr_test_request_t){ .url = "/fetch", .deadline = 50 },
                  "BridgeDeadline");
}

/* ----------------------------------------------------------------- nested */

static int make_same(hbr_context_t *ctx, void *data, hbr_cached_t *out)
{
    int rc = hbr_cache_fetch(ctx, "k", HBR_FOR(10), make, data, out);

    apr_atomic_inc32(&made);
    return rc;
}

static int fetch_same(hbr_context_t *ctx)
{
    int rc = hbr_cache_fetch(ctx, "k", HBR_FOR(10), make_same, "in", &value);

    return rc != HBR_OK ? rc : hbr_text(ctx, "%s", (const char *)value.data);
}

static int make_other(hbr_context_t *ctx, void *data, hbr_cached_t *out)
{
    int rc = hbr_cache_fetch(ctx, "other", HBR_FOR(10), make, data, out);

    apr_atomic_inc32(&made);
    return rc;
}

static int fetch_other(hbr_context_t *ctx)
{
    int rc = hbr_cache_fetch(ctx, "k", HBR_FOR(10), make_other, "in", &value);

    return rc != HBR_OK ? rc : hbr_text(ctx, "%s", (const char *)value.data);
}

/* Nobody waits for himself. */
static void test_nested(void **state)
{
    apr_time_t start = apr_time_now();

    (void)state;
    assert_string_equal(SERVE(fetch_other)->body, "in");
    assert_int_equal(made, 2);
    assert_int_equal(hbr_test_cache_count(kit), 2);
    hbr_test_cache_evict(kit, 0);
    hbr_test_cache_evict(kit, 0);
    assert_string_equal(SERVE(fetch_same)->body, "in");
    assert_int_equal(made, 4);
    assert_true(apr_time_now() - start < apr_time_from_sec(4));
}

static int make_within(hbr_context_t *ctx, void *data, hbr_cached_t *out)
{
    (void)data;
    (void)ctx;
    hbr_test_run(kit, &(hbr_test_request_t){ .url = "/fetch",
                                             .nested = true,
                                             .limits = { .cache_wait = 50 } });
    *out = (hbr_cached_t){ "out", 3 };
    return HBR_OK;
}

static int fetch_around(hbr_context_t *ctx)
{
    if (strcmp(hbr_query(ctx, "around", ""), "yes") != 0)
        return fetch(ctx);
    return hbr_cache_fetch(ctx, "k", HBR_FOR(10), make_within, NULL, &value);
}

HBR_TEST_HANDLER(around, .name = "fetch", .process = fetch_around);

static int setup_around(void **state)
{
    made = 0;
    takes = 0;
    fails_with = HBR_OK;
    return serve_setup(state) || hbr_test_add(kit, &around_handler) != NULL;
}

/* A request within one that makes the same value waits no longer than it
 * may. */
static void test_nested_request(void **state)
{
    (void)state;
    assert_int_equal(hbr_test_get(kit, "/fetch?around=yes")->status, 200);
    assert_int_equal(made, 1);
    assert_int_equal(value.length, 3);
}

#define AROUND_TEST(f)                                                         \
    cmocka_unit_test_setup_teardown(f, setup_around, serve_teardown)

MAIN(TEST(test_once), TEST(test_one_makes), TEST(test_fails),
     TEST(test_too_long), TEST(test_away), TEST(test_none),
     TEST(test_wait_ends), TEST(test_deadline_ends), TEST(test_nested),
     AROUND_TEST(test_nested_request))
