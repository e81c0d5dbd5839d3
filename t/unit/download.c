/*
 * handlers/download.c over the kit: an attachment in pieces of five bytes, so
 * that every first and last byte of a Range meets every place in a piece.
 */
#include <stdio.h>
#include <stdlib.h>

#include "support/demo.h"
#include "support/main.h"

/* Five pieces: four full ones and one of three bytes. */
#define TEXT "abcdefghijklmnopqrstuvw"
#define LENGTH 23
#define ETAG "0123456789abcdef"

static void add(const char *name, const char *type)
{
    char sql[1024];

    snprintf(sql, sizeof(sql),
             "INSERT INTO attachments VALUES (1, '%s', '%s', 23, '" ETAG "', "
             "1767225600, 5, 1); INSERT INTO attachment_pieces VALUES "
             "(1, 0, x'6162636465'), (1, 1, x'666768696a'), "
             "(1, 2, x'6b6c6d6e6f'), (1, 3, x'7071727374'), "
             "(1, 4, x'757677');",
             name, type);
    demo_sql(sql);
}

static const hbr_test_response_t *ask(const char *url, const char *header)
{
    const hbr_test_response_t *r = serve_run(
        &(hbr_test_request_t){ .url = url, .headers = HEADERS(header) });

    assert_int_equal(hbr_test_database_borrowed(kit), 0);
    return r;
}

static void whole(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    add("letters.txt", "text/plain");
    r = ask("/download?id=1", NULL);
    assert_int_equal(r->status, 200);
    assert_true(r->complete);
    assert_string_equal(r->body, TEXT);
    assert_int_equal(r->declared_length, LENGTH);
    assert_string_equal(r->type, "text/plain");
    assert_string_equal(hbr_test_header(r, "ETag"), "\"" ETAG "\"");
    assert_string_equal(hbr_test_header(r, "Last-Modified"),
                        "Thu, 01 Jan 2026 00:00:00 GMT");
    assert_string_equal(hbr_test_header(r, "X-Content-Type-Options"),
                        "nosniff");
    assert_string_equal(hbr_test_header(r, "Content-Disposition"),
                        "attachment; filename=\"letters.txt\"");
    assert_string_equal(ask("/download/1", NULL)->body, TEXT);
}

/* RFC 9110 14.1.2, each of the 276 ranges there are. */
static void every_range(void **state)
{
    int from, to;

    (void)state;
    add("letters.txt", "text/plain");
    for (from = 0; from < LENGTH; from++) {
        for (to = from; to < LENGTH; to++) {
            const hbr_test_response_t *r;
            char range[64];

            snprintf(range, sizeof(range), "Range: bytes=%d-%d", from, to);
            r = ask("/download/1", range);
            assert_int_equal(r->status, 206);
            assert_int_equal(r->length, to - from + 1);
            assert_memory_equal(r->body, &TEXT[from], r->length);
            hbr_test_clear(kit);
        }
    }
}

/* HEAD and 304 read no piece: there is none left to read. */
static void nothing_is_read_for_nothing(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    add("letters.txt", "text/plain");
    demo_sql("DELETE FROM attachment_pieces");
    r = serve_run(
        &(hbr_test_request_t){ .url = "/download/1", .method = "HEAD" });
    assert_int_equal(r->status, 200);
    assert_int_equal(r->declared_length, LENGTH);
    assert_int_equal(ask("/download/1", "If-None-Match: \"" ETAG "\"")->status,
                     304);
    assert_null(hbr_test_logged(kit, "ends at byte"));
}

static void only_the_pieces_of_a_range(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    add("letters.txt", "text/plain");
    demo_sql("DELETE FROM attachment_pieces WHERE number <> 2");
    r = ask("/download/1", "Range: bytes=11-13");
    assert_int_equal(r->status, 206);
    assert_string_equal(r->body, "lmn");
}

/* The end has left already: the client must be able to tell. */
static void a_missing_piece_cuts(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    add("letters.txt", "text/plain");
    demo_sql("DELETE FROM attachment_pieces WHERE number = 3");
    r = ask("/download/1", NULL);
    assert_true(r->cut);
    assert_false(r->complete);
    assert_true(r->length <= 15);
    assert_memory_equal(r->body, TEXT, r->length);
    assert_non_null(hbr_test_logged(kit, "attachment 1 ends at byte 15"));
}

static void an_unfinished_one_is_not_there(void **state)
{
    (void)state;
    add("letters.txt", "text/plain");
    demo_sql("UPDATE attachments SET complete = 0");
    assert_int_equal(ask("/download/1", NULL)->status, 404);
}

static void an_empty_one(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    demo_sql("INSERT INTO attachments VALUES (1, 'e', 'text/plain', 0, 'x', 0, "
             "5, 1)");
    r = ask("/download/1", NULL);
    assert_int_equal(r->status, 200);
    assert_true(r->complete);
    assert_int_equal(r->length, 0);
    assert_int_equal(r->declared_length, 0);
}

static void types_that_may_be_shown(void **state)
{
    static const struct {
        const char *type;
        bool shown;
    } cases[] = {
        { "image/png", true },
        { "IMAGE/PNG", true },
        { "image/jpeg", true },
        { "image/svg+xml", true },
        { "text/plain", true },
        { "text/plain; charset=utf-8", true },
        { "text/plain;charset=utf-8", true },
        { "application/pdf", true },
        { "text/html", false },
        { "text/html; charset=utf-8", false },
        { "text/plainx", false },
        { "text/xml", false },
        { "application/xhtml+xml", false },
        { "application/javascript", false },
        { "image/pngtext/html", false },
        { "text", false },
        { "", false },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        const hbr_test_response_t *r;

        demo_sql("DELETE FROM attachments; DELETE FROM attachment_pieces");
        add("a", cases[i].type);
        r = ask("/download/1?disposition=inline", NULL);
        assert_int_equal(r->status, 200);
        assert_string_equal(hbr_test_header(r, "Content-Disposition"),
                            cases[i].shown ? "inline; filename=\"a\""
                                           : "attachment; filename=\"a\"");
        assert_non_null(strstr(hbr_test_header(r, "Content-Security-Policy"),
                               "default-src 'none'"));
    }
}

/* What is stored may have come from a stranger. */
static void a_type_that_is_none(void **state)
{
    static const char *const types[] = { "", "text", "text/plain\r\nX: y",
                                         "<b>" };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(types); i++) {
        const hbr_test_response_t *r;

        demo_sql("DELETE FROM attachments; DELETE FROM attachment_pieces");
        add("a", types[i]);
        r = ask("/download/1?disposition=inline", NULL);
        assert_int_equal(r->status, 200);
        assert_string_equal(r->type, "application/octet-stream");
        assert_null(hbr_test_header(r, "X"));
        assert_string_equal(r->body, TEXT);
    }
}

static void ids(void **state)
{
    static const struct {
        const char *url;
        int status;
    } cases[] = {
        { "/download", 400 },
        { "/download/", 400 },
        { "/download/x", 400 },
        { "/download/1x", 400 },
        { "/download/1/", 400 },
        { "/download/-1", 400 },
        { "/download/+1", 400 },
        { "/download/0", 400 },
        { "/download/%201", 400 },
        { "/download/9223372036854775808", 400 },
        { "/download/9223372036854775807", 404 },
        { "/download/18446744073709551617", 400 },
        { "/download/2", 404 },
        { "/download/1", 200 },
        { "/download/01", 200 },
        { "/download/?id=1", 200 },
        { "/download?id=1", 200 },
        { "/download?id=2", 404 },
        { "/download?id=0", 400 },
        { "/download?id=1%20OR%201", 400 },
        { "/download/1?disposition=x", 400 },
    };
    apr_size_t i;

    (void)state;
    add("letters.txt", "text/plain");
    for (i = 0; i < COUNT(cases); i++) {
        const hbr_test_response_t *r = ask(cases[i].url, NULL);

        if (r->status != cases[i].status)
            fail_msg("%s: %d", cases[i].url, r->status);
        if (r->status == 404)
            assert_null(hbr_test_header(r, "Content-Disposition"));
    }
}

static void without_a_database(void **state)
{
    (void)state;
    add("letters.txt", "text/plain");
    hbr_test_database_away(kit, true);
    assert_int_equal(ask("/download/1", NULL)->status, 503);
    hbr_test_database_away(kit, false);
    assert_int_equal(ask("/download/1", NULL)->status, 200);
}

MAIN(DEMO_TEST(whole), DEMO_TEST(every_range),
     DEMO_TEST(nothing_is_read_for_nothing),
     DEMO_TEST(only_the_pieces_of_a_range), DEMO_TEST(a_missing_piece_cuts),
     DEMO_TEST(an_unfinished_one_is_not_there), DEMO_TEST(an_empty_one),
     DEMO_TEST(types_that_may_be_shown), DEMO_TEST(a_type_that_is_none),
     DEMO_TEST(ids), DEMO_TEST(without_a_database))
