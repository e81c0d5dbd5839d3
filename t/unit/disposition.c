/*
 * Content-Disposition: RFC 6266 4 and 5, RFC 8187 3.2.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "disposition.h"
#include "field.h"
#include "handlerbridge/escape.h"

static apr_pool_t *pool;

typedef struct case_t {
    const char *name;
    const char *value; /* Behind "attachment". */
} case_t;

static void check(const case_t *cases, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        const char *name = cases[i].name;

        assert_string_equal(
            hbr_disposition_format(pool, HBR_ATTACHMENT, name),
            apr_pstrcat(pool, "attachment", cases[i].value, NULL));
        assert_string_equal(hbr_disposition_format(pool, HBR_INLINE, name),
                            apr_pstrcat(pool, "inline", cases[i].value, NULL));
    }
}

#define CHECK(cases) check(cases, sizeof(cases) / sizeof(*(cases)))

/* RFC 6266 5; RFC 8187 3.2.3: pound and euro rates. */
static void test_examples(void **state)
{
    static const case_t cases[] = {
        { "example.html", "; filename=\"example.html\"" },
        { "an example.html", "; filename=\"an example.html\"" },
        { "\xE2\x82\xAC rates",
          "; filename=\"_ rates\"; filename*=UTF-8''%E2%82%AC%20rates" },
        { "\xC2\xA3 and \xE2\x82\xAC rates",
          "; filename=\"_ and _ rates\"; "
          "filename*=UTF-8''%C2%A3%20and%20%E2%82%AC%20rates" },
    };

    (void)state;
    CHECK(cases);
}

static void test_plain(void **state)
{
    static const case_t cases[] = {
        { "a b.pdf", "; filename=\"a b.pdf\"" },
        { "a", "; filename=\"a\"" },
        { ".htaccess", "; filename=\".htaccess\"" },
        { "...", "; filename=\"...\"" },
        { "a;b=c, d.txt", "; filename=\"a;b=c, d.txt\"" },
        { "it's (1)!.txt", "; filename=\"it's (1)!.txt\"" },
        { "100%.txt", "; filename=\"100%.txt\"" },
        { "100%4.txt", "; filename=\"100%4.txt\"" },
        { "5%", "; filename=\"5%\"" },
        { "5%A", "; filename=\"5%A\"" },
        { "%%", "; filename=\"%%\"" },
        { "=?UTF-8?Q?x?=", "; filename=\"=?UTF-8?Q?x?=\"" },
    };

    (void)state;
    CHECK(cases);
}

static void test_last_component(void **state)
{
    static const case_t cases[] = {
        { "/etc/passwd", "; filename=\"passwd\"" },
        { "../../x", "; filename=\"x\"" },
        { "C:\\Users\\x.txt", "; filename=\"x.txt\"" },
        { "a/b\\c", "; filename=\"c\"" },
        { "a\\b/c", "; filename=\"c\"" },
        { "a/", "" },
        { "a\\", "" },
        { "/", "" },
    };

    (void)state;
    CHECK(cases);
}

static void test_no_name(void **state)
{
    static const case_t cases[] = {
        { NULL, "" }, { "", "" },     { ".", "" },
        { "..", "" }, { "a/..", "" }, { "..\\.", "" },
    };

    (void)state;
    CHECK(cases);
}

/* RFC 6266 appendix D: what clients read from a quoted string differently. */
static void test_quoting(void **state)
{
    static const case_t cases[] = {
        { "a\"b.txt", "; filename=\"a_b.txt\"; filename*=UTF-8''a%22b.txt" },
        { "\"; filename=\"evil.exe",
          "; filename=\"_; filename=_evil.exe\"; "
          "filename*=UTF-8''%22%3B%20filename%3D%22evil.exe" },
        { "a%41.txt", "; filename=\"a_41.txt\"; filename*=UTF-8''a%2541.txt" },
        { "%2e%2E%2f",
          "; filename=\"_2e_2E_2f\"; filename*=UTF-8''%252e%252E%252f" },
        { "%%41", "; filename=\"__41\"; filename*=UTF-8''%25%2541" },
        { "100% \xC3\xA4",
          "; filename=\"100_ _\"; filename*=UTF-8''100%25%20%C3%A4" },
        { "it's \xC3\xA4*",
          "; filename=\"it's _*\"; filename*=UTF-8''it%27s%20%C3%A4%2A" },
    };

    (void)state;
    CHECK(cases);
}

static void test_characters(void **state)
{
    static const case_t cases[] = {
        { "a\r\nSet-Cookie: x=y", "; filename=\"a__Set-Cookie: x=y\"" },
        { "a\tb\x01\x1F\x7F", "; filename=\"a_b___\"" },
        { "\n", "; filename=\"_\"" },
        /* C1, the line separator, and the overrides of direction. */
        { "a\xC2\x85z", "; filename=\"a_z\"" },
        { "a\xE2\x80\xA8z", "; filename=\"a_z\"" },
        { "exe\xE2\x80\xAEgpj.exe", "; filename=\"exe_gpj.exe\"" },
        { "\xE2\x81\xA6x\xE2\x81\xA9", "; filename=\"_x_\"" },
        /* Their neighbours stay. */
        { "\xE2\x80\xA7", "; filename=\"_\"; filename*=UTF-8''%E2%80%A7" },
        { "\xE2\x80\xAF", "; filename=\"_\"; filename*=UTF-8''%E2%80%AF" },
        { "\xC2\xA0", "; filename=\"_\"; filename*=UTF-8''%C2%A0" },
        { "\xF0\x9F\x98\x80.png",
          "; filename=\"_.png\"; filename*=UTF-8''%F0%9F%98%80.png" },
        /* Not UTF-8: a lone byte, an overlong slash, a surrogate, an end too
         * soon. */
        { "a\xFFz", "; filename=\"a_z\"; filename*=UTF-8''a%EF%BF%BDz" },
        { "\xC0\xAF",
          "; filename=\"__\"; filename*=UTF-8''%EF%BF%BD%EF%BF%BD" },
        { "\xED\xA0\x80", "; filename=\"___\"; "
                          "filename*=UTF-8''%EF%BF%BD%EF%BF%BD%EF%BF%BD" },
        { "x\xE2\x82", "; filename=\"x_\"; filename*=UTF-8''x%EF%BF%BD" },
        { "x\xE2\x82/y", "; filename=\"y\"" },
    };

    (void)state;
    CHECK(cases);
}

/* RFC 8187 3.2.1: attr-char stands for itself, all else is encoded. */
static void test_every_character(void **state)
{
    static const char attr_char[] = "!#$&+-.^_`|~0123456789"
                                    "abcdefghijklmnopqrstuvwxyz"
                                    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    int c;

    (void)state;
    for (c = 0x20; c < 0x7F; c++) {
        char name[] = { '\xC3', '\xA4', (char)c, '\0' };
        const char *value;
        char expected[64] = "*=UTF-8''%C3%A4";

        if (c == '/' || c == '\\')
            continue;
        apr_snprintf(expected + strlen(expected), 8,
                     strchr(attr_char, c) != NULL ? "%c" : "%%%02X", c);
        value = hbr_disposition_format(pool, HBR_INLINE, name);
        assert_string_equal(strrchr(value, '=') - 1, expected);
    }
}

static char *repeat(const char *piece, int times, const char *tail)
{
    size_t size = strlen(piece);
    char *text = apr_palloc(pool, size * (size_t)times + strlen(tail) + 1);
    int i;

    for (i = 0; i < times; i++)
        memcpy(text + size * (size_t)i, piece, size);
    strcpy(text + size * (size_t)times, tail);
    return text;
}

/* The name as filename* holds it, or the plain one. */
static const char *sent(const char *name)
{
    const char *value = hbr_disposition_format(pool, HBR_INLINE, name);
    const char *extended = strstr(value, "filename*=UTF-8''");
    char *out;
    char *decoded;

    if (extended == NULL) {
        decoded = apr_pstrdup(pool, strchr(value, '"') + 1);
        decoded[strlen(decoded) - 1] = '\0';
        return decoded;
    }
    extended += strlen("filename*=UTF-8''");
    out = decoded = apr_pcalloc(pool, strlen(extended) + 1);
    while (*extended != '\0') {
        if (*extended == '%') {
            char hex[] = { extended[1], extended[2], '\0' };

            *out++ = (char)strtol(hex, NULL, 16);
            extended += 3;
        } else {
            *out++ = *extended++;
        }
    }
    return decoded;
}

static void test_cut(void **state)
{
    static const struct {
        const char *piece;
        int times;
        const char *tail;
        int left; /* Times the piece is left; the tail is kept. */
    } table[] = {
        { "a", 255, "", 255 },
        { "a", 256, "", 255 },
        { "a", 100000, ".pdf", 251 },
        { "a", 251, ".pdf", 251 },
        { "a", 252, ".pdf", 251 },
        { "\xC3\xA4", 127, "", 127 },
        { "\xC3\xA4", 128, "", 127 },
        { "\xC3\xA4", 200, ".png", 125 },
        { "\xE2\x82\xAC", 200, ".png", 83 },
        { "\xF0\x9F\x98\x80", 200, ".html", 62 },
        { "a.bcd", 200, ".\xC3\xA4\xC3\xA4", 50 },
        { "a", 300, ".2345678901234567890123456789012", 223 },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
        const char *name =
            sent(repeat(table[i].piece, table[i].times, table[i].tail));

        assert_true(strlen(name) <= HBR_FILENAME_MAX);
        assert_true(hbr_is_utf8(name, strlen(name)));
        if (strcmp(name, repeat(table[i].piece, table[i].left, table[i].tail))
            != 0)
            fail_msg("case %d: %s", (int)i, name);
    }
    /* Too long for an extension: cut as it comes. */
    assert_string_equal(
        sent(repeat("a", 250, repeat(".", 1, repeat("b", 32, "")))),
        repeat("a", 250, ".bbbb"));
    assert_string_equal(sent(repeat(".", 1, repeat("b", 400, ""))),
                        repeat(".", 1, repeat("b", 254, "")));
}

/* Any bytes give a value that may go out. */
static void test_random(void **state)
{
    static const char alphabet[] = "ab. %4\"\\/;\x01\n\x7F\xC3\xA4\xE2\x82\xAC"
                                   "\xF0\x9F\x98\x80\xFF\xC0";
    unsigned seed = 8187;
    int round;

    (void)state;
    for (round = 0; round < 20000; round++) {
        char name[400];
        size_t length = (size_t)rand_r(&seed) % (round % 50 ? 12 : 399);
        apr_pool_t *parent = pool;
        const char *value;
        const char *at;
        size_t i;

        for (i = 0; i < length; i++)
            name[i] = alphabet[(size_t)rand_r(&seed) % (sizeof(alphabet) - 1)];
        name[length] = '\0';
        apr_pool_create(&pool, parent);
        value = hbr_disposition_format(pool, HBR_ATTACHMENT, name);
        assert_true(hbr_field_value_ok(value));
        for (at = value; *at != '\0'; at++)
            assert_in_range((unsigned char)*at, 0x20, 0x7E);
        assert_true(strlen(value) < 5 * HBR_FILENAME_MAX);
        /* RFC 9110 5.6.6, which RFC 6266's grammar is part of. */
        at = value + strlen("attachment");
        while (hbr_parameter_next(&at, &(hbr_parameter_t){ 0 }))
            ;
        assert_string_equal(at, "");
        apr_pool_destroy(pool);
        pool = parent;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_last_component),
        cmocka_unit_test(test_no_name),
        cmocka_unit_test(test_quoting),
        cmocka_unit_test(test_characters),
        cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_random),
    };

    apr_initialize();
    apr_pool_create(&pool, NULL);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
