/*
 * Content negotiation by Accept: RFC 9110 12.4.2 and 12.5.1.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_time.h>

#include "accept.h"

#define TYPES(...)                                                             \
    (const char *const[])                                                      \
    {                                                                          \
        __VA_ARGS__, NULL                                                      \
    }

typedef struct case_t {
    const char *accept;
    const char *types[4]; /* The rest is NULL. */
    int best;
} case_t;

static void check(const case_t *cases, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        int best = hbr_accept_best(cases[i].accept, cases[i].types);

        if (best != cases[i].best)
            fail_msg("case %d: \"%s\" gives %d, not %d", (int)i,
                     cases[i].accept != NULL ? cases[i].accept : "(null)", best,
                     cases[i].best);
    }
}

#define CHECK(cases) check(cases, sizeof(cases) / sizeof(*(cases)))

/* The examples of RFC 9110 12.5.1. */
static void test_examples(void **state)
{
#define ELABORATE "text/plain; q=0.5, text/html, text/x-dvi; q=0.8, text/x-c"
#define SPECIFIC "text/*, text/plain, text/plain;format=flowed, */*"
    static const case_t cases[] = {
        { "audio/*; q=0.2, audio/basic", { "audio/mpeg", "audio/basic" }, 1 },
        { "audio/*; q=0.2, audio/basic", { "audio/mpeg" }, 0 },
        { ELABORATE, { "text/plain", "text/x-dvi", "text/x-c" }, 2 },
        { ELABORATE, { "text/plain", "text/x-dvi" }, 1 },
        { ELABORATE, { "text/x-c", "text/html" }, 0 },
        { ELABORATE, { "image/png" }, -1 },
        { SPECIFIC, { "image/png", "text/plain" }, 0 },
    };

    (void)state;
    CHECK(cases);
}

/*
 * The table of weights at the end of RFC 9110 12.5.1: each type is put beside
 * one whose weight is set to just below and just above the expected one.
 */
static void test_weights(void **state)
{
#define RANGES                                                                 \
    "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, "               \
    "text/plain;format=fixed;q=0.4, */*;q=0.5"
    static const struct {
        const char *type;
        int weight;
    } table[] = {
        { "text/plain;format=flowed", 1000 },
        { "text/plain", 700 },
        { "text/html", 300 },
        { "image/jpeg", 500 },
        { "text/plain;format=fixed", 400 },
        { "text/html;level=3", 300 },
        { "text/plain; charset=utf-8", 700 },
        { "Text/Plain; Format=\"flowed\"", 1000 },
        { "text/plain;format=other", 700 },
    };
    size_t i;
    int rival;

    (void)state;
    for (i = 0; i < sizeof(table) / sizeof(*table); i++)
        for (rival = 1; rival < 1000; rival++) {
            char accept[200];

            snprintf(accept, sizeof(accept), "%s, x/rival;q=0.%03d", RANGES,
                     rival);
            if (hbr_accept_best(accept, TYPES("x/rival", table[i].type))
                != (table[i].weight > rival))
                fail_msg("%s against 0.%03d", table[i].type, rival);
        }
}

static void test_missing(void **state)
{
    static const case_t cases[] = {
        { NULL, { "a/b", "c/d" }, 0 },
        { "", { "a/b", "c/d" }, 0 },
        { " \t", { "a/b" }, 0 },
        { ",,, ,", { "a/b" }, 0 },
        { "*/*", { "a/b", "c/d" }, 0 },
        { "text", { "a/b" }, 0 },
        { "text, /, a/, /b, a/b/c, \"", { "a/b" }, 0 },
        { NULL, { NULL }, -1 },
        { "a/b", { NULL }, -1 },
    };

    (void)state;
    CHECK(cases);
}

static void test_exclusion(void **state)
{
    static const case_t cases[] = {
        { "a/b;q=0", { "a/b" }, -1 },
        { "a/b;q=0, */*", { "a/b" }, -1 },
        { "*/*, a/b;q=0.000", { "a/b", "c/d" }, 1 },
        { "a/*;q=0, a/b", { "a/c", "a/b" }, 1 },
        { "*/*;q=0", { "a/b" }, -1 },
        { "*/*;q=0, a/b;q=0.001", { "c/d", "a/b" }, 1 },
        { "a/b;v=1;q=0, a/b", { "a/b;v=1", "a/b" }, 1 },
    };

    (void)state;
    CHECK(cases);
}

static void test_order(void **state)
{
    static const case_t cases[] = {
        { "c/d, a/b", { "a/b", "c/d" }, 0 },
        { "c/d;q=0.5, a/b;q=0.5", { "a/b", "c/d" }, 0 },
        { "c/d;q=0.501, a/b;q=0.5", { "a/b", "c/d" }, 1 },
        { "a/b;q=0.2, a/b;q=0.9, c/d;q=0.5", { "c/d", "a/b" }, 1 },
        { "A/B", { "c/d", "a/b; charset=utf-8" }, 1 },
        { "application/json; charset=utf-8", { "application/json" }, 0 },
        { "text/html, application/xhtml+xml, application/xml;q=0.9, "
          "image/avif,*/*;q=0.8, application/signed-exchange;v=b3;q=0.7",
          { "application/json", "text/html" },
          1 },
        { "*/*;q=0.5, a/*;q=0.6", { "c/d", "a/b" }, 1 },
        /* Parameters never make a wide range closer than a narrow one. */
        { "*/*;v=1;w=2;x=3, a/*;q=0", { "a/b;v=1;w=2;x=3" }, -1 },
        { "a/*;v=1;w=2;x=3, a/b;q=0", { "a/b;v=1;w=2;x=3" }, -1 },
        { "a/b;v=1;q=0.1, a/b;v=1;w=2, a/b;q=0.2, c/d;q=0.5",
          { "c/d", "a/b;v=1;w=2" },
          1 },
    };

    (void)state;
    CHECK(cases);
}

/* RFC 9110 12.4.2; q may stand anywhere among the parameters (12.5.1). */
static void test_qvalue(void **state)
{
    static const struct {
        const char *q;
        int weight; /* -1: malformed, so the element is skipped. */
    } table[] = {
        { "0", 0 },
        { "0.", 0 },
        { "0.0", 0 },
        { "0.000", 0 },
        { "1", 1000 },
        { "1.", 1000 },
        { "1.0", 1000 },
        { "1.000", 1000 },
        { "0.5", 500 },
        { "0.05", 50 },
        { "0.005", 5 },
        { "0.999", 999 },
        { "0.12", 120 },
        { ".2", 200 },
        { "1.001", -1 },
        { "2", -1 },
        { "0.1234", -1 },
        { "0.0000", -1 },
        { "-1", -1 },
        { "", -1 },
        { ".", -1 },
        { "0,5", -1 },
        { "a", -1 },
        { "0.x", -1 },
        { "00.5", -1 },
        { "10", -1 },
        { "\"0.5\"", -1 },
        { "0.5 x", -1 },
        { "99999999999999999999", -1 },
        { "1e0", -1 },
        { "+0.5", -1 },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
        char accept[100];
        int above;
        int below;

        snprintf(accept, sizeof(accept), "x/rival;q=0.001, a/b;q=%s",
                 table[i].q);
        above = hbr_accept_best(accept, TYPES("a/b"));
        snprintf(accept, sizeof(accept), "a/b; Q=%s;level=1, x/rival;q=0.%03d",
                 table[i].q, table[i].weight > 0 ? table[i].weight - 1 : 999);
        below = hbr_accept_best(accept, TYPES("x/rival", "a/b;level=1"));
        if (above != (table[i].weight > 0 ? 0 : -1)
            || below != (table[i].weight > 0))
            fail_msg("q=%s gives %d and %d", table[i].q, above, below);
    }
}

static void test_malformed(void **state)
{
    static const case_t cases[] = {
        { "text, a/b", { "c/d", "a/b" }, 1 },
        { "a/b;x, c/d", { "a/b", "c/d" }, 1 },
        { "a/b x, c/d", { "a/b", "c/d" }, 1 },
        { "a/b;x=\"1, c/d", { "a/b", "c/d" }, 0 },
        { "a/b;x=\"1,y/z\", c/d", { "y/z", "a/b", "c/d" }, 2 },
        { "a/b;x=\"\\\",y/z,\", c/d", { "y/z", "c/d" }, 1 },
        { "*, c/d;q=0.1", { "a/b", "c/d" }, 1 },
        { "*/html, c/d", { "text/html", "c/d" }, 1 },
        { "a/b;q=0.5;q=0, c/d;q=0.1", { "a/b", "c/d" }, 1 },
        { "a/b\x01, c/d", { "a/b", "c/d" }, 1 },
        { "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
          { "application/json" },
          0 },
        { "a/b", { "malformed", "a/b" }, 1 },
    };

    (void)state;
    CHECK(cases);
}

/* A field of any kind is read in time that grows with its length only. */
static void test_hostile(void **state)
{
    static const char *const pieces[] = { "\"",       "\\",     "\"\\",
                                          ",",        ";",      " ",
                                          "a/b;x=\"", ";;",     "a/b,",
                                          "*",        "a/b;q=", "a/b;x=\"\\\"",
                                          "\"a," };
    size_t length = 1 << 20;
    char *accept = malloc(length + 1);
    apr_time_t begin = apr_time_now();
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
        size_t size = strlen(pieces[i]);
        size_t at;
        int best;

        for (at = 0; at + size <= length; at += size)
            memcpy(accept + at, pieces[i], size);
        accept[at] = '\0';
        best = hbr_accept_best(accept, TYPES("a/b", "c/d"));
        assert_in_range(best, 0, 0);
    }
    free(accept);
    assert_true(apr_time_now() - begin < apr_time_from_sec(20));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),  cmocka_unit_test(test_weights),
        cmocka_unit_test(test_missing),   cmocka_unit_test(test_exclusion),
        cmocka_unit_test(test_order),     cmocka_unit_test(test_qvalue),
        cmocka_unit_test(test_malformed), cmocka_unit_test(test_hostile),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
