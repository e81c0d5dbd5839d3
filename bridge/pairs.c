/*
 * Walking name=value pairs. They stand in one array, so that a pair by itself
 * tells where to go on. Pure, for any thread.
 */
#include "pairs.h"

#include <string.h>

static const hbr_pair_t *named(const hbr_pair_t *pairs, apr_size_t count,
                               const char *name, apr_size_t i)
{
    apr_size_t length = strlen(name);

    for (; i < count; i++)
        if (pairs[i].name_length == length
            && memcmp(pairs[i].name, name, length) == 0)
            return &pairs[i];
    return NULL;
}

const hbr_pair_t *hbr_pairs_next(const hbr_pair_t *pairs, apr_size_t count,
                                 const char *name, const hbr_pair_t *after)
{
    apr_size_t i = after != NULL ? (apr_size_t)(after - pairs) + 1 : 0;

    if (name != NULL)
        return named(pairs, count, name, i);
    return i < count ? &pairs[i] : NULL;
}
