/**
 * @file utf8.h
 * @brief UTF-8 (RFC 3629). hbr_is_utf8() is in handlerbridge/escape.h.
 */
#ifndef HBR_BRIDGE_UTF8_H
#define HBR_BRIDGE_UTF8_H

#include "handlerbridge/escape.h"

/** What hbr_utf8_decode() makes of bytes that are no character. */
#define HBR_UTF8_BAD ((apr_uint32_t)-1)

/**
 * Decodes the first code point.
 * @param text the bytes
 * @param length how many there are; more than 0
 * @param code set to the code point, or to HBR_UTF8_BAD
 * @return how many bytes it took; of bad ones the maximal subpart (Unicode
 *         3.9), which is to be replaced by one U+FFFD
 */
apr_size_t hbr_utf8_decode(const char *text, apr_size_t length,
                           apr_uint32_t *code);

/** The number of code points in well-formed UTF-8. */
apr_size_t hbr_utf8_count(const char *text, apr_size_t length);

#endif
