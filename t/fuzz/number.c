/*
 * Numbers as text. Holds: an integer is read as strtoll() reads it, a double as
 * strtod() does in the C locale, and only the grammar of number.h is taken; a
 * number that is written gives itself again.
 */
#include "fuzz.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "number.h"

void fuzz_setup(void)
{
}

static void check_int(const char *text, apr_size_t length)
{
    int64_t value = 77;
    hbr_number_e result = hbr_parse_int(text, length, &value);
    bool is_number = length > 0 && strspn(text, "+-0123456789") == length
                     && strspn(text, "+-") <= 1
                     && strcspn(text + 1, "+-") == length - 1
                     && text[length - 1] >= '0';
    long long expected;
    char *end;

    errno = 0;
    expected = strtoll(text, &end, 10);
    CHECK((result == HBR_NUMBER_BAD) == !is_number);
    CHECK((result == HBR_NUMBER_TOO_BIG) == (is_number && errno == ERANGE));
    CHECK(value == (result == HBR_NUMBER_OK ? expected : 77));
}

static void check_written(double value)
{
    const char *text = hbr_format_double(pool, value);
    double again;

    CHECK(strchr(text, ',') == NULL);
    if (hbr_parse_double(text, strlen(text), &again) == HBR_NUMBER_OK)
        CHECK(again == value || fabs(again - value) <= fabs(value) * 1e-14);
    else /* 15 digits of the greatest double are more than it is. */
        CHECK(fabs(value) > 1.79769e308);
}

static void check_double(const char *text, apr_size_t length)
{
    double value = 77;
    hbr_number_e result = hbr_parse_double(text, length, &value);
    char *end;
    double expected = strtod(text, &end);

    if (result == HBR_NUMBER_BAD)
        return;
    CHECK(strspn(text, "+-.eE0123456789") == length);
    CHECK((apr_size_t)(end - text) == length);
    CHECK((result == HBR_NUMBER_TOO_BIG) == !isfinite(expected));
    CHECK(value == (result == HBR_NUMBER_OK ? expected : 77));
    if (result == HBR_NUMBER_OK)
        check_written(value);
}

/* What is an integer is a double too, if only a very great one. */
void fuzz(fuzz_input_t *input)
{
    const char *text = fuzz_text(input);
    apr_size_t length = strlen(text);
    int64_t integer;
    double real;

    check_int(text, length);
    check_double(text, length);
    if (hbr_parse_int(text, length, &integer) == HBR_NUMBER_OK)
        CHECK(hbr_parse_double(text, length, &real) == HBR_NUMBER_OK);
}
