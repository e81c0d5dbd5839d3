/**
 * @file cookies.h
 * @brief The cookies a client sends (RFC 6265 4.2, 5.4); their getters are in
 * handlerbridge/request.h.
 */
#ifndef HBR_BRIDGE_COOKIES_H
#define HBR_BRIDGE_COOKIES_H

#include "handlerbridge/request.h"

/** The parsed cookies, in the order they came; duplicates are kept. */
typedef struct hbr_cookies_t {
    apr_size_t count;
    const hbr_pair_t *pairs; /**< NULL when none. */
} hbr_cookies_t;

/**
 * Checks the cookies before the handler runs, allocating nothing.
 * @param pool memory of the sentence
 * @param headers_in the request's fields
 * @param most how many cookies are allowed
 * @return NULL, or one sentence for the client that says what is wrong
 */
const char *hbr_cookies_refusal(apr_pool_t *pool, const apr_table_t *headers_in,
                                apr_size_t most);

/**
 * Parses the Cookie field, or several of them one behind the other. Only ';'
 * ends a cookie, and blanks around name and value are no part of them. All
 * else stays as sent.
 * A piece without '=' is a cookie with an empty name: so RFC 6265bis has a
 * browser store what was set as "value" or "=value", and sends it back bare
 * (5.7, 5.8.3). A piece with neither name nor value is none.
 * @param pool the result's memory
 * @param headers_in the request's fields; how many cookies they hold is bounded
 *        by hbr_cookies_refusal()
 * @return the cookies, never NULL
 */
const hbr_cookies_t *hbr_cookies_parse(apr_pool_t *pool,
                                       const apr_table_t *headers_in);

#endif
