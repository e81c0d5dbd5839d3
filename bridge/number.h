/**
 * @file number.h
 * @brief Decimal numbers as text, the same in every locale.
 */
#ifndef HBR_BRIDGE_NUMBER_H
#define HBR_BRIDGE_NUMBER_H

#include "handlerbridge/api.h"

typedef enum {
    HBR_NUMBER_OK = 0,
    HBR_NUMBER_BAD,    /**< It is no such number. */
    HBR_NUMBER_TOO_BIG /**< It is one, but the type does not hold it. */
} hbr_number_e;

/**
 * Reads an optional sign and digits, nothing before or after them.
 * @param value set on HBR_NUMBER_OK
 */
hbr_number_e hbr_parse_int(const char *text, apr_size_t length, int64_t *value);

/**
 * Reads an optional sign, digits with an optional fraction (".5" too, but not
 * "5."), and an optional exponent; neither inf nor nan nor hexadecimal.
 * @param text ends with a NUL after @a length bytes
 * @param value set on HBR_NUMBER_OK
 */
hbr_number_e hbr_parse_double(const char *text, apr_size_t length,
                              double *value);

/** A double with a point, "0.5", for messages. */
const char *hbr_format_double(apr_pool_t *pool, double value);

/** A double with all the digits it takes to get the same one back. */
const char *hbr_exact_double(apr_pool_t *pool, double value);

#endif
