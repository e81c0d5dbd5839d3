/*
 * Where a pair of a name begins, two bytes tell: the '&' before it, and, as far
 * behind that as the name is long, the '=' or '&' that ends it. Both are looked
 * for at once, 64 places at a time; what fits is compared.
 */
#include "plain_query.h"

#include <string.h>

#include "vector.h"

#define STEP sizeof(hbr_vector_t)
#define STRIDE (4 * STEP)

/* What is looked for, and where. */
typedef struct search_t {
    const char *end; /* of the query */
    const char *name;
    apr_size_t length;
} search_t;

apr_size_t hbr_plain_query_length(const char *args)
{
    const char *end = strchrnul(args, '%');

    return *end == '\0' ? (apr_size_t)(end - args) : 0;
}

apr_ssize_t hbr_plain_name_length(const char *name)
{
    const char *at = name;

    for (; *at != '\0'; at++)
        if (*at == '&' || *at == '=' || *at == '+' || *at == ' ')
            return -1;
    return at - name;
}

/* Whether a pair of the name begins here. Without a name there has to be a '=':
 * nothing at all is no pair. */
static bool is_pair(const search_t *search, const char *at)
{
    apr_size_t length = search->length;

    if ((apr_size_t)(search->end - at) < length
        || memcmp(at, search->name, length) != 0)
        return false;
    at += length;
    if (at == search->end || *at == '&')
        return length > 0;
    return *at == '=';
}

/* Not 0 at each '&' that a pair of such a length follows. */
static inline hbr_vector_t places(const char *at, apr_size_t length)
{
    hbr_vector_t begin = hbr_vector_load(at);
    hbr_vector_t end = hbr_vector_load(at + 1 + length);

    return (hbr_vector_t)((begin == '&') & ((end == '=') | (end == '&')));
}

/* The pair that begins in a stride, or NULL. */
static const char *find_in(const search_t *search, const char *at)
{
    const char *end = at + STRIDE;
    apr_size_t i;

    for (; at < end; at += STEP) {
        if (hbr_vector_is_zero(places(at, search->length)))
            continue;
        for (i = 0; i < STEP; i++)
            if (at[i] == '&' && is_pair(search, at + i + 1))
                return at + i + 1;
    }
    return NULL;
}

/* The pair whose '&' stands before the last stride, or NULL; at becomes where
 * what is left begins. */
static const char *find_in_strides(const search_t *search, const char **at)
{
    const apr_size_t needed = STRIDE + 1 + search->length;
    const apr_size_t length = search->length;
    const char *from = *at, *pair = NULL;

    for (; (apr_size_t)(search->end - from) >= needed && pair == NULL;
         from += STRIDE) {
        hbr_vector_t any = places(from, length) | places(from + STEP, length)
                           | places(from + 2 * STEP, length)
                           | places(from + 3 * STEP, length);

        if (!hbr_vector_is_zero(any))
            pair = find_in(search, from);
    }
    *at = from;
    return pair;
}

static const char *find(const search_t *search, const char *at)
{
    const char *pair = is_pair(search, at) ? at : find_in_strides(search, &at);

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
