/*
 * The check of declared inputs, once at start: a declaration that contradicts
 * itself stops the server with a sentence. Runs in one thread; keeps nothing.
 */
#include <math.h>
#include <string.h>

#include <apr_strings.h>

#include "field.h"
#include "input.h"
#include "input_from.h"
#include "input_value.h"
#include "number.h"
#include "rfc3339.h"
#include "utf8.h"

static const char *say(apr_pool_t *pool, const hbr_input_t *input,
                       const char *what)
{
    return apr_pstrcat(pool, "\"", input->name, "\": ", what, NULL);
}

static const char *over(apr_pool_t *pool, const hbr_input_t *input,
                        const char *min, const char *max)
{
    return say(pool, input,
               apr_pstrcat(pool, ".min ", min, " is over .max ", max, NULL));
}

/* The two contradictions of a fallback. A fallback of 0 looks like none, so
 * that it may be out of bounds. */
static const char *check_fallback(apr_pool_t *pool, const hbr_input_t *input,
                                  bool set, bool required, bool fits)
{
    if (!set)
        return NULL;
    if (required) {
        return say(pool, input,
                   "it is .required, so .fallback is never "
                   "used");
    }
    return fits ? NULL : say(pool, input, ".fallback is out of bounds");
}

static const char *check_lengths(apr_pool_t *pool, const hbr_input_t *input,
                                 apr_size_t min, apr_size_t max)
{
    if (max == 0 || min <= max)
        return NULL;
    return over(pool, input, apr_psprintf(pool, "%" APR_SIZE_T_FMT, min),
                apr_psprintf(pool, "%" APR_SIZE_T_FMT, max));
}

static const char *check_string(apr_pool_t *pool, const hbr_input_t *input)
{
    const hbr_string_input_t *as = &input->as.string;
    const char *why = check_lengths(pool, input, as->min, as->max);
    apr_size_t length, count;

    if (why != NULL || as->fallback == NULL)
        return why;
    length = strlen(as->fallback);
    if (!hbr_is_utf8(as->fallback, length))
        return say(pool, input, ".fallback is not UTF-8");
    count = hbr_utf8_count(as->fallback, length);
    return check_fallback(pool, input, true, as->required,
                          hbr_length_fits(as->min, as->max, count));
}

static const char *check_strings(apr_pool_t *pool, const hbr_input_t *input)
{
    return check_lengths(pool, input, input->as.strings.min,
                         input->as.strings.max);
}

static const char *check_int(apr_pool_t *pool, const hbr_input_t *input)
{
    const hbr_int_input_t *as = &input->as.integer;

    if (hbr_int_has_max(as) && as->min > as->max) {
        return over(
            pool, input,
            apr_psprintf(pool, "%" APR_INT64_T_FMT, (apr_int64_t)as->min),
            apr_psprintf(pool, "%" APR_INT64_T_FMT, (apr_int64_t)as->max));
    }
    return check_fallback(pool, input, as->fallback != 0, as->required,
                          hbr_int_fits(as, as->fallback));
}

static const char *check_double(apr_pool_t *pool, const hbr_input_t *input)
{
    const hbr_double_input_t *as = &input->as.real;

    if (!isfinite(as->min) || !isfinite(as->max) || !isfinite(as->fallback)) {
        return say(pool, input,
                   ".min, .max and .fallback have to be finite; "
                   "leave out a bound that is none");
    }
    if (hbr_double_has_max(as) && as->min > as->max) {
        return over(pool, input, hbr_format_double(pool, as->min),
                    hbr_format_double(pool, as->max));
    }
    return check_fallback(pool, input, as->fallback != 0, as->required,
                          hbr_double_fits(as, as->fallback));
}

static const char *check_bool(apr_pool_t *pool, const hbr_input_t *input)
{
    const hbr_bool_input_t *as = &input->as.boolean;

    return check_fallback(pool, input, as->fallback, as->required, true);
}

static const char *check_enum(apr_pool_t *pool, const hbr_input_t *input)
{
    const hbr_enum_input_t *as = &input->as.enumeration;

    if (as->values == NULL || as->values[0] == NULL)
        return say(pool, input, ".values names no value");
    return check_fallback(pool, input, as->fallback != 0, as->required,
                          as->fallback >= -1
                              && as->fallback < hbr_enum_count(as));
}

static const char *check_date(apr_pool_t *pool, const hbr_input_t *input)
{
    const hbr_date_input_t *as = &input->as.date;

    if (as->min != 0 && as->max != 0 && as->min > as->max) {
        return over(pool, input, hbr_rfc3339_format(pool, as->min),
                    hbr_rfc3339_format(pool, as->max));
    }
    return check_fallback(pool, input, as->fallback != 0, as->required,
                          hbr_date_fits(as, as->fallback));
}

/* Where an input comes from. */
static const char *check_from(apr_pool_t *pool, const hbr_input_t *input)
{
    switch (hbr_input_from(input)) {
    case HBR_FROM_QUERY:
    case HBR_FROM_FORM:
    case HBR_FROM_COOKIE: return NULL;
    case HBR_FROM_PATH:
    case HBR_FROM_HEADER: break;
    default: return say(pool, input, "its .from is unknown to this bridge");
    }
    if (input->type == HBR_INPUT_STRINGS)
        return say(pool, input,
                   "neither the path nor a header field has several values");
    if (hbr_input_from(input) == HBR_FROM_HEADER
        && !hbr_field_name_ok(input->name))
        return say(pool, input, "its name is no header field's");
    return NULL;
}

typedef const char *(*check_fn)(apr_pool_t *pool, const hbr_input_t *input);

static const check_fn checks[] = {
    [HBR_INPUT_STRING] = check_string, [HBR_INPUT_STRINGS] = check_strings,
    [HBR_INPUT_INT] = check_int,       [HBR_INPUT_DOUBLE] = check_double,
    [HBR_INPUT_BOOL] = check_bool,     [HBR_INPUT_ENUM] = check_enum,
    [HBR_INPUT_DATE] = check_date
};

static check_fn check_of(const hbr_input_t *input)
{
    unsigned type = (unsigned)input->type;

    return type < sizeof(checks) / sizeof(*checks) ? checks[type] : NULL;
}

static bool lies_inside(const hbr_input_t *input, apr_size_t size)
{
    return size <= input->struct_size
           && input->offset <= input->struct_size - size;
}

static const char *check_one(apr_pool_t *pool, const hbr_input_t *input,
                             const hbr_input_t *first)
{
    check_fn check = check_of(input);
    const char *why;

    if (check == NULL)
        return say(pool, input, "its type is unknown to this bridge");
    if (input->struct_size != first->struct_size) {
        return say(pool, input,
                   "its member belongs to another struct than "
                   "the first input's");
    }
    if (!lies_inside(input, hbr_input_size(input)))
        return say(pool, input, "its member lies outside of the struct");
    why = check_from(pool, input);
    return why != NULL ? why : check(pool, input);
}

static bool name_is_taken(const hbr_input_t *inputs, apr_size_t index)
{
    apr_size_t i;

    for (i = 0; i < index; i++) {
        if (strcmp(inputs[i].name, inputs[index].name) == 0)
            return true;
    }
    return false;
}

static const char *check_all(apr_pool_t *pool, const hbr_input_t *inputs,
                             apr_size_t count)
{
    apr_size_t i;

    for (i = 0; i < count; i++) {
        const char *why;

        if (inputs[i].name == NULL || inputs[i].name[0] == '\0')
            return apr_psprintf(pool, "number %" APR_SIZE_T_FMT " has no name",
                                i + 1);
        why = check_one(pool, &inputs[i], &inputs[0]);
        if (why != NULL)
            return why;
        if (name_is_taken(inputs, i))
            return say(pool, &inputs[i], "its name is declared twice");
    }
    return NULL;
}

const char *hbr_inputs_refusal(apr_pool_t *pool, const char *noun,
                               const hbr_input_t *inputs, apr_size_t count)
{
    const char *why;

    if (count > HBR_INPUTS_MOST) {
        return apr_psprintf(pool,
                            "%" APR_SIZE_T_FMT " %ss are declared; "
                            "at most %d can be",
                            count, noun, HBR_INPUTS_MOST);
    }
    why = check_all(pool, inputs, count);
    return why != NULL ? apr_pstrcat(pool, noun, " ", why, NULL) : NULL;
}
