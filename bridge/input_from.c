/*
 * Where a declared input's values come from: query, form, path, header or
 * cookies, all seen as pairs. Of path and header there is one value at most.
 * Used by the request's thread only.
 */
#include "input_from.h"

#include <string.h>

#include "handlerbridge/form.h"
#include "handlerbridge/mapping.h"
#include "state.h"

hbr_from_e hbr_input_from(const hbr_input_t *input)
{
    switch (input->type) {
    case HBR_INPUT_STRING: return input->as.string.from;
    case HBR_INPUT_STRINGS: return input->as.strings.from;
    case HBR_INPUT_INT: return input->as.integer.from;
    case HBR_INPUT_DOUBLE: return input->as.real.from;
    case HBR_INPUT_BOOL: return input->as.boolean.from;
    case HBR_INPUT_ENUM: return input->as.enumeration.from;
    case HBR_INPUT_DATE: return input->as.date.from;
    case HBR_INPUT_END: break;
    }
    return HBR_FROM_QUERY;
}

/* The pair of a value that stands alone. */
static const hbr_pair_t *single(hbr_context_t *ctx, const hbr_input_t *input,
                                const char *value, const hbr_pair_t *after)
{
    hbr_pair_t *pair;

    if (value == NULL || after != NULL)
        return NULL;
    pair = apr_palloc(ctx->state->request.pool, sizeof(*pair));
    *pair = (hbr_pair_t){ .name = input->name,
                          .name_length = strlen(input->name),
                          .value = value,
                          .value_length = strlen(value) };
    return pair;
}

static const char *path_of(hbr_context_t *ctx, const char *name)
{
    const char *path = hbr_path(ctx, name, NULL);

    if (path != NULL)
        return path;
    path = ctx->path_info;
    if (*path == '/')
        path++;
    return *path != '\0' ? path : NULL;
}

const hbr_pair_t *hbr_input_next(hbr_context_t *ctx, const hbr_input_t *input,
                                 const hbr_pair_t *after)
{
    switch (hbr_input_from(input)) {
    case HBR_FROM_QUERY: return hbr_query_next(ctx, input->name, after);
    case HBR_FROM_FORM: return hbr_form_next(ctx, input->name, after);
    case HBR_FROM_COOKIE: return hbr_cookie_next(ctx, input->name, after);
    case HBR_FROM_PATH:
        return single(ctx, input, path_of(ctx, input->name), after);
    case HBR_FROM_HEADER:
        return single(ctx, input, apr_table_get(ctx->headers_in, input->name),
                      after);
    }
    return NULL;
}
