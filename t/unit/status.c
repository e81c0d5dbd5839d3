/*
 * What the status page's writers make of numbers and of hostile text. How it
 * looks from outside is in t/status.t, and in a browser in t/long/browser_status.
 */
#include "support/main.h"
#include "support/serve.h"

#include <locale.h>

#include <apr_strings.h>
#include <jansson.h>

#include "../../bridge/status.h"

static apr_pool_t *pool;

static int setup(void **state)
{
    return apr_pool_create(&pool, NULL) != APR_SUCCESS || serve_setup(state);
}

static int teardown(void **state)
{
    apr_pool_destroy(pool);
    return serve_teardown(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#define THIN "\xe2\x80\xaf"

static void test_counts(void **state)
{
    (void)state;
    assert_string_equal(hbr_status_count(pool, 0), "0");
    assert_string_equal(hbr_status_count(pool, 999), "999");
    assert_string_equal(hbr_status_count(pool, 1000), "1" THIN "000");
    assert_string_equal(hbr_status_count(pool, 12345678),
                        "12" THIN "345" THIN "678");
    assert_string_equal(hbr_status_count(pool, APR_UINT64_MAX),
                        "18" THIN "446" THIN "744" THIN "073" THIN "709" THIN
                        "551" THIN "615");
}

static void test_bytes(void **state)
{
    (void)state;
    assert_string_equal(hbr_status_bytes(pool, 0), "0 B");
    assert_string_equal(hbr_status_bytes(pool, 1023), "1023 B");
    assert_string_equal(hbr_status_bytes(pool, 1024), "1.0 KiB");
    assert_string_equal(hbr_status_bytes(pool, 1536), "1.5 KiB");
    assert_string_equal(hbr_status_bytes(pool, 1024 * 1024 - 1),
                        "1" THIN "023.9 KiB");
    assert_string_equal(hbr_status_bytes(pool, 3 << 20), "3.0 MiB");
    assert_string_equal(hbr_status_bytes(pool, APR_UINT64_MAX),
                        "16" THIN "777" THIN "215.9 TiB");
}

static void test_durations(void **state)
{
    (void)state;
    assert_string_equal(hbr_status_duration(pool, 0), "\xe2\x80\x93");
    assert_string_equal(hbr_status_duration(pool, 999), "999 \xc2\xb5s");
    assert_string_equal(hbr_status_duration(pool, 1000), "1.0 ms");
    assert_string_equal(hbr_status_duration(pool, 12399), "12.3 ms");
    assert_string_equal(hbr_status_duration(pool, 999999), "999.9 ms");
    assert_string_equal(hbr_status_duration(pool, 1000000), "1.00 s");
    assert_string_equal(hbr_status_duration(pool, 61059999), "61.05 s");
    assert_string_equal(hbr_status_time(pool, apr_time_from_sec(1795250405)),
                        "2026-11-21 08:40:05");
}

/* ---- a handler that a hostile client has asked -------------------------------- */

#define EVIL "</script>\"'&<b>\n\\"

static const hbr_metric_t own_metrics[] = {
    HBR_COUNTER("sold", .help = "a \"b\" \\ <c>\nd \xe2\x82\xac\xc3("),
    HBR_TIMER("render"), HBR_METRICS_END
};

static apr_uint64_t buckets[HBR_BUCKETS];

/* One request each of 1 ms, 1 s and 71 minutes and more. */
static void fill(hbr_status_t *status, hbr_entry_t *entry)
{
    static hbr_error_record_t error = {
        .status = 503, .method = "GET", .path = EVIL "\xff", .reason = EVIL
    };
    static const hbr_limit_reading_t limit = { "BridgeLimitBody", 7 };
    static const hbr_own_reading_t own[] = {
        { .name = "sold", .type = HBR_METRIC_COUNTER, .count = 5 },
        { .name = "render",
          .type = HBR_METRIC_TIMER,
          .count = 2,
          .latency = { .count = 2, .sum = 1500000, .p99 = 1000001 } }
    };
    static hbr_reading_t reading = { .requests = 3,
                                     .classes = { 0, 2, 0, 0, 1 },
                                     .error_count = 1,
                                     .last_errors = &error,
                                     .limit_count = 1,
                                     .limits = &limit,
                                     .own_count = 2,
                                     .own = own,
                                     .buckets = buckets };
    apr_array_header_t *rows =
        apr_array_make(pool, 1, sizeof(hbr_status_row_t));
    apr_array_header_t *mappings =
        apr_array_make(pool, 1, sizeof(hbr_host_mapping_t));

    memset(buckets, 0, sizeof(buckets));
    buckets[8 * 7] = buckets[8 * 17] = buckets[HBR_BUCKETS - 1] = 1;
    reading.latency.sum = 1001000;
    entry->handler.metrics = own_metrics;
    entry->metrics = 2;
    APR_ARRAY_PUSH(mappings, hbr_host_mapping_t) =
        (hbr_host_mapping_t){ .handler = EVIL,
                              .server = "main",
                              .section = "<If \"" EVIL "\">",
                              .directive = "BridgeMap",
                              .what = EVIL,
                              .file = EVIL };
    APR_ARRAY_PUSH(rows, hbr_status_row_t) =
        (hbr_status_row_t){ .name = EVIL,
                            .entry = entry,
                            .reading = &reading,
                            .is_counted = true,
                            .methods = "GET",
                            .lifetime = "",
                            .file = "x.c",
                            .limits = 7,
                            .mappings = mappings };
    status->rows = rows;
}

static int write_with(hbr_context_t *ctx,
                      void (*write)(hbr_context_t *, const hbr_status_t *),
                      const char *handler)
{
    static hbr_entry_t entry;
    hbr_status_t status = { .metrics = hbr_metrics_of(ctx),
                            .now = apr_time_from_sec(1795250405),
                            .handler = handler };

    memset(&entry, 0, sizeof(entry));
    fill(&status, &entry);
    write(ctx, &status);
    return HBR_OK;
}

static int write_list(hbr_context_t *ctx)
{
    return write_with(ctx, hbr_status_html, NULL);
}

static int write_one(hbr_context_t *ctx)
{
    return write_with(ctx, hbr_status_html, EVIL);
}

static int write_json(hbr_context_t *ctx)
{
    return write_with(ctx, hbr_status_json, EVIL);
}

static int write_openmetrics(hbr_context_t *ctx)
{
    return write_with(ctx, hbr_status_openmetrics, NULL);
}

static int count_of(const char *text, const char *part)
{
    int count = 0;

    while ((text = strstr(text, part)) != NULL) {
        text += strlen(part);
        count++;
    }
    return count;
}

/* What came in is text, wherever it is put. */
static void test_html_is_escaped(void **state)
{
    process_fn *const pages[] = { write_list, write_one };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(pages); i++) {
        const hbr_test_response_t *r = SERVE(pages[i], .url = "/any");

        assert_int_equal(r->status, 200);
        assert_int_equal(count_of(r->body, "</script>"), 1);
        assert_int_equal(count_of(r->body, "<b>"), 0);
        assert_non_null(strstr(r->body, "&lt;/script&gt;&quot;&#39;&amp;"));
        assert_non_null(strstr(r->body, "BridgeLimitBody"));
        assert_non_null(strstr(r->body, "a &quot;b&quot; \\ &lt;c&gt;"));
    }
}

static void test_json(void **state)
{
    const hbr_test_response_t *r = SERVE(write_json, .url = "/any");
    json_t *all, *one, *error;

    (void)state;
    all = json_loads(r->body, 0, NULL);
    assert_non_null(all);
    one = json_array_get(json_object_get(all, "handlers"), 0);
    assert_string_equal(json_string_value(json_object_get(one, "name")), EVIL);
    error = json_array_get(json_object_get(one, "last_errors"), 0);
    assert_string_equal(json_string_value(json_object_get(error, "path")),
                        EVIL "\xef\xbf\xbd");
    assert_int_equal(json_array_size(json_object_get(one, "histogram")),
                     json_array_size(json_object_get(all, "histogram_le_us")));
    assert_int_equal(json_array_size(json_object_get(one, "hour")),
                     HBR_MINUTES);
    json_decref(all);
}

static void assert_line(const hbr_test_response_t *r, const char *line)
{
    if (strstr(r->body, apr_pstrcat(pool, "\n", line, "\n", NULL)) == NULL)
        fail_msg("no line \"%s\" in\n%s", line, r->body);
}

/* OpenMetrics 1.0: escaped strings, cumulative buckets, seconds with a point
 * whatever the locale is. */
static void test_openmetrics(void **state)
{
    const char *label = "{handler=\"</script>\\\"'&<b>\\n\\\\\"";
    const hbr_test_response_t *r;

    (void)state;
    setlocale(LC_NUMERIC, "de_DE.UTF-8");
    r = SERVE(write_openmetrics, .url = "/any");
    setlocale(LC_NUMERIC, "C");
#define LINE(name, rest)                                                       \
    assert_line(r, apr_pstrcat(pool, "handlerbridge_" name, label, rest, NULL))
    LINE("requests_total", ",class=\"5xx\"} 1");
    LINE("request_duration_seconds_bucket", ",le=\"0.000127\"} 0");
    LINE("request_duration_seconds_bucket", ",le=\"0.001023\"} 1");
    LINE("request_duration_seconds_bucket", ",le=\"67.108863\"} 2");
    LINE("request_duration_seconds_bucket", ",le=\"+Inf\"} 3");
    LINE("request_duration_seconds_count", "} 3");
    LINE("request_duration_seconds_sum", "} 1.001000");
    LINE("limit_hits_total", ",directive=\"BridgeLimitBody\"} 7");
    LINE("counter_sold_total", "} 5");
    LINE("timer_render_seconds", ",quantile=\"0.99\"} 1.000001");
    LINE("timer_render_seconds_sum", "} 1.500000");
#undef LINE
    assert_line(r, "# HELP handlerbridge_counter_sold a \\\"b\\\" \\\\ <c>\\nd "
                   "\xe2\x82\xac\xef\xbf\xbd(");
    assert_line(r, "# UNIT handlerbridge_timer_render_seconds seconds");
    assert_string_equal(r->body + r->length - 6, "# EOF\n");
}

/* In the kit there are no mappings to be had; the handler goes without. */
static void test_handler(void **state)
{
    const hbr_test_response_t *r = hbr_test_get(kit, "/bridge-status");

    (void)state;
    assert_int_equal(r->status, 200);
    assert_null(r->violation);
    assert_string_equal(r->type, "text/html; charset=utf-8");
    assert_non_null(strstr(r->body, "?handler=bridge-status"));
    r = hbr_test_get(kit, "/bridge-status?handler=hello");
    assert_int_equal(r->status, 200);
    r = hbr_test_get(kit, "/bridge-status?handler=nobody");
    assert_int_equal(r->status, 404);
}

MAIN(TEST(test_counts), TEST(test_bytes), TEST(test_durations),
     TEST(test_html_is_escaped), TEST(test_json), TEST(test_openmetrics),
     TEST(test_handler))
