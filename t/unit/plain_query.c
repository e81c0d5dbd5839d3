/*
 * A value that is looked for in a query is the one that the parser finds: in all
 * short texts of the bytes that mean something, and in many long ones; with the
 * CPU's wide vectors and without.
 */
#include <stdlib.h>

#include "support/both.h"

#include "plain_query.h"
#include "urlencoded.h"

static const char *const names[] = { "",    "a",     "b",   "aa",     "ab",
                                     "aba", "abaab", "abc", "name-12" };

/* A copy that ends where its memory does: ASan sees what is read behind it. */
static char *exact(const char *text, size_t length)
{
    char *copy = malloc(length > 0 ? length : 1);

    memcpy(copy, text, length);
    return copy;
}

static void same(const hbr_urlencoded_t *parsed, const char *text,
                 size_t length, const char *name)
{
    hbr_plain_value_t found =
        hbr_plain_query_find(text, length, name, strlen(name));
    size_t i = 0, j;

    while (i < parsed->count && strcmp(parsed->pairs[i].name, name) != 0)
        i++;
    if (i == parsed->count) {
        assert_null(found.bytes);
        return;
    }
    assert_non_null(found.bytes);
    assert_int_equal(found.length, parsed->pairs[i].value_length);
    for (j = 0; j < found.length; j++)
        assert_int_equal(found.bytes[j] == '+' ? ' ' : found.bytes[j],
                         parsed->pairs[i].value[j]);
}

static void check(const char *text, size_t length)
{
    char *copy = exact(text, length);
    hbr_urlencoded_t parser;
    size_t i;

    hbr_urlencoded_open(&parser, pool, APR_SIZE_MAX, length);
    hbr_urlencoded_feed(&parser, copy, length);
    assert_int_equal(hbr_urlencoded_close(&parser), HBR_URLENCODED_OK);
    for (i = 0; i < ITEMS(names); i++)
        same(&parser, copy, length, names[i]);
    free(copy);
}

static void test_short(void **state)
{
    static const char alphabet[] = "&=+ab";
    unsigned code;

    (void)state;
    for (code = 0; code < 5 * 5 * 5 * 5 * 5 * 5 * 5; code++) {
        unsigned rest = code;
        char text[7];
        size_t length;

        for (length = 0; length < 7; length++, rest /= 5)
            text[length] = alphabet[rest % 5];
        check(text, 1 + code % 7);
        check(text, 7);
        if (code % 500 == 0)
            apr_pool_clear(pool);
    }
}

/* Pairs of one length, and of many: what is looked for may stand anywhere, or
 * what only begins like it. */
static void test_long(void **state)
{
    static const char *const pieces[] = { "a",       "b", "ab",  "aba", "abaab",
                                          "name-12", "=", "&",   "&",   "=x+y&",
                                          "abab",    "+", "\xc3" };
    unsigned round;

    (void)state;
    srand(1);
    for (round = 0; round < 20000; round++) {
        char text[512] = "";
        size_t wanted = (size_t)rand() % 500, used = 0;

        while (used < wanted) {
            const char *piece = pieces[(size_t)rand() % ITEMS(pieces)];

            memcpy(text + used, piece, strlen(piece));
            used += strlen(piece);
        }
        check(text, used);
        if (round % 500 == 0)
            apr_pool_clear(pool);
    }
}

/* At each place of a long query. */
static void test_everywhere(void **state)
{
    char text[400];
    size_t at;

    (void)state;
    for (at = 0; at + 6 < sizeof(text); at++) {
        memset(text, 'x', sizeof(text));
        if (at > 0)
            text[at - 1] = '&';
        memcpy(text + at, "aba=1", 5);
        check(text, sizeof(text));
        check(text, at + 5);
        check(text, at + 3);
        text[at + 3] = '&';
        check(text, sizeof(text));
    }
}

static void test_lengths(void **state)
{
    (void)state;
    assert_int_equal(hbr_plain_query_length(""), 0);
    assert_int_equal(hbr_plain_query_length("a=b"), 3);
    assert_int_equal(hbr_plain_query_length("a=%"), 0);
    assert_int_equal(hbr_plain_query_length("%a"), 0);
    assert_int_equal(hbr_plain_name_length(""), 0);
    assert_int_equal(hbr_plain_name_length("abc"), 3);
    assert_int_equal(hbr_plain_name_length("a&"), -1);
    assert_int_equal(hbr_plain_name_length("="), -1);
    assert_int_equal(hbr_plain_name_length("a+b"), -1);
    assert_int_equal(hbr_plain_name_length(" "), -1);
}

MAIN(BOTH_TESTS(test_short), BOTH_TESTS(test_long), BOTH_TESTS(test_everywhere),
     POOL_TEST(test_lengths))
