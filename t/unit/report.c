/*
 * The handler report in the test kit, over a database of its own: pages, file
 * name, ETag, and what is refused. What the PDF says is read in t/report.t.
 */
#include "support/demo.h"
#include "support/main.h"

#include <stdio.h>

static void customers(int count, const char *region, int priority)
{
    char sql[400];

    snprintf(sql, sizeof(sql),
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
             "WHERE i < %d) INSERT INTO customers (name, region, priority, "
             "since, revenue) SELECT 'name ' || i, '%s', %d, '2026-01-01', i "
             "FROM n",
             count, region, priority);
    demo_sql(sql);
}

static const hbr_test_response_t *print(const char *url)
{
    const hbr_test_response_t *r =
        serve_run(&(hbr_test_request_t){ .url = url });

    if (r->status != 200)
        fail_msg("%s: %d %s", url, r->status, r->body);
    assert_string_equal(r->type, "application/pdf");
    assert_int_equal(r->declared_length, r->length);
    assert_memory_equal(r->body, "%PDF-1.", 7);
    assert_int_equal(hbr_test_database_borrowed(kit), 0);
    return r;
}

/* What stands in a PDF between its zeros; NULL when it is not there. */
static const char *find(const hbr_test_response_t *r, const char *part)
{
    return memmem(r->body, r->length, part, strlen(part));
}

/* The page tree's /Count (ISO 32000 7.7.3.2). */
static int pages(const char *url)
{
    const char *at = find(print(url), "/Count ");
    int count = -1;

    if (at != NULL)
        sscanf(at, "/Count %d", &count);
    return count;
}

static void test_pages(void **state)
{
    static const struct {
        int rows;
        int pages;
    } cases[] = { { 1, 1 },  { 37, 1 },     { 38, 2 },    { 74, 2 },
                  { 75, 3 }, { 5000, 136 }, { 5100, 136 } };
    apr_size_t i;

    (void)state;
    assert_int_equal(pages("/report"), 1);
    for (i = 0; i < COUNT(cases); i++) {
        demo_sql("DELETE FROM customers");
        customers(cases[i].rows, "East", 1);
        assert_int_equal(pages("/report"), cases[i].pages);
    }
}

static void test_filters(void **state)
{
    (void)state;
    customers(38, "East", 1);
    customers(38, "West", 1);
    customers(38, "West", 2);
    assert_int_equal(pages("/report"), 4);
    assert_int_equal(pages("/report?region=&priority="), 4);
    assert_int_equal(pages("/report?region=East"), 2);
    assert_int_equal(pages("/report?region=West"), 3);
    assert_int_equal(pages("/report?priority=1"), 3);
    assert_int_equal(pages("/report?region=West&priority=2"), 2);
    assert_int_equal(pages("/report?region=South"), 1);
}

/* 2020-02-29 12:00 and 23:59:59, and a second later, UTC. */
#define NOON apr_time_from_sec(1582977600)
#define EVENING (NOON + apr_time_from_sec(12 * 3600 - 1))
#define MIDNIGHT (NOON + apr_time_from_sec(12 * 3600))

static void test_file_name(void **state)
{
    static const struct {
        const char *url;
        apr_time_t time;
        const char *disposition;
    } rows[] = {
        { "/report", NOON, "inline; filename=\"customers 2020-02-29.pdf\"" },
        { "/report", MIDNIGHT,
          "inline; filename=\"customers 2020-03-01.pdf\"" },
        { "/report?region=West&disposition=attachment", NOON,
          "attachment; filename=\"customers West 2020-02-29.pdf\"" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++)
        assert_string_equal(
            hbr_test_header(serve_run(&(hbr_test_request_t){
                                .url = rows[i].url, .time = rows[i].time }),
                            "Content-Disposition"),
            rows[i].disposition);
}

static int status_with_tag(const char *url, apr_time_t time, const char *tag)
{
    char field[80];

    snprintf(field, sizeof(field), "If-None-Match: %s", tag);
    return serve_run(&(hbr_test_request_t){
                         .url = url, .time = time, .headers = HEADERS(field) })
        ->status;
}

/* The same day and the same customers: the same bytes and tag. */
static void test_tags(void **state)
{
    const hbr_test_response_t *noon, *evening;
    char tag[64];

    (void)state;
    customers(3, "East", 1);
    noon = serve_run(&(hbr_test_request_t){ .url = "/report", .time = NOON });
    evening =
        serve_run(&(hbr_test_request_t){ .url = "/report", .time = EVENING });
    assert_int_equal(noon->length, evening->length);
    assert_memory_equal(noon->body, evening->body, noon->length);
    /* With or without the "D:" of ISO 32000 7.9.4, by Cairo's version. */
    assert_true(find(noon, "/CreationDate (20200229") != NULL
                || find(noon, "/CreationDate (D:20200229") != NULL);
    snprintf(tag, sizeof(tag), "%s", hbr_test_header(noon, "ETag"));
    assert_int_equal(status_with_tag("/report", EVENING, tag), 304);
    assert_int_equal(status_with_tag("/report", MIDNIGHT, tag), 200);
    assert_int_equal(status_with_tag("/report?priority=1", NOON, tag), 200);
    assert_int_equal(status_with_tag("/report?region=East", NOON, tag), 200);
    demo_sql("UPDATE customers SET name = 'other' WHERE name = 'name 2'");
    assert_int_equal(status_with_tag("/report", NOON, tag), 200);
}

static void test_strange_cells(void **state)
{
    (void)state;
    customers(5, "East", 1);
    demo_sql("UPDATE customers SET name = CAST(x'ff41fe' AS TEXT), "
             "revenue = -9223372036854775808 WHERE id = 1");
    demo_sql("UPDATE customers SET name = 'a' || char(10) || 'b' || char(9), "
             "city = '', revenue = 9223372036854775807 WHERE id = 2");
    demo_sql("UPDATE customers SET name = '<span size=\"9999999\">&x;', "
             "revenue = 'none' WHERE id = 3");
    demo_sql("UPDATE customers SET name = x'c3', city = x'ff' WHERE id = 4");
    demo_sql("UPDATE customers SET name = '' WHERE id = 5");
    assert_int_equal(pages("/report"), 1);
}

static void test_refused(void **state)
{
    static const struct {
        const char *query;
        const char *names;
    } rows[] = {
        { "region=east", "\"region\"" },
        { "region=%ff", "\"region\"" },
        { "priority=0", "\"priority\"" },
        { "priority=6", "\"priority\"" },
        { "priority=x", "\"priority\"" },
        { "priority=4294967297", "\"priority\"" },
        { "disposition=", "" },
        { "disposition=x", "\"disposition\"" },
        { "region=%00", "NUL" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        bool good = rows[i].names[0] == '\0';
        char url[80];
        const hbr_test_response_t *r;

        snprintf(url, sizeof(url), "/report?%s", rows[i].query);
        r = hbr_test_get(kit, url);
        if (r->status != (good ? 200 : 400)
            || (!good && strstr(r->body, rows[i].names) == NULL))
            fail_msg("%s: %d", url, r->status);
    }
}

static void test_away(void **state)
{
    (void)state;
    hbr_test_database_away(kit, true);
    assert_int_equal(hbr_test_get(kit, "/report")->status, 503);
    hbr_test_database_away(kit, false);
    assert_int_equal(hbr_test_get(kit, "/report")->status, 200);
}

MAIN(DEMO_TEST(test_pages), DEMO_TEST(test_filters), DEMO_TEST(test_file_name),
     DEMO_TEST(test_tags), DEMO_TEST(test_strange_cells),
     DEMO_TEST(test_refused), DEMO_TEST(test_away))
