/*
 * handlers/customers.c over the kit: what a hostile row or query becomes in
 * each format, and how lists are cut into pages.
 */
#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "support/demo.h"
#include "support/main.h"

/* name and email as SQL: 'x', NULL, char(9) || 'x'. */
static void add(int id, const char *name, const char *email)
{
    char sql[512];

    snprintf(sql, sizeof(sql),
             "INSERT INTO customers VALUES (%d, %s, 'Köln', 'West', 2, %s, "
             "'2026-11-21', 123456)",
             id, name, email);
    demo_sql(sql);
}

static const hbr_test_response_t *ask(const char *url, int status)
{
    const hbr_test_response_t *r =
        serve_run(&(hbr_test_request_t){ .url = url });

    assert_int_equal(hbr_test_database_borrowed(kit), 0);
    if (r->status != status)
        fail_msg("%s: %d, %s", url, r->status, r->body);
    return r;
}

static void has(const hbr_test_response_t *r, const char *part)
{
    if (strstr(r->body, part) == NULL)
        fail_msg("no %s in %s", part, r->body);
}

static json_t *ask_json(const char *url)
{
    const hbr_test_response_t *r = ask(url, 200);
    json_t *root = json_loads(r->body, 0, NULL);

    assert_string_equal(r->type, "application/json");
    assert_non_null(root);
    return root;
}

static int64_t number(const json_t *root, const char *name)
{
    assert_true(json_is_integer(json_object_get(root, name)));
    return json_integer_value(json_object_get(root, name));
}

static void formats_by_accept(void **state)
{
    static const struct {
        const char *accept;
        const char *type;
    } cases[] = {
        { "Accept: */*", "text/html; charset=utf-8" },
        { "Accept: text/*", "text/html; charset=utf-8" },
        { "Accept: application/json", "application/json" },
        { "Accept: text/csv", "text/csv; charset=utf-8; header=present" },
        { "Accept: text/html;q=0.1, text/csv;q=0.2",
          "text/csv; charset=utf-8; header=present" },
    };
    const hbr_test_response_t *r;
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        r = serve_run(&(hbr_test_request_t){
            .url = "/customers", .headers = HEADERS(cases[i].accept) });
        assert_int_equal(r->status, 200);
        assert_string_equal(r->type, cases[i].type);
    }
    r = serve_run(&(hbr_test_request_t){
        .url = "/customers", .headers = HEADERS("Accept: image/png") });
    assert_int_equal(r->status, 406);
}

/* RFC 4180, and what a spreadsheet would run. */
static void csv_cells(void **state)
{
    static const struct {
        const char *sql;
        const char *cell;
    } cases[] = {
        { "'plain'", "plain" },
        { "''", "" },
        { "NULL", "" },
        { "'a,b'", "\"a,b\"" },
        { "'a\"b'", "\"a\"\"b\"" },
        { "'\"'", "\"\"\"\"" },
        { "'\"\"'", "\"\"\"\"\"\"" },
        { "'a' || char(13) || char(10) || 'b'", "\"a\r\nb\"" },
        { "'a' || char(10)", "\"a\n\"" },
        { "'=1+1'", "'=1+1" },
        { "'+1'", "'+1" },
        { "'-1'", "'-1" },
        { "'@a'", "'@a" },
        { "char(9) || '=1'", "'\t=1" },
        { "char(13) || '=1'", "\"'\r=1\"" },
        { "'=\"a\",b'", "\"'=\"\"a\"\",b\"" },
        { "'a=1'", "a=1" },
        { "'%s%n'", "%s%n" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        const hbr_test_response_t *r;
        char want[128];

        demo_sql("DELETE FROM customers");
        add(1, "'n'", cases[i].sql);
        r = ask("/customers?format=csv", 200);
        snprintf(want, sizeof(want),
                 "id,name,city,region,priority,email,since,revenue\r\n"
                 "1,n,Köln,West,2,%s,2026-11-21,1234.56\r\n",
                 cases[i].cell);
        assert_string_equal(r->body, want);
    }
    assert_string_equal(hbr_test_header(ask("/customers?format=csv", 200),
                                        "Content-Disposition"),
                        "attachment; filename=\"customers.csv\"");
}

static void amounts(void **state)
{
    static const struct {
        const char *cents;
        const char *euros;
    } cases[] = {
        { "0", ",0.00\r\n" },
        { "5", ",0.05\r\n" },
        { "100", ",1.00\r\n" },
        { "-1", ",-0.01\r\n" },
        { "-12345", ",-123.45\r\n" },
        { "9223372036854775807", ",92233720368547758.07\r\n" },
        { "-9223372036854775808", ",-92233720368547758.08\r\n" },
    };
    apr_size_t i;

    (void)state;
    add(1, "'n'", "NULL");
    for (i = 0; i < COUNT(cases); i++) {
        char sql[80];

        snprintf(sql, sizeof(sql), "UPDATE customers SET revenue = %s",
                 cases[i].cents);
        demo_sql(sql);
        has(ask("/customers?format=csv", 200), cases[i].euros);
    }
}

static void html_is_escaped(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    add(1, "'<script>\"x\"</script>'", "'<&>'");
    r = ask("/customers?q=%3Cscript%3E%22", 200);
    assert_null(strstr(r->body, "<script"));
    has(r, "value=\"&lt;script&gt;&quot;\"");
    has(r, "<th scope=\"row\">&lt;script&gt;&quot;x&quot;&lt;/script&gt;</th>");
    has(r, ">&lt;&amp;&gt;</td>");
    demo_sql("UPDATE customers SET email = NULL, city = NULL");
    has(ask("/customers", 200), "data-label=\"City\">not known</td>");
}

static void json_types(void **state)
{
    json_t *root, *first;

    (void)state;
    add(7, "'a\"\\<' || char(9)", "NULL");
    root = ask_json("/customers?format=json");
    first = json_array_get(json_object_get(root, "customers"), 0);
    assert_int_equal(number(root, "total"), 1);
    assert_int_equal(number(first, "id"), 7);
    assert_int_equal(number(first, "priority"), 2);
    assert_int_equal(number(first, "revenue_cents"), 123456);
    assert_string_equal(json_string_value(json_object_get(first, "name")),
                        "a\"\\<\t");
    assert_true(json_is_null(json_object_get(first, "email")));
    json_decref(root);
}

/* Text on the left, numbers on the right, and the order for those who hear the
 * page. */
static void headings(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    add(1, "'n'", "NULL");
    r = ask("/customers?sort=revenue&direction=desc", 200);
    has(r, "<th scope=\"col\" class=\"word\"><a href=\"?sort=name&amp;"
           "direction=asc\">Name</a></th>");
    has(r, "<th scope=\"col\" class=\"n\" aria-sort=\"descending\">"
           "<a href=\"?sort=revenue&amp;direction=asc\">Revenue</a>");
    assert_null(strstr(r->body, "&quot;"));
}

/* JSON is UTF-8 (RFC 8259 8.1): a row that is not makes no broken document. */
static void json_of_what_is_no_utf8(void **state)
{
    (void)state;
    add(7, "CAST(x'ff' AS TEXT)", "NULL");
    ask("/customers?format=json", 500);
    assert_non_null(hbr_test_logged(kit, "customer 7 is not UTF-8"));
}

/* Wildcards are letters. */
static void searches(void **state)
{
    static const struct {
        const char *query;
        int total;
    } cases[] = {
        { "", 4 },        { "%25", 1 },    { "_", 1 },
        { "!", 1 },       { "100%25", 1 }, { "!_", 0 },
        { "%25%25", 0 },  { "A_B", 1 },    { "'", 0 },
        { "k%C3%B6", 4 }, { "%5C", 0 },    { "'%20OR%201--", 0 },
    };
    apr_size_t i;

    (void)state;
    add(1, "'100% b'", "NULL");
    add(2, "'a_b'", "NULL");
    add(3, "'axb'", "''");
    add(4, "'a!b'", "NULL");
    for (i = 0; i < COUNT(cases); i++) {
        char url[128];
        json_t *root;

        snprintf(url, sizeof(url), "/customers?format=json&q=%s",
                 cases[i].query);
        root = ask_json(url);
        if (number(root, "total") != cases[i].total)
            fail_msg("%s: %d", url, (int)number(root, "total"));
        json_decref(root);
    }
}

static bool has_link(const json_t *root, const char *name)
{
    return json_is_string(
        json_object_get(json_object_get(root, "links"), name));
}

/* All pages of all sizes hold every customer once. */
static void pages(void **state)
{
    int size, page;

    (void)state;
    demo_sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
             "WHERE i < 23) INSERT INTO customers SELECT i, 'same', 'c', "
             "'East', 1, NULL, '2026-01-01', i FROM n");
    for (size = 1; size <= 25; size++) {
        int count = (23 + size - 1) / size, next = 1;

        for (page = 1; page <= count + 1; page++) {
            char url[128];
            json_t *root, *rows;
            apr_size_t i;

            snprintf(url, sizeof(url),
                     "/customers?format=json&sort=city&size=%d&page=%d", size,
                     page);
            root = ask_json(url);
            rows = json_object_get(root, "customers");
            assert_int_equal(number(root, "pages"), count);
            assert_int_equal(has_link(root, "prev"), page > 1);
            assert_int_equal(has_link(root, "next"), page < count);
            for (i = 0; i < json_array_size(rows); i++, next++)
                assert_int_equal(number(json_array_get(rows, i), "id"), next);
            json_decref(root);
        }
        assert_int_equal(next, 24);
        hbr_test_clear(kit);
    }
}

static void csv_is_the_whole_list(void **state)
{
    const hbr_test_response_t *r;
    int lines = 0;
    const char *at;

    (void)state;
    demo_sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
             "WHERE i < 300) INSERT INTO customers SELECT i, 'same', 'c', "
             "'East', 1, NULL, '2026-01-01', i FROM n");
    r = ask("/customers?format=csv", 200);
    for (at = r->body; (at = strstr(at, "\r\n")) != NULL; at += 2)
        lines++;
    assert_int_equal(lines, 301);
    assert_null(
        strstr(ask("/customers?format=csv&size=2", 200)->body, "\r\n3,"));
}

static void refused(void **state)
{
    static const char *const queries[] = {
        "priority=0", "priority=6",  "priority=x", "region=x",
        "sort=id",    "direction=x", "page=0",     "page=1000001",
        "size=0",     "size=201",    "format=x",   "q=%ff",
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(queries); i++) {
        char url[128], name[32];

        snprintf(url, sizeof(url), "/customers?%s", queries[i]);
        snprintf(name, sizeof(name), "\"%.*s\"", (int)strcspn(queries[i], "="),
                 queries[i]);
        has(ask(url, 400), name);
    }
    ask("/customers/more", 404);
    hbr_test_database_busy(kit, true);
    ask("/customers", 503);
    hbr_test_database_busy(kit, false);
    ask("/customers", 200);
}

MAIN(DEMO_TEST(formats_by_accept), DEMO_TEST(csv_cells), DEMO_TEST(amounts),
     DEMO_TEST(html_is_escaped), DEMO_TEST(headings), DEMO_TEST(json_types),
     DEMO_TEST(json_of_what_is_no_utf8), DEMO_TEST(searches), DEMO_TEST(pages),
     DEMO_TEST(csv_is_the_whole_list), DEMO_TEST(refused))
