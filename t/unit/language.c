/*
 * Language negotiation: RFC 9110 12.5.4, RFC 4647 3.3.1 and 3.4.
 */
#include "support/pool.h"

#include <apr_time.h>

#include "language.h"

typedef struct case_t {
    const char *field;
    const char *languages[5]; /* The rest is NULL. */
    int best;
} case_t;

static void check(const case_t *cases, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        int best = hbr_language_best(cases[i].field, cases[i].languages);

        if (best != cases[i].best)
            fail_msg("case %d: \"%s\" gives %d, not %d", (int)i,
                     cases[i].field != NULL ? cases[i].field : "(null)", best,
                     cases[i].best);
    }
}

#define CHECK(cases) check(cases, ITEMS(cases))

/* RFC 9110 12.5.4: "I prefer Danish, but will accept British English and other
 * types of English". */
static void test_example(void **state)
{
#define DANISH "da, en-gb;q=0.8, en;q=0.7"
    static const case_t cases[] = {
        { DANISH, { "en", "en-GB", "da" }, 2 },
        { DANISH, { "en", "en-GB", "fr" }, 1 },
        { DANISH, { "fr", "en-US" }, 1 },
        { DANISH, { "en-US", "en-GB" }, 1 },
        { DANISH, { "fr", "de" }, -1 },
    };

    (void)state;
    CHECK(cases);
}

/* RFC 4647 3.3.1: a range takes the tags that begin with its subtags. */
static void test_filtering(void **state)
{
    static const case_t cases[] = {
        { "de-de", { "de-Deva", "de-Latn-DE", "de-DE-1996" }, 2 },
        { "de-DE-1996", { "x-y", "de-DE-1996" }, 1 },
        { "de", { "den", "DE-ch" }, 1 },
        { "den", { "de" }, -1 },
        { "de-CH", { "de-CHX" }, -1 },
        { "de;q=0.5, en;q=0.4", { "en", "de-CH" }, 1 },
    };

    (void)state;
    CHECK(cases);
}

/* RFC 4647 3.4: the range is shortened from its end until a tag is it. */
static void test_lookup(void **state)
{
#define CHINESE "zh-Hant-CN-x-private1-private2"
    static const case_t cases[] = {
        { CHINESE, { "en", "zh" }, 1 },
        { CHINESE, { "zh", "zh-Hant" }, 1 },
        { CHINESE, { "zh", "zh-Hant", "zh-Hant-CN" }, 2 },
        { CHINESE, { "zh-Hans", "zh-CN" }, -1 },
        { "de-CH, en;q=0.9", { "en", "de" }, 1 },
        { "de-CH;q=0.5, en;q=0.9", { "de", "en" }, 1 },
        { "de-CH, de;q=0.3, en;q=0.5", { "de", "en" }, 1 },
        { "fr-FR, zh-Hant", { "zh-Hans", "ja-JP", "zh-Hant" }, 2 },
    };

    (void)state;
    CHECK(cases);
}

/* The closest range gives the weight, whatever the others say. */
static void test_closest(void **state)
{
    static const case_t cases[] = {
        { "en, en-US;q=0.1, de;q=0.5", { "en-US", "de" }, 1 },
        { "en;q=0.1, en-US, de;q=0.5", { "en-US", "de" }, 0 },
        { "en, en-US;q=0.1, de;q=0.5", { "en-US-x", "de" }, 1 },
        { "*, de;q=0.1", { "de", "en" }, 1 },
        { "*;q=0.9, de-CH;q=0.5", { "de", "en" }, 1 },
        { "*;q=0.1, de-CH;q=0.5", { "en", "de" }, 1 },
        { "en;q=0.2, en;q=0.8, de;q=0.5", { "de", "en" }, 1 },
        { "*;q=0.2, *;q=0.8, de;q=0.5", { "de", "en" }, 1 },
    };

    (void)state;
    CHECK(cases);
}

/* Equal weights: the closer one, then the server's order. */
static void test_ties(void **state)
{
    static const case_t cases[] = {
        { "de-CH", { "de", "de-CH" }, 1 },
        { "de", { "de-CH-1996", "de-CH", "de" }, 2 },
        { "de", { "de-CH-1996", "de-CH" }, 1 },
        { "de, en", { "en", "de" }, 0 },
        { "en, de", { "en-GB", "de-CH" }, 0 },
        { "de-CH, en-GB", { "en", "de" }, 0 },
        { "*", { "en", "de" }, 0 },
        { "*, de", { "en", "de" }, 1 },
    };

    (void)state;
    CHECK(cases);
}

/* Weight 0 is "not acceptable" (12.4.2): of what a range filters, no more. */
static void test_excluded(void **state)
{
    static const case_t cases[] = {
        { "de;q=0", { "de" }, -1 },
        { "de;q=0, *", { "de", "en" }, 1 },
        { "de;q=0, *;q=0.001", { "de-CH", "en" }, 1 },
        { "*;q=0", { "de" }, -1 },
        { "*;q=0, de;q=0.1", { "en", "de" }, 1 },
        { "de-CH;q=0, *;q=0.5", { "de" }, 0 },
        { "de-CH;q=0, de", { "de-CH", "de-AT" }, 1 },
        { "de-CH;q=0", { "de" }, -1 },
    };

    (void)state;
    CHECK(cases);
}

static void test_missing(void **state)
{
    static const case_t cases[] = {
        { NULL, { "a", "b" }, 0 },     { "", { "a", "b" }, 0 },
        { " \t, ,", { "a", "b" }, 0 }, { NULL, { NULL }, -1 },
        { "", { NULL }, -1 },          { "de", { NULL }, -1 },
    };

    (void)state;
    CHECK(cases);
}

/* RFC 4647 2.1: what is no basic range counts as not sent. */
static void test_malformed(void **state)
{
    static const case_t cases[] = {
        { "de_DE", { "en", "de" }, 0 },
        { "*-CH", { "en", "de-CH" }, 0 },
        { "d3", { "en", "d3" }, 0 },
        { "abcdefghi", { "en", "abcdefghi" }, 0 },
        { "de-abcdefghi", { "en", "de" }, 0 },
        { "de-", { "en", "de" }, 0 },
        { "-de", { "en", "de" }, 0 },
        { "de--CH", { "en", "de" }, 0 },
        { "de;q=2", { "en", "de" }, 0 },
        { "de q=1", { "en", "de" }, 0 },
        { "\xe4\xf6", { "en" }, 0 },
        { "de;q=x, fr", { "en", "de", "fr" }, 2 },
        { "de_DE, fr", { "de", "fr" }, 1 },
        /* The server's own mistakes are never chosen. */
        { "de", { "de_DE", "de-", "", "de" }, 3 },
        { "*", { "de_DE", "abcdefghi", "en" }, 2 },
        { "abcdefgh-12345678", { "en", "ABCDEFGH-12345678" }, 1 },
    };

    (void)state;
    CHECK(cases);
}

/* Reading is linear: a long field costs no more than its bytes. */
static void test_time(void **state)
{
    enum { LENGTH = 200000 };
    static const char *const units[] = {
        "a-", "a,", ",", "a-b-c,", "*,", "\""
    };
    static const char *const languages[] = { "en-GB", "a-a", "b", NULL };
    char *field = apr_palloc(pool, LENGTH + 1);
    apr_time_t start = apr_time_now();
    size_t i, at;

    (void)state;
    for (i = 0; i < ITEMS(units); i++) {
        for (at = 0; at < LENGTH; at++)
            field[at] = units[i][at % strlen(units[i])];
        field[LENGTH] = '\0';
        assert_true(hbr_language_best(field, languages) < 3);
    }
    assert_true(apr_time_now() - start < apr_time_from_sec(5));
}

MAIN(POOL_TEST(test_example), POOL_TEST(test_filtering), POOL_TEST(test_lookup),
     POOL_TEST(test_closest), POOL_TEST(test_ties), POOL_TEST(test_excluded),
     POOL_TEST(test_missing), POOL_TEST(test_malformed), POOL_TEST(test_time))
