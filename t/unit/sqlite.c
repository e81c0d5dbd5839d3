/*
 * A SELECT past apr_dbd_sqlite3 against the same through it: the same rows, the
 * same failures. What handlers see of it is in database.c.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_DEFAULT */
#endif
#include "support/folder.h"
#include "support/main.h"
#include "support/serve.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "../../bridge/rows.h"
#include "../../bridge/statement.h"

typedef struct result_t {
    int code;
    char message[HBR_DRIVER_MESSAGE];
    hbr_rows_t *rows;
} result_t;

static apr_pool_t *pool;
static hbr_connection_t connection;
static char file[80];
static const hbr_sqlite_t *real;
static int held; /* mutexes */

static void open_file(hbr_connection_t *to)
{
    char message[HBR_DRIVER_MESSAGE];

    *to = (hbr_connection_t){ .pool = NULL };
    apr_pool_create(&to->pool, pool);
    assert_int_equal(apr_dbd_get_driver(pool, "sqlite3", &to->driver), 0);
    assert_int_equal(apr_dbd_open(to->driver, to->pool, file, &to->handle), 0);
    assert_int_equal(hbr_connection_ready(to, message), HBR_CONNECTION_SAME);
}

static void close_file(const hbr_connection_t *to)
{
    apr_dbd_close(to->driver, to->handle);
    apr_pool_destroy(to->pool);
}

static int setup(void **state)
{
    (void)state;
    apr_pool_create(&pool, NULL);
    apr_dbd_init(pool);
    if (folder_make() != 0)
        return -1;
    snprintf(file, sizeof(file), "%s/t.db", folder);
    open_file(&connection);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    close_file(&connection);
    apr_pool_destroy(pool);
    unlink(file);
    return folder_remove();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static void sql(const hbr_connection_t *on, const char *text)
{
    int rows;

    assert_int_equal(apr_dbd_query(on->driver, on->handle, &rows, text), 0);
}

/* A handler's statement, ready to run. */
static hbr_prepared_t *prepared(const char *text)
{
    hbr_statement_t *declared = apr_pcalloc(pool, 2 * sizeof(*declared));
    hbr_entry_t *entry = apr_pcalloc(pool, sizeof(*entry));
    const hbr_prepared_t *bad;
    hbr_prepared_t *made;

    declared[0] = (hbr_statement_t){ "it", text };
    entry->handler.statements = declared;
    entry->statements = 1;
    made = hbr_statement_get(&connection, entry, 0, apr_time_now(), &bad);
    if (made == NULL)
        fail_msg("%s: %s", text, bad->message);
    return made;
}

static void end(result_t *result)
{
    hbr_driver_message(&connection, result->code, result->message);
}

static result_t past(const hbr_prepared_t *statement, const void **arguments)
{
    result_t result = { .code = -1 };

    assert_non_null(statement->native);
    result.code =
        hbr_sqlite_select(statement->sqlite, pool, statement->native,
                          &statement->places, arguments, &result.rows);
    end(&result);
    return result;
}

static result_t through(const hbr_prepared_t *statement, const void **arguments)
{
    result_t result = { .code = -1 };
    apr_dbd_results_t *results = NULL;

    result.code = apr_dbd_pbselect(connection.driver, pool, connection.handle,
                                   &results, statement->handle, 1, arguments);
    end(&result);
    if (result.code == 0) {
        assert_int_equal(hbr_rows_collect(pool, apr_bucket_alloc_create(pool),
                                          connection.driver, results, NULL, 0,
                                          &result.rows),
                         APR_SUCCESS);
    }
    return result;
}

static void check_cell(const hbr_rows_t *ours, const hbr_rows_t *theirs,
                       apr_size_t row, apr_size_t column)
{
    const hbr_cell_t *our = &ours->cells[row][column];
    const hbr_cell_t *their = &theirs->cells[row][column];

    assert_int_equal(our->text == NULL, their->text == NULL);
    assert_int_equal(our->text_length, their->text_length);
    assert_int_equal(our->length, our->text_length);
    assert_ptr_equal(our->bytes, our->text);
    if (our->text != NULL)
        assert_memory_equal(our->text, their->text, their->text_length + 1);
}

static void check_rows(const hbr_rows_t *ours, const hbr_rows_t *theirs)
{
    apr_size_t row, column;

    assert_int_equal(ours->count, theirs->count);
    assert_int_equal(ours->columns, theirs->columns);
    for (row = 0; row < ours->count; row++) {
        for (column = 0; column < ours->columns; column++)
            check_cell(ours, theirs, row, column);
    }
}

/* Both ways, once more the first: what one leaves behind does not matter. */
static result_t check(const hbr_prepared_t *statement, const void **arguments)
{
    result_t first = past(statement, arguments);
    result_t theirs = through(statement, arguments);
    result_t again = past(statement, arguments);

    assert_int_equal(first.code, theirs.code);
    assert_int_equal(again.code, theirs.code);
    assert_string_equal(first.message, theirs.message);
    assert_string_equal(again.message, theirs.message);
    if (first.code == 0) {
        check_rows(first.rows, theirs.rows);
        check_rows(again.rows, theirs.rows);
    }
    return first;
}

static result_t check_sql(const char *text)
{
    return check(prepared(text), NULL);
}

/* ------------------------------------------------------------------ values */

static void test_values(void **state)
{
    result_t result;

    (void)state;
    check_sql("SELECT 0, -1, 9, 10, 9223372036854775807, "
              "-9223372036854775807 - 1, CAST('007' AS INTEGER), 1 = 1");
    check_sql("SELECT 1.5, 3.0, -2.5e300, 1e999, -1e999, 0.1, 1e-320, 1e15");
    check_sql("SELECT '', 'x', 'K\xc3\xb6ln', '12', NULL, '\xff'");
    check_sql("SELECT x'', x'00', x'0001ff00', zeroblob(3), NULL, x'61'");
    result = check_sql("SELECT 'a' || char(0) || 'b', NULL, x'', ''");
    assert_int_equal(result.rows->cells[0][0].text_length, 3);
    assert_null(result.rows->cells[0][1].text);
    assert_string_equal(result.rows->cells[0][2].text, "");
    assert_string_equal(result.rows->cells[0][3].text, "");
}

/* What a column says that it holds binds SQLite to little. */
static void test_columns(void **state)
{
    (void)state;
    sql(&connection,
        "CREATE TABLE t (i INTEGER, r REAL, s TEXT, n NUMERIC, b)");
    sql(&connection, "INSERT INTO t VALUES (1, 1, 1, 1, 1)");
    sql(&connection, "INSERT INTO t VALUES ('x', 'x', 'x', 'x', 'x')");
    sql(&connection, "INSERT INTO t VALUES (x'00', x'00', x'00', x'00', x'')");
    sql(&connection, "INSERT INTO t VALUES ('007', '1.50', '007', '1e2', 2.0)");
    sql(&connection, "INSERT INTO t (i) VALUES (NULL)");
    assert_int_equal(check_sql("SELECT * FROM t").rows->count, 5);
    check_sql("SELECT i, i || '', i, i + 0, s + 0, s, n, r || n FROM t");
    check_sql("SELECT b FROM t WHERE s = 7 OR n = 100 ORDER BY b");
}

static void test_lengths(void **state)
{
    int length;

    (void)state;
    for (length = 0; length < 70; length++) {
        check_sql(apr_psprintf(pool, "SELECT printf('%%%%.*c', %d, 'x'), 'end'",
                               length));
    }
    check_sql("SELECT zeroblob(3000000), 'end'");
}

static void test_utf16(void **state)
{
    (void)state;
    sql(&connection, "PRAGMA encoding = 'UTF-16'");
    sql(&connection, "CREATE TABLE t (s)");
    sql(&connection, "INSERT INTO t VALUES ('K\xc3\xb6ln \xf0\x9f\x98\x80')");
    sql(&connection, "INSERT INTO t VALUES ('')");
    assert_string_equal(check_sql("SELECT s FROM t").rows->cells[0][0].text,
                        "K\xc3\xb6ln \xf0\x9f\x98\x80");
    check_sql("SELECT x'ff00', x'4100', x'41', 7, 0.5, 'x'");
}

static void test_rows(void **state)
{
    static const int counts[] = { 0, 1, 31, 32, 33, 64, 65, 1000 };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(counts); i++) {
        result_t result = check_sql(apr_psprintf(
            pool,
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
            "SELECT x, 'row ' || x, NULL FROM n LIMIT %d",
            counts[i]));
        assert_int_equal(result.rows->count, counts[i]);
        assert_int_equal(result.rows->columns, 3);
    }
}

/* It is no SELECT, but may be run as one. */
static void test_no_columns(void **state)
{
    result_t result;

    (void)state;
    sql(&connection, "CREATE TABLE t (x)");
    result = check_sql("INSERT INTO t VALUES (1)");
    assert_int_equal(result.rows->count, 0);
    assert_int_equal(result.rows->columns, 0);
    result = check_sql("SELECT COUNT(*) FROM t");
    assert_string_equal(result.rows->cells[0][0].text, "3");
}

static result_t check_bound(const hbr_prepared_t *statement,
                            const hbr_value_t *values)
{
    const void **arguments;

    assert_null(hbr_places_bind(pool, &statement->places, values, &arguments));
    return check(statement, arguments);
}

static void test_placeholders(void **state)
{
    const hbr_prepared_t *statement = prepared(
        "SELECT typeof(v), v FROM (SELECT %s AS v UNION ALL SELECT %d UNION "
        "ALL "
        "SELECT %lld UNION ALL SELECT %f UNION ALL SELECT %lf UNION ALL SELECT "
        "%pDb UNION ALL SELECT %s)");
    hbr_value_t null = hbr_value_null();
    result_t result;

    (void)state;
    result = check_bound(
        statement, HBR_VALUES(hbr_value_text("it's"), hbr_value_int(-7),
                              hbr_value_int(INT64_MIN), hbr_value_double(0.1),
                              hbr_value_double(0.1), hbr_value_blob("\0\1", 2),
                              hbr_value_text("last")));
    assert_string_equal(result.rows->cells[0][1].text, "it's");
    assert_string_equal(result.rows->cells[3][1].text, "0.100000001490116");
    assert_string_equal(result.rows->cells[5][0].text, "blob");
    assert_string_equal(result.rows->cells[6][1].text, "last");
    result = check_bound(statement, HBR_VALUES(null, null, null, null, null,
                                               null, hbr_value_text("last")));
    assert_string_equal(result.rows->cells[5][0].text, "null");
    assert_string_equal(result.rows->cells[6][1].text, "last");
    check_bound(prepared("SELECT %pDb, 'a%%b', %s"),
                HBR_VALUES(hbr_value_blob(NULL, 0), hbr_value_text("")));
}

/* Bytes that are no UTF-8, NULs among them, as a BLOB and as text. */
static void test_any_bytes(void **state)
{
    const hbr_prepared_t *statement =
        prepared("SELECT %pDb, CAST(%pDb AS TEXT), %lld, %lf");
    uint64_t random = 1;
    char bytes[64];
    apr_size_t i;
    int round;

    (void)state;
    for (round = 0; round < 1000; round++) {
        apr_size_t length = (apr_size_t)round % sizeof(bytes);

        for (i = 0; i < sizeof(bytes); i++) {
            random = random * 6364136223846793005 + 1442695040888963407;
            bytes[i] = (char)(random >> 56 & random >> 48);
        }
        check_bound(statement,
                    HBR_VALUES(hbr_value_blob(bytes, length),
                               hbr_value_blob(bytes, length),
                               hbr_value_int((int64_t)random >> round % 64),
                               hbr_value_double((double)random / 1e9)));
    }
}

/* The next run and the connection's end take nothing from them. */
static void test_rows_stay(void **state)
{
    const hbr_prepared_t *statement = prepared("SELECT %s, x'0102'");
    const void **arguments;
    result_t one;

    (void)state;
    hbr_places_bind(pool, &statement->places,
                    HBR_VALUES(hbr_value_text("a longer text than most")),
                    &arguments);
    one = past(statement, arguments);
    hbr_places_bind(pool, &statement->places, HBR_VALUES(hbr_value_text("b")),
                    &arguments);
    past(statement, arguments);
    close_file(&connection);
    assert_string_equal(one.rows->cells[0][0].text, "a longer text than most");
    assert_memory_equal(one.rows->cells[0][1].text, "\1\2", 3);
    open_file(&connection);
}

/* ---------------------------------------------------------------- failures */

static void test_failures(void **state)
{
    const hbr_prepared_t *statement;
    result_t result;

    (void)state;
    result = check_sql("SELECT abs(-9223372036854775807 - 1)");
    assert_string_equal(result.message, "integer overflow");
    sql(&connection, "CREATE TABLE t (x)");
    sql(&connection, "INSERT INTO t VALUES (1), (2), (-9223372036854775808)");
    check_sql("SELECT abs(x) FROM t");
    statement = prepared("SELECT x FROM t");
    sql(&connection, "ALTER TABLE t ADD COLUMN y");
    result = check(statement, NULL);
    assert_int_not_equal(result.code, 0);
    assert_null(result.rows);
}

/* The library's own, which nothing but tests calls. */
static void library(const char *name, void *function)
{
    void *symbol = dlsym(RTLD_DEFAULT, name);

    assert_non_null(symbol);
    memcpy(function, &symbol, sizeof(symbol));
}

/* Leaves the library so much memory beside what it has; 0: all it wants. */
static void starve(int64_t more)
{
    int64_t (*used)(void), (*limit)(int64_t);

    library("sqlite3_memory_used", &used);
    library("sqlite3_hard_heap_limit64", &limit);
    limit(more > 0 ? used() + more : 0);
}

static void test_no_memory(void **state)
{
    const hbr_prepared_t *statement;
    result_t result;

    (void)state;
    sql(&connection, "PRAGMA encoding = 'UTF-16'");
    sql(&connection, "CREATE TABLE t (s)");
    sql(&connection, "INSERT INTO t VALUES (printf('%.*c', 200000, 'x'))");
    statement = prepared("SELECT s FROM t");
    assert_int_equal(past(statement, NULL).code, 0);
    starve(1000000);
    result = check(statement, NULL);
    starve(0);
    assert_string_equal(result.message, "out of memory");
    check(statement, NULL);
}

/* A value that could not be bound is none that the statement may see. */
static void test_no_memory_to_bind(void **state)
{
    const hbr_prepared_t *statement;
    const void **arguments;
    char *text = apr_pcalloc(pool, 200001);
    result_t result;

    (void)state;
    memset(text, 'x', 200000);
    sql(&connection, "PRAGMA encoding = 'UTF-16'");
    sql(&connection, "CREATE TABLE t (s)");
    statement = prepared("SELECT count(*) FROM t WHERE s <> %s");
    hbr_places_bind(pool, &statement->places, HBR_VALUES(hbr_value_text(text)),
                    &arguments);
    starve(1000); /* the text is to become UTF-16, twice as long */
    result = past(statement, arguments);
    starve(0);
    assert_int_not_equal(result.code, 0);
    assert_string_equal(result.message, "out of memory");
    assert_int_equal(past(statement, arguments).code, 0);
}

static void test_locked(void **state)
{
    const hbr_prepared_t *statement;
    hbr_connection_t other;
    apr_time_t began;
    result_t result, theirs;

    (void)state;
    sql(&connection, "CREATE TABLE t (x)");
    statement = prepared("SELECT x FROM t");
    open_file(&other);
    sql(&other, "BEGIN EXCLUSIVE");
    began = apr_time_now();
    result = past(statement, NULL);
    assert_in_range(apr_time_as_msec(apr_time_now() - began), 1600, 5000);
    theirs = through(statement, NULL);
    assert_int_equal(result.code, theirs.code);
    assert_string_equal(result.message, "database is locked");
    assert_string_equal(result.message, theirs.message);
    sql(&other, "COMMIT");
    check(statement, NULL);
    close_file(&other);
}

static void *APR_THREAD_FUNC unlock_soon(apr_thread_t *thread, void *data)
{
    (void)thread;
    apr_sleep(apr_time_from_msec(250));
    sql(data, "COMMIT");
    return NULL;
}

/* Who has the lock needs the driver's mutex to let go of it. */
static void test_lock_let_go(void **state)
{
    const hbr_prepared_t *statement;
    hbr_connection_t other;
    apr_thread_t *thread;
    apr_status_t rv;

    (void)state;
    sql(&connection, "CREATE TABLE t (x)");
    statement = prepared("SELECT x FROM t");
    open_file(&other);
    sql(&other, "BEGIN EXCLUSIVE");
    apr_thread_create(&thread, NULL, unlock_soon, &other, pool);
    assert_int_equal(past(statement, NULL).code, 0);
    apr_thread_join(&rv, thread);
    close_file(&other);
}

static apr_status_t lock(void)
{
    held++;
    return APR_SUCCESS;
}

static apr_status_t unlock(void)
{
    held--;
    return APR_SUCCESS;
}

static void enter(void *mutex)
{
    assert_non_null(mutex);
    held += 10;
}

static void leave(void *mutex)
{
    assert_non_null(mutex);
    held -= 10;
}

static int step_held(void *statement)
{
    assert_int_equal(held, 1);
    return real->step(statement);
}

static int value_type_held(void *value)
{
    assert_int_equal(held, 11);
    return real->value_type(value);
}

/* The driver's all the time, the connection's while values are looked at. */
static void test_mutexes(void **state)
{
    const hbr_prepared_t *statement = prepared("SELECT 1, 2");
    hbr_sqlite_t counting = *statement->sqlite;
    hbr_rows_t *rows;

    (void)state;
    real = statement->sqlite;
    counting.lock = lock;
    counting.unlock = unlock;
    counting.mutex_enter = enter;
    counting.mutex_leave = leave;
    counting.step = step_held;
    counting.value_type = value_type_held;
    assert_int_equal(hbr_sqlite_select(&counting, pool, statement->native,
                                       &statement->places, NULL, &rows),
                     0);
    assert_int_equal(rows->count, 1);
    assert_int_equal(held, 0);
}

/* ----------------------------------------------------- the driver's statement */

static void driver_prepares(const char *text)
{
    apr_dbd_prepared_t *handle = NULL;

    assert_int_equal(apr_dbd_prepare(connection.driver, pool, connection.handle,
                                     text, NULL, &handle),
                     0);
}

static void test_which_statement(void **state)
{
    const hbr_sqlite_t *sqlite = hbr_connection_sqlite(&connection);
    void *native = apr_dbd_native_handle(connection.driver, connection.handle);
    hbr_places_t none = { .count = 0 }, one = { .count = 1 };
    void *before, *first;

    (void)state;
    assert_null(hbr_sqlite_newest(sqlite, native));
    assert_null(hbr_sqlite_prepared(sqlite, native, NULL, &none));
    driver_prepares("SELECT 1");
    first = hbr_sqlite_newest(sqlite, native);
    assert_non_null(first);
    assert_ptr_equal(hbr_sqlite_prepared(sqlite, native, NULL, &none), first);
    assert_null(hbr_sqlite_prepared(sqlite, native, NULL, &one));
    assert_null(hbr_sqlite_prepared(sqlite, native, first, &none));
    driver_prepares("SELECT %s");
    before = hbr_sqlite_newest(sqlite, native);
    assert_ptr_equal(hbr_sqlite_prepared(sqlite, native, first, &one), before);
    driver_prepares("SELECT 3");
    assert_null(hbr_sqlite_prepared(sqlite, native, first, &none));
}

static void test_run_as_text(void **state)
{
    static const struct {
        const char *sql;
        bool as_text;
    } rows[] = { { "SELECT 1", false },
                 { "PRAGMA user_version", true },
                 { "\n pragma user_version;", true },
                 { "PRAGMA user_version; SELECT 1", false },
                 { "PRAGMA user_version /* %% */", false } };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_prepared_t *statement = prepared(rows[i].sql);

        assert_int_equal(statement->as_text, rows[i].as_text);
        assert_int_equal(statement->native == NULL, rows[i].as_text);
    }
}

/* Its own statements are prepared when it is first met, beside ours. */
static void test_virtual_table(void **state)
{
    const hbr_prepared_t *statement;
    result_t result;

    (void)state;
    sql(&connection, "CREATE VIRTUAL TABLE v USING rtree(id, x0, x1)");
    sql(&connection, "INSERT INTO v VALUES (1, 2, 3), (4, 5, 6)");
    close_file(&connection);
    open_file(&connection);
    statement = prepared("SELECT id FROM v WHERE x0 > %lf");
    assert_null(statement->native);
    result = through(statement, (const void *[]){ &(double){ 4 } });
    assert_string_equal(result.rows->cells[0][0].text, "4");
    assert_non_null(prepared("SELECT x1 FROM v")->native);
}

/* Before it is ready nothing is known of a connection. */
static void test_not_ready(void **state)
{
    hbr_connection_t raw = { .driver = connection.driver, .pool = NULL };

    (void)state;
    apr_pool_create(&raw.pool, pool);
    assert_null(hbr_connection_sqlite(&raw));
    assert_non_null(hbr_connection_sqlite(&connection));
}

/* An object whose library is not the one that all see. */
static void test_another_library(void **state)
{
    hbr_sqlite_t sqlite;
    apr_dbd_driver_t *copy = apr_pmemdup(pool, connection.driver, 8);

    (void)state;
    assert_true(hbr_sqlite_find(&sqlite, connection.driver));
    assert_false(hbr_sqlite_find(&sqlite, copy));
}

MAIN(TEST(test_values), TEST(test_columns), TEST(test_lengths),
     TEST(test_utf16), TEST(test_rows), TEST(test_no_columns),
     TEST(test_placeholders), TEST(test_any_bytes), TEST(test_rows_stay),
     TEST(test_failures), TEST(test_no_memory), TEST(test_no_memory_to_bind),
     TEST(test_locked), TEST(test_lock_let_go), TEST(test_mutexes),
     TEST(test_which_statement), TEST(test_run_as_text),
     TEST(test_virtual_table), TEST(test_not_ready), TEST(test_another_library))
