/**
 * @file response.h
 * @brief Status, header fields, cookies, redirects, errors.
 *
 * Everything here can be called until the first byte has left (the response is
 * committed); after that such a call changes nothing, returns APR_EINVAL (or
 * 500) and writes one log line that names the call which committed it.
 */
#ifndef HANDLERBRIDGE_RESPONSE_H
#define HANDLERBRIDGE_RESPONSE_H

#include "context.h"

/**
 * Sets the response's status; 200 when never called.
 * @param status 200 to 599
 * @return APR_SUCCESS; APR_EINVAL when committed or out of range
 */
HBR_API apr_status_t hbr_status(hbr_context_t *ctx, int status);

/**
 * Sets Content-Type. Left out, the response is "text/html; charset=utf-8" when
 * hbr_html() wrote to it, "text/plain; charset=utf-8" when other text was
 * written, "application/octet-stream" for bytes.
 * @param type a media type, as it goes out
 * @return APR_SUCCESS; APR_EINVAL when committed or not a media type
 */
HBR_API apr_status_t hbr_type(hbr_context_t *ctx, const char *type);

/**
 * Sets, adds, or removes a header field. The name must be a token and the
 * value free of CR, LF, NUL and other control characters (RFC 9110 5.1, 5.5);
 * anything else is refused and logged. Content-Type goes to hbr_type();
 * Content-Length, Transfer-Encoding, Connection and other fields that belong
 * to the connection are the bridge's and are refused.
 * @param name the field's name
 * @param value its value, copied
 * @return APR_SUCCESS; APR_EINVAL when committed or refused
 */
HBR_API apr_status_t hbr_header_set(hbr_context_t *ctx, const char *name,
                                    const char *value);
HBR_API apr_status_t hbr_header_add(hbr_context_t *ctx, const char *name,
                                    const char *value);
HBR_API apr_status_t hbr_header_unset(hbr_context_t *ctx, const char *name);

/** Cookie attribute SameSite (RFC 6265bis 4.1.2.7). */
typedef enum {
    HBR_SAMESITE_LAX = 0,
    HBR_SAMESITE_STRICT,
    HBR_SAMESITE_NONE /**< Needs Secure; refused with .plain. */
} hbr_samesite_e;

/**
 * A cookie to set (RFC 6265 4.1). What is left out is the safe choice:
 * Path=/, HttpOnly, SameSite=Lax, a cookie of the browser session, and Secure
 * when the request came over TLS.
 */
typedef struct hbr_cookie_t {
    const char *name;   /**< A token; __Host- and __Secure- rules are held. */
    const char *value;  /**< cookie-octets only: no blank, comma, semicolon,
                             quote or backslash. hbr_url_escape() makes any
                             text fit. */
    const char *path;   /**< NULL: "/". */
    const char *domain; /**< NULL: this host only. */
    int64_t max_age;    /**< Seconds; 0: browser session; below 0: delete. */
    hbr_samesite_e same_site;
    bool script; /**< Readable by scripts: no HttpOnly. */
    bool secure; /**< Secure even over plain HTTP. */
    bool plain;  /**< Never Secure. */
} hbr_cookie_t;

/**
 * Adds a Set-Cookie field.
 * @return APR_SUCCESS; APR_EINVAL when committed or the cookie breaks a rule
 *         (logged, without its value)
 */
HBR_API apr_status_t hbr_cookie_set(hbr_context_t *ctx,
                                    const hbr_cookie_t *cookie);

/** How a browser is to treat the body (RFC 6266 4.2). */
typedef enum {
    HBR_ATTACHMENT = 0, /**< Offer to save it. */
    HBR_INLINE          /**< Show it. */
} hbr_disposition_e;

/**
 * Sets Content-Disposition with a file name (RFC 6266; RFC 8187 filename* for
 * what is not plain ASCII). Only the last component of a path is sent; control
 * characters are replaced by "_".
 * @param filename UTF-8, any characters; NULL: no name
 * @return APR_SUCCESS; APR_EINVAL when committed
 */
HBR_API apr_status_t hbr_disposition(hbr_context_t *ctx,
                                     hbr_disposition_e disposition,
                                     const char *filename);

/**
 * Sets the entity tag (RFC 9110 8.8.3).
 * @param tag the opaque part, without quotes; visible ASCII except the quote
 * @param weak true for a W/ tag
 * @return APR_SUCCESS; APR_EINVAL when committed or @a tag holds other bytes
 */
HBR_API apr_status_t hbr_etag(hbr_context_t *ctx, const char *tag, bool weak);

/**
 * Sets Last-Modified. A time in the future becomes the request's time
 * (RFC 9110 8.8.2.1).
 */
HBR_API apr_status_t hbr_last_modified(hbr_context_t *ctx, apr_time_t when);

/**
 * Evaluates the request's preconditions against the ETag and Last-Modified set
 * so far (RFC 9110 13.2.2), so that a costly body need not be made. The bridge
 * does it in any case before it sends a 200.
 * @return HBR_OK: go on; 304 or 412: return it
 */
HBR_API int hbr_preconditions(hbr_context_t *ctx);

/**
 * Redirects. What was written before is dropped; header fields stay, but for
 * those that describe a body (Cache-Control and Expires stay, too).
 * @param status 301, 302, 303, 307 or 308; 0 means 302
 * @param url absolute, or relative to the request's; bytes that may not stand
 *        in a URL are percent-encoded, control characters refused
 * @return the status, to be returned; 500 when committed or refused
 */
HBR_API int hbr_redirect(hbr_context_t *ctx, int status, const char *url);

/**
 * Says why a request fails; what was written before is dropped. The response
 * is plain text, HTML or problem+json (RFC 9457) by Accept, unless an
 * ErrorDocument is configured for the status.
 * Header fields that describe a body (Content-* but for
 * Content-Security-Policy, ETag, Last-Modified, Expires, Accept-Ranges) are
 * dropped, and Cache-Control unless it forbids caching (no-store, no-cache);
 * others, such as WWW-Authenticate or Retry-After, stay.
 * @param status 400 to 599
 * @param format printf format of one sentence for the client; NULL for none
 * @return @a status, to be returned
 */
HBR_API int hbr_error(hbr_context_t *ctx, int status, const char *format, ...)
    HBR_PRINTF(3, 4);
HBR_API int hbr_verror(hbr_context_t *ctx, int status, const char *format,
                       va_list args) HBR_PRINTF(3, 0);

/** True when the first byte has left and the response can no longer change. */
HBR_API bool hbr_committed(hbr_context_t *ctx);

#endif
