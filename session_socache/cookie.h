/*
 * The cookie that carries a session's id: how it is declared, read and
 * written. APR only, so that it is fuzzed and tested without httpd.
 */
#ifndef SESSION_SOCACHE_COOKIE_H
#define SESSION_SOCACHE_COOKIE_H

#include <stdbool.h>

#include <apr_pools.h>

/** Bytes of an id, and of its form in a cookie: two hexadecimal digits each. */
#define HSS_ID_LENGTH 16
#define HSS_ID_DIGITS (2 * HSS_ID_LENGTH)

/** Ids that are looked up for one request; a client may send any number. */
#define HSS_IDS_MAX 3

/** A cookie as SessionSocacheCookie declares it. */
typedef struct hss_cookie_t {
    const char *name;
    const char *attributes; /**< "; Path=/; HttpOnly", without Secure */
    bool secure;            /**< always, not only over TLS */
} hss_cookie_t;

/**
 * Reads "name path=/app; secure".
 *
 * @param pool of the result and of the error
 * @param text the directive's arguments
 * @param cookie the result
 * @return NULL, or what is wrong, for `httpd -t`
 */
const char *hss_cookie_declare(apr_pool_t *pool, const char *text,
                               hss_cookie_t *cookie);

/**
 * Finds the ids in a Cookie field (RFC 6265 5.4). Taken is only what this
 * module writes: 32 lower-case hexadecimal digits behind the exact name.
 *
 * @param field the field's value
 * @param name the cookie's name
 * @param ids the different ones, in the client's order
 * @param sent whether the name is there, with any value
 * @return how many; HSS_IDS_MAX + 1 when there are more
 */
int hss_cookie_ids(const char *field, const char *name,
                   unsigned char ids[HSS_IDS_MAX][HSS_ID_LENGTH], bool *sent);

/**
 * A Set-Cookie field's value (RFC 6265 4.1).
 *
 * @param id NULL to end the cookie
 * @param max_age seconds; 0: until the browser ends
 * @param tls whether the request came over TLS
 */
const char *hss_cookie_field(apr_pool_t *pool, const hss_cookie_t *cookie,
                             const unsigned char *id, long max_age, bool tls);

#endif
