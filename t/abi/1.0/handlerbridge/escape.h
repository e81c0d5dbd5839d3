/**
 * @file escape.h
 * @brief Text made safe for where it is put.
 */
#ifndef HANDLERBRIDGE_ESCAPE_H
#define HANDLERBRIDGE_ESCAPE_H

#include "api.h"

/**
 * Escapes & < > " and ' for HTML text and quoted attributes.
 * @param pool the result's memory
 * @param text any bytes; NULL gives ""
 * @return @a text itself where nothing is to be escaped
 */
HBR_API const char *hbr_html_escape(apr_pool_t *pool, const char *text);

/**
 * Percent-encodes all but the unreserved characters (RFC 3986 2.3), for one
 * segment of a path, a query's name or value, or a cookie's value.
 * @param pool the result's memory
 * @param text any bytes; NULL gives ""
 */
HBR_API const char *hbr_url_escape(apr_pool_t *pool, const char *text);

/**
 * Tells whether bytes are well-formed UTF-8 (RFC 3629: no surrogates, no
 * overlong forms).
 */
HBR_API bool hbr_is_utf8(const char *text, apr_size_t length);

#endif
