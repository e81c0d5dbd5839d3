/*
 * RFC 3339's dates, by its grammar (5.6) and its ranges (5.7). Nothing is
 * kept; any thread.
 */
#include <apr_strings.h>

#include "rfc3339.h"

/* What is left of the text. */
typedef struct cursor_t {
    const char *at;
    const char *end;
} cursor_t;

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool take_char(cursor_t *c, char wanted)
{
    if (c->at == c->end || *c->at != wanted)
        return false;
    c->at++;
    return true;
}

/* A number of exactly so many digits, within a range. */
static bool take_number(cursor_t *c, int digits, int low, int high, int *value)
{
    int i;

    *value = 0;
    for (i = 0; i < digits; i++) {
        if (c->at == c->end || !is_digit(*c->at))
            return false;
        *value = *value * 10 + (*c->at++ - '0');
    }
    return *value >= low && *value <= high;
}

static bool is_leap_year(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int year, int month)
{
    static const int days[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };

    return days[month - 1] + (month == 2 && is_leap_year(year));
}

/* Days from 1970-01-01 in the Gregorian calendar. Years are counted from
 * March, so that the leap day is the last of its year; 719468 days lie between
 * 0000-03-01 and 1970-01-01. */
static int days_since_epoch(int year, int month, int day)
{
    int y = year - (month <= 2) + 400; /* never negative */
    int days = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return y * 365 + y / 4 - y / 100 + y / 400 + days - 146097 - 719468;
}

/* full-date, as seconds. */
static bool take_date(cursor_t *c, apr_int64_t *seconds)
{
    int year, month, day;

    if (!take_number(c, 4, 0, 9999, &year) || !take_char(c, '-')
        || !take_number(c, 2, 1, 12, &month) || !take_char(c, '-')
        || !take_number(c, 2, 1, days_in_month(year, month), &day))
        return false;
    *seconds = (apr_int64_t)days_since_epoch(year, month, day) * 86400;
    return true;
}

/* time-secfrac, as microseconds. */
static bool take_fraction(cursor_t *c, apr_int64_t *micro)
{
    apr_int64_t unit = APR_USEC_PER_SEC / 10;

    *micro = 0;
    if (!take_char(c, '.'))
        return true;
    if (c->at == c->end || !is_digit(*c->at))
        return false;
    for (; c->at < c->end && is_digit(*c->at); c->at++) {
        *micro += (*c->at - '0') * unit;
        unit /= 10;
    }
    return true;
}

/* time-offset, as seconds east of UTC. */
static bool take_offset(cursor_t *c, int *offset)
{
    int hours, minutes;
    int sign = 1;

    *offset = 0;
    if (take_char(c, 'Z') || take_char(c, 'z'))
        return true;
    if (take_char(c, '-'))
        sign = -1;
    else if (!take_char(c, '+'))
        return false;
    if (!take_number(c, 2, 0, 23, &hours) || !take_char(c, ':')
        || !take_number(c, 2, 0, 59, &minutes))
        return false;
    *offset = sign * (hours * 3600 + minutes * 60);
    return true;
}

/* True when a month begins at this time. */
static bool is_month_begin(apr_int64_t seconds)
{
    apr_time_exp_t parts;

    return apr_time_exp_gmt(&parts, apr_time_from_sec(seconds)) == APR_SUCCESS
           && parts.tm_mday == 1 && parts.tm_hour == 0 && parts.tm_min == 0
           && parts.tm_sec == 0;
}

/* full-time, added to the date. */
static bool take_time(cursor_t *c, apr_int64_t *seconds, apr_int64_t *micro)
{
    int hour, minute, second, offset;

    if (!take_number(c, 2, 0, 23, &hour) || !take_char(c, ':')
        || !take_number(c, 2, 0, 59, &minute) || !take_char(c, ':')
        || !take_number(c, 2, 0, 60, &second) || !take_fraction(c, micro)
        || !take_offset(c, &offset))
        return false;
    *seconds += hour * 3600 + minute * 60 + second - offset;
    return second < 60 || is_month_begin(*seconds);
}

bool hbr_rfc3339_parse(const char *text, apr_size_t length, apr_time_t *when)
{
    cursor_t c = { text, text + length };
    apr_int64_t seconds;
    apr_int64_t micro = 0;

    if (!take_date(&c, &seconds))
        return false;
    if (take_char(&c, 'T') || take_char(&c, 't')) {
        if (!take_time(&c, &seconds, &micro))
            return false;
    }
    if (c.at != c.end)
        return false;
    *when = apr_time_from_sec(seconds) + micro;
    return true;
}

const char *hbr_rfc3339_format(apr_pool_t *pool, apr_time_t when)
{
    apr_int64_t micro = when % APR_USEC_PER_SEC;
    const char *fraction = "";
    apr_time_exp_t t;

    if (micro < 0) /* before 1970: the fraction still counts forward */
        micro += APR_USEC_PER_SEC;
    apr_time_exp_gmt(&t, when - micro);
    if (micro != 0)
        fraction = apr_psprintf(pool, ".%06d", (int)micro);
    return apr_psprintf(pool, "%04d-%02d-%02dT%02d:%02d:%02d%sZ",
                        (int)t.tm_year + 1900, (int)t.tm_mon + 1,
                        (int)t.tm_mday, (int)t.tm_hour, (int)t.tm_min,
                        (int)t.tm_sec, fraction);
}
