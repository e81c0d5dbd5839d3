/*
 * A handler's options. The declaration is checked at start and the
 * configuration's values when they are read; a request only finds a struct.
 * Nothing is kept here; any thread.
 */
#include "option.h"

#include <string.h>

#include <apr_strings.h>

#include "input.h"
#include "input_from.h"
#include "input_value.h"
#include "nearest.h"
#include "number.h"
#include "rfc3339.h"

/* Names that stand for something else on a BridgeMap line, and in a descriptor
 * file. */
static bool is_reserved(const char *name)
{
    return strcmp(name, "require") == 0 || strcmp(name, "handler") == 0;
}

/* '=' ends a key on a BridgeMap line. */
static bool name_is_valid(const char *name)
{
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_")
               == strlen(name)
           && !is_reserved(name);
}

static bool is_required(const hbr_input_t *option)
{
    switch (option->type) {
    case HBR_INPUT_STRING: return option->as.string.required;
    case HBR_INPUT_INT: return option->as.integer.required;
    case HBR_INPUT_DOUBLE: return option->as.real.required;
    case HBR_INPUT_BOOL: return option->as.boolean.required;
    case HBR_INPUT_ENUM: return option->as.enumeration.required;
    case HBR_INPUT_DATE: return option->as.date.required;
    case HBR_INPUT_STRINGS:
    case HBR_INPUT_END: break;
    }
    return false;
}

/* There is always a value, so one that is left out has to be a good one. */
static bool fallback_fits(const hbr_input_t *option)
{
    if (option->type == HBR_INPUT_INT)
        return hbr_int_fits(&option->as.integer, option->as.integer.fallback);
    if (option->type == HBR_INPUT_DOUBLE)
        return hbr_double_fits(&option->as.real, option->as.real.fallback);
    return true;
}

static const char *fault(const hbr_input_t *option)
{
    if (!name_is_valid(option->name))
        return "its name is not made of lower case letters, digits, '-' and "
               "'_', or stands for something else (\"require\", \"handler\")";
    if (option->type == HBR_INPUT_STRINGS)
        return "an option has one value";
    if (is_required(option))
        return "an option has a fallback and is never .required";
    if (hbr_input_from(option) != HBR_FROM_QUERY)
        return "an option comes from the configuration: it has no .from";
    if (!fallback_fits(option))
        return "without a .fallback it is 0, which is out of its bounds";
    return NULL;
}

const char *hbr_options_refusal(apr_pool_t *pool, const hbr_entry_t *entry)
{
    const char *why = hbr_inputs_refusal(pool, "option", entry->handler.options,
                                         entry->options);
    apr_size_t i;

    for (i = 0; why == NULL && i < entry->options; i++) {
        const hbr_input_t *option = hbr_entry_option(entry, i);
        const char *what = fault(option);

        if (what != NULL)
            why = apr_pstrcat(pool, "option \"", option->name, "\": ", what,
                              NULL);
    }
    return why;
}

void *hbr_options_fallbacks(apr_pool_t *pool, const hbr_entry_t *entry)
{
    char *options = apr_pcalloc(pool, hbr_entry_option(entry, 0)->struct_size);
    apr_size_t i;

    for (i = 0; i < entry->options; i++) {
        const hbr_input_t *option = hbr_entry_option(entry, i);

        hbr_input_fall_back(option, options + option->offset);
    }
    return options;
}

static const hbr_input_t *find(const hbr_entry_t *entry, const char *key)
{
    apr_size_t i;

    for (i = 0; i < entry->options; i++) {
        const hbr_input_t *option = hbr_entry_option(entry, i);

        if (strcmp(option->name, key) == 0)
            return option;
    }
    return NULL;
}

static const char *nearest(const hbr_entry_t *entry, const char *key)
{
    hbr_nearest_t found = hbr_nearest_to(key);
    apr_size_t i;

    for (i = 0; i < entry->options; i++)
        hbr_nearest_try(&found, hbr_entry_option(entry, i)->name);
    return found.name;
}

static const char *unknown(apr_pool_t *pool, const hbr_entry_t *entry,
                           const char *key)
{
    const char *meant = nearest(entry, key);
    const char *known = "";
    apr_size_t i;

    if (entry->options == 0)
        return apr_psprintf(pool,
                            "the handler \"%s\" has no options, and so no "
                            "\"%s\"",
                            entry->name, key);
    for (i = 0; i < entry->options; i++)
        known = apr_pstrcat(pool, known, i > 0 ? ", " : "",
                            hbr_entry_option(entry, i)->name, NULL);
    return apr_psprintf(pool,
                        "the handler \"%s\" has no option \"%s\"%s%s has: %s",
                        entry->name, key, hbr_did_you_mean(pool, meant),
                        meant != NULL ? " It" : "; it", known);
}

const char *hbr_option_read(apr_pool_t *pool, const hbr_entry_t *entry,
                            const char *key, const char *text,
                            hbr_option_value_t *value)
{
    const hbr_input_t *option = find(entry, key);
    const char *why;

    if (option == NULL)
        return unknown(pool, entry, key);
    value->option = option;
    text = apr_pstrdup(pool, text);
    why = hbr_input_set(pool, option, text, strlen(text), &value->as);
    return why == NULL ? NULL
                       : apr_psprintf(pool,
                                      "option \"%s\" of the handler \"%s\" "
                                      "is \"%s\", but %s",
                                      key, entry->name, text, why);
}

void hbr_option_put(void *options, const hbr_option_value_t *value)
{
    memcpy((char *)options + value->option->offset, &value->as,
           hbr_input_size(value->option));
}

const char *hbr_option_format(apr_pool_t *pool, const hbr_input_t *option,
                              const void *options)
{
    const void *at = (const char *)options + option->offset;
    int index;

    switch (option->type) {
    case HBR_INPUT_STRING:
        return *(const char *const *)at != NULL ? apr_pstrcat(
                   pool, "\"", *(const char *const *)at, "\"", NULL)
                                                : "none";
    case HBR_INPUT_INT:
        return apr_psprintf(pool, "%" APR_INT64_T_FMT,
                            (apr_int64_t) * (const int64_t *)at);
    case HBR_INPUT_DOUBLE: return hbr_format_double(pool, *(const double *)at);
    case HBR_INPUT_BOOL: return *(const bool *)at ? "on" : "off";
    case HBR_INPUT_ENUM:
        index = *(const int *)at;
        return index >= 0 ? option->as.enumeration.values[index] : "none";
    case HBR_INPUT_DATE:
        return hbr_rfc3339_format(pool, *(const apr_time_t *)at);
    case HBR_INPUT_STRINGS:
    case HBR_INPUT_END: break;
    }
    return "";
}

static const char *text_expectation(apr_pool_t *pool, apr_size_t min,
                                    apr_size_t max)
{
    if (max == 0 && min == 0)
        return "text";
    if (min == 0)
        return apr_psprintf(
            pool, "text of at most %" APR_SIZE_T_FMT " characters", max);
    if (max == 0)
        return apr_psprintf(
            pool, "text of at least %" APR_SIZE_T_FMT " characters", min);
    return apr_psprintf(
        pool, "text of %" APR_SIZE_T_FMT " to %" APR_SIZE_T_FMT " characters",
        min, max);
}

/* Of the other types it is what a refusal says behind "must be". */
const char *hbr_option_expectation(apr_pool_t *pool, const hbr_input_t *option)
{
    static const char none_of_them[] = "\n";
    static const char before[] = "must be ";
    hbr_option_value_t value;
    const char *why;

    if (option->type == HBR_INPUT_STRING)
        return text_expectation(pool, option->as.string.min,
                                option->as.string.max);
    why = hbr_input_set(pool, option, none_of_them, sizeof(none_of_them) - 1,
                        &value.as);
    if (why == NULL || strncmp(why, before, sizeof(before) - 1) != 0)
        return "";
    why += sizeof(before) - 1;
    return apr_pstrmemdup(pool, why, strlen(why) - 1);
}

const char *hbr_option_help(const hbr_input_t *option)
{
    switch (option->type) {
    case HBR_INPUT_STRING: return option->as.string.help;
    case HBR_INPUT_INT: return option->as.integer.help;
    case HBR_INPUT_DOUBLE: return option->as.real.help;
    case HBR_INPUT_BOOL: return option->as.boolean.help;
    case HBR_INPUT_ENUM: return option->as.enumeration.help;
    case HBR_INPUT_DATE: return option->as.date.help;
    case HBR_INPUT_STRINGS:
    case HBR_INPUT_END: break;
    }
    return NULL;
}
