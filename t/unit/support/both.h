/**
 * @file both.h
 * @brief Tests that are run as this CPU has it and, again, as any other has:
 *        BOTH_TESTS(f).
 */
#ifndef HBR_UNIT_BOTH_H
#define HBR_UNIT_BOTH_H

#include "pool.h"

#include "bridge/wide.h"

static bool was_wide;

static inline int narrow_setup(void **state)
{
    was_wide = hbr_wide;
    hbr_wide = false;
    return pool_setup(state);
}

static inline int narrow_teardown(void **state)
{
    hbr_wide = was_wide;
    return pool_teardown(state);
}

#define BOTH_TESTS(f)                                                          \
    POOL_TEST(f),                                                              \
    {                                                                          \
#f " without wide vectors", f, narrow_setup, narrow_teardown, NULL     \
    }

#endif
