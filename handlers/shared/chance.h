/**
 * @file chance.h
 * @brief Numbers that decorate: quick and of no use for secrets.
 */
#ifndef SHARED_CHANCE_H
#define SHARED_CHANCE_H

#include <stdint.h>

/** Where the next number comes from; not 0. */
typedef struct chance_t {
    uint64_t state;
} chance_t;

/** The next number: xorshift64* (Vigna, 2016). */
static inline uint32_t chance_next(chance_t *chance)
{
    chance->state ^= chance->state >> 12;
    chance->state ^= chance->state << 25;
    chance->state ^= chance->state >> 27;
    return (uint32_t)((chance->state * 0x2545f4914f6cdd1dULL) >> 32);
}

/** A number from low to high. */
static inline double chance_between(chance_t *chance, double low, double high)
{
    return low + (high - low) * chance_next(chance) / 4294967295.0;
}

#endif
