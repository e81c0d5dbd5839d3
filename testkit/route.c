/*
 * Which handlers a request goes to: the one that is named or that the path
 * begins with, then those behind it; and the options they are given.
 */
#include <string.h>

#include <apr_strings.h>

#include "bridge/nearest.h"
#include "bridge/option.h"
#include "kit.h"

static hbr_entry_t *find_entry(hbr_kit_run_t *run, const char *name)
{
    const hbr_registry_t *registry = run->kit->registry;
    hbr_entry_t *entry = hbr_registry_find(registry, name);

    if (entry != NULL)
        return entry;
    hbr_kit_fail(
        "there is no handler %s%s; there are: %s", name,
        hbr_did_you_mean(run->pool, hbr_registry_nearest(registry, name)),
        hbr_registry_names(registry, run->pool));
}

static const char *first_name(hbr_kit_run_t *run)
{
    if (run->request->handler != NULL)
        return run->request->handler;
    return apr_pstrmemdup(run->pool, run->uri + 1, strcspn(run->uri + 1, "/"));
}

/* "id=42" as a pair. */
static hbr_pair_t pair_of(apr_pool_t *pool, const char *text)
{
    const char *equals = strchr(text, '=');

    if (equals == NULL)
        hbr_kit_fail("\"%s\" is no NAME=VALUE", text);
    return (hbr_pair_t){ .name = apr_pstrmemdup(pool, text, equals - text),
                         .name_length = equals - text,
                         .value = equals + 1,
                         .value_length = strlen(equals + 1) };
}

static apr_array_header_t *pairs_of(apr_pool_t *pool, const char *const *texts)
{
    apr_array_header_t *pairs = apr_array_make(pool, 4, sizeof(hbr_pair_t));

    for (; texts != NULL && *texts != NULL; texts++)
        APR_ARRAY_PUSH(pairs, hbr_pair_t) = pair_of(pool, *texts);
    return pairs;
}

static const char *name_at(hbr_kit_run_t *run, apr_size_t index)
{
    const char *const *behind = run->request->behind;
    apr_size_t i;

    if (index == 0)
        return first_name(run);
    for (i = 1; behind != NULL && *behind != NULL; behind++, i++)
        if (i == index)
            return *behind;
    return NULL;
}

static const hbr_methods_t *methods_of(hbr_kit_run_t *run)
{
    const char *given = run->request->mapped_methods;
    hbr_methods_t *methods = apr_pcalloc(run->pool, sizeof(*methods));
    const char *wrong;

    if (given == NULL)
        return NULL;
    wrong = hbr_methods_parse(run->pool, given, methods);
    if (wrong != NULL)
        hbr_kit_fail("mapped_methods \"%s\": %s", given, wrong);
    return methods;
}

bool hbr_kit_route(hbr_kit_run_t *run, apr_size_t index, hbr_route_t *route)
{
    const char *name = name_at(run, index);
    apr_array_header_t *params;

    if (name == NULL)
        return false;
    params = pairs_of(run->pool, run->request->path_params);
    *route = (hbr_route_t){ .entry = find_entry(run, name),
                            .methods = index == 0 ? methods_of(run) : NULL,
                            .path_info = run->path_info,
                            .params = (const hbr_pair_t *)params->elts,
                            .param_count = params->nelts };
    run->tried = index;
    return true;
}

bool hbr_kit_next_route(void *request, hbr_route_t *route)
{
    hbr_kit_run_t *run = request;

    return hbr_kit_route(run, run->tried + 1, route);
}

const void *hbr_kit_options(void *request, hbr_entry_t *entry)
{
    hbr_kit_run_t *run = request;
    apr_array_header_t *pairs = pairs_of(run->pool, run->request->options);
    void *options = hbr_options_fallbacks(run->pool, entry);
    int i;

    for (i = 0; i < pairs->nelts; i++) {
        const hbr_pair_t *pair = &APR_ARRAY_IDX(pairs, i, hbr_pair_t);
        hbr_option_value_t value;
        const char *mistake =
            hbr_option_read(run->pool, entry, pair->name, pair->value, &value);

        if (mistake != NULL)
            hbr_kit_fail("%s: %s", entry->name, mistake);
        hbr_option_put(options, &value);
    }
    return options;
}
