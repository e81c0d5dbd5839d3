/*
 * Conditional requests: RFC 9110 8.8.2, 8.8.3, 13 and 5.6.7.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_tables.h>

#include "conditional.h"

/* The instant of RFC 9110 5.6.7's examples, and a second to either side. */
#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define BEFORE "Sun, 06 Nov 1994 08:49:36 GMT"
#define AFTER "Sun, 06 Nov 1994 08:49:38 GMT"
#define TIME apr_time_from_sec(INT64_C(784111777))

static apr_pool_t *pool;

typedef struct case_t {
    const char *match;
    const char *unmodified;
    const char *none_match;
    const char *modified;
    const char *etag;
    bool dated; /* Last-Modified is DATE. */
    int get;    /* What GET and HEAD give. */
    int put;    /* What other methods give. */
} case_t;

static void set(apr_table_t *headers, const char *name, const char *value)
{
    if (value != NULL)
        apr_table_setn(headers, name, value);
}

static void check(const case_t *cases, size_t count)
{
    static const struct {
        const char *method;
        bool reads;
    } methods[] = { { "GET", true },   { "HEAD", true },   { "PUT", false },
                    { "POST", false }, { "PATCH", false }, { "DELETE", false },
                    { "get", false },  { "PURGE", false } };
    size_t i;
    size_t m;

    for (i = 0; i < count; i++) {
        const case_t *c = &cases[i];
        apr_table_t *headers = apr_table_make(pool, 4);

        set(headers, "if-match", c->match);
        set(headers, "If-Unmodified-Since", c->unmodified);
        set(headers, "IF-NONE-MATCH", c->none_match);
        set(headers, "If-Modified-Since", c->modified);
        for (m = 0; m < sizeof(methods) / sizeof(*methods); m++) {
            int result = hbr_conditional(methods[m].method, headers, c->etag,
                                         c->dated ? TIME : 0);

            if (result != (methods[m].reads ? c->get : c->put))
                fail_msg("case %d: %s gives %d", (int)i, methods[m].method,
                         result);
        }
    }
}

#define CHECK(cases) check(cases, sizeof(cases) / sizeof(*(cases)))

/* RFC 9110 8.8.3.2: the table of weak and strong comparison. */
static void test_comparison(void **state)
{
    static const struct {
        const char *one;
        const char *other;
        bool strong;
        bool weak;
    } table[] = {
        { "W/\"1\"", "W/\"1\"", false, true },
        { "W/\"1\"", "W/\"2\"", false, false },
        { "W/\"1\"", "\"1\"", false, true },
        { "\"1\"", "\"1\"", true, true },
    };
    size_t i;
    int turn;

    (void)state;
    for (i = 0; i < sizeof(table) / sizeof(*table); i++)
        for (turn = 0; turn < 2; turn++) {
            const char *sent = turn ? table[i].one : table[i].other;
            const char *ours = turn ? table[i].other : table[i].one;
            const case_t cases[] = {
                { .match = sent,
                  .etag = ours,
                  .get = table[i].strong ? 0 : 412,
                  .put = table[i].strong ? 0 : 412 },
                { .none_match = sent,
                  .etag = ours,
                  .get = table[i].weak ? 304 : 0,
                  .put = table[i].weak ? 412 : 0 },
            };

            CHECK(cases);
        }
}

/* RFC 9110 13.1.1, its examples first. */
static void test_if_match(void **state)
{
    static const case_t cases[] = {
        { .match = "\"xyzzy\"", .etag = "\"xyzzy\"" },
        { .match = "\"xyzzy\", \"r2d2xxxx\", \"c3piozzzz\"",
          .etag = "\"c3piozzzz\"" },
        { .match = "*", .etag = "\"xyzzy\"" },
        { .match = "*" },
        { .match = " * ", .etag = "W/\"x\"" },
        { .match = "\"xyzzy\"", .etag = "\"XYZZY\"", .get = 412, .put = 412 },
        { .match = "\"xyzzy\"", .get = 412, .put = 412 },
        { .match = "", .etag = "\"x\"", .get = 412, .put = 412 },
        { .match = ", ,", .etag = "\"x\"", .get = 412, .put = 412 },
        { .match = "\"\"", .etag = "\"\"" },
        { .match = "\"a,b\" ,\t\"c\"", .etag = "\"a,b\"" },
        { .match = ",,\"a\",,\"x\",", .etag = "\"x\"" },
        { .match = "\"x", .etag = "\"x\"", .get = 412, .put = 412 },
        { .match = "x\"", .etag = "\"x\"", .get = 412, .put = 412 },
        { .match = "x", .etag = "\"x\"", .get = 412, .put = 412 },
        { .match = "\"x\"y", .etag = "\"x\"", .get = 412, .put = 412 },
        { .match = "\"x\" \"y\"", .etag = "\"x\"", .get = 412, .put = 412 },
        { .match = "\"a b\", \"x\"", .etag = "\"x\"" },
        { .match = "*, \"y\"", .etag = "\"x\"", .get = 412, .put = 412 },
        { .match = "w/\"x\"", .etag = "\"x\"", .get = 412, .put = 412 },
        { .match = "\"x\\\"y\"", .etag = "\"x\\\"", .get = 412, .put = 412 },
        { .match = "\"x\\\"", .etag = "\"x\\\"" },
        { .match = "\"\xC3\xA4\"", .etag = "\"\xC3\xA4\"" },
        { .match = "\"x-gzip\"", .etag = "\"x\"", .get = 412, .put = 412 },
        { .match = "\"x\"-gzip", .etag = "\"x\"", .get = 412, .put = 412 },
        /* An ETag that is none is no validator. */
        { .match = "\"x\"", .etag = "x", .get = 412, .put = 412 },
        { .match = "\"x\"", .etag = "\"x\" ", .get = 412, .put = 412 },
        { .match = "\"x\"", .etag = "", .get = 412, .put = 412 },
    };

    (void)state;
    CHECK(cases);
}

/* RFC 9110 13.1.2, its examples first. */
static void test_if_none_match(void **state)
{
    static const case_t cases[] = {
        { .none_match = "\"xyzzy\"",
          .etag = "\"xyzzy\"",
          .get = 304,
          .put = 412 },
        { .none_match = "W/\"xyzzy\"",
          .etag = "\"xyzzy\"",
          .get = 304,
          .put = 412 },
        { .none_match = "\"xyzzy\", \"r2d2xxxx\", \"c3piozzzz\"",
          .etag = "\"r2d2xxxx\"",
          .get = 304,
          .put = 412 },
        { .none_match = "W/\"xyzzy\", W/\"r2d2xxxx\", W/\"c3piozzzz\"",
          .etag = "W/\"c3piozzzz\"",
          .get = 304,
          .put = 412 },
        { .none_match = "*", .get = 304, .put = 412 },
        { .none_match = "*", .etag = "\"x\"", .get = 304, .put = 412 },
        { .none_match = "\"y\"", .etag = "\"x\"" },
        { .none_match = "\"y\"" },
        { .none_match = "x", .etag = "\"x\"" },
        { .none_match = "", .etag = "\"x\"" },
        { .none_match = "\"x", .etag = "\"x\"" },
        { .none_match = "\"x\" y", .etag = "\"x\"" },
        { .none_match = "**", .etag = "\"x\"" },
    };

    (void)state;
    CHECK(cases);
}

/* The tags that mod_deflate and mod_brotli make of ours. */
static void test_suffix(void **state)
{
    static const char *const known[] = {
        "\"x-gzip\"",
        "\"x-br\"",
        "\"x-deflate\"",
        "\"x-zstd\"",
        "W/\"x-gzip\"",
        "\"x\"-gzip",
        "\"x\"-br",
        "W/\"x\"-gzip",
        "\"a\", \"x-gzip\"",
        "\"x\"-gzip, \"a\"",
        "\"a\"-gzip,\"x\"-br",
    };
    static const char *const unknown[] = {
        "\"x-GZIP\"",  "\"x-gz\"",    "\"x-gzipp\"", "\"x-gzip-gzip\"",
        "\"-gzip\"",   "\"xgzip\"",   "\"y-gzip\"",  "\"x\"gzip",
        "\"x\"-gzipp", "\"x\" -gzip", "\"x-b\"",     "\"xx-br\"",
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
        const case_t cases[] = {
            { .none_match = known[i], .etag = "\"x\"", .get = 304, .put = 412 },
            { .none_match = known[i],
              .etag = "W/\"x\"",
              .get = 304,
              .put = 412 },
        };

        CHECK(cases);
    }
    for (i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
        const case_t cases[] = {
            { .none_match = unknown[i], .etag = "\"x\"" },
        };

        CHECK(cases);
    }
}

/* RFC 9110 13.1.3 and 13.1.4. */
static void test_dates(void **state)
{
    static const case_t cases[] = {
        { .modified = DATE, .dated = true, .get = 304 },
        { .modified = AFTER, .dated = true, .get = 304 },
        { .modified = BEFORE, .dated = true },
        { .modified = DATE },
        { .modified = DATE, .etag = "\"x\"" },
        { .modified = "0", .dated = true },
        { .modified = "", .dated = true },
        { .modified = DATE ", " DATE, .dated = true },
        { .unmodified = DATE, .dated = true },
        { .unmodified = AFTER, .dated = true },
        { .unmodified = BEFORE, .dated = true, .get = 412, .put = 412 },
        { .unmodified = "Thu, 01 Jan 1970 00:00:00 GMT",
          .dated = true,
          .get = 412,
          .put = 412 },
        { .unmodified = BEFORE },
        { .unmodified = "yesterday", .dated = true },
    };

    (void)state;
    CHECK(cases);
}

/* RFC 9110 13.2.2: the order, each field against each. */
static void test_precedence(void **state)
{
    static const case_t cases[] = {
        { .match = "\"x\"",
          .unmodified = BEFORE,
          .etag = "\"x\"",
          .dated = true },
        { .match = "\"y\"",
          .unmodified = AFTER,
          .etag = "\"x\"",
          .dated = true,
          .get = 412,
          .put = 412 },
        { .none_match = "\"x\"",
          .modified = BEFORE,
          .etag = "\"x\"",
          .dated = true,
          .get = 304,
          .put = 412 },
        { .none_match = "\"y\"",
          .modified = AFTER,
          .etag = "\"x\"",
          .dated = true },
        { .none_match = "\"y\"", .modified = AFTER, .dated = true },
        { .match = "\"x\"",
          .none_match = "\"x\"",
          .etag = "\"x\"",
          .get = 304,
          .put = 412 },
        { .match = "\"y\"",
          .none_match = "\"x\"",
          .etag = "\"x\"",
          .get = 412,
          .put = 412 },
        { .match = "\"x\"", .none_match = "\"y\"", .etag = "\"x\"" },
        { .unmodified = BEFORE,
          .none_match = "\"x\"",
          .etag = "\"x\"",
          .dated = true,
          .get = 412,
          .put = 412 },
        { .unmodified = AFTER,
          .none_match = "\"x\"",
          .etag = "\"x\"",
          .dated = true,
          .get = 304,
          .put = 412 },
        { .unmodified = AFTER, .modified = AFTER, .dated = true, .get = 304 },
        { .match = "*",
          .modified = AFTER,
          .etag = "\"x\"",
          .dated = true,
          .get = 304 },
        { .unmodified = "bad",
          .none_match = "\"x\"",
          .etag = "\"x\"",
          .dated = true,
          .get = 304,
          .put = 412 },
        { .get = 0 },
    };

    (void)state;
    CHECK(cases);
}

/* RFC 9110 13.2.1 */
static void test_methods_without(void **state)
{
    static const char *const methods[] = { "OPTIONS", "TRACE", "CONNECT" };
    apr_table_t *headers = apr_table_make(pool, 2);
    size_t i;

    (void)state;
    apr_table_setn(headers, "If-Match", "\"y\"");
    apr_table_setn(headers, "If-None-Match", "*");
    for (i = 0; i < sizeof(methods) / sizeof(*methods); i++)
        assert_int_equal(hbr_conditional(methods[i], headers, "\"x\"", TIME),
                         0);
}

/* RFC 9110 5.6.7: the three forms and nothing else. */
static void test_date_forms(void **state)
{
    static const char *const good[] = {
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun Nov 06 08:49:37 1994",
    };
    static const char *const bad[] = {
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        " Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT; length=3",
        "Sun, 06 Nov 1994 08:49:37 gmt",
        "sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun,06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Xxx 1994 08:49:37 GMT",
        "Abc, 06 Nov 1994 08:49:37 GMT",
        "Abc Nov  6 08:49:37 1994",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 29 Feb 1995 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Someday, 06-Nov-94 08:49:37 GMT",
        "Sunda, 06-Nov-94 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov  6 08:49:37 1994 GMT",
        "06 Nov 1994 08:49:37 GMT",
        "1994-11-06T08:49:37Z",
        "784111777",
        "Sun",
        "Su",
        ",",
        "",
        "Sun,",
        "Sunday,",
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
        const case_t cases[] = {
            { .modified = good[i], .dated = true, .get = 304 },
        };

        CHECK(cases);
    }
    for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        const case_t cases[] = {
            { .modified = bad[i], .dated = true },
            { .unmodified = bad[i], .dated = true },
        };

        CHECK(cases);
    }
}

/* Last-Modified goes out in whole seconds. */
static void test_parts_of_a_second(void **state)
{
    apr_table_t *headers = apr_table_make(pool, 1);

    (void)state;
    apr_table_setn(headers, "If-Modified-Since", DATE);
    assert_int_equal(hbr_conditional("GET", headers, NULL, TIME + 999999), 304);
    assert_int_equal(hbr_conditional("GET", headers, NULL, TIME + 1000000), 0);
    apr_table_clear(headers);
    apr_table_setn(headers, "If-Unmodified-Since", DATE);
    assert_int_equal(hbr_conditional("PUT", headers, NULL, TIME + 999999), 0);
    assert_int_equal(hbr_conditional("PUT", headers, NULL, TIME + 1000000),
                     412);
}

/* RFC 9110 13.1.5, 8.8.2.2 */
static void test_if_range(void **state)
{
    static const struct {
        const char *field;
        const char *etag;
        apr_int64_t age; /* Seconds since Last-Modified; -1: there is none. */
        bool holds;
    } table[] = {
        { NULL, NULL, -1, true },
        { NULL, "\"x\"", 5, true },
        { "\"x\"", "\"x\"", -1, true },
        { "\"x\"", "\"y\"", -1, false },
        { "\"x\"", NULL, 5, false },
        { "W/\"x\"", "\"x\"", -1, false },
        { "\"x\"", "W/\"x\"", -1, false },
        { "W/\"x\"", "W/\"x\"", -1, false },
        { "\"x\", \"y\"", "\"x\"", -1, false },
        { "\"x\" ", "\"x\"", -1, false },
        { "\"x\"", "\"x\"y", -1, false },
        { "*", "\"x\"", 5, false },
        { "", "\"x\"", 5, false },
        { "x", "\"x\"", 5, false },
        { "\"x-gzip\"", "\"x\"", -1, false },
        { "\"x\"-gzip", "\"x\"", -1, false },
        { DATE, NULL, 1, true },
        { DATE, "\"x\"", 100, true },
        { "Sunday, 06-Nov-94 08:49:37 GMT", NULL, 1, true },
        { DATE, NULL, 0, false },
        { DATE, NULL, -1, false },
        { BEFORE, NULL, 100, false },
        { AFTER, NULL, 100, false },
        { DATE " ", NULL, 100, false },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
        apr_table_t *headers = apr_table_make(pool, 1);
        bool dated = table[i].age >= 0;
        apr_time_t now = TIME + apr_time_from_sec(dated ? table[i].age : 9);

        set(headers, "if-range", table[i].field);
        if (hbr_if_range_holds(headers, table[i].etag, dated ? TIME : 0, now)
            != table[i].holds)
            fail_msg("case %d", (int)i);
    }
}

static void test_if_range_seconds(void **state)
{
    apr_table_t *headers = apr_table_make(pool, 1);

    (void)state;
    apr_table_setn(headers, "If-Range", DATE);
    assert_true(
        hbr_if_range_holds(headers, NULL, TIME + 900000, TIME + 1000000));
    assert_false(
        hbr_if_range_holds(headers, NULL, TIME + 100000, TIME + 900000));
    assert_false(hbr_if_range_holds(headers, NULL, TIME, TIME - 5000000));
}

/* Long lists are read once, whatever they hold. */
static void test_hostile(void **state)
{
    static const char *const pieces[] = { "\"",     "\"a,",        "W/",
                                          "W/\"",   "\"a b,",      ",",
                                          "\"a\" ", "\"a\"-gzip,", "*," };
    size_t length = 1 << 20;
    char *list = malloc(length + 1);
    apr_time_t begin = apr_time_now();
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
        size_t size = strlen(pieces[i]);
        apr_table_t *headers = apr_table_make(pool, 1);
        size_t at;

        for (at = 0; at + size <= length; at += size)
            memcpy(list + at, pieces[i], size);
        list[at] = '\0';
        apr_table_setn(headers, "If-None-Match", list);
        assert_int_equal(hbr_conditional("GET", headers, "\"x\"", TIME), 0);
    }
    free(list);
    assert_true(apr_time_now() - begin < apr_time_from_sec(20));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comparison),
        cmocka_unit_test(test_if_match),
        cmocka_unit_test(test_if_none_match),
        cmocka_unit_test(test_suffix),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_precedence),
        cmocka_unit_test(test_methods_without),
        cmocka_unit_test(test_date_forms),
        cmocka_unit_test(test_parts_of_a_second),
        cmocka_unit_test(test_if_range),
        cmocka_unit_test(test_if_range_seconds),
        cmocka_unit_test(test_hostile),
    };

    apr_initialize();
    apr_pool_create(&pool, NULL);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
