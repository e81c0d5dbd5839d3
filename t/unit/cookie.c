/*
 * Set-Cookie: RFC 6265 4.1, RFC 6265bis 4.1.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <apr_general.h>

#include "cookie.h"

static apr_pool_t *pool;

typedef struct case_t {
    hbr_cookie_t cookie;
    bool tls;
    const char *value;   /* NULL: refused ... */
    const char *problem; /* ... for a reason that holds this. */
} case_t;

static void check(const case_t *cases, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        const case_t *c = &cases[i];
        const char *problem = "untouched";
        const char *value =
            hbr_cookie_format(pool, &c->cookie, c->tls, &problem);

        if (c->value != NULL) {
            assert_null(problem);
            assert_string_equal(value, c->value);
        } else if (value != NULL) {
            fail_msg("case %d gives %s", (int)i, value);
        } else if (strstr(problem, c->problem) == NULL) {
            fail_msg("case %d: %s", (int)i, problem);
        }
    }
}

#define CHECK(cases) check(cases, sizeof(cases) / sizeof(*(cases)))

/* The examples of RFC 6265 3.1, with the safe defaults. */
static void test_examples(void **state)
{
    static const case_t cases[] = {
        { .cookie = { .name = "SID", .value = "31d4d96e407aad42" },
          .value = "SID=31d4d96e407aad42; Path=/; HttpOnly; SameSite=Lax" },
        { .cookie = { .name = "SID", .value = "31d4d96e407aad42" },
          .tls = true,
          .value = "SID=31d4d96e407aad42; Path=/; Secure; HttpOnly; "
                   "SameSite=Lax" },
        { .cookie = { .name = "lang",
                      .value = "en-US",
                      .domain = "example.com",
                      .script = true },
          .value = "lang=en-US; Path=/; Domain=example.com; SameSite=Lax" },
        { .cookie = { .name = "lang", .max_age = -1 },
          .value = "lang=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 "
                   "00:00:00 GMT; HttpOnly; SameSite=Lax" },
    };

    (void)state;
    CHECK(cases);
}

static void test_attributes(void **state)
{
    static const case_t cases[] = {
        { .cookie = { .name = "a", .value = "b", .secure = true },
          .value = "a=b; Path=/; Secure; HttpOnly; SameSite=Lax" },
        { .cookie = { .name = "a", .value = "b", .plain = true },
          .tls = true,
          .value = "a=b; Path=/; HttpOnly; SameSite=Lax" },
        { .cookie = { .name = "a",
                      .value = "b",
                      .path = "/x y",
                      .same_site = HBR_SAMESITE_STRICT },
          .value = "a=b; Path=/x y; HttpOnly; SameSite=Strict" },
        { .cookie = { .name = "a",
                      .value = "b",
                      .same_site = HBR_SAMESITE_NONE },
          .tls = true,
          .value = "a=b; Path=/; Secure; HttpOnly; SameSite=None" },
        { .cookie = { .name = "a", .value = "b", .max_age = 3600 },
          .value = "a=b; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax" },
        { .cookie = { .name = "a", .value = "b", .max_age = INT64_MAX },
          .value = "a=b; Path=/; Max-Age=9223372036854775807; HttpOnly; "
                   "SameSite=Lax" },
        { .cookie = { .name = "a", .value = "b", .max_age = INT64_MIN },
          .value = "a=b; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 "
                   "GMT; HttpOnly; SameSite=Lax" },
        { .cookie = { .name = "a", .value = "" },
          .value = "a=; Path=/; HttpOnly; SameSite=Lax" },
        { .cookie = { .name = "a", .value = "b==", .domain = ".a-1.Example" },
          .value = "a=b==; Path=/; Domain=.a-1.Example; HttpOnly; "
                   "SameSite=Lax" },
    };

    (void)state;
    CHECK(cases);
}

/* RFC 6265bis 4.1.2.7, and what contradicts itself. */
static void test_contradictions(void **state)
{
    static const case_t cases[] = {
        { .cookie = { .name = "a", .same_site = HBR_SAMESITE_NONE },
          .problem = "SameSite=None" },
        { .cookie = { .name = "a",
                      .same_site = HBR_SAMESITE_NONE,
                      .plain = true },
          .tls = true,
          .problem = "SameSite=None" },
        { .cookie = { .name = "a", .secure = true, .plain = true },
          .tls = true,
          .problem = ".plain" },
        { .cookie = { .name = "a", .same_site = (hbr_samesite_e)9 },
          .problem = ".same_site" },
    };

    (void)state;
    CHECK(cases);
}

/* RFC 6265bis 4.1.3: prefixes, in any case. */
static void test_prefixes(void **state)
{
    static const case_t cases[] = {
        { .cookie = { .name = "__Host-a", .value = "b" },
          .tls = true,
          .value = "__Host-a=b; Path=/; Secure; HttpOnly; SameSite=Lax" },
        { .cookie = { .name = "__Host-a",
                      .value = "b",
                      .path = "/",
                      .secure = true },
          .value = "__Host-a=b; Path=/; Secure; HttpOnly; SameSite=Lax" },
        { .cookie = { .name = "__Secure-a",
                      .value = "b",
                      .path = "/x",
                      .domain = "example.com" },
          .tls = true,
          .value = "__Secure-a=b; Path=/x; Domain=example.com; Secure; "
                   "HttpOnly; SameSite=Lax" },
        { .cookie = { .name = "__Hosta", .value = "b" },
          .value = "__Hosta=b; Path=/; HttpOnly; SameSite=Lax" },
        { .cookie = { .name = "__Host-a" }, .problem = "Secure" },
        { .cookie = { .name = "__hOST-a" }, .problem = "Secure" },
        { .cookie = { .name = "__Secure-a" }, .problem = "Secure" },
        { .cookie = { .name = "__SECURE-a", .plain = true },
          .tls = true,
          .problem = "Secure" },
        { .cookie = { .name = "__Host-a", .path = "/x" },
          .tls = true,
          .problem = "path" },
        { .cookie = { .name = "__host-a", .path = "/x" },
          .tls = true,
          .problem = "path" },
        { .cookie = { .name = "__Host-a", .domain = "example.com" },
          .tls = true,
          .problem = "domain" },
        { .cookie = { .name = "__Host-a", .domain = "" },
          .tls = true,
          .problem = "domain" },
    };

    (void)state;
    CHECK(cases);
}

static void test_names(void **state)
{
    static const case_t cases[] = {
        { .cookie = { .value = "b" }, .problem = "name" },
        { .cookie = { .name = "", .value = "b" }, .problem = "name" },
        { .cookie = { .name = "a b" }, .problem = "name" },
        { .cookie = { .name = "a=b" }, .problem = "name" },
        { .cookie = { .name = "a;" }, .problem = "name" },
        { .cookie = { .name = "a\r\n" }, .problem = "name" },
        { .cookie = { .name = "\xC3\xA4" }, .problem = "name" },
    };

    (void)state;
    CHECK(cases);
}

static bool formats(const hbr_cookie_t *cookie)
{
    const char *problem;
    const char *value = hbr_cookie_format(pool, cookie, false, &problem);

    assert_int_equal(value == NULL, problem != NULL);
    if (problem != NULL && cookie->value != NULL && *cookie->value != '\0')
        assert_null(strstr(problem, cookie->value));
    return value != NULL;
}

/* RFC 6265 4.1.1: cookie-octet, path-value, and a domain's letters. */
static void test_every_byte(void **state)
{
    int c;

    (void)state;
    for (c = 1; c < 256; c++) {
        char value[] = { 'S', 'E', 'C', (char)c, 'T', '\0' };
        char path[] = { '/', (char)c, 'x', '\0' };
        char domain[] = { 'x', (char)c, 'y', '\0' };
        bool visible = c > 0x20 && c < 0x7F;
        bool letter = c < 0x80 && c != 0
                      && strchr("-.0123456789abcdefghijklmnopqrstuvwxyz",
                                c >= 'A' && c <= 'Z' ? c + 32 : c)
                             != NULL;

        assert_int_equal(
            formats(&(hbr_cookie_t){ .name = "a", .value = value }),
            visible && strchr("\",;\\", c) == NULL);
        assert_int_equal(formats(&(hbr_cookie_t){ .name = "a", .path = path }),
                         (visible || c == ' ') && c != ';');
        assert_int_equal(
            formats(&(hbr_cookie_t){ .name = "a", .domain = domain }), letter);
    }
}

static void test_paths_and_domains(void **state)
{
    static const char *const paths[] = { "", "x", "x/", " /", ";", "\t/" };
    static const char *const domains[] = { "",      ".",
                                           "..",    ".a.",
                                           "a.",    "a..b",
                                           "..a",   "a b",
                                           "a;b",   "a:80",
                                           "[::1]", "a_b.example",
                                           "a/b",   "\xC3\xBC.example",
                                           "a\r\n" };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(paths) / sizeof(*paths); i++)
        assert_false(formats(&(hbr_cookie_t){ .name = "a", .path = paths[i] }));
    for (i = 0; i < sizeof(domains) / sizeof(*domains); i++)
        assert_false(
            formats(&(hbr_cookie_t){ .name = "a", .domain = domains[i] }));
}

static const char *repeat(char *text, char c, size_t length)
{
    memset(text, c, length);
    text[length] = '\0';
    return text;
}

/* RFC 6265bis 5.6: what is longer, a browser drops. */
static void test_lengths(void **state)
{
    char text[HBR_COOKIE_MAX + 2];
    const hbr_cookie_t value = { .name = "name", .value = text };
    const hbr_cookie_t path = { .name = "name", .path = text };
    const hbr_cookie_t domain = { .name = "name", .domain = text };

    (void)state;
    repeat(text, 'v', HBR_COOKIE_MAX - strlen("name"));
    assert_true(formats(&value));
    repeat(text, 'v', HBR_COOKIE_MAX - strlen("name") + 1);
    assert_false(formats(&value));
    repeat(text, '/', HBR_COOKIE_ATTRIBUTE_MAX);
    assert_true(formats(&path));
    repeat(text, '/', HBR_COOKIE_ATTRIBUTE_MAX + 1);
    assert_false(formats(&path));
    repeat(text, 'd', HBR_COOKIE_ATTRIBUTE_MAX);
    assert_true(formats(&domain));
    repeat(text, 'd', HBR_COOKIE_ATTRIBUTE_MAX + 1);
    assert_false(formats(&domain));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_contradictions),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_paths_and_domains),
        cmocka_unit_test(test_lengths),
    };

    apr_initialize();
    apr_pool_create(&pool, NULL);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
