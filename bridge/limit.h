/**
 * @file limit.h
 * @brief The directives that requests are refused for, as counters know them.
 */
#ifndef HBR_BRIDGE_LIMIT_H
#define HBR_BRIDGE_LIMIT_H

#include <stddef.h>

/** How many there are. */
#define HBR_LIMITS 19

/** The directive's name; index below HBR_LIMITS. */
const char *hbr_limit_name(int index);

/**
 * Which limit a sentence of the bridge's names.
 * @param sentence may be NULL
 * @return the index; -1: none
 */
int hbr_limit_in(const char *sentence);

#endif
