/**
 * @file nearest.h
 * @brief How far a mistaken name is from a known one: "did you mean".
 */
#ifndef HBR_BRIDGE_NEAREST_H
#define HBR_BRIDGE_NEAREST_H

/**
 * The optimal string alignment distance: the least number of inserted,
 * deleted, replaced bytes and swapped neighbours that makes one of the other,
 * no byte being changed twice.
 * @param most the greatest distance of interest
 * @return the distance; @a most + 1 when it is greater, or when a name is
 *         longer than 64 bytes
 */
int hbr_edit_distance(const char *a, const char *b, int most);

#endif
