/*
 * Rows: the getters, and PostgreSQL's text form of a bytea. What comes out of
 * a real database is in database.c.
 */
#include "support/main.h"
#include "support/serve.h"

#include "../../bridge/rows.h"

/* A row with one cell; text NULL is SQL's NULL. Each call ends the row of the
 * call before. */
static hbr_rows_t one(hbr_cell_t *cell, const char *text)
{
    static const hbr_cell_t *each[1];

    each[0] = cell;
    *cell = (hbr_cell_t){ .text = text,
                          .text_length = text ? strlen(text) : 0,
                          .bytes = text,
                          .length = text ? strlen(text) : 0 };
    return (hbr_rows_t){ .count = 1, .columns = 1, .cells = each };
}

static void test_integers(void **state)
{
    static const struct {
        const char *text;
        int64_t value;
    } rows[] = {
        { "0", 0 },
        { "-1", -1 },
        { "42", 42 },
        { "9223372036854775807", INT64_MAX },
        { "-9223372036854775808", INT64_MIN },
        { "9223372036854775808", 0 },
        { "-9223372036854775809", 0 },
        { "99999999999999999999999999", 0 },
        { "", 0 },
        { NULL, 0 },
        { "12x", 0 },
        { "x12", 0 },
        { "1.0", 0 },
        { "12 ", 0 },
        { "-", 0 },
        { "--1", 0 },
        { "1-", 0 },
        { "1:", 0 },
        { "/1", 0 },
        { "-0", 0 },
        { "-42", -42 },
        { "+42", 42 },
        { " 42", 42 },
        { "007", 7 },
        { "0000000000000000000000000012", 12 },
        { "999999999999999999", 999999999999999999 },
        { "-999999999999999999", -999999999999999999 },
        { "1234567890123456789", 1234567890123456789 },
        { "9999999999999999999", 0 },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        hbr_cell_t cell;
        hbr_rows_t row = one(&cell, rows[i].text);

        if (hbr_row_int(&row, 0, 0) != rows[i].value)
            fail_msg("%s", rows[i].text);
    }
}

static void test_doubles(void **state)
{
    static const struct {
        const char *text;
        double value;
    } rows[] = {
        { "0.0", 0 },       { "1.5", 1.5 }, { "-2.5e-3", -2.5e-3 },
        { "1e300", 1e300 }, { "7", 7 },     { "", 0 },
        { NULL, 0 },        { "1.5x", 0 },  { "nan", 0 },
        { "0x10", 0 },      { "one", 0 },   { "1,5", 0 },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        hbr_cell_t cell;
        hbr_rows_t row = one(&cell, rows[i].text);

        if (hbr_row_double(&row, 0, 0) != rows[i].value)
            fail_msg("%s", rows[i].text);
    }
}

/* Text with a NUL in it is no number, whatever stands before the NUL. */
static void test_number_with_nul(void **state)
{
    hbr_cell_t cell = { .text = "12\0003", .text_length = 4 };
    const hbr_cell_t *each[] = { &cell };
    hbr_rows_t row = { .count = 1, .columns = 1, .cells = each };

    (void)state;
    assert_int_equal(hbr_row_int(&row, 0, 0), 0);
    assert_true(hbr_row_double(&row, 0, 0) == 0);
}

static void check_absent(const hbr_rows_t *rows, apr_size_t row,
                         apr_size_t column)
{
    apr_size_t length = 7;

    assert_true(hbr_row_is_null(rows, row, column));
    assert_null(hbr_row_text(rows, row, column));
    assert_int_equal(hbr_row_int(rows, row, column), 0);
    assert_true(hbr_row_double(rows, row, column) == 0);
    assert_null(hbr_row_bytes(rows, row, column, &length));
    assert_int_equal(length, 0);
}

static void test_absent(void **state)
{
    hbr_cell_t cell;
    hbr_rows_t full = one(&cell, "1");
    hbr_rows_t empty = { .count = 0, .columns = 3, .cells = NULL };

    (void)state;
    check_absent(&full, 1, 0);
    check_absent(&full, 0, 1);
    check_absent(&full, SIZE_MAX, SIZE_MAX);
    check_absent(&empty, 0, 0);
    check_absent(NULL, 0, 0);
    full = one(&cell, NULL);
    check_absent(&full, 0, 0);
}

static void test_empty_is_not_null(void **state)
{
    hbr_cell_t cell;
    hbr_rows_t row = one(&cell, "");
    apr_size_t length = 7;

    (void)state;
    assert_false(hbr_row_is_null(&row, 0, 0));
    assert_string_equal(hbr_row_text(&row, 0, 0), "");
    assert_non_null(hbr_row_bytes(&row, 0, 0, &length));
    assert_int_equal(length, 0);
}

static void test_unhex(void **state)
{
    static const struct {
        const char *text, *bytes;
        int length;
    } rows[] = {
        { "\\x", "", 0 },
        { "\\x00", "\0", 1 },
        { "\\x00ff7f", "\0\xff\x7f", 3 },
        { "\\xdeadbeef", "\xde\xad\xbe\xef", 4 },
        { "\\x0", NULL, 0 },
        { "\\x0g", NULL, 0 },
        { "\\xFF", NULL, 0 },
        { "x00", NULL, 0 },
        { "\\", NULL, 0 },
        { "", NULL, 0 },
    };
    apr_pool_t *pool;
    apr_size_t i, length;

    (void)state;
    apr_pool_create(&pool, NULL);
    for (i = 0; i < COUNT(rows); i++) {
        hbr_cell_t cell;
        hbr_rows_t row = one(&cell, rows[i].text);
        const char *bytes = rows[i].bytes;
        apr_size_t wanted =
            bytes ? (apr_size_t)rows[i].length : strlen(rows[i].text);
        const void *got;

        assert_int_equal(hbr_cell_unhex(pool, &cell), bytes != NULL);
        got = hbr_row_bytes(&row, 0, 0, &length);
        assert_int_equal(length, wanted);
        assert_memory_equal(got, bytes ? bytes : rows[i].text, wanted);
        assert_string_equal(hbr_row_text(&row, 0, 0), rows[i].text);
    }
    apr_pool_destroy(pool);
}

MAIN(cmocka_unit_test(test_integers), cmocka_unit_test(test_doubles),
     cmocka_unit_test(test_number_with_nul), cmocka_unit_test(test_absent),
     cmocka_unit_test(test_empty_is_not_null), cmocka_unit_test(test_unhex))
