/*
 * mod_session_socache's cookie: a declaration in the first line, what a client
 * sends (RFC 6265 5.4) in the second.
 *
 * Holds: an id that is found is in the field, digit by digit, behind the exact
 * name; no id is found twice; what a declaration makes is one header field,
 * and what was written is read again.
 */
#include "fuzz.h"

#include "session_socache/cookie.h"

void fuzz_setup(void)
{
}

static const char *pair_of(const char *name, const unsigned char *id)
{
    const char *text = apr_pstrcat(pool, name, "=", NULL);
    int i;

    for (i = 0; i < HSS_ID_LENGTH; i++)
        text = apr_psprintf(pool, "%s%02x", text, id[i]);
    return text;
}

static void check_ids(const char *field, const char *name)
{
    unsigned char ids[HSS_IDS_MAX][HSS_ID_LENGTH];
    bool sent;
    int count = hss_cookie_ids(field, name, ids, &sent);
    int i;
    int j;

    CHECK(count >= 0 && count <= HSS_IDS_MAX + 1);
    CHECK(count == 0 || sent);
    for (i = 0; i < count && i < HSS_IDS_MAX; i++) {
        CHECK(strstr(field, pair_of(name, ids[i])) != NULL);
        for (j = 0; j < i; j++)
            CHECK(memcmp(ids[i], ids[j], HSS_ID_LENGTH) != 0);
    }
}

static void check_written(const hss_cookie_t *cookie)
{
    static const unsigned char id[HSS_ID_LENGTH] = "0123456789abcde";
    unsigned char ids[HSS_IDS_MAX][HSS_ID_LENGTH];
    const char *field = hss_cookie_field(pool, cookie, id, 60, true);
    const char *c;
    bool sent;

    for (c = field; *c != '\0'; c++)
        CHECK((unsigned char)*c >= ' ' && *c != 0x7f);
    CHECK(hss_cookie_ids(field, cookie->name, ids, &sent) == 1);
    CHECK(memcmp(ids[0], id, HSS_ID_LENGTH) == 0);
    CHECK(strstr(field, "; HttpOnly; SameSite=") != NULL);
}

void fuzz(fuzz_input_t *input)
{
    const char *declared = fuzz_line(input);
    const char *field = fuzz_line(input);
    hss_cookie_t cookie;

    check_ids(field, "sid");
    if (hss_cookie_declare(pool, declared, &cookie) == NULL) {
        check_written(&cookie);
        check_ids(field, cookie.name);
    }
}
