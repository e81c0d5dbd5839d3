/*
 * A request's way through its handler: begin, process, finish.
 *
 * What the bridge refuses never reaches process: an undeclared method, a NUL
 * in the query, too many cookies, an input that is not as declared. What process returns is
 * turned into a response here and nowhere else.
 */
#include "dispatch.h"

#include <string.h>

#include "body.h"
#include "commit.h"
#include "content.h"
#include "cookies.h"
#include "error.h"
#include "input.h"
#include "log.h"
#include "output.h"
#include "plan.h"
#include "query.h"
#include "state.h"

static int refuse_method(hbr_context_t *ctx)
{
    const hbr_state_t *state = ctx->state;

    apr_table_setn(state->request.headers_out, "Allow",
                   state->entry->methods.allow);
    if (strcmp(ctx->method, "OPTIONS") == 0)
        return HBR_OK;
    return hbr_error(ctx, HBR_METHOD_NOT_ALLOWED,
                     "This resource answers %s only.",
                     state->entry->methods.allow);
}

static int refuse_query(hbr_context_t *ctx)
{
    int status;
    const char *refusal = hbr_query_refusal(
        ctx->pool, ctx->args, ctx->state->request.settings->params, &status);

    return refusal == NULL ? HBR_OK : hbr_error(ctx, status, "%s", refusal);
}

static int refuse_cookies(hbr_context_t *ctx)
{
    const char *refusal = hbr_cookies_refusal(
        ctx->pool, ctx->headers_in, ctx->state->request.settings->params);

    /* RFC 6585 5 */
    return refusal == NULL
               ? HBR_OK
               : hbr_error(ctx, HBR_FIELDS_TOO_LARGE, "%s", refusal);
}

int hbr_process(hbr_context_t *ctx)
{
    hbr_entry_t *entry = ctx->state->entry;
    int refused = HBR_OK;

    if (!hbr_methods_allow(&entry->methods, ctx->method))
        return refuse_method(ctx);
    if (entry->started != APR_SUCCESS)
        return hbr_error(ctx, HBR_SERVICE_UNAVAILABLE,
                         "The handler could not be started.");
    if (!hbr_is_get(ctx->state))
        refused = hbr_body_refuse(ctx);
    if (refused == HBR_OK && ctx->args != NULL)
        refused = refuse_query(ctx);
    if (refused == HBR_OK)
        refused = refuse_cookies(ctx);
    if (refused == HBR_OK && entry->inputs > 0)
        refused = hbr_inputs_read(ctx);
    if (refused != HBR_OK)
        return refused;
    return entry->handler.process(ctx);
}

static bool has_output(const hbr_state_t *state)
{
    return state->body != HBR_BODY_TEXT || state->written > 0;
}

static int declined(hbr_context_t *ctx)
{
    if (!has_output(ctx->state))
        return HBR_NOT_FOUND;
    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0040",
                   "the handler declined after it had written");
    return HBR_INTERNAL_ERROR;
}

static int no_status(hbr_context_t *ctx, int result)
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

    if (result == HBR_DECLINED)
        result = declined(ctx);
    else if (result != HBR_OK && (result < 200 || result > 599))
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
    return result != HBR_OK || state->failed != 0 || !has_output(state);
}

static void finish_stream(hbr_context_t *ctx, int result)
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

    if (needs_body(ctx->state, result, status))
        return hbr_error_send(ctx, status);
    ctx->state->status = status;
    status = hbr_commit_whole(ctx);
    return status == HBR_OK ? HBR_OK : hbr_error_send(ctx, status);
}

int hbr_finish(hbr_context_t *ctx, int result)
{
    hbr_state_t *state = ctx->state;
    int status = HBR_OK;

    if (state->committed_by != NULL)
        finish_stream(ctx, result);
    else if (!state->answered)
        status = finish_whole(ctx, result);
    if (!state->answered)
        return state->unsent ? HBR_UNSENT : status;
    hbr_content_drop(state); /* It will not be sent, but given back. */
    return HBR_ANSWERED;
}

int hbr_serve(hbr_entry_t *entry, const hbr_request_t *request)
{
    hbr_context_t *ctx = hbr_begin(entry, request);

    return hbr_finish(ctx, hbr_process(ctx));
}
