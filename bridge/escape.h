/**
 * @file escape.h
 * @brief Escaping for the bridge's own use; see handlerbridge/escape.h.
 */
#ifndef HBR_BRIDGE_ESCAPE_H
#define HBR_BRIDGE_ESCAPE_H

#include "handlerbridge/escape.h"

/** Takes escaped text, piece by piece. A piece is never empty and is valid
 *  during the call only. */
typedef void (*hbr_sink_t)(void *arg, const char *bytes, apr_size_t length);

/** How many bytes at a text's beginning HTML takes as they are. */
apr_size_t hbr_html_plain(const char *text, apr_size_t length);

/**
 * Escapes & < > " and ' for HTML. Bytes that stay as they are come in runs.
 * @param sink called with @a arg for each piece
 */
void hbr_html_escape_to(const char *text, apr_size_t length, hbr_sink_t sink,
                        void *arg);

/**
 * Escapes the inside of a JSON string (RFC 8259 7), without the quotes around
 * it. Each maximal subpart that is not UTF-8 becomes U+FFFD. U+2028 and U+2029
 * are escaped too: JavaScript before ES2019 takes them for line ends.
 * @param sink called with @a arg for each piece
 */
void hbr_json_escape_to(const char *text, apr_size_t length, hbr_sink_t sink,
                        void *arg);

/**
 * Percent-encodes the bytes that may not stand in a URI reference (RFC 3986
 * 4.1) and the '%' that begins no escape; all others stay, escapes too.
 * @param pool the result's memory
 * @return @a url itself where nothing is to be encoded; NULL when it contains
 *         a control character
 */
const char *hbr_url_clean(apr_pool_t *pool, const char *url);

#endif
