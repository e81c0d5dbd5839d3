/*
 * SQL through the kit on a real SQLite file: values there and back, and what
 * a client gets when the database does not do its part.
 */
#include "support/folder.h"
#include "support/main.h"
#include "support/palloc.h"
#include "support/serve.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <apr_dbd.h>
#include <apr_strings.h>

enum {
    PUT_TEXT,
    PUT_INT,
    PUT_INT64,
    PUT_FLOAT,
    PUT_DOUBLE,
    PUT_BLOB,
    GET,
    COUNT_ROWS,
    BOTH,
    UNIQUE,
    STRICT,
    FAST,
    COLUMNS,
    RETURNING
};

static const hbr_statement_t statements[] = {
    [PUT_TEXT] = { "put_text", "INSERT INTO t (v) VALUES (%s)" },
    [PUT_INT] = { "put_int", "INSERT INTO t (v) VALUES (%d)" },
    [PUT_INT64] = { "put_int64", "INSERT INTO t (v) VALUES (%lld)" },
    [PUT_FLOAT] = { "put_float", "INSERT INTO t (v) VALUES (%f)" },
    [PUT_DOUBLE] = { "put_double", "INSERT INTO t (v) VALUES (%lf)" },
    [PUT_BLOB] = { "put_blob", "INSERT INTO t (v) VALUES (%pDb)" },
    [GET] = { "get", "SELECT v, typeof(v), hex(v) FROM t ORDER BY id DESC" },
    [COUNT_ROWS] = { "count", "SELECT count(*) FROM t" },
    [BOTH] = { "both", "SELECT %pDb, %s, %lld WHERE 1 = %lld" },
    [UNIQUE] = { "unique", "INSERT INTO t (id) VALUES (%lld)" },
    [STRICT] = { "strict", "INSERT INTO s (v) VALUES (%s)" },
    [FAST] = { "fast", "PRAGMA synchronous = OFF" },
    [COLUMNS] = { "columns", "PRAGMA table_info(t)" },
    [RETURNING] = { "returning", "INSERT INTO t (v) VALUES (%s) RETURNING id" },
    HBR_STATEMENTS_END
};

static const hbr_statement_t missing_statements[] = {
    { "fine", "SELECT 1" },
    { "missing", "SELECT x FROM not_there" },
    HBR_STATEMENTS_END
};

static const hbr_statement_t boxes_statements[] = {
    { "boxes", "SELECT id FROM b WHERE x0 > %lf" }, HBR_STATEMENTS_END
};

typedef int step_fn(hbr_context_t *ctx);

static step_fn *step;

static int run_step(hbr_context_t *ctx)
{
    return step(ctx);
}

HBR_TEST_HANDLER(sql, .process = run_step, .statements = statements);
HBR_TEST_HANDLER(boxes, .process = run_step, .statements = boxes_statements);
HBR_TEST_HANDLER(bad, .process = run_step, .statements = missing_statements);

static char file[80];

static void make_file(void)
{
    assert_int_equal(folder_make(), 0);
    snprintf(file, sizeof(file), "%s/test.db", folder);
}

/* Another connection to the same file, as another process has. */
static void outside(const char *text)
{
    const apr_dbd_driver_t *driver;
    apr_pool_t *pool;
    apr_dbd_t *handle;
    int rows;

    apr_pool_create(&pool, NULL);
    apr_dbd_init(pool);
    assert_int_equal(apr_dbd_get_driver(pool, "sqlite3", &driver), 0);
    assert_int_equal(apr_dbd_open(driver, pool, file, &handle), 0);
    assert_int_equal(apr_dbd_query(driver, handle, &rows, text), 0);
    apr_dbd_close(driver, handle);
    apr_pool_destroy(pool);
}

static int setup_closed(void **state)
{
    return serve_setup(state) || hbr_test_add(kit, &sql_handler) != NULL
           || hbr_test_add(kit, &bad_handler) != NULL
           || hbr_test_add(kit, &boxes_handler) != NULL;
}

/* Nothing here has to survive the machine. */
static int do_not_sync(hbr_context_t *ctx)
{
    return hbr_execute(ctx, FAST, HBR_NO_VALUES, NULL);
}

static int setup(void **state)
{
    make_file();
    outside("CREATE TABLE t (id INTEGER PRIMARY KEY, v)");
    outside("CREATE TABLE s (v NOT NULL CHECK (v <> 'too long'))");
    if (setup_closed(state)
        || hbr_test_database_open(kit, "sqlite3", file) != APR_SUCCESS)
        return -1;
    step = do_not_sync;
    return hbr_test_get(kit, "/sql")->status != 200;
}

static int teardown(void **state)
{
    int failed = serve_teardown(state);

    unlink(file);
    return failed || folder_remove();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define CLOSED_TEST(f)                                                         \
    cmocka_unit_test_setup_teardown(f, setup_closed, serve_teardown)

static const hbr_test_response_t *run_at(const char *url, step_fn *function)
{
    const hbr_test_response_t *r;

    step = function;
    r = serve_run(&(hbr_test_request_t){ .url = url });
    assert_int_equal(hbr_test_database_borrowed(kit), 0);
    return r;
}

static const hbr_test_response_t *run(step_fn *function)
{
    return run_at("/sql", function);
}

static void check_unavailable(const hbr_test_response_t *r, const char *tag,
                              const char *words)
{
    const hbr_test_line_t *line = hbr_test_logged(kit, tag);

    assert_int_equal(r->status, 503);
    assert_string_equal(hbr_test_header(r, "Retry-After"), "5");
    assert_non_null(strstr(r->body, "The database is not available."));
    assert_non_null(line);
    assert_int_equal(line->level, HBR_LOG_ERROR);
    if (strstr(line->text, words) == NULL)
        fail_msg("%s", line->text);
}

/* ---------------------------------------------------------- there and back */

static hbr_rows_t *put(hbr_context_t *ctx, int statement, hbr_value_t value)
{
    hbr_rows_t *rows;
    int64_t affected = 0;

    assert_int_equal(hbr_execute(ctx, statement, HBR_VALUES(value), &affected),
                     HBR_OK);
    assert_int_equal(affected, 1);
    assert_int_equal(hbr_select(ctx, GET, HBR_NO_VALUES, &rows), HBR_OK);
    assert_int_equal(rows->columns, 3);
    return rows;
}

static void check_type(const hbr_rows_t *rows, const char *type)
{
    assert_string_equal(hbr_row_text(rows, 0, 1), type);
}

static int texts(hbr_context_t *ctx)
{
    static const char *const values[] = {
        "",
        "plain",
        "it's \"quoted\"",
        "'; DROP TABLE t; --",
        "%s %d %%",
        "a\nb\r\n\t",
        "\xc3\xa4\xf0\x9f\x98\x80",
        "\xff\xfe",
        "NULL",
        "0",
        "?",
        "$1",
        ":v",
    };
    apr_size_t i, length;

    for (i = 0; i < COUNT(values); i++) {
        hbr_rows_t *rows = put(ctx, PUT_TEXT, hbr_value_text(values[i]));

        check_type(rows, "text");
        assert_int_equal(rows->count, i + 1);
        assert_false(hbr_row_is_null(rows, 0, 0));
        assert_string_equal(hbr_row_text(rows, 0, 0), values[i]);
        assert_memory_equal(hbr_row_bytes(rows, 0, 0, &length), values[i],
                            strlen(values[i]));
        assert_int_equal(length, strlen(values[i]));
    }
    return hbr_text(ctx, "%d", (int)i);
}

static int integers(hbr_context_t *ctx)
{
    static const int64_t values[] = { 0,         1,         -1,
                                      INT32_MAX, INT32_MIN, INT64_MAX,
                                      INT64_MIN, 1LL << 53 };
    apr_size_t i;

    for (i = 0; i < COUNT(values); i++) {
        hbr_rows_t *rows = put(ctx, PUT_INT64, hbr_value_int(values[i]));

        check_type(rows, "integer");
        assert_true(hbr_row_int(rows, 0, 0) == values[i]);
        if (values[i] < INT32_MIN || values[i] > INT32_MAX)
            continue;
        rows = put(ctx, PUT_INT, hbr_value_int(values[i]));
        check_type(rows, "integer");
        assert_true(hbr_row_int(rows, 0, 0) == values[i]);
    }
    return hbr_text(ctx, "done");
}

/* The SQLite driver hands numbers on as text of 15 digits. */
static int doubles(hbr_context_t *ctx)
{
    static const double values[] = { 0,       1.5, -0.25,        1e300,
                                     -1e-300, 0.1, 123456789.125 };
    apr_size_t i;

    for (i = 0; i < COUNT(values); i++) {
        hbr_rows_t *rows = put(ctx, PUT_DOUBLE, hbr_value_double(values[i]));

        check_type(rows, "real");
        assert_true(fabs(hbr_row_double(rows, 0, 0) - values[i])
                    <= fabs(values[i]) * 1e-15);
    }
    check_type(put(ctx, PUT_FLOAT, hbr_value_double(0.5)), "real");
    assert_true(hbr_row_double(put(ctx, PUT_FLOAT, hbr_value_double(0.5)), 0, 0)
                == 0.5);
    return hbr_text(ctx, "done");
}

static int blobs(hbr_context_t *ctx)
{
    static const struct {
        const char *bytes;
        apr_size_t length;
        const char *hex;
    } values[] = {
        { "", 0, "" },
        { NULL, 0, "" },
        { "\0", 1, "00" },
        { "a\0b", 3, "610062" },
        { "\xff\0\xff", 3, "FF00FF" },
        { "'--", 3, "272D2D" },
        { "\\x41", 4, "5C783431" },
    };
    apr_size_t i, length;

    for (i = 0; i < COUNT(values); i++) {
        hbr_rows_t *rows = put(
            ctx, PUT_BLOB, hbr_value_blob(values[i].bytes, values[i].length));

        check_type(rows, "blob");
        assert_string_equal(hbr_row_text(rows, 0, 2), values[i].hex);
        assert_false(hbr_row_is_null(rows, 0, 0));
        assert_non_null(hbr_row_bytes(rows, 0, 0, &length));
        assert_int_equal(length, values[i].length);
        if (length > 0)
            assert_memory_equal(hbr_row_bytes(rows, 0, 0, &length),
                                values[i].bytes, length);
        assert_int_equal(hbr_row_int(rows, 0, 0), 0);
    }
    return hbr_text(ctx, "done");
}

static int all_bytes(hbr_context_t *ctx)
{
    apr_size_t size = 3 * 1024 * 1024, i, length;
    unsigned char *bytes = apr_palloc(ctx->pool, size);
    hbr_rows_t *rows;

    for (i = 0; i < size; i++)
        bytes[i] = (unsigned char)(i * 7 + i / 256);
    rows = put(ctx, PUT_BLOB, hbr_value_blob(bytes, size));
    assert_memory_equal(hbr_row_bytes(rows, 0, 0, &length), bytes, size);
    assert_int_equal(length, size);
    return hbr_text(ctx, "done");
}

static int nulls(hbr_context_t *ctx)
{
    int statement;
    apr_size_t length;

    for (statement = PUT_TEXT; statement <= PUT_BLOB; statement++) {
        hbr_rows_t *rows = put(ctx, statement, hbr_value_null());

        check_type(rows, "null");
        assert_true(hbr_row_is_null(rows, 0, 0));
        assert_null(hbr_row_text(rows, 0, 0));
        assert_null(hbr_row_bytes(rows, 0, 0, &length));
    }
    assert_true(
        hbr_row_is_null(put(ctx, PUT_TEXT, hbr_value_text(NULL)), 0, 0));
    return hbr_text(ctx, "done");
}

/* BLOBs and NULLs between other values: the driver counts its arguments. */
static int mixed(hbr_context_t *ctx)
{
    const hbr_value_t values[][4] = {
        { hbr_value_blob("\0z", 2), hbr_value_text("t"), hbr_value_int(7),
          hbr_value_int(1) },
        { hbr_value_null(), hbr_value_text("t"), hbr_value_int(7),
          hbr_value_int(1) },
        { hbr_value_blob(NULL, 0), hbr_value_null(), hbr_value_null(),
          hbr_value_int(1) },
        { hbr_value_blob("x", 1), hbr_value_text("t"), hbr_value_int(7),
          hbr_value_int(0) },
    };
    static const apr_size_t counts[] = { 1, 1, 1, 0 };
    hbr_rows_t *rows;
    apr_size_t i, length;

    for (i = 0; i < COUNT(values); i++) {
        assert_int_equal(hbr_select(ctx, BOTH,
                                    HBR_VALUES(values[i][0], values[i][1],
                                               values[i][2], values[i][3]),
                                    &rows),
                         HBR_OK);
        assert_int_equal(rows->count, counts[i]);
        assert_int_equal(rows->columns, 3);
        if (rows->count == 0)
            continue;
        hbr_row_bytes(rows, 0, 0, &length);
        assert_int_equal(length, values[i][0].type == HBR_VALUE_BLOB
                                     ? values[i][0].as.bytes.length
                                     : 0);
        assert_int_equal(hbr_row_is_null(rows, 0, 0),
                         values[i][0].type == HBR_VALUE_NULL);
        assert_int_equal(hbr_row_is_null(rows, 0, 1),
                         values[i][1].type == HBR_VALUE_NULL);
        assert_int_equal(hbr_row_int(rows, 0, 2),
                         values[i][2].type == HBR_VALUE_NULL ? 0 : 7);
    }
    return hbr_text(ctx, "done");
}

static void test_there_and_back(void **state)
{
    static step_fn *const steps[] = { texts,     integers, doubles, blobs,
                                      all_bytes, nulls,    mixed };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(steps); i++) {
        outside("DELETE FROM t");
        assert_int_equal(run(steps[i])->status, 200);
    }
}

/* ------------------------------------------------------------------ misuse */

static const hbr_value_t *misfit_values;
static int misfit_statement;

static int misfit(hbr_context_t *ctx)
{
    hbr_rows_t *rows = NULL;
    int64_t affected = 5;
    int result = hbr_select(ctx, misfit_statement, misfit_values, &rows);

    assert_int_equal(result, 500);
    assert_non_null(rows);
    assert_int_equal(rows->count, 0);
    assert_int_equal(
        hbr_execute(ctx, misfit_statement, misfit_values, &affected), 500);
    assert_int_equal(affected, 0);
    return result;
}

static void test_misfits(void **state)
{
    const struct {
        int statement;
        const hbr_value_t *values;
        const char *tag;
    } rows[] = {
        { PUT_TEXT, HBR_NO_VALUES, "HBR0205" },
        { PUT_TEXT, HBR_VALUES(hbr_value_int(1)), "HBR0205" },
        { PUT_TEXT, HBR_VALUES(hbr_value_blob("x", 1)), "HBR0205" },
        { PUT_INT, HBR_VALUES(hbr_value_int(1LL << 31)), "HBR0205" },
        { PUT_INT, HBR_VALUES(hbr_value_text("1")), "HBR0205" },
        { PUT_INT64, HBR_VALUES(hbr_value_double(1)), "HBR0205" },
        { PUT_DOUBLE, HBR_VALUES(hbr_value_int(1)), "HBR0205" },
        { PUT_BLOB, HBR_VALUES(hbr_value_text("x")), "HBR0205" },
        /* SQLite takes a byte less, and nobody may look at them */
        { PUT_BLOB, HBR_VALUES(hbr_value_blob("x", 1000000001)), "HBR0205" },
        { PUT_TEXT, HBR_VALUES(hbr_value_text("a"), hbr_value_text("b")),
          "HBR0205" },
        { COUNT_ROWS, HBR_VALUES(hbr_value_null()), "HBR0205" },
        { COUNT(statements) - 1, HBR_NO_VALUES, "HBR0207" },
        { -1, HBR_NO_VALUES, "HBR0207" },
        { 1 << 30, HBR_NO_VALUES, "HBR0207" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r;

        misfit_statement = rows[i].statement;
        misfit_values = rows[i].values;
        r = run(misfit);
        assert_int_equal(r->status, 500);
        assert_null(hbr_test_header(r, "Retry-After"));
        if (hbr_test_logged(kit, rows[i].tag) == NULL)
            fail_msg("row %d is not logged", (int)i);
    }
}

/* ------------------------------------------------------------------ faults */

static int count_rows(hbr_context_t *ctx)
{
    hbr_rows_t *rows;
    int result = hbr_select(ctx, COUNT_ROWS, HBR_NO_VALUES, &rows);

    if (result != HBR_OK)
        return result;
    return hbr_text(ctx, "%d", (int)hbr_row_int(rows, 0, 0));
}

static int insert(hbr_context_t *ctx)
{
    int64_t affected;
    int result =
        hbr_execute(ctx, PUT_TEXT, HBR_VALUES(hbr_value_text("x")), &affected);

    if (result != HBR_OK)
        return result;
    return hbr_text(ctx, "%d", (int)affected);
}

static void check_count(const char *count)
{
    const hbr_test_response_t *r = run(count_rows);

    assert_int_equal(r->status, 200);
    assert_string_equal(r->body, count);
}

static int select_fine(hbr_context_t *ctx)
{
    hbr_rows_t *rows;
    int result = hbr_select(ctx, 0, HBR_NO_VALUES, &rows);

    return result != HBR_OK ? result : hbr_text(ctx, "fine");
}

static void test_bad_statement(void **state)
{
    (void)state;
    check_unavailable(run_at("/bad", select_fine), "HBR0203",
                      "bad: statement \"missing\" cannot be prepared: no such "
                      "table: not_there");
    check_count("0");
    outside("CREATE TABLE not_there (x)");
    assert_int_equal(run_at("/bad", select_fine)->status, 503);
    apr_sleep(APR_USEC_PER_SEC + 1000);
    assert_int_equal(run_at("/bad", select_fine)->status, 200);
}

/* Another process changes the schema: nobody notices, nothing runs twice. */
static void test_schema_change(void **state)
{
    int i;
    char text[64];

    (void)state;
    assert_string_equal(run(insert)->body, "1");
    check_count("1");
    for (i = 0; i < 5; i++) {
        snprintf(text, sizeof(text), "ALTER TABLE t ADD COLUMN c%d", i);
        outside(text);
        assert_string_equal(run(insert)->body, "1");
        assert_int_equal(hbr_test_logged(kit, "HBR0206")->level, HBR_LOG_INFO);
        snprintf(text, sizeof(text), "%d", i + 2);
        check_count(text);
        assert_non_null(hbr_test_logged(kit, "HBR0206"));
        check_count(text);
        assert_null(hbr_test_logged(kit, "HBR0206"));
    }
}

static void test_table_gone_and_back(void **state)
{
    (void)state;
    check_count("0");
    outside("ALTER TABLE t RENAME TO u");
    check_unavailable(run(count_rows), "HBR0204", "schema has changed");
    check_unavailable(run(insert), "HBR0203", "no such table: t");
    outside("ALTER TABLE u RENAME TO t");
    check_unavailable(run(insert), "HBR0203", "no such table: t");
    hbr_test_database_away(kit, true); /* a new connection need not wait */
    hbr_test_database_away(kit, false);
    check_count("0");
    assert_string_equal(run(insert)->body, "1");
}

static int insert_returning(hbr_context_t *ctx)
{
    int64_t affected;
    int result =
        hbr_execute(ctx, RETURNING, HBR_VALUES(hbr_value_text("x")), &affected);

    return result != HBR_OK ? result : hbr_text(ctx, "%d", (int)affected);
}

static int select_returning(hbr_context_t *ctx)
{
    hbr_rows_t *rows;
    int result =
        hbr_select(ctx, RETURNING, HBR_VALUES(hbr_value_text("x")), &rows);

    return result != HBR_OK ? result
                            : hbr_text(ctx, "%s", hbr_row_text(rows, 0, 0));
}

/* It answers with rows, which nobody wants of it; it ran all the same, and must
 * not run again. */
static void test_rows_that_nobody_wants(void **state)
{
    (void)state;
    assert_string_equal(run(insert_returning)->body, "1");
    check_count("1");
    assert_string_equal(run(select_returning)->body, "2");
    check_count("2");
    outside("ALTER TABLE t ADD COLUMN c");
    assert_string_equal(run(insert_returning)->body, "1");
    assert_non_null(hbr_test_logged(kit, "HBR0206"));
    assert_string_equal(run(insert_returning)->body, "1");
    assert_null(hbr_test_logged(kit, "HBR0206"));
    check_count("4");
}

/* A reader lets it change rows, but not commit. */
static void test_rows_and_no_commit(void **state)
{
    const apr_dbd_driver_t *driver;
    apr_pool_t *pool;
    apr_dbd_t *reader;
    int rows;

    (void)state;
    apr_pool_create(&pool, NULL);
    assert_int_equal(apr_dbd_get_driver(pool, "sqlite3", &driver), 0);
    assert_int_equal(apr_dbd_open(driver, pool, file, &reader), 0);
    assert_int_equal(apr_dbd_query(driver, reader, &rows, "BEGIN"), 0);
    apr_dbd_query(driver, reader, &rows, "SELECT count(*) FROM t");
    assert_int_equal(run(insert_returning)->status, 503);
    assert_non_null(hbr_test_logged(kit, "HBR0332"));
    assert_int_equal(run(select_returning)->status, 503);
    assert_non_null(hbr_test_logged(kit, "HBR0332"));
    apr_dbd_close(driver, reader);
    apr_pool_destroy(pool);
    check_count("0");
}

/* What cannot be run past the driver is run by it. */
static int select_id(hbr_context_t *ctx)
{
    hbr_rows_t *rows;
    int result = hbr_select(ctx, 0, HBR_VALUES(hbr_value_double(4)), &rows);

    return result != HBR_OK ? result
                            : hbr_text(ctx, "%s", hbr_row_text(rows, 0, 0));
}

static void test_virtual_table(void **state)
{
    (void)state;
    outside("CREATE VIRTUAL TABLE b USING rtree(id, x0, x1)");
    outside("INSERT INTO b VALUES (1, 2, 3), (4, 5, 6)");
    assert_string_equal(run_at("/boxes", select_id)->body, "4");
    assert_string_equal(run_at("/boxes", select_id)->body, "4");
}

static void test_away_and_back(void **state)
{
    int i;

    (void)state;
    for (i = 0; i < 3; i++) {
        check_count("0");
        hbr_test_database_away(kit, true);
        check_unavailable(run(count_rows), "HBR0201", "cannot be reached");
        hbr_test_database_away(kit, false);
    }
    check_count("0");
}

static void test_busy(void **state)
{
    const hbr_test_response_t *r;
    const hbr_test_line_t *line;

    (void)state;
    hbr_test_database_busy(kit, true);
    r = run(count_rows);
    assert_int_equal(r->status, 503);
    assert_string_equal(hbr_test_header(r, "Retry-After"), "5");
    assert_non_null(strstr(r->body, "BridgeDBWait"));
    line = hbr_test_logged(kit, "HBR0202");
    assert_non_null(strstr(line->text, "BridgeDBWait"));
    assert_non_null(strstr(line->text, "BridgeDBMax"));
    hbr_test_database_busy(kit, false);
    check_count("0");
}

static void test_failing_and_back(void **state)
{
    (void)state;
    assert_string_equal(run(insert)->body, "1");
    hbr_test_database_fail(kit, true);
    check_unavailable(run(count_rows), "HBR0204", "statement \"count\" failed");
    check_unavailable(run(insert), "HBR0204", "statement \"put_text\" failed");
    hbr_test_database_fail(kit, false);
    check_count("1");
}

static int insert_same(hbr_context_t *ctx)
{
    int64_t affected;
    int result =
        hbr_execute(ctx, UNIQUE, HBR_VALUES(hbr_value_int(1)), &affected);

    return result != HBR_OK ? result : hbr_text(ctx, "%d", (int)affected);
}

static int insert_kind(hbr_context_t *ctx, const char *kind)
{
    int64_t affected = -1;
    int result =
        hbr_execute(ctx, STRICT, HBR_VALUES(hbr_value_text(kind)), &affected);

    assert_int_equal(affected, result == HBR_OK ? 1 : 0);
    return result;
}

static int insert_null(hbr_context_t *ctx)
{
    return insert_kind(ctx, NULL);
}

static int insert_long(hbr_context_t *ctx)
{
    return insert_kind(ctx, "too long");
}

static int insert_forbidden(hbr_context_t *ctx)
{
    return insert_kind(ctx, "no");
}

/* RFC 9110 15.5.10. A failure that is the data's is none of the database's,
 * nor is it put to the statement. */
static void test_constraint(void **state)
{
    static const struct {
        step_fn *step;
        const char *words;
    } cases[] = { { insert_same, "UNIQUE constraint failed" },
                  { insert_null, "NOT NULL constraint failed" },
                  { insert_long, "CHECK constraint failed" } };
    size_t i;

    (void)state;
    assert_int_equal(run(insert_same)->status, 200);
    for (i = 0; i < COUNT(cases); i++) {
        const hbr_test_response_t *r = run(cases[i].step);
        const hbr_test_line_t *line = hbr_test_logged(kit, "HBR0220");
        assert_int_equal(r->status, 409);
        assert_non_null(strstr(r->body, "409 Conflict"));
        assert_null(hbr_test_header(r, "Retry-After"));
        assert_null(strstr(r->body, "constraint failed"));
        assert_non_null(line);
        assert_int_equal(line->level, HBR_LOG_INFO);
        assert_non_null(strstr(line->text, cases[i].words));
        assert_null(hbr_test_logged(kit, "HBR0204"));
        assert_null(hbr_test_logged(kit, "HBR0206"));
    }
    check_count("1");
}

/* The one it is told by may be the second try's: making the trigger has changed
 * the schema. What a trigger raises goes by its words. */
static void test_constraint_of_second_try(void **state)
{
    (void)state;
    assert_int_equal(run(insert_same)->status, 200);
    outside("CREATE TRIGGER r BEFORE INSERT ON s WHEN NEW.v = 'no' BEGIN "
            "SELECT RAISE(ABORT, 'CHECK constraint failed: no'); END");
    assert_int_equal(run(insert_forbidden)->status, 409);
    assert_non_null(hbr_test_logged(kit, "HBR0206"));
    assert_non_null(hbr_test_logged(kit, "HBR0220"));
}

static int insert_and_explain(hbr_context_t *ctx)
{
    int result = insert_same(ctx);

    if (result == 409 && hbr_clear(ctx) == APR_SUCCESS)
        return hbr_text(ctx, "taken");
    return result;
}

static int insert_and_reword(hbr_context_t *ctx)
{
    return insert_same(ctx) == 409 ? hbr_error(ctx, 409, "It is taken.")
                                   : HBR_OK;
}

static void test_own_words_for_it(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    assert_string_equal(run(insert_and_explain)->body, "1");
    r = run(insert_and_explain);
    assert_int_equal(r->status, 200);
    assert_string_equal(r->body, "taken");
    r = run(insert_and_reword);
    assert_int_equal(r->status, 409);
    assert_non_null(strstr(r->body, "It is taken."));
}

static void test_no_database(void **state)
{
    const hbr_test_response_t *r = run(count_rows);

    (void)state;
    assert_int_equal(r->status, 500);
    assert_null(hbr_test_header(r, "Retry-After"));
    assert_non_null(strstr(hbr_test_logged(kit, "HBR0200")->text, "DBDriver"));
}

/* What was written before a failure is not sent, and what the handler makes of
 * the failure is his. */
static int write_then_fail(hbr_context_t *ctx)
{
    hbr_rows_t *rows;

    hbr_puts(ctx, "half a page");
    return hbr_select(ctx, COUNT_ROWS, HBR_NO_VALUES, &rows);
}

static void test_failure_drops_text(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    hbr_test_database_away(kit, true);
    r = run(write_then_fail);
    assert_int_equal(r->status, 503);
    assert_null(strstr(r->body, "half"));
}

/* ------------------------------------------------------------------ memory */

#define PIECE (64 * 1024)
#define PIECES 64

static int fail_at;

static apr_status_t read_zeroes(hbr_context_t *ctx, void *data,
                                apr_off_t offset, apr_size_t wanted,
                                const void **bytes, apr_size_t *length)
{
    static const char zeroes[PIECE];

    (void)ctx;
    (void)data;
    (void)offset;
    *bytes = zeroes;
    *length = wanted < PIECE ? wanted : PIECE;
    return APR_SUCCESS;
}

static apr_status_t read_rows(hbr_context_t *ctx, void *data, apr_off_t offset,
                              apr_size_t wanted, const void **bytes,
                              apr_size_t *length)
{
    hbr_rows_t *rows;

    (void)data;
    if (fail_at > 0 && offset >= (apr_off_t)fail_at * PIECE)
        hbr_test_database_away(kit, true);
    if (hbr_select(ctx, GET, HBR_NO_VALUES, &rows) != HBR_OK)
        return APR_EGENERAL;
    *bytes = hbr_row_bytes(rows, 0, 0, length);
    if (*length > wanted)
        *length = wanted;
    return APR_SUCCESS;
}

static int insert_piece(hbr_context_t *ctx)
{
    void *piece = apr_pcalloc(ctx->pool, PIECE);

    return hbr_execute(ctx, PUT_BLOB, HBR_VALUES(hbr_value_blob(piece, PIECE)),
                       NULL);
}

static int stream(hbr_context_t *ctx)
{
    return hbr_source(ctx,
                      &(hbr_source_t){ .length = (apr_off_t)PIECE * PIECES,
                                       .read = read_rows },
                      NULL);
}

static int stream_zeroes(hbr_context_t *ctx)
{
    return hbr_source(ctx,
                      &(hbr_source_t){ .length = (apr_off_t)PIECE * PIECES,
                                       .read = read_zeroes },
                      NULL);
}

static apr_size_t peak_of(step_fn *function)
{
    apr_size_t before;

    hbr_test_clear(kit);
    before = palloc_live();
    palloc_mark();
    assert_int_equal(run(function)->length, PIECE * PIECES);
    return palloc_peak() - before;
}

/* Rows selected in a source's read go with the piece: what the kit itself
 * takes apart, a few pieces at most are there at once. */
static void test_rows_live_in_the_piece(void **state)
{
    apr_size_t without;

    (void)state;
    fail_at = 0;
    run(insert_piece);
    without = peak_of(stream_zeroes);
    assert_in_range(peak_of(stream), without, without + 8 * PIECE);
}

/* The response is on its way: one line about the database, then the cut. */
static void test_failure_in_a_source(void **state)
{
    const hbr_test_response_t *r;
    apr_size_t i;

    (void)state;
    run(insert_piece);
    fail_at = PIECES / 2;
    r = run(stream);
    assert_true(r->cut);
    assert_int_equal(r->status, 200);
    assert_non_null(hbr_test_logged(kit, "HBR0201"));
    for (i = 0; i < r->line_count; i++)
        assert_null(strstr(r->lines[i].text, "hbr_error"));
}

static int read_columns(hbr_context_t *ctx)
{
    hbr_rows_t *rows;
    int result = hbr_select(ctx, COLUMNS, HBR_NO_VALUES, &rows);

    return result != HBR_OK ? result
                            : hbr_text(ctx, "%s", hbr_row_text(rows, 1, 1));
}

static int drop_columns(hbr_context_t *ctx)
{
    return hbr_execute(ctx, COLUMNS, HBR_NO_VALUES, NULL);
}

/* SQLite runs it once only, and then calls it stale. */
static void test_pragma(void **state)
{
    int i;

    (void)state;
    for (i = 0; i < 3; i++) {
        assert_string_equal(run(read_columns)->body, "v");
        assert_int_equal(run(drop_columns)->status, 200);
        assert_null(hbr_test_logged(kit, "HBR0206"));
    }
    outside("ALTER TABLE t RENAME COLUMN v TO w");
    assert_string_equal(run(read_columns)->body, "w");
}

/* Requests leave nothing on the connection, whatever becomes of them. */
static void test_requests_do_not_grow(void **state)
{
    static const struct {
        const char *url;
        step_fn *step;
    } rows[] = { { "/sql", insert },       { "/sql", count_rows },
                 { "/sql", insert_same },  { "/sql", do_not_sync },
                 { "/sql", read_columns }, { "/bad", select_fine } };
    apr_size_t i, live;
    int round;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        for (round = 0; round < 3; round++)
            run_at(rows[i].url, rows[i].step);
        hbr_test_clear(kit);
        live = palloc_live();
        for (round = 0; round < 100; round++)
            run_at(rows[i].url, rows[i].step);
        hbr_test_clear(kit);
        assert_int_equal(palloc_live(), live);
    }
}

MAIN(TEST(test_there_and_back), TEST(test_misfits), TEST(test_bad_statement),
     TEST(test_schema_change), TEST(test_table_gone_and_back),
     TEST(test_away_and_back), TEST(test_rows_that_nobody_wants),
     TEST(test_rows_and_no_commit), TEST(test_virtual_table), TEST(test_busy),
     TEST(test_failing_and_back), TEST(test_constraint),
     TEST(test_constraint_of_second_try), TEST(test_own_words_for_it),
     CLOSED_TEST(test_no_database), TEST(test_failure_drops_text),
     TEST(test_rows_live_in_the_piece), TEST(test_failure_in_a_source),
     TEST(test_pragma), TEST(test_requests_do_not_grow))
