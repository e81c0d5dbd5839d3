/*
 * The error log's line about a handler that crashed.
 *
 * Everything here runs in a signal's handler: see crash_line.h for what that
 * forbids. gmtime_r() is among it, for it takes the time zone's lock.
 */
#include "crash_line.h"

#include <stdbool.h>

/* What each text takes at most, so that all of them fit. */
#define CLIENT_MAX 64
#define HANDLER_MAX 128
#define METHOD_MAX 32
#define URI_MAX 512

#define DAY 86400

typedef struct line_t {
    char *at;
    const char *end;
} line_t;

/* Never reached by the bounds above; it holds if they are changed. */
static void put(line_t *line, char c)
{
    if (line->at < line->end)
        *line->at++ = c;
}

static void put_text(line_t *line, const char *text)
{
    while (*text != '\0')
        put(line, *text++);
}

/* With zeros before it up to a width. */
static void put_number(line_t *line, apr_uint64_t number, int width)
{
    char digits[20];
    int count = 0;

    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (width-- > count)
        put(line, '0');
    while (count > 0)
        put(line, digits[--count]);
}

static bool is_printable(unsigned char c)
{
    return c >= ' ' && c <= '~';
}

static int width_of(unsigned char c)
{
    if (!is_printable(c))
        return 4;
    return c == '"' || c == '\\' ? 2 : 1;
}

static void put_escaped(line_t *line, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";

    if (width_of(c) > 1)
        put(line, '\\');
    if (is_printable(c)) {
        put(line, (char)c);
    } else {
        put(line, 'x');
        put(line, hex[c >> 4]);
        put(line, hex[c & 0xf]);
    }
}

/* A client's text. It is cut between two characters. */
static void put_foreign(line_t *line, const char *text, int max)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        max -= width_of(c);
        if (max < 0) {
            put_text(line, "...");
            return;
        }
        put_escaped(line, c);
    }
}

/* Howard Hinnant's civil_from_days(): years begin in March, so that the leap
 * day is the last of one; an era is the 400 years after which days repeat. */
static void put_date(line_t *line, apr_uint64_t days, apr_uint64_t *year)
{
    static const char months[] = "MarAprMayJunJulAugSepOctNovDecJanFeb";
    static const char weekdays[] = "ThuFriSatSunMonTueWed";
    apr_uint64_t shifted = days + 719468; /* since 0000-03-01 */
    apr_uint64_t in_era = shifted % 146097;
    apr_uint64_t in_year, month, years;
    int i;

    years = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    in_year = in_era - (365 * years + years / 4 - years / 100);
    month = (5 * in_year + 2) / 153; /* 0: March */
    *year = years + shifted / 146097 * 400 + (month >= 10 ? 1 : 0);

    for (i = 0; i < 3; i++)
        put(line, weekdays[days % 7 * 3 + i]);
    put(line, ' ');
    for (i = 0; i < 3; i++)
        put(line, months[month * 3 + i]);
    put(line, ' ');
    put_number(line, in_year - (153 * month + 2) / 5 + 1, 2);
}

/* As httpd writes it, but in UTC, and it says so. */
static void put_time(line_t *line, apr_time_t when)
{
    apr_uint64_t seconds = (apr_uint64_t)(when / APR_USEC_PER_SEC);
    apr_uint64_t year;

    put(line, '[');
    put_date(line, seconds / DAY, &year);
    put(line, ' ');
    put_number(line, seconds % DAY / 3600, 2);
    put(line, ':');
    put_number(line, seconds % 3600 / 60, 2);
    put(line, ':');
    put_number(line, seconds % 60, 2);
    put(line, '.');
    put_number(line, (apr_uint64_t)(when % APR_USEC_PER_SEC), 6);
    put(line, ' ');
    put_number(line, year, 4);
    put_text(line, " UTC] ");
}

static void put_process(line_t *line, const hbr_crash_line_t *what)
{
    put_text(line, "[pid ");
    put_number(line, (apr_uint64_t)what->pid, 0);
    put_text(line, ":tid ");
    put_number(line, (apr_uint64_t)what->tid, 0);
    put_text(line, "] ");
}

static void put_client(line_t *line, const hbr_crash_line_t *what)
{
    if (what->client == NULL)
        return;
    put_text(line, "[client ");
    put_foreign(line, what->client, CLIENT_MAX);
    put(line, ':');
    put_number(line, what->port, 0);
    put_text(line, "] ");
}

apr_size_t hbr_crash_line(char buffer[HBR_CRASH_LINE_MAX],
                          const hbr_crash_line_t *what)
{
    line_t line = { buffer, buffer + HBR_CRASH_LINE_MAX - 1 };

    put_time(&line, what->when);
    put_text(&line, "[handlerbridge:crit] ");
    put_process(&line, what);
    put_client(&line, what);
    put_text(&line, "HBR0230: ");
    put_foreign(&line, what->handler, HANDLER_MAX);
    put_text(&line, ": ");
    put_text(&line, what->signal);
    put_text(&line, " in ");
    put_foreign(&line, what->method, METHOD_MAX);
    put_text(&line, " \"");
    put_foreign(&line, what->uri, URI_MAX);
    put_text(&line, "\"");
    *line.at++ = '\n';
    return (apr_size_t)(line.at - buffer);
}
