/*
 * For t/captcha.t: a handler behind a captcha, with the lines of docs/guide.md.
 */
#include "handlerbridge.h"

static int sign(hbr_context_t *ctx)
{
    apr_time_t passed = hbr_session_time(ctx, "captcha-passed", 0);
    const char *pass = hbr_session(ctx, "captcha-pass", "");

    if (hbr_request_time(ctx) - passed > apr_time_from_sec(600)
        || hbr_cache_add(ctx, pass, "", 0, HBR_FOR(3600)) != APR_SUCCESS)
        return hbr_redirect(ctx, 303, "captcha");
    return hbr_text(ctx, "signed\n");
}

HBR_HANDLER(guestbook, .process = sign, .methods = "GET, POST",
            .session = HBR_SESSION_READ);
