/*
 * A vector has 16 bytes also where the compiler may use wider ones, as it may
 * everywhere with CFLAGS=-march=native; what is made of its comparisons.
 */
#if defined(__x86_64__) && !defined(__clang__)
#pragma GCC target("avx2")
#endif

#include "support/pool.h"

#include "vector.h"

static void test_size(void **state)
{
    (void)state;
    assert_int_equal(sizeof(hbr_vector_t), 16);
}

/* Each place, alone and with another behind it. */
static void test_places(void **state)
{
    char text[16];
    apr_size_t at;

    (void)state;
    memset(text, 'x', sizeof(text));
    assert_true(hbr_vector_is_zero(
        (hbr_vector_t)(hbr_vector_load(text) == hbr_vector_of('a'))));
    for (at = 0; at < sizeof(text); at++) {
        hbr_vector_t found;

        memset(text, 'x', sizeof(text));
        text[at] = text[15] = 'a';
        found = (hbr_vector_t)(hbr_vector_load(text) == hbr_vector_of('a'));
        assert_false(hbr_vector_is_zero(found));
        assert_int_equal(hbr_vector_first(found), at);
        assert_int_equal(hbr_vector_bits(found), 1u << at | 1u << 15);
        assert_int_equal(hbr_bits_first(hbr_vector_bits(found)), at);
    }
}

MAIN(POOL_TEST(test_size), POOL_TEST(test_places))
