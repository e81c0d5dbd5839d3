/**
 * @file conditional.h
 * @brief Conditional requests (RFC 9110 13).
 *
 * Pure functions: they allocate nothing and may be called from any thread.
 */
#ifndef HBR_BRIDGE_CONDITIONAL_H
#define HBR_BRIDGE_CONDITIONAL_H

#include "handlerbridge/api.h"

/**
 * Evaluates a request's preconditions in the order of RFC 9110 13.2.2 against
 * a representation that exists. Dates that are no HTTP-date, and dates where
 * there is no last_modified, are ignored (13.1.3, 13.1.4); members of a list
 * that are no entity tag match nothing. CONNECT, OPTIONS and TRACE have no
 * preconditions (13.2.1).
 * If-None-Match also takes the representation's tag with the suffix that
 * mod_deflate or mod_brotli gave it on its way to the client; If-Match does
 * not, as it protects a change of the very bytes.
 * @param method as received
 * @param headers_in the request's fields; repeated ones joined with ", "
 * @param etag the ETag field's value, quotes and W/ included; NULL: none
 * @param last_modified the Last-Modified; 0: none. Parts of a second are cut
 *        off, as the field cannot hold them.
 * @return 0: go on; 304 or 412: answer that
 */
int hbr_conditional(const char *method, const apr_table_t *headers_in,
                    const char *etag, apr_time_t last_modified);

/**
 * The tag by which the client named our representation in its compressed form:
 * ours with -gzip, -br, -deflate or -zstd before its last quote.
 * @return the tag, in the pool; NULL when If-None-Match holds none
 */
const char *hbr_compressed_tag(apr_pool_t *pool, const apr_table_t *headers_in,
                               const char *etag);

/**
 * Tells whether Range is to be obeyed as far as If-Range goes (RFC 9110
 * 13.1.5): there is none, or it holds the representation's strong entity tag,
 * or exactly its Last-Modified and that is strong, which is at least one
 * second older than the response (8.8.2.2).
 * @param headers_in the request's fields
 * @param etag the ETag field's value; NULL: none
 * @param last_modified the Last-Modified; 0: none
 * @param now the response's time
 */
bool hbr_if_range_holds(const apr_table_t *headers_in, const char *etag,
                        apr_time_t last_modified, apr_time_t now);

#endif
