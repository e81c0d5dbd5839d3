/**
 * @file query.h
 * @brief The query at the edge; its getters are in handlerbridge/request.h.
 */
#ifndef HBR_BRIDGE_QUERY_H
#define HBR_BRIDGE_QUERY_H

#include "handlerbridge/request.h"

/** A parsed query. */
typedef struct hbr_query_t {
    apr_size_t count;
    const hbr_pair_t *pairs;
} hbr_query_t;

/**
 * Checks a query before the handler runs, without parsing it. A query that
 * passes always parses.
 * @param pool memory of the sentence
 * @param args the query as received, not NULL
 * @param plain hbr_plain_query_length() of it
 * @param most how many pairs are allowed
 * @param status set to the response's when something is wrong: 400 when the
 *        query is malformed, 414 when it is too much (RFC 9110 15.5.15)
 * @return NULL, or one sentence for the client that says what is wrong
 */
const char *hbr_query_refusal(apr_pool_t *pool, const char *args,
                              apr_size_t plain, apr_size_t most, int *status);

#endif
