/*
 * The client that the kit makes up: what the test's request says of him.
 */
#include "kit.h"

static const hbr_test_request_t *given(void *request)
{
    return ((hbr_kit_run_t *)request)->request;
}

static const char *address(void *request)
{
    const char *address = given(request)->client_address;

    return address != NULL ? address : "192.0.2.1";
}

static const char *user(void *request)
{
    return given(request)->user;
}

static const char *auth_type(void *request)
{
    const char *type = given(request)->auth_type;

    return type == NULL && user(request) != NULL ? "Basic" : type;
}

static const char *scheme(void *request)
{
    return given(request)->https ? "https" : "http";
}

static bool is_secure(void *request)
{
    return given(request)->https && !given(request)->plain;
}

static const char *tls(void *request, apr_pool_t *pool, const char *name)
{
    (void)pool;
    return hbr_kit_line(given(request)->tls, name);
}

static const char *verdict(void *request, apr_pool_t *pool)
{
    return tls(request, pool, "SSL_CLIENT_VERIFY");
}

static bool is_gone(void *request)
{
    hbr_kit_run_t *run = request;

    run->looks++;
    return run->request->gone != 0 && run->looks >= run->request->gone;
}

const hbr_host_client_t hbr_kit_client = { .address = address,
                                           .user = user,
                                           .auth_type = auth_type,
                                           .scheme = scheme,
                                           .is_secure = is_secure,
                                           .tls = tls,
                                           .verdict = verdict,
                                           .is_gone = is_gone };
