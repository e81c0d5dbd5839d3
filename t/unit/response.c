/*
 * The response's head: status, type, header fields, cookies, redirects.
 */
#include <stdio.h>

#include "support/main.h"
#include "support/serve.h"

static int number;
static apr_status_t said;

static int set_status(hbr_context_t *ctx)
{
    said = hbr_status(ctx, number);
    hbr_puts(ctx, "body");
    return HBR_OK;
}

/* RFC 9110 15: three digits; 1xx is no final status. */
static void test_status(void **state)
{
    (void)state;
    for (number = -5; number < 700; number++) {
        const hbr_test_response_t *r = SERVE(set_status);
        bool valid = number >= 200 && number <= 599;

        assert_int_equal(said, valid ? APR_SUCCESS : APR_EINVAL);
        assert_int_equal(r->status, valid ? number : 200);
        if (!valid)
            assert_int_equal(count_lines(r, HBR_LOG_ERROR), 1);
        hbr_test_clear(kit);
    }
}

static int own_error_page(hbr_context_t *ctx)
{
    hbr_status(ctx, 404);
    hbr_html(ctx, "<p>my own page</p>");
    return HBR_OK;
}

/* A status set beside a body is the handler's own page. */
static void test_own_error_page(void **state)
{
    const hbr_test_response_t *r = SERVE(own_error_page);

    (void)state;
    assert_int_equal(r->status, 404);
    assert_string_equal(r->body, "<p>my own page</p>");
}

static const char *text;

static int set_type(hbr_context_t *ctx)
{
    said = hbr_type(ctx, text);
    hbr_puts(ctx, "x");
    return HBR_OK;
}

/* RFC 9110 8.3.1. */
static void test_type(void **state)
{
    static const struct {
        const char *type;
        bool valid;
    } rows[] = {
        { "text/html", true },
        { "text/html; charset=utf-8", true },
        { "application/vnd.x+json", true },
        { "text/plain;a=\"b;c\"", true },
        { "", false },
        { "text", false },
        { "text/", false },
        { "/html", false },
        { "text/html\r\nX: y", false },
        { "text/html\n", false },
        { "text /html", false },
        { "text/html; charset", false },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r;

        text = rows[i].type;
        r = SERVE(set_type);
        if ((said == APR_SUCCESS) != rows[i].valid)
            fail_msg("\"%s\"", text);
        assert_string_equal(r->type,
                            rows[i].valid ? text : "text/plain; charset=utf-8");
    }
}

static const char *name, *value;

static int set_field(hbr_context_t *ctx)
{
    apr_status_t added;

    said = hbr_header_set(ctx, name, value);
    added = hbr_header_add(ctx, name, value);
    assert_int_equal(said, added);
    return HBR_OK;
}

/* RFC 9110 5.1, 5.5, 5.6.2. */
static void test_fields(void **state)
{
    static const struct {
        const char *name, *value;
        bool valid;
    } rows[] = {
        { "X-Plain", "value", true },
        { "x!#$%&'*+-.^_`|~9", "v", true },
        { "X-Empty", "", true },
        { "X-Tab", "a\tb", true },
        { "X-Bytes", "\xc3\xa4", true },
        { "", "v", false },
        { "X Y", "v", false },
        { "X:", "v", false },
        { "X\r\nY", "v", false },
        { "X\xc3\xa4", "v", false },
        { "X(", "v", false },
        { "X-Inject", "a\r\nSet-Cookie: b=c", false },
        { "X-Inject", "a\nb", false },
        { "X-Inject", "a\rb", false },
        { "X-Fold", "a\r\n b", false },
        { "X-Control",
          "a\x01"
          "b",
          false },
        { "X-Control", "a\x7f", false },
        { "Content-Length", "5", false },
        { "content-length", "5", false },
        { "Transfer-Encoding", "chunked", false },
        { "Connection", "close", false },
        { "Keep-Alive", "timeout=5", false },
        { "Upgrade", "h2c", false },
        { "Trailer", "X", false },
        { "Proxy-Connection", "close", false },
        { "Content-Range", "bytes 0-1/2", false },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r;

        name = rows[i].name;
        value = rows[i].value;
        r = SERVE(set_field);
        if ((said == APR_SUCCESS) != rows[i].valid)
            fail_msg("\"%s: %s\"", name, value);
        if (rows[i].valid)
            assert_string_equal(hbr_test_header(r, name), value);
        else
            assert_int_equal(apr_table_elts(r->headers)->nelts, 0);
        assert_int_equal(count_lines(r, HBR_LOG_ERROR), rows[i].valid ? 0 : 2);
    }
}

static int change_fields(hbr_context_t *ctx)
{
    char copied[] = "copied";

    hbr_header_add(ctx, "X-Many", "1");
    hbr_header_add(ctx, "x-many", "2");
    hbr_header_set(ctx, "X-Set", "1");
    hbr_header_set(ctx, "X-SET", "2");
    hbr_header_set(ctx, "X-Gone", "1");
    hbr_header_unset(ctx, "x-gone");
    assert_int_equal(hbr_header_unset(ctx, "X-Never"), APR_SUCCESS);
    assert_int_equal(hbr_header_unset(ctx, "Content-Length"), APR_EINVAL);
    hbr_header_set(ctx, "X-Copied", copied);
    memset(copied, 'x', sizeof(copied) - 1);
    return hbr_text(ctx, "x");
}

static int count_field(const hbr_test_response_t *r, const char *field)
{
    const apr_array_header_t *all = apr_table_elts(r->headers);
    const apr_table_entry_t *entry = (const apr_table_entry_t *)all->elts;
    int i, count = 0;

    for (i = 0; i < all->nelts; i++)
        count += strcasecmp(entry[i].key, field) == 0;
    return count;
}

static void test_set_add_unset(void **state)
{
    const hbr_test_response_t *r = SERVE(change_fields);

    (void)state;
    assert_int_equal(count_field(r, "X-Many"), 2);
    assert_int_equal(count_field(r, "X-Set"), 1);
    assert_string_equal(hbr_test_header(r, "X-Set"), "2");
    assert_null(hbr_test_header(r, "X-Gone"));
    assert_string_equal(hbr_test_header(r, "X-Copied"), "copied");
}

static hbr_cookie_t cookie;

static int set_cookie(hbr_context_t *ctx)
{
    said = hbr_cookie_set(ctx, &cookie);
    return hbr_text(ctx, "x");
}

/* RFC 6265 4.1, RFC 6265bis 4.1. */
static void test_cookies(void **state)
{
    static const struct {
        hbr_cookie_t cookie;
        bool https;
        const char *out;
    } rows[] = {
        { { .name = "a", .value = "b" },
          false,
          "a=b; Path=/; HttpOnly; SameSite=Lax" },
        { { .name = "a", .value = "b" },
          true,
          "a=b; Path=/; Secure; HttpOnly; SameSite=Lax" },
        { { .name = "a", .value = "b", .plain = true },
          true,
          "a=b; Path=/; HttpOnly; SameSite=Lax" },
        { { .name = "a b", .value = "c" }, false, NULL },
        { { .name = "", .value = "c" }, false, NULL },
        { { .name = "a", .value = "b; Domain=evil" }, false, NULL },
        { { .name = "a", .value = "b\r\nX: y" }, false, NULL },
        { { .name = "a", .value = "b", .path = "/;x" }, false, NULL },
        { { .name = "a", .value = "b", .domain = "a;b" }, false, NULL },
        { { .name = "a",
            .value = "b",
            .same_site = HBR_SAMESITE_NONE,
            .plain = true },
          true,
          NULL },
        { { .name = "__Host-a", .value = "b", .path = "/x" }, true, NULL },
        { { .name = "__Secure-a", .value = "b", .plain = true }, true, NULL },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r;
        const char *field;

        cookie = rows[i].cookie;
        r = SERVE(set_cookie, .https = rows[i].https);
        field = hbr_test_header(r, "Set-Cookie");
        if (rows[i].out != NULL) {
            assert_int_equal(said, APR_SUCCESS);
            assert_string_equal(field, rows[i].out);
        } else {
            assert_int_equal(said, APR_EINVAL);
            assert_null(field);
            assert_int_equal(count_lines(r, HBR_LOG_ERROR), 1);
        }
    }
}

/* Its value is a secret, maybe. */
static void test_refused_cookie_is_not_logged(void **state)
{
    (void)state;
    cookie = (hbr_cookie_t){ .name = "a", .value = "top secret" };
    SERVE(set_cookie);
    assert_null(hbr_test_logged(kit, "secret"));
}

static int set_two_cookies(hbr_context_t *ctx)
{
    hbr_cookie_set(ctx, &(hbr_cookie_t){ .name = "a", .value = "1" });
    hbr_cookie_set(ctx, &(hbr_cookie_t){ .name = "b", .value = "2" });
    return hbr_text(ctx, "x");
}

/* RFC 6265 3: one field for each. */
static void test_cookies_are_added(void **state)
{
    (void)state;
    assert_int_equal(count_field(SERVE(set_two_cookies), "Set-Cookie"), 2);
}

static int set_disposition(hbr_context_t *ctx)
{
    hbr_disposition(ctx, HBR_INLINE, "old");
    said = hbr_disposition(ctx, HBR_ATTACHMENT, text);
    return hbr_text(ctx, "x");
}

/* RFC 6266 4.1. */
static void test_disposition(void **state)
{
    static const struct {
        const char *filename, *out;
    } rows[] = {
        { NULL, "attachment" },
        { "report.pdf", "attachment; filename=\"report.pdf\"" },
        { "/etc/x/report.pdf", "attachment; filename=\"report.pdf\"" },
        { "C:\\x\\report.pdf", "attachment; filename=\"report.pdf\"" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r;

        text = rows[i].filename;
        r = SERVE(set_disposition);
        assert_int_equal(said, APR_SUCCESS);
        assert_string_equal(hbr_test_header(r, "Content-Disposition"),
                            rows[i].out);
    }
}

static bool weak;

static int set_etag(hbr_context_t *ctx)
{
    said = hbr_etag(ctx, text, weak);
    return hbr_text(ctx, "x");
}

/* RFC 9110 8.8.3. */
static void test_etag(void **state)
{
    static const struct {
        const char *tag;
        bool weak;
        const char *out;
    } rows[] = {
        { "abc", false, "\"abc\"" }, { "abc", true, "W/\"abc\"" },
        { "", false, "\"\"" },       { "a\\b,;!~", false, "\"a\\b,;!~\"" },
        { "a\"b", false, NULL },     { "a b", false, NULL },
        { "a\tb", false, NULL },     { "a\r\nb", false, NULL },
        { "\xc3\xa4", false, NULL }, { "\x7f", false, NULL },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r;

        text = rows[i].tag;
        weak = rows[i].weak;
        r = SERVE(set_etag);
        assert_int_equal(said, rows[i].out ? APR_SUCCESS : APR_EINVAL);
        if (rows[i].out != NULL)
            assert_string_equal(hbr_test_header(r, "ETag"), rows[i].out);
        else
            assert_null(hbr_test_header(r, "ETag"));
    }
}

static apr_time_t when;

static int set_last_modified(hbr_context_t *ctx)
{
    said = hbr_last_modified(ctx, when);
    return hbr_text(ctx, "x");
}

/* RFC 9110 8.8.2.1: never later than the response. */
static void test_last_modified(void **state)
{
    const apr_time_t now = apr_time_from_sec(1577836800);

    (void)state;
    when = now - apr_time_from_sec(1);
    assert_string_equal(
        hbr_test_header(SERVE(set_last_modified, .time = now), "Last-Modified"),
        "Tue, 31 Dec 2019 23:59:59 GMT");
    when = now + apr_time_from_sec(1000);
    assert_string_equal(
        hbr_test_header(SERVE(set_last_modified, .time = now), "Last-Modified"),
        "Wed, 01 Jan 2020 00:00:00 GMT");
}

static int redirect_status;

static int redirect(hbr_context_t *ctx)
{
    hbr_puts(ctx, "written before");
    hbr_etag(ctx, "v1", false);
    hbr_header_set(ctx, "X-Kept", "1");
    return hbr_redirect(ctx, redirect_status, text);
}

/* RFC 9110 15.4, 10.2.2. */
static void test_redirect(void **state)
{
    static const struct {
        int status;
        const char *url;
        int sent;
        const char *location;
    } rows[] = {
        { 0, "/x", 302, "/x" },
        { 301, "https://example.net/a?b=c#d", 301,
          "https://example.net/a?b=c#d" },
        { 303, "../y", 303, "../y" },
        { 307, "?z=1", 307, "?z=1" },
        { 308, "/a b", 308, "/a%20b" },
        { 302, "/\xc3\xa4", 302, "/%C3%A4" },
        { 302, "/a%20b%zz", 302, "/a%20b%25zz" },
        { 302, "/x\r\nSet-Cookie: a=b", 500, NULL },
        { 302, "/x\ty", 500, NULL },
        { 302, "", 500, NULL },
        { 300, "/x", 500, NULL },
        { 304, "/x", 500, NULL },
        { 200, "/x", 500, NULL },
        { 404, "/x", 500, NULL },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r;

        redirect_status = rows[i].status;
        text = rows[i].url;
        r = SERVE(redirect);
        if (r->status != rows[i].sent)
            fail_msg("%d %s: %d", redirect_status, text, r->status);
        if (rows[i].location != NULL)
            assert_string_equal(hbr_test_header(r, "Location"),
                                rows[i].location);
        else
            assert_null(hbr_test_header(r, "Location"));
        assert_null(strstr(r->body, "written before"));
        assert_null(hbr_test_header(r, "ETag"));
        assert_string_equal(hbr_test_header(r, "X-Kept"), "1");
    }
}

/* The page that is written for old clients escapes the address. */
static void test_redirect_page(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    redirect_status = 302;
    text = "/x?a=1&b='<script>";
    r = SERVE(redirect, .headers = HEADERS("Accept: text/html"));
    assert_string_equal(r->type, "text/html; charset=utf-8");
    assert_null(strstr(r->body, "<script>"));
    assert_non_null(strstr(r->body, "a=1&amp;b="));
    assert_true(SERVE(redirect, .method = "HEAD")->length == 0);
}

/* A redirect is no error: no ErrorDocument, no log line of weight. */
static void test_redirect_is_no_error(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    redirect_status = 303;
    text = "/x";
    r = SERVE(redirect, .error_documents = (const int[]){ 303, 302, 0 });
    assert_int_equal(r->error_document, 0);
    assert_int_equal(count_lines(r, HBR_LOG_INFO), 0);
}

/* Own function: its frame is gone when the response is sent. */
static int __attribute__((noinline)) redirect_from_the_stack(hbr_context_t *ctx)
{
    char url[100];

    snprintf(url, sizeof(url), "/customers?saved=%d", 42);
    return hbr_redirect(ctx, 303, url);
}

static int redirect_and_overwrite(hbr_context_t *ctx)
{
    static char url[] = "/customers?saved=42";
    int result;

    strcpy(url, "/customers?saved=42");
    result = hbr_redirect(ctx, 303, url);
    memset(url, 'x', sizeof(url) - 1);
    return result;
}

/* No text of the caller's is kept. */
static void test_redirect_copies_its_url(void **state)
{
    process_fn *const rows[] = { redirect_from_the_stack,
                                 redirect_and_overwrite };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++)
        assert_string_equal(hbr_test_header(SERVE(rows[i]), "Location"),
                            "/customers?saved=42");
}

static int answer_status;

static int set_caching(hbr_context_t *ctx)
{
    hbr_header_set(ctx, "Cache-Control", text);
    hbr_header_set(ctx, "Expires", "Thu, 01 Jan 2032 00:00:00 GMT");
    return answer_status < 400 ? hbr_redirect(ctx, answer_status, "/x")
                               : hbr_error(ctx, answer_status, NULL);
}

/* RFC 9111 5.2.2: a redirect may say how long it holds. What was said of a
 * body is not true of an error, but an error may be kept from caches. */
static void test_caching_fields(void **state)
{
    static const struct {
        int status;
        const char *control;
        bool stays, expires;
    } rows[] = {
        { 301, "max-age=60", true, true },
        { 302, "no-store", true, true },
        { 308, "public", true, true },
        { 404, "max-age=60", false, false },
        { 500, "public, max-age=60", false, false },
        { 404, "no-store", true, false },
        { 404, "private, no-cache", true, false },
        { 503, "no-store, max-age=0", true, false },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r;

        answer_status = rows[i].status;
        text = rows[i].control;
        r = SERVE(set_caching);
        assert_int_equal(r->status, answer_status);
        assert_int_equal(hbr_test_header(r, "Cache-Control") != NULL,
                         rows[i].stays);
        assert_int_equal(hbr_test_header(r, "Expires") != NULL,
                         rows[i].expires);
        if (rows[i].stays)
            assert_string_equal(hbr_test_header(r, "Cache-Control"), text);
    }
}

static int change_and_clear(hbr_context_t *ctx)
{
    hbr_header_set(ctx, "X-Early", "ours");
    hbr_header_unset(ctx, "X-Gone");
    hbr_header_set(ctx, "X-Mine", "1");
    hbr_clear(ctx);
    return hbr_text(ctx, "cleared");
}

/* What other modules had set is as it was. */
static void test_clear_keeps_others_fields(void **state)
{
    const hbr_test_response_t *r = SERVE(
        change_and_clear, .fields = HEADERS("X-Early: theirs", "X-Gone: no"));

    (void)state;
    assert_string_equal(hbr_test_header(r, "X-Early"), "theirs");
    assert_string_equal(hbr_test_header(r, "X-Gone"), "no");
    assert_null(hbr_test_header(r, "X-Mine"));
}

MAIN(SERVE_TEST(test_redirect_copies_its_url), SERVE_TEST(test_caching_fields),
     SERVE_TEST(test_clear_keeps_others_fields), SERVE_TEST(test_status),
     SERVE_TEST(test_own_error_page), SERVE_TEST(test_type),
     SERVE_TEST(test_fields), SERVE_TEST(test_set_add_unset),
     SERVE_TEST(test_cookies), SERVE_TEST(test_refused_cookie_is_not_logged),
     SERVE_TEST(test_cookies_are_added), SERVE_TEST(test_disposition),
     SERVE_TEST(test_etag), SERVE_TEST(test_last_modified),
     SERVE_TEST(test_redirect), SERVE_TEST(test_redirect_page),
     SERVE_TEST(test_redirect_is_no_error))
