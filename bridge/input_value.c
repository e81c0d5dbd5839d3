/*
 * One input or option: the check of its text, and what it has to be when it
 * does not fit. That tells what was expected, and never holds what was sent.
 * Nothing is kept; any thread.
 */
#include <string.h>

#include <apr_cstr.h>
#include <apr_strings.h>

#include "input_value.h"
#include "number.h"
#include "rfc3339.h"
#include "utf8.h"

bool hbr_int_has_max(const hbr_int_input_t *input)
{
    return input->max != 0 || input->min < 0;
}

bool hbr_int_fits(const hbr_int_input_t *input, int64_t value)
{
    if (input->min == 0 && input->max == 0)
        return true;
    return value >= input->min
           && (!hbr_int_has_max(input) || value <= input->max);
}

bool hbr_double_has_max(const hbr_double_input_t *input)
{
    return input->max != 0 || input->min < 0;
}

bool hbr_double_fits(const hbr_double_input_t *input, double value)
{
    if (input->min == 0 && input->max == 0)
        return true;
    return value >= input->min
           && (!hbr_double_has_max(input) || value <= input->max);
}

bool hbr_date_fits(const hbr_date_input_t *input, apr_time_t value)
{
    return (input->min == 0 || value >= input->min)
           && (input->max == 0 || value <= input->max);
}

bool hbr_length_fits(apr_size_t min, apr_size_t max, apr_size_t characters)
{
    return characters >= min && (max == 0 || characters <= max);
}

int hbr_enum_count(const hbr_enum_input_t *input)
{
    int count = 0;

    while (input->values[count] != NULL)
        count++;
    return count;
}

/* The range is NULL where there is no bound. */
static const char *expected_number(apr_pool_t *pool, const char *noun,
                                   const char *low, const char *high)
{
    if (low == NULL)
        return apr_psprintf(pool, "must be %s.", noun);
    if (high == NULL) {
        return apr_psprintf(pool, "must be %s of at least %s.", noun, low);
    }
    return apr_psprintf(pool, "must be %s from %s to %s.", noun, low, high);
}

static const char *format_int(apr_pool_t *pool, int64_t value)
{
    return apr_psprintf(pool, "%" APR_INT64_T_FMT, (apr_int64_t)value);
}

static const char *set_int(apr_pool_t *pool, const hbr_input_t *input,
                           const char *text, apr_size_t length, void *member)
{
    const hbr_int_input_t *as = &input->as.integer;
    bool bounded = as->min != 0 || as->max != 0;
    bool has_max = bounded && hbr_int_has_max(as);
    const char *noun = "a whole number";
    int64_t value;
    hbr_number_e result = hbr_parse_int(text, length, &value);

    if (result == HBR_NUMBER_OK && hbr_int_fits(as, value)) {
        *(int64_t *)member = value;
        return NULL;
    }
    if (result == HBR_NUMBER_TOO_BIG && !has_max)
        noun = "a whole number that fits 64 bits";
    return expected_number(pool, noun,
                           bounded ? format_int(pool, as->min) : NULL,
                           has_max ? format_int(pool, as->max) : NULL);
}

static const char *set_double(apr_pool_t *pool, const hbr_input_t *input,
                              const char *text, apr_size_t length, void *member)
{
    const hbr_double_input_t *as = &input->as.real;
    bool bounded = as->min != 0 || as->max != 0;
    bool has_max = bounded && hbr_double_has_max(as);
    const char *noun = "a number";
    double value;
    hbr_number_e result = hbr_parse_double(text, length, &value);

    if (result == HBR_NUMBER_OK && hbr_double_fits(as, value)) {
        *(double *)member = value;
        return NULL;
    }
    if (result == HBR_NUMBER_TOO_BIG && !has_max)
        noun = "a number that fits a double";
    return expected_number(pool, noun,
                           bounded ? hbr_format_double(pool, as->min) : NULL,
                           has_max ? hbr_format_double(pool, as->max) : NULL);
}

static const char *set_bool(const char *text, void *member)
{
    static const char *const words[] = { "0",  "1",   "false", "true",
                                         "no", "yes", "off",   "on" };
    apr_size_t i;

    for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (apr_cstr_casecmp(text, words[i]) == 0) {
            *(bool *)member = i % 2 == 1;
            return NULL;
        }
    }
    return "must be one of 1, true, yes, on, 0, false, no, off.";
}

static const char *set_enum(apr_pool_t *pool, const hbr_input_t *input,
                            const char *text, void *member)
{
    const char *const *values = input->as.enumeration.values;
    const char *list = values[0];
    int i;

    for (i = 0; values[i] != NULL; i++) {
        if (strcmp(text, values[i]) == 0) {
            *(int *)member = i;
            return NULL;
        }
    }
    for (i = 1; values[i] != NULL; i++)
        list = apr_pstrcat(pool, list, ", ", values[i], NULL);
    return apr_psprintf(pool, "must be one of %s.", list);
}

static const char *date_bound(apr_pool_t *pool, const char *word,
                              apr_time_t bound)
{
    if (bound == 0)
        return "";
    return apr_pstrcat(pool, ", not ", word, " ",
                       hbr_rfc3339_format(pool, bound), NULL);
}

static const char *set_date(apr_pool_t *pool, const hbr_input_t *input,
                            const char *text, apr_size_t length, void *member)
{
    const hbr_date_input_t *as = &input->as.date;
    apr_time_t value;

    if (hbr_rfc3339_parse(text, length, &value) && hbr_date_fits(as, value)) {
        *(apr_time_t *)member = value;
        return NULL;
    }
    return apr_psprintf(pool,
                        "must be a date such as 2026-11-21 "
                        "or 2026-11-21T08:30:00Z%s%s.",
                        date_bound(pool, "before", as->min),
                        date_bound(pool, "after", as->max));
}

static const char *characters(apr_pool_t *pool, apr_size_t count)
{
    return apr_psprintf(pool, "%" APR_SIZE_T_FMT " character%s", count,
                        count == 1 ? "" : "s");
}

static const char *check_text(apr_pool_t *pool, apr_size_t min, apr_size_t max,
                              const char *text, apr_size_t length)
{
    apr_size_t count;

    if (!hbr_is_utf8(text, length))
        return "is not valid UTF-8.";
    count = hbr_utf8_count(text, length);
    if (hbr_length_fits(min, max, count))
        return NULL;
    return apr_psprintf(pool, "must not be %s than %s.",
                        count < min ? "shorter" : "longer",
                        characters(pool, count < min ? min : max));
}

static const char *set_string(apr_pool_t *pool, const hbr_input_t *input,
                              const char *text, apr_size_t length, void *member)
{
    const hbr_string_input_t *as = &input->as.string;
    const char *why = check_text(pool, as->min, as->max, text, length);

    if (why == NULL)
        *(const char **)member = text;
    return why;
}

const char *hbr_input_check_string(apr_pool_t *pool, const hbr_input_t *input,
                                   const char *text, apr_size_t length)
{
    const hbr_strings_input_t *as = &input->as.strings;

    return check_text(pool, as->min, as->max, text, length);
}

const char *hbr_input_set(apr_pool_t *pool, const hbr_input_t *input,
                          const char *text, apr_size_t length, void *member)
{
    switch (input->type) {
    case HBR_INPUT_STRING: return set_string(pool, input, text, length, member);
    case HBR_INPUT_INT: return set_int(pool, input, text, length, member);
    case HBR_INPUT_DOUBLE: return set_double(pool, input, text, length, member);
    case HBR_INPUT_BOOL: return set_bool(text, member);
    case HBR_INPUT_ENUM: return set_enum(pool, input, text, member);
    case HBR_INPUT_DATE: return set_date(pool, input, text, length, member);
    case HBR_INPUT_STRINGS:
    case HBR_INPUT_END: break;
    }
    return NULL;
}

apr_size_t hbr_input_size(const hbr_input_t *input)
{
    switch (input->type) {
    case HBR_INPUT_STRING: return sizeof(const char *);
    case HBR_INPUT_STRINGS: return sizeof(hbr_strings_t);
    case HBR_INPUT_INT: return sizeof(int64_t);
    case HBR_INPUT_DOUBLE: return sizeof(double);
    case HBR_INPUT_BOOL: return sizeof(bool);
    case HBR_INPUT_ENUM: return sizeof(int);
    case HBR_INPUT_DATE: return sizeof(apr_time_t);
    case HBR_INPUT_END: break;
    }
    return 0;
}

void hbr_input_fall_back(const hbr_input_t *input, void *member)
{
    switch (input->type) {
    case HBR_INPUT_STRING:
        *(const char **)member = input->as.string.fallback;
        break;
    case HBR_INPUT_INT: *(int64_t *)member = input->as.integer.fallback; break;
    case HBR_INPUT_DOUBLE: *(double *)member = input->as.real.fallback; break;
    case HBR_INPUT_BOOL: *(bool *)member = input->as.boolean.fallback; break;
    case HBR_INPUT_ENUM: *(int *)member = input->as.enumeration.fallback; break;
    case HBR_INPUT_DATE: *(apr_time_t *)member = input->as.date.fallback; break;
    case HBR_INPUT_STRINGS: /* none: the struct begins as zeros */
    case HBR_INPUT_END: break;
    }
}
