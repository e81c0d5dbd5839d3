/*
 * Names and values of a session as mod_session can keep them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/main.h"

#include "bridge/session_text.h"

#include <string.h>

#include <apr_strings.h>
#include <apr_tables.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int setup(void **state)
{
    return apr_pool_create((apr_pool_t **)state, NULL);
}

static int teardown(void **state)
{
    apr_pool_destroy(*state);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static void test_names(void **state)
{
    static const struct {
        const char *name, *stored;
    } rows[] = {
        { "user", "user" },         { "User", "^user" },
        { "userId", "user^id" },    { "^", "^^" },
        { "a^b", "a^^b" },          { "^A", "^^^a" },
        { "expiry", "^_expiry" },   { "^_expiry", "^^_expiry" },
        { "Expiry", "^expiry" },    { "expirys", "expirys" },
        { "hbr-x", "hbr-x" },       { "a b=c&d%", "a b=c&d%" },
        { "\xc3\x84", "\xc3\x84" }, { "Z", "^z" },
        { "@[`{", "@[`{" },
    };
    apr_size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        assert_string_equal(hbr_session_store_name(*state, rows[i].name),
                            rows[i].stored);
        assert_string_equal(hbr_session_read_name(*state, rows[i].stored),
                            rows[i].name);
    }
}

/* What others stored is no mistake. */
static void test_foreign_names(void **state)
{
    static const char *const same[] = { "User", "a^", "^1", "^_x", "^-" };
    apr_size_t i;

    for (i = 0; i < COUNT(same); i++)
        assert_string_equal(hbr_session_read_name(*state, same[i]), same[i]);
}

/* Any two names stay apart in a table that ignores case. */
static void test_apart(void **state)
{
    static const char letters[] = "aA^_";
    apr_table_t *table = apr_table_make(*state, 8);
    char name[5] = "";
    int i, j, n;

    for (n = 0; n < 256; n++) {
        for (i = 0, j = n; i < 4; i++, j /= 4)
            name[i] = letters[j % 4];
        apr_table_set(table, hbr_session_store_name(*state, name),
                      apr_pstrdup(*state, name));
    }
    assert_int_equal(apr_table_elts(table)->nelts, 256);
    for (i = 0; i < 256; i++) {
        const apr_table_entry_t *entry =
            &APR_ARRAY_IDX(apr_table_elts(table), i, apr_table_entry_t);

        assert_string_equal(hbr_session_read_name(*state, entry->key),
                            entry->val);
    }
}

static void test_values(void **state)
{
    static const struct {
        const char *value, *stored;
    } rows[] = { { "x", "x" },          { "", "^" },     { "^", "^^" },
                 { "^x", "^^x" },       { "^^", "^^^" }, { "x^", "x^" },
                 { " \n&=%", " \n&=%" } };
    apr_size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        assert_string_equal(hbr_session_store_value(*state, rows[i].value),
                            rows[i].stored);
        assert_string_equal(hbr_session_read_value(rows[i].stored),
                            rows[i].value);
    }
    assert_string_equal(hbr_session_read_value("^secret"), "^secret");
}

/* name=value and an ampersand, escaped as httpd does. */
static void test_length(void **state)
{
    (void)state;
    assert_int_equal(hbr_session_encoded_length("a", "b"), 4);
    assert_int_equal(hbr_session_encoded_length("a.-*_Z9 ", ""), 10);
    assert_int_equal(hbr_session_encoded_length("^a", "~/"), 4 + 6 + 2);
    assert_int_equal(hbr_session_encoded_length("a", "\xc3\xa4"), 1 + 6 + 2);
}

static void test_expiry(void **state)
{
    (void)state;
    assert_true(hbr_session_is_expiry("expiry"));
    assert_true(hbr_session_is_expiry("Expiry"));
    assert_false(hbr_session_is_expiry("^_expiry"));
    assert_false(hbr_session_is_expiry("expiry2"));
}

MAIN(TEST(test_names), TEST(test_foreign_names), TEST(test_apart),
     TEST(test_values), TEST(test_length), TEST(test_expiry))
