/*
 * Placeholders: found as apr_dbd_prepare() finds them, and values that do not
 * fit are refused before a driver sees them.
 */
#include "support/main.h"
#include "support/serve.h"

#include <limits.h>
#include <math.h>

#include "../../bridge/placeholder.h"

static apr_pool_t *pool;

static int setup(void **state)
{
    (void)state;
    return apr_pool_create(&pool, NULL) != APR_SUCCESS;
}

static int teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* One letter for each type, in the order of hbr_place_e. */
static const char letters[] = "sdlfDb";

static void test_scan(void **state)
{
    static const struct {
        const char *sql, *types; /* types NULL: refused */
    } rows[] = {
        { "", "" },
        { "SELECT 1", "" },
        { "SELECT %s", "s" },
        { "%s,%d,%lld,%f,%lf,%pDb", "sdlfDb" },
        { "a = %s AND b = %s", "ss" },
        { "(%s)", "s" },
        { "x = %d;", "d" },
        { "SELECT 100%", "" },
        { "SELECT 7 % 2", "" },
        { "SELECT 7 %2", "" },
        { "LIKE '%'", "" },
        { "LIKE '%%abc%%'", "" },
        { "strftime('%%Y')", "" },
        { "%%s", "" },
        { "%%%s", "s" },
        { "%%%%s", "" },
        { "%% %d %%", "d" },
        { "LIKE '%abc'", NULL },
        { "LIKE '%s'", NULL },
        { "LIKE '%data'", NULL },
        { "strftime('%Y')", NULL },
        { "%u", NULL },
        { "%ld", NULL },
        { "%ll", NULL },
        { "%llu", NULL },
        { "%pDa", NULL },
        { "%p", NULL },
        { "%l", NULL },
        { "%h", NULL },
        { "%s1", NULL },
        { "%S", NULL },
        { "%s %n", NULL },
        { "= '%lld'", NULL },
    };
    apr_size_t i, j;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        hbr_places_t places;
        const char *wrong = hbr_places_scan(pool, rows[i].sql, false, &places);

        if ((wrong == NULL) != (rows[i].types != NULL))
            fail_msg("%s: %s", rows[i].sql, wrong ? wrong : "taken");
        if (wrong != NULL)
            continue;
        if (places.count != strlen(rows[i].types))
            fail_msg("%s: %d found", rows[i].sql, (int)places.count);
        for (j = 0; j < places.count; j++)
            if (letters[places.types[j]] != rows[i].types[j])
                fail_msg("%s: %c", rows[i].sql, letters[places.types[j]]);
    }
}

static void test_scan_says_what_is_wrong(void **state)
{
    hbr_places_t places;

    (void)state;
    assert_string_equal(hbr_places_scan(pool, "x LIKE '%abc'", false, &places),
                        "unknown placeholder at \"%abc'\"; a percent sign is "
                        "written %%");
    assert_string_equal(hbr_places_scan(pool, "x = '%s'", false, &places),
                        "the placeholder at \"'%s'\" stands in quotes; leave "
                        "them out");
}

/* Every kind of value at every kind of placeholder. */
static void test_kinds(void **state)
{
    static const char *const sql[] = {
        "%s", "%d", "%lld", "%f", "%lf", "%pDb"
    };
    const hbr_value_t values[] = { hbr_value_null(), hbr_value_int(5),
                                   hbr_value_double(.5), hbr_value_text("t"),
                                   hbr_value_blob("b", 1) };
    static const char fits[][6] = { /* null, int, double, text, blob */
                                    "10010", "11000", "11000",
                                    "10100", "10100", "10001"
    };
    apr_size_t i, j;

    (void)state;
    for (i = 0; i < COUNT(sql); i++) {
        hbr_places_t places;

        assert_null(hbr_places_scan(pool, sql[i], false, &places));
        for (j = 0; j < COUNT(values); j++) {
            const void **arguments = NULL;
            const char *wrong = hbr_places_bind(
                pool, &places, HBR_VALUES(values[j]), &arguments);

            if ((wrong == NULL) != (fits[i][j] == '1'))
                fail_msg("%s, value %d: %s", sql[i], (int)j,
                         wrong ? wrong : "taken");
        }
    }
}

static const char *bind_to(const char *sql, const hbr_value_t *values,
                           const void ***arguments)
{
    hbr_places_t places;

    assert_null(hbr_places_scan(pool, sql, false, &places));
    return hbr_places_bind(pool, &places, values, arguments);
}

static void test_count(void **state)
{
    const void **arguments;
    const hbr_value_t one = hbr_value_int(1);

    (void)state;
    assert_null(bind_to("1", HBR_NO_VALUES, &arguments));
    assert_string_equal(bind_to("%d", HBR_NO_VALUES, &arguments),
                        "it has 1 placeholder, fewer values were given");
    assert_string_equal(bind_to("%d %d", HBR_VALUES(one), &arguments),
                        "it has 2 placeholders, fewer values were given");
    assert_null(bind_to("%d %d", HBR_VALUES(one, one), &arguments));
    assert_string_equal(bind_to("%d %d", HBR_VALUES(one, one, one), &arguments),
                        "it has 2 placeholders, more values were given");
    assert_non_null(bind_to("1", HBR_VALUES(one), &arguments));
}

/* A driver that would write them with six digits gets them as text. */
static void test_reals_as_text(void **state)
{
    static const struct {
        const char *sql, *for_driver;
    } rows[] = {
        { "SELECT %s, %d, %lld, %pDb", "SELECT %s, %d, %lld, %pDb" },
        { "a = %lf AND b = %%lf",
          "a = CAST(%s AS double precision) AND b = %%lf" },
        { "%f+%lf,%d", "CAST(%s AS real)+CAST(%s AS double precision),%d" },
        { "1", "1" },
    };
    static const struct {
        double value;
        const char *text;
    } values[] = { { 0.1, "0.10000000000000001" },
                   { 1e300, "1.0000000000000001e+300" },
                   { -2.5e-9, "-2.5000000000000001e-09" },
                   { INFINITY, "inf" },
                   { -NAN, "NaN" },
                   { 0, "0" } };
    const void **arguments;
    hbr_places_t places;
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        assert_null(hbr_places_scan(pool, rows[i].sql, true, &places));
        assert_string_equal(places.sql, rows[i].for_driver);
        assert_null(hbr_places_scan(pool, rows[i].sql, false, &places));
        assert_string_equal(places.sql, rows[i].sql);
    }
    assert_null(hbr_places_scan(pool, "%f %lf", true, &places));
    for (i = 0; i < COUNT(values); i++) {
        hbr_value_t value = hbr_value_double(values[i].value);

        assert_null(hbr_places_bind(
            pool, &places, HBR_VALUES(value, hbr_value_null()), &arguments));
        assert_string_equal(arguments[0], values[i].text);
        assert_null(arguments[1]);
    }
    assert_non_null(hbr_places_bind(
        pool, &places, HBR_VALUES(hbr_value_text("1"), hbr_value_double(1)),
        &arguments));
}

static void test_bounds(void **state)
{
    static const struct {
        int64_t value;
        bool fits;
    } rows[] = {
        { INT_MAX, true },
        { INT_MIN, true },
        { (int64_t)INT_MAX + 1, false },
        { (int64_t)INT_MIN - 1, false },
        { INT64_MAX, false },
        { INT64_MIN, false },
        { 0, true },
    };
    const void **arguments;
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_value_t *values = HBR_VALUES(hbr_value_int(rows[i].value));

        assert_int_equal(bind_to("%d", values, &arguments) == NULL,
                         rows[i].fits);
        if (rows[i].fits)
            assert_int_equal(*(const int *)arguments[0], rows[i].value);
        assert_null(bind_to("%lld", values, &arguments));
        assert_true(*(const int64_t *)arguments[0] == rows[i].value);
    }
    assert_non_null(
        bind_to("%pDb", HBR_VALUES(hbr_value_blob("", (apr_size_t)INT_MAX + 1)),
                &arguments));
    assert_non_null(
        bind_to("%pDb", HBR_VALUES(hbr_value_blob(NULL, 1)), &arguments));
}

static void test_longest(void **state)
{
    const void **arguments;
    hbr_places_t places;

    (void)state;
    assert_null(hbr_places_scan(pool, "%s %pDb", false, &places));
    places.longest = 3;
    assert_null(hbr_places_bind(
        pool, &places,
        HBR_VALUES(hbr_value_text("abc"), hbr_value_blob("abc", 3)),
        &arguments));
    assert_string_equal(
        hbr_places_bind(pool, &places,
                        HBR_VALUES(hbr_value_text("abcd"), hbr_value_null()),
                        &arguments),
        "value 1 is longer than the database takes, its placeholder takes "
        "text");
    assert_non_null(hbr_places_bind(
        pool, &places, HBR_VALUES(hbr_value_null(), hbr_value_blob("abcd", 4)),
        &arguments));
}

/* A BLOB takes four arguments, its NULL takes one. */
static void test_arguments(void **state)
{
    static const char bytes[] = { 0, 1 };
    const void **a;
    const hbr_value_t *values = HBR_VALUES(
        hbr_value_blob(bytes, 2), hbr_value_text("x"), hbr_value_null(),
        hbr_value_double(2.5), hbr_value_double(0.5), hbr_value_blob(NULL, 0));

    (void)state;
    assert_null(bind_to("%pDb %s %pDb %lf %f %pDb", values, &a));
    assert_ptr_equal(a[0], bytes);
    assert_int_equal(*(const apr_size_t *)a[1], 2);
    assert_string_equal(a[4], "x");
    assert_null(a[5]);
    assert_true(*(const double *)a[6] == 2.5);
    assert_true(*(const float *)a[7] == 0.5f);
    assert_non_null(a[8]);
    assert_int_equal(*(const apr_size_t *)a[9], 0);
    assert_null(a[12]);
}

MAIN(TEST(test_scan), TEST(test_scan_says_what_is_wrong), TEST(test_kinds),
     TEST(test_count), TEST(test_bounds), TEST(test_longest),
     TEST(test_reals_as_text), TEST(test_arguments))
