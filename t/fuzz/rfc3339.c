/*
 * Dates (RFC 3339). Holds: only the grammar's characters are taken; the time is
 * the one that APR's own calendar gives; what is written of it is read as the
 * same time again.
 */
#include "fuzz.h"

#include <apr_time.h>
#include <stdio.h>

#include "rfc3339.h"

#define UNTOUCHED ((apr_time_t)77)

void fuzz_setup(void)
{
}

/* Years that have four digits in UTC too; an offset can lead out of them. */
static bool is_writable(apr_time_t when)
{
    return when >= apr_time_from_sec(APR_INT64_C(-62167219200))
           && when < apr_time_from_sec(APR_INT64_C(253402300800));
}

static void check_written(apr_time_t when)
{
    const char *text = hbr_rfc3339_format(pool, when);
    apr_time_t again = UNTOUCHED;

    CHECK(hbr_rfc3339_parse(text, strlen(text), &again));
    CHECK(again == when);
}

/* A date alone, by a calendar that is not ours. */
static void check_date(const char *text, apr_time_t when)
{
    apr_time_exp_t parts = { 0 };
    apr_time_t expected;
    int year, month, day;

    if (strlen(text) != 10)
        return;
    CHECK(strncmp(hbr_rfc3339_format(pool, when), text, 10) == 0);
    CHECK(sscanf(text, "%4d-%2d-%2d", &year, &month, &day) == 3);
    if (year < 1970)
        return;
    parts.tm_year = year - 1900;
    parts.tm_mon = month - 1;
    parts.tm_mday = day;
    CHECK(apr_time_exp_get(&expected, &parts) == APR_SUCCESS);
    CHECK(when == expected);
}

void fuzz(fuzz_input_t *input)
{
    const char *text = fuzz_text(input);
    apr_size_t length = strlen(text);
    apr_time_t when = UNTOUCHED;

    if (!hbr_rfc3339_parse(text, length, &when)) {
        CHECK(when == UNTOUCHED);
        return;
    }
    CHECK(strspn(text, "0123456789-+:.TtZz") == length);
    CHECK(length >= 10);
    check_date(text, when);
    if (is_writable(when))
        check_written(when);
}
