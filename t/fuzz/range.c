/*
 * Byte ranges (RFC 9110 14). The first byte says how many bytes of length
 * follow, then the Range field.
 *
 * Holds: the ranges lie within the representation, apart from each other, and
 * are together no longer than it; a field made of them gives them again; for a
 * field of one plain range, exactly the bytes that it names.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "range.h"

void fuzz_setup(void)
{
}

static void check_ranges(const hbr_range_t *ranges, apr_size_t count,
                         apr_off_t total)
{
    apr_off_t sum = 0;
    apr_size_t i, j;

    CHECK(count > 0 && count <= HBR_RANGES_MAX);
    for (i = 0; i < count; i++) {
        CHECK(ranges[i].length > 0 && ranges[i].first >= 0);
        CHECK(ranges[i].first < total);
        CHECK(ranges[i].length <= total - ranges[i].first);
        CHECK(ranges[i].length <= total - sum);
        sum += ranges[i].length;
        for (j = 0; j < i; j++)
            CHECK(ranges[i].first > ranges[j].first + ranges[j].length
                  || ranges[j].first > ranges[i].first + ranges[i].length);
    }
}

static void check_written(const hbr_range_t *ranges, apr_size_t count,
                          apr_off_t total)
{
    const char *field = "bytes=";
    hbr_range_t *again;
    apr_size_t i, again_count;

    for (i = 0; i < count; i++)
        field = apr_psprintf(pool, "%s%s%" APR_OFF_T_FMT "-%" APR_OFF_T_FMT,
                             field, i > 0 ? "," : "", ranges[i].first,
                             ranges[i].first + ranges[i].length - 1);
    CHECK(hbr_range_parse(pool, field, total, &again, &again_count)
          == HBR_RANGE_PARTIAL);
    CHECK(again_count == count);
    for (i = 0; i < count; i++) {
        CHECK(again[i].first == ranges[i].first);
        CHECK(again[i].length == ranges[i].length);
    }
}

/* Up to eight digits; false when there are none or more. */
static bool read_digits(const char **at, apr_off_t *number)
{
    apr_size_t digits = strspn(*at, "0123456789");

    *number = strtol(*at, NULL, 10);
    *at += digits;
    return digits > 0 && digits <= 8;
}

/* "bytes=A-B", read without the parser (RFC 9110 14.1.2). */
static void check_span(const char *at, apr_off_t total, hbr_range_e result,
                       const hbr_range_t *ranges)
{
    apr_off_t first, last;

    if (!read_digits(&at, &first) || *at++ != '-' || !read_digits(&at, &last)
        || *at != '\0')
        return;
    if (first > last)
        CHECK(result == HBR_RANGE_WHOLE);
    else if (first >= total)
        CHECK(result == HBR_RANGE_UNSATISFIABLE);
    else
        CHECK(result == HBR_RANGE_PARTIAL && ranges[0].first == first
              && ranges[0].length == (last < total ? last + 1 : total) - first);
}

/* "bytes=-N" */
static void check_suffix(const char *at, apr_off_t total, hbr_range_e result,
                         const hbr_range_t *ranges)
{
    apr_off_t length;

    if (*at++ != '-' || !read_digits(&at, &length) || *at != '\0')
        return;
    if (length == 0)
        CHECK(result == HBR_RANGE_UNSATISFIABLE);
    else if (total == 0)
        CHECK(result == HBR_RANGE_WHOLE);
    else
        CHECK(result == HBR_RANGE_PARTIAL
              && ranges[0].first == (length < total ? total - length : 0)
              && ranges[0].length == (length < total ? length : total));
}

static void check_plain(const char *field, apr_off_t total, hbr_range_e result,
                        const hbr_range_t *ranges)
{
    if (strncmp(field, "bytes=", strlen("bytes=")) != 0)
        return;
    check_span(field + strlen("bytes="), total, result, ranges);
    check_suffix(field + strlen("bytes="), total, result, ranges);
}

/* No response may grow a header line of its own. */
static void check_texts(const hbr_range_t *range, apr_off_t total)
{
    const char *text = hbr_content_range(pool, range, total);

    CHECK(strncmp(text, "bytes ", 6) == 0);
    CHECK(strlen(text) == strspn(text + 6, "0123456789-/") + 6);
    CHECK(strstr(hbr_byteranges_part(pool, "b", "a/b", range, total), text)
          != NULL);
}

void fuzz(fuzz_input_t *input)
{
    apr_off_t total = (apr_off_t)fuzz_number(input, fuzz_byte(input) % 9);
    const char *field = fuzz_field(input);
    hbr_range_t *ranges;
    apr_size_t count;
    hbr_range_e result = hbr_range_parse(pool, field, total, &ranges, &count);

    CHECK((result == HBR_RANGE_PARTIAL) == (ranges != NULL));
    CHECK((result == HBR_RANGE_PARTIAL) == (count > 0));
    if (total < 0 || field == NULL)
        CHECK(result == HBR_RANGE_WHOLE);
    else
        check_plain(field, total, result, ranges);
    if (result == HBR_RANGE_PARTIAL) {
        check_ranges(ranges, count, total);
        check_written(ranges, count, total);
        check_texts(&ranges[0], total);
    }
}
