/*
 * What is decided when the response is committed: preconditions, If-Range and
 * Range (RFC 9110 13 and 14), alike for every kind of body.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/main.h"
#include "support/serve.h"

#define WHEN 1577836800 /* Wed, 01 Jan 2020 00:00:00 GMT */

static char path[] = "/tmp/hbr-commit-XXXXXX";
static const char *body;
static bool described;
static int status;

static hbr_content_t about(void)
{
    hbr_content_t content = { .type = "text/x-body" };

    if (described) {
        content.etag = "v1";
        content.last_modified = apr_time_from_sec(WHEN);
    }
    return content;
}

static void set_all(hbr_context_t *ctx)
{
    hbr_header_set(ctx, "Cache-Control", "max-age=60");
    hbr_header_set(ctx, "Vary", "Cookie");
    hbr_header_set(ctx, "Content-Language", "en");
    if (status != 0)
        hbr_status(ctx, status);
}

static int send_bytes(hbr_context_t *ctx)
{
    hbr_content_t content = about();

    set_all(ctx);
    return hbr_bytes(ctx, body, strlen(body), &content);
}

static int send_file(hbr_context_t *ctx)
{
    hbr_content_t content = about();
    FILE *file = fopen(path, "w");

    set_all(ctx);
    fputs(body, file);
    fclose(file);
    return hbr_file(ctx, path, &content);
}

static apr_status_t read_body(hbr_context_t *ctx, void *data, apr_off_t offset,
                              apr_size_t wanted, const void **bytes,
                              apr_size_t *length)
{
    (void)ctx, (void)data;
    *bytes = body + offset;
    *length = wanted > 3 ? 3 : wanted;
    return APR_SUCCESS;
}

static int send_source(hbr_context_t *ctx)
{
    hbr_content_t content = about();

    set_all(ctx);
    return hbr_source(
        ctx,
        &(hbr_source_t){ .length = (apr_off_t)strlen(body), .read = read_body },
        &content);
}

static int send_text(hbr_context_t *ctx)
{
    set_all(ctx);
    hbr_type(ctx, "text/x-body");
    if (described) {
        hbr_etag(ctx, "v1", false);
        hbr_last_modified(ctx, apr_time_from_sec(WHEN));
    }
    hbr_puts(ctx, body);
    return HBR_OK;
}

static process_fn *const all_bodies[] = { send_bytes, send_file, send_source,
                                          send_text };

static int setup(void **state)
{
    int descriptor;

    strcpy(path, "/tmp/hbr-commit-XXXXXX");
    descriptor = mkstemp(path);
    if (descriptor >= 0)
        close(descriptor);
    body = "0123456789";
    described = true;
    status = 0;
    return serve_setup(state) != 0 || descriptor < 0;
}

static int teardown(void **state)
{
    unlink(path);
    return serve_teardown(state);
}

#define SAME "Wed, 01 Jan 2020 00:00:00 GMT"
#define EARLIER "Tue, 31 Dec 2019 23:59:59 GMT"
#define LATER "Wed, 01 Jan 2020 00:00:01 GMT"

/* RFC 9110 13.1 and 13.2.2. */
static void test_conditional_get(void **state)
{
    static const struct {
        const char *one, *two;
        int status;
    } rows[] = {
        { "If-None-Match: \"v1\"", NULL, 304 },
        { "If-None-Match: W/\"v1\"", NULL, 304 },
        { "If-None-Match: \"v2\"", NULL, 200 },
        { "If-None-Match: *", NULL, 304 },
        { "If-None-Match: \"a\", \"v1\" ,\"b\"", NULL, 304 },
        { "If-None-Match: \"a\"", "If-None-Match: \"v1\"", 304 },
        { "If-None-Match: \"v1-gzip\"", NULL, 304 },
        { "If-None-Match: \"v1-br\"", NULL, 304 },
        { "If-None-Match: v1", NULL, 200 },
        { "If-Modified-Since: " SAME, NULL, 304 },
        { "If-Modified-Since: " LATER, NULL, 304 },
        { "If-Modified-Since: " EARLIER, NULL, 200 },
        { "If-Modified-Since: yesterday", NULL, 200 },
        { "If-None-Match: \"v2\"", "If-Modified-Since: " LATER, 200 },
        { "If-None-Match: \"v1\"", "If-Modified-Since: " EARLIER, 304 },
        { "If-Match: \"v1\"", NULL, 200 },
        { "If-Match: \"v2\"", NULL, 412 },
        { "If-Match: *", NULL, 200 },
        { "If-Match: W/\"v1\"", NULL, 412 },
        { "If-Match: \"v1-gzip\"", NULL, 412 },
        { "If-Unmodified-Since: " SAME, NULL, 200 },
        { "If-Unmodified-Since: " EARLIER, NULL, 412 },
        { "If-Match: \"v1\"", "If-Unmodified-Since: " EARLIER, 200 },
        { "If-Match: \"v1\"", "If-None-Match: \"v1\"", 304 },
        { "If-Match: \"v2\"", "If-None-Match: \"v1\"", 412 },
    };
    static const char *const methods[] = { "GET", "HEAD" };
    apr_size_t i, b, m;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        for (b = 0; b < COUNT(all_bodies); b++) {
            for (m = 0; m < COUNT(methods); m++) {
                const hbr_test_response_t *r =
                    SERVE(all_bodies[b], .method = methods[m],
                          .headers = HEADERS(rows[i].one, rows[i].two));

                if (r->status != rows[i].status)
                    fail_msg("body %zu, %s, %s: %d", b, rows[i].one,
                             rows[i].two ? rows[i].two : "", r->status);
                hbr_test_clear(kit);
            }
        }
    }
}

/* RFC 9110 15.4.5: what a 304 has to carry, and what it must not. */
static void test_fields_of_304(void **state)
{
    apr_size_t b;

    (void)state;
    for (b = 0; b < COUNT(all_bodies); b++) {
        const hbr_test_response_t *r =
            SERVE(all_bodies[b], .headers = HEADERS("If-None-Match: \"v1\""));

        assert_int_equal(r->status, 304);
        assert_int_equal(r->length, 0);
        assert_null(r->type);
        assert_string_equal(hbr_test_header(r, "ETag"), "\"v1\"");
        assert_string_equal(hbr_test_header(r, "Cache-Control"), "max-age=60");
        assert_string_equal(hbr_test_header(r, "Vary"), "Cookie");
        assert_null(hbr_test_header(r, "Content-Range"));
    }
}

/* RFC 9110 13.2.1: where it would not have been a 200 nothing is evaluated,
 * and what a POST did is done. */
static void test_not_conditional(void **state)
{
    (void)state;
    assert_int_equal(SERVE(send_bytes, .method = "POST",
                           .headers = HEADERS("If-None-Match: \"v1\""))
                         ->status,
                     200);
    status = 201;
    assert_int_equal(
        SERVE(send_bytes, .headers = HEADERS("If-None-Match: \"v1\""))->status,
        201);
    assert_int_equal(
        SERVE(send_bytes, .headers = HEADERS("Range: bytes=0-1"))->status, 201);
}

static int asked;

static int ask_first(hbr_context_t *ctx)
{
    hbr_etag(ctx, "v1", false);
    hbr_last_modified(ctx, apr_time_from_sec(WHEN));
    asked = hbr_preconditions(ctx);
    return asked != HBR_OK ? asked : hbr_text(ctx, "done");
}

/* RFC 9110 13.1.2: for what is no GET a match of If-None-Match is a 412. */
static void test_preconditions_before_the_work(void **state)
{
    static const struct {
        const char *method, *header;
        int asked, status;
    } rows[] = {
        { "GET", NULL, 0, 200 },
        { "GET", "If-None-Match: \"v1\"", 304, 304 },
        { "GET", "If-Match: \"v2\"", 412, 412 },
        { "PUT", "If-Match: \"v2\"", 412, 412 },
        { "PUT", "If-Match: \"v1\"", 0, 200 },
        { "PUT", "If-None-Match: \"v1\"", 412, 412 },
        { "PUT", "If-None-Match: *", 412, 412 },
        { "PUT", "If-Modified-Since: " LATER, 0, 200 },
        { "DELETE", "If-Unmodified-Since: " EARLIER, 412, 412 },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r =
            SERVE(ask_first, .method = rows[i].method,
                  .headers = HEADERS(rows[i].header));

        assert_int_equal(asked, rows[i].asked);
        assert_int_equal(r->status, rows[i].status);
    }
}

typedef struct range_row_t {
    const char *header;
    int status;
    const char *body, *content_range;
} range_row_t;

static void check_range(process_fn *process, const range_row_t *row)
{
    const hbr_test_response_t *r =
        SERVE(process, .headers = HEADERS(row->header));
    const char *field = hbr_test_header(r, "Content-Range");

    if (r->status != row->status)
        fail_msg("%s: %d", row->header, r->status);
    if (row->body != NULL)
        assert_string_equal(r->body, row->body);
    assert_int_equal(r->declared_length, r->length);
    if (row->content_range != NULL)
        assert_string_equal(field, row->content_range);
    else
        assert_null(field);
    if (r->status != 416)
        assert_string_equal(r->type, "text/x-body");
    hbr_test_clear(kit);
}

/* RFC 9110 14.1.2, 14.2, 14.4, 15.3.7, 15.5.17. */
static void test_ranges(void **state)
{
    static const range_row_t rows[] = {
        { "Range: bytes=0-0", 206, "0", "bytes 0-0/10" },
        { "Range: bytes=0-9", 206, "0123456789", "bytes 0-9/10" },
        { "Range: bytes=5-", 206, "56789", "bytes 5-9/10" },
        { "Range: bytes=5-99", 206, "56789", "bytes 5-9/10" },
        { "Range: bytes=-3", 206, "789", "bytes 7-9/10" },
        { "Range: bytes=-99", 206, "0123456789", "bytes 0-9/10" },
        { "Range: Bytes=1-2", 206, "12", "bytes 1-2/10" },
        { "Range: bytes=0-0,10-", 206, "0", "bytes 0-0/10" },
        { "Range: bytes=0-2,3-4", 206, "01234", "bytes 0-4/10" },
        { "Range: bytes=10-", 416, NULL, "bytes */10" },
        { "Range: bytes=99-100", 416, NULL, "bytes */10" },
        { "Range: bytes=-0", 416, NULL, "bytes */10" },
        { "Range: bytes=5-2", 200, "0123456789", NULL },
        { "Range: bytes=a-b", 200, "0123456789", NULL },
        { "Range: bytes=", 200, "0123456789", NULL },
        { "Range: bytes", 200, "0123456789", NULL },
        { "Range: lines=0-1", 200, "0123456789", NULL },
        { "Range: bytes=0-1;2-3", 200, "0123456789", NULL },
        { "Range: bytes=99999999999999999999-", 416, NULL, "bytes */10" },
    };
    apr_size_t i, b;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        for (b = 0; b < COUNT(all_bodies); b++)
            check_range(all_bodies[b], &rows[i]);
    }
}

/* RFC 9110 14.2: only GET has ranges. */
static void test_ranges_are_for_get(void **state)
{
    static const char *const methods[] = { "POST", "HEAD", "PUT" };
    apr_size_t i, b;

    (void)state;
    for (i = 0; i < COUNT(methods); i++) {
        for (b = 0; b < COUNT(all_bodies); b++) {
            const hbr_test_response_t *r =
                SERVE(all_bodies[b], .method = methods[i],
                      .headers = HEADERS("Range: bytes=0-1"));

            assert_int_equal(r->status, 200);
            assert_int_equal(r->declared_length, 10);
            assert_null(hbr_test_header(r, "Content-Range"));
        }
    }
}

/* RFC 9110 13.1.5. */
static void test_if_range(void **state)
{
    static const struct {
        const char *header;
        int status;
    } rows[] = {
        { "If-Range: \"v1\"", 206 },   { "If-Range: \"v2\"", 200 },
        { "If-Range: W/\"v1\"", 200 }, { "If-Range: \"v1-gzip\"", 200 },
        { "If-Range: " SAME, 206 },    { "If-Range: " LATER, 200 },
        { "If-Range: " EARLIER, 200 }, { "If-Range: nonsense", 200 },
        { "If-Range: ", 200 },
    };
    apr_size_t i, b;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        for (b = 0; b < COUNT(all_bodies); b++) {
            const hbr_test_response_t *r =
                SERVE(all_bodies[b],
                      .headers = HEADERS("Range: bytes=2-3", rows[i].header));

            if (r->status != rows[i].status)
                fail_msg("body %zu, %s: %d", b, rows[i].header, r->status);
            assert_string_equal(r->body,
                                r->status == 206 ? "23" : "0123456789");
        }
    }
}

/* RFC 9110 13.2.2: preconditions come before Range. */
static void test_preconditions_before_range(void **state)
{
    (void)state;
    assert_int_equal(
        SERVE(send_bytes,
              .headers = HEADERS("Range: bytes=0-1", "If-None-Match: \"v1\""))
            ->status,
        304);
    assert_int_equal(SERVE(send_bytes, .headers = HEADERS("Range: bytes=99-",
                                                          "If-Match: \"v2\""))
                         ->status,
                     412);
}

/* RFC 9110 14.6. */
static void test_multipart(void **state)
{
    static const char prefix[] = "multipart/byteranges; boundary=";
    apr_size_t b;

    (void)state;
    for (b = 0; b < COUNT(all_bodies); b++) {
        const hbr_test_response_t *r;
        char wanted[1024];
        const char *boundary;

        body = "0123456789abcdefghijklmnopqrstuvwxyz";
        r = SERVE(all_bodies[b], .headers = HEADERS("Range: bytes=1-3,30-"));
        assert_int_equal(r->status, 206);
        assert_int_equal(strncmp(r->type, prefix, strlen(prefix)), 0);
        assert_null(hbr_test_header(r, "Content-Range"));
        assert_int_equal(r->declared_length, r->length);
        boundary = r->type + strlen(prefix);
        snprintf(wanted, sizeof(wanted),
                 "\r\n--%s\r\nContent-Type: text/x-body\r\n"
                 "Content-Range: bytes 1-3/36\r\n\r\n123"
                 "\r\n--%s\r\nContent-Type: text/x-body\r\n"
                 "Content-Range: bytes 30-35/36\r\n\r\nuvwxyz"
                 "\r\n--%s--\r\n",
                 boundary, boundary, boundary);
        assert_string_equal(r->body, wanted);
    }
}

static void test_boundaries_differ(void **state)
{
    const hbr_test_response_t *a, *b;

    (void)state;
    body = "0123456789abcdefghijklmnopqrstuvwxyz";
    a = SERVE(send_bytes, .headers = HEADERS("Range: bytes=1-3,30-"));
    b = SERVE(send_bytes, .headers = HEADERS("Range: bytes=1-3,30-"));
    assert_string_not_equal(a->type, b->type);
}

/* Text can only be cut where a validator tells it from another text. */
static void test_text_without_validator_has_no_ranges(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    described = false;
    r = SERVE(send_text, .headers = HEADERS("Range: bytes=2-3"));
    assert_int_equal(r->status, 200);
    assert_string_equal(r->body, "0123456789");
}

/* RFC 9110 14.1.2: no range can be satisfied in an empty body; sending the
 * whole of it is fine too, as is a 416. */
static void test_empty_body(void **state)
{
    apr_size_t b;

    (void)state;
    body = "";
    for (b = 0; b < COUNT(all_bodies); b++) {
        const hbr_test_response_t *r =
            SERVE(all_bodies[b], .headers = HEADERS("Range: bytes=0-1"));

        assert_true(r->status == 416 || r->status == 200);
        r = SERVE(all_bodies[b]);
        assert_int_equal(r->status, 200);
        assert_int_equal(r->declared_length, 0);
    }
}

static int stream_with_tag(hbr_context_t *ctx)
{
    hbr_etag(ctx, "v1", false);
    hbr_puts(ctx, "first");
    hbr_flush(ctx);
    hbr_puts(ctx, "second");
    hbr_flush(ctx);
    return HBR_OK;
}

/* What streams is conditional too, but never ranged. */
static void test_conditional_stream(void **state)
{
    static const struct {
        const char *header;
        int status;
        const char *body;
    } rows[] = {
        { NULL, 200, "firstsecond" },
        { "If-None-Match: \"v1\"", 304, "" },
        { "If-Match: \"v2\"", 412, NULL },
        { "Range: bytes=0-1", 200, "firstsecond" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r =
            SERVE(stream_with_tag, .headers = HEADERS(rows[i].header));

        assert_int_equal(r->status, rows[i].status);
        assert_true(r->complete);
        if (rows[i].body != NULL)
            assert_string_equal(r->body, rows[i].body);
        else
            assert_null(strstr(r->body, "first"));
    }
}

/* RFC 9110 13.2.1, 14.2: what stands in for another response, or is a part of
 * one, is neither conditional nor cut. */
static void test_fragments_are_whole(void **state)
{
    static const char *const conditions[] = { "If-None-Match: \"v1\"",
                                              "If-None-Match: *",
                                              "If-Match: \"v2\"",
                                              "If-Modified-Since: " SAME,
                                              "If-Unmodified-Since: " EARLIER,
                                              "Range: bytes=0-1",
                                              "Range: bytes=0-0,-1",
                                              "Range: bytes=100-" };
    static const int statuses[] = { 0, 404, 500 };
    apr_size_t i, j, k;

    (void)state;
    for (i = 0; i < COUNT(conditions); i++)
        for (j = 0; j < COUNT(all_bodies); j++)
            for (k = 0; k < COUNT(statuses); k++) {
                const hbr_test_response_t *r =
                    SERVE(all_bodies[j], .headers = HEADERS(conditions[i]),
                          .fragment = true, .status = statuses[k]);

                assert_int_equal(r->status, k == 0 ? 200 : statuses[k]);
                assert_string_equal(r->body, body);
                assert_null(hbr_test_header(r, "Accept-Ranges"));
                assert_null(hbr_test_header(r, "Content-Range"));
            }
}

static int stream_in_pieces(hbr_context_t *ctx)
{
    hbr_flush(ctx);
    hbr_puts(ctx, body);
    return HBR_OK;
}

/* An ErrorDocument has its error's status, also where nobody asks for a part
 * of it, and where it streams. */
static void test_status_of_an_error_document(void **state)
{
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(all_bodies); i++)
        assert_int_equal(SERVE(all_bodies[i], .status = 403)->status, 403);
    assert_int_equal(SERVE(stream_in_pieces, .status = 403)->status, 403);
    status = 410;
    assert_int_equal(SERVE(send_text, .status = 403)->status, 410);
}

static int ask_in_a_fragment(hbr_context_t *ctx)
{
    hbr_etag(ctx, "v1", false);
    assert_int_equal(hbr_preconditions(ctx), HBR_OK);
    return hbr_text(ctx, "done");
}

static void test_a_fragment_asks_in_vain(void **state)
{
    (void)state;
    assert_string_equal(SERVE(ask_in_a_fragment, .fragment = true,
                              .headers = HEADERS("If-None-Match: \"v1\""))
                            ->body,
                        "done");
}

static int send_stream(hbr_context_t *ctx)
{
    hbr_etag(ctx, "v1", false);
    hbr_flush(ctx);
    return hbr_text(ctx, "done");
}

static int name_v1(hbr_context_t *ctx)
{
    hbr_etag(ctx, "v1", false);
    return hbr_preconditions(ctx);
}

/* RFC 9110 15.4.5: a 304 has the tag and the Vary that the 200 would have had;
 * a filter of the server's makes those of the compressed form. */
static void test_304_names_what_the_client_has(void **state)
{
    static const struct {
        const char *sent, *tag, *vary;
    } rows[] = {
        { "If-None-Match: \"v1\"", "\"v1\"", NULL },
        { "If-None-Match: *", "\"v1\"", NULL },
        { "If-None-Match: \"v1-gzip\"", "\"v1-gzip\"", "Accept-Encoding" },
        { "If-None-Match: W/\"v1-gzip\"", "\"v1-gzip\"", "Accept-Encoding" },
        { "If-None-Match: \"a\", \"v1-br\"", "\"v1-br\"", "Accept-Encoding" },
    };
    process_fn *const ways[] = { send_bytes, send_text,   send_source,
                                 send_file,  send_stream, name_v1 };
    apr_size_t i, j;

    (void)state;
    for (i = 0; i < COUNT(rows); i++)
        for (j = 0; j < COUNT(ways); j++) {
            const hbr_test_response_t *r =
                SERVE(ways[j], .headers = HEADERS(rows[i].sent));
            const char *vary = hbr_test_header(r, "Vary");

            assert_int_equal(r->status, 304);
            assert_string_equal(hbr_test_header(r, "ETag"), rows[i].tag);
            assert_int_equal(vary != NULL
                                 && strstr(vary, "Accept-Encoding") != NULL,
                             rows[i].vary != NULL);
        }
}

static int flush_and_write(hbr_context_t *ctx)
{
    int i;

    for (i = 0; i < 3; i++) {
        hbr_printf(ctx, "%d", i);
        hbr_flush(ctx);
    }
    return HBR_OK;
}

/* The client is nobody's fault; a filter's failure is the operator's. */
static void test_who_failed(void **state)
{
    process_fn *const ways[] = { send_bytes, send_text, send_source, send_file,
                                 flush_and_write };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(ways); i++) {
        const hbr_test_response_t *r = SERVE(ways[i], .fail_pass = 1);

        assert_non_null(hbr_test_logged(kit, "HBR0023"));
        assert_int_equal(hbr_test_logged(kit, "HBR0023")->level, HBR_LOG_INFO);
        assert_int_equal(count_lines(r, HBR_LOG_WARNING), 0);
        assert_false(r->unsent);
        r = SERVE(ways[i], .fail_pass = 1, .fail_filter = true);
        assert_null(hbr_test_logged(kit, "HBR0023"));
        assert_int_equal(hbr_test_logged(kit, "HBR0026")->level, HBR_LOG_ERROR);
        assert_int_equal(count_lines(r, HBR_LOG_WARNING), 1);
        assert_true(r->unsent);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

MAIN(TEST(test_conditional_get), TEST(test_fields_of_304),
     TEST(test_not_conditional), TEST(test_preconditions_before_the_work),
     TEST(test_ranges), TEST(test_ranges_are_for_get), TEST(test_if_range),
     TEST(test_preconditions_before_range), TEST(test_multipart),
     TEST(test_boundaries_differ),
     TEST(test_text_without_validator_has_no_ranges), TEST(test_empty_body),
     TEST(test_conditional_stream), TEST(test_fragments_are_whole),
     TEST(test_status_of_an_error_document), TEST(test_a_fragment_asks_in_vain),
     TEST(test_304_names_what_the_client_has), TEST(test_who_failed))
