/**
 * @file accept.h
 * @brief Which representation a client likes best (RFC 9110 12.5.1).
 */
#ifndef HBR_BRIDGE_ACCEPT_H
#define HBR_BRIDGE_ACCEPT_H

#include "handlerbridge/api.h"

/**
 * Picks the media type that an Accept field weighs highest. The most specific
 * range that matches a type gives its weight: one with parameters before
 * type/subtype before a bare type before any. A range with parameters matches a
 * type that has them all; charset is no matter on either side. Weight 0
 * excludes. Of equal ones the first wins.
 * Elements that are malformed count as not sent; a field of nothing else as
 * missing. It allocates nothing; its time is that of reading the field once
 * for each type.
 * @param accept the field's value; NULL when it is missing
 * @param types the media types at hand in the order of the server's own
 *        liking, NULL at the end
 * @return the index of the best; 0 when @a accept is missing or empty; -1 when
 *         the client wants none, or there is none
 */
int hbr_accept_best(const char *accept, const char *const types[]);

#endif
