/*
 * Escaping: HTML (the five characters that end text or a quoted attribute),
 * JSON (RFC 8259 7), percent-encoding (RFC 3986 2).
 */
#include <stdio.h>
#include <stdlib.h>

#include "support/pool.h"

#include "escape.h"

typedef struct sunk_t {
    char text[1024];
    size_t used;
    int calls;
} sunk_t;

static void sink(void *arg, const char *bytes, apr_size_t length)
{
    sunk_t *sunk = arg;

    assert_true(length > 0);
    assert_true(length < sizeof(sunk->text) - sunk->used);
    memcpy(sunk->text + sunk->used, bytes, length);
    sunk->used += length;
    sunk->text[sunk->used] = '\0';
    sunk->calls++;
}

typedef void escape_to_fn(const char *text, apr_size_t length, hbr_sink_t to,
                          void *arg);

/* Escapes a copy without a NUL behind it. */
static const sunk_t *sunk(escape_to_fn *escape_to, const char *text,
                          apr_size_t length)
{
    static sunk_t result;
    char *copy = malloc(length + 1);

    memset(&result, 0, sizeof(result));
    memcpy(copy + 1, text, length);
    escape_to(copy + 1, length, sink, &result);
    free(copy);
    return &result;
}

static void test_html(void **state)
{
    static const struct {
        const char *text;
        const char *escaped;
    } cases[] = { { "", "" },
                  { "plain", "plain" },
                  { "&", "&amp;" },
                  { "<>", "&lt;&gt;" },
                  { "\"'", "&quot;&#39;" },
                  { "&amp;", "&amp;amp;" },
                  { "a<b>c", "a&lt;b&gt;c" },
                  { "</script><script>alert('1')",
                    "&lt;/script&gt;&lt;script&gt;alert(&#39;1&#39;)" },
                  { "\xC3\xBC\xFF`/", "\xC3\xBC\xFF`/" } };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        const char *text = cases[i].text;

        assert_string_equal(hbr_html_escape(pool, text), cases[i].escaped);
        assert_string_equal(sunk(hbr_html_escape_to, text, strlen(text))->text,
                            cases[i].escaped);
    }
    assert_string_equal(hbr_html_escape(pool, NULL), "");
    assert_ptr_equal(hbr_html_escape(pool, cases[1].text), cases[1].text);
}

/* Every byte: the five are escaped, all others stay. */
static void test_html_bytes(void **state)
{
    unsigned byte;

    (void)state;
    for (byte = 1; byte < 256; byte++) {
        char text[] = { 'a', (char)byte, 'b', '\0' };
        const char *escaped = hbr_html_escape(pool, text);

        assert_int_equal(strchr("&<>\"'", (int)byte) == NULL,
                         strcmp(escaped, text) == 0);
    }
}

/* Every byte at every place of a text of several words, nothing but it to be
 * escaped: the text is looked at in words. */
static void test_html_places(void **state)
{
    unsigned byte;
    apr_size_t place;

    (void)state;
    for (byte = 1; byte < 256; byte++) {
        for (place = 0; place < 27; place++) {
            char text[] = "abcdefghijklmnopqrstuvwxyz{";
            char one[] = { (char)byte, '\0' };
            char wanted[64];

            snprintf(wanted, sizeof(wanted), "%.*s%s%s", (int)place, text,
                     hbr_html_escape(pool, one), text + place + 1);
            text[place] = (char)byte;
            assert_string_equal(
                sunk(hbr_html_escape_to, text, strlen(text))->text, wanted);
        }
    }
}

static void check_plain(const char *text, apr_size_t length)
{
    apr_size_t at = 0;

    while (at < length && memchr("&<>\"'", text[at], 5) == NULL)
        at++;
    if (hbr_html_plain(text, length) != at)
        fail_msg("%.*s", (int)length, text);
}

/* Any byte anywhere in a text of any length, alone and before another that is
 * to be escaped; nothing outside of the text is looked at. What stands beside
 * it is in a bit or two other than what is to be escaped. */
static void test_html_plain(void **state)
{
    static const char beside[] = "x#%(=?;\xA6\xBC\xA2";
    apr_size_t length, place, i;
    unsigned byte;

    (void)state;
    for (length = 0; length < 52; length++) {
        char *text = calloc(length, 1);

        for (i = 0; i < length; i++)
            text[i] = beside[i % (sizeof(beside) - 1)];
        check_plain(text, length);
        for (place = 0; place < length; place++) {
            char was = text[place];

            for (byte = 0; byte < 256; byte++) {
                text[place] = (char)byte;
                check_plain(text, length);
            }
            text[place] = '<';
            check_plain(text, place); /* it is behind the end */
            for (i = place + 1; i < length; i++) {
                char other = text[i];

                text[i] = '"';
                check_plain(text, length);
                text[i] = other;
            }
            text[place] = was;
        }
        free(text);
    }
}

static void test_runs(void **state)
{
    (void)state;
    assert_int_equal(sunk(hbr_html_escape_to, "abc", 3)->calls, 1);
    assert_int_equal(sunk(hbr_html_escape_to, "abc<def", 7)->calls, 3);
    assert_int_equal(sunk(hbr_html_escape_to, "<<", 2)->calls, 2);
    assert_int_equal(sunk(hbr_html_escape_to, "", 0)->calls, 0);
    assert_int_equal(sunk(hbr_json_escape_to, "", 0)->calls, 0);
    assert_int_equal(sunk(hbr_json_escape_to, "ab\xC3\xBC\x7F", 5)->calls, 1);
    assert_int_equal(sunk(hbr_json_escape_to, "ab\ncd", 5)->calls, 3);
}

#define BAD "\xEF\xBF\xBD"

static void test_json(void **state)
{
    static const struct {
        const char *text;
        const char *escaped;
    } cases[] = { { "plain </script> & 'x'", "plain </script> & 'x'" },
                  { "\"\\/", "\\\"\\\\/" },
                  { "\b\f\n\r\t", "\\b\\f\\n\\r\\t" },
                  { "\x01\x0B\x1F\x7F", "\\u0001\\u000b\\u001f\x7F" },
                  { "gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80",
                    "gr\xC3\xBC\xC3\x9F \xF0\x9F\x98\x80" },
                  { "\xE2\x80\xA7\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA",
                    "\xE2\x80\xA7\\u2028\\u2029\xE2\x80\xAA" },
                  { "\xFF", BAD },
                  { "a\x80"
                    "b",
                    "a" BAD "b" },
                  { "\xE2\x82", BAD },
                  { "\xE2\x82\"", BAD "\\\"" },
                  { "\xF0\x90\x80\n", BAD "\\n" },
                  { "\xED\xA0\x80", BAD BAD BAD },
                  { "\xC0\xAF", BAD BAD } };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        const char *text = cases[i].text;

        assert_string_equal(sunk(hbr_json_escape_to, text, strlen(text))->text,
                            cases[i].escaped);
    }
    assert_string_equal(sunk(hbr_json_escape_to, "a\0b", 3)->text, "a\\u0000b");
}

/* RFC 8259 7: quotation mark, reverse solidus and U+0000 to U+001F, no more. */
static void test_json_bytes(void **state)
{
    unsigned byte;

    (void)state;
    for (byte = 0; byte < 128; byte++) {
        char text = (char)byte;
        bool stays = byte >= 0x20 && byte != '"' && byte != '\\';
        const sunk_t *result = sunk(hbr_json_escape_to, &text, 1);

        assert_int_equal(result->used == 1 && result->text[0] == text, stays);
        assert_true(stays || result->text[0] == '\\');
    }
}

static void test_url_escape(void **state)
{
    unsigned byte;

    (void)state;
    assert_string_equal(hbr_url_escape(pool, NULL), "");
    assert_string_equal(hbr_url_escape(pool, ""), "");
    assert_string_equal(hbr_url_escape(pool, "a b/c?d=e&f+%41"),
                        "a%20b%2Fc%3Fd%3De%26f%2B%2541");
    assert_string_equal(hbr_url_escape(pool, "\xC3\xBC"), "%C3%BC");
    for (byte = 1; byte < 256; byte++) { /* RFC 3986 2.3 */
        char text[] = { (char)byte, '\0' };
        char wanted[4];

        if (byte < 128
            && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                      "0123456789-._~",
                      (int)byte)
                   != NULL)
            snprintf(wanted, sizeof(wanted), "%c", (int)byte);
        else
            snprintf(wanted, sizeof(wanted), "%%%02X", byte);
        assert_string_equal(hbr_url_escape(pool, text), wanted);
    }
}

static void test_url_clean(void **state)
{
    static const struct {
        const char *url;
        const char *clean;
    } cases[] = { { "", "" },
                  { "/a/b?c=d#e", "/a/b?c=d#e" },
                  { "https://u:p@[::1]:8443/;a=b,c?x=$!*'()&y=+@#z~-._",
                    "https://u:p@[::1]:8443/;a=b,c?x=$!*'()&y=+@#z~-._" },
                  { "/a b", "/a%20b" },
                  { "/%20%C3%bc", "/%20%C3%bc" },
                  { "/100%", "/100%25" },
                  { "/%4", "/%254" },
                  { "/%%41", "/%25%41" },
                  { "/%4g%g4", "/%254g%25g4" },
                  { "/\xC3\xBC\xFF", "/%C3%BC%FF" },
                  { "\"<>\\^`{|}", "%22%3C%3E%5C%5E%60%7B%7C%7D" },
                  { "/a\nb", NULL },
                  { "/a\r\nSet-Cookie: x", NULL },
                  { "\t/", NULL },
                  { "/\x7F", NULL },
                  { "/\x01", NULL } };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        const char *clean = hbr_url_clean(pool, cases[i].url);

        if (cases[i].clean == NULL)
            assert_null(clean);
        else
            assert_string_equal(clean, cases[i].clean);
    }
    assert_ptr_equal(hbr_url_clean(pool, cases[1].url), cases[1].url);
}

/* RFC 3986 2.2, 2.3: each byte stands alone or is encoded or refused. */
static void test_url_clean_bytes(void **state)
{
    unsigned byte;

    (void)state;
    for (byte = 1; byte < 256; byte++) {
        char text[] = { (char)byte, '\0' };
        const char *clean = hbr_url_clean(pool, text);

        if (byte < 0x20 || byte == 0x7F)
            assert_null(clean);
        else if (byte > 0x7F || strchr(" \"%<>\\^`{|}", (int)byte) != NULL)
            assert_int_equal(strlen(clean), 3);
        else
            assert_string_equal(clean, text);
    }
}

MAIN(POOL_TEST(test_html), POOL_TEST(test_html_bytes),
     POOL_TEST(test_html_places), POOL_TEST(test_html_plain),
     POOL_TEST(test_runs), POOL_TEST(test_json), POOL_TEST(test_json_bytes),
     POOL_TEST(test_url_escape), POOL_TEST(test_url_clean),
     POOL_TEST(test_url_clean_bytes))
