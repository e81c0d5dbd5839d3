/*
 * Numbers in a table: many additions against a plain model, lives that end, and
 * a table that is full.
 */
#include "support/main.h"
#include "support/serve.h"

#include <stdlib.h>

#include "../../bridge/tally.h"

#define PLACES 4

static void *table;
static int64_t sum;

static int setup(void **state)
{
    (void)state;
    table = calloc(1, hbr_tally_size(PLACES));
    return table == NULL;
}

static int teardown(void **state)
{
    (void)state;
    free(table);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static apr_status_t add(unsigned char name, int64_t by, apr_time_t now,
                        apr_interval_time_t life)
{
    unsigned char key[32] = { 0 };

    key[0] = (unsigned char)(name * 7);
    key[31] = name;
    return hbr_tally_add(table, PLACES, key, by, now, life, &sum);
}

static void test_life(void **state)
{
    (void)state;
    assert_int_equal(add(1, 5, 100, 10), APR_SUCCESS);
    assert_int_equal(sum, 5);
    add(1, -6, 109, 1000);
    assert_int_equal(sum, -1);
    add(1, 1, 110, 10);
    assert_int_equal(sum, 1);
    add(2, 1, 110, INT64_MAX);
    add(2, 1, INT64_MAX - 1, 1);
    assert_int_equal(sum, 2);
}

static void test_range(void **state)
{
    (void)state;
    add(1, INT64_MAX, 100, 10);
    assert_int_equal(add(1, 1, 100, 10), APR_ERANGE);
    assert_int_equal(add(1, 0, 100, 10), APR_SUCCESS);
    assert_true(sum == INT64_MAX);
    assert_int_equal(add(1, INT64_MIN, 100, 10), APR_SUCCESS);
    assert_int_equal(sum, -1);
}

/* The one that would end first makes room. */
static void test_full(void **state)
{
    unsigned char i;

    (void)state;
    for (i = 0; i < PLACES; i++)
        add(i, i + 1, 100, i == 2 ? 5 : 10 + i);
    add(9, 1, 100, 10);
    assert_int_equal(sum, 1);
    for (i = 0; i < PLACES; i++) {
        if (i == 2)
            continue;
        add(i, 0, 100, 10);
        assert_int_equal(sum, i + 1);
    }
    add(9, 1, 100, 10);
    assert_int_equal(sum, 2);
}

static void test_model(void **state)
{
    int64_t model[PLACES] = { 0 };
    int i;

    (void)state;
    srand(2);
    for (i = 0; i < 10000; i++) {
        unsigned char name = (unsigned char)(rand() % PLACES);
        int by = rand() % 201 - 100;

        model[name] += by;
        assert_int_equal(add(name, by, i, 1000000), APR_SUCCESS);
        assert_true(sum == model[name]);
    }
}

MAIN(TEST(test_life), TEST(test_range), TEST(test_full), TEST(test_model))
