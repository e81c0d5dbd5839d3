/**
 * @file session.h
 * @brief The session: what the server remembers of a client between requests.
 *
 *     HBR_HANDLER(login, .process = login, .session = HBR_SESSION_WRITE);
 *
 *     int rc = hbr_session_renew(ctx);
 *     if (rc == HBR_OK)
 *         rc = hbr_session_set(ctx, "user", name);
 *     if (rc != HBR_OK)
 *         return rc;
 *
 * Behind it is mod_session, and whatever keeps its sessions there:
 * mod_session_socache (shmcb, Redis, memcached), mod_session_dbd, or
 * mod_session_cookie with mod_session_crypto. A handler says in its declaration
 * whether it reads the session or writes it, too; the session is loaded at the
 * first call that needs it and saved when the response is committed, so a change
 * after that is an error at the call. A session that cannot be saved makes the
 * response a 503. What a request has changed that ends with 500 or above is
 * dropped.
 *
 * A call without the declaration it needs, one where Session is Off, a change
 * after the commit or in a subrequest, and a name, a text or a size that is not
 * allowed are errors: 500, with a log line that names the field or directive
 * that is missing. A session that cannot be loaded is a 503. Functions that
 * return `int` return HBR_OK or that status, to be returned; the getters return
 * the fallback. The response is that error whatever the handler returns; one
 * that is committed already is cut.
 *
 * No lock is held while a handler runs: of two requests that write one session
 * at the same time the later one's whole session stays.
 *
 * Names are 1 to 128 bytes without controls, and case-sensitive; names that
 * begin with "hbr-" are the bridge's. Values are UTF-8 text without NUL. The
 * whole session is at most BridgeLimitSession bytes, as mod_session encodes it.
 */
#ifndef HANDLERBRIDGE_SESSION_H
#define HANDLERBRIDGE_SESSION_H

#include "context.h"
#include "request.h"

/** What a handler may do with the session. */
typedef enum {
    HBR_SESSION_NONE = 0,
    HBR_SESSION_READ,
    HBR_SESSION_WRITE /**< And read. */
} hbr_session_e;

/**
 * A value of the session.
 * @param name its name
 * @param fallback returned when there is none
 * @return the value; lives as long as the request. May block: the first call
 *         loads the session
 */
HBR_API const char *hbr_session(hbr_context_t *ctx, const char *name,
                                const char *fallback);

/** A value as an integer; the fallback when there is none or it is no int64. */
HBR_API int64_t hbr_session_int(hbr_context_t *ctx, const char *name,
                                int64_t fallback);

/** A value that hbr_session_set_bool() set; the fallback when there is none. */
HBR_API bool hbr_session_bool(hbr_context_t *ctx, const char *name,
                              bool fallback);

/** A value that hbr_session_set_time() set; the fallback when there is none. */
HBR_API apr_time_t hbr_session_time(hbr_context_t *ctx, const char *name,
                                    apr_time_t fallback);

/**
 * Walks the session's values, in no order; the bridge's own are left out.
 * @param after the pair returned last; NULL begins
 * @return the next pair, or NULL. Do not change the session in between
 */
HBR_API const hbr_pair_t *hbr_session_next(hbr_context_t *ctx,
                                           const hbr_pair_t *after);

/** True when the client had no session that still counts: none, one that has
 *  expired, or a cookie that names none. An empty one is none, but for
 *  mod_session_dbd with SessionMaxAge: the others keep nothing of it. */
HBR_API bool hbr_session_is_new(hbr_context_t *ctx);

/**
 * Sets a value. One that it has already changes nothing, and saves nothing.
 * @param value copied; NULL removes it
 * @return HBR_OK, or the status to be returned. May block, as all of these: the
 *         first call loads the session
 */
HBR_API int hbr_session_set(hbr_context_t *ctx, const char *name,
                            const char *value);
HBR_API int hbr_session_set_int(hbr_context_t *ctx, const char *name,
                                int64_t value);
HBR_API int hbr_session_set_bool(hbr_context_t *ctx, const char *name,
                                 bool value);
HBR_API int hbr_session_set_time(hbr_context_t *ctx, const char *name,
                                 apr_time_t value);

/** Removes a value; one that is not there is no error. */
HBR_API int hbr_session_remove(hbr_context_t *ctx, const char *name);

/** Removes all values, flash values too; an id stays only where the store keeps
 *  empty sessions, see hbr_session_is_new(). */
HBR_API int hbr_session_clear(hbr_context_t *ctx);

/** Ends the session: its values go, it is taken out of where it was kept, and
 *  the client's cookie is ended. A value that is set afterwards begins a new
 *  session with a new id. */
HBR_API int hbr_session_abandon(hbr_context_t *ctx);

/** Gives the session a new id and ends the old one: to be called at each change
 *  of rights, such as a login, against session fixation. A session in a cookie
 *  has no id: the old cookie works on until its SessionMaxAge. */
HBR_API int hbr_session_renew(hbr_context_t *ctx);

/**
 * Sets a value for the next request of the session that asks for it, and no
 * other: "Your order is on its way."
 */
HBR_API int hbr_session_flash_set(hbr_context_t *ctx, const char *name,
                                  const char *value);

/**
 * Takes such a value out; needs HBR_SESSION_WRITE.
 * @return the value, or NULL when there is none
 */
HBR_API const char *hbr_session_flash(hbr_context_t *ctx, const char *name);

#endif
