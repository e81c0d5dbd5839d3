/*
 * The context: made with one allocation when a request reaches its handler.
 * It is used by the one thread that runs the request.
 */
#include "context.h"

#include <string.h>

#include "child.h"
#include "notable.h"
#include "timing.h"

static const void *options_of(const hbr_state_t *state)
{
    const hbr_request_t *request = &state->request;
    const void *options = NULL;

    if (state->entry->options == 0)
        return NULL;
    if (request->host->request->options != NULL)
        options =
            request->host->request->options(request->request, state->entry);
    return options != NULL ? options : state->entry->fallbacks;
}

/* The public members are const for authors, so they are laid down by copy. */
static void lay_down(hbr_context_t *view, hbr_state_t *state, apr_pool_t *pool)
{
    const hbr_request_t *request = &state->request;

    memcpy(view,
           &(hbr_context_t){ .pool = pool,
                             .method = request->method,
                             .uri = request->uri,
                             .path_info = request->route.path_info,
                             .args = request->args,
                             .headers_in = request->headers_in,
                             .headers_out = request->headers_out,
                             .child = &state->entry->child,
                             .state = state,
                             .instance = state->instance,
                             .options = state->options },
           sizeof(*view));
}

/* Once per handler: a host may make them anew each time it is asked, and a
 * source's read is given a view for each piece. */
void hbr_context_options(hbr_state_t *state)
{
    state->options = options_of(state);
}

/* The C library's, which clears by 32 bytes. A compiler that sees it called with
 * a size it knows clears by 8 in its place (GCC 12: rep stosq). */
static void *(*const volatile set_bytes)(void *, int, size_t) = memset;

hbr_request_t *hbr_request_make(apr_pool_t *pool)
{
    hbr_full_context_t *full = apr_palloc(pool, sizeof(*full));

    set_bytes(&full->state, 0, sizeof(full->state));
    full->state.request.pool = pool;
    return &full->state.request;
}

hbr_context_t *hbr_begin(hbr_request_t *request)
{
    /* The request is the first of the state's members, and the state of the
     * full context's. */
    hbr_full_context_t *full = (hbr_full_context_t *)request;

    full->state.entry = request->route.entry;
    full->state.notable = hbr_notable_of(request->headers_in);
    hbr_context_options(&full->state);
    lay_down(&full->view, &full->state, request->pool);
    hbr_timing_begin(&full->state);
    hbr_meter_begin(&full->state);
    hbr_child_enter(request->pool);
    return &full->view;
}

void hbr_context_refresh(hbr_context_t *ctx)
{
    lay_down(ctx, ctx->state, ctx->pool);
}

hbr_context_t *hbr_context_view(hbr_context_t *ctx, apr_pool_t *pool)
{
    hbr_context_t *view = apr_palloc(pool, sizeof(*view));

    lay_down(view, ctx->state, pool);
    return view;
}

/* A pool's cleanup takes the data alone, so the function rides along. */
typedef struct deferred_t {
    void (*release)(void *data);
    void *data;
} deferred_t;

static apr_status_t run_deferred(void *data)
{
    deferred_t *deferred = data;

    deferred->release(deferred->data);
    return APR_SUCCESS;
}

void hbr_defer(hbr_context_t *ctx, void (*release)(void *data), void *data)
{
    deferred_t *deferred = apr_palloc(ctx->pool, sizeof(*deferred));

    deferred->release = release;
    deferred->data = data;
    apr_pool_cleanup_register(ctx->pool, deferred, run_deferred,
                              apr_pool_cleanup_null);
}

struct request_rec *hbr_request_rec(hbr_context_t *ctx)
{
    const hbr_request_t *request = &ctx->state->request;

    return request->host->request->native(request->request);
}
