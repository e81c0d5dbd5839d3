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

MAIN(POOL_TEST(test_lists), POOL_TEST(test_refused_lists),
     POOL_TEST(test_allow), POOL_TEST(test_token_bytes))
