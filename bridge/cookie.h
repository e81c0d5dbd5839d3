/**
 * @file cookie.h
 * @brief The Set-Cookie field's value (RFC 6265 4.1, RFC 6265bis 4.1).
 */
#ifndef HBR_BRIDGE_COOKIE_H
#define HBR_BRIDGE_COOKIE_H

#include "handlerbridge/response.h"

/** Browsers drop a cookie whose name and value together are longer (RFC
 *  6265bis 5.6). */
#define HBR_COOKIE_MAX 4096

/** Browsers ignore an attribute whose value is longer (RFC 6265bis 5.6). */
#define HBR_COOKIE_ATTRIBUTE_MAX 1024

/**
 * Makes the field's value. What a browser would drop or read differently is
 * refused here, where the author sees it.
 * @param pool the result's memory
 * @param cookie the cookie; a value of NULL is empty
 * @param tls whether the request came over TLS: the cookie is then Secure
 *        unless it is `plain`
 * @param problem set to one constant sentence when the cookie breaks a rule;
 *        it does not hold the value
 * @return the field's value, or NULL
 */
const char *hbr_cookie_format(apr_pool_t *pool, const hbr_cookie_t *cookie,
                              bool tls, const char **problem);

#endif
