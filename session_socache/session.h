/*
 * A request's session: loaded once, saved at most once, for mod_session.
 */
#ifndef SESSION_SOCACHE_SESSION_H
#define SESSION_SOCACHE_SESSION_H

#include <httpd.h>
#include <mod_session.h>

#include "cookie.h"

/** What holds for a directory. */
typedef struct hss_config_t {
    const hss_cookie_t *cookie; /**< NULL: sessions are not kept here */
    apr_interval_time_t idle;   /**< of a session without SessionMaxAge */
    bool is_idle_set;
    const char *realm; /**< NULL: the server's name */
} hss_config_t;

extern module AP_MODULE_DECLARE_DATA session_socache_module;

/** mod_session's hooks. */
apr_status_t hss_session_load(request_rec *r, session_rec **session);
apr_status_t hss_session_save(request_rec *r, session_rec *session);

#endif
