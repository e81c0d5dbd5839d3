/*
 * The commit: what was decided about the response goes to the host, and with
 * it the body. From here on the response cannot change, only end or be cut.
 */
#include "commit.h"

#include "cacheable.h"
#include "conditional.h"
#include "content.h"
#include "log.h"
#include "output.h"
#include "piece.h"
#include "plan.h"
#include "session.h"
#include "timing.h"
#include "transaction.h"
#include "vary.h"

/* What commits a response that is whole when its handler returns. */
static const char the_end[] = "the end of the handler";

static bool has_no_body(int status)
{
    return status == 204 || status == 205 || status == HBR_NOT_MODIFIED;
}

/* Where there is no body there is nothing to say about it: no length with 204
 * (RFC 9110 8.6), 0 with 205 (15.3.6). */
static hbr_head_t bodyless_head(const hbr_head_t *head)
{
    return (hbr_head_t){ .status = head->status,
                         .length = head->status == 205 ? 0 : -1,
                         .whole = head->whole };
}

static void send_head(hbr_context_t *ctx, const char *call, hbr_head_t *head)
{
    hbr_state_t *state = ctx->state;

    state->committed_by = call;
    state->bodyless = has_no_body(head->status);
    if (state->bodyless)
        *head = bodyless_head(head);
    state->sent_status = head->status;
    if (state->entry->cacheable != NULL || state->vary != NULL)
        hbr_cacheable_say(state, head->status);
    if (state->session != NULL)
        hbr_session_keep_private(ctx);
    hbr_timing_header(state);
    state->request.host->output->head(state->request.request, head);
}

/* A client that is gone is nobody's fault. Anything else is a filter of the
 * host's, which then answers, or has answered. */
static HBR_RARE void note_failure(hbr_context_t *ctx, apr_status_t status)
{
    ctx->state->write_error = status;
    if (APR_STATUS_IS_ECONNABORTED(status)) {
        hbr_bridge_log(ctx, HBR_LOG_INFO, APR_SUCCESS, "HBR0023",
                       "the client went away before the response was sent");
        return;
    }
    hbr_bridge_log(ctx, HBR_LOG_ERROR, status, "HBR0026",
                   "an output filter refused the response");
    ctx->state->unsent = true;
}

static apr_status_t pass_on(hbr_state_t *state, apr_bucket_brigade *brigade)
{
    return state->request.host->output->pass(state->request.request, brigade);
}

static HBR_APART apr_status_t pass_timed(hbr_state_t *state,
                                         apr_bucket_brigade *brigade)
{
    apr_time_t started = hbr_timing_start(state);
    apr_status_t status = pass_on(state, brigade);

    hbr_timing_stop(state, HBR_TIMED_WRITE, started);
    return status;
}

/* bytes: of the body, among what is passed. */
static apr_status_t pass(hbr_context_t *ctx, apr_bucket_brigade *brigade,
                         apr_off_t bytes)
{
    hbr_state_t *state = ctx->state;
    apr_status_t status;

    if (state->write_error != APR_SUCCESS) {
        apr_brigade_cleanup(brigade);
        return state->write_error;
    }
    status = state->timing != NULL ? pass_timed(state, brigade)
                                   : pass_on(state, brigade);
    if (status == APR_SUCCESS && !state->request.head_only)
        state->bytes_out += bytes;
    if (status != APR_SUCCESS)
        note_failure(ctx, status);
    return status;
}

static apr_status_t pass_text(hbr_context_t *ctx, bool end)
{
    hbr_state_t *state = ctx->state;
    apr_off_t passed = state->passed;
    apr_bucket_brigade *brigade = hbr_output_take(state);
    apr_off_t bytes = state->passed - passed;

    if (state->bodyless) {
        apr_brigade_cleanup(brigade);
        bytes = 0;
    }
    if (end)
        APR_BRIGADE_INSERT_TAIL(
            brigade, apr_bucket_eos_create(state->request.bucket_alloc));
    if (APR_BRIGADE_EMPTY(brigade))
        return APR_SUCCESS;
    return pass(ctx, brigade, bytes);
}

/* A 304 names what the client has (RFC 9110 15.4.5): the compressed form,
 * where a filter of the host's had made one. */
static HBR_RARE void name_compressed(hbr_context_t *ctx)
{
    const hbr_request_t *request = &ctx->state->request;
    const char *tag =
        hbr_compressed_tag(request->pool, request->headers_in,
                           apr_table_get(request->headers_out, "ETag"));

    if (tag == NULL)
        return;
    apr_table_setn(request->headers_out, "ETag", tag);
    hbr_vary(ctx, "Accept-Encoding");
}

/* A stream that must not be sent: its error is sent at the end instead. */
static apr_status_t refuse_stream(hbr_state_t *state, int status)
{
    state->failed = status;
    state->write_error = APR_ECONNABORTED;
    return state->write_error;
}

static int status_so_far(const hbr_state_t *state)
{
    return state->failed != 0 ? state->failed : hbr_status_of(state);
}

apr_status_t hbr_commit_stream(hbr_context_t *ctx, const char *call)
{
    hbr_state_t *state = ctx->state;
    int decided;

    if (hbr_transaction_forbids(ctx, call, "passes bytes to the client"))
        return APR_EINVAL;
    if (state->committed_by != NULL)
        return pass_text(ctx, false);
    if (state->session != NULL) {
        decided = hbr_session_close(ctx, status_so_far(state));
        if (decided != HBR_OK)
            return refuse_stream(state, decided);
    }
    decided = hbr_has_conditions(state) ? hbr_preconditions(ctx) : HBR_OK;
    if (decided == HBR_PRECONDITION_FAILED)
        return refuse_stream(state, decided);
    if (decided == HBR_NOT_MODIFIED) {
        name_compressed(ctx);
        send_head(ctx, call, &(hbr_head_t){ .status = decided, .length = -1 });
    } else {
        send_head(ctx, call,
                  &(hbr_head_t){ .status = hbr_status_of(state),
                                 .type = hbr_stream_type(state),
                                 .length = -1 });
    }
    return pass_text(ctx, false);
}

void hbr_commit_end(hbr_context_t *ctx)
{
    pass_text(ctx, true);
}

void hbr_commit_cut(hbr_context_t *ctx, const char *why)
{
    hbr_state_t *state = ctx->state;

    hbr_output_drop(state);
    if (state->write_error != APR_SUCCESS)
        return;
    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0024",
                   "%s after the response was committed by %s: the "
                   "connection is cut",
                   why, state->committed_by);
    state->request.host->output->cut(state->request.request);
    state->cut = true;
    state->write_error = APR_ECONNABORTED;
}

/* Text in reply to a Range is cut like bytes. */
static HBR_RARE void flatten_text(hbr_state_t *state)
{
    apr_bucket_brigade *brigade = hbr_output_take(state);
    char *bytes;
    apr_size_t length;

    apr_brigade_pflatten(brigade, &bytes, &length, state->request.pool);
    apr_brigade_cleanup(brigade);
    if (state->type == NULL)
        state->type = hbr_content_type(state);
    state->body = HBR_BODY_BYTES;
    state->body_length = length;
    state->content.bytes.data = bytes;
}

/* The first piece is read while the response can still become an error. */
static apr_status_t read_ahead(hbr_context_t *ctx, const hbr_plan_t *plan,
                               hbr_piece_t *piece)
{
    apr_size_t i = 0;

    if (ctx->state->body != HBR_BODY_SOURCE || ctx->state->request.head_only)
        return APR_SUCCESS;
    while (i < plan->count && plan->stretches[i].text != NULL)
        i++;
    if (i == plan->count || plan->stretches[i].length == 0)
        return APR_SUCCESS;
    return hbr_piece_read(ctx, piece, plan->stretches[i].first,
                          plan->stretches[i].length);
}

static apr_status_t pass_piece(hbr_context_t *ctx, apr_bucket_brigade *brigade,
                               const hbr_piece_t *piece)
{
    apr_bucket *bucket = apr_bucket_transient_create(
        piece->bytes, piece->length, ctx->state->request.bucket_alloc);

    APR_BRIGADE_INSERT_TAIL(brigade, bucket);
    return pass(ctx, brigade, (apr_off_t)piece->length);
}

/* Sends a stretch of a source; piece holds its beginning already, or nothing. */
static apr_status_t pass_source(hbr_context_t *ctx, apr_bucket_brigade *brigade,
                                const hbr_stretch_t *stretch,
                                hbr_piece_t *piece)
{
    apr_off_t at = stretch->first;
    apr_off_t end = stretch->first + stretch->length;
    apr_status_t status = APR_SUCCESS;

    while (at < end && status == APR_SUCCESS) {
        if (piece->length == 0
            && hbr_piece_read(ctx, piece, at, end - at) != APR_SUCCESS) {
            hbr_commit_cut(ctx, "the source failed");
            return APR_EGENERAL;
        }
        at += piece->length;
        status = pass_piece(ctx, brigade, piece);
        piece->length = 0;
    }
    return status;
}

/* Returns its length. */
static apr_off_t insert_stretch(hbr_state_t *state, apr_bucket_brigade *brigade,
                                const hbr_stretch_t *stretch)
{
    if (stretch->text != NULL)
        APR_BRIGADE_INSERT_TAIL(
            brigade, apr_bucket_pool_create(
                         stretch->text, (apr_size_t)stretch->length,
                         state->request.pool, state->request.bucket_alloc));
    else
        hbr_content_insert(state, brigade, stretch->first, stretch->length);
    return stretch->length;
}

static void send_stretches(hbr_context_t *ctx, const hbr_plan_t *plan,
                           hbr_piece_t *piece)
{
    hbr_state_t *state = ctx->state;
    bool is_source = state->body == HBR_BODY_SOURCE;
    apr_bucket_brigade *brigade =
        apr_brigade_create(state->request.pool, state->request.bucket_alloc);
    apr_off_t bytes = 0;
    apr_size_t i;

    for (i = 0; i < plan->count; i++) {
        if (plan->stretches[i].text != NULL || !is_source)
            bytes += insert_stretch(state, brigade, &plan->stretches[i]);
        else if (!state->request.head_only
                 && pass_source(ctx, brigade, &plan->stretches[i], piece)
                        != APR_SUCCESS)
            return;
    }
    APR_BRIGADE_INSERT_TAIL(brigade,
                            apr_bucket_eos_create(state->request.bucket_alloc));
    pass(ctx, brigade, bytes);
}

static int refuse_range(hbr_context_t *ctx)
{
    ctx->state->unsatisfied = true;
    return hbr_error(ctx, HBR_RANGE_NOT_SATISFIABLE, NULL);
}

static HBR_APART int commit_body(hbr_context_t *ctx)
{
    hbr_state_t *state = ctx->state;
    hbr_piece_t piece = { .length = 0 };
    hbr_plan_t plan;

    if (hbr_plan_make(ctx, &plan) != HBR_OK)
        return refuse_range(ctx);
    if (read_ahead(ctx, &plan, &piece) != APR_SUCCESS)
        return state->failed != 0 ? state->failed : HBR_INTERNAL_ERROR;
    plan.head.whole = state->body != HBR_BODY_SOURCE;
    send_head(ctx, the_end, &plan.head);
    if (state->bodyless)
        plan.count = 0;
    send_stretches(ctx, &plan, &piece);
    hbr_content_drop(state);
    return HBR_OK;
}

static int commit_text(hbr_context_t *ctx)
{
    hbr_state_t *state = ctx->state;

    send_head(ctx, the_end,
              &(hbr_head_t){ .status = hbr_status_of(state),
                             .type = hbr_content_type(state),
                             .length = hbr_output_pending(state),
                             .whole = true });
    pass_text(ctx, true);
    return HBR_OK;
}

static HBR_RARE int commit_not_modified(hbr_context_t *ctx)
{
    hbr_state_t *state = ctx->state;

    hbr_output_drop(state);
    hbr_content_drop(state);
    name_compressed(ctx);
    send_head(ctx, the_end,
              &(hbr_head_t){
                  .status = HBR_NOT_MODIFIED, .length = -1, .whole = true });
    pass_text(ctx, true);
    return HBR_OK;
}

int hbr_commit_whole(hbr_context_t *ctx)
{
    hbr_state_t *state = ctx->state;
    bool is_conditional = hbr_has_conditions(state);
    int decided = is_conditional ? hbr_preconditions(ctx) : HBR_OK;

    if (decided == HBR_PRECONDITION_FAILED)
        return hbr_error(ctx, decided, NULL);
    if (decided == HBR_NOT_MODIFIED || hbr_status_of(state) == HBR_NOT_MODIFIED)
        return commit_not_modified(ctx);
    if (is_conditional && hbr_plan_cuts_text(state))
        flatten_text(state);
    if (state->body == HBR_BODY_TEXT)
        return commit_text(ctx);
    return commit_body(ctx);
}
