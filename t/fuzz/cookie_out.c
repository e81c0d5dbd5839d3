/*
 * Set-Cookie (RFC 6265 4.1). A byte of flags, a byte of SameSite, eight bytes of
 * Max-Age; then name, value, path and domain, a line each, "-" when left out.
 *
 * Holds: what is accepted reads back as exactly the cookie that was asked for,
 * with no attribute more or less, and the client's answer gives name and value
 * again; what a browser would drop is refused, without its value in the
 * message.
 */
#include "fuzz.h"

#include "cookie.h"
#include "cookies.h"
#include "field.h"

enum { SCRIPT = 1, SECURE = 2, PLAIN = 4, TLS = 8 };

void fuzz_setup(void)
{
}

/* Takes "; NAME" or "; NAME=VALUE" from the text when it is next. */
static bool take(const char **at, const char *name, const char *value)
{
    const char *wanted = apr_pstrcat(pool, "; ", name, value != NULL ? "=" : "",
                                     value != NULL ? value : "", NULL);
    apr_size_t length = strlen(wanted);

    if (strncmp(*at, wanted, length) != 0
        || ((*at)[length] != ';' && (*at)[length] != '\0'))
        return false;
    *at += length;
    return true;
}

static bool take_same_site(const char **at, hbr_samesite_e same_site)
{
    static const char *const names[] = { "Lax", "Strict", "None" };

    return take(at, "SameSite", names[same_site]);
}

static bool take_lifetime(const char **at, int64_t max_age)
{
    if (max_age == 0)
        return true;
    if (max_age > 0)
        return take(
            at, "Max-Age",
            apr_psprintf(pool, "%" APR_INT64_T_FMT, (apr_int64_t)max_age));
    return take(at, "Max-Age", "0")
           && take(at, "Expires", "Thu, 01 Jan 1970 00:00:00 GMT");
}

/* The client sends name=value back. */
static void check_return(const hbr_cookie_t *cookie, const char *text)
{
    apr_table_t *headers = apr_table_make(pool, 1);
    const hbr_cookies_t *cookies;

    apr_table_setn(headers, "Cookie",
                   apr_pstrmemdup(pool, text, strcspn(text, ";")));
    cookies = hbr_cookies_parse(pool, headers);
    CHECK(cookies->count == 1);
    CHECK(strcmp(cookies->pairs[0].name, cookie->name) == 0);
    CHECK(strcmp(cookies->pairs[0].value,
                 cookie->value != NULL ? cookie->value : "")
          == 0);
}

static void check_accepted(const hbr_cookie_t *cookie, bool tls,
                           const char *text)
{
    bool secure = cookie->secure || (tls && !cookie->plain);
    const char *at = text + strcspn(text, ";");

    CHECK(hbr_field_value_ok(text));
    check_return(cookie, text);
    CHECK(take(&at, "Path", cookie->path != NULL ? cookie->path : "/"));
    CHECK(cookie->domain == NULL || take(&at, "Domain", cookie->domain));
    CHECK(take_lifetime(&at, cookie->max_age));
    CHECK(!secure || take(&at, "Secure", NULL));
    CHECK(cookie->script || take(&at, "HttpOnly", NULL));
    CHECK(take_same_site(&at, cookie->same_site));
    CHECK(*at == '\0');
    CHECK(cookie->same_site != HBR_SAMESITE_NONE || secure);
    if (strncmp(fuzz_upper(cookie->name), "__HOST-", 7) == 0)
        CHECK(secure && cookie->domain == NULL
              && (cookie->path == NULL || strcmp(cookie->path, "/") == 0));
    if (strncmp(fuzz_upper(cookie->name), "__SECURE-", 9) == 0)
        CHECK(secure);
}

void fuzz(fuzz_input_t *input)
{
    unsigned flags = fuzz_byte(input);
    hbr_cookie_t cookie = { .script = flags & SCRIPT,
                            .secure = (flags & SECURE) != 0,
                            .plain = (flags & PLAIN) != 0 };
    bool tls = (flags & TLS) != 0;
    const char *problem = "not set";
    const char *text;

    cookie.same_site = (hbr_samesite_e)(fuzz_byte(input) % 4);
    cookie.max_age = (int64_t)fuzz_number(input, 8);
    cookie.name = fuzz_field(input);
    cookie.value = fuzz_field(input);
    cookie.path = fuzz_field(input);
    cookie.domain = fuzz_field(input);
    text = hbr_cookie_format(pool, &cookie, tls, &problem);
    CHECK((text == NULL) == (problem != NULL));
    if (text != NULL)
        check_accepted(&cookie, tls, text);
    else if (cookie.value != NULL && strlen(cookie.value) > 20)
        CHECK(strstr(problem, cookie.value) == NULL);
}
