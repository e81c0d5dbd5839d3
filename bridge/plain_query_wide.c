/*
 * plain_query_search.h for vectors of 32 bytes: this file is compiled for AVX2.
 */
#define HBR_WIDE
#include "plain_query_search.h"

apr_uint64_t hbr_plain_search_wide(const char **at, const char *end,
                                   apr_size_t length)
{
    return hbr_search(at, end, length);
}
