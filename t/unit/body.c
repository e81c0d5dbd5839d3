/*
 * The request's body (RFC 9110 6.4; RFC 9112 6.3): whole and streamed, its one
 * reader, its limits, and the ways it can end.
 */
#include <stdio.h>

#include "support/main.h"
#include "support/palloc.h"
#include "support/serve.h"

#include "../../bridge/state.h"

#define MANY (200 * 1000)
#define MEGA (1024 * 1024)

/* What a handler is to ask for, and what it got. */
static apr_size_t most;
static apr_off_t seen_length;
static apr_size_t taken;

static int whole(hbr_context_t *ctx)
{
    const char *bytes = NULL;
    apr_size_t length = 1;
    int result;

    seen_length = hbr_body_length(ctx);
    result = hbr_body(ctx, most, &bytes, &length);
    assert_int_equal(bytes[length], '\0');
    if (result == HBR_OK)
        hbr_write(ctx, bytes, length);
    else
        assert_int_equal(length, 0);
    return result;
}

static int take(void *data, const char *bytes, apr_size_t length)
{
    assert_true(length > 0);
    taken += length;
    hbr_write(data, bytes, length);
    return HBR_OK;
}

static int stream(hbr_context_t *ctx)
{
    seen_length = hbr_body_length(ctx);
    taken = 0;
    return hbr_body_stream(ctx, take, ctx);
}

static process_fn *const readers[] = { whole, stream };

static void check_body(const hbr_test_request_t *request, apr_size_t length)
{
    apr_size_t i;

    for (i = 0; i < COUNT(readers); i++) {
        const hbr_test_response_t *r = serve(readers[i], request);

        assert_int_equal(r->status, 200);
        assert_int_equal(r->length, length);
        assert_memory_equal(r->body, request->body ? request->body : "",
                            length);
        assert_int_equal(seen_length, request->chunked ? -1 : (int)length);
        assert_int_equal(count_lines(r, HBR_LOG_INFO), 0);
    }
}

/* Any bytes, in pieces of every size, with and without a length. */
static void test_every_step(void **state)
{
    char bytes[97];
    apr_size_t step;

    (void)state;
    most = 0;
    for (step = 0; step < sizeof(bytes); step++)
        bytes[step] = (char)(step * 31);
    for (step = 0; step <= sizeof(bytes) + 1; step++) {
        hbr_test_request_t request = { .method = "POST",
                                       .body = bytes,
                                       .body_length = sizeof(bytes),
                                       .body_step = step };

        check_body(&request, sizeof(bytes));
        request.chunked = true;
        check_body(&request, sizeof(bytes));
    }
}

static char *fill(apr_size_t length)
{
    char *bytes = test_malloc(length);
    apr_size_t i;

    for (i = 0; i < length; i++)
        bytes[i] = (char)('a' + i % 23 + i / 5000 % 3);
    return bytes;
}

static void test_long_bodies(void **state)
{
    static const apr_size_t steps[] = { 0,     999,   7999,  8000,   8001,
                                        65535, 65536, 65537, 131072, MANY };
    char *bytes = fill(MANY);
    apr_size_t i;

    (void)state;
    most = 0;
    for (i = 0; i < COUNT(steps); i++) {
        hbr_test_request_t request = { .method = "PUT",
                                       .body = bytes,
                                       .body_length = MANY,
                                       .body_step = steps[i] };

        check_body(&request, MANY);
        request.chunked = true;
        check_body(&request, MANY);
    }
    test_free(bytes);
}

/* No body, none announced, and one of no bytes are the same. */
static void test_empty(void **state)
{
    static const hbr_test_request_t requests[] = {
        { .method = "GET" },
        { .method = "POST" },
        { .method = "POST", .body = "" },
        { .method = "POST", .body = "", .chunked = true },
        { .method = "POST", .chunked = true },
        { .method = "POST", .chunked = true, .body_step = 1 },
    };
    apr_size_t i;

    (void)state;
    most = 0;
    for (i = 0; i < COUNT(requests); i++)
        check_body(&requests[i], 0);
}

static int ask_twice(hbr_context_t *ctx)
{
    const char *first, *second;
    apr_size_t length;
    int result = hbr_body(ctx, 0, &first, &length);

    assert_int_equal(hbr_body(ctx, 0, &second, &length), result);
    if (result == HBR_OK)
        assert_ptr_equal(first, second);
    return result;
}

static int ask_for_less(hbr_context_t *ctx)
{
    const char *bytes;
    apr_size_t length;

    assert_int_equal(hbr_body(ctx, 5, &bytes, &length), HBR_OK);
    assert_int_equal(hbr_body(ctx, 4, &bytes, &length), 413);
    assert_int_equal(length, 0);
    assert_int_equal(hbr_body(ctx, 5, &bytes, &length), HBR_OK);
    return HBR_OK;
}

/* hbr_body() may ask again; what was wrong stays so. */
static void test_again(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    r = SERVE(ask_twice, .method = "POST", .body = "12345");
    assert_int_equal(r->status, 200);
    r = SERVE(ask_twice, .method = "POST", .body = "");
    assert_int_equal(r->status, 200);
    r = SERVE(ask_twice, .method = "POST", .body = "12345", .limits.body = 4);
    assert_int_equal(r->status, 413);
    assert_null(hbr_test_logged(kit, "HBR0050"));
    r = SERVE(ask_twice, .method = "POST", .body = "12345",
              .body_end = HBR_TEST_BODY_LATE);
    assert_int_equal(r->status, 408);
    assert_null(hbr_test_logged(kit, "HBR0050"));
    r = SERVE(ask_for_less, .method = "POST", .body = "12345");
    assert_int_equal(r->status, 413);
}

static int call_body(hbr_context_t *ctx)
{
    const char *bytes;
    apr_size_t length;

    return hbr_body(ctx, 0, &bytes, &length);
}

static int call_json(hbr_context_t *ctx)
{
    struct json_t *root;

    return hbr_body_json(ctx, &root);
}

static int call_form_stream(hbr_context_t *ctx)
{
    return hbr_form_stream(ctx, &(hbr_parts_t){ .take = NULL }, NULL);
}

typedef struct reader_t {
    const char *name;
    const char *type;
    const char *body;
    process_fn *call;
} reader_t;

static const reader_t every_reader[] = {
    { "hbr_body()", "text/plain", "x", call_body },
    { "hbr_body_stream()", "text/plain", "x", stream },
    { "hbr_body_json()", "application/json", "{}", call_json },
    { "hbr_form()", "application/x-www-form-urlencoded", "a=1", hbr_form_read },
    { "hbr_form()", "multipart/form-data; boundary=x", "--x--", hbr_form_read },
    { "hbr_form_stream()", "multipart/form-data; boundary=x", "--x--",
      call_form_stream },
};

static const reader_t *first_reader, *second_reader;

/* The second has to want to read: its type is set behind httpd's back. */
static int read_twice(hbr_context_t *ctx)
{
    assert_int_equal(first_reader->call(ctx), HBR_OK);
    apr_table_setn((apr_table_t *)ctx->headers_in, "Content-Type",
                   second_reader->type);
    assert_int_equal(second_reader->call(ctx), 500);
    return HBR_OK;
}

/* A body has one reader; the log names him and who came late. */
static void test_second_reader(void **state)
{
    apr_size_t i, j;

    (void)state;
    for (i = 0; i < COUNT(every_reader); i++) {
        for (j = 0; j < COUNT(every_reader); j++) {
            const reader_t *a = &every_reader[i], *b = &every_reader[j];
            const hbr_test_response_t *r;
            char type[80], wanted[120];

            if (strcmp(a->name, b->name) == 0)
                continue;
            first_reader = a;
            second_reader = b;
            snprintf(type, sizeof(type), "Content-Type: %s", a->type);
            r = SERVE(read_twice, .method = "POST", .body = a->body,
                      .headers = HEADERS(type));
            assert_int_equal(r->status, 500);
            snprintf(wanted, sizeof(wanted),
                     "HBR0050: any: %s wants the request's body, which %s has "
                     "read",
                     b->name, a->name);
            assert_non_null(hbr_test_logged(kit, wanted));
        }
    }
}

static int stream_twice(hbr_context_t *ctx)
{
    assert_int_equal(stream(ctx), HBR_OK);
    assert_int_equal(stream(ctx), 500);
    assert_int_equal(call_form_stream(ctx), 500);
    return HBR_OK;
}

static void test_streamed_twice(void **state)
{
    (void)state;
    assert_int_equal(SERVE(stream_twice, .method = "POST", .body = "x",
                           .headers = HEADERS(
                               "Content-Type: multipart/form-data;boundary=x"))
                         ->status,
                     500);
}

/* One after the other: the handler's, the bridge's, the server's limit. */
static void test_limits(void **state)
{
    static const struct {
        apr_size_t most, length;
        apr_off_t bridge, host;
        const char *words; /* NULL: it passes */
    } rows[] = {
        { 5, 5, 0, 0, NULL },
        { 5, 6, 0, 0, "is longer than 5 bytes." },
        { 0, 5, 5, 0, NULL },
        { 0, 6, 5, 0, "longer than 5 bytes (BridgeLimitBody)." },
        { 0, 5, 0, 5, NULL },
        { 0, 6, 0, 5, "longer than 5 bytes (LimitRequestBody)." },
        { 3, 4, 4, 5, "longer than 3 bytes." },
        { 5, 4, 3, 4, "longer than 3 bytes (BridgeLimitBody)." },
        { 5, 4, 4, 3, "longer than 3 bytes (LimitRequestBody)." },
        { 0, 9, 3, 4, "longer than 3 bytes (BridgeLimitBody)." },
        { 0, 9, 4, 4, "longer than 4 bytes (BridgeLimitBody)." },
        { 0, 9, 4, 3, "longer than 3 bytes (LimitRequestBody)." },
        { APR_SIZE_MAX, 6, 5, 0, "longer than 5 bytes (BridgeLimitBody)." },
        { APR_SIZE_MAX, 6, 0, 0, NULL },
        { 1, 0, 0, 0, NULL },
    };
    apr_size_t i, step;

    (void)state;
    for (i = 0; i < COUNT(rows) * 2; i++) {
        hbr_test_request_t request = { .method = "POST",
                                       .body = "123456789",
                                       .chunked = i % 2,
                                       .limits.body = rows[i / 2].bridge,
                                       .host_limit = rows[i / 2].host };

        most = rows[i / 2].most;
        request.body_length = rows[i / 2].length;
        if (request.body_length == 0)
            request.body = NULL;
        for (step = 0; step < 8; step++) {
            const hbr_test_response_t *r;

            request.body_step = step;
            r = serve(whole, &request);
            if (rows[i / 2].words == NULL) {
                assert_int_equal(r->status, 200);
                assert_int_equal(r->length, rows[i / 2].length);
            } else {
                assert_int_equal(r->status, 413);
                assert_non_null(strstr(r->body, rows[i / 2].words));
            }
        }
    }
}

/* A handler that streams is never given a byte too many, and none of a body
 * that is announced to be too long: it is not read. */
static void test_limited_stream(void **state)
{
    apr_size_t step;

    (void)state;
    for (step = 1; step < 8; step++) {
        const hbr_test_response_t *r =
            SERVE(stream, .method = "POST", .body = "123456", .body_step = step,
                  .chunked = true, .limits.body = 5);

        assert_int_equal(r->status, 413);
        assert_true(taken <= 5);
        assert_int_equal(taken, 5 / step * step);
    }
    assert_int_equal(SERVE(stream, .method = "POST", .body = "123456",
                           .body_end = HBR_TEST_BODY_LATE, .limits.body = 5)
                         ->status,
                     413);
    assert_int_equal(taken, 0);
    assert_int_equal(SERVE(stream, .method = "POST", .body = "123456",
                           .body_end = HBR_TEST_BODY_LATE, .limits.body = 6)
                         ->status,
                     408);
}

/* What is wrong is told apart, also when the handler does not look. */
static int read_and_go_on(hbr_context_t *ctx)
{
    const char *bytes;
    apr_size_t length;

    hbr_body(ctx, 0, &bytes, &length);
    return hbr_text(ctx, "all is well");
}

static void test_bad_ends(void **state)
{
    static const struct {
        hbr_test_body_e end;
        int status;
        const char *words;
    } rows[] = {
        { HBR_TEST_BODY_CUT, 400, "The request's body ended too early." },
        { HBR_TEST_BODY_LATE, 408,
          "The request's body did not arrive in time." },
        { HBR_TEST_BODY_MALFORMED, 400,
          "The request's body is framed wrongly." },
    };
    static process_fn *const all[] = { whole, stream, read_and_go_on,
                                       call_body };
    apr_size_t i, j, stop;

    (void)state;
    most = 0;
    for (i = 0; i < COUNT(rows); i++) {
        for (j = 0; j < COUNT(all); j++) {
            for (stop = 0; stop <= 10; stop++) {
                const hbr_test_response_t *r = SERVE(
                    all[j], .method = "POST", .body = "0123456789",
                    .body_end = rows[i].end, .body_stop = stop, .body_step = 3);

                assert_int_equal(r->status, rows[i].status);
                assert_non_null(strstr(r->body, rows[i].words));
                if (all[j] == stream)
                    assert_int_equal(taken, stop);
            }
        }
    }
}

static int write_much(hbr_context_t *ctx)
{
    static char much[3 * MEGA];
    const char *bytes;
    apr_size_t length;

    assert_int_equal(hbr_body(ctx, 0, &bytes, &length), 413);
    hbr_write(ctx, much, sizeof(much));
    hbr_flush(ctx);
    return HBR_OK;
}

/* Where the server has answered, nothing of ours follows (checked by the kit,
 * too). */
static void test_answered(void **state)
{
    static process_fn *const all[] = { whole, stream, read_and_go_on,
                                       write_much };
    apr_size_t i, stop;

    (void)state;
    most = 0;
    for (i = 0; i < COUNT(all); i++) {
        for (stop = 0; stop < 5; stop++) {
            const hbr_test_response_t *r =
                SERVE(all[i], .method = "POST", .body = "01234",
                      .body_end = HBR_TEST_BODY_ANSWERED, .body_stop = stop);

            assert_true(r->answered);
            assert_int_equal(r->status, 0);
            assert_int_equal(r->passes, 0);
            assert_int_equal(r->length, 0);
        }
    }
    assert_false(SERVE(whole, .method = "POST", .body = "x")->answered);
}

static apr_size_t stop_behind;

static int take_some(void *data, const char *bytes, apr_size_t length)
{
    (void)data;
    (void)bytes;
    taken += length;
    return taken > stop_behind ? 422 : HBR_OK;
}

static int stream_some(hbr_context_t *ctx)
{
    taken = 0;
    return hbr_body_stream(ctx, take_some, NULL);
}

/* take's own result ends the reading at once and is the result. */
static void test_stopped(void **state)
{
    (void)state;
    for (stop_behind = 0; stop_behind < 8; stop_behind++) {
        assert_int_equal(SERVE(stream_some, .method = "POST", .body_step = 1,
                               .body = "01234567")
                             ->status,
                         422);
        assert_int_equal(taken, stop_behind + 1);
    }
    assert_int_equal(
        SERVE(stream_some, .method = "POST", .body_step = 1, .body = "01234567")
            ->status,
        200);
}

/* A brigade of several buckets is left in the middle as well. */
static void test_stopped_in_brigade(void **state)
{
    char *bytes = fill(MANY);

    (void)state;
    stop_behind = 1;
    assert_int_equal(
        SERVE(stream_some, .method = "POST", .body = bytes, .body_length = MANY)
            ->status,
        422);
    assert_int_equal(taken, 8000);
    test_free(bytes);
}

static apr_size_t peak;

static int measure(hbr_context_t *ctx)
{
    apr_size_t before = palloc_live();
    int result;

    palloc_mark();
    result = call_body(ctx);
    peak = palloc_peak() - before;
    return result;
}

/* A whole body costs at most twice its limit, and not more than was sent when
 * that is little. */
static void test_memory(void **state)
{
    const apr_size_t limit = 2 * MEGA;
    static const apr_size_t steps[] = { 0, 1000, 65536 };
    char *bytes = fill(2 * MEGA);
    apr_size_t i, length;

    (void)state;
    for (i = 0; i < 2 * COUNT(steps); i++) {
        for (length = 1; length <= limit; length = length * 3 / 2 + 1) {
            const hbr_test_response_t *r =
                SERVE(measure, .method = "POST", .body = bytes,
                      .body_length = length, .body_step = steps[i / 2],
                      .chunked = i % 2, .limits.body = (apr_off_t)limit);

            assert_int_equal(r->status, 200);
            if (peak > 2 * limit + 100000)
                fail_msg("%zu bytes cost %zu", length, peak);
            if (i % 2 == 0 && peak > 3 * length + 100000)
                fail_msg("%zu announced bytes cost %zu", length, peak);
            if (length < limit / 5 && peak > 4 * length + 200000)
                fail_msg("few bytes, %zu, cost %zu", length, peak);
        }
    }
    test_free(bytes);
}

/* Ten bytes that were announced as two megabytes cost what ten bytes do. */
static void test_empty_promise(void **state)
{
    char *bytes = fill(2 * MEGA);

    (void)state;
    assert_int_equal(SERVE(measure, .method = "POST", .body = bytes,
                           .body_length = 2 * MEGA,
                           .body_end = HBR_TEST_BODY_CUT, .body_stop = 10)
                         ->status,
                     400);
    assert_true(peak < 100000);
    test_free(bytes);
}

static char tapped[64];
static apr_size_t tapped_length;
static int tap_result;

static int tap(void *data, const char *bytes, apr_size_t length)
{
    assert_ptr_equal(data, tapped);
    memcpy(tapped + tapped_length, bytes, length);
    tapped_length += length;
    return tap_result;
}

static int tap_and_read(hbr_context_t *ctx)
{
    int result;

    tapped_length = 0;
    assert_int_equal(hbr_body_tap(ctx, tap, tapped), APR_SUCCESS);
    result = first_reader->call(ctx);
    assert_int_equal(hbr_body_tap(ctx, tap, tapped), APR_EINVAL);
    return result;
}

/* A tap sees what every reader reads, before him, and may end it. */
static void test_tap(void **state)
{
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(every_reader); i++) {
        const reader_t *reader = &every_reader[i];
        char type[80];

        first_reader = reader;
        snprintf(type, sizeof(type), "Content-Type: %s", reader->type);
        tap_result = HBR_OK;
        assert_int_equal(SERVE(tap_and_read, .method = "POST",
                               .body = reader->body, .body_step = 1,
                               .headers = HEADERS(type))
                             ->status,
                         200);
        assert_int_equal(tapped_length, strlen(reader->body));
        assert_memory_equal(tapped, reader->body, tapped_length);
        tap_result = 422;
        taken = 0;
        assert_int_equal(SERVE(tap_and_read, .method = "POST",
                               .body = reader->body, .body_step = 1,
                               .headers = HEADERS(type))
                             ->status,
                         422);
        assert_int_equal(tapped_length, 1);
        assert_int_equal(taken, 0);
    }
}

static int length_of_announced(hbr_context_t *ctx)
{
    const char *length = hbr_variable(ctx, "CONTENT_LENGTH");

    return hbr_text(ctx, "%s %s %s", length != NULL ? length : "-",
                    hbr_header(ctx, "Content-Length", "-"),
                    hbr_header(ctx, "Transfer-Encoding", "-"));
}

/* RFC 3875 4.1.2: the kit shows a length where one was announced. */
static void test_kit_fields(void **state)
{
    (void)state;
    assert_string_equal(
        SERVE(length_of_announced, .method = "POST", .body = "123")->body,
        "3 3 -");
    assert_string_equal(SERVE(length_of_announced, .method = "POST",
                              .body = "123", .chunked = true)
                            ->body,
                        "- - chunked");
}

MAIN(SERVE_TEST(test_every_step), SERVE_TEST(test_long_bodies),
     SERVE_TEST(test_empty), SERVE_TEST(test_again),
     SERVE_TEST(test_second_reader), SERVE_TEST(test_streamed_twice),
     SERVE_TEST(test_limits), SERVE_TEST(test_limited_stream),
     SERVE_TEST(test_bad_ends), SERVE_TEST(test_answered),
     SERVE_TEST(test_stopped), SERVE_TEST(test_stopped_in_brigade),
     SERVE_TEST(test_memory), SERVE_TEST(test_empty_promise),
     SERVE_TEST(test_tap), SERVE_TEST(test_kit_fields))
