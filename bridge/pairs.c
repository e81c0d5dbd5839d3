/*
 * Walking name=value pairs. They stand in one array, so that a pair by itself
 * tells where to go on. Pure, for any thread.
 */
#include "pairs.h"

#include <string.h>

const hbr_pair_t *hbr_pairs_next(const hbr_pair_t *pairs, apr_size_t count,
                                 const char *name, const hbr_pair_t *after)
{
    apr_size_t length = name != NULL ? strlen(name) : 0;
    apr_size_t i = after != NULL ? (apr_size_t)(after - pairs) + 1 : 0;

    for (; i < count; i++) {
        const hbr_pair_t *pair = &pairs[i];

        if (name == NULL
            || (pair->name_length == length
                && memcmp(pair->name, name, length) == 0))
            return pair;
    }
    return NULL;
}
