/**
 * @file session.h
 * @brief The host's session: mod_session's.
 */
#ifndef HBR_HTTPD_SESSION_H
#define HBR_HTTPD_SESSION_H

#include <httpd.h>

#include "bridge/host.h"

extern const hbr_host_session_t hbr_httpd_session;

/** Finds mod_session's functions; for ap_hook_optional_fn_retrieve. */
void hbr_httpd_session_retrieve(void);

/**
 * Gives the sessions of the request before an internal redirect to the one that
 * it led to, before mod_session loads them anew from a cookie that by then may
 * name none.
 * @param r has r->prev
 */
void hbr_httpd_session_inherit(request_rec *r);

/** Keeps an error response private that httpd writes itself (a text as
 *  ErrorDocument) for a request whose handler has used the session. */
void hbr_httpd_session_keep_private(request_rec *r);

#endif
