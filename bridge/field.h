/**
 * @file field.h
 * @brief The syntax of header fields (RFC 9110 5).
 *
 * Pure functions on NUL-terminated text. They allocate nothing, keep nothing
 * and may be called from any thread.
 */
#ifndef HBR_BRIDGE_FIELD_H
#define HBR_BRIDGE_FIELD_H

#include "handlerbridge/api.h"

/** One parameter, name=value (RFC 9110 5.6.6); points into the field. */
typedef struct hbr_parameter_t {
    const char *name;
    apr_size_t name_length;
    const char *value; /**< As it stands: a quoted string with its quotes. */
    apr_size_t value_length;
} hbr_parameter_t;

/**
 * Tells whether text is a token, and so may name a field (RFC 9110 5.1,
 * 5.6.2).
 * @param name NUL-terminated; NULL is none
 */
bool hbr_field_name_ok(const char *name);

/**
 * Tells whether text may be a field's value (RFC 9110 5.5): no control
 * character but HTAB, no blank at either end, which httpd would send and HTTP/2
 * refuse (RFC 9113 8.2.1). Empty is fine, bytes above 0x7F too.
 * @param value NUL-terminated; NULL is none
 */
bool hbr_field_value_ok(const char *value);

/**
 * Tells whether a response's field belongs to the bridge or to the connection
 * (RFC 9110 7.6.1, 8.6; RFC 9112 6.1), so that a handler may not set it.
 * @param name any case
 */
bool hbr_field_is_reserved(const char *name);

/**
 * Tells whether a response's field describes its body, and so must go when the
 * body is replaced by an error's: Content-*, ETag, Last-Modified,
 * Cache-Control, Expires, Accept-Ranges. Content-Security-Policy and its
 * Report-Only sister only look like one of them: they bind the page, whatever
 * it holds, and stay.
 * @param name any case
 */
bool hbr_field_describes_body(const char *name);

/**
 * Tells whether text is a media type with or without parameters (RFC 9110
 * 8.3.1) that may go out as it stands.
 * @param type NUL-terminated; NULL is none
 */
bool hbr_media_type_ok(const char *type);

/** The first character at or behind @a at that is no blank (RFC 9110 5.6.3). */
const char *hbr_skip_blanks(const char *at);

/** The end of the token that begins at @a at (RFC 9110 5.6.2); @a at itself
 *  when none does. */
const char *hbr_skip_token(const char *at);

/** The end of the quoted string that begins at @a at (RFC 9110 5.6.4); @a at
 *  itself when none does or it has no end. */
const char *hbr_skip_quoted(const char *at);

/**
 * Reads the next of *( OWS ";" OWS [ parameter ] ) (RFC 9110 5.6.6). Empty
 * ones are passed over.
 * @param at where to read on; moved behind what was read
 * @param parameter filled in when there is one
 * @return false: there is no well-formed parameter left. What stands at @a at
 *         then, blanks aside, tells why: the end of the field or of the list's
 *         element, or something malformed.
 */
bool hbr_parameter_next(const char **at, hbr_parameter_t *parameter);

#endif
