/**
 * @file placeholder.h
 * @brief The placeholders of a declared statement, and values put to them.
 */
#ifndef HBR_BRIDGE_PLACEHOLDER_H
#define HBR_BRIDGE_PLACEHOLDER_H

#include "handlerbridge/database.h"

/** What a placeholder takes; apr_dbd_prepare() reads the same letters. */
typedef enum {
    HBR_PLACE_TEXT = 0, /**< %s */
    HBR_PLACE_INT,      /**< %d: 32 bits */
    HBR_PLACE_INT64,    /**< %lld */
    HBR_PLACE_FLOAT,    /**< %f */
    HBR_PLACE_DOUBLE,   /**< %lf */
    HBR_PLACE_BLOB      /**< %pDb */
} hbr_place_e;

typedef struct hbr_places_t {
    apr_size_t count;
    hbr_place_e *types;
    const char *sql;    /**< The text for the driver. */
    apr_size_t longest; /**< Of a text or a BLOB, in bytes; whoever knows that
                             the database takes less may lower it. */
    bool reals_as_text; /**< Floating numbers go to the driver as text. */
} hbr_places_t;

/**
 * Reads a statement's placeholders.
 * @param pool the result's memory
 * @param sql the statement's text
 * @param reals_as_text the driver would round floating numbers to six places
 *        behind the point, as PostgreSQL's does: they are given as text, in a
 *        CAST to what their placeholder says
 * @param places set to the placeholders in order
 * @return NULL, or what is wrong with the text
 */
const char *hbr_places_scan(apr_pool_t *pool, const char *sql,
                            bool reals_as_text, hbr_places_t *places);

/**
 * Makes the argument array of apr_dbd_pbselect() and apr_dbd_pbquery().
 * @param pool the array's memory
 * @param places the statement's placeholders
 * @param values HBR_VALUES(...), or NULL; the array points into them
 * @param arguments set to the array
 * @return NULL, or why the values do not fit
 */
const char *hbr_places_bind(apr_pool_t *pool, const hbr_places_t *places,
                            const hbr_value_t *values, const void ***arguments);

#endif
