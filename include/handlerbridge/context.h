/**
 * @file context.h
 * @brief The context: one request, as its handler sees it.
 */
#ifndef HANDLERBRIDGE_CONTEXT_H
#define HANDLERBRIDGE_CONTEXT_H

#include "api.h"

/**
 * One child process of the server, as a handler's start and stop see it.
 * `data` is the handler's own: set it in start, read it in process through
 * ctx->child. On a threaded MPM all threads of the child share it.
 */
typedef struct hbr_child_t {
    apr_pool_t *pool;             /**< Lives as long as the child process. */
    const hbr_handler_t *handler; /**< The declaration. */
    void *data;                   /**< The handler's own; NULL at first. */
} hbr_child_t;

/**
 * One request. The members are for reading; what may be changed is changed
 * through functions. Every string is NUL-terminated and contains no NUL.
 */
struct hbr_context_t {
    /** Memory that is freed when the request ends (inside hbr_source()'s read:
     *  when the piece has been sent). */
    apr_pool_t *const pool;
    /** The method as received, case-sensitive: "GET" (RFC 9110 9.1). "HEAD"
     *  stays "HEAD"; a handler need not care. */
    const char *const method;
    /** The URL's path, decoded and normalised; begins with a slash. */
    const char *const uri;
    /** What follows the mapping in the URL: "" or "/...". */
    const char *const path_info;
    /** The query as received, without the question mark; NULL when the URL has
     *  none. */
    const char *const args;
    /** The request's header fields; look-ups ignore case. */
    const apr_table_t *const headers_in;
    /** The response's header fields so far. Change them with hbr_header_set()
     *  and its like. */
    const apr_table_t *const headers_out;
    /** The child process this request runs in. */
    const hbr_child_t *const child;
    /** The bridge's own. */
    struct hbr_state_t *const state;

    /* since 1.1 */

    /** What the handler's create made; NULL when it has none. */
    void *const instance;
    /** The handler's options as configured for this request: the struct that
     *  its declaration names; NULL when it declares none. */
    const void *const options;
};

/**
 * Runs a function when ctx->pool ends, which is when the request does, last
 * registered first: for resources that are not APR's.
 * @param ctx the context
 * @param release the function
 * @param data its argument
 * It runs after the response has left, maybe in another thread than the
 * handler did, and must not use the context.
 */
HBR_API void hbr_defer(hbr_context_t *ctx, void (*release)(void *data),
                       void *data);

/**
 * The way out to httpd.
 * @return the request_rec, or NULL where there is none (in the test kit)
 */
HBR_API struct request_rec *hbr_request_rec(hbr_context_t *ctx);

#endif
