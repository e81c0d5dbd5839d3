/*
 * Patterns from the configuration's text. All that is wrong with one is said
 * with what was found, what is known, and what was probably meant. What a
 * parsed pattern matches is in pattern_match.c. Any thread.
 */
#include <stdarg.h>
#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "nearest.h"
#include "pattern.h"
#include "segment.h"

#define KNOWN_TYPES "known are int, word, uuid, date, path"

static const struct {
    const char *name;
    hbr_segment_e kind;
} types[] = { { "int", HBR_SEGMENT_INT },
              { "word", HBR_SEGMENT_WORD },
              { "uuid", HBR_SEGMENT_UUID },
              { "date", HBR_SEGMENT_DATE },
              { "path", HBR_SEGMENT_PATH } };

#define TYPES (sizeof(types) / sizeof(*types))

/* A pattern that is being read. */
typedef struct parse_t {
    apr_pool_t *pool;
    hbr_pattern_t *pattern;
    hbr_segment_t *segments;
} parse_t;

static const char *refuse(const parse_t *p, const char *format, ...)
    HBR_PRINTF(2, 3);

static const char *refuse(const parse_t *p, const char *format, ...)
{
    va_list values;
    const char *why;

    va_start(values, format);
    why = apr_pvsprintf(p->pool, format, values);
    va_end(values);
    return apr_psprintf(p->pool, "pattern \"%s\": %s", p->pattern->text, why);
}

/* A percent sign by itself is a good byte of a path. */
static const char *find_escape(const char *text)
{
    for (; (text = strchr(text, '%')) != NULL; text++)
        if (apr_isxdigit(text[1]) && apr_isxdigit(text[2]))
            return text;
    return NULL;
}

static const char *refuse_control(const parse_t *p)
{
    const char *at;

    for (at = p->pattern->text; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7F)
            return apr_psprintf(p->pool,
                                "a pattern has the control character 0x%02x "
                                "as its byte %d",
                                (unsigned)*at,
                                (int)(at - p->pattern->text) + 1);
    return NULL;
}

static const char *refuse_length(const parse_t *p)
{
    const char *text = p->pattern->text;

    if (text[0] == '\0')
        return "a pattern is empty: known are \"*\", \"*.ext\", \"name\" and "
               "paths like \"/folder/{id:int}\"";
    if (strlen(text) > HBR_PATTERN_LENGTH_MAX)
        return apr_psprintf(p->pool,
                            "the pattern that begins with \"%.40s\" has "
                            "%" APR_SIZE_T_FMT " bytes, at most %d are taken",
                            text, strlen(text), HBR_PATTERN_LENGTH_MAX);
    return NULL;
}

/* What no path can have in it, or no segment is made of. */
static const char *refuse_bytes(const parse_t *p)
{
    const char *text = p->pattern->text;
    const char *found = strpbrk(text, "?#");

    if (found != NULL)
        return refuse(p,
                      "\"%c\" ends a URL's path, and a pattern is about "
                      "the path alone",
                      *found);
    found = find_escape(text);
    if (found != NULL)
        return refuse(p,
                      "\"%.3s\" is an escape: patterns are compared with "
                      "the decoded path and are written decoded",
                      found);
    if (text[0] != '/' && strchr(text, '/') != NULL)
        return refuse(p,
                      "a pattern with a slash is a whole path and begins "
                      "with one; did you mean \"/%s\"?",
                      text);
    return NULL;
}

static const char *nearest_type(const char *name)
{
    hbr_nearest_t nearest = hbr_nearest_to(name);
    apr_size_t i;

    for (i = 0; i < TYPES; i++)
        hbr_nearest_try(&nearest, types[i].name);
    return nearest.name;
}

static const char *read_type(const parse_t *p, const char *type, bool last,
                             hbr_segment_t *segment)
{
    apr_size_t i;

    for (i = 0; i < TYPES && strcmp(type, types[i].name) != 0; i++)
        continue;
    if (i < TYPES) {
        segment->kind = types[i].kind;
        if (segment->kind == HBR_SEGMENT_PATH && !last)
            return refuse(p,
                          "\"{%s:path}\" takes all the rest, so that it "
                          "can only stand at the end",
                          segment->name);
        return NULL;
    }
    return refuse(p, "unknown type \"%s\"%s; " KNOWN_TYPES, type,
                  hbr_did_you_mean(p->pool, nearest_type(type)));
}

static bool is_name(const char *name)
{
    return (apr_islower(name[0]) || name[0] == '_')
           && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")]
                  == '\0';
}

static const char *read_name(const parse_t *p, const char *name,
                             hbr_segment_t *segment)
{
    if (!is_name(name))
        return refuse(p,
                      "\"%s\" is no parameter's name: it is made of lower "
                      "case letters, digits and \"_\", and does not begin "
                      "with a digit",
                      name);
    if (hbr_pattern_parameter(p->pattern, name) >= 0)
        return refuse(p, "the parameter \"%s\" is in it twice", name);
    if (p->pattern->parameters == HBR_PATTERN_PARAMETERS_MAX)
        return refuse(p, "it has more than %d parameters",
                      HBR_PATTERN_PARAMETERS_MAX);
    p->pattern->parameters++;
    segment->name = name;
    return NULL;
}

/* "{name}" or "{name:type}"; text is this segment alone. */
static const char *read_parameter(const parse_t *p, char *text, bool last,
                                  hbr_segment_t *segment)
{
    apr_size_t length = strlen(text);
    const char *why;
    char *colon;

    if (strchr(text, '{') == NULL)
        return refuse(p, "there is a \"}\" without its \"{\" in \"%s\"", text);
    if (strchr(text, '}') == NULL)
        return refuse(p, "there is a \"{\" without its \"}\" in \"%s\"", text);
    if (text[0] != '{' || strcspn(text + 1, "{}") != length - 2)
        return refuse(p,
                      "a parameter is a whole segment, as \"{name}\" or "
                      "\"{name:type}\", and \"%s\" is not",
                      text);
    if (!p->pattern->absolute)
        return refuse(p,
                      "parameters are for whole paths; did you mean "
                      "\"/%s\"?",
                      text);
    text[length - 1] = '\0';
    colon = strchr(text, ':');
    if (colon != NULL)
        *colon = '\0';
    why = read_name(p, text + 1, segment);
    if (why != NULL || colon == NULL)
        return why;
    return read_type(p, colon + 1, last, segment);
}

/* text is what follows the dot. */
static const char *read_extension(const parse_t *p, char *text, bool last,
                                  hbr_segment_t *segment)
{
    apr_size_t length = strlen(text);
    char *at;

    if (!last)
        return refuse(p, "\"*.%s\" can only stand at the end", text);
    if (strcmp(text, "*") == 0)
        return refuse(p, "\"*.*\" is no extension; did you mean \"*\"?");
    if (strchr(text, '*') != NULL)
        return refuse(p, "an extension has no \"*\" in it");
    if (length == 0 || text[0] == '.' || text[length - 1] == '.'
        || strstr(text, "..") != NULL)
        return refuse(p,
                      "there is nothing between or behind the dots of "
                      "\"*.%s\"",
                      text);
    for (at = text; *at != '\0'; at++)
        *at = (char)hbr_segment_fold(*at);
    segment->kind = HBR_SEGMENT_EXTENSION;
    segment->text = text;
    segment->length = length;
    return NULL;
}

static const char *read_star(const parse_t *p, char *text, bool last,
                             hbr_segment_t *segment)
{
    if (strcmp(text, "*") == 0)
        return NULL; /* HBR_SEGMENT_ANY is 0. */
    if (strncmp(text, "*.", 2) == 0)
        return read_extension(p, text + 2, last, segment);
    if (strcmp(text, "**") != 0)
        return refuse(p,
                      "a \"*\" is a whole segment or begins an extension, "
                      "as in \"*.png\"; in \"%s\" it does neither",
                      text);
    if (!p->pattern->absolute)
        return refuse(p, "\"**\" is a folder and all below; did you mean "
                         "\"*\" or \"/**\"?");
    if (!last)
        return refuse(p, "\"**\" can only stand at the end");
    segment->kind = HBR_SEGMENT_TREE;
    return NULL;
}

static const char *read_literal(const parse_t *p, const char *text,
                                hbr_segment_t *segment)
{
    if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
        return refuse(p,
                      "\"%s\" is resolved before a path is compared, and "
                      "never matches",
                      text);
    if (text[0] == '.' && !p->pattern->absolute)
        return refuse(p,
                      "\"%s\" is a hidden file's name; did you mean "
                      "\"*%s\"?",
                      text, text);
    segment->kind = HBR_SEGMENT_LITERAL;
    segment->text = text;
    segment->length = strlen(text);
    return NULL;
}

static const char *read_segment(const parse_t *p, char *text, bool last,
                                hbr_segment_t *segment)
{
    if (text[0] == '\0' && !last)
        return refuse(p, "there is nothing between two slashes");
    if (text[0] == '\0') {
        segment->kind = HBR_SEGMENT_FOLDER;
        return NULL;
    }
    if (strpbrk(text, "{}") != NULL)
        return read_parameter(p, text, last, segment);
    if (strchr(text, '*') != NULL)
        return read_star(p, text, last, segment);
    return read_literal(p, text, segment);
}

static apr_size_t count_segments(const char *text)
{
    apr_size_t count = 1;

    if (text[0] == '/')
        text++;
    for (; *text != '\0'; text++)
        count += *text == '/';
    return count;
}

/* The segments' texts are pieces of one copy. */
static const char *read_segments(const parse_t *p)
{
    hbr_pattern_t *pattern = p->pattern;
    char *at = apr_pstrdup(p->pool, pattern->text + pattern->absolute);
    const char *why = NULL;

    while (why == NULL && at != NULL) {
        char *slash = strchr(at, '/');

        if (slash != NULL)
            *slash++ = '\0';
        why = read_segment(p, at, slash == NULL, &p->segments[pattern->count]);
        pattern->count++;
        at = slash;
    }
    return why;
}

const char *hbr_pattern_parse(apr_pool_t *pool, const char *text,
                              const hbr_pattern_t **pattern)
{
    hbr_pattern_t *made = apr_pcalloc(pool, sizeof(*made));
    parse_t p = { pool, made, NULL };
    const char *why;

    made->text = apr_pstrdup(pool, text);
    why = refuse_length(&p);
    if (why == NULL)
        why = refuse_control(&p);
    if (why == NULL)
        why = refuse_bytes(&p);
    if (why != NULL)
        return why;
    made->absolute = text[0] == '/';
    p.segments = apr_pcalloc(pool, count_segments(text) * sizeof(*p.segments));
    made->segments = p.segments;
    why = read_segments(&p);
    if (why == NULL)
        *pattern = made;
    return why;
}

int hbr_pattern_parameter(const hbr_pattern_t *pattern, const char *name)
{
    int place = 0;
    apr_size_t i;

    for (i = 0; i < pattern->count; i++) {
        const char *known = pattern->segments[i].name;

        if (known != NULL && strcmp(known, name) == 0)
            return place;
        place += known != NULL;
    }
    return -1;
}

const char *hbr_pattern_name(const hbr_pattern_t *pattern, apr_size_t place)
{
    const hbr_segment_t *segment = pattern->segments;

    for (;; segment++) {
        if (segment->name != NULL && place-- == 0)
            return segment->name;
    }
}
