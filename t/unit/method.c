/*
 * The methods a handler declares (RFC 9110 9.1, 9.3.2, 10.2.1).
 */
#include "support/pool.h"

#include "method.h"

static void test_lists(void **state)
{
    static const struct {
        const char *text;
        const char *allow;
        bool get_only;
    } cases[] = {
        { NULL, "GET, HEAD, OPTIONS", true },
        { "GET", "GET, HEAD, OPTIONS", true },
        { "HEAD GET", "HEAD, GET, OPTIONS", true },
        { "HEAD", "HEAD, OPTIONS", false },
        { "POST", "POST, OPTIONS", false },
        { "GET, POST", "GET, HEAD, POST, OPTIONS", false },
        { " ,GET\tPOST,,PUT, ", "GET, HEAD, POST, PUT, OPTIONS", false },
        { "POST,GET", "POST, GET, HEAD, OPTIONS", false },
        { "GET,HEAD,GET,HEAD", "GET, HEAD, OPTIONS", true },
        { "POST POST POST", "POST, OPTIONS", false },
        { "GET,OPTIONS,PUT", "GET, HEAD, OPTIONS, PUT", false },
        { "OPTIONS", "OPTIONS", false },
        { "PROPFIND,M-SEARCH", "PROPFIND, M-SEARCH, OPTIONS", false },
        { "G", "G, OPTIONS", false },
        { "A,B,C,GET", "A, B, C, GET, HEAD, OPTIONS", false },
        { "*", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS", false }
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        hbr_methods_t methods;

        memset(&methods, 0xAA, sizeof(methods));
        assert_null(hbr_methods_parse(pool, cases[i].text, &methods));
        assert_string_equal(methods.allow, cases[i].allow);
        assert_int_equal(methods.get_only, cases[i].get_only);
    }
}

static void test_refused_lists(void **state)
{
    static const struct {
        const char *text;
        const char *part;
    } cases[] = { { "", "no method" },         { " , ", "no method" },
                  { "GET,*", "stands alone" }, { "* *", "stands alone" },
                  { "G@T", "token" },          { "GET;POST", "token" },
                  { "\"GET\"", "token" },      { "GR\xC3\x9C", "token" },
                  { "G/T", "token" },          { "GET\nPOST", "token" },
                  { "TRACE", "\"TRACE\"" },    { "GET,CONNECT", "\"CONNECT\"" },
                  { "get", "\"GET\"" },        { "POST,Put", "\"PUT\"" },
                  { "trace", "\"TRACE\"" } };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        hbr_methods_t methods;
        const char *why = hbr_methods_parse(pool, cases[i].text, &methods);

        assert_non_null(why);
        if (strstr(why, cases[i].part) == NULL)
            fail_msg("%s: %s", cases[i].text, why);
    }
}

static void test_allow(void **state)
{
    /* list, then methods that are allowed, then such that are not */
    static const struct {
        const char *list;
        const char *yes[6];
        const char *no[16];
    } cases[] = {
        { "GET",
          { "GET", "HEAD" },
          { "", "G", "H", "GE", "GETS", "HEA", "HEADS", "get", "head", "Get",
            "GOT", "HEAT", "POST", "OPTIONS", "TRACE" } },
        { "GET,POST",
          { "GET", "HEAD", "POST" },
          { "", "PUT", "post", "POSTS", "OPTIONS", "TRACE" } },
        { "POST", { "POST" }, { "GET", "HEAD", "OPTIONS" } },
        { "HEAD", { "HEAD" }, { "GET", "OPTIONS" } },
        { "OPTIONS,PROPFIND", { "OPTIONS", "PROPFIND" }, { "GET", "HEAD" } },
        { "*",
          { "GET", "HEAD", "OPTIONS", "FOO", "trace" },
          { "TRACE", "CONNECT" } }
    };
    size_t i, n;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        hbr_methods_t methods;

        assert_null(hbr_methods_parse(pool, cases[i].list, &methods));
        for (n = 0; n < 6 && cases[i].yes[n] != NULL; n++) {
            if (!hbr_methods_allow(&methods, cases[i].yes[n]))
                fail_msg("%s: not %s", cases[i].list, cases[i].yes[n]);
        }
        for (n = 0; n < 16 && cases[i].no[n] != NULL; n++) {
            if (hbr_methods_allow(&methods, cases[i].no[n]))
                fail_msg("%s: %s", cases[i].list, cases[i].no[n]);
        }
    }
}

/* RFC 9110 5.6.2, byte by byte. */
static void test_token_bytes(void **state)
{
    unsigned byte;

    (void)state;
    for (byte = 1; byte < 256; byte++) {
        char text[] = { 'A', (char)byte, 'B', '\0' };
        bool token = byte < 128
                     && strchr("!#$%&'*+-.^_`|~, \t0123456789"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz",
                               (int)byte)
                            != NULL;
        hbr_methods_t methods;

        assert_int_equal(hbr_methods_parse(pool, text, &methods) == NULL,
                         token);
    }
}

static hbr_methods_t read_list(const char *text)
{
    hbr_methods_t methods;

    assert_null(hbr_methods_parse(pool, text, &methods));
    return methods;
}

/* Two lists, what both allow, and what one of the two does: as Allow fields,
 * with all that follows from the names. */
static void test_meet_and_join(void **state)
{
    static const struct {
        const char *a, *b;
        const char *met, *joined;
        bool met_get_only, joined_get_only;
    } rows[] = {
        { "GET", "GET", "GET, HEAD, OPTIONS", "GET, HEAD, OPTIONS", true,
          true },
        { "GET, POST", "POST, GET", "GET, HEAD, POST, OPTIONS",
          "GET, HEAD, POST, OPTIONS", false, false },
        { "GET, POST", "GET", "GET, HEAD, OPTIONS", "GET, HEAD, POST, OPTIONS",
          true, false },
        { "GET", "POST", "OPTIONS", "GET, HEAD, POST, OPTIONS", false, false },
        { "HEAD", "GET", "HEAD, OPTIONS", "HEAD, GET, OPTIONS", false, true },
        { "GET", "OPTIONS", "OPTIONS", "GET, HEAD, OPTIONS", false, false },
        { "OPTIONS", "OPTIONS", "OPTIONS", "OPTIONS", false, false },
        { "PUT, OPTIONS", "OPTIONS, GET", "OPTIONS", "PUT, OPTIONS, GET, HEAD",
          false, false },
        { "*", "PUT", "PUT, OPTIONS",
          "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS", false, false },
        { "BREW", "*", "BREW, OPTIONS",
          "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS", false, false },
        { "*", "*", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
          "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS", false, false },
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(rows); i++) {
        hbr_methods_t a = read_list(rows[i].a), b = read_list(rows[i].b);
        hbr_methods_t met, joined;

        hbr_methods_meet(pool, &a, &b, &met);
        hbr_methods_join(pool, &a, &b, &joined);
        assert_string_equal(met.allow, rows[i].met);
        assert_string_equal(joined.allow, rows[i].joined);
        assert_int_equal(met.get_only, rows[i].met_get_only);
        assert_int_equal(joined.get_only, rows[i].joined_get_only);
        hbr_methods_meet(pool, &a, &b, &b);
        assert_string_equal(b.allow, rows[i].met);
        b = read_list(rows[i].b);
        hbr_methods_join(pool, &a, &b, &a);
        assert_string_equal(a.allow, rows[i].joined);
    }
}

/* What meets may be none: not even GET is allowed, and what is then joined is
 * the other. */
static void test_none(void **state)
{
    static const char *const tried[] = { "GET",   "HEAD",    "POST", "",
                                         "TRACE", "OPTIONS", "*" };
    hbr_methods_t get = read_list("GET"), post = read_list("POST");
    hbr_methods_t none, met, any = read_list("*");
    size_t i;

    (void)state;
    hbr_methods_meet(pool, &get, &post, &none);
    assert_int_equal(none.count, 0);
    assert_false(none.any);
    for (i = 0; i < ITEMS(tried); i++)
        assert_false(hbr_methods_allow(&none, tried[i]));
    hbr_methods_meet(pool, &none, &any, &met);
    assert_string_equal(met.allow, "OPTIONS");
    assert_false(hbr_methods_allow(&met, "GET"));
    hbr_methods_meet(pool, &get, &none, &met);
    assert_string_equal(met.allow, "OPTIONS");
    hbr_methods_join(pool, &none, &get, &met);
    assert_string_equal(met.allow, "GET, HEAD, OPTIONS");
    assert_true(met.get_only);
}

/* Neither changes what it is given. */
static void test_operands_stay(void **state)
{
    hbr_methods_t a = read_list("GET, PUT"), b = read_list("PUT, POST");
    hbr_methods_t result;

    (void)state;
    hbr_methods_meet(pool, &a, &b, &result);
    hbr_methods_join(pool, &a, &b, &result);
    assert_string_equal(a.allow, "GET, HEAD, PUT, OPTIONS");
    assert_string_equal(b.allow, "PUT, POST, OPTIONS");
    assert_int_equal(a.count, 3);
    assert_false(hbr_methods_allow(&a, "POST"));
    assert_false(hbr_methods_allow(&b, "GET"));
}

MAIN(POOL_TEST(test_meet_and_join), POOL_TEST(test_none),
     POOL_TEST(test_operands_stay), POOL_TEST(test_lists),
     POOL_TEST(test_refused_lists), POOL_TEST(test_allow),
     POOL_TEST(test_token_bytes))
