/*
 * BridgeDeadline: how much time is left, and a database that is busy for
 * longer. The kit's clock stands still until it is set.
 */
#include "support/main.h"
#include "support/serve.h"

#include <string.h>

#define NOW apr_time_from_sec(1700000000)

static const hbr_statement_t statements[] = { { "one", "SELECT 1" },
                                              HBR_STATEMENTS_END };

static apr_interval_time_t before, after, passing;

static int let_pass(hbr_context_t *ctx)
{
    before = hbr_time_left(ctx);
    hbr_test_clock(kit, hbr_request_time(ctx) + passing);
    after = hbr_time_left(ctx);
    return hbr_text(ctx, "x");
}

static void test_time_left(void **state)
{
    static const struct {
        apr_interval_time_t passing, after;
    } rows[] = {
        { 0, 250000 },
        { 1, 249999 },
        { 249999, 1 },
        { 250000, 0 },
        { 250001, 0 },
        { 1000000000, 0 },
        /* a clock that was set back */
        { -1, 250000 },
        { -1000000, 250000 },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        hbr_test_clock(kit, NOW);
        passing = rows[i].passing;
        assert_string_equal(SERVE(let_pass, .deadline = 250)->body, "x");
        assert_int_equal(before, 250000);
        assert_int_equal(after, rows[i].after);
    }
}

/* It counts from the request's beginning. */
static void test_began_before(void **state)
{
    (void)state;
    hbr_test_clock(kit, NOW);
    passing = 0;
    SERVE(let_pass, .deadline = 250, .time = NOW - apr_time_from_msec(100));
    assert_int_equal(before, 150000);
}

/* More than any loop counts to. */
static void test_none(void **state)
{
    (void)state;
    hbr_test_clock(kit, NOW);
    passing = apr_time_from_sec(1000000);
    SERVE(let_pass, .deadline = 0);
    assert_true(before == HBR_NO_DEADLINE && after == HBR_NO_DEADLINE);
    assert_true(HBR_NO_DEADLINE > apr_time_from_sec(100LL * 365 * 86400));
}

/* The longest that the directive takes does not overflow. */
static void test_longest(void **state)
{
    (void)state;
    hbr_test_clock(kit, NOW);
    passing = 1;
    SERVE(let_pass, .deadline = 86400000);
    assert_int_equal(after, 86400000000 - 1);
}

static void test_real_clock(void **state)
{
    (void)state;
    passing = 0;
    hbr_test_clock(kit, 0);
    SERVE(let_pass, .deadline = 60000);
    assert_in_range(before, 1, 60000000);
}

static int ask(hbr_context_t *ctx)
{
    hbr_rows_t *rows;
    int rc = hbr_select(ctx, 0, HBR_NO_VALUES, &rows);

    after = hbr_time_left(ctx);
    return rc != HBR_OK ? rc : hbr_text(ctx, "%s", hbr_row_text(rows, 0, 0));
}

HBR_TEST_HANDLER(sql, .process = ask, .statements = statements);

static int setup(void **state)
{
    return serve_setup(state) || hbr_test_add(kit, &sql_handler) != NULL
           || hbr_test_database_open(kit, "sqlite3", ":memory:") != APR_SUCCESS;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, serve_teardown)

static const hbr_test_response_t *ask_at(apr_interval_time_t age,
                                         apr_size_t deadline)
{
    hbr_test_clock(kit, NOW);
    return serve_run(&(hbr_test_request_t){
        .url = "/sql", .time = NOW - age, .deadline = deadline });
}

static void refused_for(const hbr_test_response_t *r, const char *directive,
                        const char *other, const char *tag)
{
    const hbr_test_line_t *line = hbr_test_logged(kit, tag);

    assert_int_equal(r->status, 503);
    assert_string_equal(hbr_test_header(r, "Retry-After"), "5");
    assert_non_null(strstr(r->body, directive));
    assert_null(strstr(r->body, other));
    assert_non_null(line);
    assert_int_equal(line->level, HBR_LOG_ERROR);
    assert_non_null(strstr(line->text, directive));
}

static int note_time(hbr_context_t *ctx)
{
    after = hbr_request_time(ctx) - NOW;
    return HBR_OK;
}

/* How far the clock went. */
static apr_interval_time_t waited(void)
{
    SERVE(note_time);
    return after;
}

/* Whichever bound is reached first ends the waiting, and is named. */
static void test_busy(void **state)
{
    (void)state;
    hbr_test_database_busy(kit, true);
    refused_for(ask_at(0, 3000), "BridgeDeadline", "BridgeDBWait", "HBR0210");
    assert_int_equal(waited(), apr_time_from_sec(3));
    refused_for(ask_at(0, 6000), "BridgeDBWait", "BridgeDeadline", "HBR0202");
    assert_int_equal(waited(), apr_time_from_sec(5));
    refused_for(ask_at(apr_time_from_sec(2), 6000), "BridgeDeadline",
                "BridgeDBWait", "HBR0210");
    refused_for(ask_at(0, 0), "BridgeDBWait", "BridgeDeadline", "HBR0202");
}

/* Only waiting is bounded: a handler may still say goodbye. */
static void test_late_but_free(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    r = ask_at(apr_time_from_sec(2), 1000);
    assert_int_equal(after, 0);
    assert_int_equal(r->status, 200);
    assert_string_equal(r->body, "1");
}

MAIN(SERVE_TEST(test_time_left), SERVE_TEST(test_began_before),
     SERVE_TEST(test_none), SERVE_TEST(test_longest),
     SERVE_TEST(test_real_clock), TEST(test_busy), TEST(test_late_but_free))
