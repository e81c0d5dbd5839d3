/**
 * @file request.h
 * @brief What the client sent, and what the server makes of it. Facts about
 *        him and his connection are in client.h.
 */
#ifndef HANDLERBRIDGE_REQUEST_H
#define HANDLERBRIDGE_REQUEST_H

#include "context.h"

/** One name=value of a query, decoded, or of the cookies, as sent. Values hold
 *  no NUL; they need not be UTF-8 (declared inputs are checked for that, see
 *  input.h). */
typedef struct hbr_pair_t {
    const char *name;
    const char *value; /**< "" where there was none. */
    apr_size_t name_length;
    apr_size_t value_length;
} hbr_pair_t;

/**
 * The first value of a name in the query (application/x-www-form-urlencoded
 * parsing, WHATWG URL Standard 5.1; names are case-sensitive). The query is
 * parsed once, when that is first needed; the first value may be had without.
 * @param ctx the context
 * @param name the name
 * @param fallback what to return when the query has no such name; may be NULL
 * @return the value, or @a fallback itself
 */
HBR_API const char *hbr_query(hbr_context_t *ctx, const char *name,
                              const char *fallback);

/**
 * Walks the query in order, repeated names included.
 *
 *     const hbr_pair_t *p = NULL;
 *     while ((p = hbr_query_next(ctx, "tag", p)) != NULL) ...
 *
 * @param ctx the context
 * @param name only pairs of this name; NULL for all
 * @param after the pair to go on from; NULL for the first
 * @return the next pair, or NULL
 */
HBR_API const hbr_pair_t *hbr_query_next(hbr_context_t *ctx, const char *name,
                                         const hbr_pair_t *after);

/**
 * The first cookie of a name (RFC 6265 5.4; names are case-sensitive). The
 * value is what was sent: nothing is decoded, and quotes around it are part of
 * it, as they are for browsers. hbr_url_escape()d values are the author's to
 * decode.
 * Browsers send the cookie with the longest path first, but which of two equal
 * names comes first is not to be relied on (RFC 6265 4.2.2).
 * @param ctx the context
 * @param name the name; "" for a cookie that was set without one
 * @param fallback what to return when there is no such cookie; may be NULL
 * @return the value, or @a fallback itself
 */
HBR_API const char *hbr_cookie(hbr_context_t *ctx, const char *name,
                               const char *fallback);

/** Walks the cookies in order, repeated names included; as hbr_query_next(). */
HBR_API const hbr_pair_t *hbr_cookie_next(hbr_context_t *ctx, const char *name,
                                          const hbr_pair_t *after);

/**
 * Looks a name up where ASP.NET's Request["name"] does, the first hit wins:
 * query, form, cookies, then server variables (hbr_variable()). Without a value
 * in the query the form is read (form.h).
 * @param ctx the context
 * @param name the name
 * @param fallback what to return when nothing has it; may be NULL
 */
HBR_API const char *hbr_param(hbr_context_t *ctx, const char *name,
                              const char *fallback);

/**
 * A field of the request's header. Repeated fields are joined with ", " by
 * httpd (RFC 9110 5.3).
 * @param ctx the context
 * @param name the field's name, any case
 * @param fallback what to return when it was not sent; may be NULL
 */
HBR_API const char *hbr_header(hbr_context_t *ctx, const char *name,
                               const char *fallback);

/**
 * A server variable by its CGI name (RFC 3875 4.1): REQUEST_METHOD,
 * REMOTE_ADDR, HTTP_USER_AGENT, SERVER_NAME, HTTPS ..., and what SetEnv and
 * SetEnvIf set. HTTP_AUTHORIZATION, HTTP_PROXY_AUTHORIZATION and HTTP_PROXY
 * are withheld.
 * @return the value, or NULL
 */
HBR_API const char *hbr_variable(hbr_context_t *ctx, const char *name);

/** When the request began, in microseconds since 1970. */
HBR_API apr_time_t hbr_request_time(hbr_context_t *ctx);

/** What hbr_time_left() gives when there is no deadline: more than any other. */
#define HBR_NO_DEADLINE INT64_MAX

/**
 * How much of the time is left that the server grants this request
 * (BridgeDeadline), counted from hbr_request_time(): reading the body is in it.
 *
 *     while (hbr_time_left(ctx) > 0 && more(work)) ...
 *
 * The deadline is the handler's to keep: nothing interrupts him. The bridge
 * itself waits for a database connection no longer than this.
 * @return microseconds; 0 when it has passed; HBR_NO_DEADLINE when none is set
 */
HBR_API apr_interval_time_t hbr_time_left(hbr_context_t *ctx);

/**
 * Which file a URL of this server is mapped to: Alias, DocumentRoot, rewriting,
 * a folder's DirectoryIndex and access control are asked as for a request of
 * this client's, and nothing is served. The file need not be there; what
 * follows it in the URL (httpd's path info) follows it here.
 *
 * Only what happens before a request reaches its handler is asked: what a module
 * finds out about a URL as soon as it has come (mod_setenvif's variables, and a
 * `Require env` that looks at them) is known of this request's own URL alone.
 *
 * It blocks for the file system's part, and for that of the modules that check
 * passwords, which may ask a database. A proxied URL is no file, and no other
 * server is asked.
 * @param ctx the context
 * @param path the URL's path, decoded, as ctx->uri is: "/images/a b.png". It is
 *        taken by the letter: "?", "#" and "%" are parts of names
 * @param file where to put the file's path, which lives as long as ctx->pool;
 *        NULL unless APR_SUCCESS
 * @return APR_SUCCESS; APR_EINVAL for what is no absolute path ("a.png",
 *         "//host/", "http://host/") or has ".." in it; APR_EACCES when the
 *         client may not read it; APR_ENOENT when no file stands for it (a
 *         proxy, a redirect; also a folder without the slash behind it);
 *         APR_EGENERAL when httpd failed, and said why in the error log
 */
HBR_API apr_status_t hbr_map_path(hbr_context_t *ctx, const char *path,
                                  const char **file);

/**
 * Picks the representation that the client's Accept likes best (RFC 9110
 * 12.5.1), and adds "Accept" to the response's Vary.
 * @param ctx the context
 * @param types media types in the order of the server's own liking, NULL at
 *        the end
 * @return the index of the best one; 0 when Accept is missing; -1 when the
 *         client wants none of them
 */
HBR_API int hbr_negotiate(hbr_context_t *ctx, const char *const types[]);

/**
 * Picks the language that the client's Accept-Language likes best (RFC 9110
 * 12.5.4), and adds "Accept-Language" to the response's Vary. A range takes the
 * tags that begin with it (RFC 4647 3.3.1: "de" takes "de-CH"); where there is
 * none, a longer range takes a shorter tag (RFC 4647 3.4: "de-CH" takes "de").
 * @param ctx the context
 * @param languages language tags (RFC 5646) in the order of the server's own
 *        liking, NULL at the end
 * @return the index of the best one; 0 when Accept-Language is missing; -1 when
 *         the client named none of them: better answer in a language of the
 *         server's choice then than with 406 (RFC 9110 12.5.4)
 */
HBR_API int hbr_negotiate_language(hbr_context_t *ctx,
                                   const char *const languages[]);

#endif
