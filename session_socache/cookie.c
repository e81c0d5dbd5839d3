/*
 * The session's cookie. Declared once, at start, where every rule of RFC
 * 6265bis that a browser would enforce by silently dropping the cookie is an
 * error; written and read per request. No state, any thread.
 */
#include "cookie.h"

#include <string.h>
#include <strings.h>

#include <apr_lib.h>
#include <apr_strings.h>

typedef struct attributes_t {
    const char *path;
    const char *domain;
    const char *same_site;
    bool secure;
} attributes_t;

static void trim(char **text)
{
    char *end;

    while (apr_isspace(**text))
        (*text)++;
    end = *text + strlen(*text);
    while (end > *text && apr_isspace(end[-1]))
        *--end = '\0';
}

/* RFC 9110 5.6.2: a token. */
static bool is_token(const char *text)
{
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++)
        if (!apr_isalnum(*text) && strchr("!#$%&'*+-.^_`|~", *text) == NULL)
            return false;
    return true;
}

/* RFC 6265 4.1.1: an attribute's value has no control character and no ';'. */
static bool is_value(const char *text)
{
    for (; *text != '\0'; text++)
        if (apr_iscntrl(*text) || *text == ';')
            return false;
    return true;
}

static const char *take_same_site(apr_pool_t *pool, const char *value,
                                  attributes_t *a)
{
    static const char *const known[] = { "Lax", "Strict", "None" };
    size_t i;

    for (i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (strcasecmp(value, known[i]) == 0) {
            a->same_site = known[i];
            return NULL;
        }
    return apr_psprintf(pool, "SameSite is Lax, Strict or None, not \"%s\"",
                        value);
}

static const char *take_path(apr_pool_t *pool, const char *value,
                             attributes_t *a)
{
    if (value[0] != '/')
        return apr_psprintf(pool, "Path begins with a '/', not as \"%s\"",
                            value);
    a->path = value;
    return NULL;
}

static const char *take_domain(apr_pool_t *pool, const char *value,
                               attributes_t *a)
{
    const char *c;

    for (c = value; *c != '\0'; c++)
        if (!apr_isalnum(*c) && *c != '-' && *c != '.')
            break;
    if (*value == '\0' || *c != '\0')
        return apr_psprintf(pool, "Domain is a host's name, not \"%s\"", value);
    a->domain = value;
    return NULL;
}

/* Those that mod_session_dbd's users have in their configuration. */
static const char *tell_unknown(apr_pool_t *pool, const char *name)
{
    if (strcasecmp(name, "max-age") == 0 || strcasecmp(name, "expires") == 0)
        return apr_psprintf(pool,
                            "%s is not set here: the cookie lives as "
                            "long as the session, which SessionMaxAge says",
                            name);
    if (strcasecmp(name, "version") == 0)
        return "Version was RFC 2109's, and no browser knows it: take it away";
    return apr_psprintf(pool,
                        "there is no attribute \"%s\"; there are Path, "
                        "Domain, SameSite, Secure and HttpOnly",
                        name);
}

static const char *take_attribute(apr_pool_t *pool, char *text, attributes_t *a)
{
    char *value = strchr(text, '=');

    if (value != NULL) {
        *value++ = '\0';
        trim(&value);
    }
    trim(&text);
    if (strcasecmp(text, "secure") == 0 && value == NULL)
        a->secure = true;
    else if (strcasecmp(text, "httponly") == 0 && value == NULL)
        return NULL; /* it always is */
    else if (value != NULL && !is_value(value))
        return apr_psprintf(pool, "%s holds a control character", text);
    else if (strcasecmp(text, "path") == 0 && value != NULL)
        return take_path(pool, value, a);
    else if (strcasecmp(text, "domain") == 0 && value != NULL)
        return take_domain(pool, value, a);
    else if (strcasecmp(text, "samesite") == 0 && value != NULL)
        return take_same_site(pool, value, a);
    else
        return tell_unknown(pool, text);
    return NULL;
}

static bool has_prefix(const char *name, const char *prefix)
{
    /* RFC 6265bis 5.7: browsers compare the prefixes without regard to case. */
    return strncasecmp(name, prefix, strlen(prefix)) == 0;
}

/* RFC 6265bis 4.1.3 and 5.7: what a browser would not keep. */
static const char *check_rules(const char *name, attributes_t *a)
{
    if (has_prefix(name, "__Host-")) {
        if (a->domain != NULL)
            return "a __Host- cookie has no Domain";
        if (strcmp(a->path, "/") != 0)
            return "a __Host- cookie has Path=/";
    }
    if (has_prefix(name, "__Host-") || has_prefix(name, "__Secure-"))
        a->secure = true;
    if (strcmp(a->same_site, "None") == 0 && !a->secure)
        return "SameSite=None wants Secure";
    return NULL;
}

static const char *take_attributes(apr_pool_t *pool, char *text,
                                   attributes_t *a)
{
    char *last;
    char *piece;

    for (piece = apr_strtok(text, ";", &last); piece != NULL;
         piece = apr_strtok(NULL, ";", &last)) {
        const char *error = NULL;

        trim(&piece);
        if (*piece != '\0')
            error = take_attribute(pool, piece, a);
        if (error != NULL)
            return error;
    }
    return NULL;
}

const char *hss_cookie_declare(apr_pool_t *pool, const char *text,
                               hss_cookie_t *cookie)
{
    attributes_t a = { .path = "/", .same_site = "Lax" };
    char *name = apr_pstrdup(pool, text);
    const char *error;
    char *rest;

    trim(&name);
    rest = name + strcspn(name, " \t;");
    if (*rest != '\0')
        *rest++ = '\0';
    if (!is_token(name))
        return apr_psprintf(pool,
                            "\"%s\" is no cookie's name: letters, digits "
                            "and !#$%%&'*+-.^_`|~ (RFC 6265 4.1.1)",
                            name);
    error = take_attributes(pool, rest, &a);
    if (error == NULL)
        error = check_rules(name, &a);
    if (error != NULL)
        return error;
    cookie->name = name;
    cookie->secure = a.secure;
    cookie->attributes = apr_pstrcat(
        pool, "; Path=", a.path, a.domain != NULL ? "; Domain=" : "",
        a.domain != NULL ? a.domain : "", "; HttpOnly; SameSite=", a.same_site,
        NULL);
    return NULL;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_id(const char *text, size_t length, unsigned char *id)
{
    int i;

    if (length != HSS_ID_DIGITS)
        return false;
    for (i = 0; i < HSS_ID_LENGTH; i++) {
        int high = digit_value(text[2 * i]);
        int low = digit_value(text[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        id[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

static bool is_among(const unsigned char *id,
                     unsigned char ids[HSS_IDS_MAX][HSS_ID_LENGTH], int count)
{
    while (count-- > 0)
        if (memcmp(ids[count], id, HSS_ID_LENGTH) == 0)
            return true;
    return false;
}

/* One "name=value", whose blanks at both ends are gone. */
static int take_pair(const char *pair, size_t length, const char *name,
                     unsigned char ids[HSS_IDS_MAX][HSS_ID_LENGTH], int count,
                     bool *sent)
{
    unsigned char id[HSS_ID_LENGTH];
    size_t named = strlen(name);

    if (length <= named || memcmp(pair, name, named) != 0 || pair[named] != '=')
        return count;
    *sent = true;
    if (!read_id(pair + named + 1, length - named - 1, id)
        || is_among(id, ids, count))
        return count;
    if (count < HSS_IDS_MAX)
        memcpy(ids[count], id, HSS_ID_LENGTH);
    return count + 1;
}

int hss_cookie_ids(const char *field, const char *name,
                   unsigned char ids[HSS_IDS_MAX][HSS_ID_LENGTH], bool *sent)
{
    int count = 0;

    *sent = false;
    while (*field != '\0' && count <= HSS_IDS_MAX) {
        size_t length = strcspn(field, ";");
        const char *next = field + length + (field[length] == ';');

        while (length > 0 && (*field == ' ' || *field == '\t'))
            field++, length--;
        while (length > 0 && strchr(" \t", field[length - 1]) != NULL)
            length--;
        count = take_pair(field, length, name, ids, count, sent);
        field = next;
    }
    return count;
}

const char *hss_cookie_field(apr_pool_t *pool, const hss_cookie_t *cookie,
                             const unsigned char *id, long max_age, bool tls)
{
    char digits[HSS_ID_DIGITS + 1] = "";
    const char *life = "";
    int i;

    for (i = 0; id != NULL && i < HSS_ID_LENGTH; i++)
        apr_snprintf(digits + 2 * i, 3, "%02x", id[i]);
    if (id == NULL)
        life = "; Max-Age=0";
    else if (max_age > 0)
        life = apr_psprintf(pool, "; Max-Age=%ld", max_age);
    return apr_pstrcat(pool, cookie->name, "=", digits, cookie->attributes,
                       cookie->secure || tls ? "; Secure" : "", life, NULL);
}
