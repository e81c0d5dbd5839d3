/*
 * What the client sent: query, header fields, server variables.
 */
#include <stdio.h>

#include "support/main.h"
#include "support/serve.h"

static int show_query(hbr_context_t *ctx)
{
    return hbr_text(ctx, "%s|%s", hbr_query(ctx, "a", "-"),
                    hbr_query(ctx, "b", "-"));
}

/* WHATWG URL Standard 5.1. */
static void test_query(void **state)
{
    static const struct {
        const char *url, *shown;
    } rows[] = {
        { "/any", "-|-" },
        { "/any?", "-|-" },
        { "/any?a=1&b=2", "1|2" },
        { "/any?b=2&a=1", "1|2" },
        { "/any?a", "|-" },
        { "/any?a=", "|-" },
        { "/any?a=1&a=2", "1|-" },
        { "/any?A=1", "-|-" },
        { "/any?a=x+y%20z%2B", "x y z+|-" },
        { "/any?a=%zz%4&b=%41", "%zz%4|A" },
        { "/any?a=1=2&&&b==", "1=2|=" },
        { "/any?%61=1", "1|-" },
        { "/any?a=1;b=2", "1;b=2|-" },
        { "/any?a=%C3%A4%FF", "\xc3\xa4\xff|-" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++)
        assert_string_equal(SERVE(show_query, .url = rows[i].url)->body,
                            rows[i].shown);
}

static const char *walked_name;

static int walk(hbr_context_t *ctx)
{
    const hbr_pair_t *pair = NULL;

    while ((pair = hbr_query_next(ctx, walked_name, pair)) != NULL) {
        assert_int_equal(strlen(pair->name), pair->name_length);
        assert_int_equal(strlen(pair->value), pair->value_length);
        hbr_printf(ctx, "%s=%s;", pair->name, pair->value);
    }
    assert_null(hbr_query(ctx, "no-such-name", NULL));
    return HBR_OK;
}

/* Repeated names are kept, in order. */
static void test_walk(void **state)
{
    static const struct {
        const char *url, *name, *shown;
    } rows[] = {
        { "/any?t=1&u=2&t=3&T=4", "t", "t=1;t=3;" },
        { "/any?t=1&u=2&t=3", NULL, "t=1;u=2;t=3;" },
        { "/any?t=1", "u", "" },
        { "/any", NULL, "" },
        { "/any?=1&=", NULL, "=1;=;" },
        { "/any?=1", "", "=1;" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        walked_name = rows[i].name;
        assert_string_equal(SERVE(walk, .url = rows[i].url)->body,
                            rows[i].shown);
    }
}

static int show_cookies(hbr_context_t *ctx)
{
    const hbr_pair_t *pair = NULL;
    const char *fallback = "-";

    assert_ptr_equal(hbr_cookie(ctx, "no-such-name", fallback), fallback);
    hbr_printf(ctx, "%s:", hbr_cookie(ctx, "sid", fallback));
    while ((pair = hbr_cookie_next(ctx, walked_name, pair)) != NULL)
        hbr_printf(ctx, "%s=%s;", pair->name, pair->value);
    return HBR_OK;
}

/* RFC 6265 5.4: in order, duplicates kept; the field's name ignores case. */
static void test_cookies(void **state)
{
    static const struct {
        const char *header, *name, *shown;
    } rows[] = {
        { NULL, NULL, "-:" },
        { "Cookie: sid=1; a=2; sid=3", NULL, "1:sid=1;a=2;sid=3;" },
        { "COOKIE: sid=1; a=2; sid=3", "sid", "1:sid=1;sid=3;" },
        { "Cookie: Sid=1", "sid", "-:" },
        { "Cookie: lone", "", "-:=lone;" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        walked_name = rows[i].name;
        assert_string_equal(
            SERVE(show_cookies, .headers = HEADERS(rows[i].header))->body,
            rows[i].shown);
    }
}

static int never(hbr_context_t *ctx)
{
    (void)ctx;
    fail_msg("process ran");
    return HBR_OK;
}

/* RFC 6585 5. Too many are refused before the handler runs, naming the directive. */
static void test_too_many_cookies(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    walked_name = NULL;
    r = SERVE(show_cookies, .headers = HEADERS("Cookie: a=1; b=2"),
              .params = 2);
    assert_int_equal(r->status, 200);
    r = SERVE(never, .headers = HEADERS("Cookie: a=1; b=2; c=3"), .params = 2);
    assert_int_equal(r->status, 431);
    assert_non_null(strstr(r->body, "more than 2 cookies (BridgeLimitParams)"));
}

static int show_param(hbr_context_t *ctx)
{
    assert_null(hbr_param(ctx, "no-such-name", NULL));
    return hbr_text(ctx, "%s", hbr_param(ctx, "REMOTE_USER", "-"));
}

/* Query, form, cookies, server variables, as ASP.NET has it. A body that is no
 * form is not read. */
static void test_param_order(void **state)
{
    const char *const *cookie = HEADERS("Cookie: REMOTE_USER=c");
    const char *const *form =
        HEADERS("Content-Type: application/x-www-form-urlencoded",
                "Cookie: REMOTE_USER=c");

    (void)state;
    assert_string_equal(SERVE(show_param, .url = "/any?REMOTE_USER=q",
                              .headers = form, .method = "POST",
                              .body = "REMOTE_USER=f", .user = "u")
                            ->body,
                        "q");
    assert_string_equal(SERVE(show_param, .headers = form, .method = "POST",
                              .body = "REMOTE_USER=f", .user = "u")
                            ->body,
                        "f");
    assert_string_equal(SERVE(show_param, .headers = form, .method = "POST",
                              .body = "x=f", .user = "u")
                            ->body,
                        "c");
    assert_string_equal(SERVE(show_param, .headers = cookie, .method = "POST",
                              .body = "REMOTE_USER=f",
                              .body_end = HBR_TEST_BODY_CUT)
                            ->body,
                        "c");
    assert_string_equal(SERVE(show_param, .url = "/any?REMOTE_USER=q",
                              .headers = cookie, .user = "u")
                            ->body,
                        "q");
    assert_string_equal(SERVE(show_param, .headers = cookie, .user = "u")->body,
                        "c");
    assert_string_equal(
        SERVE(show_param, .url = "/any?REMOTE_USER=q", .user = "u")->body, "q");
    assert_string_equal(SERVE(show_param, .user = "u")->body, "u");
    assert_string_equal(SERVE(show_param)->body, "-");
}

static int show_header(hbr_context_t *ctx)
{
    const char *fallback = "none";

    assert_ptr_equal(hbr_header(ctx, "X-None", fallback), fallback);
    return hbr_text(ctx, "%s", hbr_header(ctx, "x-WORD", fallback));
}

/* RFC 9110 5.1 (names ignore case), 5.3 (repeated fields). */
static void test_header(void **state)
{
    (void)state;
    assert_string_equal(SERVE(show_header)->body, "none");
    assert_string_equal(
        SERVE(show_header, .headers = HEADERS("X-Word: a"))->body, "a");
    assert_string_equal(
        SERVE(show_header, .headers = HEADERS("X-Word: a", "x-word: b"))->body,
        "a, b");
    assert_string_equal(SERVE(show_header, .headers = HEADERS("X-Word:"))->body,
                        "");
}

static const char *variable_name;

static int show_variable(hbr_context_t *ctx)
{
    const char *value = hbr_variable(ctx, variable_name);

    return hbr_text(ctx, "%s", value != NULL ? value : "NULL");
}

/* RFC 3875 4.1; secrets are withheld. */
static void test_variables(void **state)
{
    static const struct {
        const char *name, *value;
    } rows[] = {
        { "REQUEST_METHOD", "GET" },
        { "QUERY_STRING", "q=1" },
        { "PATH_INFO", "/rest" },
        { "SCRIPT_NAME", "/any" },
        { "REMOTE_ADDR", "2001:db8::1" },
        { "HTTPS", "on" },
        { "HTTP_USER_AGENT", "test/1" },
        { "MY_VARIABLE", "mine" },
        { "REQUEST_SCHEME", "https" },
        { "REMOTE_USER", "user" },
        { "HTTP_AUTHORIZATION", "NULL" },
        { "NO_SUCH_THING", "NULL" },
        { "HTTP_PROXY", "NULL" },
        { "HTTP_PROXY_AUTHORIZATION", "NULL" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        variable_name = rows[i].name;
        assert_string_equal(
            SERVE(show_variable, .url = "/any/rest?q=1", .https = true,
                  .client_address = "2001:db8::1", .user = "user",
                  .variables = HEADERS("OTHER=1", "MY_VARIABLE=mine"),
                  .headers =
                      HEADERS("User-Agent: test/1", "Authorization: Basic eDp5",
                              "Proxy-Authorization: Basic eDp5",
                              "Proxy: http://example.net/"))
                ->body,
            rows[i].value);
    }
}

static int show_facts(hbr_context_t *ctx)
{
    const char *user = hbr_user(ctx);

    return hbr_text(ctx, "%s %s %s %lld", hbr_scheme(ctx),
                    hbr_client_address(ctx), user ? user : "-",
                    (long long)apr_time_sec(hbr_request_time(ctx)));
}

static void test_facts(void **state)
{
    (void)state;
    assert_string_equal(
        SERVE(show_facts, .time = apr_time_from_sec(1700000000))->body,
        "http 192.0.2.1 - 1700000000");
    assert_string_equal(SERVE(show_facts, .time = apr_time_from_sec(5),
                              .https = true, .user = "me",
                              .client_address = "198.51.100.7")
                            ->body,
                        "https 198.51.100.7 me 5");
}

static int negotiate(hbr_context_t *ctx)
{
    static const char *const types[] = { "text/html", "application/json",
                                         "text/plain", NULL };

    hbr_header_set(ctx, "X-Choice", "made");
    return hbr_text(ctx, "%d", hbr_negotiate(ctx, types));
}

/* RFC 9110 12.5.1. */
static void test_negotiate(void **state)
{
    static const struct {
        const char *accept, *choice;
    } rows[] = {
        { NULL, "0" },
        { "Accept: */*", "0" },
        { "Accept: application/json", "1" },
        { "Accept: text/*", "0" },
        { "Accept: text/*;q=0.5, application/json", "1" },
        { "Accept: text/plain, text/html;q=0.9", "2" },
        { "Accept: text/html;q=0, */*", "1" },
        { "Accept: image/png", "-1" },
        { "Accept: text/html;q=0", "-1" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r =
            SERVE(negotiate, .headers = HEADERS(rows[i].accept));

        assert_string_equal(r->body, rows[i].choice);
        assert_string_equal(hbr_test_header(r, "Vary"), "Accept");
    }
}

static int negotiate_language(hbr_context_t *ctx)
{
    static const char *const languages[] = { "en", "de", "fr", NULL };

    return hbr_text(ctx, "%d", hbr_negotiate_language(ctx, languages));
}

/* RFC 9110 12.5.4. */
static void test_negotiate_language(void **state)
{
    static const struct {
        const char *field, *choice;
    } rows[] = {
        { NULL, "0" },
        { "Accept-Language: de-CH, en;q=0.8", "1" },
        { "Accept-Language: it", "-1" },
        { "Accept-Language: *;q=0.1, fr", "2" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r =
            SERVE(negotiate_language, .headers = HEADERS(rows[i].field));

        assert_string_equal(r->body, rows[i].choice);
        assert_string_equal(hbr_test_header(r, "Vary"), "Accept-Language");
    }
}

static int negotiate_late(hbr_context_t *ctx)
{
    static const char *const languages[] = { "en", NULL };

    hbr_puts(ctx, "x");
    hbr_flush(ctx);
    assert_int_equal(hbr_negotiate_language(ctx, languages), 0);
    assert_null(apr_table_get(ctx->headers_out, "Vary"));
    return HBR_OK;
}

/* A head that has left is not touched. */
static void test_negotiate_late(void **state)
{
    (void)state;
    assert_string_equal(SERVE(negotiate_late)->body, "x");
}

static const char *vary_before;

static int negotiate_with_vary(hbr_context_t *ctx)
{
    static const char *const types[] = { "text/html", NULL };

    if (vary_before != NULL)
        hbr_header_set(ctx, "Vary", vary_before);
    hbr_negotiate(ctx, types);
    hbr_negotiate(ctx, types);
    return hbr_text(ctx, "x");
}

/* RFC 9110 12.5.5: the field is added once, beside what is there. */
static void test_vary(void **state)
{
    static const struct {
        const char *before, *after;
    } rows[] = {
        { NULL, "Accept" },
        { "Accept", "Accept" },
        { "accept", "accept" },
        { "*", "*" },
        { "Cookie", "Cookie, Accept" },
        { "Accept-Language", "Accept-Language, Accept" },
        { "Cookie,ACCEPT", "Cookie,ACCEPT" },
        { "X-Accept", "X-Accept, Accept" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        vary_before = rows[i].before;
        assert_string_equal(hbr_test_header(SERVE(negotiate_with_vary), "Vary"),
                            rows[i].after);
    }
}

static int log_lines(hbr_context_t *ctx)
{
    hbr_log(ctx, HBR_LOG_ERROR, "error %d", 1);
    hbr_log(ctx, HBR_LOG_INFO, "info %zu", (size_t)2);
    hbr_log(ctx, HBR_LOG_TRACE, "trace %s", "3");
    return HBR_OK;
}

/* The handler's name stands before its lines; the level decides. */
static void test_log(void **state)
{
    const hbr_test_response_t *r = SERVE(log_lines);

    (void)state;
    assert_int_equal(r->line_count, 3);
    assert_string_equal(r->lines[0].text, "any: error 1");
    assert_string_equal(r->lines[1].text, "any: info 2");
    assert_int_equal(r->lines[2].level, HBR_LOG_TRACE);
    r = SERVE(log_lines, .log_level = HBR_LOG_WARNING);
    assert_int_equal(r->line_count, 1);
    assert_null(hbr_test_logged(kit, "info"));
}

static int log_much(hbr_context_t *ctx)
{
    hbr_log(ctx, HBR_LOG_ERROR, "%0*d", 100000, 1);
    return HBR_OK;
}

static void test_long_line(void **state)
{
    const hbr_test_response_t *r = SERVE(log_much);

    (void)state;
    assert_int_equal(r->line_count, 1);
    assert_true(strlen(r->lines[0].text) > 100);
    assert_true(strlen(r->lines[0].text) < 10000);
}

MAIN(SERVE_TEST(test_query), SERVE_TEST(test_walk), SERVE_TEST(test_cookies),
     SERVE_TEST(test_too_many_cookies), SERVE_TEST(test_param_order),
     SERVE_TEST(test_header), SERVE_TEST(test_variables),
     SERVE_TEST(test_facts), SERVE_TEST(test_negotiate),
     SERVE_TEST(test_negotiate_language), SERVE_TEST(test_negotiate_late),
     SERVE_TEST(test_vary), SERVE_TEST(test_log), SERVE_TEST(test_long_line))
