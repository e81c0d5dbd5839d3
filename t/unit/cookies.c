/*
 * The cookies a client sends: RFC 6265 4.2 and 5.4, RFC 6265bis 5.7 and 5.8.3
 * for cookies without a name. The getters over a request are in
 * t/unit/request.c.
 */
#include <stdio.h>

#include "support/palloc.h"
#include "support/pool.h"

#include "cookies.h"
#include "state.h"

static apr_table_t *fields(const char *first, const char *second)
{
    apr_table_t *table = apr_table_make(pool, 3);

    apr_table_setn(table, "Host", "example.com");
    if (first != NULL)
        apr_table_addn(table, "Cookie", first);
    if (second != NULL)
        apr_table_addn(table, "cookie", second);
    return table;
}

/* "name=value|name=value|", as one text. */
static const char *shown(const hbr_cookies_t *cookies)
{
    static char text[400];
    apr_size_t used = 0;
    apr_size_t i;

    text[0] = '\0';
    for (i = 0; i < cookies->count; i++) {
        const hbr_pair_t *pair = &cookies->pairs[i];

        assert_int_equal(strlen(pair->name), pair->name_length);
        assert_int_equal(strlen(pair->value), pair->value_length);
        used += (apr_size_t)snprintf(text + used, sizeof(text) - used, "%s=%s|",
                                     pair->name, pair->value);
        assert_true(used < sizeof(text));
    }
    return text;
}

typedef struct case_t {
    const char *field;
    const char *shown;
} case_t;

static void check(const case_t *cases, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        apr_table_t *table = fields(cases[i].field, NULL);
        const char *got = shown(hbr_cookies_parse(pool, table));

        if (strcmp(got, cases[i].shown) != 0)
            fail_msg("\"%s\" gives %s, not %s", cases[i].field, got,
                     cases[i].shown);
    }
}

#define CHECK(cases) check(cases, ITEMS(cases))

/* The examples of RFC 6265 3.1. */
static void test_examples(void **state)
{
    static const case_t cases[] = {
        { "SID=31d4d96e407aad42", "SID=31d4d96e407aad42|" },
        { "SID=31d4d96e407aad42; lang=en-US",
          "SID=31d4d96e407aad42|lang=en-US|" },
    };

    (void)state;
    CHECK(cases);
}

/* RFC 6265 4.2.2: nothing says which of two equal names is meant. */
static void test_order(void **state)
{
    static const case_t cases[] = {
        { "a=1; b=2; a=3", "a=1|b=2|a=3|" },
        { "a=1; A=2", "a=1|A=2|" },
        { "b=1; a=1; b=1", "b=1|a=1|b=1|" },
    };

    (void)state;
    CHECK(cases);
}

/* Only ';' separates; blanks around name and value are no part of them. */
static void test_separators(void **state)
{
    static const case_t cases[] = {
        { "a=1;b=2", "a=1|b=2|" },
        { "a=1,b=2", "a=1,b=2|" },
        { "a=1, b=2; c=3", "a=1, b=2|c=3|" },
        { " \ta =\t 1 \t; \tb= 2\t", "a=1|b=2|" },
        { "a=x y", "a=x y|" },
        { "a b=c d", "a b=c d|" },
        { "a=b=c", "a=b=c|" },
        { "a==", "a==|" },
        { "a=1;;;b=2;", "a=1|b=2|" },
        { ";", "" },
        { "; ; \t;", "" },
        { "", "" },
        { "   ", "" },
    };

    (void)state;
    CHECK(cases);
}

/* RFC 6265 4.1.1 lets quotes stand around a value, 5.2 keeps them; nothing is
 * decoded. */
static void test_as_sent(void **state)
{
    static const case_t cases[] = {
        { "a=\"1\"", "a=\"1\"|" },
        { "a=\"1; b=2\"", "a=\"1|b=2\"|" },
        { "a=\" 1 \"", "a=\" 1 \"|" },
        { "a=%20+%41", "a=%20+%41|" },
        { "%61=1", "%61=1|" },
        { "a=\xc3\xa4\xff", "a=\xc3\xa4\xff|" },
        { "$Version=1; a=1; $Path=/", "$Version=1|a=1|$Path=/|" },
        { "__Host-a=1", "__Host-a=1|" },
    };

    (void)state;
    CHECK(cases);
}

/* RFC 6265bis 5.7 and 5.8.3: a cookie without a name is sent as its value. */
static void test_nameless(void **state)
{
    static const case_t cases[] = {
        { "a", "=a|" },      { "=a", "=a|" },
        { " = a ", "=a|" },  { "a=1; b; c=3", "a=1|=b|c=3|" },
        { "a=", "a=|" },     { "a=; b=", "a=|b=|" },
        { "=", "" },         { "a=1; =; b=2", "a=1|b=2|" },
        { "=a=b", "=a=b|" },
    };

    (void)state;
    CHECK(cases);
}

/* A table that holds the field more than once: one behind the other. */
static void test_several_fields(void **state)
{
    (void)state;
    assert_string_equal(
        shown(hbr_cookies_parse(pool, fields("a=1; b=2", "c=3; a=4"))),
        "a=1|b=2|c=3|a=4|");
    assert_string_equal(shown(hbr_cookies_parse(pool, fields("", "c=3"))),
                        "c=3|");
}

static void test_none(void **state)
{
    const hbr_cookies_t *cookies = hbr_cookies_parse(pool, fields(NULL, NULL));

    (void)state;
    assert_int_equal(cookies->count, 0);
    assert_null(cookies->pairs);
}

static void test_refusal(void **state)
{
    static const char two[] =
        "The request has more than 2 cookies (BridgeLimitParams).";
    static const char one[] =
        "The request has more than 1 cookie (BridgeLimitParams).";
    static const struct {
        const char *first, *second;
        apr_size_t most;
        const char *why;
    } cases[] = {
        { NULL, NULL, 0, NULL },
        { "", NULL, 0, NULL },
        { "a=1; b=2", NULL, 2, NULL },
        { "a=1; b=2;", NULL, 2, NULL },
        { ";;a; ;=;b;;", NULL, 2, NULL },
        { "a=1; b=2; c", NULL, 2, two },
        { "a;b;=c", NULL, 2, two },
        { "a;b", NULL, 1, one },
        { "a", "b", 2, NULL },
        { "a", "b;c", 2, two },
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        const char *why = hbr_cookies_refusal(
            pool, fields(cases[i].first, cases[i].second), cases[i].most);

        if (cases[i].why == NULL)
            assert_null(why);
        else
            assert_string_equal(why, cases[i].why);
    }
}

/* On every text of six of these bytes: what is counted is what is parsed, and
 * writing the pairs down and parsing them again gives the same ones. */
static void test_agrees(void **state)
{
    static const char alphabet[] = "a=; \",";
    unsigned code;

    (void)state;
    for (code = 0; code < 6 * 6 * 6 * 6 * 6 * 6; code++) {
        unsigned rest = code;
        char text[7] = "";
        char first[400], again[400] = "";
        const hbr_cookies_t *cookies;
        apr_table_t *table;
        size_t i;

        for (i = 0; i < 6; i++, rest /= 6)
            text[i] = alphabet[rest % 6];
        table = fields(text, NULL);
        cookies = hbr_cookies_parse(pool, table);
        assert_null(hbr_cookies_refusal(pool, table, cookies->count));
        if (cookies->count > 0)
            assert_non_null(
                hbr_cookies_refusal(pool, table, cookies->count - 1));
        strcpy(first, shown(cookies));
        for (i = 0; i < cookies->count; i++) {
            strcat(again, cookies->pairs[i].name);
            strcat(again, "=");
            strcat(again, cookies->pairs[i].value);
            strcat(again, ";");
        }
        assert_string_equal(shown(hbr_cookies_parse(pool, fields(again, NULL))),
                            first);
        if (code % 1000 == 0)
            apr_pool_clear(pool);
    }
}

/* Time and memory grow with the field's length and no faster. */
static void test_long(void **state)
{
    enum { LENGTH = 100000 };
    static const char *const units[] = {
        "a=1;", ";", "=", "a", "a ", ";=", "\""
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(units); i++) {
        apr_size_t length = strlen(units[i]);
        char *field = apr_palloc(pool, LENGTH + 1);
        const hbr_cookies_t *cookies;
        apr_size_t live;
        size_t at;

        for (at = 0; at < LENGTH; at++)
            field[at] = units[i][at % length];
        field[LENGTH] = '\0';
        live = palloc_live();
        cookies = hbr_cookies_parse(pool, fields(field, NULL));
        assert_true(cookies->count <= LENGTH / 2);
        assert_true(palloc_live() - live
                    <= LENGTH + cookies->count * sizeof(hbr_pair_t) + 2000);
    }
}

static hbr_context_t *context(apr_table_t *headers_in)
{
    hbr_full_context_t *full = apr_pcalloc(pool, sizeof(*full));
    hbr_full_context_t made = {
        .view = { .pool = pool, .state = &full->state },
        .state = { .request = { .pool = pool, .headers_in = headers_in } }
    };

    memcpy(full, &made, sizeof(made));
    return &full->view;
}

/* Nothing is parsed before it is asked for, and once only; the pairs do not
 * live in a view's pool, which is cleared between a source's pieces. */
static void test_parsed_once(void **state)
{
    hbr_context_t *ctx = context(fields("a=1", NULL));
    apr_pool_t *piece;
    hbr_context_t *view;
    const char *value;
    apr_size_t live;

    (void)state;
    assert_null(ctx->state->cookies);
    apr_pool_create(&piece, pool);
    view = &(hbr_context_t){ .pool = piece, .state = ctx->state };
    value = hbr_cookie(view, "a", NULL);
    apr_pool_destroy(piece);
    live = palloc_live();
    assert_ptr_equal(hbr_cookie(ctx, "a", NULL), value);
    assert_string_equal(value, "1");
    assert_int_equal(palloc_live(), live);
}

MAIN(POOL_TEST(test_examples), POOL_TEST(test_order),
     POOL_TEST(test_separators), POOL_TEST(test_as_sent),
     POOL_TEST(test_nameless), POOL_TEST(test_several_fields),
     POOL_TEST(test_none), POOL_TEST(test_refusal), POOL_TEST(test_agrees),
     POOL_TEST(test_long), POOL_TEST(test_parsed_once))
