/*
 * A request's way: methods, results of process, what is refused at the edge.
 */
#include "support/main.h"
#include "support/serve.h"

static int calls;

static int say(hbr_context_t *ctx)
{
    calls++;
    return hbr_text(ctx, "%s", ctx->method);
}

HBR_TEST_HANDLER(plain, .process = say);
HBR_TEST_HANDLER(form, .process = say, .methods = "GET, POST");
HBR_TEST_HANDLER(drop, .process = say, .methods = "POST DELETE");
HBR_TEST_HANDLER(own, .process = say, .methods = "OPTIONS,GET");
HBR_TEST_HANDLER(all, .process = say, .methods = "*");

static int setup(void **state)
{
    const hbr_handler_t *const handlers[] = { &plain_handler, &form_handler,
                                              &drop_handler, &own_handler,
                                              &all_handler };
    apr_size_t i;
    int failed = serve_setup(state);

    for (i = 0; i < COUNT(handlers); i++)
        failed |= hbr_test_add(kit, handlers[i]) != NULL;
    return failed;
}

/* True when a list field has this member (RFC 9110 5.6.1). */
static bool lists(const char *field, const char *member)
{
    apr_size_t length = strlen(member);
    const char *at = field;

    while (at != NULL && (at = strstr(at, member)) != NULL) {
        if ((at == field || at[-1] == ' ' || at[-1] == ',')
            && (at[length] == '\0' || at[length] == ',' || at[length] == ' '))
            return true;
        at += length;
    }
    return false;
}

/* RFC 9110 9.1 (methods are case-sensitive), 9.3.2, 15.5.6. */
static void test_methods(void **state)
{
    static const struct {
        const char *url, *method;
        int status;
    } rows[] = {
        { "/plain", "GET", 200 },   { "/plain", "HEAD", 200 },
        { "/plain", "POST", 405 },  { "/plain", "get", 405 },
        { "/plain", "GETS", 405 },  { "/plain", "GE", 405 },
        { "/plain", "TRACE", 405 }, { "/plain", "PROPFIND", 405 },
        { "/form", "GET", 200 },    { "/form", "HEAD", 200 },
        { "/form", "POST", 200 },   { "/form", "PUT", 405 },
        { "/drop", "GET", 405 },    { "/drop", "HEAD", 405 },
        { "/drop", "POST", 200 },   { "/drop", "DELETE", 200 },
        { "/all", "GET", 200 },     { "/all", "HEAD", 200 },
        { "/all", "BREW", 200 },    { "/all", "DELETE", 200 },
        { "/all", "TRACE", 405 },   { "/all", "CONNECT", 405 },
        { "/own", "OPTIONS", 200 },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r;
        bool reached = rows[i].status == 200;

        calls = 0;
        r = serve_run(&(hbr_test_request_t){ .url = rows[i].url,
                                             .method = rows[i].method });
        if (r->status != rows[i].status || calls != reached)
            fail_msg("%s %s: %d, %d calls", rows[i].method, rows[i].url,
                     r->status, calls);
        if (r->status == 405)
            assert_non_null(hbr_test_header(r, "Allow"));
    }
}

/* RFC 9110 10.2.1, 9.3.7. */
static void test_allow(void **state)
{
    static const struct {
        const char *url, *method, *in, *out;
    } rows[] = {
        { "/plain", "POST", "GET HEAD", "POST DELETE TRACE *" },
        { "/plain", "OPTIONS", "GET HEAD OPTIONS", "POST TRACE *" },
        { "/form", "PUT", "GET HEAD POST", "PUT" },
        { "/drop", "GET", "POST DELETE", "GET HEAD" },
        { "/drop", "OPTIONS", "POST DELETE", "GET HEAD" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r;
        char words[64], *word, *rest;

        calls = 0;
        r = serve_run(&(hbr_test_request_t){ .url = rows[i].url,
                                             .method = rows[i].method });
        assert_int_equal(calls, 0);
        strcpy(words, rows[i].in);
        for (word = strtok_r(words, " ", &rest); word != NULL;
             word = strtok_r(NULL, " ", &rest))
            assert_true(lists(hbr_test_header(r, "Allow"), word));
        strcpy(words, rows[i].out);
        for (word = strtok_r(words, " ", &rest); word != NULL;
             word = strtok_r(NULL, " ", &rest))
            assert_false(lists(hbr_test_header(r, "Allow"), word));
    }
}

/* RFC 9110 9.3.7: OPTIONS is answered for the handler, without a body. */
static void test_options(void **state)
{
    const hbr_test_response_t *r =
        serve_run(&(hbr_test_request_t){ .url = "/form", .method = "OPTIONS" });

    (void)state;
    assert_true(r->status == 200 || r->status == 204);
    assert_int_equal(r->length, 0);
    assert_null(hbr_test_header(r, "Content-Type"));
    r = serve_run(&(hbr_test_request_t){ .url = "/own", .method = "OPTIONS" });
    assert_string_equal(r->body, "OPTIONS");
}

static int write_page(hbr_context_t *ctx)
{
    hbr_header_set(ctx, "X-Page", "1");
    return hbr_text(ctx, "%0*d", 20000, 7);
}

static int write_error(hbr_context_t *ctx)
{
    return hbr_error(ctx, 404, "no such page");
}

static int write_nothing(hbr_context_t *ctx)
{
    (void)ctx;
    return HBR_OK;
}

/* RFC 9110 9.3.2: the same header fields as for GET, and no body. */
static void test_head_is_get_without_body(void **state)
{
    process_fn *const rows[] = { write_page, write_error, write_nothing };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *get = SERVE(rows[i], .method = "GET");
        const hbr_test_response_t *head = SERVE(rows[i], .method = "HEAD");

        assert_int_equal(head->length, 0);
        assert_int_equal(head->status, get->status);
        assert_int_equal(head->declared_length, get->declared_length);
        assert_int_equal(get->declared_length, get->length);
        assert_true(head->complete);
        if (get->type != NULL)
            assert_string_equal(head->type, get->type);
        if (hbr_test_header(get, "X-Page") != NULL)
            assert_string_equal(hbr_test_header(head, "X-Page"), "1");
    }
}

static int result;
static bool writes, flushes;

static int give_result(hbr_context_t *ctx)
{
    if (writes)
        hbr_puts(ctx, "output");
    if (flushes)
        hbr_flush(ctx);
    return result;
}

static const hbr_test_response_t *give(int value)
{
    result = value;
    return SERVE(give_result);
}

/* What is no status is a mistake of the handler's: 500, and it is logged. */
static void test_results_that_are_no_status(void **state)
{
    static const int rows[] = { HBR_PENDING, -2,        -100,     1,   99,
                                100,         101,       199,      600, 999,
                                1000,        INT32_MAX, INT32_MIN };
    apr_size_t i;
    int round;

    (void)state;
    flushes = false;
    for (round = 0; round < 2; round++) {
        writes = round;
        for (i = 0; i < COUNT(rows); i++) {
            const hbr_test_response_t *r = give(rows[i]);

            assert_int_equal(r->status, 500);
            assert_null(strstr(r->body, "output"));
            assert_true(count_lines(r, HBR_LOG_ERROR) >= 1);
        }
    }
}

static void test_declined(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    flushes = writes = false;
    r = give(HBR_DECLINED);
    assert_int_equal(r->status, 404);
    assert_int_equal(count_lines(r, HBR_LOG_ERROR), 0);
    writes = true;
    r = give(HBR_DECLINED);
    assert_int_equal(r->status, 500);
    assert_null(strstr(r->body, "output"));
    assert_true(count_lines(r, HBR_LOG_ERROR) >= 1);
}

/* RFC 9110 15: 2xx sends what was written, others are the bridge's to write. */
static void test_results_that_are_statuses(void **state)
{
    int status;

    (void)state;
    writes = true;
    flushes = false;
    for (status = 200; status < 600; status++) {
        const hbr_test_response_t *r = give(status);

        assert_int_equal(r->status, status);
        assert_true(r->complete);
        if (status == 204 || status == 205 || status == 304)
            assert_int_equal(r->length, 0);
        else if (status < 300)
            assert_string_equal(r->body, "output");
        else
            assert_null(strstr(r->body, "output"));
        if (status >= 400)
            assert_true(r->length > 0);
    }
}

/* RFC 9110 8.6: no Content-Length with 204. RFC 9110 15.3.6: no content with
 * 205, and its length is 0. Neither has a type then. */
static void test_no_content(void **state)
{
    int round;

    (void)state;
    flushes = false;
    for (round = 0; round < 2; round++) {
        const hbr_test_response_t *r;

        writes = round;
        r = give(204);
        assert_int_equal(r->status, 204);
        assert_int_equal(r->declared_length, -1);
        assert_null(r->type);
        r = give(205);
        assert_int_equal(r->status, 205);
        assert_int_equal(r->declared_length, 0);
        assert_null(r->type);
    }
}

/* After the commit a failure can only cut. */
static void test_failure_after_commit_cuts(void **state)
{
    static const int rows[] = { HBR_DECLINED, 404, 500, 303, 7, HBR_PENDING };
    apr_size_t i;

    (void)state;
    writes = flushes = true;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r = give(rows[i]);

        assert_int_equal(r->status, 200);
        assert_true(r->cut);
        assert_false(r->complete);
        assert_string_equal(r->body, "output");
        assert_true(count_lines(r, HBR_LOG_ERROR) >= 1);
    }
}

static int count_calls(hbr_context_t *ctx)
{
    calls++;
    return hbr_text(ctx, "%s", hbr_query(ctx, "a", "none"));
}

/* A NUL is refused before process runs: C strings end there. Other bad escapes
 * stay as they are (WHATWG URL Standard 5.1). */
static void test_edge(void **state)
{
    static const struct {
        const char *url;
        apr_size_t params;
        int status;
    } rows[] = {
        { "/any?a=%00", 0, 400 },       { "/any?a%00=1", 0, 400 },
        { "/any?b=1&a=x%00y", 0, 400 }, { "/any?%00", 0, 400 },
        { "/any?a=%0", 0, 200 },        { "/any?a=%zz", 0, 200 },
        { "/any?a=%2500", 0, 200 },     { "/any?a=%", 0, 200 },
        { "/any?a=1&b=2&c=3", 3, 200 }, { "/any?a=1&b=2&c=3", 2, 414 },
        { "/any?a&b&c", 2, 414 },       { "/any?&&&&&a=1", 2, 200 },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r;

        calls = 0;
        r = SERVE(count_calls, .url = rows[i].url, .params = rows[i].params);
        if (r->status != rows[i].status)
            fail_msg("%s: %d", rows[i].url, r->status);
        assert_int_equal(calls, rows[i].status == 200);
    }
}

/* RFC 9110 15.5.15. The error names the directive of the limit. */
static void test_limit_names_its_directive(void **state)
{
    const hbr_test_response_t *r =
        SERVE(count_calls, .url = "/any?a&b&c", .params = 2);

    (void)state;
    assert_non_null(hbr_test_logged(kit, "BridgeLimitParams"));
    assert_int_equal(r->status, 414);
}

static int released;

static void count_release(void *data)
{
    ++*(int *)data;
}

/* The server answers while the body is read; the handler goes on all the
 * same. What it gave away to be sent is given back. */
static int send_after_answer(hbr_context_t *ctx)
{
    static const hbr_content_t about = { .release = count_release };
    const char *bytes;
    apr_size_t length;

    assert_int_not_equal(hbr_body(ctx, 0, &bytes, &length), HBR_OK);
    return hbr_bytes(ctx, &released, sizeof(released), &about);
}

static void test_answered_releases(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    released = 0;
    r = SERVE(send_after_answer, .method = "POST", .body = "x",
              .body_end = HBR_TEST_BODY_ANSWERED);
    assert_true(r->answered);
    assert_int_equal(released, 1);
}

static int start_over_after_answer(hbr_context_t *ctx)
{
    const char *bytes;
    apr_size_t length;

    assert_int_not_equal(hbr_body(ctx, 0, &bytes, &length), HBR_OK);
    hbr_clear(ctx);
    assert_int_not_equal(hbr_puts(ctx, "second"), APR_SUCCESS);
    assert_int_not_equal(hbr_flush(ctx), APR_SUCCESS);
    return HBR_OK;
}

/* Nothing opens the way for a second response on the same request. */
static void test_answered_stays(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    r = SERVE(start_over_after_answer, .method = "POST", .body = "x",
              .body_end = HBR_TEST_BODY_ANSWERED);
    assert_true(r->answered);
    assert_int_equal(r->passes, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, serve_teardown)

MAIN(TEST(test_methods), TEST(test_allow), TEST(test_options),
     SERVE_TEST(test_head_is_get_without_body),
     SERVE_TEST(test_results_that_are_no_status), SERVE_TEST(test_declined),
     SERVE_TEST(test_results_that_are_statuses), SERVE_TEST(test_no_content),
     SERVE_TEST(test_failure_after_commit_cuts), SERVE_TEST(test_edge),
     SERVE_TEST(test_limit_names_its_directive),
     SERVE_TEST(test_answered_releases), SERVE_TEST(test_answered_stays))
