/*
 * Which handler answers a request.
 *
 * The host's mappings give the first route and those behind it; a handler may
 * decline, or choose another. Each that is tried gets a view of its own over
 * the one state: what an earlier one kept stays as it was. Used by the
 * request's thread only.
 */
#include "route.h"

#include <string.h>

#include <apr_strings.h>

#include "application.h"
#include "cacheable.h"
#include "context.h"
#include "instance.h"
#include "log.h"
#include "nearest.h"
#include "output.h"

#define CHOICES_MAX 8

const hbr_methods_t *hbr_route_methods(const hbr_state_t *state)
{
    const hbr_methods_t *methods = state->request.route.methods;

    return methods != NULL ? methods : &state->entry->methods;
}

bool hbr_has_output(const hbr_state_t *state)
{
    return state->body != HBR_BODY_TEXT || hbr_output_written(state) > 0;
}

static bool may_leave(hbr_context_t *ctx, const char *did)
{
    const hbr_state_t *state = ctx->state;
    const char *what = NULL;

    if (hbr_has_output(state) || state->committed_by != NULL)
        what = "it had written";
    else if (state->reader != NULL)
        what = "the request's body was read";
    if (what == NULL)
        return true;
    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0040",
                   "the handler %s after %s", did, what);
    return false;
}

bool hbr_route_may_decline(hbr_context_t *ctx)
{
    return may_leave(ctx, "declined");
}

/* Another handler for the request: nothing of the last one's is left. His tap
 * may point to what is gone. */
static void go_to(hbr_context_t **ctx, hbr_entry_t *entry)
{
    hbr_state_t *state = (*ctx)->state;
    const hbr_request_t *request = &state->request;

    hbr_instance_give_back(state);
    hbr_clear(*ctx);
    if (state->entry->cacheable != NULL)
        hbr_cacheable_keep(state);
    hbr_meter_move(state->entry, entry);
    state->entry = entry;
    if (request->host->request->went_to != NULL)
        request->host->request->went_to(request->request, entry);
    state->inputs = NULL;
    state->given = 0;
    state->tap = NULL;
    state->explained = false;
    hbr_context_options(state);
    *ctx = hbr_context_view(*ctx, (*ctx)->pool);
}

bool hbr_route_next(hbr_context_t **ctx)
{
    hbr_request_t *request = &(*ctx)->state->request;
    const hbr_host_request_t *host = request->host->request;
    hbr_route_t route;

    if (host->next_route == NULL || !host->next_route(request->request, &route))
        return false;
    request->route = route;
    (*ctx)->state->choices = 0;
    go_to(ctx, route.entry);
    return true;
}

static hbr_entry_t *chosen(const hbr_registry_t *registry,
                           const hbr_choice_t *choice)
{
    if (choice->handler != NULL)
        return hbr_registry_declared(registry, choice->handler);
    if (choice->name != NULL)
        return hbr_registry_find(registry, choice->name);
    return NULL;
}

static int no_choice(hbr_context_t *ctx, const char *what)
{
    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0042",
                   "the handler chose %s", what);
    return HBR_INTERNAL_ERROR;
}

static int unknown_choice(hbr_context_t *ctx, const char *name)
{
    const hbr_registry_t *registry = ctx->state->entry->registry;

    if (name == NULL)
        return no_choice(ctx, "no handler");
    return no_choice(
        ctx, apr_psprintf(ctx->pool, "an unknown handler: \"%.64s\"%s", name,
                          hbr_did_you_mean(ctx->pool, hbr_registry_nearest(
                                                          registry, name))));
}

/* What the mapping does not allow, the chosen one does not bring back. */
static void go_to_chosen(hbr_context_t **ctx, hbr_entry_t *entry)
{
    hbr_state_t *state = (*ctx)->state;
    hbr_methods_t *both = apr_palloc((*ctx)->pool, sizeof(*both));

    hbr_methods_meet((*ctx)->pool, hbr_route_methods(state), &entry->methods,
                     both);
    state->request.route.methods = both;
    go_to(ctx, entry);
}

int hbr_route_choose(hbr_context_t **ctx)
{
    hbr_state_t *state = (*ctx)->state;
    hbr_choice_t choice = { 0 };
    int result = state->entry->handler.choose(*ctx, &choice);
    hbr_entry_t *entry;

    if (state->locks != 0)
        hbr_application_leave(*ctx);
    if (result != HBR_OK)
        return result;
    entry = chosen(state->entry->registry, &choice);
    if (entry == NULL)
        return unknown_choice(*ctx, choice.name);
    if (++state->choices > CHOICES_MAX)
        return no_choice(*ctx, apr_pstrcat((*ctx)->pool, "in a circle, last \"",
                                           entry->name, "\"", NULL));
    if (!may_leave(*ctx, "chose another"))
        return HBR_INTERNAL_ERROR;
    go_to_chosen(ctx, entry);
    return HBR_OK;
}

const char *hbr_path(hbr_context_t *ctx, const char *name, const char *fallback)
{
    const hbr_route_t *route = &ctx->state->request.route;
    apr_size_t i;

    for (i = 0; i < route->param_count; i++)
        if (strcmp(route->params[i].name, name) == 0)
            return route->params[i].value;
    return fallback;
}
