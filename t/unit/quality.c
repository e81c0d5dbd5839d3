/*
 * Lists with quality values: RFC 9110 12.4.2, 5.6.1 and 5.6.6.
 */
#include <stdio.h>

#include "support/pool.h"

#include "quality.h"

/* qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ) */
static void test_values(void **state)
{
    static const struct {
        const char *text;
        int quality; /* -1: malformed */
    } cases[] = {
        { "", 1000 },          { ";q=1", 1000 },      { ";q=1.", 1000 },
        { ";q=1.0", 1000 },    { ";q=1.000", 1000 },  { ";q=0", 0 },
        { ";q=0.", 0 },        { ";q=0.5", 500 },     { ";q=0.05", 50 },
        { ";q=0.005", 5 },     { ";q=0.999", 999 },   { ";q=.2", 200 },
        { ";Q=0.5", 500 },     { " ;\tq=0.5 ", 500 }, { ";a=b;q=0.5", 500 },
        { ";q=0.5;a=b", 500 }, { ";;q=0.5;;", 500 },  { ";a=\"q=0\"", 1000 },
        { ";qq=0", 1000 },     { ";q=0.5, x", 500 },  { ",", 1000 },
        { ";q=2", -1 },        { ";q=1.001", -1 },    { ";q=0.0001", -1 },
        { ";q=-1", -1 },       { ";q=", -1 },         { ";q", -1 },
        { ";q=.", -1 },        { ";q=0,5", 0 },       { ";q=0.5x", -1 },
        { ";q=\"0.5\"", -1 },  { ";q =0.5", -1 },     { ";q= 0.5", -1 },
        { ";q=0.5 x", -1 },    { "x", -1 },           { ";q=1e0", -1 },
        { ";q=00.5", -1 },     { ";q=01", -1 },       { ";q=0..5", -1 },
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        int quality;
        bool ok = hbr_quality_read(cases[i].text, &quality);

        if (ok != (cases[i].quality >= 0)
            || (ok && quality != cases[i].quality))
            fail_msg("\"%s\" gives %s %d", cases[i].text, ok ? "good" : "bad",
                     quality);
    }
}

/* All of them with three decimals. */
static void test_all_values(void **state)
{
    int expected;

    (void)state;
    for (expected = 0; expected <= HBR_QUALITY_MAX; expected++) {
        char text[16];
        int quality;

        snprintf(text, sizeof(text), ";q=%d.%03d", expected / 1000,
                 expected % 1000);
        assert_true(hbr_quality_read(text, &quality));
        assert_int_equal(quality, expected);
    }
}

/* RFC 9110 5.6.1: empty elements are passed to the caller, who ignores them. */
static void test_elements(void **state)
{
    static const struct {
        const char *field;
        const char *first[6]; /* What each element begins with. */
    } cases[] = {
        { "", { NULL } },
        { " \t", { NULL } },
        { "a", { "a" } },
        { "a,b , c", { "a", "b ", "c" } },
        { " a,", { "a," } },
        { ",,a", { ",", ",a", "a" } },
        { "a;x=\"1,2\", b", { "a;", "b" } },
        { "a;x=\"\\\",2\", b", { "a;", "b" } },
        { "a;x=\"1, b", { "a;" } },
        { "a;x=\"\\", { "a;" } },
        { "a\\,b", { "a", "b" } },
    };
    size_t i, n;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        const char *at = cases[i].field;

        for (n = 0; cases[i].first[n] != NULL; n++) {
            const char *element = hbr_quality_next(&at);
            const char *first = cases[i].first[n];

            assert_non_null(element);
            if (strncmp(element, first, strlen(first)) != 0)
                fail_msg("\"%s\": element %d is \"%s\"", cases[i].field, (int)n,
                         element);
        }
        assert_null(hbr_quality_next(&at));
    }
}

MAIN(POOL_TEST(test_values), POOL_TEST(test_all_values),
     POOL_TEST(test_elements))
