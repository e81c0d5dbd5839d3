/**
 * @file plan.h
 * @brief What of a whole body goes out.
 */
#ifndef HBR_BRIDGE_PLAN_H
#define HBR_BRIDGE_PLAN_H

#include "notable.h"
#include "state.h"

/** Constant text, or a part of the body when there is none. */
typedef struct hbr_stretch_t {
    const char *text;
    apr_off_t first;
    apr_off_t length;
} hbr_stretch_t;

/** The response's head, and what follows it, in order. */
typedef struct hbr_plan_t {
    hbr_head_t head;
    apr_size_t count;
    hbr_stretch_t *stretches;
    hbr_stretch_t single; /**< Where stretches points when there is but one. */
} hbr_plan_t;

/** True for GET and HEAD. */
static inline bool hbr_is_get(const hbr_state_t *state)
{
    return state->request.head_only || hbr_method_is_get(state->request.method);
}

/** The status as it stands: the request's, mostly 200, when none was set. */
static inline int hbr_status_of(const hbr_state_t *state)
{
    if (state->status != 0)
        return state->status;
    return state->request.status != 0 ? state->request.status : HBR_STATUS_OK;
}

/** True for a response that conditions and ranges apply to: the 200 of a GET
 *  that is no part of another response. RFC 9110 13.2.1 allows more, but not
 *  for methods that changed something already. */
static inline bool hbr_is_conditional(const hbr_state_t *state)
{
    return hbr_is_get(state) && hbr_status_of(state) == HBR_STATUS_OK
           && !state->request.is_fragment;
}

/** The same, where the request has a field that says so at all. */
static inline bool hbr_has_conditions(const hbr_state_t *state)
{
    return (state->notable & (HBR_NOTABLE_CONDITION | HBR_NOTABLE_RANGE)) != 0
           && hbr_is_conditional(state);
}

/** True for text that is to be cut by the request's Range, where ranges apply
 *  (hbr_is_conditional()). */
bool hbr_plan_cuts_text(const hbr_state_t *state);

/**
 * Plans a body of bytes, a file or a source by If-Range and Range (RFC 9110
 * 13.1.5 and 14.2). Sets Accept-Ranges and Content-Range.
 * @return HBR_OK, or 416
 */
int hbr_plan_make(hbr_context_t *ctx, hbr_plan_t *plan);

#endif
