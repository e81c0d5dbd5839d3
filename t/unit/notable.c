/*
 * Which fields are notable, in any case of letters; and that all that the bridge
 * looks for among conditions, ranges and cookies is.
 */
#include "support/pool.h"

#include "notable.h"

static unsigned one(const char *name)
{
    apr_table_t *fields = apr_table_make(pool, 4);

    apr_table_addn(fields, "Host", "a");
    apr_table_addn(fields, name, "b");
    apr_table_addn(fields, "Accept", "c");
    return hbr_notable_of(fields);
}

static void test_notable(void **state)
{
    (void)state;
    assert_int_equal(one("Cookie"), HBR_NOTABLE_COOKIE);
    assert_int_equal(one("cOOKIE"), HBR_NOTABLE_COOKIE);
    assert_int_equal(one("If-Match"), HBR_NOTABLE_CONDITION);
    assert_int_equal(one("if-none-match"), HBR_NOTABLE_CONDITION);
    assert_int_equal(one("IF-MODIFIED-SINCE"), HBR_NOTABLE_CONDITION);
    assert_int_equal(one("If-Unmodified-Since"), HBR_NOTABLE_CONDITION);
    assert_int_equal(one("If-Range"), HBR_NOTABLE_CONDITION);
    assert_int_equal(one("Range"), HBR_NOTABLE_RANGE);
    assert_int_equal(one("rAnge"), HBR_NOTABLE_RANGE);
}

static void test_others(void **state)
{
    static const char *const others[] = {
        "Connection", "Content-Type", "C", "Co", "I", "R", "Referer", "", "Via"
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(others); i++)
        assert_int_equal(one(others[i]), 0);
    assert_int_equal(hbr_notable_of(apr_table_make(pool, 1)), 0);
}

static void test_several(void **state)
{
    apr_table_t *fields = apr_table_make(pool, 4);

    (void)state;
    apr_table_addn(fields, "Range", "a");
    apr_table_addn(fields, "Cookie", "b");
    assert_int_equal(hbr_notable_of(fields),
                     HBR_NOTABLE_RANGE | HBR_NOTABLE_COOKIE);
}

MAIN(POOL_TEST(test_notable), POOL_TEST(test_others), POOL_TEST(test_several))
