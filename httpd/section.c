/*
 * Sections and the chains they form. Chains are made for each request, from
 * sections that do not change.
 */
#include "section.h"

#include <string.h>

bool hbr_section_maps(const hbr_section_t *section)
{
    return section->map != NULL || section->removals != NULL;
}

bool hbr_section_took(const hbr_section_t *section, apr_size_t index)
{
    int i;

    if (index < section->map_from)
        return true;
    for (i = 0; section->taken != NULL && i < section->taken->nelts; i++)
        if (APR_ARRAY_IDX(section->taken, i, apr_size_t) == index)
            return true;
    return false;
}

static const hbr_scope_t *put(apr_pool_t *pool, const hbr_section_t *section,
                              const hbr_scope_t *outer)
{
    hbr_scope_t *scope = apr_palloc(pool, sizeof(*scope));

    scope->section = section;
    scope->outer = outer;
    scope->maps = hbr_section_maps(section)
                  || (!section->clears && outer != NULL && outer->maps);
    return scope;
}

const hbr_scope_t *hbr_scope_join(apr_pool_t *pool, const hbr_scope_t *inner,
                                  const hbr_scope_t *outer)
{
    if (inner == NULL)
        return outer;
    if (outer == NULL)
        return inner;
    return put(pool, inner->section, hbr_scope_join(pool, inner->outer, outer));
}

const hbr_section_t *hbr_scope_set_handler(const hbr_scope_t *scope)
{
    for (; scope != NULL; scope = scope->outer)
        if (scope->section->set_handler != NULL)
            return scope->section;
    return NULL;
}

const hbr_methods_t *hbr_scope_methods(const hbr_scope_t *scope)
{
    for (; scope != NULL; scope = scope->outer)
        if (scope->section->methods != NULL)
            return scope->section->methods;
    return NULL;
}

hbr_require_e hbr_scope_require(const hbr_scope_t *scope)
{
    for (; scope != NULL; scope = scope->outer)
        if (scope->section->require != HBR_REQUIRE_UNSET)
            return scope->section->require;
    return HBR_REQUIRE_NONE;
}

bool hbr_scope_files(const hbr_scope_t *scope)
{
    for (; scope != NULL; scope = scope->outer)
        if (scope->section->names_files)
            return scope->section->files;
    return false;
}

/* What is set twice in one place has the later value. */
static void keep(apr_array_header_t *set, const hbr_option_value_t *value)
{
    int i;

    for (i = 0; i < set->nelts; i++) {
        hbr_option_value_t *there = &APR_ARRAY_IDX(set, i, hbr_option_value_t);

        if (there->option == value->option) {
            *there = *value;
            return;
        }
    }
    APR_ARRAY_PUSH(set, hbr_option_value_t) = *value;
}

const char *hbr_values_set(apr_pool_t *pool, hbr_values_t *values,
                           hbr_entry_t *entry, const char *key,
                           const char *text)
{
    hbr_option_value_t value;
    const char *mistake = hbr_option_read(pool, entry, key, text, &value);

    if (mistake != NULL)
        return mistake;
    if (values->set == NULL) {
        values->entry = entry;
        values->set = apr_array_make(pool, 4, sizeof(value));
        values->options = hbr_options_fallbacks(pool, entry);
    }
    keep(values->set, &value);
    hbr_option_put(values->options, &value);
    return NULL;
}

const hbr_values_t *hbr_section_values(const hbr_section_t *section,
                                       const hbr_entry_t *entry)
{
    int i;

    for (i = 0; section->values != NULL && i < section->values->nelts; i++) {
        const hbr_values_t *values =
            &APR_ARRAY_IDX(section->values, i, hbr_values_t);

        if (values->entry == entry)
            return values;
    }
    return NULL;
}

static void lay(void *options, const hbr_values_t *values)
{
    int i;

    for (i = 0; i < values->set->nelts; i++)
        hbr_option_put(options,
                       &APR_ARRAY_IDX(values->set, i, hbr_option_value_t));
}

/* How many places set options of the handler, and one of them. */
static int count_places(const hbr_scope_t *scope, const hbr_entry_t *entry,
                        const hbr_values_t **one)
{
    int count = 0;

    for (; scope != NULL; scope = scope->outer) {
        const hbr_values_t *values = hbr_section_values(scope->section, entry);

        if (values == NULL)
            continue;
        *one = values;
        count++;
    }
    return count;
}

static void lay_all(void *options, const hbr_scope_t *scope,
                    const hbr_entry_t *entry)
{
    const hbr_values_t *values;

    if (scope == NULL)
        return;
    lay_all(options, scope->outer, entry);
    values = hbr_section_values(scope->section, entry);
    if (values != NULL)
        lay(options, values);
}

const void *hbr_scope_options(apr_pool_t *pool, const hbr_scope_t *scope,
                              const hbr_entry_t *entry,
                              const hbr_values_t *nearest)
{
    const hbr_values_t *one = NULL;
    int places = count_places(scope, entry, &one);
    void *options;

    if (nearest != NULL && nearest->set != NULL) {
        one = nearest;
        places++;
    } else {
        nearest = NULL;
    }
    if (places <= 1)
        return one != NULL ? one->options : NULL;
    options = hbr_options_fallbacks(pool, entry);
    lay_all(options, scope, entry);
    if (nearest != NULL)
        lay(options, nearest);
    return options;
}
