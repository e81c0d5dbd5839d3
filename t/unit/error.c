/*
 * Responses that the bridge writes for a status: their form, what they hold,
 * and when the server's ErrorDocument takes their place.
 */
#include <stdio.h>

#include <jansson.h>

#include "support/main.h"
#include "support/serve.h"

static int number;
static const char *detail;

static int fail_with_detail(hbr_context_t *ctx)
{
    hbr_puts(ctx, "half a page");
    return detail != NULL ? hbr_error(ctx, number, "%s", detail)
                          : hbr_error(ctx, number, NULL);
}

static int fail_and_forget(hbr_context_t *ctx)
{
    hbr_error(ctx, number, "%s", detail);
    return HBR_OK;
}

static int fail_by_status(hbr_context_t *ctx)
{
    (void)ctx;
    return number;
}

/* RFC 9110 12.5.1, RFC 9457 3. */
static void test_form_follows_accept(void **state)
{
    static const struct {
        const char *accept, *type;
    } rows[] = {
        { NULL, "text/plain; charset=utf-8" },
        { "Accept: */*", "text/plain; charset=utf-8" },
        { "Accept: text/html", "text/html; charset=utf-8" },
        { "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,"
          "*/*;q=0.8",
          "text/html; charset=utf-8" },
        { "Accept: application/json", "application/problem+json" },
        { "Accept: application/problem+json", "application/problem+json" },
        { "Accept: application/json, text/html;q=0.5",
          "application/problem+json" },
        { "Accept: image/png", "text/plain; charset=utf-8" },
        { "Accept: text/plain", "text/plain; charset=utf-8" },
    };
    apr_size_t i;

    (void)state;
    number = 404;
    detail = "no such thing";
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r =
            SERVE(fail_with_detail, .headers = HEADERS(rows[i].accept));

        assert_int_equal(r->status, 404);
        assert_string_equal(r->type, rows[i].type);
        assert_non_null(strstr(r->body, "no such thing"));
        assert_non_null(strstr(r->body, "Not Found"));
        assert_null(strstr(r->body, "half a page"));
        assert_non_null(strstr(hbr_test_header(r, "Vary"), "Accept"));
        assert_int_equal(r->declared_length, r->length);
    }
}

static void check_problem(const hbr_test_response_t *r, const char *wanted)
{
    json_error_t error;
    json_t *root = json_loads(r->body, 0, &error);
    const char *type;

    if (root == NULL)
        fail_msg("%s: %s", error.text, r->body);
    type = json_string_value(json_object_get(root, "type"));
    assert_true(type == NULL || strcmp(type, "about:blank") == 0);
    assert_int_equal(json_integer_value(json_object_get(root, "status")),
                     r->status);
    assert_non_null(json_string_value(json_object_get(root, "title")));
    if (wanted != NULL)
        assert_string_equal(json_string_value(json_object_get(root, "detail")),
                            wanted);
    else
        assert_null(json_object_get(root, "detail"));
    json_decref(root);
}

/* RFC 9457 3.1. */
static void test_problem(void **state)
{
    static const char *const details[] = {
        "plain",    "\"quoted\" \\ back",   "line\nbreak\ttab\x01",
        "<b>&amp;", "\xc3\xa4\xe2\x82\xac", NULL
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(details); i++) {
        detail = details[i];
        for (number = 400; number < 600; number += 7) {
            const hbr_test_response_t *r =
                SERVE(fail_with_detail,
                      .headers = HEADERS("Accept: application/json"));

            assert_int_equal(r->status, number);
            check_problem(r, detail);
        }
    }
}

static void test_html_is_escaped(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    number = 400;
    detail = "<script>alert('x')</script>";
    r = SERVE(fail_with_detail, .headers = HEADERS("Accept: text/html"));
    assert_null(strstr(r->body, "<script>"));
    assert_non_null(strstr(r->body, "&lt;script&gt;"));
}

/* The detail is said with the status it belongs to, and only with it. */
static void test_error_outranks_result(void **state)
{
    (void)state;
    number = 409;
    detail = "the reason";
    assert_int_equal(SERVE(fail_and_forget)->status, 409);
    assert_non_null(strstr(SERVE(fail_and_forget)->body, "the reason"));
}

static int fail_twice(hbr_context_t *ctx)
{
    hbr_error(ctx, 404, "first");
    return hbr_error(ctx, 409, "second");
}

static int fail_otherwise(hbr_context_t *ctx)
{
    hbr_error(ctx, 404, "first");
    return 503;
}

static void test_last_error_counts(void **state)
{
    const hbr_test_response_t *r = SERVE(fail_twice);

    (void)state;
    assert_int_equal(r->status, 409);
    assert_non_null(strstr(r->body, "second"));
    assert_null(strstr(r->body, "first"));
    r = SERVE(fail_otherwise);
    assert_int_equal(r->status, 503);
    assert_null(strstr(r->body, "first"));
}

/* A number that is no error's status is a mistake of the handler's. */
static void test_error_with_no_status(void **state)
{
    static const int rows[] = {
        -1, 0, 1, 100, 200, 204, 302, 304, 399, 600, 999
    };
    apr_size_t i;

    (void)state;
    detail = "nonsense";
    for (i = 0; i < COUNT(rows); i++) {
        number = rows[i];
        assert_int_equal(SERVE(fail_and_forget)->status, 500);
        if (number != 0 && number != HBR_DECLINED)
            assert_int_equal(SERVE(fail_with_detail)->status, 500);
    }
}

static char long_detail[5000];

/* A long detail is cut, between two characters. */
static void test_long_detail(void **state)
{
    apr_size_t shift, i;

    (void)state;
    number = 400;
    detail = long_detail;
    for (shift = 0; shift < 4; shift++) {
        const hbr_test_response_t *r;
        char *at = long_detail;

        for (i = 0; i < shift; i++)
            *at++ = 'x';
        for (i = 0; i < 1000; i++, at += 4)
            memcpy(at, "\xf0\x9f\x98\x80", 4);
        *at = '\0';
        r = SERVE(fail_with_detail);
        assert_int_equal(r->status, 400);
        if (!hbr_is_utf8(r->body, r->length))
            fail_msg("the body is not UTF-8, shift %zu", shift);
    }
}

/* ErrorDocument wins for HTML and any type, not for who wants JSON. */
static void test_error_document(void **state)
{
    static const int configured[] = { 404, 503, 0 };
    static const struct {
        int status;
        const char *accept;
        bool handed_back;
    } rows[] = {
        { 404, NULL, true },
        { 404, "Accept: text/html", true },
        { 404, "Accept: */*", true },
        { 503, "Accept: text/html", true },
        { 404, "Accept: application/json", false },
        { 404, "Accept: application/problem+json", false },
        { 400, "Accept: text/html", false },
        { 500, NULL, false },
    };
    process_fn *const ways[] = { fail_with_detail, fail_by_status };
    apr_size_t i, w;

    (void)state;
    detail = "reason";
    for (i = 0; i < COUNT(rows); i++) {
        for (w = 0; w < COUNT(ways); w++) {
            const hbr_test_response_t *r;

            number = rows[i].status;
            r = SERVE(ways[w], .headers = HEADERS(rows[i].accept),
                      .error_documents = configured);
            assert_int_equal(r->status, number);
            assert_int_equal(r->error_document,
                             rows[i].handed_back ? number : 0);
            assert_int_equal(r->passes, rows[i].handed_back ? 0 : 1);
        }
    }
}

static int decline(hbr_context_t *ctx)
{
    (void)ctx;
    return HBR_DECLINED;
}

static void test_error_document_for_declined(void **state)
{
    (void)state;
    assert_int_equal(SERVE(decline, .error_documents = (const int[]){ 404, 0 })
                         ->error_document,
                     404);
}

static const char *const dropped[] = { "Content-Disposition",
                                       "Content-Language",
                                       "Content-Encoding",
                                       "Content-Location",
                                       "ETag",
                                       "Last-Modified",
                                       "Cache-Control",
                                       "Expires",
                                       "Accept-Ranges" };

static const char *const kept[] = {
    "WWW-Authenticate", "Retry-After", "Set-Cookie",
    "X-Other",          "Allow",       "Content-Security-Policy"
};

static int set_fields_and_fail(hbr_context_t *ctx)
{
    apr_size_t i;

    for (i = 0; i < COUNT(dropped); i++)
        hbr_header_set(ctx, dropped[i], "x");
    for (i = 0; i < COUNT(kept); i++)
        hbr_header_set(ctx, kept[i], "x");
    hbr_type(ctx, "image/png");
    hbr_status(ctx, 201);
    return hbr_error(ctx, 401, "who are you?");
}

/* RFC 9110 15.5.2: the challenge stays; what described the body goes. */
static void test_fields(void **state)
{
    int round;
    apr_size_t i;

    (void)state;
    for (round = 0; round < 2; round++) {
        const int configured[] = { round ? 401 : 400, 0 };
        const hbr_test_response_t *r =
            SERVE(set_fields_and_fail, .error_documents = configured);

        assert_int_equal(r->status, 401);
        assert_int_equal(r->error_document, round ? 401 : 0);
        for (i = 0; i < COUNT(dropped); i++) {
            if (hbr_test_header(r, dropped[i]) != NULL)
                fail_msg("%s stayed", dropped[i]);
        }
        for (i = 0; i < COUNT(kept); i++) {
            if (hbr_test_header(r, kept[i]) == NULL)
                fail_msg("%s went", kept[i]);
        }
    }
}

/* Client mistakes do not fill the error log. */
static void test_log_levels(void **state)
{
    static const struct {
        int status;
        hbr_log_level_e level;
    } rows[] = { { 400, HBR_LOG_INFO },
                 { 404, HBR_LOG_INFO },
                 { 500, HBR_LOG_ERROR },
                 { 503, HBR_LOG_ERROR } };
    apr_size_t i;

    (void)state;
    detail = "the reason";
    for (i = 0; i < COUNT(rows); i++) {
        number = rows[i].status;
        SERVE(fail_with_detail);
        assert_non_null(hbr_test_logged(kit, "the reason"));
        assert_int_equal(hbr_test_logged(kit, "the reason")->level,
                         rows[i].level);
    }
}

/* A client's text is never a format. */
static void test_detail_is_no_format(void **state)
{
    (void)state;
    number = 400;
    detail = "%s%n%d";
    assert_non_null(strstr(SERVE(fail_with_detail)->body, "%s%n%d"));
    assert_non_null(hbr_test_logged(kit, "%s%n%d"));
}

static int fail_over_small_buffer(hbr_context_t *ctx)
{
    return hbr_error(ctx, 500, "longer than the buffer is, by far");
}

/* The error's own text is whole, however small BridgeBuffer is. */
static void test_small_buffer(void **state)
{
    static const char *const accepts[] = { "Accept: text/plain",
                                           "Accept: text/html",
                                           "Accept: application/json" };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(accepts); i++) {
        const hbr_test_response_t *r =
            SERVE(fail_over_small_buffer, .buffer = 1,
                  .headers = HEADERS(accepts[i]));

        assert_int_equal(r->status, 500);
        assert_non_null(strstr(r->body, "by far"));
        assert_true(r->complete);
    }
}

static void test_client_gone(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    number = 500;
    detail = "nobody reads it";
    r = SERVE(fail_with_detail, .fail_pass = 1);
    assert_int_equal(r->passes, 1);
}

static int fail_on_a_body(hbr_context_t *ctx)
{
    hbr_bytes(ctx, "0123456789", 10, NULL);
    return hbr_error(ctx, 416, "not here");
}

static int send_ten(hbr_context_t *ctx)
{
    return hbr_bytes(ctx, "0123456789", 10, NULL);
}

/* RFC 9110 14.4: the length is the body's, known only where a Range missed
 * it. */
static void test_content_range_of_416(void **state)
{
    const hbr_test_response_t *r = SERVE(fail_on_a_body);

    (void)state;
    assert_int_equal(r->status, 416);
    assert_null(hbr_test_header(r, "Content-Range"));
    r = SERVE(send_ten, .headers = HEADERS("Range: bytes=10-"));
    assert_int_equal(r->status, 416);
    assert_string_equal(hbr_test_header(r, "Content-Range"), "bytes */10");
}

/* Whose text is sent depends on Accept, also when it is the server's. */
static void test_error_document_varies(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    number = 404;
    detail = NULL;
    r = SERVE(fail_with_detail, .error_documents = (const int[]){ 404, 0 });
    assert_int_equal(r->error_document, 404);
    assert_string_equal(hbr_test_header(r, "Vary"), "Accept");
}

/* What includes a fragment has words of its own for an error. */
static void test_error_in_a_subrequest(void **state)
{
    static const char *const accepts[] = { "Accept: text/html",
                                           "Accept: application/json" };
    static const int statuses[] = { 302, 404, 500 };
    apr_size_t i, j;

    (void)state;
    for (i = 0; i < COUNT(accepts); i++)
        for (j = 0; j < COUNT(statuses); j++) {
            const hbr_test_response_t *r;

            number = statuses[j];
            r = SERVE(fail_by_status, .headers = HEADERS(accepts[i]),
                      .fragment = true, .subrequest = true);
            assert_int_equal(r->error_document, number);
            assert_int_equal(r->length, 0);
        }
}

/* An ErrorDocument that has nothing to say gets the bridge's words for the
 * error that it was asked for. */
static void test_error_document_without_words(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    number = 0;
    r = SERVE(fail_by_status, .status = 410, .fragment = true);
    assert_int_equal(r->status, 410);
    assert_non_null(strstr(r->body, "410 Gone"));
}

MAIN(SERVE_TEST(test_content_range_of_416),
     SERVE_TEST(test_error_document_varies),
     SERVE_TEST(test_error_in_a_subrequest),
     SERVE_TEST(test_error_document_without_words),
     SERVE_TEST(test_form_follows_accept), SERVE_TEST(test_problem),
     SERVE_TEST(test_html_is_escaped), SERVE_TEST(test_error_outranks_result),
     SERVE_TEST(test_last_error_counts), SERVE_TEST(test_error_with_no_status),
     SERVE_TEST(test_long_detail), SERVE_TEST(test_error_document),
     SERVE_TEST(test_error_document_for_declined), SERVE_TEST(test_fields),
     SERVE_TEST(test_log_levels), SERVE_TEST(test_detail_is_no_format),
     SERVE_TEST(test_small_buffer), SERVE_TEST(test_client_gone))
