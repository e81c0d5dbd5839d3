/*
 * Content negotiation by Accept. The field is read anew for each type on offer,
 * element by element, so that nothing need be kept: client text never makes
 * memory grow.
 */
#include "accept.h"

#include <string.h>
#include <strings.h>

#include "field.h"
#include "quality.h"

/* How closely a range describes a type; each parameter adds one. */
enum {
    NOT_AT_ALL = HBR_QUALITY_NO_MATCH,
    ANY = 0,
    ANY_SUBTYPE = 0x10000,
    EXACTLY = 0x20000
};

/* A media type or a media range; points into the text it was read from. */
typedef struct media_t {
    const char *type;
    apr_size_t type_length;
    const char *subtype;
    apr_size_t subtype_length;
    const char *parameters; /* What follows the subtype. */
} media_t;

typedef struct range_t {
    media_t media;
    int weight;
} range_t;

static bool equal(const char *a, apr_size_t a_length, const char *b,
                  apr_size_t b_length)
{
    return a_length == b_length && strncasecmp(a, b, a_length) == 0;
}

static bool is_named(const hbr_parameter_t *parameter, const char *name)
{
    return equal(parameter->name, parameter->name_length, name, strlen(name));
}

/* Returns the end of type/subtype, or `at` itself when there is none. */
static const char *read_media(const char *at, media_t *media)
{
    const char *slash = hbr_skip_token(at);
    const char *end;

    if (slash == at || *slash != '/')
        return at;
    end = hbr_skip_token(slash + 1);
    if (end == slash + 1)
        return at;
    media->type = at;
    media->type_length = (apr_size_t)(slash - at);
    media->subtype = slash + 1;
    media->subtype_length = (apr_size_t)(end - media->subtype);
    media->parameters = end;
    return end;
}

static bool read_range(const char *at, range_t *range)
{
    const char *end = read_media(at, &range->media);

    return end != at && hbr_quality_read(end, &range->weight);
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

/* One character of a parameter's value; -1 behind the last. Quotes and the
 * backslash of a pair are no part of it. */
static int next_char(const char **at, const char *end)
{
    while (*at < end) {
        char c = *(*at)++;

        if (c == '\\' && *at < end)
            c = *(*at)++;
        else if (c == '"')
            continue;
        return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
    }
    return -1;
}

static bool same_value(const hbr_parameter_t *a, const hbr_parameter_t *b)
{
    const char *a_at = a->value;
    const char *b_at = b->value;
    int c;

    do {
        c = next_char(&a_at, a->value + a->value_length);
        if (c != next_char(&b_at, b->value + b->value_length))
            return false;
    } while (c != -1);
    return true;
}

static bool has_parameter(const media_t *media, const hbr_parameter_t *wanted)
{
    const char *at = media->parameters;
    hbr_parameter_t parameter;

    while (hbr_parameter_next(&at, &parameter))
        if (equal(parameter.name, parameter.name_length, wanted->name,
                  wanted->name_length)
            && same_value(&parameter, wanted))
            return true;
    return false;
}

/* RFC 9110 12.5.1, parameters aside. */
static int match_names(const media_t *range, const media_t *media)
{
    bool any = equal(range->subtype, range->subtype_length, "*", 1);

    if (any && equal(range->type, range->type_length, "*", 1))
        return ANY;
    if (!equal(range->type, range->type_length, media->type,
               media->type_length))
        return NOT_AT_ALL;
    if (any)
        return ANY_SUBTYPE;
    return equal(range->subtype, range->subtype_length, media->subtype,
                 media->subtype_length)
               ? EXACTLY
               : NOT_AT_ALL;
}

/*
 * A range's parameters have to be the type's too. Many clients name a charset
 * that the type at hand does not mention though it has it, so charset does not
 * count.
 */
static int match(const media_t *range, const media_t *media)
{
    const char *at = range->parameters;
    hbr_parameter_t parameter;
    int closeness = match_names(range, media);

    if (closeness == NOT_AT_ALL)
        return NOT_AT_ALL;
    while (hbr_parameter_next(&at, &parameter)) {
        if (is_named(&parameter, "q") || is_named(&parameter, "charset"))
            continue;
        if (!has_parameter(media, &parameter))
            return NOT_AT_ALL;
        closeness++;
    }
    return closeness;
}

/* The weight a client gives a type; 0 when no range matches. */
static int weigh(const char *accept, const char *type)
{
    media_t media;
    hbr_opinion_t opinion = HBR_NO_OPINION;
    range_t range;

    if (read_media(type, &media) == type)
        return 0;
    while (next_range(&accept, &range))
        hbr_quality_hear(&opinion, match(&range.media, &media), range.weight);
    return opinion.quality;
}

static bool is_missing(const char *accept)
{
    range_t range;

    return accept == NULL || !next_range(&accept, &range);
}

int hbr_accept_best(const char *accept, const char *const types[])
{
    int best = -1;
    int highest = 0;
    int i;

    if (types[0] == NULL)
        return -1;
    if (is_missing(accept))
        return 0;
    for (i = 0; types[i] != NULL && highest < HBR_QUALITY_MAX; i++) {
        int weight = weigh(accept, types[i]);

        if (weight > highest) {
            highest = weight;
            best = i;
        }
    }
    return best;
}
