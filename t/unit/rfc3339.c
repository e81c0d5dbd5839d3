/*
 * Dates and times: RFC 3339 5.6 (grammar), 5.7 (ranges), 5.8 (examples).
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "support/pool.h"

#include "rfc3339.h"

/* Parses a copy without a NUL behind it. */
static bool parse(const char *text, apr_time_t *when)
{
    size_t length = strlen(text);
    char *copy = malloc(length + 1);
    bool good;

    memcpy(copy + 1, text, length);
    good = hbr_rfc3339_parse(copy + 1, length, when);
    free(copy);
    return good;
}

static void test_good(void **state)
{
    static const struct {
        const char *text;
        apr_time_t when;
    } cases[] = {
        { "1970-01-01", 0 },
        { "1970-01-01T00:00:00Z", 0 },
        { "1970-01-01t00:00:00z", 0 },
        { "1970-01-01T00:00:00+00:00", 0 },
        { "1970-01-01T00:00:00-00:00", 0 },
        { "1970-01-01T01:30:00+01:30", 0 },
        { "1969-12-31T18:30:00-05:30", 0 },
        { "1970-01-01T00:00:00.000001Z", 1 },
        { "1970-01-01T00:00:00.1Z", 100000 },
        { "1970-01-01T00:00:00.1234569999999999999999Z", 123456 },
        { "1969-12-31T23:59:59.999999Z", -1 },
        { "2026-11-21", APR_INT64_C(1795219200000000) },
        { "2026-11-21T08:30:00Z", APR_INT64_C(1795249800000000) },
        { "2000-02-29", APR_INT64_C(951782400000000) },
        { "2024-02-29", APR_INT64_C(1709164800000000) },
        { "0000-01-01", APR_INT64_C(-62167219200000000) },
        { "0000-02-29", APR_INT64_C(-62162121600000000) },
        { "9999-12-31T23:59:59.999999Z", APR_INT64_C(253402300799999999) },
        /* 5.8 */
        { "1985-04-12T23:20:50.52Z", APR_INT64_C(482196050520000) },
        { "1996-12-19T16:39:57-08:00", APR_INT64_C(851042397000000) },
        { "1990-12-31T23:59:60Z", APR_INT64_C(662688000000000) },
        { "1990-12-31T15:59:60-08:00", APR_INT64_C(662688000000000) },
        { "1937-01-01T12:00:27.87+00:20", APR_INT64_C(-1041337172130000) },
        { "1972-06-30T23:59:60.5Z", APR_INT64_C(78796800500000) }
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        apr_time_t when = 42;

        if (!parse(cases[i].text, &when) || when != cases[i].when)
            fail_msg("%s: %lld", cases[i].text, (long long)when);
    }
}

static void test_bad(void **state)
{
    static const char *const bad[] = { "",
                                       "2026",
                                       "2026-11",
                                       "2026-11-",
                                       "2026-11-2",
                                       "2026-11-211",
                                       "20261121",
                                       "26-11-21",
                                       "02026-11-21",
                                       "2026/11/21",
                                       "+2026-11-21",
                                       "-2026-11-21",
                                       " 2026-11-21",
                                       "2026-11-21 ",
                                       "2026-1-21",
                                       "2026-00-21",
                                       "2026-13-21",
                                       "2026-11-00",
                                       "2026-11-31",
                                       "2026-01-32",
                                       "2026-02-29",
                                       "1900-02-29",
                                       "2100-02-29",
                                       "2024-02-30",
                                       "2026-04-31",
                                       "2026-11-2a",
                                       "2026-W47-6",
                                       "2026-325",
                                       "2026-11-21Z",
                                       "2026-11-21T",
                                       "2026-11-21T08",
                                       "2026-11-21T08:30",
                                       "2026-11-21T08:30Z",
                                       "2026-11-21T08:30:00",
                                       "2026-11-21 08:30:00Z",
                                       "2026-11-21T8:30:00Z",
                                       "2026-11-21T08:30:0Z",
                                       "2026-11-21T083000Z",
                                       "2026-11-21T24:00:00Z",
                                       "2026-11-21T08:60:00Z",
                                       "2026-11-21T08:30:61Z",
                                       "2026-11-21T08:30:60Z",
                                       "2026-11-21T23:59:60Z",
                                       "2026-12-31T22:59:60Z",
                                       "2026-12-31T23:58:60Z",
                                       "2026-12-31T23:59:60+01:00",
                                       "2026-11-21T08:30:00.Z",
                                       "2026-11-21T08:30:00,5Z",
                                       "2026-11-21T08:30:00.",
                                       "2026-11-21T08:30:00.5",
                                       "2026-11-21T08:30:00ZZ",
                                       "2026-11-21T08:30:00Z ",
                                       "2026-11-21T08:30:00+",
                                       "2026-11-21T08:30:00+02",
                                       "2026-11-21T08:30:00+0200",
                                       "2026-11-21T08:30:00+02:0",
                                       "2026-11-21T08:30:00+24:00",
                                       "2026-11-21T08:30:00+02:60",
                                       "2026-11-21T08:30:00 02:00",
                                       "2026-11-21T08:30:00+02:00Z",
                                       "2026-11-21T-8:30:00Z",
                                       "2026-11-21T08:30:00GMT",
                                       "now" };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(bad); i++) {
        apr_time_t when = 42;

        if (parse(bad[i], &when) || when != 42)
            fail_msg("\"%s\" was taken", bad[i]);
    }
    {
        apr_time_t when;

        assert_false(hbr_rfc3339_parse("2026-11-21\0", 11, &when));
        assert_false(hbr_rfc3339_parse("2026-11-21T08:30:00Z", 19, &when));
    }
}

/* Every day of four hundred years and more, against the C library. */
static void test_every_day(void **state)
{
    time_t day = -(time_t)135140 * 86400; /* 1600-01-01 */
    time_t last = (time_t)40000 * 86400;

    (void)state;
    for (; day < last; day += 86400) {
        struct tm parts;
        char text[16];
        apr_time_t when;

        gmtime_r(&day, &parts);
        strftime(text, sizeof(text), "%Y-%m-%d", &parts);
        if (!hbr_rfc3339_parse(text, strlen(text), &when)
            || when != apr_time_from_sec((apr_time_t)day))
            fail_msg("%s", text);
    }
}

static void test_format(void **state)
{
    static const char *const texts[] = {
        "1970-01-01T00:00:00Z",        "2026-11-21T08:30:00Z",
        "1985-04-12T23:20:50.520000Z", "1969-12-31T23:59:59.999999Z",
        "0001-01-01T00:00:00Z",        "9999-12-31T23:59:59.000001Z"
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(texts); i++) {
        apr_time_t when;

        assert_true(hbr_rfc3339_parse(texts[i], strlen(texts[i]), &when));
        assert_string_equal(hbr_rfc3339_format(pool, when), texts[i]);
    }
}

MAIN(cmocka_unit_test(test_good), cmocka_unit_test(test_bad),
     cmocka_unit_test(test_every_day), POOL_TEST(test_format))
