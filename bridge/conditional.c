/*
 * Preconditions: entity tags, dates, and which of them counts when several
 * are sent. All is decided from the field values at hand; nothing is kept.
 * Where a field cannot be understood the choice is the one that loses
 * nothing: a tag matches nothing, so that a body is sent rather than a 304,
 * and a change refused rather than made.
 */
#include "conditional.h"

#include <string.h>

#include <apr_date.h>
#include <apr_strings.h>

#include "field.h"

enum { GO_ON = 0, NOT_MODIFIED = 304, PRECONDITION_FAILED = 412 };

/* An entity tag (RFC 9110 8.8.3); points into the field. */
typedef struct tag_t {
    bool weak;
    const char *opaque; /* Between the quotes. */
    apr_size_t length;
} tag_t;

typedef bool (*compare_t)(const tag_t *sent, const tag_t *ours);

/* What httpd's filters put behind a tag. */
static const char *const suffixes[] = { "-gzip", "-br", "-deflate", "-zstd",
                                        NULL };

static bool is_etagc(unsigned char c)
{
    return c == 0x21 || (c >= 0x23 && c != 0x7F);
}

/* Returns the end of the tag, or `at` itself when there is none. */
static const char *read_tag(const char *at, tag_t *tag)
{
    const char *c = at;

    tag->weak = c[0] == 'W' && c[1] == '/';
    if (tag->weak)
        c += 2;
    if (*c++ != '"')
        return at;
    tag->opaque = c;
    while (is_etagc((unsigned char)*c))
        c++;
    if (*c != '"')
        return at;
    tag->length = (apr_size_t)(c - tag->opaque);
    return c + 1;
}

/* Reads a field that is one tag and nothing else. */
static bool read_only_tag(const char *field, tag_t *tag)
{
    const char *end;

    if (field == NULL)
        return false;
    end = read_tag(field, tag);
    return end != field && *end == '\0';
}

static bool is_same(const tag_t *a, const tag_t *b)
{
    return a->length == b->length
           && memcmp(a->opaque, b->opaque, a->length) == 0;
}

/* RFC 9110 8.8.3.2 */
static bool is_strongly_equal(const tag_t *sent, const tag_t *ours)
{
    return !sent->weak && !ours->weak && is_same(sent, ours);
}

/* Weak comparison, also with one filter's suffix taken off. */
static bool is_weakly_equal(const tag_t *sent, const tag_t *ours)
{
    const char *const *suffix;

    if (is_same(sent, ours))
        return true;
    if (sent->length <= ours->length
        || memcmp(sent->opaque, ours->opaque, ours->length) != 0)
        return false;
    for (suffix = suffixes; *suffix != NULL; suffix++)
        if (sent->length - ours->length == strlen(*suffix)
            && memcmp(sent->opaque + ours->length, *suffix, strlen(*suffix))
                   == 0)
            return true;
    return false;
}

/* mod_deflate once put its suffix behind the closing quote. */
static const char *skip_suffix(const char *at)
{
    const char *const *suffix;

    for (suffix = suffixes; *suffix != NULL; suffix++)
        if (strncmp(at, *suffix, strlen(*suffix)) == 0)
            return at + strlen(*suffix);
    return at;
}

/* True when a member of the list is equal to ours. */
static bool list_has(const char *list, const tag_t *ours, compare_t compare)
{
    while (*list != '\0') {
        const char *member = hbr_skip_blanks(list);
        tag_t sent;
        const char *end = read_tag(member, &sent);
        bool is_tag = end != member;

        if (is_tag && compare == is_weakly_equal)
            end = skip_suffix(end);
        end = hbr_skip_blanks(end);
        is_tag = is_tag && (*end == ',' || *end == '\0');
        if (is_tag && compare(&sent, ours))
            return true;
        end += strcspn(end, ",");
        list = *end == ',' ? end + 1 : end;
    }
    return false;
}

static bool is_any(const char *list)
{
    list = hbr_skip_blanks(list);
    return *list == '*' && *hbr_skip_blanks(list + 1) == '\0';
}

static bool matches(const char *list, const char *etag, compare_t compare)
{
    tag_t ours;

    return is_any(list)
           || (read_only_tag(etag, &ours) && list_has(list, &ours, compare));
}

/* Sunday, 06-Nov-94 08:49:37 GMT */
static bool is_rfc850_date(const char *text, apr_size_t comma)
{
    static const char *const days[] = { "Monday",   "Tuesday", "Wednesday",
                                        "Thursday", "Friday",  "Saturday",
                                        "Sunday",   NULL };
    const char *const *day;

    for (day = days; *day != NULL; day++)
        if (strlen(*day) == comma && strncmp(text, *day, comma) == 0)
            return apr_date_checkmask(text + comma, ", ##-@$$-## ##:##:## GMT");
    return false;
}

static bool begins_with_day(const char *text)
{
    int day;

    for (day = 0; day < 7; day++)
        if (strncmp(text, apr_day_snames[day], 3) == 0)
            return true;
    return false;
}

/* The three shapes of RFC 9110 5.6.7; apr_date_parse_http() takes much more. */
static bool is_http_date(const char *text)
{
    return (begins_with_day(text)
            && (apr_date_checkmask(text, "@$$, ## @$$ #### ##:##:## GMT")
                || apr_date_checkmask(text, "@$$ @$$ ~# ##:##:## ####")))
           || is_rfc850_date(text, strcspn(text, ","));
}

static bool read_date(const char *text, apr_time_t *date)
{
    if (text == NULL || !is_http_date(text))
        return false;
    *date = apr_date_parse_http(text);
    /* APR_DATE_BAD is a date too. */
    return *date != APR_DATE_BAD
           || strcmp(text, "Thu, 01 Jan 1970 00:00:00 GMT") == 0;
}

/* Compares in whole seconds. False where there is nothing to compare: a field
 * that is no date, or no last_modified. */
static bool is_dated(const char *field, apr_time_t last_modified,
                     apr_time_t *sent, apr_time_t *ours)
{
    if (last_modified == 0 || !read_date(field, sent))
        return false;
    *sent = apr_time_sec(*sent);
    *ours = apr_time_sec(last_modified);
    return true;
}

/* RFC 9110 13.2.2, steps 1 and 2. */
static bool may_change(const apr_table_t *headers_in, const char *etag,
                       apr_time_t last_modified)
{
    const char *field = apr_table_get(headers_in, "If-Match");
    apr_time_t sent;
    apr_time_t ours;

    if (field != NULL)
        return matches(field, etag, is_strongly_equal);
    field = apr_table_get(headers_in, "If-Unmodified-Since");
    return !is_dated(field, last_modified, &sent, &ours) || ours <= sent;
}

/* RFC 9110 13.2.2, steps 3 and 4: does the client have this already? */
static bool is_known(const apr_table_t *headers_in, bool reads,
                     const char *etag, apr_time_t last_modified)
{
    const char *field = apr_table_get(headers_in, "If-None-Match");
    apr_time_t sent;
    apr_time_t ours;

    if (field != NULL)
        return matches(field, etag, is_weakly_equal);
    field = apr_table_get(headers_in, "If-Modified-Since");
    return reads && is_dated(field, last_modified, &sent, &ours)
           && ours <= sent;
}

static bool is_unconditional(const char *method)
{
    return strcmp(method, "OPTIONS") == 0 || strcmp(method, "TRACE") == 0
           || strcmp(method, "CONNECT") == 0;
}

const char *hbr_compressed_tag(apr_pool_t *pool, const apr_table_t *headers_in,
                               const char *etag)
{
    const char *field = apr_table_get(headers_in, "If-None-Match");
    const char *const *suffix;

    if (field == NULL || etag == NULL || strlen(etag) < 2)
        return NULL;
    for (suffix = suffixes; *suffix != NULL; suffix++) {
        const char *tag =
            apr_pstrcat(pool, apr_pstrndup(pool, etag, strlen(etag) - 1),
                        *suffix, "\"", NULL);

        if (strstr(field, tag) != NULL)
            return tag;
    }
    return NULL;
}

int hbr_conditional(const char *method, const apr_table_t *headers_in,
                    const char *etag, apr_time_t last_modified)
{
    bool reads = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;

    if (is_unconditional(method))
        return GO_ON;
    if (!may_change(headers_in, etag, last_modified))
        return PRECONDITION_FAILED;
    if (is_known(headers_in, reads, etag, last_modified))
        return reads ? NOT_MODIFIED : PRECONDITION_FAILED;
    return GO_ON;
}

/* The date has to be the very one, and old enough that no second change can
 * have hidden in the same second. */
static bool is_same_date(const char *field, apr_time_t last_modified,
                         apr_time_t now)
{
    apr_time_t sent;
    apr_time_t ours;

    return is_dated(field, last_modified, &sent, &ours) && sent == ours
           && apr_time_sec(now) > ours;
}

bool hbr_if_range_holds(const apr_table_t *headers_in, const char *etag,
                        apr_time_t last_modified, apr_time_t now)
{
    const char *field = apr_table_get(headers_in, "If-Range");
    tag_t sent;
    tag_t ours;

    if (field == NULL)
        return true;
    if (!read_only_tag(field, &sent))
        return is_same_date(field, last_modified, now);
    return read_only_tag(etag, &ours) && is_strongly_equal(&sent, &ours);
}
