/*
 * Names and values of a session as mod_session can keep them. No state; any
 * thread.
 */
#include "session_text.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#define MARK '^'
#define EXPIRY "expiry"
#define OWN_EXPIRY "^_" EXPIRY

bool hbr_session_is_expiry(const char *stored_name)
{
    return strcasecmp(stored_name, EXPIRY) == 0;
}

/* Letters outside of ASCII have no case for apr_table_t. */
static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

const char *hbr_session_store_name(apr_pool_t *pool, const char *name)
{
    char *stored, *at;

    if (strcmp(name, EXPIRY) == 0)
        return OWN_EXPIRY;
    at = stored = apr_palloc(pool, 2 * strlen(name) + 1);
    for (; *name != '\0'; name++) {
        if (is_upper(*name) || *name == MARK)
            *at++ = MARK;
        *at++ = is_upper(*name) ? (char)(*name - 'A' + 'a') : *name;
    }
    *at = '\0';
    return stored;
}

const char *hbr_session_read_name(apr_pool_t *pool, const char *stored)
{
    char *name, *at;

    if (strchr(stored, MARK) == NULL)
        return apr_pstrdup(pool, stored);
    if (strcmp(stored, OWN_EXPIRY) == 0)
        return EXPIRY;
    at = name = apr_palloc(pool, strlen(stored) + 1);
    for (; *stored != '\0'; stored++) {
        bool is_marked =
            *stored == MARK && (is_lower(stored[1]) || stored[1] == MARK);

        if (is_marked)
            stored++;
        *at++ = is_marked && *stored != MARK ? (char)(*stored - 'a' + 'A')
                                             : *stored;
    }
    *at = '\0';
    return name;
}

const char *hbr_session_store_value(apr_pool_t *pool, const char *value)
{
    return *value == '\0' || *value == MARK
               ? apr_pstrcat(pool, "^", value, NULL)
               : apr_pstrdup(pool, value);
}

const char *hbr_session_read_value(const char *stored)
{
    return *stored == MARK && (stored[1] == '\0' || stored[1] == MARK)
               ? stored + 1
               : stored;
}

/* As ap_escape_urlencoded() does. */
static apr_size_t escaped_length(const char *text)
{
    apr_size_t length = 0;

    for (; *text != '\0'; text++)
        length += apr_isalnum(*text) || strchr(".-*_ ", *text) != NULL ? 1 : 3;
    return length;
}

apr_size_t hbr_session_encoded_length(const char *stored_name,
                                      const char *stored_value)
{
    return escaped_length(stored_name) + escaped_length(stored_value) + 2;
}
