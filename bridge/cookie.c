/*
 * Cookies on their way out. Every part is checked against its grammar, so that
 * no value can end its part and begin another; then the rules between the
 * parts are. Pure functions, for any thread.
 */
#include "cookie.h"

#include <string.h>
#include <strings.h>

#include <apr_strings.h>

#include "field.h"

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

/* RFC 6265 4.1.1: cookie-octet */
static bool is_value(const char *value)
{
    for (; *value != '\0'; value++)
        if (*value < 0x21 || *value > 0x7E || strchr("\",;\\", *value) != NULL)
            return false;
    return true;
}

/* A browser takes a path that does not begin with a slash for none. */
static bool is_path(const char *path)
{
    const char *c = path;

    if (*path != '/')
        return false;
    while (*c >= 0x20 && *c <= 0x7E && *c != ';')
        c++;
    return *c == '\0' && c - path <= HBR_COOKIE_ATTRIBUTE_MAX;
}

static bool is_host_character(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
           || (c >= 'a' && c <= 'z') || c == '-';
}

/* Labels with single dots between them (RFC 1034 3.5); the dot in front that
 * old cookies had is allowed, browsers pass over it. */
static bool is_domain(const char *domain)
{
    const char *c = *domain == '.' ? domain + 1 : domain;

    while (is_host_character(*c)) {
        while (is_host_character(*c))
            c++;
        if (*c == '\0')
            return c - domain <= HBR_COOKIE_ATTRIBUTE_MAX;
        if (*c++ != '.')
            return false;
    }
    return false;
}

static const char *check_parts(const hbr_cookie_t *cookie)
{
    const char *value = or_empty(cookie->value);

    if (!hbr_field_name_ok(cookie->name))
        return "the cookie's name is not a token";
    if (!is_value(value))
        return "the cookie's value holds a character that may not stand in a "
               "cookie; hbr_url_escape() makes any text fit";
    if (strlen(cookie->name) + strlen(value) > HBR_COOKIE_MAX)
        return "the cookie's name and value are longer than 4096 bytes";
    if (cookie->path != NULL && !is_path(cookie->path))
        return "the cookie's path does not begin with a slash, holds a "
               "character that may not stand there, or is too long";
    if (cookie->domain != NULL && !is_domain(cookie->domain))
        return "the cookie's domain is not a host name";
    return NULL;
}

static bool has_prefix(const hbr_cookie_t *cookie, const char *prefix)
{
    return strncasecmp(cookie->name, prefix, strlen(prefix)) == 0;
}

/* RFC 6265bis 4.1.3: browsers drop a cookie that breaks its name's promise. */
static const char *check_prefix(const hbr_cookie_t *cookie, bool secure)
{
    bool host = has_prefix(cookie, "__Host-");

    if ((host || has_prefix(cookie, "__Secure-")) && !secure)
        return "a __Host- or __Secure- cookie has to be Secure; over plain "
               "HTTP set .secure";
    if (host && cookie->domain != NULL)
        return "a __Host- cookie must not have a domain";
    if (host && cookie->path != NULL && strcmp(cookie->path, "/") != 0)
        return "a __Host- cookie's path has to be /";
    return NULL;
}

static const char *same_site(hbr_samesite_e value)
{
    switch (value) {
    case HBR_SAMESITE_LAX: return "; SameSite=Lax";
    case HBR_SAMESITE_STRICT: return "; SameSite=Strict";
    case HBR_SAMESITE_NONE: return "; SameSite=None";
    }
    return NULL;
}

static const char *check(const hbr_cookie_t *cookie, bool secure)
{
    const char *problem = check_parts(cookie);

    if (problem != NULL)
        return problem;
    if (cookie->secure && cookie->plain)
        return "the cookie is both .secure and .plain";
    if (same_site(cookie->same_site) == NULL)
        return "the cookie's .same_site is none of HBR_SAMESITE_*";
    if (cookie->same_site == HBR_SAMESITE_NONE && !secure)
        return "a cookie with SameSite=None has to be Secure; over plain HTTP "
               "set .secure";
    return check_prefix(cookie, secure);
}

/* Expires besides Max-Age=0: RFC 6265 4.1.1 has no such Max-Age, though every
 * browser obeys it. */
static const char *lifetime(apr_pool_t *pool, int64_t max_age)
{
    if (max_age == 0)
        return "";
    if (max_age < 0)
        return "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
    return apr_psprintf(pool, "; Max-Age=%" APR_INT64_T_FMT,
                        (apr_int64_t)max_age);
}

const char *hbr_cookie_format(apr_pool_t *pool, const hbr_cookie_t *cookie,
                              bool tls, const char **problem)
{
    bool secure = cookie->secure || (tls && !cookie->plain);

    *problem = check(cookie, secure);
    if (*problem != NULL)
        return NULL;
    return apr_pstrcat(
        pool, cookie->name, "=", or_empty(cookie->value),
        "; Path=", cookie->path != NULL ? cookie->path : "/",
        cookie->domain != NULL ? "; Domain=" : "", or_empty(cookie->domain),
        lifetime(pool, cookie->max_age), secure ? "; Secure" : "",
        cookie->script ? "" : "; HttpOnly", same_site(cookie->same_site), NULL);
}
