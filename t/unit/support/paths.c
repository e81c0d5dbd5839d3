/* See paths.h. */
#include "paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <apr_strings.h>

#define ITEMS(array) (sizeof(array) / sizeof((array)[0]))
#define UUID "01234567-89ab-CDEF-0123-456789abcdef"

/* ------------------------------------------------------------------ luck */

/* xorshift64*, by Vigna. */
unsigned luck_below(luck_t *luck, unsigned bound)
{
    luck->state ^= luck->state >> 12;
    luck->state ^= luck->state << 25;
    luck->state ^= luck->state >> 27;
    return (unsigned)((luck->state * 2685821657736338717u) >> 33) % bound;
}

static const char *middle(luck_t *luck, apr_pool_t *pool, unsigned place)
{
    static const char *const fixed[] = { "a",     "b",    "log",        "A",
                                         "x.png", ".png", "2026-11-21", "12" };
    static const char *const types[] = { "",      ":int",  ":word",
                                         ":uuid", ":date", ":int" };
    unsigned kind = luck_below(luck, 10);

    if (kind < 5)
        return fixed[luck_below(luck, ITEMS(fixed))];
    if (kind < 7)
        return "*";
    /* Two names, so that equal places have unequal ones. */
    return apr_psprintf(pool, "{%c%u%s}", "pq"[luck_below(luck, 2)], place,
                        types[luck_below(luck, ITEMS(types))]);
}

static const char *last(luck_t *luck, apr_pool_t *pool, unsigned place)
{
    static const char *const fixed[] = { "**",       "{rest:path}", "*.png",
                                         "*.tar.gz", "*.GZ",        "" };

    if (luck_below(luck, 2) == 0)
        return middle(luck, pool, place);
    return fixed[luck_below(luck, ITEMS(fixed))];
}

static const char *without_slash(luck_t *luck)
{
    static const char *const texts[] = { "*", "*.png", "*.gz", "*.tar.gz",
                                         "a", "x.png", "12",   "*.x.tar.gz" };

    return texts[luck_below(luck, ITEMS(texts))];
}

const char *luck_pattern(luck_t *luck, apr_pool_t *pool)
{
    unsigned count = luck_below(luck, 4);
    const char *text = "";
    unsigned i;

    if (luck_below(luck, 4) == 0)
        return without_slash(luck);
    for (i = 0; i < count; i++)
        text = apr_pstrcat(pool, text, "/", middle(luck, pool, i), NULL);
    return apr_pstrcat(pool, text, "/", last(luck, pool, count), NULL);
}

const char *luck_path(luck_t *luck, apr_pool_t *pool)
{
    static const char *const segments[] = {
        "a",         "b",          "log",         "A",
        "x.png",     "X.PnG",      ".png",        "..png",
        "x.tar.gz",  ".tar.gz",    ".x.tar.gz",   "y.x.TAR.gz",
        "x.tar..gz", "x.gz.tar",   "12",          "-5",
        "-",         "a_b-c",      "a\xC3\xA4",   "99999999999999999999",
        UUID,        "2026-11-21", "2026-02-30",  "",
        "a b",       "**",         "{rest:path}", "*.png",
    };
    unsigned count = luck_below(luck, 6);
    const char *path = "";

    if (luck_below(luck, 40) == 0)
        return segments[luck_below(luck, ITEMS(segments))];
    do {
        path = apr_pstrcat(pool, path, "/",
                           luck_below(luck, 3) == 0
                               ? segments[luck_below(luck, 3)]
                               : segments[luck_below(luck, ITEMS(segments))],
                           NULL);
    } while (count-- > 0);
    return path;
}

/* ---------------------------------------------------------------- oracle */

static const char *literal(apr_pool_t *pool, const char *text, bool fold)
{
    const char *regex = "";

    for (; *text != '\0'; text++) {
        char small = *text | 0x20;

        if (fold && small >= 'a' && small <= 'z')
            regex = apr_psprintf(pool, "%s[%c%c]", regex, small, small ^ 0x20);
        else if (strchr("\\^$.[]|()*+?{}", *text) != NULL)
            regex = apr_psprintf(pool, "%s\\%c", regex, *text);
        else
            regex = apr_psprintf(pool, "%s%c", regex, *text);
    }
    return regex;
}

static const char *parameter(oracle_t *oracle, const char *type)
{
    oracle->types[strlen(oracle->types)] = type[0];
    switch (type[0]) {
    case 'i': return "(-?[0-9]+)";
    case 'w': return "([-_A-Za-z0-9]+)";
    case 'u': return "([0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})";
    case 'd': return "([0-9]{4}-[0-9]{2}-[0-9]{2})";
    case 'p': return "(.+)";
    default: return "([^/]+)";
    }
}

static const char *segment(oracle_t *oracle, apr_pool_t *pool, const char *text)
{
    const char *colon = strchr(text, ':');

    if (text[0] == '{')
        return parameter(oracle, colon != NULL ? colon + 1 : "-");
    if (strcmp(text, "*") == 0)
        return "[^/]+";
    if (text[0] == '*')
        return apr_pstrcat(pool, "[^/]*[^./][^/]*",
                           literal(pool, text + 1, true), NULL);
    return literal(pool, text, false);
}

static const char *whole(oracle_t *oracle, apr_pool_t *pool, const char *text)
{
    char *copy = apr_pstrdup(pool, text + 1);
    const char *regex = "";
    char *slash;

    if (strcmp(text, "*") == 0)
        return "/.*";
    if (text[0] != '/')
        return apr_pstrcat(pool, "(/.*)?/", segment(oracle, pool, text), NULL);
    do {
        slash = strchr(copy, '/');
        if (slash != NULL)
            *slash = '\0';
        if (strcmp(copy, "**") == 0)
            return apr_pstrcat(pool, regex, "(/.*)?", NULL);
        regex =
            apr_pstrcat(pool, regex, "/", segment(oracle, pool, copy), NULL);
        copy = slash + 1;
    } while (slash != NULL);
    return regex;
}

static apr_status_t free_regex(void *data)
{
    regfree(&((oracle_t *)data)->regex);
    return APR_SUCCESS;
}

oracle_t *oracle_of(apr_pool_t *pool, const char *pattern)
{
    oracle_t *oracle = apr_pcalloc(pool, sizeof(*oracle));
    const char *regex;

    oracle->text = pattern;
    regex = apr_pstrcat(pool, "^", whole(oracle, pool, pattern), "$", NULL);
    if (regcomp(&oracle->regex, regex, REG_EXTENDED) != 0)
        abort();
    apr_pool_cleanup_register(pool, oracle, free_regex, apr_pool_cleanup_null);
    return oracle;
}

static bool is_int64(const char *text)
{
    errno = 0;
    strtoll(text, NULL, 10);
    return errno == 0;
}

/* A day that there is not becomes another one. */
static bool is_day(const char *text)
{
    int year = atoi(text), month = atoi(text + 5), day = atoi(text + 8);
    struct tm tm = { .tm_year = year - 1900,
                     .tm_mon = month - 1,
                     .tm_mday = day };

    timegm(&tm);
    return tm.tm_year == year - 1900 && tm.tm_mon == month - 1
           && tm.tm_mday == day;
}

static bool values_are_good(const oracle_t *oracle, const char *path,
                            const regmatch_t *groups,
                            hbr_pattern_match_t *match)
{
    size_t group = 1;
    size_t i;

    for (i = 0; oracle->types[i] != '\0'; i++, group++) {
        const char *value = path + groups[group].rm_so;

        match->values[i].offset = (apr_size_t)groups[group].rm_so;
        match->values[i].length =
            (apr_size_t)(groups[group].rm_eo - groups[group].rm_so);
        if ((oracle->types[i] == 'i' && !is_int64(value))
            || (oracle->types[i] == 'd' && !is_day(value)))
            return false;
        group += oracle->types[i] == 'u';
    }
    if (strstr(oracle->text, "/**") != NULL && groups[group].rm_so >= 0)
        match->end = (apr_size_t)groups[group].rm_so;
    return true;
}

/* The path up to here, as if it ended here. */
static bool match_to(const oracle_t *oracle, const char *path, apr_size_t end,
                     hbr_pattern_match_t *match)
{
    regmatch_t groups[HBR_PATTERN_PARAMETERS_MAX * 2 + 2];
    char *head = strndup(path, end);
    bool fit;

    match->end = end;
    fit = regexec(&oracle->regex, head, ITEMS(groups), groups, 0) == 0
          && values_are_good(oracle, path, groups, match);
    free(head);
    return fit;
}

bool oracle_match(const oracle_t *oracle, const char *path, unsigned options,
                  hbr_pattern_match_t *match)
{
    apr_size_t length = strlen(path);
    apr_size_t end;

    if (match_to(oracle, path, length, match))
        return true;
    if (options == 0 || oracle->text[strlen(oracle->text) - 1] == '/')
        return false;
    for (end = length; end-- > 0;)
        if (path[end] == '/' && match_to(oracle, path, end, match))
            return true;
    return false;
}
