/**
 * @file pool.h
 * @brief A pool for each test of a program: POOL_TEST(f).
 */
#ifndef HBR_UNIT_POOL_H
#define HBR_UNIT_POOL_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <apr_pools.h>

#include "main.h"

#define ITEMS(array) (sizeof(array) / sizeof((array)[0]))

/** The pool of the running test. */
static apr_pool_t *pool;

static inline int pool_setup(void **state)
{
    (void)state;
    return apr_pool_create(&pool, NULL) != APR_SUCCESS;
}

static inline int pool_teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    return 0;
}

#define POOL_TEST(f)                                                           \
    cmocka_unit_test_setup_teardown(f, pool_setup, pool_teardown)

#endif
