/*
 * The syntax of header fields: what is a name, a value, a media type, a
 * parameter, and whose a field is. Nothing is allocated and nothing is kept;
 * every reader stops at the NUL, so no length is needed.
 */
#include "field.h"

#include <string.h>
#include <strings.h>

/* RFC 9110 5.6.2 */
static const bool tchar[256] = {
    ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true,
    ['!'] = true,         ['#'] = true,         ['$'] = true,
    ['%'] = true,         ['&'] = true,         ['\''] = true,
    ['*'] = true,         ['+'] = true,         ['-'] = true,
    ['.'] = true,         ['^'] = true,         ['_'] = true,
    ['`'] = true,         ['|'] = true,         ['~'] = true
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* What a value and a quoted string may hold: blank, visible, obs-text. */
static bool is_text(unsigned char c)
{
    return c == '\t' || (c >= 0x20 && c != 0x7F);
}

const char *hbr_skip_blanks(const char *at)
{
    while (is_blank(*at))
        at++;
    return at;
}

const char *hbr_skip_token(const char *at)
{
    while (tchar[(unsigned char)*at])
        at++;
    return at;
}

const char *hbr_skip_quoted(const char *at)
{
    const char *c = at;

    if (*c++ != '"')
        return at;
    while (*c != '"') {
        if (*c == '\\')
            c++;
        if (!is_text((unsigned char)*c))
            return at;
        c++;
    }
    return c + 1;
}

/* Returns the end of name=value, or `at` itself when there is none. */
static const char *read_parameter(const char *at, hbr_parameter_t *parameter)
{
    const char *equals = hbr_skip_token(at);
    const char *value;
    const char *end;

    if (equals == at || *equals != '=')
        return at;
    value = equals + 1;
    end = *value == '"' ? hbr_skip_quoted(value) : hbr_skip_token(value);
    if (end == value)
        return at;
    parameter->name = at;
    parameter->name_length = (apr_size_t)(equals - at);
    parameter->value = value;
    parameter->value_length = (apr_size_t)(end - value);
    return end;
}

bool hbr_parameter_next(const char **at, hbr_parameter_t *parameter)
{
    const char *semicolon = hbr_skip_blanks(*at);

    while (*semicolon == ';') {
        const char *name = hbr_skip_blanks(semicolon + 1);
        const char *end = read_parameter(name, parameter);

        if (end != name) {
            *at = end;
            return true;
        }
        /* A name without a value is malformed: the caller finds it here. */
        *at = name;
        semicolon = name;
    }
    return false;
}

bool hbr_field_name_ok(const char *name)
{
    return name != NULL && *name != '\0' && *hbr_skip_token(name) == '\0';
}

bool hbr_field_value_ok(const char *value)
{
    const char *c;

    if (value == NULL || is_blank(*value))
        return false;
    for (c = value; *c != '\0'; c++)
        if (!is_text((unsigned char)*c))
            return false;
    return c == value || !is_blank(c[-1]);
}

static bool is_one_of(const char *name, const char *const names[])
{
    for (; *names != NULL; names++)
        if (strcasecmp(name, *names) == 0)
            return true;
    return false;
}

bool hbr_field_is_reserved(const char *name)
{
    static const char *const reserved[] = { "Content-Length",
                                            "Content-Type",
                                            "Content-Range",
                                            "Connection",
                                            "Keep-Alive",
                                            "Transfer-Encoding",
                                            "Upgrade",
                                            "Proxy-Connection",
                                            "TE",
                                            "Trailer",
                                            "Date",
                                            "Server",
                                            NULL };

    return is_one_of(name, reserved);
}

bool hbr_field_describes_body(const char *name)
{
    static const char *const policies[] = {
        "Content-Security-Policy", "Content-Security-Policy-Report-Only", NULL
    };
    static const char *const describing[] = { "ETag",          "Last-Modified",
                                              "Cache-Control", "Accept-Ranges",
                                              "Expires",       NULL };

    if (strncasecmp(name, "Content-", strlen("Content-")) == 0)
        return !is_one_of(name, policies);
    return is_one_of(name, describing);
}

bool hbr_media_type_ok(const char *type)
{
    hbr_parameter_t parameter;
    const char *slash;
    const char *end;

    if (!hbr_field_value_ok(type))
        return false;
    slash = hbr_skip_token(type);
    if (slash == type || *slash != '/')
        return false;
    end = hbr_skip_token(slash + 1);
    if (end == slash + 1)
        return false;
    while (hbr_parameter_next(&end, &parameter))
        ;
    return *end == '\0';
}
