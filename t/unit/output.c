/*
 * The text a handler writes: collected up to the cap, then streamed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/main.h"
#include "support/palloc.h"
#include "support/serve.h"

static int say_text(hbr_context_t *ctx)
{
    return hbr_text(ctx, "%s %zu %" PRId64 " %5.2f %%", "words", (size_t)7,
                    INT64_MIN, 3.14159);
}

static void test_text(void **state)
{
    const hbr_test_response_t *r = SERVE(say_text);

    (void)state;
    assert_int_equal(r->status, 200);
    assert_string_equal(r->type, "text/plain; charset=utf-8");
    assert_string_equal(r->body, "words 7 -9223372036854775808  3.14 %");
    assert_int_equal(r->declared_length, r->length);
    assert_int_equal(r->passes, 1);
}

static int text_with_type(hbr_context_t *ctx)
{
    hbr_type(ctx, "text/csv");
    return hbr_text(ctx, "a,b");
}

static int raw_printf(hbr_context_t *ctx)
{
    hbr_printf(ctx, "x");
    return HBR_OK;
}

static int some_html(hbr_context_t *ctx)
{
    hbr_html(ctx, "<p>");
    return HBR_OK;
}

static int empty(hbr_context_t *ctx)
{
    (void)ctx;
    return HBR_OK;
}

static int flush_first(hbr_context_t *ctx)
{
    hbr_flush(ctx);
    return hbr_text(ctx, "after");
}

static int flush_only(hbr_context_t *ctx)
{
    hbr_flush(ctx);
    return HBR_OK;
}

static int type_and_flush(hbr_context_t *ctx)
{
    hbr_type(ctx, "text/csv");
    return flush_first(ctx);
}

static int html_and_flush(hbr_context_t *ctx)
{
    hbr_html(ctx, "<p>%d", 1);
    return flush_first(ctx);
}

static int text_at_length(hbr_context_t *ctx)
{
    return hbr_text(ctx, "%020000d", 1);
}

static int html_at_length(hbr_context_t *ctx)
{
    hbr_html(ctx, "<p>%01000d", 1);
    hbr_puts(ctx, "</p>");
    return HBR_OK;
}

/* RFC 9110 8.3: a response that has a body says what it is, however early it
 * is committed. */
static void test_types_of_streams(void **state)
{
    static const struct {
        process_fn *process;
        const char *type;
    } rows[] = {
        { flush_first, "text/plain; charset=utf-8" },
        { flush_only, "text/plain; charset=utf-8" },
        { type_and_flush, "text/csv" },
        { html_and_flush, "text/html; charset=utf-8" },
        { text_at_length, "text/plain; charset=utf-8" },
        { html_at_length, "text/html; charset=utf-8" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        assert_string_equal(SERVE(rows[i].process)->type, rows[i].type);
        assert_string_equal(SERVE(rows[i].process, .unbuffered = true)->type,
                            rows[i].type);
    }
}

static int write_nothing_first(hbr_context_t *ctx)
{
    assert_int_equal(hbr_write(ctx, "", 0), APR_SUCCESS);
    assert_int_equal(hbr_write(ctx, NULL, 0), APR_SUCCESS);
    assert_int_equal(hbr_puts(ctx, ""), APR_SUCCESS);
    assert_int_equal(hbr_printf(ctx, "%s%s", "", ""), APR_SUCCESS);
    assert_int_equal(hbr_html(ctx, "%s", ""), APR_SUCCESS);
    assert_int_equal(hbr_printf(ctx, "%.0d", 0), APR_SUCCESS);
    return hbr_text(ctx, "%sx", "");
}

/* Nothing is nothing, also where there is no chunk yet. */
static void test_writes_of_nothing(void **state)
{
    (void)state;
    assert_string_equal(SERVE(write_nothing_first)->body, "x");
    assert_string_equal(SERVE(write_nothing_first, .unbuffered = true)->body,
                        "x");
}

static int fail_after_a_word(hbr_context_t *ctx)
{
    hbr_puts(ctx, "a word");
    return 500;
}

/* With BridgeBuffer 0, too, what has not left can become an error. */
static void test_unbuffered_failure(void **state)
{
    const hbr_test_response_t *r = SERVE(fail_after_a_word, .unbuffered = true);

    (void)state;
    assert_int_equal(r->status, 500);
    assert_true(r->complete);
    assert_false(r->cut);
    assert_null(strstr(r->body, "a word"));
}

static int text_after_bytes(hbr_context_t *ctx)
{
    hbr_bytes(ctx, "abc", 3, NULL);
    hbr_text(ctx, "zzz");
    return HBR_OK;
}

/* A refused text says nothing of the body that is there. */
static void test_refused_text_has_no_type(void **state)
{
    const hbr_test_response_t *r = SERVE(text_after_bytes);

    (void)state;
    assert_string_equal(r->type, "application/octet-stream");
    assert_string_equal(r->body, "abc");
}

static void test_default_types(void **state)
{
    (void)state;
    assert_string_equal(SERVE(text_with_type)->type, "text/csv");
    assert_string_equal(SERVE(raw_printf)->type, "text/plain; charset=utf-8");
    assert_string_equal(SERVE(some_html)->type, "text/html; charset=utf-8");
}

static void test_empty(void **state)
{
    const hbr_test_response_t *r = SERVE(empty);

    (void)state;
    assert_int_equal(r->status, 200);
    assert_int_equal(r->declared_length, 0);
    assert_true(r->complete);
}

/* Total bytes, in writes of a size, with every byte depending on its place. */
static apr_size_t total, step;
static int way;

static char byte_at(apr_size_t i)
{
    return (char)('a' + (i * 7 + i / 251) % 26);
}

static int write_total(hbr_context_t *ctx)
{
    char *piece = malloc(step + 1);
    apr_size_t done = 0, i;

    while (done < total) {
        apr_size_t now = step < total - done ? step : total - done;
        apr_status_t status;

        for (i = 0; i < now; i++)
            piece[i] = byte_at(done + i);
        piece[now] = '\0';
        if (way == 0)
            status = hbr_write(ctx, piece, now);
        else if (way == 1)
            status = hbr_puts(ctx, piece);
        else if (way == 2)
            status = hbr_printf(ctx, "%s", piece);
        else
            status = hbr_html(ctx, "%s", piece);
        assert_int_equal(status, APR_SUCCESS);
        done += now;
    }
    free(piece);
    return HBR_OK;
}

static void check_total(const hbr_test_response_t *r)
{
    apr_size_t i;

    assert_int_equal(r->length, total);
    for (i = 0; i < total; i++) {
        if (r->body[i] != byte_at(i))
            fail_msg("byte %zu of %zu, way %d, step %zu", i, total, way, step);
    }
}

/* The same bytes whatever the writes' size and however chunks fall. */
static void test_every_way_and_size(void **state)
{
    static const apr_size_t steps[] = { 1,     2,     63,    4095,  4096, 7999,
                                        8000,  8001,  8191,  8192,  8193, 16000,
                                        32703, 32704, 32705, 32768, 70000 };
    static const apr_size_t totals[] = { 1,     7999,  8000,  8001,
                                         40704, 40705, 100000 };
    static const apr_size_t caps[] = { 0, 1, 10, 8000, 8001, 50000 };
    apr_size_t s, t, c;

    (void)state;
    for (t = 0; t < COUNT(totals); t++) {
        for (s = 0; s < COUNT(steps); s++) {
            for (c = 0; c < COUNT(caps); c++) {
                const hbr_test_response_t *r;

                way = (int)((s + t + c) % 4);
                total = totals[t];
                step = steps[s];
                r = SERVE(write_total, .buffer = caps[c]);
                check_total(r);
                if (caps[c] == 0 || total < caps[c])
                    assert_int_equal(r->declared_length, total);
                if (caps[c] != 0 && total > caps[c])
                    assert_int_equal(r->declared_length, -1);
                hbr_test_clear(kit);
            }
        }
    }
}

/* printf where the text just fits what is left of a chunk, and just not. */
static void test_printf_at_the_border(void **state)
{
    (void)state;
    way = 2;
    total = 24000;
    for (step = 7980; step <= 8020; step++) {
        check_total(SERVE(write_total));
        hbr_test_clear(kit);
    }
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-security"
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static const char *counting;

static int count_text(hbr_context_t *ctx)
{
    int count = 77;

    assert_int_equal(hbr_printf(ctx, counting, &count, &count), APR_EINVAL);
    assert_int_equal(count, 77);
    return HBR_OK;
}
#pragma GCC diagnostic pop

/* %n would count a part of the text: nothing is written through it. */
static void test_no_count(void **state)
{
    static const char *const rows[] = { "%n", "ab%hhn", "%p%n", "%2$lln",
                                        "%p%%%-5n" };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        counting = rows[i];
        assert_int_equal(SERVE(count_text)->status, 500);
        assert_non_null(hbr_test_logged(kit, "HBR0021"));
        hbr_test_clear(kit);
    }
}

static int mix(hbr_context_t *ctx)
{
    hbr_printf(ctx, "%d %s|%5.1f%%n %s|", 1, "a", 2.25, "b");
    hbr_printf(ctx, "%2$s %1$d|", 7, "seven");
    hbr_printf(ctx, "%s%*d|", "", 4, 5);
    return HBR_OK;
}

/* What is left to the C library comes behind what is not; its values are its
 * own. */
static void test_left_to_the_library(void **state)
{
    (void)state;
    assert_string_equal(SERVE(mix)->body, "1 a|  2.2%n b|seven 7|   5|");
}

static bool committed[3];

static int cross_cap(hbr_context_t *ctx)
{
    hbr_puts(ctx, "0123456789");
    committed[0] = hbr_committed(ctx);
    hbr_puts(ctx, "01234");
    committed[1] = hbr_committed(ctx);
    hbr_puts(ctx, "0123456789");
    committed[2] = hbr_committed(ctx);
    return HBR_OK;
}

static void test_cap(void **state)
{
    const hbr_test_response_t *r = SERVE(cross_cap, .buffer = 16);

    (void)state;
    assert_false(committed[0]);
    assert_false(committed[1]);
    assert_true(committed[2]);
    assert_int_equal(r->declared_length, -1);
    assert_string_equal(r->body, "0123456789012340123456789");
    assert_true(r->complete);
    SERVE(cross_cap, .buffer = 26);
    assert_false(committed[2]);
}

/* HEAD of a response that streams: no body, and no length that GET does not
 * have (RFC 9110 9.3.2). */
static void test_head_past_the_cap(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    way = 0;
    total = 100000;
    step = 1000;
    r = SERVE(write_total, .buffer = 5000, .method = "HEAD");
    assert_int_equal(r->length, 0);
    assert_int_equal(r->declared_length, -1);
    assert_true(r->complete);
}

static int flush_twice(hbr_context_t *ctx)
{
    assert_int_equal(hbr_puts(ctx, "one,"), APR_SUCCESS);
    assert_false(hbr_committed(ctx));
    assert_int_equal(hbr_flush(ctx), APR_SUCCESS);
    assert_true(hbr_committed(ctx));
    assert_int_equal(hbr_puts(ctx, "two,"), APR_SUCCESS);
    assert_int_equal(hbr_flush(ctx), APR_SUCCESS);
    hbr_puts(ctx, "three");
    return HBR_OK;
}

static void test_flush(void **state)
{
    const hbr_test_response_t *r = SERVE(flush_twice);

    (void)state;
    assert_int_equal(r->flushes, 2);
    assert_int_equal(r->declared_length, -1);
    assert_string_equal(r->body, "one,two,three");
    assert_true(r->complete);
    r = SERVE(flush_twice, .method = "HEAD");
    assert_int_equal(r->length, 0);
    assert_true(r->complete);
}

static int flush_nothing(hbr_context_t *ctx)
{
    hbr_flush(ctx);
    assert_true(hbr_committed(ctx));
    return HBR_OK;
}

static void test_flush_commits_an_empty_body(void **state)
{
    const hbr_test_response_t *r = SERVE(flush_nothing);

    (void)state;
    assert_int_equal(r->status, 200);
    assert_int_equal(r->length, 0);
    assert_true(r->complete);
}

static int set_all_and_clear(hbr_context_t *ctx)
{
    hbr_status(ctx, 201);
    hbr_type(ctx, "text/css");
    hbr_header_set(ctx, "X-One", "1");
    hbr_header_add(ctx, "X-One", "2");
    hbr_etag(ctx, "tag", false);
    hbr_last_modified(ctx, apr_time_from_sec(1000));
    hbr_html(ctx, "<p>%s", "gone");
    assert_int_equal(hbr_clear(ctx), APR_SUCCESS);
    assert_true(apr_is_empty_table(ctx->headers_out));
    return hbr_text(ctx, "kept");
}

static int clear_bytes(hbr_context_t *ctx)
{
    hbr_bytes(ctx, "bytes", 5, NULL);
    assert_int_equal(hbr_clear(ctx), APR_SUCCESS);
    return hbr_text(ctx, "kept");
}

static void test_clear(void **state)
{
    process_fn *const rows[] = { set_all_and_clear, clear_bytes };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r = SERVE(rows[i]);

        assert_int_equal(r->status, 200);
        assert_string_equal(r->type, "text/plain; charset=utf-8");
        assert_string_equal(r->body, "kept");
        assert_null(hbr_test_header(r, "X-One"));
        assert_null(hbr_test_header(r, "ETag"));
        assert_null(hbr_test_header(r, "Last-Modified"));
    }
}

static int failures;
static apr_status_t first_error;

static void note_result(apr_status_t status)
{
    if (status == APR_SUCCESS) {
        assert_int_equal(failures, 0);
        return;
    }
    if (failures++ == 0)
        first_error = status;
    assert_int_equal(status, first_error);
}

static int write_many(hbr_context_t *ctx)
{
    static char piece[5000];
    int i;

    memset(piece, 'x', sizeof(piece));
    for (i = 0; i < 40; i++) {
        note_result(hbr_write(ctx, piece, sizeof(piece)));
        note_result(hbr_flush(ctx));
    }
    note_result(hbr_puts(ctx, "x"));
    note_result(hbr_printf(ctx, "%d", 1));
    note_result(hbr_html(ctx, "%d", 1));
    note_result(hbr_json_string(ctx, "x"));
    return HBR_OK;
}

/* The first failed write sticks, whichever it is. */
static void test_write_error_sticks(void **state)
{
    apr_size_t n;

    (void)state;
    for (n = 1; n <= 40; n++) {
        const hbr_test_response_t *r;

        failures = 0;
        r = SERVE(write_many, .fail_pass = n);
        assert_true(failures >= 4);
        assert_int_equal(r->status, 200);
        assert_int_equal(r->passes, n);
        assert_int_equal(count_lines(r, HBR_LOG_WARNING), 0);
    }
}

static int write_past_cap(hbr_context_t *ctx)
{
    int i;

    for (i = 0; i < 100; i++)
        note_result(hbr_printf(ctx, "%01000d", i));
    return HBR_OK;
}

static void test_write_error_without_flush(void **state)
{
    (void)state;
    failures = 0;
    SERVE(write_past_cap, .fail_pass = 1, .buffer = 1000);
    assert_true(failures > 0);
    failures = 0;
    SERVE(write_past_cap, .fail_pass = 1);
    assert_int_equal(failures, 0);
}

static bool as_html;

static int write_once(hbr_context_t *ctx)
{
    static char text[5000];

    memset(text, 'x', sizeof(text) - 1);
    assert_int_not_equal(as_html ? hbr_html(ctx, "<p>%s %d %f", text, 1, 2.0)
                                 : hbr_printf(ctx, "%s %d", text, 1),
                         APR_SUCCESS);
    return HBR_OK;
}

/* The call that fails says so itself. */
static void test_write_error_inside_a_format(void **state)
{
    (void)state;
    as_html = false;
    SERVE(write_once, .fail_pass = 1, .buffer = 1000);
    as_html = true;
    SERVE(write_once, .fail_pass = 1, .buffer = 1000);
}

static int fail_after_commit(hbr_context_t *ctx)
{
    hbr_puts(ctx, "half a page");
    hbr_flush(ctx);
    return hbr_error(ctx, 503, "the other half is missing");
}

static void test_error_after_commit_cuts(void **state)
{
    const hbr_test_response_t *r = SERVE(fail_after_commit);

    (void)state;
    assert_int_equal(r->status, 200);
    assert_true(r->cut);
    assert_false(r->complete);
    assert_string_equal(r->body, "half a page");
}

static int write_after_bytes(hbr_context_t *ctx)
{
    hbr_bytes(ctx, "whole", 5, NULL);
    assert_int_equal(hbr_puts(ctx, " and more"), APR_EINVAL);
    return HBR_OK;
}

static int bytes_after_write(hbr_context_t *ctx)
{
    hbr_puts(ctx, "text before");
    return hbr_bytes(ctx, "whole", 5, NULL);
}

/* A whole body takes the place of what was written before. */
static void test_text_and_whole_bodies(void **state)
{
    (void)state;
    assert_string_equal(SERVE(write_after_bytes)->body, "whole");
    assert_string_equal(SERVE(bytes_after_write)->body, "whole");
}

static int stream_much(hbr_context_t *ctx)
{
    static char piece[10000];
    apr_size_t live;
    int i;

    memset(piece, 'y', sizeof(piece));
    for (i = 0; i < 20; i++)
        hbr_write(ctx, piece, sizeof(piece));
    live = palloc_live();
    for (i = 0; i < 500; i++)
        hbr_write(ctx, piece, sizeof(piece));
    /* What the kit keeps of the body is no part of it. */
    assert_true(palloc_live() - live < 16 * 1024 * 1024);
    return HBR_OK;
}

static void test_much(void **state)
{
    const hbr_test_response_t *r = SERVE(stream_much, .buffer = 20000);

    (void)state;
    assert_int_equal(r->length, 5200000);
    assert_true(r->passes > 50);
}

MAIN(SERVE_TEST(test_text), SERVE_TEST(test_default_types),
     SERVE_TEST(test_empty), SERVE_TEST(test_every_way_and_size),
     SERVE_TEST(test_printf_at_the_border), SERVE_TEST(test_no_count),
     SERVE_TEST(test_left_to_the_library), SERVE_TEST(test_cap),
     SERVE_TEST(test_head_past_the_cap), SERVE_TEST(test_flush),
     SERVE_TEST(test_flush_commits_an_empty_body), SERVE_TEST(test_clear),
     SERVE_TEST(test_write_error_sticks),
     SERVE_TEST(test_write_error_without_flush),
     SERVE_TEST(test_write_error_inside_a_format),
     SERVE_TEST(test_error_after_commit_cuts),
     SERVE_TEST(test_text_and_whole_bodies), SERVE_TEST(test_much),
     SERVE_TEST(test_types_of_streams), SERVE_TEST(test_writes_of_nothing),
     SERVE_TEST(test_unbuffered_failure),
     SERVE_TEST(test_refused_text_has_no_type))
