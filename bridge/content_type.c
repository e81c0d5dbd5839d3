/*
 * The Content-Type a request came with: which media type it names, and its
 * parameters. Pure functions, for any thread.
 */
#include "content_type.h"

#include <string.h>
#include <strings.h>

#include "field.h"

/* The end of type "/" subtype, or NULL when there is none. */
static const char *type_end(const char *field)
{
    const char *slash = hbr_skip_token(field);
    const char *end;

    if (slash == field || *slash != '/')
        return NULL;
    end = hbr_skip_token(slash + 1);
    return end != slash + 1 ? end : NULL;
}

static bool equals(const char *text, apr_size_t length, const char *word)
{
    return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

bool hbr_content_type_is(const char *field, const char *type)
{
    const char *end;

    if (field == NULL)
        return false;
    field = hbr_skip_blanks(field);
    end = type_end(field);
    if (end == NULL || !equals(field, (apr_size_t)(end - field), type))
        return false;
    end = hbr_skip_blanks(end);
    return *end == '\0' || *end == ';';
}

/* In a quoted string every backslash begins a pair (RFC 9110 5.6.4). */
static hbr_parameter_e copy_value(const hbr_parameter_t *parameter, char *value,
                                  apr_size_t size)
{
    const char *at = parameter->value;
    const char *end = at + parameter->value_length;
    apr_size_t length = 0;

    if (*at == '"') {
        at++;
        end--;
    }
    while (at < end) {
        if (*at == '\\')
            at++;
        if (length + 1 == size)
            return HBR_PARAMETER_LONG;
        value[length++] = *at++;
    }
    value[length] = '\0';
    return HBR_PARAMETER_OK;
}

hbr_parameter_e hbr_content_type_parameter(const char *field, const char *name,
                                           char *value, apr_size_t size)
{
    hbr_parameter_e result = HBR_PARAMETER_MISSING;
    hbr_parameter_t found = { 0 };
    hbr_parameter_t parameter;
    const char *at;

    value[0] = '\0';
    if (field == NULL)
        return HBR_PARAMETER_MISSING;
    at = type_end(hbr_skip_blanks(field));
    if (at == NULL)
        return HBR_PARAMETER_MALFORMED;
    while (hbr_parameter_next(&at, &parameter)) {
        if (!equals(parameter.name, parameter.name_length, name))
            continue;
        result = result == HBR_PARAMETER_MISSING ? HBR_PARAMETER_OK
                                                 : HBR_PARAMETER_TWICE;
        found = parameter;
    }
    if (*hbr_skip_blanks(at) != '\0')
        return HBR_PARAMETER_MALFORMED;
    if (result == HBR_PARAMETER_OK)
        result = copy_value(&found, value, size);
    if (result != HBR_PARAMETER_OK)
        value[0] = '\0';
    return result;
}
