/*
 * Language negotiation by Accept-Language. Filtering alone leaves a client who
 * asks for "de-CH" without the German that is there, and lookup alone one who
 * asks for "de" without the Swiss one; so both are done, in the order that
 * language.h tells.
 */
#include "language.h"

#include <string.h>
#include <strings.h>

#include "quality.h"

/* RFC 4647 2.1 */
#define SUBTAG_MAX 8

/* How close a range is to a tag; each subtag between them takes one off. No
 * field has as many subtags as lie between these numbers. */
enum {
    NOT_AT_ALL = HBR_QUALITY_NO_MATCH,
    ANY = 0,
    LONGER = 0x10000000,
    SHORTER = 0x20000000,
    SAME = 0x30000000
};

typedef struct range_t {
    const char *text; /* In the field. */
    apr_size_t length;
    int weight;
} range_t;

static bool is_alpha(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The end of 1*8ALPHA or 1*8alphanum; `at` itself when there is none. */
static const char *skip_subtag(const char *at, bool first)
{
    const char *end = at;

    while (is_alpha(*end) || (!first && is_digit(*end)))
        end++;
    return end - at <= SUBTAG_MAX ? end : at;
}

/* The end of a basic language range other than "*" (RFC 4647 2.1), which every
 * language tag is too; NULL when there is none. */
static const char *skip_tag(const char *at)
{
    const char *end = skip_subtag(at, true);

    while (end != at && *end == '-') {
        at = end + 1;
        end = skip_subtag(at, false);
    }
    return end != at ? end : NULL;
}

static bool read_range(const char *at, range_t *range)
{
    const char *end = *at == '*' ? at + 1 : skip_tag(at);

    if (end == NULL)
        return false;
    range->text = at;
    range->length = (apr_size_t)(end - at);
    return hbr_quality_read(end, &range->weight);
}

/* Reads the next well-formed element of the list. */
static bool next_range(const char **at, range_t *range)
{
    const char *element;

    while ((element = hbr_quality_next(at)) != NULL)
        if (read_range(element, range))
            return true;
    return false;
}

static int count_subtags(const char *at, apr_size_t length)
{
    int count = 0;

    for (; length > 0; length--)
        count += *at++ == '-';
    return count;
}

static int match(const range_t *range, const char *tag, apr_size_t length)
{
    apr_size_t common = range->length < length ? range->length : length;

    if (*range->text == '*')
        return ANY;
    if (strncasecmp(range->text, tag, common) != 0)
        return NOT_AT_ALL;
    if (range->length == length)
        return SAME;
    if (tag[common] == '-')
        return SHORTER - count_subtags(tag + common, length - common);
    /* To refuse one kind of German is not to refuse German. */
    if (common == length && range->text[common] == '-' && range->weight > 0)
        return LONGER
               - count_subtags(range->text + common, range->length - common);
    return NOT_AT_ALL;
}

static hbr_opinion_t weigh(const char *field, const char *tag)
{
    hbr_opinion_t opinion = HBR_NO_OPINION;
    apr_size_t length = strlen(tag);
    const char *end = skip_tag(tag);
    range_t range;

    if (end == NULL || *end != '\0')
        return opinion;
    while (next_range(&field, &range))
        hbr_quality_hear(&opinion, match(&range, tag, length), range.weight);
    return opinion;
}

static bool is_missing(const char *field)
{
    range_t range;

    return field == NULL || !next_range(&field, &range);
}

int hbr_language_best(const char *field, const char *const languages[])
{
    hbr_opinion_t highest = HBR_NO_OPINION;
    int best = -1;
    int i;

    if (languages[0] == NULL)
        return -1;
    if (is_missing(field))
        return 0;
    for (i = 0; languages[i] != NULL; i++) {
        hbr_opinion_t opinion = weigh(field, languages[i]);

        if (opinion.quality > highest.quality
            || (opinion.quality == highest.quality && opinion.quality > 0
                && opinion.closeness > highest.closeness)) {
            highest = opinion;
            best = i;
        }
    }
    return best;
}
