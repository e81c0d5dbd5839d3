/*
 * Whole bodies: bytes and their owner, files. Sources are in piece.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/main.h"
#include "support/serve.h"

static char shared[16];

static int send_copy(hbr_context_t *ctx)
{
    int rc;

    strcpy(shared, "before");
    rc = hbr_bytes(ctx, shared, 6, NULL);
    strcpy(shared, "after!");
    return rc;
}

static int send_own(hbr_context_t *ctx)
{
    const hbr_content_t about = { .ownership = HBR_REQUEST };
    int rc;

    strcpy(shared, "before");
    rc = hbr_bytes(ctx, shared, 6, &about);
    strcpy(shared, "after!");
    return rc;
}

/* Bytes leave after the handler has returned: copied ones are as they were,
 * the request's own are as they are then. */
static void test_copied_or_not(void **state)
{
    (void)state;
    assert_string_equal(SERVE(send_copy)->body, "before");
    assert_string_equal(SERVE(send_own)->body, "after!");
}

static int send_from_stack(hbr_context_t *ctx)
{
    char stack[9000];

    memset(stack, 'a', sizeof(stack));
    return hbr_bytes(ctx, stack, sizeof(stack), NULL);
}

static void test_bytes(void **state)
{
    const hbr_test_response_t *r = SERVE(send_from_stack);
    apr_size_t i;

    (void)state;
    assert_int_equal(r->status, 200);
    assert_string_equal(r->type, "application/octet-stream");
    assert_int_equal(r->declared_length, 9000);
    assert_int_equal(r->length, 9000);
    for (i = 0; i < r->length; i++)
        assert_int_equal(r->body[i], 'a');
    assert_string_equal(hbr_test_header(r, "Accept-Ranges"), "bytes");
}

static int send_described(hbr_context_t *ctx)
{
    return hbr_bytes(
        ctx, "x", 1,
        &(hbr_content_t){ .type = "image/png",
                          .filename = "a b.png",
                          .disposition = HBR_INLINE,
                          .etag = "v1",
                          .last_modified = apr_time_from_sec(0) + 1 });
}

static int send_typed(hbr_context_t *ctx)
{
    hbr_type(ctx, "image/gif");
    return hbr_bytes(ctx, "x", 1, NULL);
}

static void test_description(void **state)
{
    const hbr_test_response_t *r = SERVE(send_described);

    (void)state;
    assert_string_equal(r->type, "image/png");
    assert_string_equal(hbr_test_header(r, "Content-Disposition"),
                        "inline; filename=\"a b.png\"");
    assert_string_equal(hbr_test_header(r, "ETag"), "\"v1\"");
    assert_string_equal(hbr_test_header(r, "Last-Modified"),
                        "Thu, 01 Jan 1970 00:00:00 GMT");
    assert_string_equal(SERVE(send_typed)->type, "image/gif");
}

static int send_refused(hbr_context_t *ctx)
{
    return hbr_bytes(ctx, "x", 1, &(hbr_content_t){ .etag = "a\"b" });
}

static int send_refused_type(hbr_context_t *ctx)
{
    return hbr_bytes(ctx, "x", 1, &(hbr_content_t){ .type = "a\r\nB: c" });
}

static void test_refused_description(void **state)
{
    process_fn *const rows[] = { send_refused, send_refused_type };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r = SERVE(rows[i]);

        assert_int_equal(r->status, 500);
        assert_true(count_lines(r, HBR_LOG_ERROR) >= 1);
    }
}

/* ------------------------------------------------- the owner gets them back */

#define LENGTH 20000

static int released;
static char *given;

static void take_back(void *data)
{
    released++;
    assert_ptr_equal(data, given);
    memset(given, 'X', LENGTH);
    free(given);
}

static const hbr_content_t with_owner = { .etag = "v1", .release = take_back };

static int give_bytes(hbr_context_t *ctx)
{
    apr_size_t i;

    given = malloc(LENGTH);
    for (i = 0; i < LENGTH; i++)
        given[i] = (char)('a' + i % 26);
    return hbr_bytes(ctx, given, LENGTH, &with_owner);
}

static int give_then_fail(hbr_context_t *ctx)
{
    give_bytes(ctx);
    return 503;
}

static int give_then_error(hbr_context_t *ctx)
{
    give_bytes(ctx);
    return hbr_error(ctx, 404, "not this");
}

static int give_then_redirect(hbr_context_t *ctx)
{
    give_bytes(ctx);
    return hbr_redirect(ctx, 0, "/x");
}

static int give_then_decline(hbr_context_t *ctx)
{
    give_bytes(ctx);
    return HBR_DECLINED;
}

static int give_then_nonsense(hbr_context_t *ctx)
{
    give_bytes(ctx);
    return 7;
}

static int give_then_clear(hbr_context_t *ctx)
{
    give_bytes(ctx);
    hbr_clear(ctx);
    return HBR_OK;
}

static int give_then_other(hbr_context_t *ctx)
{
    give_bytes(ctx);
    return hbr_bytes(ctx, "other", 5, NULL);
}

static int give_then_file(hbr_context_t *ctx)
{
    give_bytes(ctx);
    return hbr_file(ctx, "/dev/null/none", NULL);
}

static int give_too_late(hbr_context_t *ctx)
{
    hbr_flush(ctx);
    return give_bytes(ctx);
}

static int give_nothing(hbr_context_t *ctx)
{
    given = calloc(1, LENGTH);
    return hbr_bytes(ctx, given, 0, &with_owner);
}

static int give_badly_described(hbr_context_t *ctx)
{
    given = calloc(1, LENGTH);
    return hbr_bytes(ctx, given, LENGTH,
                     &(hbr_content_t){ .etag = "\"", .release = take_back });
}

static int give_no_content(hbr_context_t *ctx)
{
    give_bytes(ctx);
    return 204;
}

/* Given back exactly once, whatever becomes of the response, and not before
 * the bytes have left. */
static void test_released_once(void **state)
{
    static const struct {
        process_fn *process;
        const char *method, *header;
        apr_size_t fail_pass;
        int status;
    } rows[] = {
        { give_bytes, "GET", NULL, 0, 200 },
        { give_bytes, "HEAD", NULL, 0, 200 },
        { give_bytes, "POST", NULL, 0, 200 },
        { give_bytes, "GET", "If-None-Match: \"v1\"", 0, 304 },
        { give_bytes, "HEAD", "If-None-Match: \"v1\"", 0, 304 },
        { give_bytes, "GET", "If-Match: \"v2\"", 0, 412 },
        { give_bytes, "GET", "Range: bytes=3-9", 0, 206 },
        { give_bytes, "GET", "Range: bytes=3-9,100-200,-5", 0, 206 },
        { give_bytes, "GET", "Range: bytes=99999-", 0, 416 },
        { give_bytes, "GET", NULL, 1, 200 },
        { give_bytes, "GET", "Range: bytes=3-9,100-200", 1, 206 },
        { give_bytes, "GET", "If-None-Match: \"v1\"", 1, 304 },
        { give_then_fail, "GET", NULL, 0, 503 },
        { give_then_fail, "GET", NULL, 1, 503 },
        { give_then_error, "GET", NULL, 0, 404 },
        { give_then_redirect, "GET", NULL, 0, 302 },
        { give_then_decline, "GET", NULL, 0, 500 },
        { give_then_nonsense, "GET", NULL, 0, 500 },
        { give_then_clear, "GET", NULL, 0, 200 },
        { give_then_other, "GET", NULL, 0, 200 },
        { give_then_file, "GET", NULL, 0, 404 },
        { give_too_late, "GET", NULL, 0, 200 },
        { give_nothing, "GET", NULL, 0, 200 },
        { give_nothing, "HEAD", NULL, 0, 200 },
        { give_badly_described, "GET", NULL, 0, 500 },
        { give_no_content, "GET", NULL, 0, 204 },
    };
    apr_size_t i, j;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r;

        released = 0;
        r = SERVE(rows[i].process, .method = rows[i].method,
                  .headers = HEADERS(rows[i].header),
                  .fail_pass = rows[i].fail_pass);
        if (released != 1 || r->status != rows[i].status)
            fail_msg("row %zu: released %d times, status %d", i, released,
                     r->status);
        if (rows[i].process == give_bytes && r->status == 200)
            for (j = 0; j < r->length; j++)
                assert_int_equal(r->body[j], 'a' + j % 26);
    }
}

/* ----------------------------------------------------------------- the file */

static char directory[] = "/tmp/hbr-content-XXXXXX";
static char path[64];
static hbr_content_t file_about;

#define FILE_LENGTH 100000

static char byte_at(apr_off_t i)
{
    return (char)('a' + (i * 7 + i / 251) % 26);
}

static int make_files(void **state)
{
    FILE *file;
    int i;

    strcpy(directory, "/tmp/hbr-content-XXXXXX");
    if (serve_setup(state) != 0 || mkdtemp(directory) == NULL)
        return -1;
    snprintf(path, sizeof(path), "%s/file", directory);
    file = fopen(path, "w");
    for (i = 0; i < FILE_LENGTH; i++)
        fputc(byte_at(i), file);
    fclose(file);
    snprintf(path, sizeof(path), "%s/empty", directory);
    fclose(fopen(path, "w"));
    snprintf(path, sizeof(path), "%s/fifo", directory);
    mkfifo(path, 0600);
    memset(&file_about, 0, sizeof(file_about));
    return 0;
}

static int remove_files(void **state)
{
    static const char *const names[] = { "file", "empty", "fifo" };
    apr_size_t i;

    for (i = 0; i < COUNT(names); i++) {
        snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
        unlink(path);
    }
    rmdir(directory);
    return serve_teardown(state);
}

static int send_file(hbr_context_t *ctx)
{
    return hbr_file(ctx, path, &file_about);
}

static void name_file(const char *name)
{
    snprintf(path, sizeof(path), "%s/%s", directory, name);
}

static void check_bytes(const hbr_test_response_t *r, apr_off_t first,
                        apr_size_t length)
{
    apr_size_t i;

    assert_int_equal(r->length, length);
    assert_int_equal(r->declared_length, length);
    for (i = 0; i < length; i++) {
        if (r->body[i] != byte_at(first + (apr_off_t)i))
            fail_msg("byte %zu differs", i);
    }
}

static void test_file(void **state)
{
    const hbr_test_response_t *r;
    const char *etag;

    (void)state;
    name_file("file");
    r = SERVE(send_file);
    assert_int_equal(r->status, 200);
    check_bytes(r, 0, FILE_LENGTH);
    assert_non_null(hbr_test_header(r, "Last-Modified"));
    etag = hbr_test_header(r, "ETag");
    assert_non_null(etag);
    r = SERVE(send_file, .method = "HEAD");
    assert_int_equal(r->declared_length, FILE_LENGTH);
    assert_string_equal(hbr_test_header(r, "ETag"), etag);
    assert_int_equal(
        SERVE(send_file, .headers = HEADERS("Range: bytes=50-149"))->status,
        206);
    check_bytes(SERVE(send_file, .headers = HEADERS("Range: bytes=50-149")), 50,
                100);
    check_bytes(SERVE(send_file, .headers = HEADERS("Range: bytes=-7")),
                FILE_LENGTH - 7, 7);
}

static void test_file_not_modified(void **state)
{
    const hbr_test_response_t *r;
    char header[100];

    (void)state;
    name_file("file");
    r = SERVE(send_file);
    snprintf(header, sizeof(header), "If-None-Match: %s",
             hbr_test_header(r, "ETag"));
    assert_int_equal(SERVE(send_file, .headers = HEADERS(header))->status, 304);
    snprintf(header, sizeof(header), "If-Modified-Since: %s",
             hbr_test_header(r, "Last-Modified"));
    assert_int_equal(SERVE(send_file, .headers = HEADERS(header))->status, 304);
}

/* RFC 9110 8.8.1: a validator that may stand for two contents is weak. */
static void test_tag_of_a_fresh_file_is_weak(void **state)
{
    apr_time_t later = apr_time_now() + apr_time_from_sec(3600);

    (void)state;
    name_file("file");
    assert_int_equal(
        strncmp(hbr_test_header(SERVE(send_file), "ETag"), "W/\"", 3), 0);
    assert_int_equal(
        hbr_test_header(SERVE(send_file, .time = later), "ETag")[0], '"');
}

static void test_file_described(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    name_file("file");
    file_about = (hbr_content_t){ .type = "text/x-test",
                                  .etag = "mine",
                                  .last_modified = apr_time_from_sec(86400),
                                  .filename = "n.txt" };
    r = SERVE(send_file);
    assert_string_equal(r->type, "text/x-test");
    assert_string_equal(hbr_test_header(r, "ETag"), "\"mine\"");
    assert_string_equal(hbr_test_header(r, "Last-Modified"),
                        "Fri, 02 Jan 1970 00:00:00 GMT");
    assert_string_equal(hbr_test_header(r, "Content-Disposition"),
                        "attachment; filename=\"n.txt\"");
}

static void test_no_file(void **state)
{
    static const struct {
        const char *name;
        int status;
    } rows[] = { { "none", 404 },
                 { "file/none", 404 },
                 { ".", 403 },
                 { "fifo", 403 },
                 { "empty", 200 } };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r;

        name_file(rows[i].name);
        r = SERVE(send_file);
        if (r->status != rows[i].status)
            fail_msg("%s: %d", rows[i].name, r->status);
        /* The path is the server's own business. */
        assert_null(strstr(r->body, directory));
    }
}

#define FILE_TEST(f)                                                           \
    cmocka_unit_test_setup_teardown(f, make_files, remove_files)

MAIN(SERVE_TEST(test_copied_or_not), SERVE_TEST(test_bytes),
     SERVE_TEST(test_description), SERVE_TEST(test_refused_description),
     SERVE_TEST(test_released_once), FILE_TEST(test_file),
     FILE_TEST(test_file_not_modified),
     FILE_TEST(test_tag_of_a_fresh_file_is_weak),
     FILE_TEST(test_file_described), FILE_TEST(test_no_file))
