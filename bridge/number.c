/*
 * Numbers from and to text. The C library reads and writes doubles by the
 * process's locale, which belongs to the server and its other modules; here
 * they go through a C locale of our own. It is made once per process, by
 * whichever thread comes first; all else is free of state.
 */
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <apr_strings.h>

#include "number.h"

static pthread_once_t locale_once = PTHREAD_ONCE_INIT;
static locale_t c_locale;

static void make_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* The C locale is built into the C library, so that it is always there. */
static locale_t plain_locale(void)
{
    pthread_once(&locale_once, make_locale);
    return c_locale;
}

static const char *skip_sign(const char *at, const char *end)
{
    return at < end && (*at == '+' || *at == '-') ? at + 1 : at;
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

hbr_number_e hbr_parse_int(const char *text, apr_size_t length, int64_t *value)
{
    const char *end = text + length;
    const char *at = skip_sign(text, end);
    bool negative = at > text && *text == '-';
    int64_t result = 0;

    if (at == end || skip_digits(at, end) != end)
        return HBR_NUMBER_BAD;
    /* Counted downwards, since there is one more negative number. */
    for (; at < end; at++) {
        if (__builtin_mul_overflow(result, 10, &result)
            || __builtin_sub_overflow(result, *at - '0', &result))
            return HBR_NUMBER_TOO_BIG;
    }
    if (!negative && __builtin_sub_overflow((int64_t)0, result, &result))
        return HBR_NUMBER_TOO_BIG;
    *value = result;
    return HBR_NUMBER_OK;
}

/* digits ["." digits] or "." digits; NULL for anything else. */
static const char *skip_mantissa(const char *at, const char *end)
{
    const char *whole = skip_digits(at, end);
    const char *fraction;

    if (whole == end || *whole != '.')
        return whole > at ? whole : NULL;
    fraction = skip_digits(whole + 1, end);
    return fraction > whole + 1 ? fraction : NULL;
}

/* Nothing, or "e" with an optional sign and digits; NULL for a half one. */
static const char *skip_exponent(const char *at, const char *end)
{
    const char *digits;

    if (at == end || (*at != 'e' && *at != 'E'))
        return at;
    digits = skip_sign(at + 1, end);
    at = skip_digits(digits, end);
    return at > digits ? at : NULL;
}

static bool is_decimal(const char *text, const char *end)
{
    const char *at = skip_mantissa(skip_sign(text, end), end);

    return at != NULL && skip_exponent(at, end) == end;
}

hbr_number_e hbr_parse_double(const char *text, apr_size_t length,
                              double *value)
{
    double result;

    if (!is_decimal(text, text + length))
        return HBR_NUMBER_BAD;
    result = strtod_l(text, NULL, plain_locale());
    if (!isfinite(result))
        return HBR_NUMBER_TOO_BIG;
    *value = result;
    return HBR_NUMBER_OK;
}

static const char *format(apr_pool_t *pool, double value, int digits)
{
    locale_t before = uselocale(plain_locale());
    char text[32];

    snprintf(text, sizeof(text), "%.*g", digits, value);
    uselocale(before);
    return apr_pstrdup(pool, text);
}

const char *hbr_format_double(apr_pool_t *pool, double value)
{
    return format(pool, value, 15);
}

const char *hbr_exact_double(apr_pool_t *pool, double value)
{
    return format(pool, value, 17);
}
