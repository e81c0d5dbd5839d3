/**
 * @file nearest.h
 * @brief How far a mistaken name is from a known one: "did you mean".
 */
#ifndef HBR_BRIDGE_NEAREST_H
#define HBR_BRIDGE_NEAREST_H

#include <apr_pools.h>

/** The greatest distance at which a known name may have been meant. */
#define HBR_NEAREST_DISTANCE 2

/** Of the names that were tried, the one nearest to a mistaken one. */
typedef struct hbr_nearest_t {
    const char *mistaken;
    const char *name; /**< NULL: none lies near. */
    int distance;     /**< Its distance; one more than the greatest. */
} hbr_nearest_t;

/**
 * The optimal string alignment distance: the least number of inserted,
 * deleted, replaced bytes and swapped neighbours that makes one of the other,
 * no byte being changed twice.
 * @param most the greatest distance of interest
 * @return the distance; @a most + 1 when it is greater, or when a name is
 *         longer than 64 bytes
 */
int hbr_edit_distance(const char *a, const char *b, int most);

/** Begins looking for what a mistaken name was meant to be. */
hbr_nearest_t hbr_nearest_to(const char *mistaken);

/** Tries a known name. Of several at the same distance the first counts. */
void hbr_nearest_try(hbr_nearest_t *nearest, const char *known);

/**
 * What follows the mistaken name in a message.
 * @param pool the result's memory
 * @param name the nearest known name; NULL: none
 * @return `, did you mean "name"?`, or "" without one
 */
const char *hbr_did_you_mean(apr_pool_t *pool, const char *name);

#endif
