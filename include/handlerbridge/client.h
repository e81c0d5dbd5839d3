/**
 * @file client.h
 * @brief The client and his connection: who he is, how he is connected, and
 *        whether he is still there.
 */
#ifndef HANDLERBRIDGE_CLIENT_H
#define HANDLERBRIDGE_CLIENT_H

#include "context.h"

/** The client's address as text. Behind a proxy that mod_remoteip trusts
 *  (RemoteIPInternalProxy, RemoteIPTrustedProxy) the one that the proxy tells;
 *  of anybody else who tells an address, his own. */
HBR_API const char *hbr_client_address(hbr_context_t *ctx);

/** The authenticated user's name, or NULL. In the ErrorDocument of a 401 it is
 *  NULL, whatever name was claimed. */
HBR_API const char *hbr_user(hbr_context_t *ctx);

/** How he was authenticated: "Basic", "Digest" or another module's word
 *  (RFC 3875 4.1.1, AUTH_TYPE); NULL when he was not. */
HBR_API const char *hbr_auth_type(hbr_context_t *ctx);

/** The scheme of the URLs that the client uses: "https" or "http". Behind a
 *  proxy that ends TLS it is what `ServerName https://...` says; whether this
 *  connection is encrypted is hbr_is_secure()'s to tell. */
HBR_API const char *hbr_scheme(hbr_context_t *ctx);

/** True when the connection that the request came on is encrypted (TLS). Of a
 *  proxy's connection it says nothing about the way before the proxy. */
HBR_API bool hbr_is_secure(hbr_context_t *ctx);

/**
 * A fact about the connection's TLS, by the name that mod_ssl gives it:
 * SSL_PROTOCOL ("TLSv1.3"), SSL_CIPHER, SSL_TLS_SNI, SSL_SESSION_ID ... The
 * list is in mod_ssl's documentation; other TLS modules know the most common.
 * `SSLOptions +StdEnvVars` is not needed.
 *
 * For a client's certificate use hbr_client_certificate(): the SSL_CLIENT_
 * names show one that nobody has verified, too.
 * @param ctx the context
 * @param name the name, in capitals; it begins with SSL_
 * @return the value, which lives as long as ctx->pool; NULL when the connection
 *         is not encrypted, or when there is no such fact
 */
HBR_API const char *hbr_tls(hbr_context_t *ctx, const char *name);

/** A client's certificate (RFC 5280). What a certificate lacks is NULL, and 0
 *  for the dates. Unless `verified`, ANYBODY MAY HAVE WRITTEN ALL OF IT. */
typedef struct hbr_certificate_t {
    /** The server has verified it: its CA signed it, it is valid now. */
    bool verified;
    const char *problem; /**< Why it is not verified; NULL when it is. */
    const char *subject; /**< The whole name, as in RFC 2253: "CN=Ann,O=X". */
    const char *issuer;  /**< The CA's name. */
    const char *serial;  /**< Hexadecimal; unique for one issuer. */
    const char *common_name; /**< The subject's CN. */
    /** The first e-mail address of subjectAltName, else the subject's
     *  emailAddress (RFC 5280 4.1.2.6). */
    const char *email;
    apr_time_t not_before; /**< Valid from. */
    apr_time_t not_after;  /**< Valid until. */
    const char *pem;       /**< All of it. */
} hbr_certificate_t;

/**
 * The certificate that the client showed **and the server has verified**. Made
 * at the first call.
 *
 * With `SSLVerifyClient optional_no_ca` the server lets clients in whose
 * certificate it cannot verify: those are not here, see
 * hbr_unverified_certificate(). Nor are, where that is configured, those of
 * resumed TLS 1.2 sessions: mod_ssl does not know any more which were verified.
 * SSL_CLIENT_VERIFY says SUCCESS there for all of them.
 * @return the certificate; `verified` is true. NULL when the client showed
 *         none, or none that is verified
 */
HBR_API const hbr_certificate_t *hbr_client_certificate(hbr_context_t *ctx);

/**
 * The certificate that the client showed and the server **has not verified**
 * (`SSLVerifyClient optional_no_ca`). It proves that he has its private key, and
 * no more: name, issuer and dates are his own words. Compare it (`pem`) with
 * one that is known, or verify it; do not believe it.
 * @return the certificate; `verified` is false and `problem` says why. NULL
 *         when there is none, or when it is verified
 */
HBR_API const hbr_certificate_t *hbr_unverified_certificate(hbr_context_t *ctx);

/**
 * Looks whether the client has gone away, so that work nobody waits for can
 * be left: ask in a loop, before the next costly step. It reads nothing, takes
 * no memory, does not block, and costs one system call.
 *
 * Gone is a client who closed or reset his connection, also when requests or
 * TLS records of his are still waiting in it (not seen on systems that have no
 * POLLRDHUP); in HTTP/2 also one who reset this stream (RFC 9113 6.4). A client who is merely silent or slow is there, and so
 * is one who lost power or network: TCP tells nothing of that.
 *
 * A client of HTTP/1 who shut down his half of the connection behind the
 * request is told gone as well: until he is written to he looks like one who
 * closed it (RFC 9293 3.6), and almost all have. Hence this is a hint. The
 * bridge does not act on it: what a handler still writes is sent, and such a
 * client gets it.
 *
 * Behind a proxy the client is the proxy.
 * @return true when he is gone; he does not come back
 */
HBR_API bool hbr_client_gone(hbr_context_t *ctx);

#endif
