/**
 * @file inputs.h
 * @brief A struct with an input of each type, and declarations as the registry
 * holds them. For tests with a pool (pool.h).
 */
#ifndef HBR_UNIT_INPUTS_H
#define HBR_UNIT_INPUTS_H

#include "pool.h"

#include "input.h"

static const char *const formats[] = { "png", "jpeg", "svg", NULL };

typedef struct all_t {
    const char *text;
    hbr_strings_t tags;
    int64_t size;
    double ratio;
    bool deep;
    int format;
    apr_time_t day;
} all_t;

/** The n-th day since 1970. */
#define DAY(n) (APR_INT64_C(86400000000) * (n))

/** A handler's entry with these inputs, in the test's pool. */
static inline hbr_entry_t *entry_of(const hbr_input_t *inputs)
{
    hbr_entry_t *entry = apr_pcalloc(pool, sizeof(*entry));

    entry->handler.stamp.input_size = sizeof(hbr_input_t);
    entry->handler.inputs = inputs;
    while (inputs[entry->inputs].type != HBR_INPUT_END)
        entry->inputs++;
    return entry;
}

#endif
