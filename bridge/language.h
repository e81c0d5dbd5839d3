/**
 * @file language.h
 * @brief Which language a client likes best (RFC 9110 12.5.4, RFC 4647).
 */
#ifndef HBR_BRIDGE_LANGUAGE_H
#define HBR_BRIDGE_LANGUAGE_H

#include "handlerbridge/api.h"

/**
 * Picks the language that an Accept-Language field weighs highest. The range
 * that is closest to a tag gives its weight: the same one before a shorter one
 * that the tag begins with (RFC 4647 3.3.1, basic filtering), that before a
 * longer one that begins with the tag (RFC 4647 3.4, lookup), that before "*";
 * of two shorter or longer ones the one that differs by fewer subtags. Weight 0
 * excludes what a range filters, not what it is cut down to. Of tags with equal
 * weights the one that a range is closest to wins, then the first.
 * Elements that are malformed count as not sent; a field of nothing else as
 * missing. It allocates nothing; its time is that of reading the field once
 * for each tag.
 * @param field the field's value; NULL when it is missing
 * @param languages language tags in the order of the server's own liking, NULL
 *        at the end; any case
 * @return the index of the best; 0 when @a field is missing or empty; -1 when
 *         the client named none of them, or there is none
 */
int hbr_language_best(const char *field, const char *const languages[]);

#endif
