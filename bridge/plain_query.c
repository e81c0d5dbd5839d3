/*
 * A query without an escape: its values stand as they are. Where the one that is
 * wanted may begin is looked for by vectors (plain_query_search.h), and by its '&'
 * alone in what is left.
 */
#include "plain_query.h"

#include <stdbool.h>
#include <string.h>

#include "plain_query_search.h"
#include "wide.h"

/* What is looked for, and where. */
typedef struct search_t {
    const char *end; /* of the query */
    const char *name;
    apr_size_t length;
} search_t;

/* What ends a name that can be looked for, its NUL among it. */
static const bool ends_name[256] = {
    ['\0'] = true, ['&'] = true, ['='] = true, ['+'] = true, [' '] = true
};

apr_size_t hbr_plain_query_length(const char *args)
{
    const char *end = strchrnul(args, '%');

    return *end == '\0' ? (apr_size_t)(end - args) : 0;
}

apr_ssize_t hbr_plain_name_length(const char *name)
{
    const char *at = name;

    while (!ends_name[(unsigned char)*at])
        at++;
    return *at == '\0' ? at - name : -1;
}

apr_uint64_t hbr_plain_search(const char **at, const char *end,
                              apr_size_t length)
{
    return hbr_search(at, end, length);
}

/* Whether a pair of the name begins here. Without a name there has to be a '=':
 * nothing at all is no pair. What ends it is looked at first, for it mostly is
 * something else. */
static inline bool is_pair(const search_t *search, const char *at)
{
    const char *stop;

    if ((apr_size_t)(search->end - at) < search->length)
        return false;
    stop = at + search->length;
    if (stop == search->end || *stop == '&')
        return search->length > 0
               && memcmp(at, search->name, search->length) == 0;
    return *stop == '=' && memcmp(at, search->name, search->length) == 0;
}

/* The pair that follows one of the places from at on, or NULL. */
static const char *find_among(const search_t *search, const char *at,
                              apr_uint64_t places)
{
    for (; places != 0; places &= places - 1) {
        const char *pair = at + hbr_bits_first(places) + 1;

        if (is_pair(search, pair))
            return pair;
    }
    return NULL;
}

/* By vectors; *at becomes where what is left begins. */
static const char *find_by_vectors(const search_t *search, const char **at)
{
    const char *pair = NULL;

    while (pair == NULL) {
        apr_uint64_t places =
            hbr_wide ? hbr_plain_search_wide(at, search->end, search->length)
                     : hbr_plain_search(at, search->end, search->length);

        if (places == 0)
            return NULL;
        pair = find_among(search, *at, places);
        *at += HBR_PLACES;
    }
    return pair;
}

static const char *find(const search_t *search, const char *at)
{
    const char *pair = is_pair(search, at) ? at : find_by_vectors(search, &at);

    while (pair == NULL) {
        at = memchr(at, '&', (apr_size_t)(search->end - at));
        if (at == NULL)
            return NULL;
        at++;
        if (is_pair(search, at))
            pair = at;
    }
    return pair;
}

hbr_plain_value_t hbr_plain_query_find(const char *args, apr_size_t length,
                                       const char *name, apr_size_t name_length)
{
    const search_t search = { .end = args + length,
                              .name = name,
                              .length = name_length };
    const char *pair = find(&search, args);
    hbr_plain_value_t value = { NULL, 0 };
    const char *stop;

    if (pair == NULL)
        return value;
    value.bytes = pair + name_length;
    if (value.bytes == search.end || *value.bytes == '&')
        return value;
    value.bytes++;
    stop = memchr(value.bytes, '&', (apr_size_t)(search.end - value.bytes));
    value.length =
        (apr_size_t)((stop != NULL ? stop : search.end) - value.bytes);
    return value;
}
