/*
 * Patterns of URL paths: what is taken, what is refused with which words, and
 * what fits which path (RFC 3986 3.3 for segments, RFC 9562 4 for UUIDs,
 * RFC 3339 5.6 for dates).
 */
#include "support/pool.h"

#include <apr_strings.h>

#include "pattern.h"

#define UUID "01234567-89ab-CDEF-0123-456789abcdef"

static const hbr_pattern_t *parse(const char *text)
{
    const hbr_pattern_t *pattern = NULL;
    const char *why = hbr_pattern_parse(pool, text, &pattern);

    if (why != NULL)
        fail_msg("%s", why);
    return pattern;
}

static void test_parsed(void **state)
{
    /* the segments' kinds, a letter each */
    static const struct {
        const char *text;
        const char *kinds;
        size_t parameters;
    } cases[] = {
        { "*", "A", 0 },
        { "*.image", "E", 0 },
        { "*.tar.gz", "E", 0 },
        { "ScriptResource.axd", "L", 0 },
        { "a b,c%", "L", 0 },
        { "/", "F", 0 },
        { "/log", "L", 0 },
        { "/log/", "LF", 0 },
        { "/.well-known/x", "LL", 0 },
        { "/100%/%4g", "LL", 0 },
        { "/reports/**", "LT", 0 },
        { "/**", "T", 0 },
        { "/img/*.png", "LE", 0 },
        { "/data/*/*", "LAA", 0 },
        { "/customers/{id:int}/orders/{order}", "LILA", 2 },
        { "/{a:word}/{b:uuid}/{c:date}/{_9:path}", "WUDP", 4 },
    };
    static const char letters[] = "AIWUDEFPTL";
    size_t i, n;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        const hbr_pattern_t *pattern = parse(cases[i].text);

        assert_string_equal(pattern->text, cases[i].text);
        assert_int_equal(pattern->absolute, cases[i].text[0] == '/');
        assert_int_equal(pattern->count, strlen(cases[i].kinds));
        assert_int_equal(pattern->parameters, cases[i].parameters);
        for (n = 0; n < pattern->count; n++)
            assert_int_equal(letters[pattern->segments[n].kind],
                             cases[i].kinds[n]);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *text;
        const char *part;
    } cases[] = {
        { "", "empty" },
        { "data/x", "did you mean \"/data/x\"?" },
        { "*/x", "did you mean \"/*/x\"?" },
        { "/a//b", "between two slashes" },
        { "//", "between two slashes" },
        { "/a/../b", "\"..\" is resolved" },
        { "/./b", "\".\" is resolved" },
        { "/a/..", "\"..\" is resolved" },
        { "..", "\"..\" is resolved" },
        { "/a?b", "\"?\" ends" },
        { "/a#b", "\"#\" ends" },
        { "/a/%41b", "\"%41\" is an escape" },
        { "/%/%fF", "\"%fF\" is an escape" },
        { "/a\tb", "0x09 as its byte 3" },
        { "/a\x7F", "0x7f as its byte 3" },
        { ".image", "did you mean \"*.image\"?" },
        { "**", "did you mean \"*\" or \"/**\"?" },
        { "/a/**/b", "\"**\" can only stand at the end" },
        { "/a/**/", "\"**\" can only stand at the end" },
        { "/a/*.png/b", "\"*.png\" can only stand at the end" },
        { "/a/***", "in \"***\" it does neither" },
        { "/a/b*", "in \"b*\" it does neither" },
        { "*x", "in \"*x\" it does neither" },
        { "/a*b/c", "in \"a*b\" it does neither" },
        { "*.*", "did you mean \"*\"?" },
        { "*.a*", "no \"*\" in it" },
        { "*.", "\"*.\"" },
        { "*..a", "\"*..a\"" },
        { "*.a.", "\"*.a.\"" },
        { "/x/*.a..b", "\"*.a..b\"" },
        { "/{id:itn}",
          "unknown type \"itn\", did you mean \"int\"?; known are int, word, "
          "uuid, date, path" },
        { "/{id:dat}", "did you mean \"date\"?" },
        { "/{id:Int}", "did you mean \"int\"?" },
        { "/{id:number}", "unknown type \"number\"; known are int, word, uuid, "
                          "date, path" },
        { "/{id:}", "unknown type \"\"; known" },
        { "/{id:int:int}", "unknown type \"int:int\"" },
        { "/{id}/{id}", "\"id\" is in it twice" },
        { "/{id:int}/x/{id:word}", "\"id\" is in it twice" },
        { "/{}", "\"\" is no parameter's name" },
        { "/{:int}", "\"\" is no parameter's name" },
        { "/{Id}", "\"Id\" is no parameter's name" },
        { "/{1d}", "\"1d\" is no parameter's name" },
        { "/{i-d}", "\"i-d\" is no parameter's name" },
        { "/{*}", "\"*\" is no parameter's name" },
        { "/{\xC3\xA4}", "is no parameter's name" },
        { "/{id", "\"{\" without its \"}\"" },
        { "/a/id}/b", "\"}\" without its \"{\"" },
        { "/{a/b}", "\"{\" without its \"}\"" },
        { "/x{id}", "\"x{id}\" is not" },
        { "/{id}x", "\"{id}x\" is not" },
        { "/{a}{b}", "\"{a}{b}\" is not" },
        { "/{{a}}", "\"{{a}}\" is not" },
        { "/}{", "\"}{\" is not" },
        { "/*.{x}", "\"*.{x}\" is not" },
        { "{id}", "did you mean \"/{id}\"?" },
        { "/{rest:path}/x", "can only stand at the end" },
        { "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}"
          "/{q}",
          "more than 16 parameters" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        const hbr_pattern_t *pattern = NULL;
        const char *why = hbr_pattern_parse(pool, cases[i].text, &pattern);

        assert_null(pattern);
        if (why == NULL || strstr(why, cases[i].part) == NULL)
            fail_msg("%s: %s", cases[i].text, why != NULL ? why : "taken");
        /* One with a control character is not written into a log. */
        if (strstr(why, cases[i].text) == NULL && cases[i].part[0] != '0')
            fail_msg("the pattern is not named: %s", why);
    }
}

/* No suggestion where nothing is near. */
static void test_no_suggestion(void **state)
{
    const hbr_pattern_t *pattern;

    (void)state;
    assert_null(strstr(hbr_pattern_parse(pool, "/{id:number}", &pattern),
                       "did you mean"));
}

static void test_bounds(void **state)
{
    const hbr_pattern_t *pattern;
    char text[HBR_PATTERN_LENGTH_MAX + 2];
    const char *why;

    (void)state;
    memset(text, 'x', sizeof(text));
    text[0] = '/';
    text[HBR_PATTERN_LENGTH_MAX] = '\0';
    assert_int_equal(parse(text)->segments[0].length,
                     HBR_PATTERN_LENGTH_MAX - 1);
    text[HBR_PATTERN_LENGTH_MAX] = 'x';
    text[HBR_PATTERN_LENGTH_MAX + 1] = '\0';
    why = hbr_pattern_parse(pool, text, &pattern);
    assert_non_null(why);
    assert_non_null(strstr(why, "has 1025 bytes, at most 1024"));
    assert_int_equal(parse("/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}"
                           "/{m}/{n}/{o}/{p:path}")
                         ->parameters,
                     HBR_PATTERN_PARAMETERS_MAX);
}

/* A text, what is left as path_info (NULL: no match), with it not being
 * allowed and being allowed. */
static const struct {
    const char *pattern;
    const char *path;
    const char *strict;
    const char *loose;
} fits[] = {
    { "*", "/", "", "" },
    { "*", "/a/b", "", "" },
    { "*", "/a/", "", "" },
    { "*", "", NULL, NULL },
    { "*", "*", NULL, NULL },
    { "/**", "*", NULL, NULL },
    { "x.image", "x.image", NULL, NULL },
    { "*.image", "/x.image", "", "" },
    { "*.image", "/a/b/x.IMAGE", "", "" },
    { "*.IMAGE", "/a/x.image", "", "" },
    { "*.image", "/x.y.image", "", "" },
    { "*.image", "/x..image", "", "" },
    { "*.image", "/.image", NULL, NULL },
    { "*.image", "/..image", NULL, NULL },
    { "*.image", "/.x.image", "", "" },
    { "*.image", "/image", NULL, NULL },
    { "*.image", "/ximage", NULL, NULL },
    { "*.image", "/axximage", NULL, NULL },
    { "*.image", "/x.images", NULL, NULL },
    { "*.image", "/x.image.", NULL, NULL },
    { "*.image", "/x.imag", NULL, NULL },
    { "*.image", "/x.image/extra/y", NULL, "/extra/y" },
    { "*.image", "/x.image/", NULL, "/" },
    { "*.image", "/x.image/y.image/extra", NULL, "/extra" },
    { "*.image", "/x.image/y.image", "", "" },
    { "*.image", "/.image/a", NULL, NULL },
    { "*.tar.gz", "/x.Tar.gZ", "", "" },
    { "*.tar.gz", "/x.gz", NULL, NULL },
    { "*.tar.gz", "/x.tar..gz", NULL, NULL },
    { "*.tar.gz", "/.tar.gz", NULL, NULL },
    { "*.gz", "/.tar.gz", "", "" },
    { "a.axd", "/a.axd", "", "" },
    { "a.axd", "/x/y/a.axd", "", "" },
    { "a.axd", "/A.axd", NULL, NULL },
    { "a.axd", "/xa.axd", NULL, NULL },
    { "a.axd", "/a.axd/b", NULL, "/b" },
    { "a.axd", "/a.axd/a.axd/b", NULL, "/b" },
    { "/", "/", "", "" },
    { "/", "/a", NULL, NULL },
    { "/", "//", NULL, NULL },
    { "/log", "/log", "", "" },
    { "/log", "/Log", NULL, NULL },
    { "/log", "/logs", NULL, NULL },
    { "/log", "/lo", NULL, NULL },
    { "/log", "/log/", NULL, "/" },
    { "/log", "/log/extra", NULL, "/extra" },
    { "/log", "/a/log", NULL, NULL },
    { "/log/", "/log/", "", "" },
    { "/log/", "/log", NULL, NULL },
    { "/log/", "/log/x", NULL, NULL },
    { "/log/", "/log//x", NULL, NULL },
    { "/reports/**", "/reports", "", "" },
    { "/reports/**", "/reports/", "/", "/" },
    { "/reports/**", "/reports/a/b/", "/a/b/", "/a/b/" },
    { "/reports/**", "/reportsx", NULL, NULL },
    { "/**", "/", "/", "/" },
    { "/**", "/x", "/x", "/x" },
    { "/data/*/*", "/data/a/b", "", "" },
    { "/data/*/*", "/data/a", NULL, NULL },
    { "/data/*/*", "/data/a/", NULL, NULL },
    { "/data/*/*", "/data//b", NULL, NULL },
    { "/data/*/*", "/data/a/b/c", NULL, "/c" },
    { "/img/*.png", "/img/a.PNG", "", "" },
    { "/img/*.png", "/Img/a.png", NULL, NULL },
    { "/img/*.png", "/img/a.png/b", NULL, "/b" },
    { "/img/*.png", "/img/b/a.png", NULL, NULL },
    { "/img/*.png", "/img/.png", NULL, NULL },
    { "/c/{id:int}", "/c/0", "", "" },
    { "/c/{id:int}", "/c/-007", "", "" },
    { "/c/{id:int}", "/c/+1", NULL, NULL },
    { "/c/{id:int}", "/c/-", NULL, NULL },
    { "/c/{id:int}", "/c/1a", NULL, NULL },
    { "/c/{id:int}", "/c/ 1", NULL, NULL },
    { "/c/{id:int}", "/c/", NULL, NULL },
    { "/c/{id:int}", "/c/9223372036854775807", "", "" },
    { "/c/{id:int}", "/c/9223372036854775808", NULL, NULL },
    { "/c/{id:int}", "/c/-9223372036854775808", "", "" },
    { "/c/{id:int}", "/c/-9223372036854775809", NULL, NULL },
    { "/c/{id:int}", "/c/1/x", NULL, "/x" },
    { "/{w:word}", "/aZ_0-9", "", "" },
    { "/{w:word}", "/a.b", NULL, NULL },
    { "/{w:word}", "/\xC3\xA4", NULL, NULL },
    { "/{w:word}", "/", NULL, NULL },
    { "/{w:word}", "/[", NULL, NULL },
    { "/{w:word}", "/@", NULL, NULL },
    { "/{u:uuid}", "/" UUID, "", "" },
    { "/{u:uuid}", "/" UUID "0", NULL, NULL },
    { "/{u:uuid}", "/0123456789ab-CDEF-0123-456789abcdef", NULL, NULL },
    { "/{u:uuid}", "/01234567-89ab-CDEF-01234-56789abcdef", NULL, NULL },
    { "/{u:uuid}", "/0123456789ab-CDEF-0123-456789abcdef-", NULL, NULL },
    { "/{u:uuid}", "/01234567-89ab-CDEF-0123-456789abcdeg", NULL, NULL },
    { "/{u:uuid}", "/01234567-89ab-CDEF-0123-456789abcd:f", NULL, NULL },
    { "/{u:uuid}", "/01234567-89ab-CDEF-0123-456789abcde-", NULL, NULL },
    { "/{d:date}", "/2026-11-21", "", "" },
    { "/{d:date}", "/2024-02-29", "", "" },
    { "/{d:date}", "/2026-02-29", NULL, NULL },
    { "/{d:date}", "/2026-13-01", NULL, NULL },
    { "/{d:date}", "/2026-1-1", NULL, NULL },
    { "/{d:date}", "/2026-11-21T00:00:00Z", NULL, NULL },
    { "/f/{p:path}", "/f/a", "", "" },
    { "/f/{p:path}", "/f/a/b/", "", "" },
    { "/f/{p:path}", "/f//", "", "" },
    { "/f/{p:path}", "/f/", NULL, NULL },
    { "/f/{p:path}", "/f", NULL, NULL },
    { "/{p:path}", "/", NULL, NULL },
};

static void check_fit(size_t i, unsigned options, const char *wanted)
{
    const char *path = fits[i].path;
    hbr_pattern_match_t match;
    bool fit = hbr_pattern_match(parse(fits[i].pattern), path, strlen(path),
                                 options, &match);

    if (fit != (wanted != NULL))
        fail_msg("%s on %s: %d", fits[i].pattern, path, fit);
    if (fit && strcmp(path + match.end, wanted) != 0)
        fail_msg("%s on %s leaves %s", fits[i].pattern, path, path + match.end);
}

static void test_fits(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(fits); i++) {
        check_fit(i, 0, fits[i].strict);
        check_fit(i, HBR_PATTERN_PATH_INFO, fits[i].loose);
    }
}

/* The path's length counts, not a NUL. */
static void test_length(void **state)
{
    static const char path[] = "/log/extra";
    hbr_pattern_match_t match;

    (void)state;
    assert_true(hbr_pattern_match(parse("/log"), path, 4, 0, &match));
    assert_false(hbr_pattern_match(parse("/log/*"), path, 5, 0, &match));
    assert_true(hbr_pattern_match(parse("/log/*"), path, 6, 0, &match));
    assert_int_equal(match.end, 6);
}

static void check_value(const hbr_pattern_t *pattern, const char *path,
                        const char *name, const char *wanted)
{
    hbr_pattern_match_t match;
    int place = hbr_pattern_parameter(pattern, name);

    assert_true(place >= 0);
    assert_string_equal(hbr_pattern_name(pattern, (size_t)place), name);
    assert_true(hbr_pattern_match(pattern, path, strlen(path), 0, &match));
    assert_string_equal(apr_pstrmemdup(pool, path + match.values[place].offset,
                                       match.values[place].length),
                        wanted);
}

static void test_values(void **state)
{
    const hbr_pattern_t *pattern =
        parse("/customers/{id:int}/*/{day:date}/{rest:path}");
    static const char path[] = "/customers/-42/x/2026-11-21/a/b/";

    (void)state;
    check_value(pattern, path, "id", "-42");
    check_value(pattern, path, "day", "2026-11-21");
    check_value(pattern, path, "rest", "a/b/");
    assert_int_equal(hbr_pattern_parameter(pattern, "customers"), -1);
    assert_int_equal(hbr_pattern_parameter(pattern, "i"), -1);
    check_value(parse("/{only}"), "/a b", "only", "a b");
}

MAIN(POOL_TEST(test_parsed), POOL_TEST(test_refused),
     POOL_TEST(test_no_suggestion), POOL_TEST(test_bounds),
     POOL_TEST(test_fits), POOL_TEST(test_length), POOL_TEST(test_values))
