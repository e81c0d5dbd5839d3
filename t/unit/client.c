/*
 * The client: what is known of him and his connection, whether he is there, and
 * above all that nobody takes an unverified certificate for a verified one.
 */
#include "support/main.h"
#include "support/serve.h"

#include <string.h>

#include <apr_strings.h>

static const char *or_none(const char *text)
{
    return text != NULL ? text : "-";
}

static int show(hbr_context_t *ctx)
{
    return hbr_text(ctx, "%s %s %s %s %s", hbr_client_address(ctx),
                    or_none(hbr_user(ctx)), or_none(hbr_auth_type(ctx)),
                    hbr_scheme(ctx), hbr_is_secure(ctx) ? "yes" : "no");
}

static void test_facts(void **state)
{
    (void)state;
    assert_string_equal(SERVE(show)->body, "192.0.2.1 - - http no");
    assert_string_equal(
        SERVE(show, .https = true, .user = "ann", .client_address = "::1")
            ->body,
        "::1 ann Basic https yes");
    assert_string_equal(SERVE(show, .user = "ann", .auth_type = "Digest")->body,
                        "192.0.2.1 ann Digest http no");
    assert_string_equal(SERVE(show, .https = true, .plain = true)->body,
                        "192.0.2.1 - - https no");
}

static const char *const tls[] = { "SSL_PROTOCOL=TLSv1.3", "SSL_CIPHER=X",
                                   "SSL_PROTO=no", "HTTPS=on", NULL };

static int show_tls(hbr_context_t *ctx)
{
    return hbr_text(
        ctx, "%s %s %s %s %s", or_none(hbr_tls(ctx, "SSL_PROTOCOL")),
        or_none(hbr_tls(ctx, "SSL_CIPHER")), or_none(hbr_tls(ctx, "SSL_NONE")),
        or_none(hbr_tls(ctx, "HTTPS")), or_none(hbr_tls(ctx, "")));
}

/* On a plain connection there is none, and no other name gets through. */
static void test_tls(void **state)
{
    (void)state;
    assert_string_equal(SERVE(show_tls, .https = true, .tls = tls)->body,
                        "TLSv1.3 X - - -");
    assert_string_equal(SERVE(show_tls, .https = true)->body, "- - - - -");
    assert_string_equal(SERVE(show_tls, .tls = tls)->body, "- - - - -");
    assert_string_equal(
        SERVE(show_tls, .https = true, .plain = true, .tls = tls)->body,
        "- - - - -");
}

#define CERTIFICATE                                                            \
    "SSL_CLIENT_CERT=PEM", "SSL_CLIENT_S_DN=CN=Ann,O=X",                       \
        "SSL_CLIENT_I_DN=CN=CA", "SSL_CLIENT_M_SERIAL=0A",                     \
        "SSL_CLIENT_S_DN_CN=Ann", "SSL_CLIENT_S_DN_Email=old@example.org",     \
        "SSL_CLIENT_V_START=Nov  6 08:49:37 1994 GMT",                         \
        "SSL_CLIENT_V_END=Dec 31 23:59:59 9999 GMT"

/* Which of the two functions shows it, and what of it. */
static int show_certificate(hbr_context_t *ctx)
{
    const hbr_certificate_t *good = hbr_client_certificate(ctx);
    const hbr_certificate_t *bad = hbr_unverified_certificate(ctx);
    const hbr_certificate_t *c = good != NULL ? good : bad;

    assert_true(good == NULL || bad == NULL);
    assert_ptr_equal(good, hbr_client_certificate(ctx));
    assert_ptr_equal(bad, hbr_unverified_certificate(ctx));
    if (c == NULL)
        return hbr_text(ctx, "none");
    assert_int_equal(c->verified, good != NULL);
    assert_string_equal(c->pem, "PEM");
    return hbr_text(ctx, "%s: %s|%s|%s|%s|%s|%s|%lld|%lld",
                    good != NULL ? "verified" : "UNVERIFIED",
                    or_none(c->problem), or_none(c->subject),
                    or_none(c->issuer), or_none(c->serial),
                    or_none(c->common_name), or_none(c->email),
                    (long long)apr_time_sec(c->not_before),
                    (long long)apr_time_sec(c->not_after));
}

#define FACTS "CN=Ann,O=X|CN=CA|0A|Ann|old@example.org|784111777|253402300799"

static void test_verified(void **state)
{
    (void)state;
    assert_string_equal(
        SERVE(show_certificate, .https = true,
              .tls = HEADERS(CERTIFICATE, "SSL_CLIENT_VERIFY=SUCCESS"))
            ->body,
        "verified: -|" FACTS);
}

/* Only SUCCESS is success. */
static void test_unverified(void **state)
{
    static const struct {
        const char *verdict, *problem;
    } rows[] = {
        { "SSL_CLIENT_VERIFY=GENEROUS",
          "The server lets in certificates that it cannot verify." },
        { "SSL_CLIENT_VERIFY=NONE",
          "The server lets in certificates that it cannot verify." },
        { "SSL_CLIENT_VERIFY=SUCCESSFUL",
          "The server lets in certificates that it cannot verify." },
        { "SSL_CLIENT_VERIFY=success",
          "The server lets in certificates that it cannot verify." },
        { "SSL_CLIENT_VERIFY=FAILED:self-signed", "self-signed" },
        { "OTHER=1", "The server does not tell whether it has verified it." },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r =
            SERVE(show_certificate, .https = true,
                  .tls = HEADERS(CERTIFICATE, rows[i].verdict));
        char wanted[300];

        apr_snprintf(wanted, sizeof(wanted), "UNVERIFIED: %s|%s",
                     rows[i].problem, FACTS);
        assert_string_equal(r->body, wanted);
    }
}

/* What it lacks is NULL or 0; a date that is none is 0. */
static void test_poor(void **state)
{
    (void)state;
    assert_string_equal(
        SERVE(show_certificate, .https = true,
              .tls = HEADERS("SSL_CLIENT_CERT=PEM", "SSL_CLIENT_VERIFY=SUCCESS",
                             "SSL_CLIENT_V_START=yesterday",
                             "SSL_CLIENT_SAN_Email_0=new@example.org",
                             "SSL_CLIENT_S_DN_Email=old@example.org"))
            ->body,
        "verified: -|-|-|-|-|new@example.org|0|0");
}

static void test_no_certificate(void **state)
{
    (void)state;
    assert_string_equal(SERVE(show_certificate)->body, "none");
    assert_string_equal(SERVE(show_certificate, .https = true,
                              .tls = HEADERS("SSL_CLIENT_VERIFY=NONE"))
                            ->body,
                        "none");
    assert_string_equal(SERVE(show_certificate, .https = true,
                              .tls = HEADERS("SSL_CLIENT_VERIFY=SUCCESS"))
                            ->body,
                        "none");
    assert_string_equal(
        SERVE(show_certificate,
              .tls = HEADERS(CERTIFICATE, "SSL_CLIENT_VERIFY=SUCCESS"))
            ->body,
        "none");
}

static int looks;

static int look_until_gone(hbr_context_t *ctx)
{
    for (looks = 0; looks < 10 && !hbr_client_gone(ctx); looks++)
        continue;
    return hbr_text(ctx, "x");
}

/* It is a hint: what is written is sent all the same. */
static void test_gone(void **state)
{
    (void)state;
    assert_string_equal(SERVE(look_until_gone)->body, "x");
    assert_int_equal(looks, 10);
    assert_string_equal(SERVE(look_until_gone, .gone = 1)->body, "x");
    assert_int_equal(looks, 0);
    SERVE(look_until_gone, .gone = 4);
    assert_int_equal(looks, 3);
}

MAIN(SERVE_TEST(test_facts), SERVE_TEST(test_tls), SERVE_TEST(test_verified),
     SERVE_TEST(test_unverified), SERVE_TEST(test_poor),
     SERVE_TEST(test_no_certificate), SERVE_TEST(test_gone))
