/*
 * Byte ranges: from the Range field to pieces that lie within the
 * representation, and the text around them in the response. The pieces
 * together are never longer than the representation and never more than
 * HBR_RANGES_MAX: many overlapping ranges are how servers were brought down
 * (CVE-2011-3192). Pure functions, for any thread.
 */
#include "range.h"

#include <string.h>
#include <strings.h>

#include <apr_strings.h>

#include "field.h"

/* The largest apr_off_t, whose width is the platform's. */
#define OFF_BITS (sizeof(apr_off_t) * 8)
#define OFF_MAX ((apr_off_t)(((apr_uint64_t)1 << (OFF_BITS - 1)) - 1))

/* The set as it is read. */
typedef struct set_t {
    apr_off_t total;
    apr_off_t sum;   /* Of the lengths; never above total. */
    apr_size_t read; /* Members, satisfiable or not. */
    apr_size_t count;
    bool whole; /* Not to be obeyed. */
    hbr_range_t ranges[HBR_RANGES_MAX];
} set_t;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads 1*DIGIT; what is too large becomes the largest number there is. */
static const char *read_number(const char *at, apr_off_t *number)
{
    *number = 0;
    for (; is_digit(*at); at++) {
        int digit = *at - '0';

        if (*number > (OFF_MAX - digit) / 10)
            *number = OFF_MAX;
        else
            *number = *number * 10 + digit;
    }
    return at;
}

static void keep(set_t *set, apr_off_t first, apr_off_t length)
{
    if (length > set->total - set->sum) {
        set->whole = true;
        return;
    }
    set->sum += length;
    set->ranges[set->count++] = (hbr_range_t){ first, length };
}

/* "-500". Returns the member's end, or NULL when it is malformed. */
static const char *read_suffix(const char *at, set_t *set)
{
    apr_off_t length;
    const char *end = read_number(at + 1, &length);

    if (end == at + 1)
        return NULL;
    if (length == 0)
        return end;
    if (set->total == 0)
        set->whole = true; /* Satisfiable, but a 206 cannot say so. */
    else if (length < set->total)
        keep(set, set->total - length, length);
    else
        keep(set, 0, set->total);
    return end;
}

/* "500-999" or "500-". */
static const char *read_span(const char *at, set_t *set)
{
    apr_off_t first;
    apr_off_t last = OFF_MAX;
    const char *dash = read_number(at, &first);
    const char *end;

    if (dash == at || *dash != '-')
        return NULL;
    end = dash + 1;
    if (is_digit(*end))
        end = read_number(end, &last);
    if (last < first)
        return NULL;
    if (first >= set->total)
        return end;
    if (last >= set->total)
        last = set->total - 1;
    keep(set, first, last - first + 1);
    return end;
}

/* Reads one member of the list; an empty one is no error (RFC 9110 5.6.1). */
static const char *read_member(const char *at, set_t *set)
{
    if (*at == ',' || *at == '\0')
        return at;
    if (set->read++ == HBR_RANGES_MAX)
        return NULL;
    at = *at == '-' ? read_suffix(at, set) : read_span(at, set);
    if (at == NULL)
        return NULL;
    at = hbr_skip_blanks(at);
    return *at == ',' || *at == '\0' ? at : NULL;
}

/* False when the field is to be ignored. */
static bool read_set(const char *field, set_t *set)
{
    if (strncasecmp(field, "bytes=", strlen("bytes=")) != 0)
        return false;
    field += strlen("bytes=");
    for (;;) {
        field = read_member(hbr_skip_blanks(field), set);
        if (field == NULL)
            return false;
        if (*field == '\0')
            return set->read > 0 && !set->whole;
        field++;
    }
}

/* Makes one range of two where they overlap or touch. */
static bool join(hbr_range_t *range, const hbr_range_t *other)
{
    apr_off_t end = range->first + range->length;
    apr_off_t other_end = other->first + other->length;

    if (other->first > end || range->first > other_end)
        return false;
    if (other->first < range->first)
        range->first = other->first;
    range->length = (other_end > end ? other_end : end) - range->first;
    return true;
}

/*
 * Joins what can be joined, into the earlier place. A range that has grown may
 * reach others that it did not reach before, so it is taken up again; each
 * turn of that kind takes one range away.
 */
static void coalesce(set_t *set)
{
    apr_size_t i = 0;

    while (i < set->count) {
        apr_size_t other = i + 1;

        while (other < set->count
               && !join(&set->ranges[i], &set->ranges[other]))
            other++;
        if (other < set->count) {
            set->count--;
            memmove(&set->ranges[other], &set->ranges[other + 1],
                    (set->count - other) * sizeof(*set->ranges));
        } else {
            i++;
        }
    }
}

hbr_range_e hbr_range_parse(apr_pool_t *pool, const char *field,
                            apr_off_t total, hbr_range_t **ranges,
                            apr_size_t *count)
{
    set_t set = { .total = total };

    *ranges = NULL;
    *count = 0;
    if (field == NULL || total < 0 || !read_set(field, &set))
        return HBR_RANGE_WHOLE;
    if (set.count == 0)
        return HBR_RANGE_UNSATISFIABLE;
    coalesce(&set);
    *ranges = apr_pmemdup(pool, set.ranges, set.count * sizeof(*set.ranges));
    *count = set.count;
    return HBR_RANGE_PARTIAL;
}

char *hbr_content_range(apr_pool_t *pool, const hbr_range_t *range,
                        apr_off_t total)
{
    return apr_psprintf(
        pool, "bytes %" APR_OFF_T_FMT "-%" APR_OFF_T_FMT "/%" APR_OFF_T_FMT,
        range->first, range->first + range->length - 1, total);
}

char *hbr_content_range_unsatisfied(apr_pool_t *pool, apr_off_t total)
{
    return apr_psprintf(pool, "bytes */%" APR_OFF_T_FMT, total);
}

const char *hbr_byteranges_type(apr_pool_t *pool, const char *boundary)
{
    return apr_pstrcat(pool, "multipart/byteranges; boundary=", boundary, NULL);
}

const char *hbr_byteranges_part(apr_pool_t *pool, const char *boundary,
                                const char *type, const hbr_range_t *range,
                                apr_off_t total)
{
    return apr_pstrcat(pool, "\r\n--", boundary,
                       type != NULL ? "\r\nContent-Type: " : "",
                       type != NULL ? type : "", "\r\nContent-Range: ",
                       hbr_content_range(pool, range, total), "\r\n\r\n", NULL);
}

const char *hbr_byteranges_end(apr_pool_t *pool, const char *boundary)
{
    return apr_pstrcat(pool, "\r\n--", boundary, "--\r\n", NULL);
}
