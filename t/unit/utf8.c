/*
 * UTF-8 by RFC 3629, and the maximal subparts of Unicode 3.9 (the examples of
 * its tables 3-8 to 3-11).
 */
#include <stdlib.h>

#include "support/pool.h"

#include "utf8.h"

/* An encoder that knows nothing of the decoder. */
static size_t encode(apr_uint32_t code, char *to)
{
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (char)(0xC0 + code / 64);
        to[1] = (char)(0x80 + code % 64);
        return 2;
    }
    if (code < 0x10000) {
        to[0] = (char)(0xE0 + code / 4096);
        to[1] = (char)(0x80 + code / 64 % 64);
        to[2] = (char)(0x80 + code % 64);
        return 3;
    }
    to[0] = (char)(0xF0 + code / 262144);
    to[1] = (char)(0x80 + code / 4096 % 64);
    to[2] = (char)(0x80 + code / 64 % 64);
    to[3] = (char)(0x80 + code % 64);
    return 4;
}

/* RFC 3629 3: every code point but the surrogates; none above U+10FFFF. */
static void test_every_code_point(void **state)
{
    apr_uint32_t code;

    (void)state;
    for (code = 0; code < 0x120000; code++) {
        bool good = code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
        apr_uint32_t decoded;
        char text[4];
        size_t length = encode(code, text);
        apr_size_t taken = hbr_utf8_decode(text, length, &decoded);

        if (hbr_is_utf8(text, length) != good
            || decoded != (good ? code : HBR_UTF8_BAD)
            || taken != (good ? length : 1)
            || (good && hbr_utf8_count(text, length) != 1))
            fail_msg("U+%04X", (unsigned)code);
    }
}

/* The grammar of RFC 3629 4, written out, on every text of three bytes. */
static bool grammar(const unsigned char *b, size_t length)
{
    while (length > 0) {
        size_t n;

        if (b[0] < 0x80)
            n = 1;
        else if (length > 1 && b[0] >= 0xC2 && b[0] <= 0xDF && b[1] >= 0x80
                 && b[1] <= 0xBF)
            n = 2;
        else if (length > 2 && b[2] >= 0x80 && b[2] <= 0xBF
                 && ((b[0] == 0xE0 && b[1] >= 0xA0 && b[1] <= 0xBF)
                     || (b[0] >= 0xE1 && b[0] <= 0xEC && b[1] >= 0x80
                         && b[1] <= 0xBF)
                     || (b[0] == 0xED && b[1] >= 0x80 && b[1] <= 0x9F)
                     || (b[0] >= 0xEE && b[0] <= 0xEF && b[1] >= 0x80
                         && b[1] <= 0xBF)))
            n = 3;
        else
            return false;
        b += n;
        length -= n;
    }
    return true;
}

static void test_three_bytes(void **state)
{
    unsigned a, b, c;

    (void)state;
    for (a = 0; a < 256; a++) {
        for (b = 0; b < 256; b++) {
            for (c = 0; c < 256; c += 1 + (b < 0x80) * 15) {
                unsigned char text[3] = { (unsigned char)a, (unsigned char)b,
                                          (unsigned char)c };

                if (hbr_is_utf8((char *)text, 3) != grammar(text, 3))
                    fail_msg("%02X %02X %02X", a, b, c);
            }
        }
    }
}

static void test_bad(void **state)
{
    static const char *const bad[] = { "\x80",
                                       "\xBF",
                                       "\xC0\xAF",
                                       "\xC1\xBF",
                                       "\xC2",
                                       "\xC2\x41",
                                       "\xE0\x9F\xBF",
                                       "\xE0\xA0",
                                       "\xED\xA0\x80",
                                       "\xED\xBF\xBF",
                                       "\xF0\x8F\xBF\xBF",
                                       "\xF0\x90\x80",
                                       "\xF4\x90\x80\x80",
                                       "\xF5\x80\x80\x80",
                                       "\xFE",
                                       "\xFF",
                                       "12345678\x80",
                                       "1234567\xC2",
                                       "\xF8\x88\x80\x80\x80" };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(bad); i++) {
        size_t length = strlen(bad[i]);
        char *copy = malloc(length); /* without a NUL behind it */

        memcpy(copy, bad[i], length);
        if (hbr_is_utf8(copy, length))
            fail_msg("case %d", (int)i);
        free(copy);
    }
}

static void test_good(void **state)
{
    static const char text[] = "12345678 Gr\xC3\xBC\xC3\x9F Gott "
                               "\xE2\x82\xAC \xF0\x9F\x98\x80";

    (void)state;
    assert_true(hbr_is_utf8("", 0));
    assert_true(hbr_is_utf8("a\0b", 3));
    assert_true(hbr_is_utf8(text, sizeof(text) - 1));
    assert_int_equal(hbr_utf8_count(text, sizeof(text) - 1), 22);
    assert_int_equal(hbr_utf8_count("", 0), 0);
}

/* A bad byte is seen wherever it stands in and behind the words of eight. */
static void test_every_position(void **state)
{
    size_t length, at;

    (void)state;
    for (length = 1; length < 40; length++) {
        for (at = 0; at < length; at++) {
            char text[40];

            memset(text, 'x', sizeof(text));
            text[at] = '\xFF';
            assert_false(hbr_is_utf8(text, length));
            text[at] = 'x';
            assert_true(hbr_is_utf8(text, length));
        }
    }
}

static void test_maximal_subparts(void **state)
{
    static const struct {
        const char *text;
        apr_size_t taken[12];
    } cases[] = { { "\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41",
                    { 1, 1, 1, 1, 1, 1, 1, 1, 1 } },
                  { "\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41",
                    { 1, 1, 1, 1, 1, 1, 1, 1, 1 } },
                  { "\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42",
                    { 1, 1, 1, 1, 1, 1, 1, 1, 1 } },
                  { "\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41",
                    { 2, 1, 3, 2, 1 } } };
    size_t i, n;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        const char *at = cases[i].text;

        for (n = 0; *at != '\0'; n++) {
            apr_uint32_t code;
            bool ascii = *at > 0;

            assert_int_equal(hbr_utf8_decode(at, strlen(at), &code),
                             cases[i].taken[n]);
            assert_int_equal(code == HBR_UTF8_BAD, !ascii);
            at += cases[i].taken[n];
        }
        assert_int_equal(cases[i].taken[n], 0);
    }
}

MAIN(cmocka_unit_test(test_every_code_point),
     cmocka_unit_test(test_three_bytes), cmocka_unit_test(test_bad),
     cmocka_unit_test(test_good), cmocka_unit_test(test_every_position),
     POOL_TEST(test_maximal_subparts))
