/**
 * @file plain_query_search.h
 * @brief Where a pair of a name begins, two bytes tell: the '&' before it, and, as
 *        far behind that as the name is long, the '=' or '&' that ends it. Both are
 *        looked for at once, at 64 places. plain_query.c compiles it for any CPU,
 *        plain_query_wide.c for those with vectors of 32 bytes.
 */
#ifndef HBR_BRIDGE_PLAIN_QUERY_SEARCH_H
#define HBR_BRIDGE_PLAIN_QUERY_SEARCH_H

#include "rare.h"
#include "vector.h"

#define HBR_PLACES 64

/** hbr_search() for any CPU, and for one that has what hbr_wide tells. */
apr_uint64_t hbr_plain_search(const char **at, const char *end,
                              apr_size_t length);
apr_uint64_t hbr_plain_search_wide(const char **at, const char *end,
                                   apr_size_t length);

/** A bit for each '&' that a pair with a name of such a length may follow; the
 *  first place's is the lowest. */
static HBR_WITHIN apr_uint64_t hbr_places(const char *at, apr_size_t length)
{
    apr_uint64_t places = 0;
    apr_size_t i;

#pragma GCC unroll 4
    for (i = 0; i < HBR_PLACES; i += sizeof(hbr_vector_t)) {
        hbr_vector_t begin = hbr_vector_load(at + i);
        hbr_vector_t end = hbr_vector_load(at + i + 1 + length);
        hbr_vector_t found =
            (hbr_vector_t)((begin == '&') & ((end == '=') | (end == '&')));

        places |= (apr_uint64_t)hbr_vector_bits(found) << i;
    }
    return places;
}

/**
 * Looks as long as 64 places, and what ends a name behind them, are there.
 * @param at where to begin; set to where the places are that it tells of or, with
 *        none, to where it did not look any more
 * @param length the name's
 * @return hbr_places(), or 0
 */
static HBR_WITHIN apr_uint64_t hbr_search(const char **at, const char *end,
                                          apr_size_t length)
{
    const apr_size_t needed = HBR_PLACES + 1 + length;
    const char *from = *at;
    apr_uint64_t places = 0;

    for (; (apr_size_t)(end - from) >= needed; from += HBR_PLACES) {
        places = hbr_places(from, length);
        if (places != 0)
            break;
    }
    *at = from;
    return places;
}

#endif
