/*
 * mod_session_socache's cookie: declared (RFC 6265bis 4.1), read (RFC 6265
 * 5.4), written. t/fuzz/session_cookie.c reads what no browser sends.
 */
#include "support/pool.h"

#include <apr_strings.h>

#include "session_socache/cookie.h"

#define ID "00112233445566778899aabbccddeeff"
#define OTHER "ffffffffffffffffffffffffffffffff"

static const unsigned char id[HSS_ID_LENGTH] = { 0x00, 0x11, 0x22, 0x33,
                                                 0x44, 0x55, 0x66, 0x77,
                                                 0x88, 0x99, 0xaa, 0xbb,
                                                 0xcc, 0xdd, 0xee, 0xff };

static int ids_in(const char *field)
{
    unsigned char ids[HSS_IDS_MAX][HSS_ID_LENGTH];
    bool sent;
    int count = hss_cookie_ids(field, "sid", ids, &sent);

    if (count > 0 && strncmp(strstr(field, "sid="), "sid=" ID, 36) == 0)
        assert_memory_equal(ids[0], id, sizeof(id));
    if (count > 0)
        assert_true(sent);
    return count;
}

/* An id with one other character. */
static const char *with_digit(int at, char c)
{
    char *field = apr_pstrdup(pool, "sid=" OTHER);

    field[4 + at] = c;
    return field;
}

static void test_read(void **state)
{
    const char *c;

    (void)state;
    assert_int_equal(ids_in("sid=" ID), 1);
    assert_int_equal(ids_in("a=b; sid=" ID "; c"), 1);
    assert_int_equal(ids_in("\t sid=" ID " \t;"), 1);
    assert_int_equal(ids_in("sid=" ID ";sid=" ID), 1);
    assert_int_equal(ids_in("sid=" ID "; sid=" OTHER), 2);
    assert_int_equal(ids_in("sid=x; sid=" ID), 1);
    assert_int_equal(ids_in(""), 0);
    assert_int_equal(ids_in("sid"), 0);
    assert_int_equal(ids_in("sid="), 0);
    assert_int_equal(ids_in("sid=\"" ID "\""), 0);
    assert_int_equal(ids_in("sid= " ID), 0);
    assert_int_equal(ids_in("sid =" ID), 0);
    assert_int_equal(ids_in("Sid=" ID), 0);
    assert_int_equal(ids_in("xsid=" ID), 0);
    assert_int_equal(ids_in("sidx=" ID), 0);
    assert_int_equal(ids_in("sid=" ID "0"), 0);
    assert_int_equal(ids_in("sid=" ID ", a=b"), 0);
    assert_int_equal(ids_in("sid=0011223344556677889 aabbccddeeff"), 0);
    assert_int_equal(ids_in("sid=00112233445566778899AABBCCDDEEFF"), 0);
    for (c = "g`/:@G F-\"\x80"; *c != '\0'; c++) {
        assert_int_equal(ids_in(with_digit(0, *c)), 0);
        assert_int_equal(ids_in(with_digit(HSS_ID_DIGITS - 1, *c)), 0);
    }
}

static void test_many(void **state)
{
    const char *field = "";
    int i;

    (void)state;
    for (i = 0; i < 100; i++) {
        field = apr_psprintf(pool, "%s; sid=%032d", field, i);
        assert_int_equal(ids_in(field),
                         i < HSS_IDS_MAX ? i + 1 : HSS_IDS_MAX + 1);
    }
}

static void test_sent(void **state)
{
    unsigned char ids[HSS_IDS_MAX][HSS_ID_LENGTH];
    bool sent = false;

    (void)state;
    assert_int_equal(hss_cookie_ids("a; sid=junk", "sid", ids, &sent), 0);
    assert_true(sent);
    hss_cookie_ids("sids=1", "sid", ids, &sent);
    assert_false(sent);
}

static const char *written(const char *declared, bool ends, long age, bool tls)
{
    hss_cookie_t cookie;

    assert_null(hss_cookie_declare(pool, declared, &cookie));
    return hss_cookie_field(pool, &cookie, ends ? NULL : id, age, tls);
}

static void test_written(void **state)
{
    (void)state;
    assert_string_equal(written("sid", false, 0, false),
                        "sid=" ID "; Path=/; HttpOnly; SameSite=Lax");
    assert_string_equal(written(" sid\t", false, 60, true),
                        "sid=" ID
                        "; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60");
    assert_string_equal(written("sid", true, 60, false),
                        "sid=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    assert_string_equal(
        written("a path=/b ; DOMAIN = x.org;;samesite=STRICT; httponly", false,
                0, false),
        "a=" ID "; Path=/b; Domain=x.org; HttpOnly; SameSite=Strict");
    assert_string_equal(written("a;secure; SameSite=none", false, 0, false),
                        "a=" ID "; Path=/; HttpOnly; SameSite=None; Secure");
    assert_string_equal(written("__Host-a", false, 0, false),
                        "__Host-a=" ID
                        "; Path=/; HttpOnly; SameSite=Lax; Secure");
    assert_string_equal(written("__SECURE-a path=/x", true, 0, false),
                        "__SECURE-a=; Path=/x; HttpOnly; SameSite=Lax; Secure;"
                        " Max-Age=0");
}

static void test_mistakes(void **state)
{
    static const struct {
        const char *declared;
        const char *wanted;
    } cases[] = { { "", "is no cookie's name" },
                  { ";secure", "is no cookie's name" },
                  { "a\"b", "is no cookie's name" },
                  { "s\xc3\xa9", "is no cookie's name" },
                  { "sid secure=1", "no attribute \"secure\"" },
                  { "sid path", "no attribute \"path\"" },
                  { "sid path=b", "Path begins" },
                  { "sid path=/\x01", "control character" },
                  { "sid domain=", "Domain is a host's name" },
                  { "sid domain=a b", "Domain is a host's name" },
                  { "sid samesite=", "Lax, Strict or None" },
                  { "sid SameSite=None", "wants Secure" },
                  { "sid Expires=0", "SessionMaxAge" },
                  { "__HOST-sid domain=x.org", "no Domain" },
                  { "__Host-sid path=/a", "Path=/" } };
    hss_cookie_t cookie;
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        const char *error =
            hss_cookie_declare(pool, cases[i].declared, &cookie);

        assert_non_null(error);
        assert_non_null(strstr(error, cases[i].wanted));
    }
}

MAIN(POOL_TEST(test_read), POOL_TEST(test_many), POOL_TEST(test_sent),
     POOL_TEST(test_written), POOL_TEST(test_mistakes))
