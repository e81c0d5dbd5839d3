/*
 * The end of a request's session: saved before the response's head, and what
 * becomes of the response. Used by the request's thread only.
 */
#include <string.h>

#include "log.h"
#include "response.h"
#include "session.h"
#include "session_values.h"
#include "timing.h"

#define RETRY_AFTER "5" /* seconds: a store is mostly back soon */

int hbr_session_unavailable(hbr_context_t *ctx, const char *sentence)
{
    hbr_header_set(ctx, "Retry-After", RETRY_AFTER);
    return hbr_error(ctx, HBR_SERVICE_UNAVAILABLE, "%s", sentence);
}

static int save(hbr_context_t *ctx, hbr_session_t *session)
{
    hbr_state_t *state = ctx->state;
    const hbr_request_t *request = &state->request;
    apr_time_t started = hbr_timing_start(state);
    apr_status_t rv = request->host->session->save(
        request->request, &session->loaded,
        hbr_session_values_stored(session, request->pool), &session->change);

    hbr_timing_stop(state, HBR_TIMED_DB, started);
    if (rv == APR_SUCCESS)
        return HBR_OK;
    hbr_bridge_log(ctx, HBR_LOG_ERROR, rv, "HBR0356",
                   "the session cannot be saved: what keeps it does not take "
                   "it");
    return HBR_SERVICE_UNAVAILABLE;
}

static bool is_to_save(const hbr_session_t *session)
{
    return session->status == HBR_OK
           && (session->change.changed || session->change.renewed
               || session->change.abandoned);
}

int hbr_session_close(hbr_context_t *ctx, int status)
{
    hbr_session_t *session = ctx->state->session;

    if (session->is_closed)
        return session->closed;
    session->is_closed = true;
    if (!is_to_save(session))
        return HBR_OK;
    if (status < HBR_INTERNAL_ERROR)
        session->closed = save(ctx, session);
    else
        hbr_bridge_log(ctx, HBR_LOG_INFO, APR_SUCCESS, "HBR0358",
                       "what was changed in the session is dropped: the "
                       "response is a %d",
                       status);
    return session->closed;
}

int hbr_session_lost(hbr_context_t *ctx)
{
    hbr_clear(ctx);
    return hbr_session_unavailable(ctx, "The session could not be saved.");
}

static bool is_decided(const apr_table_t *headers)
{
    const apr_array_header_t *all = apr_table_elts(headers);
    int i;

    for (i = 0; i < all->nelts; i++) {
        const apr_table_entry_t *field =
            &APR_ARRAY_IDX(all, i, apr_table_entry_t);

        if (strcasecmp(field->key, "Cache-Control") == 0
            && (strcasestr(field->val, "private") != NULL
                || strcasestr(field->val, "public") != NULL
                || strcasestr(field->val, "no-store") != NULL))
            return true;
    }
    return false;
}

/* RFC 9111 5.2.2.7. What a handler says himself counts; of what he leaves open
 * no cache of several clients may keep anything. No Vary: a private cache is
 * one client's, and with no-cache he asks each time. */
void hbr_session_keep_private(hbr_context_t *ctx)
{
    apr_table_t *headers = ctx->state->request.headers_out;

    if (is_decided(headers))
        return;
    if (apr_table_get(headers, "Cache-Control") != NULL)
        apr_table_merge(headers, "Cache-Control", "private");
    else
        apr_table_setn(headers, "Cache-Control", "no-cache, private");
}
