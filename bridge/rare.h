/**
 * @file rare.h
 * @brief Marks what the way of most requests is kept clear of, and what it is
 *        made of.
 */
#ifndef HBR_BRIDGE_RARE_H
#define HBR_BRIDGE_RARE_H

/** A function that stays out of those that call it: compiled into them it would
 *  have all of their callers save registers, and guard a stack, for what most
 *  do not come to. */
#define HBR_APART __attribute__((noinline))

/** The same, and hardly any request comes to it. */
#define HBR_RARE __attribute__((cold, noinline))

/** The other way round: most of the work goes through it, and its callers have it
 *  compiled into them even where they are several. */
#define HBR_WITHIN inline __attribute__((always_inline))

#endif
