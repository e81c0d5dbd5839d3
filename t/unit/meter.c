/*
 * What is counted of requests: each once, for the handler that answered, with
 * the status that the client sees.
 */
#include "support/main.h"
#include "support/serve.h"

#include <math.h>
#include <stdlib.h>

#include "kit.h"

#define REQUESTS 40

static const hbr_reading_t *reading(const char *handler)
{
    return hbr_metrics_find(kit->metrics, handler, hbr_kit_now(kit),
                            kit->results);
}

static int status(hbr_context_t *ctx)
{
    return atoi(hbr_query(ctx, "status", "0"));
}

static void test_classes(void **state)
{
    const hbr_reading_t *r;

    (void)state;
    SERVE(status, .url = "/any?status=204");
    r = reading("any");
    assert_int_equal(r->requests, 1);
    assert_int_equal(r->errors, 0);
    SERVE(status, .url = "/any?status=302");
    SERVE(status, .url = "/any?status=404");
    SERVE(status, .url = "/any?status=404");
    SERVE(status, .url = "/any?status=503");
    SERVE(status, .url = "/any?status=7"); /* no status: 500 */
    r = reading("any");
    assert_int_equal(r->requests, 6);
    assert_int_equal(r->classes[0], 0);
    assert_int_equal(r->classes[1], 1);
    assert_int_equal(r->classes[2], 1);
    assert_int_equal(r->classes[3], 2);
    assert_int_equal(r->classes[4], 2);
    assert_int_equal(r->errors, 2);
    assert_int_equal(r->in_flight, 0);
}

static int away(hbr_context_t *ctx)
{
    return hbr_error(ctx, 503, "The %s is away.", "printer");
}

static void test_errors(void **state)
{
    const int documents[] = { 503, 0 };
    const hbr_reading_t *r;

    (void)state;
    hbr_test_clock(kit, apr_time_from_sec(1700000000));
    SERVE(away, .url = "/any/of/it?secret=1", .method = "BREW",
          .headers = HEADERS("Cookie: hidden=1"));
    r = reading("any");
    assert_int_equal(r->error_count, 1);
    assert_int_equal(r->last_errors[0].status, 503);
    assert_int_equal(r->last_errors[0].time, apr_time_from_sec(1700000000));
    assert_string_equal(r->last_errors[0].method, "BREW");
    assert_string_equal(r->last_errors[0].path, "/any/of/it");
    assert_string_equal(r->last_errors[0].reason, "The printer is away.");
    assert_string_equal(r->last_errors[0].tag, "HBR0032");
    assert_false(r->last_errors[0].was_cut);
    /* left to an ErrorDocument */
    SERVE(away, .error_documents = documents);
    r = reading("any");
    assert_int_equal(r->classes[4], 2);
    assert_int_equal(r->error_count, 2);
    assert_string_equal(r->last_errors[0].path, "/any");
}

static int cut(hbr_context_t *ctx)
{
    hbr_puts(ctx, "begun");
    hbr_flush(ctx);
    return 500;
}

static void test_cut(void **state)
{
    const hbr_reading_t *r;

    (void)state;
    SERVE(cut);
    r = reading("any");
    assert_int_equal(r->classes[1], 1); /* which is what the client saw */
    assert_int_equal(r->errors, 1);
    assert_int_equal(r->last_errors[0].status, 200);
    assert_true(r->last_errors[0].was_cut);
    assert_string_equal(r->last_errors[0].tag, "HBR0024");
}

static int echo(hbr_context_t *ctx)
{
    const char *bytes;
    apr_size_t length;
    int rc = hbr_body(ctx, 0, &bytes, &length);

    if (rc != HBR_OK)
        return rc;
    assert_int_equal(reading("any")->in_flight, 1);
    hbr_write(ctx, bytes, length);
    if (hbr_query(ctx, "flush", NULL) != NULL)
        hbr_flush(ctx);
    return hbr_text(ctx, "%s", bytes);
}

static int whole(hbr_context_t *ctx)
{
    static const hbr_content_t about = { .type = "text/plain", .etag = "x" };

    return hbr_bytes(ctx, "0123456789", 10, &about);
}

static void test_bytes(void **state)
{
    (void)state;
    SERVE(echo, .method = "POST", .body = "abcd");
    assert_int_equal(reading("any")->bytes_in, 4);
    assert_int_equal(reading("any")->bytes_out, 8);
    SERVE(echo, .url = "/any?flush", .method = "POST", .body = "abcd",
          .body_step = 1);
    assert_int_equal(reading("any")->bytes_in, 8);
    assert_int_equal(reading("any")->bytes_out, 16);
    SERVE(echo, .url = "/any", .method = "HEAD");
    assert_int_equal(reading("any")->bytes_out, 16);
    assert_int_equal(reading("any")->requests, 3);
}

static void test_whole_bytes(void **state)
{
    (void)state;
    SERVE(whole);
    assert_int_equal(reading("any")->bytes_out, 10);
    SERVE(whole, .url = "/any", .headers = HEADERS("Range: bytes=2-4"));
    assert_int_equal(reading("any")->bytes_out, 13);
    SERVE(whole, .url = "/any", .method = "HEAD");
    SERVE(whole, .url = "/any", .headers = HEADERS("If-None-Match: \"x\""));
    assert_int_equal(reading("any")->bytes_out, 13);
    assert_int_equal(reading("any")->classes[1], 3);
    assert_int_equal(reading("any")->classes[2], 1);
}

/* A client's words in a handler's sentence */
static int say(hbr_context_t *ctx)
{
    return hbr_error(ctx, 404, "There is no file \"%s\".",
                     hbr_query(ctx, "text", ""));
}

/* Its own words for it, or a response that had begun. */
static int overrule(hbr_context_t *ctx)
{
    const char *bytes;
    apr_size_t length;

    if (hbr_query(ctx, "flush", NULL) != NULL) {
        hbr_puts(ctx, "begun");
        hbr_flush(ctx);
    }
    return hbr_body(ctx, 0, &bytes, &length) == HBR_OK
               ? HBR_OK
               : hbr_error(ctx, 422, "Less, please.");
}

static void test_limit_overruled(void **state)
{
    const char *const urls[] = { "/any", "/any?flush" };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(urls); i++) {
        SERVE(overrule, .url = urls[i], .method = "POST", .body = "abcd",
              .chunked = true, .limits = { .body = 3 });
        assert_int_equal(reading("any")->limit_count, 1);
        assert_int_equal(reading("any")->limits[0].count, i + 1);
    }
}

static void test_limits(void **state)
{
    const int documents[] = { 413, 0 };
    const hbr_reading_t *r;

    (void)state;
    SERVE(echo, .method = "POST", .body = "abcd", .limits = { .body = 3 });
    SERVE(echo, .url = "/any?a=1&b=2", .params = 1);
    SERVE(echo, .url = "/any?a=1&b=2", .params = 1);
    SERVE(echo, .url = "/any", .method = "POST", .body = "abcd",
          .host_limit = 2);
    SERVE(say, .url = "/any?text=BridgeLimitFile", .method = "HEAD");
    SERVE(say, .url = "/any?text=(LimitRequestBody)", .method = "HEAD");
    SERVE(echo, .url = "/any", .method = "POST", .body = "abcd",
          .limits = { .body = 3 }, .error_documents = documents);
    r = reading("any");
    assert_int_equal(r->limit_count, 3);
    assert_string_equal(r->limits[0].directive, "BridgeLimitBody");
    assert_int_equal(r->limits[0].count, 2);
    assert_string_equal(r->limits[1].directive, "LimitRequestBody");
    assert_int_equal(r->limits[1].count, 1);
    assert_string_equal(r->limits[2].directive, "BridgeLimitParams");
    assert_int_equal(r->limits[2].count, 2);
    assert_int_equal(r->error_count, 0);
}

static int wait_a_little(hbr_context_t *ctx)
{
    (void)ctx;
    hbr_test_clock(kit, hbr_kit_now(kit) + 3000);
    return HBR_OK;
}

static void test_latency(void **state)
{
    const hbr_reading_t *r;

    (void)state;
    hbr_test_clock(kit, apr_time_from_sec(1700000000));
    SERVE(wait_a_little);
    SERVE(wait_a_little, .url = "/any", .time = hbr_kit_now(kit) - 10000);
    /* a request within another one has that one's time */
    SERVE(wait_a_little, .url = "/any", .time = hbr_kit_now(kit) - 10000,
          .nested = true);
    r = reading("any");
    assert_int_equal(r->latency.count, 3);
    assert_int_equal(r->latency.sum, 3000 + 13000 + 3000);
    assert_int_equal(r->latency.max, 13000);
    assert_in_range(r->latency.p50, 3000, 3375);
    assert_int_equal(r->latency.p99, 13000);
    assert_int_equal(r->minutes[HBR_MINUTES - 1].latency.sum, 19000);
}

static int step_back(hbr_context_t *ctx)
{
    hbr_test_clock(kit, hbr_kit_now(kit) - apr_time_from_sec(180));
    return hbr_text(ctx, "x");
}

/* A request took no less than no time, and the minutes that the clock had been
 * through keep their numbers. */
static void test_clock_set_back(void **state)
{
    const apr_time_t start = apr_time_from_sec(1700000000);
    const hbr_reading_t *r;

    (void)state;
    hbr_test_clock(kit, start);
    SERVE(wait_a_little);
    SERVE(step_back, .url = "/any");
    SERVE(wait_a_little, .url = "/any");
    r = reading("any");
    assert_int_equal(r->latency.count, 3);
    assert_int_equal(r->latency.sum, 6000);
    assert_int_equal(r->latency.max, 3000);
    assert_int_equal(r->minutes[HBR_MINUTES - 1].latency.count, 2);
    hbr_test_clock(kit, start);
    r = reading("any");
    assert_int_equal(r->minutes[HBR_MINUTES - 1].latency.count, 1);
    assert_int_equal(r->minutes[HBR_MINUTES - 4].latency.count, 2);
}

static int choose(hbr_context_t *ctx, hbr_choice_t *choice)
{
    assert_int_equal(reading("chooser")->in_flight, 1);
    assert_int_equal(reading("chosen")->in_flight, 0);
    choice->name = hbr_query(ctx, "who", "chosen");
    return HBR_OK;
}

static int chosen(hbr_context_t *ctx)
{
    assert_int_equal(reading("chooser")->in_flight, 0);
    assert_int_equal(reading("chosen")->in_flight, 1);
    return hbr_text(ctx, "x");
}

HBR_TEST_HANDLER(chooser, .choose = choose);
HBR_TEST_HANDLER(chosen, .process = chosen);

static void test_moved(void **state)
{
    (void)state;
    assert_null(hbr_test_add(kit, &chooser_handler));
    assert_null(hbr_test_add(kit, &chosen_handler));
    hbr_test_get(kit, "/chooser");
    assert_int_equal(reading("chooser")->in_flight, 0);
    assert_int_equal(reading("chooser")->requests, 0);
    assert_int_equal(reading("chosen")->in_flight, 0);
    assert_int_equal(reading("chosen")->requests, 1);
}

static apr_status_t create(const hbr_child_t *child, apr_pool_t *pool,
                           void **instance)
{
    *instance = pool;
    return child != NULL ? APR_SUCCESS : APR_EGENERAL;
}

static int look(hbr_context_t *ctx)
{
    assert_int_equal(reading("pooled")->instances_in_use, 1);
    assert_int_equal(reading("pooled")->instances_idle, 0);
    return hbr_text(ctx, "x");
}

HBR_TEST_HANDLER(pooled, .process = look, .create = create,
                 .lifetime = HBR_POOLED);

static void test_instances(void **state)
{
    (void)state;
    assert_null(hbr_test_add(kit, &pooled_handler));
    hbr_test_pools(kit, 1, 0, 1);
    hbr_test_get(kit, "/pooled");
    assert_int_equal(reading("pooled")->instances_in_use, 0);
    assert_int_equal(reading("pooled")->instances_idle, 1);
    apr_sleep(1000);
    hbr_test_sweep(kit);
    assert_int_equal(reading("pooled")->instances_idle, 0);
    hbr_test_get(kit, "/pooled");
    hbr_test_stop(kit);
    assert_int_equal(reading("pooled")->instances_idle, 0);
}

enum { SOLD, RENDER };
static const hbr_metric_t metrics[] = { [SOLD] = HBR_COUNTER(
                                            "sold", .help = "what was sold"),
                                        [RENDER] = HBR_TIMER("render"),
                                        HBR_METRICS_END };

static int sell(hbr_context_t *ctx)
{
    hbr_count(ctx, SOLD, 2);
    hbr_observe(ctx, RENDER, 0.0025);
    hbr_observe(ctx, RENDER, 0);
    return HBR_OK;
}

HBR_TEST_HANDLER(shop, .process = sell, .metrics = metrics);

static void test_own(void **state)
{
    hbr_test_request_t requests[REQUESTS];
    const hbr_test_response_t *responses[REQUESTS];
    const hbr_own_reading_t *timer;
    int i;

    (void)state;
    assert_null(hbr_test_add(kit, &shop_handler));
    for (i = 0; i < REQUESTS; i++)
        requests[i] = (hbr_test_request_t){ .url = "/shop" };
    hbr_test_run_together(kit, requests, REQUESTS, responses);
    hbr_test_stop(kit); /* the next child goes on */
    hbr_test_get(kit, "/shop");
    assert_int_equal(hbr_test_counted(kit, "shop", "sold"), 2 * REQUESTS + 2);
    assert_int_equal(hbr_test_counted(kit, "shop", "render"), 2 * REQUESTS + 2);
    timer = &reading("shop")->own[RENDER];
    assert_int_equal(timer->type, HBR_METRIC_TIMER);
    assert_int_equal(timer->latency.sum, 2500 * (REQUESTS + 1));
    assert_int_equal(timer->latency.max, 2500);
    assert_int_equal(timer->latency.p50, 7);
    assert_int_equal(timer->latency.p99, 2500);
}

static int misuse(hbr_context_t *ctx)
{
    int way = atoi(hbr_query(ctx, "way", "0"));

    switch (way) {
    case 0: hbr_count(ctx, 2, 1); break;
    case 1: hbr_count(ctx, -1, 1); break;
    case 2: hbr_count(ctx, RENDER, 1); break;
    case 3: hbr_observe(ctx, SOLD, 1); break;
    case 4: hbr_observe(ctx, RENDER, -0.5); break;
    case 5: hbr_observe(ctx, RENDER, (double)NAN); break;
    default: hbr_observe(ctx, RENDER, (double)INFINITY);
    }
    return HBR_OK;
}

HBR_TEST_HANDLER(wrong, .process = misuse, .metrics = metrics);

/* Ignored, and one line in a process. */
static void test_misuse(void **state)
{
    int way;

    (void)state;
    assert_null(hbr_test_add(kit, &wrong_handler));
    for (way = 0; way < 7; way++) {
        char url[] = "/wrong?way=0";

        url[sizeof(url) - 2] = (char)('0' + way);
        assert_int_equal(hbr_test_get(kit, url)->status, 200);
        assert_non_null(hbr_test_logged(kit, "HBR0301: wrong: hbr_"));
        hbr_test_get(kit, url);
        assert_null(hbr_test_logged(kit, "HBR0301"));
        hbr_test_stop(kit);
        hbr_registry_find(kit->registry, "wrong")->meter.misused = 0;
    }
    assert_int_equal(hbr_test_counted(kit, "wrong", "sold"), 0);
    assert_int_equal(hbr_test_counted(kit, "wrong", "render"), 0);
}

static void refused(const hbr_metric_t *given, const char *why)
{
    hbr_handler_t handler = { .stamp = HBR_TEST_STAMP(bad),
                              .process = sell,
                              .metrics = given };
    const char *problem = hbr_test_add(kit, &handler);

    assert_non_null(problem);
    assert_non_null(strstr(problem, why));
}

static void test_declarations(void **state)
{
    hbr_metric_t many[HBR_METRICS_MAX + 2] = { 0 };
    static const char *const bad[] = { "",
                                       "1st",
                                       "Sold",
                                       "so-ld",
                                       "_x",
                                       "a234567890123456789012345678901234567"
                                       "8901" };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(bad); i++)
        refused((hbr_metric_t[]){ HBR_COUNTER(bad[i]), HBR_METRICS_END },
                "lower case letters");
    refused((hbr_metric_t[]){ { .type = HBR_METRIC_COUNTER }, HBR_METRICS_END },
            "lower case letters");
    refused(
        (hbr_metric_t[]){ HBR_COUNTER("a"), HBR_TIMER("a"), HBR_METRICS_END },
        "\"a\" stands there twice");
    refused((hbr_metric_t[]){ { .type = 9, .name = "a" }, HBR_METRICS_END },
            "neither HBR_COUNTER() nor");
    refused((hbr_metric_t[]){ HBR_COUNTER("a_total"), HBR_METRICS_END },
            "the counter \"a_total\" ends with \"_total\", which OpenMetrics");
    refused((hbr_metric_t[]){ HBR_COUNTER("a_created"), HBR_METRICS_END },
            "the counter \"a_created\" ends with \"_created\"");
    for (i = 0; i <= HBR_METRICS_MAX; i++)
        many[i] = (hbr_metric_t)HBR_COUNTER("a");
    refused(many, "17 of them, there may be 16");
}

MAIN(SERVE_TEST(test_classes), SERVE_TEST(test_errors), SERVE_TEST(test_cut),
     SERVE_TEST(test_bytes), SERVE_TEST(test_whole_bytes),
     SERVE_TEST(test_limits), SERVE_TEST(test_limit_overruled),
     SERVE_TEST(test_latency), SERVE_TEST(test_clock_set_back),
     SERVE_TEST(test_moved), SERVE_TEST(test_instances), SERVE_TEST(test_own),
     SERVE_TEST(test_misuse), SERVE_TEST(test_declarations))
