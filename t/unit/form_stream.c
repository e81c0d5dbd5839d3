/*
 * A multipart form, part by part (RFC 7578): the callbacks and their results,
 * the limits, the types.
 */
#include <stdio.h>

#include "support/main.h"
#include "support/post.h"

static hbr_context_t *stream_ctx;
static int calls_left; /* until one fails; less than 0: none does */
static bool in_part;

static int count_down(void)
{
    assert_int_not_equal(calls_left, -100);
    if (calls_left == 0) {
        calls_left = -100;
        return 422;
    }
    calls_left--;
    return HBR_OK;
}

static int on_begin(void *data, const hbr_part_t *part)
{
    assert_ptr_equal(data, &stream_ctx);
    assert_false(in_part);
    in_part = true;
    hbr_printf(stream_ctx, "[%s,%s,%s:", part->name,
               part->filename ? part->filename : "-",
               part->type ? part->type : "-");
    return count_down();
}

static int on_take(void *data, const char *bytes, apr_size_t length)
{
    assert_ptr_equal(data, &stream_ctx);
    assert_true(in_part && length > 0);
    hbr_write(stream_ctx, bytes, length);
    return count_down();
}

static int on_end(void *data)
{
    assert_ptr_equal(data, &stream_ctx);
    assert_true(in_part);
    in_part = false;
    hbr_puts(stream_ctx, "]");
    return count_down();
}

static int stream_all(hbr_context_t *ctx)
{
    static const hbr_parts_t parts = { on_begin, on_take, on_end };

    stream_ctx = ctx;
    in_part = false;
    return hbr_form_stream(ctx, &parts, &stream_ctx);
}

#define STREAMED                                                               \
    PART("name=\"a\"", "12\r\n345")                                            \
    TYPED_PART("name=\"f\"; filename=\"x\"", "image/png", "\r\n--y")           \
    PART("name=\"f\"; filename=\"\"", "") END

static void test_stream(void **state)
{
    apr_size_t step;

    (void)state;
    for (step = 0; step < sizeof(STREAMED); step++) {
        calls_left = -1;
        assert_string_equal(SERVE(stream_all, .method = "POST",
                                  .headers = MULTIPART, .body = STREAMED,
                                  .body_step = step, .chunked = step % 2)
                                ->body,
                            "[a,-,-:12\r\n345][f,x,image/png:\r\n--y][f,,-:]");
    }
}

/* Whichever call fails: nothing is called after it, and it is the result. */
static void test_stream_fails(void **state)
{
    static const apr_size_t steps[] = { 0, 1, 7, 30 };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(steps); i++) {
        int fail_at = 0, status;

        do {
            calls_left = fail_at++;
            status = SERVE(stream_all, .method = "POST", .headers = MULTIPART,
                           .body = STREAMED, .body_step = steps[i])
                         ->status;
            assert_int_equal(status, calls_left == -100 ? 422 : 200);
        } while (status == 422);
        assert_true(fail_at > 8);
    }
}

static int stream_nothing(hbr_context_t *ctx)
{
    return hbr_form_stream(ctx, &(hbr_parts_t){ .begin = NULL }, NULL);
}

static int fail_take(void *data, const char *bytes, apr_size_t length)
{
    (void)data;
    (void)bytes;
    (void)length;
    return 422;
}

static int stream_take(hbr_context_t *ctx)
{
    return hbr_form_stream(ctx, &(hbr_parts_t){ .take = fail_take }, NULL);
}

/* Members may be left out; what is wrong shows all the same. */
static void test_stream_without_callbacks(void **state)
{
    (void)state;
    assert_int_equal(SERVE(stream_nothing, .method = "POST",
                           .headers = MULTIPART, .body = STREAMED)
                         ->status,
                     200);
    assert_int_equal(SERVE(stream_take, .method = "POST", .headers = MULTIPART,
                           .body = STREAMED)
                         ->status,
                     422);
}

/* The limits hold for all who take a form; each names its directive. */
static void test_stream_limits(void **state)
{
    static const struct {
        const char *fits, *exceeds;
        hbr_test_limits_t limits;
        const char *words;
    } rows[] = {
        { PART("name=\"abc\"", "12345") END, PART("name=\"abcd\"", "1") END,
          .limits.name = 3, .words = "(BridgeLimitName)." },
        { PART("name=\"abcde\"", "123") PART("name=\"b\"", "123") END,
          PART("name=\"a\"", "1234") END, .limits.value = 3,
          .words = "A field is longer than 3 bytes (BridgeLimitValue)." },
        { PART("name=\"f\"; filename=\"f\"", "123") PART("name=\"a\"", "1234")
              END,
          PART("name=\"f\"; filename=\"f\"", "1234") END, .limits.file = 3,
          .words = "A file is longer than 3 bytes (BridgeLimitFile)." },
        { PART("name=\"f\"; filename=\"f\"", "") PART("name=\"a\"", "") END,
          PART("name=\"f\"; filename=\"f\"", "")
              PART("name=\"f\"; filename=\"\"", "") END,
          .limits.files = 1,
          .words = "The form has more than 1 file (BridgeLimitFiles)." },
        { PART("name=\"a\"", "") END,
          PART("name=\"a\"", "") PART("name=\"a\"", "") END, .limits.parts = 1,
          .words = "(BridgeLimitParts)." },
        { PART("name=\"a\"", "") END,
          TYPED_PART("name=\"a\"", "text/plain", "") END,
          .limits.part_header = 50, .words = "(BridgeLimitPartHeader)." },
        { END, END "x", .limits.body = 7, .words = "(BridgeLimitBody)." }
    };
    apr_size_t i, step;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        for (step = 0; step < 9; step++) {
            const hbr_test_response_t *r =
                SERVE(stream_nothing, .method = "POST", .headers = MULTIPART,
                      .body = rows[i].fits, .body_step = step,
                      .limits = rows[i].limits);

            if (r->status != 200)
                fail_msg("row %zu does not fit: %s", i, r->body);
            r = SERVE(stream_nothing, .method = "POST", .headers = MULTIPART,
                      .body = rows[i].exceeds, .body_step = step,
                      .chunked = true, .limits = rows[i].limits);
            if (r->status != 413 || strstr(r->body, rows[i].words) == NULL)
                fail_msg("row %zu: %d %s", i, r->status, r->body);
        }
    }
}

/* A form without its end is told from a whole one. */
static void test_stream_unfinished(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    calls_left = -1;
    r = SERVE(stream_all, .method = "POST", .headers = MULTIPART,
              .body = PART("name=\"a\"", "1"));
    assert_int_equal(r->status, 400);
    assert_non_null(
        strstr(r->body, "The form ends before its final boundary."));
    assert_true(in_part);
    r = SERVE(stream_all, .method = "POST", .headers = MULTIPART,
              .body = STREAMED, .body_end = HBR_TEST_BODY_CUT,
              .body_stop = sizeof(STREAMED) - 1);
    assert_int_equal(r->status, 400);
}

static void test_stream_types(void **state)
{
    static const struct {
        const char *type;
        int status;
    } rows[] = {
        { "Content-Type: multipart/form-data; boundary=x", 200 },
        { "Content-Type: Multipart/Form-Data; Boundary=\"x\"", 200 },
        { "Content-Type: multipart/form-data", 400 },
        { "Content-Type: multipart/form-data; boundary=x; boundary=y", 400 },
        { "Content-Type: multipart/form-data, text/plain; boundary=x", 415 },
        { "Content-Type: multipart/mixed; boundary=x", 415 },
        { "Content-Type: application/x-www-form-urlencoded", 415 },
        { "Content-Type:", 415 },
        { NULL, 415 },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r =
            SERVE(stream_nothing, .method = "POST", .body = END,
                  .headers = HEADERS(rows[i].type));

        if (r->status != rows[i].status)
            fail_msg("%s: %d", rows[i].type, r->status);
        if (r->status == 415)
            assert_non_null(strstr(
                r->body, "The body is expected to be multipart/form-data."));
    }
}

static int read_inside(void *data, const char *bytes, apr_size_t length)
{
    (void)bytes;
    (void)length;
    assert_int_equal(hbr_form_read(data), 500);
    return hbr_form_read(data);
}

static int stream_and_read(hbr_context_t *ctx)
{
    return hbr_form_stream(ctx, &(hbr_parts_t){ .take = read_inside }, ctx);
}

/* Whoever asks for the form while it is streamed is told so. */
static void test_read_inside_stream(void **state)
{
    (void)state;
    assert_int_equal(SERVE(stream_and_read, .method = "POST",
                           .headers = MULTIPART, .body = STREAMED)
                         ->status,
                     500);
    assert_non_null(hbr_test_logged(kit, "hbr_form_stream() has read"));
}

MAIN(SERVE_TEST(test_stream), SERVE_TEST(test_stream_fails),
     SERVE_TEST(test_stream_without_callbacks), SERVE_TEST(test_stream_limits),
     SERVE_TEST(test_stream_unfinished), SERVE_TEST(test_stream_types),
     SERVE_TEST(test_read_inside_stream))
