/*
 * The urlencoded parser, held to the WHATWG URL Standard 5.1, with the cases of
 * the Web Platform Tests (url/urlencoded-parser.any.js). Bytes are handed on as
 * they are: what is decoded need not be UTF-8. Each case is fed whole, byte by
 * byte, and split at every position; all of it with vectors of 32 bytes, where the
 * CPU has them, and of 16.
 */
#include <stdio.h>
#include <stdlib.h>

#include "support/palloc.h"
#include "support/both.h"

#include "urlencoded.h"

#define PLENTY 1000

/* The pairs as text, in a form that the parser's input cannot forge:
 * "[name|value]", where both are followed by a check of their lengths. */
static const char *show(const hbr_urlencoded_t *parser)
{
    static char text[4096];
    size_t used = 0;
    apr_size_t i;

    text[0] = '\0';
    for (i = 0; i < parser->count; i++) {
        const hbr_pair_t *pair = &parser->pairs[i];

        assert_int_equal(strlen(pair->name), pair->name_length);
        assert_int_equal(strlen(pair->value), pair->value_length);
        used += (size_t)snprintf(text + used, sizeof(text) - used, "[%s|%s]",
                                 pair->name, pair->value);
        assert_true(used < sizeof(text));
    }
    return text;
}

static hbr_urlencoded_e parse_pieces(const char *bytes, apr_size_t length,
                                     apr_size_t split, apr_size_t step,
                                     apr_size_t most, apr_size_t expected,
                                     hbr_urlencoded_t *parser)
{
    hbr_urlencoded_e fed = HBR_URLENCODED_OK;
    apr_size_t at = 0;

    hbr_urlencoded_open(parser, pool, most, expected);
    while (at < length) {
        apr_size_t piece = at < split ? split - at : step;
        char *copy;

        if (piece > length - at)
            piece = length - at;
        copy = malloc(piece); /* so that a read past its end is reported */
        memcpy(copy, bytes + at, piece);
        fed = hbr_urlencoded_feed(parser, copy, piece);
        free(copy);
        at += piece;
    }
    assert_int_equal(hbr_urlencoded_feed(parser, NULL, 0), fed);
    return hbr_urlencoded_close(parser);
}

/* All ways to feed it give the same. */
static void check(const char *bytes, apr_size_t length, apr_size_t most,
                  hbr_urlencoded_e result, const char *pairs)
{
    hbr_urlencoded_t parser;
    apr_size_t split;

    for (split = 0; split <= length; split++) {
        assert_int_equal(parse_pieces(bytes, length, split, PLENTY, most,
                                      split % 2 ? length : 0, &parser),
                         result);
        assert_string_equal(show(&parser), pairs);
    }
    assert_int_equal(parse_pieces(bytes, length, 0, 1, most, 0, &parser),
                     result);
    assert_string_equal(show(&parser), pairs);
    assert_int_equal(parse_pieces(bytes, length, 0, 1, most, length, &parser),
                     result);
    assert_string_equal(show(&parser), pairs);
}

static void test_pairs(void **state)
{
    static const struct {
        const char *text;
        const char *pairs;
    } cases[] = {
        { "", "" },
        { "test", "[test|]" },
        { "\xEF\xBB\xBFtest=\xEF\xBB\xBF", "[\xEF\xBB\xBFtest|\xEF\xBB\xBF]" },
        { "%EF%BB%BFtest=%EF%BB%BF", "[\xEF\xBB\xBFtest|\xEF\xBB\xBF]" },
        { "%EF%BF%BF=%EF%BF%BF", "[\xEF\xBF\xBF|\xEF\xBF\xBF]" },
        { "%FE%FF", "[\xFE\xFF|]" },
        { "%FF%FE", "[\xFF\xFE|]" },
        { "\xE2\x80\xA0&\xE2\x80\xA0=x", "[\xE2\x80\xA0|][\xE2\x80\xA0|x]" },
        { "%C2", "[\xC2|]" },
        { "%C2x", "[\xC2x|]" },
        { "_charset_=windows-1252&test=%C2x",
          "[_charset_|windows-1252][test|\xC2x]" },
        { "a", "[a|]" },
        { "a=b", "[a|b]" },
        { "a=", "[a|]" },
        { "=b", "[|b]" },
        { "=", "[|]" },
        { "==", "[|=]" },
        { "&", "" },
        { "&&&", "" },
        { "&a", "[a|]" },
        { "a&", "[a|]" },
        { "a&a", "[a|][a|]" },
        { "a&b&c", "[a|][b|][c|]" },
        { "a=b&c=d", "[a|b][c|d]" },
        { "a=b&c=d&", "[a|b][c|d]" },
        { "&&&a=b&&&&c=d&", "[a|b][c|d]" },
        { "a=a&a=b&a=c", "[a|a][a|b][a|c]" },
        { "a==a", "[a|=a]" },
        { "a=b=c=d", "[a|b=c=d]" },
        { "a=a+b+c+d", "[a|a b c d]" },
        { "+=+", "[ | ]" },
        { "%=a", "[%|a]" },
        { "%a=a", "[%a|a]" },
        { "%a_=a", "[%a_|a]" },
        { "%61=a", "[a|a]" },
        { "%61+%4d%4D=", "[a MM|]" },
        { "id=0&value=%", "[id|0][value|%]" },
        { "b=%2sf%2a", "[b|%2sf*]" },
        { "b=%2%2af%2a", "[b|%2*f*]" },
        { "b=%%2a", "[b|%*]" },
        /* what ends an escape keeps its meaning */
        { "a=%&b=%4&c", "[a|%][b|%4][c|]" },
        { "%4=%+%4+", "[%4|% %4 ]" },
        { "a%3Db%26c%2B=%3D%26%25%2B", "[a=b&c+|=&%+]" },
        { "%2541", "[%41|]" },
        { "a;b=c;d", "[a;b|c;d]" },
        { "%01=%7f%1F", "[\x01|\x7F\x1F]" },
        { "%g0=%0g%G%/%:%@%`", "[%g0|%0g%G%/%:%@%`]" },
        { "1&2&3&4&5&6&7&8&9&10",
          "[1|][2|][3|][4|][5|][6|][7|][8|][9|][10|]" }
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++)
        check(cases[i].text, strlen(cases[i].text), PLENTY, HBR_URLENCODED_OK,
              cases[i].pairs);
}

/* Every escape, in both cases of its digits. */
static void test_every_escape(void **state)
{
    unsigned byte;

    (void)state;
    for (byte = 1; byte < 256; byte++) {
        char wanted[] = { '[', (char)byte, '|', (char)byte, ']', '\0' };
        char text[16];

        snprintf(text, sizeof(text), "%%%02x=%%%02X", byte, byte);
        check(text, strlen(text), PLENTY, HBR_URLENCODED_OK, wanted);
    }
}

/* A NUL is refused however it is written; what came before is kept. */
static void test_nul(void **state)
{
    static const struct {
        const char *text;
        apr_size_t length;
        const char *pairs;
    } cases[] = { { "%00", 3, "" },          { "\0", 1, "" },
                  { "a=%00", 5, "" },        { "a=b&c%00&d", 10, "[a|b]" },
                  { "a&b=\0&c", 7, "[a|]" }, { "%%00", 4, "" },
                  { "%0%00", 5, "" },        { "a=%\0", 4, "" },
                  { "&\0", 2, "" },          { "a&=%4\0", 6, "[a|]" } };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++)
        check(cases[i].text, cases[i].length, PLENTY, HBR_URLENCODED_NUL,
              cases[i].pairs);
    check("%0", 2, PLENTY, HBR_URLENCODED_OK, "[%0|]");
    check("%0&0", 4, PLENTY, HBR_URLENCODED_OK, "[%0|][0|]");
}

static void test_most(void **state)
{
    (void)state;
    check("a=1&b=2", 7, 2, HBR_URLENCODED_OK, "[a|1][b|2]");
    check("a=1&b=2&", 8, 2, HBR_URLENCODED_OK, "[a|1][b|2]");
    check("&&a=1&&b=2&&", 12, 2, HBR_URLENCODED_OK, "[a|1][b|2]");
    check("a=1&b=2&c", 9, 2, HBR_URLENCODED_MANY, "[a|1][b|2]");
    check("a=1&b=2&%00", 11, 2, HBR_URLENCODED_MANY, "[a|1][b|2]");
    check("a=1&b=%00&c", 11, 2, HBR_URLENCODED_NUL, "[a|1]");
    check("", 0, 0, HBR_URLENCODED_OK, "");
    check("&", 1, 0, HBR_URLENCODED_OK, "");
    check("a", 1, 0, HBR_URLENCODED_MANY, "");
}

/* The standard's own steps, one after the other on the whole input. */
static int digit_value(char byte)
{
    const char *digits = "0123456789abcdef0123456789ABCDEF";
    const char *at = byte != '\0' ? strchr(digits, byte) : NULL;

    return at != NULL ? (int)(at - digits) % 16 : -1;
}

static size_t decode(const char *from, size_t length, char *to)
{
    size_t used = 0;
    size_t i;

    for (i = 0; i < length; i++) {
        if (from[i] == '%' && length - i > 2 && digit_value(from[i + 1]) >= 0
            && digit_value(from[i + 2]) >= 0) {
            to[used++] = (char)(digit_value(from[i + 1]) * 16
                                + digit_value(from[i + 2]));
            i += 2;
        } else {
            to[used++] = from[i] == '+' ? ' ' : from[i];
        }
    }
    to[used] = '\0';
    return used;
}

static void reference(const char *text, char *shown)
{
    *shown = '\0';
    while (*text != '\0') {
        size_t length = strcspn(text, "&");
        size_t name = strcspn(text, "&=");
        size_t value = name < length ? name + 1 : length;

        if (length > 0) {
            *shown++ = '[';
            shown += decode(text, name, shown);
            *shown++ = '|';
            shown += decode(text + value, length - value, shown);
            *shown++ = ']';
            *shown = '\0';
        }
        text += length + (text[length] == '&');
    }
}

static void test_random_texts(void **state)
{
    static const char alphabet[] = "&&==++%%%%246aFgx";
    unsigned seed = 7;
    int round;

    (void)state;
    for (round = 0; round < 3000; round++) {
        char text[25], shown[100];
        size_t length, i;

        seed = seed * 1103515245 + 12345;
        length = (seed >> 16) % sizeof(text);
        for (i = 0; i < length; i++) {
            seed = seed * 1103515245 + 12345;
            text[i] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
        }
        text[length] = '\0';
        reference(text, shown);
        check(text, length, PLENTY, HBR_URLENCODED_OK, shown);
    }
}

/* A megabyte byte by byte: time and memory stay linear. */
static void test_long_value(void **state)
{
    const apr_size_t size = 1024 * 1024;
    apr_size_t before = palloc_live();
    hbr_urlencoded_t parser;
    apr_size_t i;

    (void)state;
    hbr_urlencoded_open(&parser, pool, 1, 0);
    hbr_urlencoded_feed(&parser, "n=", 2);
    for (i = 0; i < size; i++)
        hbr_urlencoded_feed(&parser, i % 2 ? "a" : "b", 1);
    assert_int_equal(hbr_urlencoded_close(&parser), HBR_URLENCODED_OK);
    assert_int_equal(parser.count, 1);
    assert_int_equal(parser.pairs[0].value_length, size);
    for (i = 0; i < size; i++)
        assert_int_equal(parser.pairs[0].value[i], i % 2 ? 'a' : 'b');
    assert_true(palloc_live() - before < 5 * size);
}

/* The open pair can be looked at: as much of it as was fed. */
static void test_peek(void **state)
{
    static const char text[] = "ab=cd%4&e";
    static const apr_size_t names[] = { 0, 1, 2, 2, 2, 2, 2, 2, 0, 1 };
    static const apr_size_t values[] = { 0, 0, 0, 0, 1, 2, 2, 2, 0, 0 };
    hbr_urlencoded_t parser;
    hbr_pair_t pair;
    apr_size_t i;

    (void)state;
    hbr_urlencoded_open(&parser, pool, PLENTY, 0);
    for (i = 0; text[i] != '\0'; i++) {
        bool open = hbr_urlencoded_peek(&parser, &pair);

        assert_int_equal(open, names[i] > 0);
        if (open) {
            assert_int_equal(pair.name_length, names[i]);
            assert_memory_equal(pair.name, "ab", names[i]);
            assert_int_equal(pair.value_length, values[i]);
            assert_memory_equal(pair.value, "cd", values[i]);
        }
        hbr_urlencoded_feed(&parser, text + i, 1);
    }
    assert_int_equal(hbr_urlencoded_close(&parser), HBR_URLENCODED_OK);
    assert_false(hbr_urlencoded_peek(&parser, &pair));
    assert_string_equal(parser.pairs[0].value, "cd%4");
}

/* A text whose length is known costs one copy of it and the pairs. */
static void test_known_length(void **state)
{
    char text[4001];
    apr_size_t before;
    hbr_urlencoded_t parser;

    (void)state;
    memset(text, 'x', 4000);
    memcpy(text, "a=1&b=", 6);
    text[4000] = '\0';
    before = palloc_live();
    hbr_urlencoded_open(&parser, pool, 2, 4000);
    hbr_urlencoded_feed(&parser, text, 4000);
    assert_int_equal(hbr_urlencoded_close(&parser), HBR_URLENCODED_OK);
    assert_int_equal(parser.pairs[1].value_length, 3994);
    assert_true(palloc_live() - before < 4000 + 10 * sizeof(hbr_pair_t));
}

/* However long it is, there may be one pair in it. */
static void test_known_length_of_one(void **state)
{
    enum { LENGTH = 100000 };
    static char text[LENGTH];
    apr_size_t before = palloc_live();
    hbr_urlencoded_t parser;

    (void)state;
    memset(text, 'x', LENGTH);
    hbr_urlencoded_open(&parser, pool, LENGTH, LENGTH);
    hbr_urlencoded_feed(&parser, text, LENGTH);
    assert_int_equal(hbr_urlencoded_close(&parser), HBR_URLENCODED_OK);
    assert_int_equal(parser.pairs[0].name_length, LENGTH);
    assert_true(palloc_live() - before < LENGTH + 70 * sizeof(hbr_pair_t));
}

/* Feeds a form of short fields by so many at a time. */
static void check_known_pieces(apr_size_t fields)
{
    static const char field[] = "name=the+quick+brown+fox&";
    const apr_size_t length = sizeof(field) - 1, count = 40000;
    apr_size_t before = palloc_live(), i;
    char *piece = malloc(fields * length);
    hbr_urlencoded_t parser;

    for (i = 0; i < fields; i++)
        memcpy(piece + i * length, field, length);
    hbr_urlencoded_open(&parser, pool, 2 * count, length * count);
    for (i = 0; i < count; i += fields)
        hbr_urlencoded_feed(&parser, piece, fields * length);
    free(piece);
    assert_int_equal(hbr_urlencoded_close(&parser), HBR_URLENCODED_OK);
    assert_int_equal(parser.count, count);
    assert_true(palloc_live() - before
                < 1000100 + count * sizeof(hbr_pair_t) * 5 / 4);
}

/* A form whose length is known is not moved while it comes, and the first of
 * its pairs tell how many there will be, also when they come in one piece. */
static void test_known_pieces(void **state)
{
    (void)state;
    check_known_pieces(1);
    apr_pool_clear(pool);
    check_known_pieces(400);
    apr_pool_clear(pool);
    check_known_pieces(40000);
}

/* What is announced and does not come takes a MB, and the pairs that are
 * allowed. */
static void test_announced_only(void **state)
{
    const apr_size_t much = (apr_size_t)1 << 30;
    apr_size_t before = palloc_live();
    hbr_urlencoded_t parser;
    apr_size_t i;

    (void)state;
    hbr_urlencoded_open(&parser, pool, PLENTY, much);
    assert_int_equal(palloc_live(), before);
    for (i = 0; i < 600; i++)
        hbr_urlencoded_feed(&parser, "a&", 2);
    assert_int_equal(hbr_urlencoded_close(&parser), HBR_URLENCODED_OK);
    assert_true(palloc_live() - before
                < 1024 * 1024 + 3 * PLENTY * sizeof(hbr_pair_t));
}

/* More may come than was expected, and less. */
static void test_wrong_length(void **state)
{
    static const char text[] = "ab=cd&e=%41";
    apr_size_t expected;
    hbr_urlencoded_t parser;

    (void)state;
    for (expected = 1; expected < 2 * sizeof(text); expected++) {
        assert_int_equal(
            parse_pieces(text, strlen(text), 0, 1, PLENTY, expected, &parser),
            HBR_URLENCODED_OK);
        assert_string_equal(show(&parser), "[ab|cd][e|A]");
    }
}

/* Blocks are taken 16 or 32 bytes at a time, the last ones out of a copy: every
 * length and every place of what means something, and never a byte behind the
 * piece, where a letter stands. */
static void test_runs(void **state)
{
    enum { LONGEST = 150 };
    static const char *const words[] = { "+",  "&",   "=",      "%",
                                         "&&", "%41", "%C3%A4", "%2B+%2b" };
    char text[LONGEST + 1], wanted[2 * LONGEST];
    apr_size_t word, length, at;

    (void)state;
    for (word = 0; word < ITEMS(words); word++) {
        for (length = 1; length <= LONGEST; length++) {
            for (at = 0; at <= length; at++) {
                apr_size_t left = length - at, whole = strlen(words[word]);
                hbr_urlencoded_t parser;

                memset(text, 'x', sizeof(text));
                memcpy(text + at, words[word], whole < left ? whole : left);
                hbr_urlencoded_open(&parser, pool, 2, 0);
                hbr_urlencoded_feed(&parser, text, length);
                hbr_urlencoded_close(&parser);
                text[length] = '\0';
                reference(text, wanted);
                assert_string_equal(show(&parser), wanted);
                apr_pool_clear(pool);
            }
        }
    }
}

/* How many of the pieces a text is made of: all, those without a NUL, those
 * without what stops a block. */
static size_t kinds_of(unsigned round)
{
    return round % 8 == 0 ? 14 : round % 2 == 0 ? 13 : 9;
}

/* What is taken by blocks is what is taken byte by byte, also where it ends with
 * an error, or the last pair that may be, anywhere in a block: the pairs before
 * it, too. */
static void test_by_block_and_by_one(void **state)
{
    static const char *const pieces[] = { "a",   "bc", "name12", "=",   "=",
                                          "&",   "&",  "+",      "%41", "%4",
                                          "%zz", "%",  " !",     "%00" };
    unsigned round;

    (void)state;
    srand(1);
    for (round = 0; round < 30000; round++) {
        char text[512], whole[4096];
        apr_size_t wanted = (apr_size_t)rand() % 400, used = 0;
        apr_size_t most = (apr_size_t)rand() % 60;
        hbr_urlencoded_t parser;
        hbr_urlencoded_e result;

        while (used < wanted) {
            const char *piece = pieces[(size_t)rand() % kinds_of(round)];

            memcpy(text + used, piece, strlen(piece));
            used += strlen(piece);
        }
        if (round % 16 == 1 && used > 0)
            text[(size_t)rand() % used] = '\0';
        result = parse_pieces(text, used, used, 1, most, used, &parser);
        strcpy(whole, show(&parser));
        assert_int_equal(parse_pieces(text, used, 0, 1, most, 0, &parser),
                         result);
        assert_string_equal(show(&parser), whole);
        apr_pool_clear(pool);
    }
}

MAIN(BOTH_TESTS(test_by_block_and_by_one), BOTH_TESTS(test_pairs),
     BOTH_TESTS(test_every_escape), BOTH_TESTS(test_nul), BOTH_TESTS(test_most),
     BOTH_TESTS(test_random_texts), BOTH_TESTS(test_runs),
     BOTH_TESTS(test_peek), BOTH_TESTS(test_long_value),
     BOTH_TESTS(test_known_length), BOTH_TESTS(test_known_length_of_one),
     BOTH_TESTS(test_known_pieces), BOTH_TESTS(test_announced_only),
     BOTH_TESTS(test_wrong_length))
