/*
 * The handler chart in the test kit, over a database of its own: what is drawn
 * from which rows, its ETag, and what is refused. t/chart.t looks at it with
 * the demo's rows.
 */
#include "support/demo.h"
#include "support/main.h"

#include <stdio.h>

static void customer(int id, const char *region, const char *revenue)
{
    char sql[300];

    snprintf(sql, sizeof(sql),
             "INSERT INTO customers VALUES (%d, 'n', NULL, '%s', 1, NULL, "
             "'2026-01-01', %s)",
             id, region, revenue);
    demo_sql(sql);
}

static void order(int customer_id, const char *ordered, const char *amount)
{
    char sql[200];

    snprintf(sql, sizeof(sql),
             "INSERT INTO orders (customer_id, ordered, amount) "
             "VALUES (%d, '%s', %s)",
             customer_id, ordered, amount);
    demo_sql(sql);
}

static const hbr_test_response_t *draw(const char *url)
{
    const hbr_test_response_t *r =
        serve_run(&(hbr_test_request_t){ .url = url });

    if (r->status != 200)
        fail_msg("%s: %d %s", url, r->status, r->body);
    assert_int_equal(hbr_test_database_borrowed(kit), 0);
    return r;
}

/* How many times something stands in an SVG. */
static int times(const hbr_test_response_t *r, const char *part)
{
    const char *at = r->body;
    int count = 0;

    while ((at = strstr(at, part)) != NULL) {
        at += strlen(part);
        count++;
    }
    return count;
}

/* The palette's first two colours, as Cairo writes them. */
#define FIRST "rgb(0%,45%,70%)"
#define SECOND "rgb(90%,62%,0%)"
#define WHITE "rgb(100%,100%,100%)"

static void test_bars(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    customer(1, "East", "100");
    customer(2, "East", "100");
    customer(3, "West", "100");
    r = draw("/chart?format=svg");
    assert_string_equal(r->type, "image/svg+xml");
    assert_int_equal(times(r, FIRST), 2);
    assert_int_equal(times(r, SECOND), 0);
    assert_true(strstr(r->body, WHITE) != NULL
                && strstr(r->body, WHITE) < strstr(r->body, FIRST));
    customer(4, "South", "100");
    assert_int_equal(times(draw("/chart?format=svg"), FIRST), 3);
}

/* The heights of the first bars; the path of a bar is a rectangle. */
static void heights(const char *url, int bars, double *height)
{
    const char *at = draw(url)->body;
    int i;

    for (i = 0; i < bars; i++) {
        double top, bottom;

        at = strstr(at, FIRST);
        assert_non_null(at);
        at = strstr(at, " d=\"M ");
        assert_non_null(at);
        assert_int_equal(
            sscanf(at, " d=\"M %*f %lf L %*f %*f L %*f %lf", &top, &bottom), 2);
        height[i] = bottom > top ? bottom - top : top - bottom;
    }
}

/* East has twice what West has. */
static void test_heights(void **state)
{
    double height[2];

    (void)state;
    customer(1, "East", "2000");
    customer(2, "West", "1000");
    heights("/chart?data=revenue&format=svg", 2, height);
    assert_true(height[1] > 50);
    assert_true(height[0] / height[1] > 1.99);
    assert_true(height[0] / height[1] < 2.01);
}

/* A number beyond what a chart can show counts as none, which Cairo leaves
 * out, and spoils no other. */
static void test_too_large(void **state)
{
    double height;

    (void)state;
    customer(1, "East", "1e300");
    customer(2, "West", "1000");
    heights("/chart?data=revenue&format=svg", 1, &height);
    assert_true(height > 50);
}

/* How many pieces the first line in the first series' colour has. */
static int pieces(const char *url)
{
    const char *at = strstr(draw(url)->body, "stroke:" FIRST);
    int count = 0;

    assert_non_null(at);
    at = strstr(at, " d=\"M ");
    assert_non_null(at);
    for (at += 4; *at != '"'; at++)
        count += *at == 'L';
    return count;
}

/* A line and, with its month, a dot for each series; its name in the legend. */
static void test_series(void **state)
{
    (void)state;
    customer(1, "East", "0");
    customer(2, "West", "0");
    order(1, "2026-01-05", "100");
    order(1, "2026-02-05", "300");
    order(2, "2026-02-06", "200");
    assert_int_equal(times(draw("/chart?data=months&format=svg"), FIRST),
                     1 + 2 + 1);
    assert_int_equal(times(draw("/chart?data=months&format=svg"), SECOND),
                     1 + 2 + 1);
    assert_int_equal(
        times(draw("/chart?data=months&kind=bar&format=svg"), FIRST), 2 + 1);
    assert_int_equal(pieces("/chart?data=months&format=svg"), 1);
    order(1, "2026-03-05", "300");
    assert_int_equal(pieces("/chart?data=months&format=svg"), 2);
}

/* As Cairo writes the colour of the lines behind the bars. */
#define GRID "rgb(89%,91%,93%)"

static void has_scale(const char *url)
{
    int lines = times(draw(url), GRID);

    if (lines < 2 || lines > 12)
        fail_msg("%s: %d lines", url, lines);
}

static void test_strange_numbers(void **state)
{
    static const char *const numbers[] = {
        "0",
        "-5000",
        "1",
        "9223372036854775807",
        "-9223372036854775808",
        "9e999",
        "-9e999",
        "1e-300",
        "'text'",
        "''",
        "x'00ff'",
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(numbers); i++) {
        demo_sql("DELETE FROM customers");
        customer(1, "East", numbers[i]);
        customer(2, "West", "7");
        has_scale("/chart?data=revenue&format=svg");
    }
    demo_sql("UPDATE customers SET revenue = 0");
    has_scale("/chart?data=revenue&format=svg");
    demo_sql("UPDATE customers SET revenue = -100");
    has_scale("/chart?data=revenue&kind=line&format=svg");
}

static void test_many(void **state)
{
    (void)state;
    demo_sql("PRAGMA ignore_check_constraints = ON; "
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
             "WHERE i < 30) INSERT INTO customers SELECT i, 'n', NULL, "
             "'region ' || i, 1, NULL, '2026-01-01', i FROM n");
    demo_sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
             "WHERE i < 9000) INSERT INTO orders SELECT i, 1 + i % 30, "
             "printf('%04d-%02d-01', 1000 + i / 12, 1 + i % 12), i FROM n");
    assert_true(draw("/chart?data=customers&width=240&height=160")->length
                > 500);
    assert_true(draw("/chart?data=months&width=240")->length > 500);
    assert_true(draw("/chart?data=months&kind=bar")->length > 500);
    /* The ninth series and those behind it share the eighth's line. */
    assert_int_equal(
        times(draw("/chart?data=months&format=svg"), "stroke-width:2.5"), 8);
}

static void test_no_rows(void **state)
{
    static const char *const urls[] = { "/chart", "/chart?data=revenue",
                                        "/chart?data=months" };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(urls); i++)
        assert_true(draw(urls[i])->length > 500);
}

static int status_with_tag(const char *url, const char *tag)
{
    char field[80];

    snprintf(field, sizeof(field), "If-None-Match: %s", tag);
    return serve_run(
               &(hbr_test_request_t){ .url = url, .headers = HEADERS(field) })
        ->status;
}

static void test_tags(void **state)
{
    static const char *const others[] = {
        "/chart?data=revenue", "/chart?kind=line",  "/chart?format=svg",
        "/chart?width=801",    "/chart?height=451",
    };
    char tag[64];
    apr_size_t i;

    (void)state;
    customer(1, "East", "100");
    customer(2, "West", "100");
    snprintf(tag, sizeof(tag), "%s", hbr_test_header(draw("/chart"), "ETag"));
    assert_int_equal(status_with_tag("/chart", tag), 304);
    assert_int_equal(status_with_tag("/chart?width=800", tag), 304);
    for (i = 0; i < COUNT(others); i++)
        assert_int_equal(status_with_tag(others[i], tag), 200);
    demo_sql("UPDATE customers SET region = 'South' WHERE id = 2");
    assert_int_equal(status_with_tag("/chart", tag), 200);
}

static void test_refused(void **state)
{
    static const struct {
        const char *query;
        const char *names;
    } rows[] = {
        { "data=all", "\"data\"" },      { "kind=pie", "\"kind\"" },
        { "format=jpeg", "\"format\"" }, { "width=239", "\"width\"" },
        { "width=2001", "\"width\"" },   { "width=1e3", "\"width\"" },
        { "height=159", "\"height\"" },  { "height=1601", "\"height\"" },
        { "height=%00", "NUL" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        char url[80];
        const hbr_test_response_t *r;

        snprintf(url, sizeof(url), "/chart?%s", rows[i].query);
        r = hbr_test_get(kit, url);
        if (r->status != 400 || strstr(r->body, rows[i].names) == NULL)
            fail_msg("%s: %d %s", url, r->status, r->body);
    }
    assert_int_equal(serve_run(&(hbr_test_request_t){
                                   .url = "/chart",
                                   .headers = HEADERS("Accept: image/jpeg") })
                         ->status,
                     406);
}

static void test_away(void **state)
{
    (void)state;
    hbr_test_database_away(kit, true);
    assert_int_equal(hbr_test_get(kit, "/chart")->status, 503);
    hbr_test_database_away(kit, false);
    assert_int_equal(hbr_test_get(kit, "/chart")->status, 200);
}

MAIN(DEMO_TEST(test_bars), DEMO_TEST(test_heights), DEMO_TEST(test_too_large),
     DEMO_TEST(test_series), DEMO_TEST(test_strange_numbers),
     DEMO_TEST(test_many), DEMO_TEST(test_no_rows), DEMO_TEST(test_tags),
     DEMO_TEST(test_refused), DEMO_TEST(test_away))
