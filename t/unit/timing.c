/*
 * Where a request's time goes. The clock stands still but where a test moves
 * it: each slow thing has its own duration.
 */
#include "support/main.h"
#include "support/serve.h"

#include "kit.h"

#define START apr_time_from_sec(1700000000)
#define MS(n) ((apr_interval_time_t)(n)*1000)

static void pass_time(apr_interval_time_t time)
{
    hbr_test_clock(kit, hbr_kit_now(kit) + time);
}

static hbr_read_e slow_read(void *request, apr_bucket_brigade *brigade,
                            apr_size_t wanted)
{
    pass_time(MS(30));
    return hbr_kit_body.read(request, brigade, wanted);
}

static apr_status_t slow_pass(void *request, apr_bucket_brigade *brigade)
{
    pass_time(MS(500));
    return hbr_kit_output.pass(request, brigade);
}

static hbr_borrow_e slow_borrow(void *request, apr_pool_t *pool,
                                apr_interval_time_t most,
                                hbr_connection_t *connection)
{
    (void)request, (void)pool, (void)most, (void)connection;
    pass_time(MS(7));
    return HBR_NO_DATABASE;
}

static apr_status_t slow_create(const hbr_child_t *child, apr_pool_t *pool,
                                void **instance)
{
    (void)child;
    pass_time(MS(2));
    *instance = pool;
    return APR_SUCCESS;
}

static const hbr_statement_t statements[] = { { "one", "SELECT 1" },
                                              HBR_STATEMENTS_END };

static int work(hbr_context_t *ctx)
{
    const char *bytes;
    apr_size_t length;
    hbr_rows_t *rows;

    pass_time(MS(100));
    hbr_body(ctx, 0, &bytes, &length);
    hbr_select(ctx, 0, HBR_NO_VALUES, &rows);
    hbr_clear(ctx);
    hbr_header_set(ctx, "Server-Timing", "mine;dur=1");
    return hbr_text(ctx, "x");
}

HBR_TEST_HANDLER(slow, .process = work, .create = slow_create,
                 .methods = "POST", .statements = statements);

static hbr_host_body_t body;
static hbr_host_output_t output;
static hbr_host_database_t database;

/* before 1, wait 2, db 7, read 30, handler 100, write 500: 640 */
static const hbr_test_response_t *run(hbr_test_request_t request)
{
    if (hbr_registry_find(kit->registry, "slow") == NULL) {
        assert_null(hbr_test_add(kit, &slow_handler));
        hbr_test_start(kit);
    }
    body = hbr_kit_body;
    body.read = slow_read;
    output = hbr_kit_output;
    output.pass = slow_pass;
    database = hbr_kit_database;
    database.borrow = slow_borrow;
    kit->host.body = &body;
    kit->host.output = &output;
    kit->host.database = &database;
    hbr_test_clock(kit, START + MS(1));
    request.url = "/slow/path?query";
    request.time = START;
    request.method = "POST";
    request.body = "body";
    return hbr_test_run(kit, &request);
}

#define RUN(...) run((hbr_test_request_t){ __VA_ARGS__ })

static void test_slow(void **state)
{
    const hbr_test_line_t *line;

    (void)state;
    RUN(.slow = 640);
    line = hbr_test_logged(kit, "HBR0300");
    assert_non_null(line);
    assert_int_equal(line->level, HBR_LOG_WARNING);
    assert_string_equal(
        line->text,
        "HBR0300: slow: POST /slow/path took 640.000 ms: 1.000 before the "
        "handler, 2.000 waiting for an instance, 7.000 in the database, 30.000 "
        "reading the body, 100.000 in the handler, 500.000 writing (BridgeSlow "
        "640)");
    RUN(.slow = 641);
    assert_null(hbr_test_logged(kit, "HBR0300"));
    RUN(.slow = 0);
    assert_null(hbr_test_logged(kit, "HBR0300"));
}

#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"

static void test_slow_trace(void **state)
{
    static const char *const headers[] = { "traceparent: 00-" TRACE
                                           "-00f067aa0ba902b7-01",
                                           NULL };

    (void)state;
    RUN(.slow = 1, .trace = true, .headers = headers);
    assert_non_null(hbr_test_logged(kit, "(BridgeSlow 1), trace " TRACE));
    RUN(.slow = 1, .headers = headers);
    assert_non_null(hbr_test_logged(kit, "HBR0300"));
    assert_null(hbr_test_logged(kit, "trace"));
}

static void is_note(const hbr_test_response_t *r, const char *name,
                    const char *value)
{
    const char *is = apr_table_get(r->notes, name);

    print_message("# %s\n", name);
    if (value == NULL)
        assert_null(is);
    else
        assert_string_equal(is, value);
}

static void test_notes(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    r = RUN(.notes = true);
    is_note(r, "hbr-handler", "slow");
    is_note(r, "hbr-time-us", "640000");
    is_note(r, "hbr-before-us", "1000");
    is_note(r, "hbr-wait-us", "2000");
    is_note(r, "hbr-db-us", "7000");
    is_note(r, "hbr-read-us", "30000");
    is_note(r, "hbr-handler-us", "100000");
    is_note(r, "hbr-write-us", "500000");
    is_note(r, "hbr-trace-id", NULL);
    r = RUN(.slow = 1, .server_timing = true);
    is_note(r, "hbr-time-us", NULL);
}

static int step_back(hbr_context_t *ctx)
{
    pass_time(MS(-50));
    return hbr_text(ctx, "x");
}

static void test_clock_set_back(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    hbr_test_clock(kit, START);
    r = SERVE(step_back, .slow = 1, .notes = true, .server_timing = true);
    is_note(r, "hbr-time-us", "0");
    is_note(r, "hbr-handler-us", "0");
    assert_non_null(strstr(hbr_test_header(r, "Server-Timing"),
                           "total;dur=0.000, before;dur=0.000"));
    assert_null(hbr_test_logged(kit, "HBR0300"));
}

/* W3C Server Timing 3: a list of names with parameters. Of two fields the kit
 * shows the first, which is the handler's own. */
static void test_header(void **state)
{
    const hbr_test_response_t *r;
    const apr_array_header_t *fields;

    (void)state;
    r = RUN(.server_timing = true);
    fields = apr_table_elts(r->headers);
    assert_int_equal(fields->nelts, 2);
    assert_string_equal(APR_ARRAY_IDX(fields, 0, apr_table_entry_t).val,
                        "mine;dur=1");
    assert_string_equal(APR_ARRAY_IDX(fields, 1, apr_table_entry_t).key,
                        "Server-Timing");
    assert_string_equal(APR_ARRAY_IDX(fields, 1, apr_table_entry_t).val,
                        "total;dur=140.000, before;dur=1.000, "
                        "wait;dur=2.000, db;dur=7.000, read;dur=30.000, "
                        "handler;dur=100.000");
    r = RUN(.notes = true);
    assert_int_equal(apr_table_elts(r->headers)->nelts, 1);
}

/* An answer that the server gives for us has it, too. */
static void test_left(void **state)
{
    static const int documents[] = { 405, 0 };
    const hbr_test_response_t *r;

    (void)state;
    RUN(.notes = true);
    r = serve_run(&(hbr_test_request_t){
        .url = "/slow", .server_timing = true, .error_documents = documents });
    assert_int_equal(r->error_document, 405);
    assert_non_null(hbr_test_header(r, "Server-Timing"));
}

/* Nothing is looked at where nobody asked. */
static void test_off(void **state)
{
    const hbr_test_response_t *r = RUN(.slow = 0);

    (void)state;
    assert_int_equal(apr_table_elts(r->notes)->nelts, 0);
    assert_int_equal(apr_table_elts(r->headers)->nelts, 1);
}

MAIN(SERVE_TEST(test_slow), SERVE_TEST(test_slow_trace), SERVE_TEST(test_notes),
     SERVE_TEST(test_clock_set_back), SERVE_TEST(test_header),
     SERVE_TEST(test_left), SERVE_TEST(test_off))
