/*
 * Statements on a connection: prepared once, refused together, tried again,
 * without growing. The time is given, so nothing waits.
 */
#include "support/main.h"
#include "support/palloc.h"
#include "support/serve.h"

#include <stdio.h>

#include "../../bridge/statement.h"

#define SECOND APR_USEC_PER_SEC
#define NOW (1000 * SECOND)

static apr_pool_t *pool;
static hbr_connection_t connection;
static char logged[8][512];
static int lines;

static bool enabled(void *request, hbr_log_level_e level)
{
    (void)request;
    (void)level;
    return true;
}

static void write_line(void *request, hbr_log_level_e level,
                       apr_status_t status, const char *message)
{
    assert_null(request);
    assert_int_equal(level, HBR_LOG_ERROR);
    assert_int_equal(status, APR_SUCCESS);
    snprintf(logged[lines++ % 8], sizeof(logged[0]), "%s", message);
}

static const hbr_host_log_t log_table = { .enabled = enabled,
                                          .write = write_line };

static void sql(const char *text)
{
    int rows;

    assert_int_equal(
        apr_dbd_query(connection.driver, connection.handle, &rows, text), 0);
}

static int setup(void **state)
{
    apr_status_t rv;

    (void)state;
    lines = 0;
    apr_pool_create(&pool, NULL);
    apr_dbd_init(pool);
    rv = apr_dbd_get_driver(pool, "sqlite3", &connection.driver);
    if (rv != APR_SUCCESS)
        return -1;
    rv = apr_dbd_open(connection.driver, pool, ":memory:", &connection.handle);
    apr_pool_create(&connection.pool, pool);
    sql("CREATE TABLE a (x)");
    return rv != APR_SUCCESS;
}

static int teardown(void **state)
{
    (void)state;
    apr_dbd_close(connection.driver, connection.handle);
    apr_pool_destroy(pool);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static const hbr_statement_t good_ones[] = { { "all", "SELECT x FROM a" },
                                             { "one",
                                               "SELECT x FROM a WHERE x = %s" },
                                             HBR_STATEMENTS_END };
static const hbr_statement_t mixed[] = { { "all", "SELECT x FROM a" },
                                         { "missing", "SELECT y FROM b" },
                                         { "quoted", "SELECT '%s'" },
                                         HBR_STATEMENTS_END };
static const hbr_statement_t later[] = { { "all", "SELECT x FROM a" },
                                         { "later", "SELECT y FROM b" },
                                         HBR_STATEMENTS_END };

static hbr_entry_t entry(const char *name, const hbr_statement_t *statements)
{
    hbr_entry_t made = { .name = name, .log = &log_table };

    made.handler.statements = statements;
    while (statements[made.statements].name != NULL)
        made.statements++;
    return made;
}

static hbr_prepared_t *get(const hbr_entry_t *of, apr_size_t index,
                           apr_time_t now, const char **refused_by)
{
    const hbr_prepared_t *bad;
    hbr_prepared_t *got = hbr_statement_get(&connection, of, index, now, &bad);

    assert_int_equal(got == NULL, bad != NULL);
    *refused_by = bad != NULL ? bad->declared->name : NULL;
    return got;
}

static void test_prepared_once(void **state)
{
    hbr_entry_t people = entry("people", good_ones);
    const char *by;
    hbr_prepared_t *first = get(&people, 1, NOW, &by);
    apr_dbd_prepared_t *handle;
    apr_size_t live = palloc_live();
    int i;

    (void)state;
    assert_non_null(first);
    assert_string_equal(first->declared->name, "one");
    assert_int_equal(first->places.count, 1);
    handle = first->handle;
    for (i = 0; i < 100; i++) {
        assert_ptr_equal(get(&people, 1, NOW + i * SECOND, &by), first);
        assert_ptr_equal(first->handle, handle);
    }
    assert_int_equal(palloc_live(), live);
}

static void test_bad_one_refuses_its_handler_only(void **state)
{
    hbr_entry_t people = entry("people", good_ones);
    hbr_entry_t bad = entry("bad", mixed);
    const char *by;

    (void)state;
    assert_null(get(&bad, 0, NOW, &by));
    assert_string_equal(by, "missing");
    assert_null(get(&bad, 1, NOW, &by));
    assert_non_null(get(&people, 0, NOW, &by));
}

/* The driver's words; of several lines the first. */
static void test_message(void **state)
{
    static const hbr_statement_t lined[] = {
        { "lines", "SELECT [two\nlines] FROM a" }, HBR_STATEMENTS_END
    };
    hbr_entry_t bad = entry("bad", mixed), lines_too = entry("lines", lined);
    const hbr_prepared_t *by;

    (void)state;
    hbr_statement_get(&connection, &bad, 0, NOW, &by);
    assert_string_equal(by->message, "no such table: b");
    hbr_statement_get(&connection, &lines_too, 0, NOW, &by);
    assert_string_equal(by->message, "no such column: two");
}

/* Recovers by itself, but asks the database once a second only. */
static void test_tried_again(void **state)
{
    static const struct {
        apr_time_t at;
        bool works;
    } steps[] = { { NOW, false },
                  { NOW + SECOND - 1, false },
                  { NOW + SECOND, true },
                  { NOW + SECOND, true } };
    hbr_entry_t waits = entry("later", later);
    const char *by;
    apr_size_t i;

    (void)state;
    assert_null(get(&waits, 0, NOW, &by));
    sql("CREATE TABLE b (y)");
    for (i = 0; i < COUNT(steps); i++)
        assert_int_equal(get(&waits, 1, steps[i].at, &by) != NULL,
                         steps[i].works);
}

static void test_clock_set_back(void **state)
{
    hbr_entry_t waits = entry("later", later);
    const char *by;

    (void)state;
    assert_null(get(&waits, 0, NOW, &by));
    sql("CREATE TABLE b (y)");
    assert_non_null(get(&waits, 0, NOW - 3600 * SECOND, &by));
}

/* A day of retries takes no memory, and leaves the good ones as they are. */
static void test_retries_do_not_grow(void **state)
{
    hbr_entry_t bad = entry("bad", mixed);
    const char *by;
    apr_size_t live;
    int i;

    (void)state;
    for (i = 0; i < 3; i++)
        get(&bad, 0, NOW + i * SECOND, &by);
    live = palloc_live();
    for (i = 3; i < 2000; i++)
        assert_null(get(&bad, 0, NOW + i * SECOND, &by));
    assert_int_equal(palloc_live(), live);
}

/* Pauses between renewals on suspicion: 1, 2, 4 ... seconds, an hour at most. */
static void test_renewal_pauses(void **state)
{
    static const struct {
        apr_time_t at;
        bool renewed;
    } steps[] = { { 0, true },
                  { 1, false },
                  { SECOND - 1, false },
                  { SECOND, true },
                  { 3 * SECOND - 1, false },
                  { 3 * SECOND, true },
                  { 7 * SECOND - 1, false },
                  { 7 * SECOND, true } };
    hbr_entry_t people = entry("people", good_ones);
    const char *by;
    hbr_prepared_t *one = get(&people, 1, NOW, &by);
    apr_time_t at = NOW + 3600 * SECOND;
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(steps); i++)
        assert_int_equal(
            hbr_statement_renew(&connection, one, NOW + steps[i].at, false),
            steps[i].renewed);
    for (i = 0; i < 20; i++, at += 3600 * SECOND)
        assert_true(hbr_statement_renew(&connection, one, at, false));
    assert_int_equal(one->patience, 3600 * SECOND);
    hbr_statement_renewed(one);
    assert_true(hbr_statement_renew(&connection, one, at, false));
    assert_int_equal(one->patience, SECOND);
}

static void test_known_stale_is_renewed_at_once(void **state)
{
    hbr_entry_t people = entry("people", good_ones);
    const char *by;
    hbr_prepared_t *one = get(&people, 1, NOW, &by);
    int i;

    (void)state;
    for (i = 0; i < 5; i++)
        assert_true(hbr_statement_renew(&connection, one, NOW, true));
    assert_int_equal(one->places.count, 1);
}

/* What a renewed statement needs is gone: the handler is refused. */
static void test_renewal_may_fail(void **state)
{
    hbr_entry_t people = entry("people", good_ones);
    const char *by;
    hbr_prepared_t *one = get(&people, 1, NOW, &by);

    (void)state;
    sql("DROP TABLE a");
    assert_false(hbr_statement_renew(&connection, one, NOW, true));
    assert_null(get(&people, 0, NOW, &by));
    assert_string_equal(by, "one");
    sql("CREATE TABLE a (x)");
    assert_null(get(&people, 0, NOW, &by));
    assert_non_null(get(&people, 1, NOW + SECOND, &by));
}

static void test_try(void **state)
{
    hbr_entry_t people = entry("people", good_ones);
    hbr_entry_t bad = entry("bad", mixed);
    hbr_entry_t none = { .name = "none", .log = &log_table };

    (void)state;
    hbr_statements_try(&connection, &people, NOW);
    hbr_statements_try(&connection, &none, NOW);
    assert_int_equal(lines, 0);
    hbr_statements_try(&connection, &bad, NOW);
    assert_int_equal(lines, 2);
    assert_string_equal(logged[0],
                        "HBR0203: bad: statement \"missing\" cannot be "
                        "prepared: no such table: b");
    assert_string_equal(logged[1],
                        "HBR0203: bad: statement \"quoted\" cannot be "
                        "prepared: the placeholder at \"'%s'\" stands in "
                        "quotes; leave them out");
}

MAIN(TEST(test_prepared_once), TEST(test_bad_one_refuses_its_handler_only),
     TEST(test_message), TEST(test_tried_again), TEST(test_clock_set_back),
     TEST(test_retries_do_not_grow), TEST(test_renewal_pauses),
     TEST(test_known_stale_is_renewed_at_once), TEST(test_renewal_may_fail),
     TEST(test_try))
