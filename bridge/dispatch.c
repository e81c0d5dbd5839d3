/*
 * A request's way through its handler: begin, process, finish.
 *
 * What the bridge refuses never reaches process: an undeclared method, a NUL
 * in the query, too many cookies, an input that is not as declared. Which
 * handler it is, is settled by route.c. What process returns is turned into a
 * response here and nowhere else.
 */
#include "dispatch.h"

#include <string.h>

#include "application.h"
#include "body.h"
#include "commit.h"
#include "content.h"
#include "context.h"
#include "cookies.h"
#include "error.h"
#include "input.h"
#include "instance.h"
#include "log.h"
#include "notable.h"
#include "output.h"
#include "plain_query.h"
#include "plan.h"
#include "query.h"
#include "route.h"
#include "session.h"
#include "timing.h"
#include "state.h"

static HBR_RARE int refuse_method(hbr_context_t *ctx, const char *allow)
{
    apr_table_setn(ctx->state->request.headers_out, "Allow", allow);
    if (strcmp(ctx->method, "OPTIONS") == 0)
        return HBR_OK;
    return hbr_error(ctx, HBR_METHOD_NOT_ALLOWED,
                     "This resource answers %s only.", allow);
}

static HBR_APART int refuse_query(hbr_context_t *ctx)
{
    apr_size_t plain = hbr_plain_query_length(ctx->args);
    int status;
    const char *refusal =
        hbr_query_refusal(ctx->pool, ctx->args, plain,
                          ctx->state->request.settings->params, &status);

    ctx->state->plain_query = plain;

    return refusal == NULL ? HBR_OK
                           : hbr_limit_error(ctx, status, "%s", refusal);
}

static HBR_APART int refuse_cookies(hbr_context_t *ctx)
{
    const char *refusal = hbr_cookies_refusal(
        ctx->pool, ctx->headers_in, ctx->state->request.settings->params);

    /* RFC 6585 5 */
    return refusal == NULL
               ? HBR_OK
               : hbr_limit_error(ctx, HBR_FIELDS_TOO_LARGE, "%s", refusal);
}

/* What can be said against it before its handler is asked, whichever that is:
 * said once. */
static int refuse_request(hbr_context_t *ctx)
{
    int refused = HBR_OK;

    if (ctx->state->is_sound)
        return HBR_OK;
    if (!hbr_is_get(ctx->state))
        refused = hbr_body_refuse(ctx);
    if (refused == HBR_OK && ctx->args != NULL)
        refused = refuse_query(ctx);
    if (refused == HBR_OK && (ctx->state->notable & HBR_NOTABLE_COOKIE) != 0)
        refused = refuse_cookies(ctx);
    ctx->state->is_sound = refused == HBR_OK;
    return refused;
}

/* What a handler declared that it needs before it runs. */
static HBR_APART int prepare(hbr_context_t *ctx)
{
    const hbr_entry_t *entry = ctx->state->entry;
    int result = HBR_OK;

    if (entry->inputs > 0)
        result = hbr_inputs_read(ctx);
    if (result == HBR_OK && entry->handler.create != NULL)
        result = hbr_instance_take(ctx);
    if (result == HBR_OK && entry->handler.create != NULL)
        hbr_context_refresh(ctx);
    return result;
}

static int run(hbr_context_t *ctx)
{
    const hbr_entry_t *entry = ctx->state->entry;
    int result = HBR_OK;

    if (entry->inputs > 0 || entry->handler.create != NULL)
        result = prepare(ctx);
    if (result == HBR_OK)
        result = entry->handler.process(ctx);
    if (ctx->state->locks != 0)
        hbr_application_leave(ctx);
    return result;
}

/* Mostly it is GET, which those allow who allow nothing else. */
static bool is_allowed(const hbr_methods_t *methods, const char *method)
{
    return (methods->get_only && hbr_method_is_get(method))
           || hbr_methods_allow(methods, method);
}

static int ask_chosen(hbr_context_t *ctx);

/* Asks the handler at hand; one that chooses hands on to another. */
static int ask(hbr_context_t *ctx)
{
    const hbr_entry_t *entry = ctx->state->entry;
    const hbr_methods_t *methods = hbr_route_methods(ctx->state);
    int refused;

    if (!is_allowed(methods, ctx->method))
        return refuse_method(ctx, methods->allow);
    refused = refuse_request(ctx);
    if (refused != HBR_OK)
        return refused;
    if (entry->started != APR_SUCCESS)
        return hbr_error(ctx, HBR_SERVICE_UNAVAILABLE,
                         "The handler could not be started.");
    return entry->handler.choose == NULL ? run(ctx) : ask_chosen(ctx);
}

static HBR_APART int ask_chosen(hbr_context_t *ctx)
{
    int chosen = hbr_route_choose(&ctx);

    return chosen == HBR_OK ? ask(ctx) : chosen;
}

/* And the next, as long as they decline. */
static HBR_APART int ask_others(hbr_context_t *ctx)
{
    int result = HBR_DECLINED;

    while (result == HBR_DECLINED) {
        if (!hbr_route_may_decline(ctx))
            return HBR_INTERNAL_ERROR;
        if (!hbr_route_next(&ctx))
            return HBR_NOT_FOUND;
        result = ask(ctx);
    }
    return result;
}

int hbr_process(hbr_context_t *ctx)
{
    const char *refused = ctx->state->request.refused;
    int result;

    if (refused != NULL)
        return hbr_error(ctx, HBR_NOT_FOUND, "%s", refused);
    result = ask(ctx);
    return result == HBR_DECLINED ? ask_others(ctx) : result;
}

static HBR_RARE int no_status(hbr_context_t *ctx, int result)
{
    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0041",
                   "the handler returned %d, which is neither HBR_OK nor "
                   "HBR_DECLINED nor a status from 200 to 599",
                   result);
    return HBR_INTERNAL_ERROR;
}

/* What the result means: 200 to 599. Sets nothing. */
static int settle(hbr_context_t *ctx, int result)
{
    const hbr_state_t *state = ctx->state;

    if (result != HBR_OK && (result < 200 || result > 599))
        result = no_status(ctx, result);
    if (result >= 300)
        return result;
    if (state->failed != 0)
        return state->failed;
    if (result != HBR_OK)
        return result;
    return hbr_status_of(state);
}

/* A status alone, with nothing written, gets the bridge's body. */
static bool needs_body(const hbr_state_t *state, int result, int status)
{
    if (status < 300 || status == HBR_NOT_MODIFIED)
        return false;
    return result != HBR_OK || state->failed != 0 || !hbr_has_output(state);
}

static HBR_RARE void finish_stream(hbr_context_t *ctx, int result)
{
    if (ctx->state->failed == 0
        && (result == HBR_OK || (result >= 200 && result < 300)))
        hbr_commit_end(ctx);
    else
        hbr_commit_cut(ctx, "the handler failed");
}

static int finish_whole(hbr_context_t *ctx, int result)
{
    int status = settle(ctx, result);
    int closed = HBR_OK;

    if (ctx->state->session != NULL)
        closed = hbr_session_close(ctx, status);
    if (closed != HBR_OK)
        return hbr_error_send(ctx, hbr_session_lost(ctx));
    if (needs_body(ctx->state, result, status))
        return hbr_error_send(ctx, status);
    ctx->state->status = status;
    status = hbr_commit_whole(ctx);
    return status == HBR_OK ? HBR_OK : hbr_error_send(ctx, status);
}

static int conclude(hbr_context_t *ctx, int result)
{
    hbr_state_t *state = ctx->state;
    int status = HBR_OK;

    if (state->committed_by != NULL)
        finish_stream(ctx, result);
    else if (!state->answered)
        status = finish_whole(ctx, result);
    if (state->taken != NULL)
        hbr_instance_give_back(state);
    if (!state->answered)
        return state->unsent ? HBR_UNSENT : status;
    hbr_output_drop(state); /* It will not be sent, but given back. */
    hbr_content_drop(state);
    return HBR_ANSWERED;
}

/* The status that the client sees; when the host has answered in our place it
 * did so because of the request's body. */
static int final_status(const hbr_state_t *state, int outcome)
{
    if (outcome >= 100)
        return outcome;
    if (state->answered)
        return HBR_BAD_REQUEST;
    if (state->unsent)
        return HBR_INTERNAL_ERROR;
    return state->sent_status != 0 ? state->sent_status : HBR_INTERNAL_ERROR;
}

int hbr_finish(hbr_context_t *ctx, int result)
{
    hbr_state_t *state = ctx->state;
    const hbr_settings_t *settings = state->request.settings;
    int outcome = conclude(ctx, result);
    apr_time_t now;

    if (outcome >= 100)
        hbr_timing_header(state);
    if (state->entry->meter.cells == NULL && state->timing == NULL
        && state->trace == NULL && !settings->trace)
        return outcome;
    now = hbr_timing_now(state);
    hbr_meter_end(state, final_status(state, outcome), now);
    if (state->timing != NULL || state->trace != NULL || settings->trace)
        hbr_timing_end(ctx, now);
    return outcome;
}

int hbr_serve(hbr_request_t *request)
{
    hbr_context_t *ctx = hbr_begin(request);

    return hbr_finish(ctx, hbr_process(ctx));
}
