/*
 * The handler captcha in the test kit: its page, picture and sound; that a code
 * is tried once and in time, whatever the client sends; its options, and what
 * happens without session or cache. t/captcha.t has the same in a real httpd,
 * where requests run at once; t/unit/spoken.c hears what is said.
 */
#include "support/main.h"
#include "support/serve.h"

#include <stdio.h>
#include <stdlib.h>

#define DIGITS_SIZE 16 /* of the digits and their padding, at a value's end */

static const hbr_test_response_t *post(const char *body,
                                       hbr_test_request_t request)
{
    static const char *const form[] = {
        "Content-Type: application/x-www-form-urlencoded", NULL
    };

    request.method = "POST";
    request.body = body;
    if (request.url == NULL)
        request.url = "/captcha";
    if (request.headers == NULL)
        request.headers = form;
    return serve_run(&request);
}

/* Posts a form; members of the request may follow. */
#define POST(text, ...) post(text, (hbr_test_request_t){ __VA_ARGS__ })

static const hbr_test_response_t *ask(const char *url)
{
    const hbr_test_response_t *r = hbr_test_get(kit, url);

    assert_null(r->violation);
    return r;
}

static const hbr_test_response_t *get(const char *url)
{
    const hbr_test_response_t *r = ask(url);

    if (r->status != 200)
        fail_msg("%s: %d %s", url, r->status, r->body);
    assert_true(r->complete);
    assert_string_equal(hbr_test_header(r, "Cache-Control"), "no-store");
    return r;
}

/* The digits that were made last. */
static const char *code(void)
{
    apr_size_t length;
    char *entry = hbr_test_cache_entry(kit, 0, &length);

    assert_non_null(entry);
    assert_true(length > DIGITS_SIZE);
    return entry + length - DIGITS_SIZE;
}

static const char *form(const char *text)
{
    static char body[200];

    snprintf(body, sizeof(body), "code=%s", text);
    return body;
}

/* What is not the code. */
static const char *wrong(void)
{
    static char text[20];

    snprintf(text, sizeof(text), "%s", code());
    text[0] = text[0] == '9' ? '0' : (char)(text[0] + 1);
    return text;
}

static const hbr_test_response_t *try(const char *text)
{
    return POST(form(text));
}

static bool passed(void)
{
    return hbr_test_session(kit, "captcha-passed") != NULL;
}

static bool has(const hbr_test_response_t *r, const char *text)
{
    return strstr(r->body, text) != NULL;
}

static uint32_t number(const char *at, int count)
{
    uint32_t value = 0;

    for (int i = count - 1; i >= 0; i--)
        value = value << 8 | (unsigned char)at[i];
    return value;
}

/* ---- page, picture, sound ----------------------------------------------- */

static void test_page(void **state)
{
    const hbr_test_response_t *r = get("/captcha");
    const char *policy = hbr_test_header(r, "Content-Security-Policy");

    (void)state;
    assert_string_equal(r->type, "text/html; charset=utf-8");
    assert_true(has(r, "<form method=\"post\" action=\"./captcha\">"));
    assert_true(has(r, "<img src=\"./captcha/picture\" width=\"300\""));
    assert_true(has(r, "alt=\"A picture of 6 digits."));
    assert_true(has(r, "preload=\"none\" src=\"./captcha/sound\""));
    assert_true(has(r, "<label for=\"code\">The 6 digits"));
    assert_true(has(r, "<a href=\"./captcha?other\">"));
    assert_false(has(r, "role=\"alert\""));
    assert_false(has(r, code()));
    assert_non_null(strstr(policy, "default-src 'none'"));
    assert_null(strstr(policy, "unsafe"));
}

/* W3C PNG 11.2.1 */
static void test_picture(void **state)
{
    const hbr_test_response_t *r = get("/captcha/picture");

    (void)state;
    assert_string_equal(r->type, "image/png");
    assert_memory_equal(r->body, "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", 16);
    assert_memory_equal(r->body + 16, "\0\0\x01\x2c\0\0\0\x5a", 8);
}

static void test_sound(void **state)
{
    const hbr_test_response_t *r = get("/captcha/sound");

    (void)state;
    assert_string_equal(r->type, "audio/wav");
    assert_memory_equal(r->body, "RIFF", 4);
    assert_int_equal(number(r->body + 4, 4), r->length - 8);
    assert_memory_equal(r->body + 8, "WAVEfmt ", 8);
    assert_int_equal(number(r->body + 40, 4), r->length - 44);
}

/* Page, picture and sound are of one code, and stay as they are. */
static void test_same(void **state)
{
    static const char *const urls[] = { "/captcha/picture", "/captcha/sound" };
    char digits[DIGITS_SIZE];

    (void)state;
    get("/captcha");
    snprintf(digits, sizeof(digits), "%s", code());
    for (size_t i = 0; i < COUNT(urls); i++) {
        const hbr_test_response_t *first = get(urls[i]);
        const hbr_test_response_t *second = get(urls[i]);

        assert_int_equal(first->length, second->length);
        assert_memory_equal(first->body, second->body, first->length);
    }
    get("/captcha");
    assert_int_equal(hbr_test_cache_count(kit), 1);
    assert_int_equal(hbr_test_session_saves(kit), 1);
    assert_string_equal(code(), digits);
    assert_int_equal(try(digits)->status, 200);
}

/* RFC 9110 9.3.2: as GET, without content; and it takes nothing away. */
static void test_head(void **state)
{
    static const char *const urls[] = { "/captcha", "/captcha/picture",
                                        "/captcha/sound" };
    char digits[DIGITS_SIZE];

    (void)state;
    get("/captcha");
    snprintf(digits, sizeof(digits), "%s", code());
    for (size_t i = 0; i < COUNT(urls); i++) {
        const hbr_test_response_t *whole = get(urls[i]);
        const hbr_test_response_t *head = serve_run(
            &(hbr_test_request_t){ .url = urls[i], .method = "HEAD" });

        assert_int_equal(head->status, 200);
        assert_int_equal(head->length, 0);
        assert_int_equal(head->declared_length, whole->declared_length);
        assert_string_equal(head->type, whole->type);
    }
    assert_string_equal(code(), digits);
    assert_int_equal(hbr_test_cache_count(kit), 1);
}

/* What varies is not the same from code to code. */
static void test_varies(void **state)
{
    apr_size_t lengths[3];

    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        get("/captcha?other");
        lengths[i] = get("/captcha/sound")->length;
    }
    assert_false(lengths[0] == lengths[1] && lengths[1] == lengths[2]);
}

static void test_other(void **state)
{
    static const char *const urls[] = { "/captcha?other",
                                        "/captcha/picture?other" };

    (void)state;
    get("/captcha");
    for (size_t i = 0; i < COUNT(urls); i++) {
        char id[40];

        snprintf(id, sizeof(id), "%s", hbr_test_session(kit, "captcha"));
        get(urls[i]);
        assert_string_not_equal(hbr_test_session(kit, "captcha"), id);
        assert_int_equal(hbr_test_cache_count(kit), 1);
    }
}

/* ---- the check ---------------------------------------------------------- */

static void test_right(void **state)
{
    const hbr_test_response_t *r;
    char id[40];

    (void)state;
    get("/captcha");
    snprintf(id, sizeof(id), "%s", hbr_test_session(kit, "captcha"));
    assert_int_equal(strlen(id), 32);
    r = try(code());
    assert_int_equal(r->status, 200);
    assert_true(has(r, "<h1>That was right</h1>"));
    assert_string_equal(hbr_test_header(r, "Cache-Control"), "no-store");
    assert_true(passed());
    assert_string_equal(hbr_test_session(kit, "captcha-pass"), id);
    assert_null(hbr_test_session(kit, "captcha"));
    assert_int_equal(hbr_test_cache_count(kit), 0);
}

/* The page that follows a wrong try is about other digits. */
static void test_wrong(void **state)
{
    const hbr_test_response_t *r;
    char digits[DIGITS_SIZE];

    (void)state;
    get("/captcha");
    snprintf(digits, sizeof(digits), "%s", code());
    r = try(wrong());
    assert_int_equal(r->status, 422);
    assert_true(has(r, "<title>Not right: "));
    assert_true(has(r, "<p role=\"alert\">"));
    assert_false(passed());
    assert_int_equal(hbr_test_cache_count(kit), 1);
    assert_string_not_equal(code(), digits);
    assert_int_equal(try(digits)->status, 422);
    assert_false(passed());
}

/* An old session that is sent again, after a success and after a failure. */
static void test_replayed(void **state)
{
    (void)state;
    for (int right = 0; right <= 1; right++) {
        char digits[DIGITS_SIZE];
        char id[40];

        get("/captcha?other");
        snprintf(digits, sizeof(digits), "%s", code());
        snprintf(id, sizeof(id), "%s", hbr_test_session(kit, "captcha"));
        assert_int_equal(try(right ? digits : wrong())->status,
                         right ? 200 : 422);
        hbr_test_session_set(kit, "captcha-passed", NULL);
        hbr_test_session_set(kit, "captcha", id);
        assert_int_equal(try(digits)->status, 422);
        assert_false(passed());
    }
}

static void test_texts(void **state)
{
    static const struct {
        const char *format; /* %s: the code */
        int status;
    } rows[] = {
        { "code=%.3s+%s", 200 },  { "code=+%.3s++%s+", 200 },
        { "code=%.3s%s0", 422 },  { "code=0%.3s%s", 422 },
        { "code=%.3s", 422 },     { "code=", 422 },
        { "code=+++", 422 },      { "", 422 },
        { "kode=%.3s%s", 422 },   { "code=x&code=%.3s%s", 422 },
        { "code=%.3s-%s", 422 },  { "code=%.3s%%09%s", 422 },
        { "code=%.3s%%F0", 422 }, { "code=%%EF%%BC%%91%.3s%s", 422 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char body[100];
        char head[4];
        const hbr_test_response_t *r;

        get("/captcha?other");
        snprintf(head, sizeof(head), "%s", code());
        snprintf(body, sizeof(body), rows[i].format, head, code() + 3);
        r = POST(body);
        if (r->status != rows[i].status)
            fail_msg("%s: %d", rows[i].format, r->status);
        hbr_test_session_set(kit, "captcha-passed", NULL);
    }
}

static void test_long_text(void **state)
{
    static char body[100000] = "code=";

    (void)state;
    memset(body + 5, '1', sizeof(body) - 6);
    get("/captcha");
    assert_int_equal(POST(body)->status, 422);
    memset(body + 5, '+', sizeof(body) - 6);
    assert_int_equal(POST(body)->status, 422);
    assert_false(passed());
}

/* A body that is no form has no fields. */
static void test_no_form(void **state)
{
    (void)state;
    get("/captcha");
    assert_int_equal(
        POST(code(), .headers = HEADERS("Content-Type: text/csv"))->status,
        422);
    assert_false(passed());
}

static void test_expired(void **state)
{
    apr_time_t now = apr_time_from_sec(1700000000);
    char digits[DIGITS_SIZE];

    (void)state;
    hbr_test_clock(kit, now);
    get("/captcha");
    hbr_test_clock(kit, now + apr_time_from_sec(299));
    assert_int_equal(try(code())->status, 200);
    get("/captcha");
    snprintf(digits, sizeof(digits), "%s", code());
    hbr_test_clock(kit, now + apr_time_from_sec(600));
    hbr_test_session_set(kit, "captcha-passed", NULL);
    assert_int_equal(try(digits)->status, 422);
    assert_false(passed());
}

/* Who begins to read has half of the life at least; sound does not change what
 * the picture beside it shows. */
static void test_half_of_life(void **state)
{
    static const struct {
        const char *url;
        bool renews;
    } rows[] = { { "/captcha", true },
                 { "/captcha/picture", true },
                 { "/captcha/sound", false } };
    apr_time_t now = apr_time_from_sec(1700000000);

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char id[40];

        hbr_test_clock(kit, now);
        get("/captcha?other");
        snprintf(id, sizeof(id), "%s", hbr_test_session(kit, "captcha"));
        hbr_test_clock(kit, now + apr_time_from_sec(150));
        get(rows[i].url);
        assert_string_equal(hbr_test_session(kit, "captcha"), id);
        hbr_test_clock(kit, now + apr_time_from_sec(151));
        get(rows[i].url);
        assert_int_equal(strcmp(hbr_test_session(kit, "captcha"), id) != 0,
                         rows[i].renews);
    }
}

/* A client that may write its own session names what he likes. */
static void test_strange_sessions(void **state)
{
    static const char *const ids[] = {
        "",
        "x",
        "0123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcdef0",
        "0123456789ABCDEF0123456789ABCDEF",
        "../../../../../../../etc/passwd",
    };
    static char many[2][5000] = { { 0 }, "0123456789abcdef0123456789abcdef" };

    (void)state;
    assert_int_equal(try("")->status, 422);
    memset(many[0], 'a', sizeof(many[0]) - 1);
    memset(many[1] + 32, 'x', sizeof(many[1]) - 33);
    for (size_t i = 0; i < COUNT(ids) + 2; i++) {
        const char *id = i < COUNT(ids) ? ids[i] : many[i - COUNT(ids)];

        hbr_test_session_set(kit, "captcha", id);
        assert_int_equal(try("123456")->status, 422);
        assert_null(hbr_test_logged(kit, ""));
        hbr_test_session_set(kit, "captcha", id);
        get("/captcha/picture");
        assert_string_not_equal(hbr_test_session(kit, "captcha"), id);
    }
    assert_false(passed());
}

/* What another version has put there is no code. */
static void test_strange_value(void **state)
{
    apr_size_t length;
    char *entry;

    (void)state;
    get("/captcha");
    entry = hbr_test_cache_entry(kit, 0, &length);
    memset(entry, 0x55, length);
    get("/captcha/picture");
    assert_int_equal(strlen(code()), 6);
}

/* ---- answers ------------------------------------------------------------ */

static void test_json(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    get("/captcha");
    r = POST(form(wrong()),
             .headers =
                 HEADERS("Content-Type: application/x-www-form-urlencoded",
                         "Accept: application/json"));
    assert_int_equal(r->status, 422);
    assert_string_equal(r->body, "{\"passed\":false}\n");
    assert_int_equal(hbr_test_cache_count(kit), 0);
    get("/captcha/picture");
    r = POST(form(code()),
             .headers =
                 HEADERS("Content-Type: application/x-www-form-urlencoded",
                         "Accept: application/json"));
    assert_int_equal(r->status, 200);
    assert_string_equal(r->body, "{\"passed\":true}\n");
    assert_string_equal(hbr_test_header(r, "Cache-Control"), "no-store");
}

static void test_next(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    get("/captcha");
    r = POST(form(code()), .options = HEADERS("next=/sign"));
    assert_int_equal(r->status, 303);
    assert_string_equal(hbr_test_header(r, "Location"), "/sign");
    assert_true(passed());
    r = POST("code=1", .options = HEADERS("next=/sign"));
    assert_int_equal(r->status, 422);
}

static void test_elsewhere(void **state)
{
    static const char *const urls[] = { "/captcha/x", "/captcha/picture/",
                                        "/captcha/Sound" };

    (void)state;
    for (size_t i = 0; i < COUNT(urls); i++)
        assert_int_equal(ask(urls[i])->status, 404);
    assert_int_equal(POST("code=1", .url = "/captcha/picture")->status, 404);
    assert_int_equal(hbr_test_cache_count(kit), 0);
}

/* RFC 9110 15.5.6 */
static void test_methods(void **state)
{
    const hbr_test_response_t *r =
        serve_run(&(hbr_test_request_t){ .url = "/captcha", .method = "PUT" });

    (void)state;
    assert_int_equal(r->status, 405);
    assert_string_equal(hbr_test_header(r, "Allow"),
                        "GET, HEAD, POST, OPTIONS");
}

/* RFC 3986 4.2: links of the page lead back to where it is mapped, whatever the
 * last segment is. */
static void test_links(void **state)
{
    static const struct {
        const char *url;
        const char *mapping;
        const char *link;
    } rows[] = {
        { "/x/captcha", "/x/captcha", "./captcha" },
        { "/a%3Ab", "/a:b", "./a%3Ab" },
        { "/a%22%3Cb%3E", "/a\"<b>", "./a%22%3Cb%3E" },
        { "/a%20'b", "/a 'b", "./a%20%27b" },
        { "/a%26b%3Fc%23d%25", "/a&b?c#d%", "./a%26b%3Fc%23d%25" },
        { "/%E2%82%AC", "/\xe2\x82\xac", "./%E2%82%AC" },
        { "/%FF", "/\xff", "./%FF" },
        { "/in/", "/in/", "." },
        { "/in/", "/in", "." },
        { "/", "/", "." },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r =
            serve_run(&(hbr_test_request_t){ .url = rows[i].url,
                                             .handler = "captcha",
                                             .mapping = rows[i].mapping });
        char form_tag[100];
        char link[100];

        snprintf(form_tag, sizeof(form_tag), "action=\"%s\"", rows[i].link);
        snprintf(link, sizeof(link), "src=\"%s/sound\"", rows[i].link);
        if (r->status != 200 || !has(r, form_tag) || !has(r, link))
            fail_msg("%s: %d %s", rows[i].url, r->status, r->body);
    }
}

/* ---- options ------------------------------------------------------------ */

static void test_digits(void **state)
{
    static const int counts[] = { 4, 10 };

    (void)state;
    for (size_t i = 0; i < COUNT(counts); i++) {
        char option[20];
        const hbr_test_response_t *r;

        snprintf(option, sizeof(option), "digits=%d", counts[i]);
        r = serve_run(&(hbr_test_request_t){ .url = "/captcha/picture?other",
                                             .options = HEADERS(option) });
        assert_int_equal(r->status, 200);
        assert_int_equal(strlen(code()), counts[i]);
        assert_int_equal((unsigned char)r->body[18] * 256
                             + (unsigned char)r->body[19],
                         48 + 42 * counts[i]);
        assert_int_equal(get("/captcha/sound")->status, 200);
        assert_int_equal(try(code())->status, 200);
    }
}

/* The status for the right digits, at one moment of a life. */
static int try_at(int life, apr_time_t moment)
{
    apr_time_t now = apr_time_from_sec(1700000000);
    char digits[DIGITS_SIZE];
    char option[20];

    snprintf(option, sizeof(option), "life=%d", life);
    hbr_test_clock(kit, now);
    serve_run(&(hbr_test_request_t){ .url = "/captcha?other",
                                     .options = HEADERS(option) });
    snprintf(digits, sizeof(digits), "%s", code());
    hbr_test_clock(kit, now + moment);
    return try(digits)->status;
}

static void test_life(void **state)
{
    static const int lives[] = { 30, 3600 };

    (void)state;
    for (size_t i = 0; i < COUNT(lives); i++) {
        apr_time_t life = apr_time_from_sec(lives[i]);

        assert_int_equal(try_at(lives[i], life - 1), 200);
        assert_int_equal(try_at(lives[i], life), 422);
    }
}

/* Chi-square of 9 degrees of freedom: above 50 in one run of ten million. */
static void test_chance(void **state)
{
    int counts[10] = { 0 };
    const int codes = 1000;
    double sum = 0;

    (void)state;
    for (int i = 0; i < codes; i++) {
        serve_run(&(hbr_test_request_t){ .url = "/captcha?other",
                                         .options = HEADERS("digits=10") });
        for (const char *at = code(); *at != '\0'; at++)
            counts[*at - '0']++;
        if (i % 50 == 49)
            hbr_test_clear(kit);
    }
    for (int i = 0; i < 10; i++)
        sum += (counts[i] - codes) * (counts[i] - codes) / (double)codes;
    if (sum > 50)
        fail_msg("chi-square is %.1f", sum);
}

/* ---- what is away ------------------------------------------------------- */

static void assert_away(const hbr_test_response_t *r)
{
    assert_int_equal(r->status, 503);
    assert_string_equal(hbr_test_header(r, "Retry-After"), "5");
    assert_true(has(r, "There is no captcha at the moment."));
}

static void test_cache_away(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    get("/captcha");
    hbr_test_cache_away(kit, true);
    assert_away(try("123456"));
    assert_away(ask("/captcha"));
    assert_away(ask("/captcha/picture"));
    assert_away(ask("/captcha/sound"));
    r = POST("code=123456",
             .headers =
                 HEADERS("Content-Type: application/x-www-form-urlencoded",
                         "Accept: application/json"));
    assert_int_equal(r->status, 503);
    hbr_test_cache_away(kit, false);
    assert_int_equal(try(code())->status, 200);
    hbr_test_cache_none(kit, true);
    assert_away(ask("/captcha"));
    assert_null(hbr_test_session(kit, "captcha"));
}

static void test_evicted(void **state)
{
    (void)state;
    get("/captcha");
    hbr_test_cache_evict(kit, 0);
    assert_int_equal(try("123456")->status, 422);
    assert_int_equal(hbr_test_cache_count(kit), 1);
}

static void test_session_fault(void **state)
{
    static const struct {
        hbr_test_session_fault_e fault;
        int status;
    } rows[] = { { HBR_TEST_SESSION_OFF, 500 },
                 { HBR_TEST_SESSION_AWAY, 503 },
                 { HBR_TEST_SESSION_NO_SAVE, 503 } };
    static const char *const urls[] = { "/captcha", "/captcha/picture",
                                        "/captcha/sound" };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        hbr_test_session_fault(kit, rows[i].fault);
        for (size_t j = 0; j < COUNT(urls); j++)
            assert_int_equal(ask(urls[j])->status, rows[i].status);
        assert_int_equal(try("123456")->status, rows[i].status);
        hbr_test_session_fault(kit, HBR_TEST_SESSION_WELL);
    }
    /* Of a success that cannot be kept the code is gone all the same. */
    get("/captcha?other");
    hbr_test_session_fault(kit, HBR_TEST_SESSION_NO_SAVE);
    assert_int_equal(try(code())->status, 503);
    hbr_test_session_fault(kit, HBR_TEST_SESSION_WELL);
    assert_false(passed());
    assert_int_equal(try("123456")->status, 422);
}

/* What is right is nobody's business but the client's. */
static void test_log(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    get("/captcha/picture");
    assert_null(hbr_test_logged(kit, code()));
    r = try(wrong());
    for (size_t i = 0; i < r->line_count; i++)
        assert_null(strstr(r->lines[i].text, code()));
    assert_null(hbr_test_logged(kit, hbr_test_session(kit, "captcha")));
}

MAIN(SERVE_TEST(test_page), SERVE_TEST(test_picture), SERVE_TEST(test_sound),
     SERVE_TEST(test_same), SERVE_TEST(test_head), SERVE_TEST(test_varies),
     SERVE_TEST(test_other), SERVE_TEST(test_right), SERVE_TEST(test_wrong),
     SERVE_TEST(test_replayed), SERVE_TEST(test_texts),
     SERVE_TEST(test_long_text), SERVE_TEST(test_no_form),
     SERVE_TEST(test_expired), SERVE_TEST(test_half_of_life),
     SERVE_TEST(test_strange_sessions), SERVE_TEST(test_strange_value),
     SERVE_TEST(test_json), SERVE_TEST(test_next), SERVE_TEST(test_elsewhere),
     SERVE_TEST(test_methods), SERVE_TEST(test_links), SERVE_TEST(test_digits),
     SERVE_TEST(test_life), SERVE_TEST(test_chance),
     SERVE_TEST(test_cache_away), SERVE_TEST(test_evicted),
     SERVE_TEST(test_session_fault), SERVE_TEST(test_log))
