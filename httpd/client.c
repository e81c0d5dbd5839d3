/*
 * The client of a request_rec and his connection, for the bridge.
 *
 * In HTTP/2 a request runs on a secondary connection, in another thread than
 * the one that serves the client's own (c->master): its socket may be looked at
 * here, but never read.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include <apr_portable.h>

#include <http_core.h>
#include <http_protocol.h>
#include <http_ssl.h>

#include "config.h"
#include "host.h"

/* The connection that has the client's socket and his TLS. */
static conn_rec *own_connection(const request_rec *r)
{
    conn_rec *c = r->connection;

    return c->master != NULL ? c->master : c;
}

static const char *address(void *request)
{
    return ((request_rec *)request)->useragent_ip;
}

/* An authentication module notes the name that is claimed before it checks the
 * password, and an ErrorDocument within the same section takes it over. */
static bool is_authenticated(const request_rec *r)
{
    for (; r != NULL; r = r->prev != NULL ? r->prev : r->main)
        if (r->status == HTTP_UNAUTHORIZED
            || r->status == HTTP_PROXY_AUTHENTICATION_REQUIRED)
            return false;
    return true;
}

const char *hbr_httpd_user(const request_rec *r)
{
    return is_authenticated(r) ? r->user : NULL;
}

const char *hbr_httpd_auth_type(const request_rec *r)
{
    return is_authenticated(r) ? r->ap_auth_type : NULL;
}

static const char *user(void *request)
{
    return hbr_httpd_user(request);
}

static const char *auth_type(void *request)
{
    return hbr_httpd_auth_type(request);
}

static const char *scheme(void *request)
{
    return ap_http_scheme((request_rec *)request);
}

static bool is_secure(void *request)
{
    return ap_ssl_conn_is_ssl(own_connection(request)) != 0;
}

/* mod_ssl gives "" for some of what is not there. */
static const char *tls(void *request, apr_pool_t *pool, const char *name)
{
    request_rec *r = request;
    const char *value =
        ap_ssl_var_lookup(pool, r->server, own_connection(r), r, name);

    return value != NULL && *value != '\0' ? value : NULL;
}

/* With SSLVerifyClient optional_no_ca mod_ssl lets in certificates unverified
 * (GENEROUS), but keeps no note of it in a TLS 1.2 session: when the client
 * resumes that it says SUCCESS. With TLS 1.3 OpenSSL keeps the failure. */
static bool is_doubtful(void *request, apr_pool_t *pool)
{
    const char *resumed = tls(request, pool, "SSL_SESSION_RESUMED");
    const char *protocol = tls(request, pool, "SSL_PROTOCOL");

    return hbr_httpd_takes_unverified() && resumed != NULL
           && strcmp(resumed, "Resumed") == 0
           && (protocol == NULL || strcmp(protocol, "TLSv1.3") != 0);
}

static const char *verdict(void *request, apr_pool_t *pool)
{
    const char *said = tls(request, pool, "SSL_CLIENT_VERIFY");

    if (said == NULL || strcmp(said, "SUCCESS") != 0
        || !is_doubtful(request, pool))
        return said;
    return "FAILED:in a resumed TLS session the server cannot tell whether it "
           "was verified (SSLVerifyClient optional_no_ca)";
}

/* Whether the peer has sent a FIN or a reset. Bytes may wait before a FIN (a
 * second request, TLS's close_notify), so reading would not show it. */
static bool is_closed(int fd)
{
#ifdef POLLRDHUP
    struct pollfd state = { .fd = fd, .events = POLLRDHUP };

    return poll(&state, 1, 0) > 0;
#else
    char byte;
    ssize_t n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

    return n == 0
           || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK
               && errno != EINTR);
#endif
}

static bool is_gone(void *request)
{
    const request_rec *r = request;
    conn_rec *c = own_connection(r);
    apr_socket_t *socket;
    apr_os_sock_t fd;

    if (r->connection->aborted || c->aborted)
        return true;
    socket = ap_get_conn_socket(c);
    return socket == NULL || apr_os_sock_get(&fd, socket) != APR_SUCCESS
           || is_closed(fd);
}

const hbr_host_client_t hbr_httpd_client = { .address = address,
                                             .user = user,
                                             .auth_type = auth_type,
                                             .scheme = scheme,
                                             .is_secure = is_secure,
                                             .tls = tls,
                                             .verdict = verdict,
                                             .is_gone = is_gone };
