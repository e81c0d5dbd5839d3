/*
 * The declared inputs of a request: read into the author's struct before
 * process runs. The declarations were checked at start (input_check.c), so
 * offsets and counts are trusted here; what the client sent is not. Used by
 * the request's thread only.
 */
#include <string.h>

#include <apr_strings.h>

#include "input.h"
#include "input_from.h"
#include "input_value.h"
#include "state.h"

static bool is_required(const hbr_input_t *input)
{
    switch (input->type) {
    case HBR_INPUT_STRING: return input->as.string.required;
    case HBR_INPUT_STRINGS: return input->as.strings.required;
    case HBR_INPUT_INT: return input->as.integer.required;
    case HBR_INPUT_DOUBLE: return input->as.real.required;
    case HBR_INPUT_BOOL: return input->as.boolean.required;
    case HBR_INPUT_ENUM: return input->as.enumeration.required;
    case HBR_INPUT_DATE: return input->as.date.required;
    case HBR_INPUT_END: break;
    }
    return false;
}

static const char *missing(apr_pool_t *pool, const hbr_input_t *input)
{
    return apr_psprintf(pool, "Input \"%s\" is required.", input->name);
}

static const char *sentence(apr_pool_t *pool, const hbr_input_t *input,
                            const char *why)
{
    return why == NULL
               ? NULL
               : apr_pstrcat(pool, "Input \"", input->name, "\" ", why, NULL);
}

/* An empty value is a value only of text that may be empty. */
static bool counts(const hbr_input_t *input, const hbr_pair_t *pair)
{
    if (pair == NULL)
        return false;
    return pair->value_length > 0
           || (input->type == HBR_INPUT_STRING && !is_required(input));
}

static const char *fill_one(hbr_context_t *ctx, const hbr_input_t *input,
                            void *member, bool *given)
{
    const hbr_pair_t *pair = hbr_input_next(ctx, input, NULL);
    apr_pool_t *pool = ctx->state->request.pool;

    *given = counts(input, pair);
    if (*given)
        return sentence(pool, input,
                        hbr_input_set(pool, input, pair->value,
                                      pair->value_length, member));
    if (is_required(input))
        return missing(pool, input);
    hbr_input_fall_back(input, member);
    return NULL;
}

/* How many values there are; text tells whether one of them is not empty. */
static apr_size_t count_values(hbr_context_t *ctx, const hbr_input_t *input,
                               bool *text)
{
    const hbr_pair_t *pair = NULL;
    apr_size_t count = 0;

    *text = false;
    while ((pair = hbr_input_next(ctx, input, pair)) != NULL) {
        count++;
        *text = *text || pair->value_length > 0;
    }
    return count;
}

static const char *copy_values(hbr_context_t *ctx, const hbr_input_t *input,
                               const char **values)
{
    const hbr_pair_t *pair = NULL;

    while ((pair = hbr_input_next(ctx, input, pair)) != NULL) {
        const char *why = hbr_input_check_string(
            ctx->state->request.pool, input, pair->value, pair->value_length);

        if (why != NULL)
            return sentence(ctx->state->request.pool, input, why);
        *values++ = pair->value;
    }
    return NULL;
}

static const char *fill_strings(hbr_context_t *ctx, const hbr_input_t *input,
                                hbr_strings_t *member, bool *given)
{
    apr_pool_t *pool = ctx->state->request.pool;
    apr_size_t most = input->as.strings.most;
    const char **values;
    bool text;
    apr_size_t count = count_values(ctx, input, &text);

    *given = count > 0;
    if (is_required(input) && !text)
        return missing(pool, input);
    if (most > 0 && count > most) {
        return apr_psprintf(
            pool,
            "Input \"%s\" must not be given more than %" APR_SIZE_T_FMT
            " time%s.",
            input->name, most, most == 1 ? "" : "s");
    }
    if (count == 0)
        return NULL;
    values = apr_palloc(pool, count * sizeof(*values));
    member->count = count;
    member->values = values;
    return copy_values(ctx, input, values);
}

const char *hbr_inputs_fill(hbr_context_t *ctx)
{
    hbr_state_t *state = ctx->state;
    const hbr_input_t *first = hbr_entry_input(state->entry, 0);
    char *filled = apr_pcalloc(state->request.pool, first->struct_size);
    apr_size_t i;

    for (i = 0; i < state->entry->inputs; i++) {
        const hbr_input_t *input = hbr_entry_input(state->entry, i);
        void *member = filled + input->offset;
        bool given;
        const char *why = input->type == HBR_INPUT_STRINGS
                              ? fill_strings(ctx, input, member, &given)
                              : fill_one(ctx, input, member, &given);

        if (why != NULL)
            return why;
        if (given)
            state->given |= APR_UINT64_C(1) << i;
    }
    state->inputs = filled;
    return NULL;
}

static bool wants_form(const hbr_entry_t *entry)
{
    apr_size_t i;

    for (i = 0; i < entry->inputs; i++)
        if (hbr_input_from(hbr_entry_input(entry, i)) == HBR_FROM_FORM)
            return true;
    return false;
}

int hbr_inputs_read(hbr_context_t *ctx)
{
    const hbr_entry_t *entry = ctx->state->entry;
    int result = HBR_OK;
    const char *why;

    if (entry->inputs == 0)
        return HBR_OK;
    if (wants_form(entry))
        result = hbr_form_read(ctx);
    if (result != HBR_OK)
        return result;
    why = hbr_inputs_fill(ctx);
    return why == NULL ? HBR_OK : hbr_error(ctx, 400, "%s", why);
}

const void *hbr_inputs(hbr_context_t *ctx)
{
    return ctx->state->inputs;
}

bool hbr_input_given(hbr_context_t *ctx, const char *name)
{
    const hbr_state_t *state = ctx->state;
    apr_size_t i;

    for (i = 0; i < state->entry->inputs; i++) {
        if (strcmp(hbr_entry_input(state->entry, i)->name, name) == 0)
            return (state->given >> i & 1) != 0;
    }
    return false;
}
