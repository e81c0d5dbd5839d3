/*
 * Byte ranges: RFC 9110 14, 15.3.7, 15.5.17 and 17.15.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "range.h"

static apr_pool_t *pool;

typedef struct case_t {
    const char *field;
    apr_off_t total;
    /* "whole", "none" for unsatisfiable, or "first+length ..." */
    const char *ranges;
} case_t;

static const char *parse(const char *field, apr_off_t total)
{
    hbr_range_t *ranges;
    apr_size_t count;
    hbr_range_e result = hbr_range_parse(pool, field, total, &ranges, &count);
    const char *text = "";
    apr_off_t sum = 0;
    apr_size_t i;

    if (result != HBR_RANGE_PARTIAL) {
        assert_null(ranges);
        assert_int_equal(count, 0);
        return result == HBR_RANGE_WHOLE ? "whole" : "none";
    }
    assert_in_range(count, 1, HBR_RANGES_MAX);
    for (i = 0; i < count; i++) {
        assert_true(ranges[i].first >= 0 && ranges[i].length > 0);
        assert_true(ranges[i].length <= total - ranges[i].first);
        sum += ranges[i].length;
        text =
            apr_psprintf(pool, "%s%s%" APR_OFF_T_FMT "+%" APR_OFF_T_FMT, text,
                         i > 0 ? " " : "", ranges[i].first, ranges[i].length);
    }
    assert_true(sum <= total);
    return text;
}

static void check(const case_t *cases, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        const char *found = parse(cases[i].field, cases[i].total);

        if (strcmp(found, cases[i].ranges) != 0)
            fail_msg("\"%s\" of %" APR_OFF_T_FMT " gives %s, not %s",
                     cases[i].field != NULL ? cases[i].field : "(null)",
                     cases[i].total, found, cases[i].ranges);
    }
}

#define CHECK(cases) check(cases, sizeof(cases) / sizeof(*(cases)))

/* The examples of RFC 9110 14.1.2 and 14.2. */
static void test_examples(void **state)
{
    static const case_t cases[] = {
        { "bytes=0-499", 10000, "0+500" },
        { "bytes=500-999", 10000, "500+500" },
        { "bytes=-500", 10000, "9500+500" },
        { "bytes=9500-", 10000, "9500+500" },
        { "bytes=0-0,-1", 10000, "0+1 9999+1" },
        { "bytes= 0-0, -1", 10000, "0+1 9999+1" },
        { "bytes= 0-999, 4500-5499, -1000", 10000,
          "0+1000 4500+1000 9000+1000" },
        { "bytes=500-600,601-999", 10000, "500+500" },
        { "bytes=500-700,601-999", 10000, "500+500" },
    };

    (void)state;
    CHECK(cases);
}

static void test_bounds(void **state)
{
    static const case_t cases[] = {
        { "bytes=0-", 100, "0+100" },
        { "bytes=0-99", 100, "0+100" },
        { "bytes=0-100", 100, "0+100" },
        { "bytes=99-", 100, "99+1" },
        { "bytes=99-99", 100, "99+1" },
        { "bytes=100-", 100, "none" },
        { "bytes=100-200", 100, "none" },
        { "bytes=-1", 100, "99+1" },
        { "bytes=-100", 100, "0+100" },
        { "bytes=-101", 100, "0+100" },
        { "bytes=-0", 100, "none" },
        { "bytes=-00", 100, "none" },
        { "bytes=-0,0-0", 100, "0+1" },
        { "bytes=200-,5-6,100-", 100, "5+2" },
        { "bytes=200-,-0", 100, "none" },
        { "bytes=007-008", 100, "7+2" },
        { "bytes=0-0", 1, "0+1" },
        { "bytes=-5", 1, "0+1" },
        /* Nothing at all. */
        { "bytes=0-", 0, "none" },
        { "bytes=0-0", 0, "none" },
        { "bytes=-0", 0, "none" },
        { "bytes=-000", 0, "none" },
        { "bytes=-1", 0, "whole" },
        { "bytes=-99999999999999999999", 0, "whole" },
        { "bytes=0-0,-1", 0, "whole" },
        /* Not known. */
        { "bytes=0-0", -1, "whole" },
    };

    (void)state;
    CHECK(cases);
}

/* RFC 9110 14.2: what is to be ignored. */
static void test_ignored(void **state)
{
    static const case_t cases[] = {
        { NULL, 100, "whole" },
        { "", 100, "whole" },
        { "bytes", 100, "whole" },
        { "bytes=", 100, "whole" },
        { "bytes=,", 100, "whole" },
        { "bytes=, ,", 100, "whole" },
        { "bytes 0-1", 100, "whole" },
        { "bytes =0-1", 100, "whole" },
        { " bytes=0-1", 100, "whole" },
        { "items=0-1", 100, "whole" },
        { "bytess=0-1", 100, "whole" },
        { "byte=0-1", 100, "whole" },
        { "=0-1", 100, "whole" },
        { "0-1", 100, "whole" },
        { "bytes=-", 100, "whole" },
        { "bytes=1", 100, "whole" },
        { "bytes=a-b", 100, "whole" },
        { "bytes=1-b", 100, "whole" },
        { "bytes=1 -2", 100, "whole" },
        { "bytes=1- 2", 100, "whole" },
        { "bytes=- 2", 100, "whole" },
        { "bytes=1-2 3-4", 100, "whole" },
        { "bytes=1-2;3-4", 100, "whole" },
        { "bytes=1-2-3", 100, "whole" },
        { "bytes=--2", 100, "whole" },
        { "bytes=-+2", 100, "whole" },
        { "bytes=+1-2", 100, "whole" },
        { "bytes=0x1-2", 100, "whole" },
        { "bytes=1.0-2", 100, "whole" },
        { "bytes=*", 100, "whole" },
        { "bytes=1-2,x", 100, "whole" },
        { "bytes=x,1-2", 100, "whole" },
        { "bytes=2-1", 100, "whole" },
        { "bytes=0-1,5-4", 100, "whole" },
        { "bytes=200-100", 100, "whole" },
        { "bytes=0-1, bytes=3-4", 100, "whole" },
        { "bytes=0-1\n", 100, "whole" },
        { "bytes=0-1\x01", 100, "whole" },
        { "bytes=0-1/100", 100, "whole" },
        { "bytes=\xD9\xA1-\xD9\xA2", 100, "whole" },
    };

    (void)state;
    CHECK(cases);
}

/* RFC 9110 5.6.1 and 14.1: lists as a recipient has to take them. */
static void test_taken(void **state)
{
    static const case_t cases[] = {
        { "BYTES=0-1", 100, "0+2" },
        { "Bytes=0-1", 100, "0+2" },
        { "bytes=,0-1,,\t, 5-6 ,", 100, "0+2 5+2" },
        { "bytes=0-1 \t", 100, "0+2" },
    };

    (void)state;
    CHECK(cases);
}

#define MAX_TEXT "9223372036854775807"

/* Numbers that no apr_off_t holds. */
static void test_large_numbers(void **state)
{
    static const case_t cases[] = {
        { "bytes=0-" MAX_TEXT, 100, "0+100" },
        { "bytes=0-9223372036854775808", 100, "0+100" },
        { "bytes=0-18446744073709551616", 100, "0+100" },
        { "bytes=0-99999999999999999999999999999999", 100, "0+100" },
        { "bytes=99999999999999999999999999999999-", 100, "none" },
        { "bytes=18446744073709551616-18446744073709551617", 100, "none" },
        { "bytes=18446744073709551617-5", 100, "whole" },
        { "bytes=-18446744073709551617", 100, "0+100" },
        { "bytes=-9223372036854775808", 100, "0+100" },
        { "bytes=4294967296-4294967297", INT64_C(4294967300), "4294967296+2" },
        { "bytes=" MAX_TEXT "-", INT64_MAX, "none" },
        { "bytes=9223372036854775806-", INT64_MAX, "9223372036854775806+1" },
        { "bytes=0-", INT64_MAX, "0+" MAX_TEXT },
        { "bytes=-" MAX_TEXT, INT64_MAX, "0+" MAX_TEXT },
        { "bytes=0-,0-", INT64_MAX, "whole" },
        { "bytes=0-,-1", INT64_MAX, "whole" },
        { "bytes=1-,0-0", INT64_MAX, "0+" MAX_TEXT },
    };

    (void)state;
    CHECK(cases);
}

/* RFC 9110 15.3.7.2: order kept, overlapping and touching ranges joined. */
static void test_joined(void **state)
{
    static const case_t cases[] = {
        { "bytes=90-99,0-9", 100, "90+10 0+10" },
        { "bytes=0-9,11-19", 100, "0+10 11+9" },
        { "bytes=0-9,10-19", 100, "0+20" },
        { "bytes=10-19,0-9", 100, "0+20" },
        { "bytes=0-9,5-14", 100, "0+15" },
        { "bytes=0-19,5-9", 100, "0+20" },
        { "bytes=5-9,0-19", 100, "0+20" },
        { "bytes=5-5,5-5", 100, "5+1" },
        { "bytes=0-9,20-29,10-19", 100, "0+30" },
        { "bytes=40-49,0-9,20-29,10-19", 100, "40+10 0+30" },
        { "bytes=0-9,50-59,20-29,10-19,60-69,30-49", 100, "0+70" },
        { "bytes=0-49,50-99", 100, "0+100" },
        /* Together longer than the whole. */
        { "bytes=0-,0-0", 100, "whole" },
        { "bytes=0-59,40-99", 100, "whole" },
        { "bytes=0-49,50-99,99-", 100, "whole" },
    };

    (void)state;
    CHECK(cases);
}

static const char *repeat(const char *piece, int times)
{
    char *text = apr_pstrdup(pool, "bytes=");

    while (times-- > 0)
        text = apr_pstrcat(pool, text, piece, times > 0 ? "," : "", NULL);
    return text;
}

/* RFC 9110 17.15; CVE-2011-3192 sent some 1300 of "5-0,5-1,5-2 ...". */
static void test_many(void **state)
{
    char *attack = malloc(1 << 20);
    size_t used = (size_t)sprintf(attack, "bytes=0-");
    int i;

    (void)state;
    for (i = 0; i < 1300; i++)
        used += (size_t)sprintf(attack + used, ",5-%d", i + 5);
    assert_string_equal(parse(attack, 1 << 20), "whole");
    free(attack);

    assert_string_equal(parse(repeat("7-7", HBR_RANGES_MAX), 1000), "7+1");
    assert_string_equal(parse(repeat("7-7", HBR_RANGES_MAX + 1), 1000),
                        "whole");
    assert_string_equal(parse(repeat("2000-", HBR_RANGES_MAX), 1000), "none");
    assert_string_equal(parse(repeat("2000-", HBR_RANGES_MAX + 1), 1000),
                        "whole");
    assert_string_equal(parse(repeat("", 5000), 1000), "whole");
    assert_string_equal(
        parse(apr_pstrcat(pool, repeat("", 500), ",1-1", NULL), 1000), "1+1");
}

/* Whatever is sent, the answer lies within: parse() checks it. */
static void test_random(void **state)
{
    static const char alphabet[] = "0123456789-,-,-, =bytes\x01\xFF";
    unsigned seed = 20110826;
    int round;

    (void)state;
    for (round = 0; round < 20000; round++) {
        char field[64] = "bytes=";
        size_t length = 6;
        apr_pool_t *parent = pool;

        while (length < sizeof(field) - 1 && rand_r(&seed) % 24 != 0)
            field[length++] =
                alphabet[(unsigned)rand_r(&seed)
                         % (round % 2 ? 16 : sizeof(alphabet) - 1)];
        field[length] = '\0';
        apr_pool_create(&pool, parent);
        assert_non_null(parse(field, rand_r(&seed) % 200));
        apr_pool_destroy(pool);
        pool = parent;
    }
}

/* RFC 9110 14.4, 15.5.17 */
static void test_content_range(void **state)
{
    const hbr_range_t range = { 42, 1192 };
    const hbr_range_t all = { 0, INT64_MAX };

    (void)state;
    assert_string_equal(hbr_content_range(pool, &range, 1234),
                        "bytes 42-1233/1234");
    assert_string_equal(hbr_content_range(pool, &(hbr_range_t){ 0, 10 }, 100),
                        "bytes 0-9/100");
    assert_string_equal(hbr_content_range(pool, &all, INT64_MAX),
                        "bytes 0-9223372036854775806/" MAX_TEXT);
    assert_string_equal(hbr_content_range_unsatisfied(pool, 47022),
                        "bytes */47022");
    assert_string_equal(hbr_content_range_unsatisfied(pool, 0), "bytes */0");
}

/* RFC 9110 14.6, 15.3.7.2: the example's parts. */
static void test_byteranges(void **state)
{
    const hbr_range_t range = { 500, 500 };

    (void)state;
    assert_string_equal(hbr_byteranges_type(pool, "THIS_STRING_SEPARATES"),
                        "multipart/byteranges; "
                        "boundary=THIS_STRING_SEPARATES");
    assert_string_equal(hbr_byteranges_part(pool, "THIS_STRING_SEPARATES",
                                            "application/pdf", &range, 8000),
                        "\r\n--THIS_STRING_SEPARATES\r\n"
                        "Content-Type: application/pdf\r\n"
                        "Content-Range: bytes 500-999/8000\r\n\r\n");
    assert_string_equal(hbr_byteranges_part(pool, "b", NULL, &range, 8000),
                        "\r\n--b\r\n"
                        "Content-Range: bytes 500-999/8000\r\n\r\n");
    assert_string_equal(hbr_byteranges_end(pool, "THIS_STRING_SEPARATES"),
                        "\r\n--THIS_STRING_SEPARATES--\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),      cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_ignored),       cmocka_unit_test(test_taken),
        cmocka_unit_test(test_large_numbers), cmocka_unit_test(test_joined),
        cmocka_unit_test(test_many),          cmocka_unit_test(test_random),
        cmocka_unit_test(test_content_range), cmocka_unit_test(test_byteranges),
    };

    apr_initialize();
    apr_pool_create(&pool, NULL);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
