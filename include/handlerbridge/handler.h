/**
 * @file handler.h
 * @brief The declaration of a handler.
 */
#ifndef HANDLERBRIDGE_HANDLER_H
#define HANDLERBRIDGE_HANDLER_H

#include "context.h"
#include "database.h"
#include "input.h"
#include "lifetime.h"
#include "mapping.h"
#include "metric.h"
#include "session.h"

/** Another major version is refused at start; an older minor is taken. */
#define HBR_ABI_MAJOR 1
#define HBR_ABI_MINOR 1

/** What HBR_HANDLER() stamps on a declaration, so that the bridge can read one
 *  that was compiled against an older header. Its own size never changes. */
typedef struct hbr_stamp_t {
    uint16_t major;
    uint16_t minor;
    uint32_t handler_size;
    uint32_t input_size;
    uint32_t statement_size;
    uint32_t metric_size; /**< Since 1.1; 0 before. */
    uint32_t reserved[3]; /**< 0: sizes of arrays' elements to come. */
    const char *ident;    /**< The macro's first argument. */
    const char *file;     /**< The source file. */
} hbr_stamp_t;

/**
 * A handler. Constant; members that are left out are 0. Members are only ever
 * added at the end, and 0 in a new one means "as before".
 */
struct hbr_handler_t {
    hbr_stamp_t stamp; /**< The macro's. */

    /**
     * Answers one request.
     * @return HBR_OK, HBR_DECLINED, or an HTTP status
     * On a threaded MPM it runs in many threads at once. NULL only beside
     * choose.
     */
    int (*process)(hbr_context_t *ctx);

    /** The name for SetHandler and AddHandler: lower case letters, digits,
     *  '-', '_' and '.'. NULL: the declaration's identifier. */
    const char *name;

    /** Methods it takes, separated by commas or blanks: "GET, POST". GET
     *  brings HEAD with it. NULL: "GET". "*": any, unknown ones too, but not
     *  TRACE and CONNECT. OPTIONS is answered by the bridge unless it is listed
     *  or "*" stands here. */
    const char *methods;

    /** One line about it, for listings. */
    const char *summary;

    /** Its inputs, ending with HBR_INPUTS_END; NULL: none. */
    const hbr_input_t *inputs;

    /** Its SQL, ending with HBR_STATEMENTS_END; NULL: none. */
    const hbr_statement_t *statements;

    /**
     * Runs once in each child process before its first request. A result
     * other than APR_SUCCESS is logged, and the handler answers 503 in this
     * child.
     */
    apr_status_t (*start)(hbr_child_t *child);

    /** Runs once when the child process ends, after a start that succeeded. Not
     *  when the process is ended in the middle of a request, of any handler
     *  (prefork does that): it is about to go anyway. */
    void (*stop)(hbr_child_t *child);

    /* since 1.1 */

    /**
     * Its options: what the configuration may set with BridgeSet and on a
     * BridgeMap line, declared as inputs are (input.h), ending with
     * HBR_INPUTS_END; NULL: none. ctx->options is the filled struct. There is
     * no HBR_STRINGS, no .required and no .from among options.
     */
    const hbr_input_t *options;

    /** How long an instance lives, for handlers with create. */
    hbr_lifetime_e lifetime;

    /**
     * Makes an instance: what ctx->instance points to. NULL: the handler has
     * none.
     * @param child the child process it is made in
     * @param pool the instance's own memory: it goes when the instance does
     * @param instance set to it
     * @return APR_SUCCESS; anything else is logged, and the request that needed
     *         it is answered 503
     */
    apr_status_t (*create)(const hbr_child_t *child, apr_pool_t *pool,
                           void **instance);

    /** Ends an instance, before its pool goes; NULL: the pool is enough. */
    void (*destroy)(const hbr_child_t *child, void *instance);

    /**
     * Instead of process: chooses the handler for this request (what
     * IHttpHandlerFactory does). It may read the request, but not its body, and
     * writes nothing.
     * @param choice to be filled: a name or a declaration
     * @return HBR_OK when it chose; HBR_DECLINED or an HTTP status as process
     *         does: 404, 414
     */
    int (*choose)(hbr_context_t *ctx, hbr_choice_t *choice);

    /** Its own counters and timers, ending with HBR_METRICS_END; NULL: none. */
    const hbr_metric_t *metrics;

    /** Whether it reads the session, or writes it; see session.h. */
    hbr_session_e session;

    /**
     * Seconds for which its answers may be kept by caches (httpd's mod_cache,
     * browsers, proxies), a year at most: status 200 to GET and HEAD, and the
     * 304 and 206 that are made of it, get Cache-Control for it, unless process
     * set Cache-Control or Expires itself. "private" stands there for what is
     * one client's: with a session, an authenticated user, an Authorization
     * field or a Set-Cookie, and when process has asked for the client's
     * certificate, or for a cookie without a .vary that names Cookie. 0:
     * nothing is said.
     */
    int cache_for;

    /** The request fields its answers depend on, separated by commas:
     *  "Accept-Language". Added to Vary, also without cache_for, and when another
     *  handler answers because this one chose it or declined. The query need not be said: it is part of
     *  the URL. NULL: none. */
    const char *vary;

    /** Bytes of its shared struct; see application.h. 0: it has none. When
     *  the memory cannot be had, that is logged, and the handler answers 503. */
    apr_size_t shared_size;

    /**
     * Fills the shared struct when it is new, from zeros and under its lock,
     * before the first child's start. NULL: zeros are right.
     * @return APR_SUCCESS; anything else is logged, the handler answers 503 in
     *         this child, and the next child tries again
     */
    apr_status_t (*shared_init)(void *shared, apr_size_t size);
};

/**
 * Declares a handler: HBR_HANDLER(hello, .process = hello). At file scope. A
 * file in handlers/ may declare several.
 */
#define HBR_HANDLER(identifier, ...)                                           \
    static const hbr_handler_t hbr_handler_##identifier = {                    \
        .stamp = { .major = HBR_ABI_MAJOR,                                     \
                   .minor = HBR_ABI_MINOR,                                     \
                   .handler_size = sizeof(hbr_handler_t),                      \
                   .input_size = sizeof(hbr_input_t),                          \
                   .statement_size = sizeof(hbr_statement_t),                  \
                   .metric_size = sizeof(hbr_metric_t),                        \
                   .ident = #identifier,                                       \
                   .file = __FILE__ },                                         \
        __VA_ARGS__                                                            \
    };                                                                         \
    static const hbr_handler_t *const hbr_handler_at_##identifier              \
        __attribute__((used, section("hbr_handlers"))) =                       \
            &hbr_handler_##identifier

#endif
