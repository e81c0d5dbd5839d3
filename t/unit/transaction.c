/*
 * Transactions through the kit on a real SQLite file: all or nothing, nothing
 * that waits for the client inside, and what a client gets when the database
 * is locked, full or read only.
 */
#include "support/folder.h"
#include "support/main.h"
#include "support/palloc.h"
#include "support/serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <apr_dbd.h>

enum { ADD, ADD_CHILD, ADD_LARGE, COUNT_ROWS, FOREIGN_KEYS, FEW_PAGES, FAST };

static const hbr_statement_t statements[] = {
    [ADD] = { "add", "INSERT INTO t (id) VALUES (%lld)" },
    [ADD_CHILD] = { "add child", "INSERT INTO c (parent) VALUES (%lld)" },
    [ADD_LARGE] = { "add large", "INSERT INTO t (v) VALUES (zeroblob(%d))" },
    [COUNT_ROWS] = { "count", "SELECT count(*) FROM t" },
    [FOREIGN_KEYS] = { "foreign keys", "PRAGMA foreign_keys = ON" },
    [FEW_PAGES] = { "few pages", "PRAGMA max_page_count = 20" },
    [FAST] = { "fast", "PRAGMA synchronous = OFF" },
    HBR_STATEMENTS_END
};

static const hbr_statement_t bad_statements[] = { { "fine", "SELECT 1" },
                                                  { "bad", "SELECT x FROM y" },
                                                  HBR_STATEMENTS_END };

/* SQLite does what this PRAGMA says when it is prepared. */
static const hbr_statement_t read_only_statements[] = {
    [ADD] = { "add", "INSERT INTO t (id) VALUES (%lld)" },
    { "query only", "PRAGMA query_only = ON" },
    HBR_STATEMENTS_END
};

/* Nor does it wait with this one. */
static const hbr_statement_t set_statements[] = {
    { "set", "PRAGMA busy_timeout = 77" }, HBR_STATEMENTS_END
};
static const hbr_statement_t get_statements[] = {
    { "get", "PRAGMA busy_timeout" }, HBR_STATEMENTS_END
};

typedef int step_fn(hbr_context_t *ctx);

static step_fn *step;
static char file[80];
static int worked; /* how often work ran */

static int run_step(hbr_context_t *ctx)
{
    return step(ctx);
}

HBR_TEST_HANDLER(sql, .process = run_step, .methods = "GET, POST",
                 .statements = statements);
HBR_TEST_HANDLER(bad, .process = run_step, .statements = bad_statements);
HBR_TEST_HANDLER(read_only, .process = run_step,
                 .statements = read_only_statements);
HBR_TEST_HANDLER(set, .process = run_step, .statements = set_statements);
HBR_TEST_HANDLER(get, .process = run_step, .statements = get_statements);

/* Another connection to the same file, as another process has. */
typedef struct other_t {
    apr_pool_t *pool;
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
} other_t;

static void other_open(other_t *other)
{
    apr_pool_create(&other->pool, NULL);
    apr_dbd_init(other->pool);
    assert_int_equal(apr_dbd_get_driver(other->pool, "sqlite3", &other->driver),
                     0);
    assert_int_equal(
        apr_dbd_open(other->driver, other->pool, file, &other->handle), 0);
}

static void other_run(const other_t *other, const char *sql)
{
    int rows;

    assert_int_equal(apr_dbd_query(other->driver, other->handle, &rows, sql),
                     0);
}

static void other_close(const other_t *other)
{
    apr_dbd_close(other->driver, other->handle);
    apr_pool_destroy(other->pool);
}

static void outside(const char *sql)
{
    other_t other;

    other_open(&other);
    other_run(&other, sql);
    other_close(&other);
}

static int pragma(hbr_context_t *ctx, int statement)
{
    return hbr_execute(ctx, statement, HBR_NO_VALUES, NULL);
}

static int do_not_sync(hbr_context_t *ctx)
{
    return pragma(ctx, FAST);
}

static int setup(void **state)
{
    assert_int_equal(folder_make(), 0);
    snprintf(file, sizeof(file), "%s/test.db", folder);
    outside("CREATE TABLE t (id INTEGER PRIMARY KEY, v)");
    outside("CREATE TABLE c (parent INTEGER REFERENCES t (id) "
            "DEFERRABLE INITIALLY DEFERRED)");
    worked = 0;
    if (serve_setup(state) || hbr_test_add(kit, &sql_handler) != NULL
        || hbr_test_add(kit, &bad_handler) != NULL
        || hbr_test_add(kit, &read_only_handler) != NULL
        || hbr_test_add(kit, &set_handler) != NULL
        || hbr_test_add(kit, &get_handler) != NULL
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

static const hbr_test_response_t *run_with(const hbr_test_request_t *request,
                                           step_fn *function)
{
    const hbr_test_response_t *r;

    step = function;
    r = serve_run(request);
    assert_int_equal(hbr_test_database_borrowed(kit), 0);
    return r;
}

static const hbr_test_response_t *run(step_fn *function)
{
    return run_with(&(hbr_test_request_t){ .url = "/sql" }, function);
}

static int count_rows(hbr_context_t *ctx)
{
    hbr_rows_t *rows;
    int rc = hbr_select(ctx, COUNT_ROWS, HBR_NO_VALUES, &rows);

    return rc != HBR_OK ? rc : hbr_text(ctx, "%s", hbr_row_text(rows, 0, 0));
}

static void check_count(const char *count)
{
    assert_string_equal(run(count_rows)->body, count);
}

static int add(hbr_context_t *ctx, int64_t id)
{
    return hbr_execute(ctx, ADD, HBR_VALUES(hbr_value_int(id)), NULL);
}

/* ------------------------------------------------------------ its own ends */

/* Adds two rows, then returns what data points to. */
static int add_two(hbr_context_t *ctx, void *data)
{
    hbr_rows_t *rows;

    worked++;
    assert_int_equal(hbr_test_database_borrowed(kit), 1);
    assert_int_equal(add(ctx, 1), HBR_OK);
    assert_int_equal(add(ctx, 2), HBR_OK);
    /* what was done is seen in there */
    assert_int_equal(hbr_select(ctx, COUNT_ROWS, HBR_NO_VALUES, &rows), HBR_OK);
    assert_int_equal(hbr_row_int(rows, 0, 0), 2);
    hbr_puts(ctx, "two rows");
    return *(int *)data;
}

static int ending = HBR_OK;

static int transact(hbr_context_t *ctx)
{
    int rc = hbr_transaction(ctx, add_two, &ending);

    assert_int_equal(rc, ending);
    return rc;
}

static void test_committed(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    ending = HBR_OK;
    r = run(transact);
    assert_int_equal(r->status, 200);
    assert_string_equal(r->body, "two rows");
    assert_int_equal(worked, 1);
    check_count("2");
}

static void test_rolled_back(void **state)
{
    static const int endings[] = { 418, 503, HBR_DECLINED, -7 };
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(endings); i++) {
        ending = endings[i];
        run(transact);
        check_count("0");
    }
    /* and the connection is as it was */
    ending = HBR_OK;
    assert_int_equal(run(transact)->status, 200);
    check_count("2");
}

/* --------------------------------------------------- statements that fail */

static int add_same(hbr_context_t *ctx, void *data)
{
    hbr_rows_t *rows;

    (void)data;
    assert_int_equal(add(ctx, 1), HBR_OK);
    assert_int_equal(add(ctx, 1), 409);
    /* none is run any more */
    assert_int_equal(add(ctx, 2), 409);
    assert_int_equal(hbr_select(ctx, COUNT_ROWS, HBR_NO_VALUES, &rows), 409);
    assert_int_equal(rows->count, 0);
    return HBR_OK;
}

static int ignore_failure(hbr_context_t *ctx)
{
    int rc = hbr_transaction(ctx, add_same, NULL);

    assert_int_equal(rc, 409);
    return rc;
}

static void test_failure_ignored(void **state)
{
    const hbr_test_response_t *r = run(ignore_failure);

    (void)state;
    assert_int_equal(r->status, 409);
    assert_non_null(hbr_test_logged(kit, "HBR0220"));
    check_count("0");
}

static int add_orphan(hbr_context_t *ctx, void *data)
{
    (void)data;
    assert_int_equal(add(ctx, 1), HBR_OK);
    return hbr_execute(ctx, ADD_CHILD, HBR_VALUES(hbr_value_int(7)), NULL);
}

static int commit_orphan(hbr_context_t *ctx)
{
    assert_int_equal(pragma(ctx, FOREIGN_KEYS), HBR_OK);
    return hbr_transaction(ctx, add_orphan, NULL);
}

/* A constraint that is looked at with the COMMIT. */
static void test_commit_refused(void **state)
{
    const hbr_test_response_t *r = run(commit_orphan);

    (void)state;
    assert_int_equal(r->status, 409);
    assert_non_null(strstr(hbr_test_logged(kit, "HBR0220")->text,
                           "the transaction violates a constraint: FOREIGN"));
    check_count("0");
    ending = HBR_OK;
    assert_int_equal(run(transact)->status, 200);
}

/* Every statement is stale after it; what is stale has not run. */
static void test_schema_change(void **state)
{
    (void)state;
    ending = HBR_OK;
    check_count("0");
    outside("ALTER TABLE t ADD COLUMN w");
    assert_int_equal(run(transact)->status, 200);
    assert_non_null(hbr_test_logged(kit, "HBR0206"));
    check_count("2");
}

/* ------------------------------------------------- what must not be there */

static int again(hbr_context_t *ctx, void *data)
{
    (void)ctx;
    (void)data;
    fail_msg("a transaction inside another");
    return HBR_OK;
}

static int forbidden; /* which */

static int do_forbidden(hbr_context_t *ctx, void *data)
{
    const char *body;
    apr_size_t length, i;

    (void)data;
    assert_int_equal(add(ctx, 1), HBR_OK);
    switch (forbidden) {
    case 0: assert_int_not_equal(hbr_flush(ctx), APR_SUCCESS); break;
    case 1:
        for (i = 0; i < 100000; i++)
            hbr_puts(ctx, "0123456789abcdef");
        break;
    case 2: assert_int_equal(hbr_body(ctx, 0, &body, &length), 500); break;
    default: assert_int_equal(hbr_transaction(ctx, again, NULL), 500); break;
    }
    add(ctx, 2);
    return HBR_OK;
}

static int transact_forbidden(hbr_context_t *ctx)
{
    int rc = hbr_transaction(ctx, do_forbidden, NULL);

    assert_int_equal(rc, 500);
    return rc;
}

static void test_forbidden(void **state)
{
    static const char *const words[] = {
        "hbr_flush() passes bytes to the client inside a transaction",
        "hbr_puts() passes bytes to the client inside a transaction",
        "hbr_body() waits for the client inside a transaction",
        "hbr_transaction() begins another inside a transaction"
    };

    (void)state;
    for (forbidden = 0; forbidden < (int)COUNT(words); forbidden++) {
        const hbr_test_response_t *r =
            run_with(&(hbr_test_request_t){ .url = "/sql",
                                            .method = "POST",
                                            .body = "x",
                                            .headers = HEADERS(
                                                "Content-Type: text/plain") },
                     transact_forbidden);

        assert_int_equal(r->status, 500);
        assert_null(strstr(r->body, "0123456789"));
        if (strstr(hbr_test_logged(kit, "HBR0335")->text, words[forbidden])
            == NULL)
            fail_msg("%s", words[forbidden]);
        check_count("0");
    }
}

static int read_before(hbr_context_t *ctx)
{
    const char *body;
    apr_size_t length;

    assert_int_equal(hbr_body(ctx, 0, &body, &length), HBR_OK);
    hbr_printf(ctx, "%s, ", body);
    return hbr_transaction(ctx, add_two, &ending);
}

static int flush_behind(hbr_context_t *ctx)
{
    int rc = hbr_transaction(ctx, add_two, &ending);

    return rc != HBR_OK || hbr_flush(ctx) == APR_SUCCESS ? rc : 500;
}

static void test_before_and_behind(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    ending = HBR_OK;
    r = run_with(
        &(hbr_test_request_t){ .url = "/sql",
                               .method = "POST",
                               .body = "body",
                               .headers = HEADERS("Content-Type: text/x") },
        read_before);
    assert_int_equal(r->status, 200);
    assert_string_equal(r->body, "body, two rows");
    outside("DELETE FROM t");
    assert_int_equal(run(flush_behind)->status, 200);
}

/* ------------------------------------------------- a database that is not */

static void check_not_begun(const hbr_test_response_t *r, const char *tag)
{
    assert_int_equal(r->status, 503);
    assert_string_equal(hbr_test_header(r, "Retry-After"), "5");
    assert_non_null(hbr_test_logged(kit, tag));
    assert_int_equal(worked, 0);
}

static int transact_503(hbr_context_t *ctx)
{
    int rc = hbr_transaction(ctx, add_two, &ending);

    assert_int_equal(rc, 503);
    return rc;
}

static void test_not_begun(void **state)
{
    (void)state;
    ending = HBR_OK;
    hbr_test_database_away(kit, true);
    check_not_begun(run(transact_503), "HBR0201");
    hbr_test_database_away(kit, false);
    hbr_test_database_busy(kit, true);
    check_not_begun(run(transact_503), "HBR0202");
    hbr_test_database_busy(kit, false);
    hbr_test_database_fail(kit, true);
    check_not_begun(run(transact_503), "HBR0337");
    hbr_test_database_fail(kit, false);
    check_not_begun(
        run_with(&(hbr_test_request_t){ .url = "/bad" }, transact_503),
        "HBR0203");
    assert_int_equal(run(transact)->status, 200);
}

static int add_alone(hbr_context_t *ctx)
{
    return add(ctx, 9);
}

/* The driver tries for 1.6 seconds. */
static void test_locked(void **state)
{
    const hbr_test_response_t *r;
    other_t other;
    apr_time_t start;

    (void)state;
    ending = HBR_OK;
    check_count("0");
    other_open(&other);
    other_run(&other, "BEGIN IMMEDIATE");
    start = apr_time_now();
    r = run(transact_503);
    assert_in_range(apr_time_now() - start, apr_time_from_sec(1),
                    apr_time_from_sec(20));
    check_not_begun(r, "HBR0337");
    assert_non_null(strstr(r->body, "The database is busy."));
    r = run(add_alone);
    assert_int_equal(r->status, 503);
    assert_string_equal(hbr_test_header(r, "Retry-After"), "5");
    assert_non_null(strstr(r->body, "The database is busy."));
    assert_non_null(hbr_test_logged(kit, "HBR0332"));
    other_run(&other, "COMMIT");
    other_close(&other);
    assert_int_equal(run(transact)->status, 200);
}

static int first_value(hbr_context_t *ctx)
{
    hbr_rows_t *rows;
    int rc = hbr_select(ctx, 0, HBR_NO_VALUES, &rows);

    return rc != HBR_OK ? rc : hbr_text(ctx, "%s", hbr_row_text(rows, 0, 0));
}

/* What the bridge sets on a connection it sets once. */
static void test_settled_once(void **state)
{
    (void)state;
    run_with(&(hbr_test_request_t){ .url = "/set" }, first_value);
    assert_string_equal(
        run_with(&(hbr_test_request_t){ .url = "/get" }, first_value)->body,
        "77");
}

static int add_large(hbr_context_t *ctx, void *data)
{
    (void)data;
    assert_int_equal(add(ctx, 1), HBR_OK);
    return hbr_execute(ctx, ADD_LARGE, HBR_VALUES(hbr_value_int(1 << 20)),
                       NULL);
}

static int fill_up(hbr_context_t *ctx)
{
    hbr_rows_t *rows;

    assert_int_equal(hbr_select(ctx, FEW_PAGES, HBR_NO_VALUES, &rows), HBR_OK);
    return hbr_transaction(ctx, add_large, NULL);
}

/* RFC 4918 11.5. */
static void test_full(void **state)
{
    const hbr_test_response_t *r = run(fill_up);

    (void)state;
    assert_int_equal(r->status, 507);
    assert_null(hbr_test_header(r, "Retry-After"));
    assert_non_null(strstr(r->body, "The database is full."));
    assert_non_null(strstr(hbr_test_logged(kit, "HBR0331")->text,
                           "statement \"add large\" found no room"));
    check_count("0");
    ending = HBR_OK;
    assert_int_equal(run(transact)->status, 200);
}

static void test_read_only(void **state)
{
    const hbr_test_response_t *r =
        run_with(&(hbr_test_request_t){ .url = "/read_only" }, add_alone);

    (void)state;
    assert_int_equal(r->status, 503);
    assert_non_null(strstr(r->body, "The database takes no changes."));
    assert_non_null(hbr_test_logged(kit, "HBR0333"));
    check_count("0");
}

/* Requests leave nothing on the connection, whatever becomes of them. */
static void test_does_not_grow(void **state)
{
    static const int endings[] = { 418, HBR_OK };
    apr_size_t live;
    size_t i;
    int round;

    (void)state;
    for (i = 0; i < COUNT(endings); i++) {
        ending = endings[i];
        for (round = 0; round < 3; round++) {
            outside("DELETE FROM t");
            run(transact);
        }
        hbr_test_clear(kit);
        live = palloc_live();
        for (round = 0; round < 50; round++) {
            outside("DELETE FROM t");
            run(transact);
        }
        hbr_test_clear(kit);
        assert_int_equal(palloc_live(), live);
    }
}

MAIN(TEST(test_committed), TEST(test_rolled_back), TEST(test_failure_ignored),
     TEST(test_commit_refused), TEST(test_schema_change), TEST(test_forbidden),
     TEST(test_before_and_behind), TEST(test_not_begun), TEST(test_locked),
     TEST(test_settled_once), TEST(test_full), TEST(test_read_only),
     TEST(test_does_not_grow))
