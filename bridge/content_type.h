/**
 * @file content_type.h
 * @brief The Content-Type a request came with (RFC 9110 8.3).
 *
 * Pure functions on NUL-terminated text, for any thread.
 */
#ifndef HBR_BRIDGE_CONTENT_TYPE_H
#define HBR_BRIDGE_CONTENT_TYPE_H

#include "handlerbridge/api.h"

/** What became of a parameter. */
typedef enum {
    HBR_PARAMETER_OK = 0,
    HBR_PARAMETER_MISSING,
    HBR_PARAMETER_TWICE,
    HBR_PARAMETER_LONG,     /**< Longer than the caller has room for. */
    HBR_PARAMETER_MALFORMED /**< The field is, there or elsewhere. */
} hbr_parameter_e;

/**
 * Tells whether a field names a media type, whatever its parameters are.
 * @param field the field's value; NULL when it is missing
 * @param type "multipart/form-data"; case does not matter
 */
bool hbr_content_type_is(const char *field, const char *type);

/**
 * Reads a parameter of a Content-Type, without quotes and escapes. The whole
 * field is checked: two readers could not agree on one that is malformed.
 * @param field the field's value; NULL when it is missing
 * @param name of the parameter; case does not matter
 * @param value set to the parameter, NUL-terminated; "" unless the result is
 *        HBR_PARAMETER_OK
 * @param size of value, more than 0
 */
hbr_parameter_e hbr_content_type_parameter(const char *field, const char *name,
                                           char *value, apr_size_t size);

#endif
