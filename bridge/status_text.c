/*
 * Numbers as people read them. Whole numbers all the way: neither the locale nor
 * rounding makes the page's script write another text for the same number.
 */
#include "status.h"

#include <string.h>

#include <apr_strings.h>

#define THIN_BLANK "\xe2\x80\xaf"

const char *hbr_status_count(apr_pool_t *pool, apr_uint64_t n)
{
    const char *text = apr_psprintf(pool, "%" APR_UINT64_T_FMT, n);
    apr_size_t length = strlen(text);
    char *grouped = apr_palloc(pool, length * 2 + 8);
    char *to = grouped;
    apr_size_t i;

    for (i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            memcpy(to, THIN_BLANK, 3);
            to += 3;
        }
        *to++ = text[i];
    }
    *to = '\0';
    return grouped;
}

const char *hbr_status_bytes(apr_pool_t *pool, apr_uint64_t n)
{
    static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
    int unit = -1;
    int shift = 0;

    while (unit < 3 && n >> shift >= 1024) {
        unit++;
        shift += 10;
    }
    if (unit < 0)
        return apr_psprintf(pool, "%" APR_UINT64_T_FMT " B", n);
    return apr_psprintf(pool, "%s.%d %s", hbr_status_count(pool, n >> shift),
                        (int)(((n >> (shift - 10)) & 1023) * 10 >> 10),
                        units[unit]);
}

const char *hbr_status_duration(apr_pool_t *pool, apr_uint64_t us)
{
    apr_uint64_t part;

    if (us == 0)
        return "\xe2\x80\x93";
    if (us < 1000)
        return apr_psprintf(pool, "%d \xc2\xb5s", (int)us);
    if (us < 1000000) {
        part = us / 100;
        return apr_psprintf(pool, "%d.%d ms", (int)(part / 10),
                            (int)(part % 10));
    }
    part = us / 10000;
    return apr_psprintf(pool, "%s.%02d s", hbr_status_count(pool, part / 100),
                        (int)(part % 100));
}

const char *hbr_status_time(apr_pool_t *pool, apr_time_t when)
{
    apr_time_exp_t t;

    apr_time_exp_gmt(&t, when);
    return apr_psprintf(pool, "%04d-%02d-%02d %02d:%02d:%02d", t.tm_year + 1900,
                        t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}
