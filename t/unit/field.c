/*
 * The syntax of header fields: RFC 9110 5.1, 5.5, 5.6 and 8.3.1.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <apr_general.h>

#include "field.h"

typedef struct case_t {
    const char *text;
    bool ok;
} case_t;

static void check(const char *what, bool (*function)(const char *),
                  const case_t *cases, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        if (function(cases[i].text) != cases[i].ok)
            fail_msg("%s: \"%s\" is to be %s", what,
                     cases[i].text != NULL ? cases[i].text : "(null)",
                     cases[i].ok ? "taken" : "refused");
}

#define CHECK(function, cases)                                                 \
    check(#function, function, cases, sizeof(cases) / sizeof(*(cases)))

/* RFC 9110 5.6.2: the 77 characters of tchar, and no other byte. */
static void test_name_every_byte(void **state)
{
    static const char tchar[] = "!#$%&'*+-.^_`|~0123456789"
                                "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    int c;

    (void)state;
    assert_int_equal(strlen(tchar), 77);
    for (c = 1; c < 256; c++) {
        char name[] = { 'X', (char)c, 'y', '\0' };
        char alone[] = { (char)c, '\0' };
        bool ok = strchr(tchar, c) != NULL;

        assert_int_equal(hbr_field_name_ok(name), ok);
        assert_int_equal(hbr_field_name_ok(alone), ok);
    }
}

static void test_name(void **state)
{
    static const case_t cases[] = {
        { "Content-Type", true }, { "x", true },
        { NULL, false },          { "", false },
        { "X Y", false },         { "X:", false },
        { ":path", false },       { "X\r\nSet-Cookie", false },
        { " X", false },          { "X ", false },
        { "X-\xC3\xA4", false },
    };

    (void)state;
    CHECK(hbr_field_name_ok, cases);
}

/* RFC 9110 5.5: VCHAR, obs-text, and SP and HTAB between them. */
static void test_value_every_byte(void **state)
{
    int c;

    (void)state;
    for (c = 1; c < 256; c++) {
        char within[] = { 'a', (char)c, 'b', '\0' };
        char first[] = { (char)c, 'b', '\0' };
        char last[] = { 'a', (char)c, '\0' };
        bool visible = c > 0x20 && c != 0x7F;
        bool blank = c == ' ' || c == '\t';

        assert_int_equal(hbr_field_value_ok(within), visible || blank);
        assert_int_equal(hbr_field_value_ok(first), visible);
        assert_int_equal(hbr_field_value_ok(last), visible);
    }
}

static void test_value(void **state)
{
    static const case_t cases[] = {
        { "", true },           { "a", true },
        { "a \t b", true },     { "na\xC3\xAFve", true },
        { NULL, false },        { " ", false },
        { "\t", false },        { "a\r\nSet-Cookie: b=c", false },
        { "a\r\n b", false },   { "a\n", false },
        { "a\x1B[31m", false },
    };

    (void)state;
    CHECK(hbr_field_value_ok, cases);
}

static void test_reserved(void **state)
{
    static const case_t cases[] = {
        { "Content-Length", true },
        { "content-length", true },
        { "CONTENT-TYPE", true },
        { "Transfer-Encoding", true },
        { "Connection", true },
        { "keep-alive", true },
        { "Proxy-Connection", true },
        { "upgrade", true },
        { "te", true },
        { "Trailer", true },
        { "Date", true },
        { "Server", true },
        { "Content-Range", true },
        { "Content-Encoding", false },
        { "Content-Disposition", false },
        { "ETag", false },
        { "Set-Cookie", false },
        { "Trailers", false },
        { "X-Date", false },
        { "Dat", false },
        { "", false },
    };

    (void)state;
    CHECK(hbr_field_is_reserved, cases);
}

static void test_describes_body(void **state)
{
    static const case_t cases[] = {
        { "Content-Encoding", true },
        { "content-disposition", true },
        { "Content-Language", true },
        { "CONTENT-MD5", true },
        { "ETag", true },
        { "etag", true },
        { "Last-Modified", true },
        { "Cache-Control", true },
        { "expires", true },
        { "Accept-Ranges", true },
        { "Vary", false },
        { "Retry-After", false },
        { "WWW-Authenticate", false },
        { "Set-Cookie", false },
        { "Content", false },
        { "X-Content-Type-Options", false },
        { "Content-Security-Policy", false },
        { "content-security-policy-report-only", false },
    };

    (void)state;
    CHECK(hbr_field_describes_body, cases);
}

/* RFC 9110 8.3.1, its four equivalent examples first. */
static void test_media_type(void **state)
{
    static const case_t cases[] = {
        { "text/html;charset=utf-8", true },
        { "Text/HTML;Charset=\"utf-8\"", true },
        { "text/html; charset=\"utf-8\"", true },
        { "text/html;charset=UTF-8", true },
        { "text/html", true },
        { "image/svg+xml", true },
        { "application/vnd.oasis.opendocument.text", true },
        { "multipart/mixed; boundary=\"a b;c,\\\"d\\\"\"", true },
        { "a/b;c=d;e=f", true },
        { "a/b \t;\t c=d", true },
        { "a/b;", true },
        { "a/b;;c=d", true },
        { "a/b; x=\"\"", true },
        { "a/b; x=\"\xC3\xA4\"", true },
        { NULL, false },
        { "", false },
        { "text", false },
        { "text/", false },
        { "/html", false },
        { "text/html/x", false },
        { "text /html", false },
        { "text/ html", false },
        { " text/html", false },
        { "text/html ", false },
        { "a/b; c", false },
        { "a/b; c=", false },
        { "a/b; =d", false },
        { "a/b; c =d", false },
        { "a/b; c= d", false },
        { "a/b; c=d e", false },
        { "a/b; c=\"d", false },
        { "a/b; c=\"d\\\"", false },
        { "a/b; c=\"d\\", false },
        { "a/b; c=\"d\"e", false },
        { "a/b, c/d", false },
        { "a/b; c=\"\r\n\"", false },
        { "a/b; c=\"\\\n\"", false },
        { "a/b\r\nX: y", false },
        { "a/b; c=\x7F", false },
    };

    (void)state;
    CHECK(hbr_media_type_ok, cases);
}

static void test_skip(void **state)
{
    static const struct {
        const char *text;
        size_t length;
    } quoted[] = {
        { "\"\"", 2 },      { "\"a\"b", 3 },      { "\"\\\"\"", 4 },
        { "\"\\\\\"x", 4 }, { "\"a, b; c\"", 9 }, { "a\"b\"", 0 },
        { "", 0 },          { "\"", 0 },          { "\"a", 0 },
        { "\"a\\", 0 },     { "\"a\\\"", 0 },     { "\"\x01\"", 0 },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(quoted) / sizeof(*quoted); i++)
        assert_ptr_equal(hbr_skip_quoted(quoted[i].text),
                         quoted[i].text + quoted[i].length);
    assert_string_equal(hbr_skip_blanks(" \t x "), "x ");
    assert_string_equal(hbr_skip_blanks("\n"), "\n");
    assert_string_equal(hbr_skip_token("a-b=c"), "=c");
}

/* RFC 9110 5.6.6 */
static void test_parameters(void **state)
{
    const char *at = " ; ;a=1;\tb=\"x;y\" ;;c=3 , rest";
    hbr_parameter_t p;
    char seen[64] = "";

    (void)state;
    while (hbr_parameter_next(&at, &p))
        snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen),
                 "[%.*s][%.*s]", (int)p.name_length, p.name,
                 (int)p.value_length, p.value);
    assert_string_equal(seen, "[a][1][b][\"x;y\"][c][3]");
    assert_string_equal(hbr_skip_blanks(at), ", rest");

    at = ";a=1;bad;c=3";
    assert_true(hbr_parameter_next(&at, &p));
    assert_false(hbr_parameter_next(&at, &p));
    assert_string_equal(at, "bad;c=3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name_every_byte),
        cmocka_unit_test(test_name),
        cmocka_unit_test(test_value_every_byte),
        cmocka_unit_test(test_value),
        cmocka_unit_test(test_reserved),
        cmocka_unit_test(test_describes_body),
        cmocka_unit_test(test_media_type),
        cmocka_unit_test(test_skip),
        cmocka_unit_test(test_parameters),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
