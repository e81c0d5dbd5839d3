/*
 * Walking name=value pairs: in order, by name or all of them.
 */
#include "support/pool.h"

#include "pairs.h"

static const hbr_pair_t pairs[] = {
    { "t", "1", 1, 1 }, { "u", "2", 1, 1 },  { "t", "3", 1, 1 },
    { "", "4", 0, 1 },  { "tt", "5", 2, 1 }, { "T", "6", 1, 1 },
};

static const char *walk(const char *name)
{
    static char text[ITEMS(pairs) + 1];
    const hbr_pair_t *pair = NULL;
    size_t used = 0;

    while ((pair = hbr_pairs_next(pairs, ITEMS(pairs), name, pair)) != NULL)
        text[used++] = pair->value[0];
    text[used] = '\0';
    return text;
}

static void test_walk(void **state)
{
    (void)state;
    assert_string_equal(walk(NULL), "123456");
    assert_string_equal(walk("t"), "13");
    assert_string_equal(walk("tt"), "5");
    assert_string_equal(walk("T"), "6");
    assert_string_equal(walk(""), "4");
    assert_string_equal(walk("x"), "");
    assert_null(hbr_pairs_next(NULL, 0, NULL, NULL));
    assert_null(hbr_pairs_next(NULL, 0, "t", NULL));
}

MAIN(POOL_TEST(test_walk))
