/*
 * What of a whole body goes out: all of it, one range, or several as
 * multipart/byteranges with heads between them.
 */
#include "plan.h"

#include <string.h>

#include <apr_date.h>
#include <apr_general.h>
#include <apr_strings.h>

#include "conditional.h"
#include "content.h"
#include "range.h"

#define BOUNDARY_BYTES 12

/* Text can be cut when it can be told from another text. */
static bool is_rangeable(const hbr_state_t *state)
{
    const apr_table_t *headers = state->request.headers_out;

    return apr_table_get(headers, "ETag") != NULL
           || apr_table_get(headers, "Last-Modified") != NULL;
}

bool hbr_plan_cuts_text(const hbr_state_t *state)
{
    return state->body == HBR_BODY_TEXT
           && (state->notable & HBR_NOTABLE_RANGE) != 0
           && apr_table_get(state->request.headers_in, "Range") != NULL
           && is_rangeable(state);
}

static apr_time_t last_modified_of(const hbr_state_t *state)
{
    const char *field =
        apr_table_get(state->request.headers_out, "Last-Modified");

    return field != NULL ? apr_date_parse_http(field) : 0;
}

static const char *make_boundary(apr_pool_t *pool)
{
    unsigned char random[BOUNDARY_BYTES];
    char *text = apr_palloc(pool, 2 * sizeof(random) + 1);
    apr_size_t i;

    apr_generate_random_bytes(random, sizeof(random));
    for (i = 0; i < sizeof(random); i++)
        apr_snprintf(text + 2 * i, 3, "%02x", random[i]);
    return text;
}

static void plan_whole(hbr_state_t *state, hbr_plan_t *plan)
{
    plan->head.status = hbr_status_of(state);
    plan->head.type = hbr_content_type(state);
    plan->head.length = state->body_length;
    plan->count = 1;
    plan->stretches[0] = (hbr_stretch_t){ .length = state->body_length };
}

static void plan_range(hbr_state_t *state, hbr_plan_t *plan,
                       const hbr_range_t *range)
{
    apr_table_setn(
        state->request.headers_out, "Content-Range",
        hbr_content_range(state->request.pool, range, state->body_length));
    plan->head.status = HBR_PARTIAL_CONTENT;
    plan->head.length = range->length;
    plan->stretches[0] =
        (hbr_stretch_t){ .first = range->first, .length = range->length };
}

static void add_text(hbr_plan_t *plan, const char *text)
{
    apr_size_t length = strlen(text);

    plan->stretches[plan->count++] = (hbr_stretch_t){ text, 0, length };
    plan->head.length += length;
}

static void plan_ranges(hbr_state_t *state, hbr_plan_t *plan,
                        const hbr_range_t *ranges, apr_size_t count)
{
    apr_pool_t *pool = state->request.pool;
    const char *boundary = make_boundary(pool);
    const char *type = plan->head.type;
    apr_size_t i;

    plan->head.status = HBR_PARTIAL_CONTENT;
    plan->head.type = hbr_byteranges_type(pool, boundary);
    plan->head.length = 0;
    plan->count = 0;
    plan->stretches = apr_palloc(pool, (2 * count + 1) * sizeof(hbr_stretch_t));
    for (i = 0; i < count; i++) {
        add_text(plan, hbr_byteranges_part(pool, boundary, type, &ranges[i],
                                           state->body_length));
        plan->stretches[plan->count++] =
            (hbr_stretch_t){ .first = ranges[i].first,
                             .length = ranges[i].length };
        plan->head.length += ranges[i].length;
    }
    add_text(plan, hbr_byteranges_end(pool, boundary));
}

/* Decides what of the body goes out; 0, or 416. */
static int plan_ranged(hbr_context_t *ctx, hbr_plan_t *plan)
{
    hbr_state_t *state = ctx->state;
    const hbr_request_t *request = &state->request;
    const char *field = apr_table_get(request->headers_in, "Range");
    hbr_range_t *ranges;
    apr_size_t count;

    if (field == NULL || request->head_only
        || !hbr_if_range_holds(request->headers_in,
                               apr_table_get(request->headers_out, "ETag"),
                               last_modified_of(state), request->time))
        return HBR_OK;
    switch (hbr_range_parse(request->pool, field, state->body_length, &ranges,
                            &count)) {
    case HBR_RANGE_UNSATISFIABLE: return HBR_RANGE_NOT_SATISFIABLE;
    case HBR_RANGE_PARTIAL:
        if (count == 1)
            plan_range(state, plan, ranges);
        else
            plan_ranges(state, plan, ranges, count);
        return HBR_OK;
    default: return HBR_OK;
    }
}

int hbr_plan_make(hbr_context_t *ctx, hbr_plan_t *plan)
{
    hbr_state_t *state = ctx->state;

    plan->stretches = &plan->single;
    plan_whole(state, plan);
    if (!hbr_is_conditional(state))
        return HBR_OK;
    apr_table_setn(state->request.headers_out, "Accept-Ranges", "bytes");
    return plan_ranged(ctx, plan);
}
