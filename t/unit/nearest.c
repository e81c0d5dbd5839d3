/*
 * The optimal string alignment distance.
 */
#include "support/pool.h"

#include "nearest.h"

static void test_distances(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        int distance; /* up to 3, then 4 */
    } cases[] = { { "", "", 0 },
                  { "customers", "customers", 0 },
                  { "custmers", "customers", 1 },
                  { "customerss", "customers", 1 },
                  { "custamers", "customers", 1 },
                  { "cutsomers", "customers", 1 },
                  { "", "a", 1 },
                  { "ab", "ba", 1 },
                  { "abcd", "badc", 2 },
                  { "ca", "abc", 3 }, /* no byte is changed twice */
                  { "a", "bcd", 3 },
                  { "", "abc", 3 },
                  { "Chart", "chart", 1 },
                  { "kitten", "sitting", 3 },
                  { "hello", "chart", 4 },
                  { "", "abcdef", 4 } };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        int most;

        for (most = 0; most <= 3; most++) {
            int wanted =
                cases[i].distance > most ? most + 1 : cases[i].distance;

            assert_int_equal(hbr_edit_distance(cases[i].a, cases[i].b, most),
                             wanted);
            assert_int_equal(hbr_edit_distance(cases[i].b, cases[i].a, most),
                             wanted);
        }
    }
}

static void test_long_names(void **state)
{
    char a[200], b[200];

    (void)state;
    memset(a, 'x', sizeof(a));
    memset(b, 'x', sizeof(b));
    a[64] = b[64] = '\0';
    assert_int_equal(hbr_edit_distance(a, b, 2), 0);
    b[63] = 'y';
    assert_int_equal(hbr_edit_distance(a, b, 2), 1);
    a[64] = 'x';
    a[65] = '\0';
    assert_int_equal(hbr_edit_distance(a, b, 2), 3);
    assert_int_equal(hbr_edit_distance(b, a, 2), 3);
    a[199] = '\0';
    assert_int_equal(hbr_edit_distance(a, a, 2), 3);
}

/* At most two edits away; of equally near ones the first. */
static void test_the_nearest_is_meant(void **state)
{
    hbr_nearest_t nearest = hbr_nearest_to("cart");

    assert_string_equal(hbr_did_you_mean(*state, nearest.name), "");
    hbr_nearest_try(&nearest, "customers");
    assert_null(nearest.name);
    hbr_nearest_try(&nearest, "carets");
    assert_string_equal(nearest.name, "carets");
    hbr_nearest_try(&nearest, "chart");
    hbr_nearest_try(&nearest, "card");
    hbr_nearest_try(&nearest, "carets");
    assert_string_equal(hbr_did_you_mean(*state, nearest.name),
                        ", did you mean \"chart\"?");
}

MAIN(cmocka_unit_test(test_distances), POOL_TEST(test_long_names),
     POOL_TEST(test_the_nearest_is_meant))
