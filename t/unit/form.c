/*
 * Forms of both encodings (WHATWG URL Standard 5.1, RFC 7578): fields and files
 * in order, limits, and what happens to a form that cannot be read. What the
 * parsers make of single bytes is shown by t/unit/urlencoded.c and
 * t/unit/multipart.c.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>

#include <apr_file_io.h>

#include "support/main.h"
#include "support/palloc.h"
#include "support/post.h"

static void print_pair(hbr_context_t *ctx, const hbr_pair_t *pair)
{
    assert_int_equal(strlen(pair->name), pair->name_length);
    assert_int_equal(strlen(pair->value), pair->value_length);
    hbr_printf(ctx, "%s=%s;", pair->name, pair->value);
}

/* All fields, then all files. */
static int show(hbr_context_t *ctx)
{
    const hbr_pair_t *pair = NULL;
    const hbr_upload_t *upload = NULL;

    while ((pair = hbr_form_next(ctx, NULL, pair)) != NULL)
        print_pair(ctx, pair);
    while ((upload = hbr_upload_next(ctx, NULL, upload)) != NULL)
        hbr_printf(ctx, "%s<%s,%s,%d>", upload->field, upload->filename,
                   upload->type, (int)upload->size);
    return HBR_OK;
}

static int read_and_show(hbr_context_t *ctx)
{
    int result = hbr_form_read(ctx);

    assert_int_equal(hbr_form_read(ctx), result);
    return result == HBR_OK ? show(ctx) : result;
}

/* In pieces of some sizes; with and without a length. */
static void check_shown(const char *const *headers, const char *body,
                        apr_size_t length, const char *shown)
{
    static const apr_size_t steps[] = { 0, 1, 2, 3, 5, 8, 13, 50 };
    apr_size_t i;

    for (i = 0; i < COUNT(steps); i++) {
        const hbr_test_response_t *r = SERVE(
            read_and_show, .method = "POST", .headers = headers, .body = body,
            .body_length = length, .body_step = steps[i], .chunked = i % 2);

        assert_int_equal(r->status, 200);
        assert_string_equal(r->body, shown);
    }
}

static void test_urlencoded(void **state)
{
    static const struct {
        const char *body, *shown;
    } rows[] = {
        { "", "" },
        { "&&", "" },
        { "a=1", "a=1;" },
        { "a=1&b=2&a=3&A=4", "a=1;b=2;a=3;A=4;" },
        { "a", "a=;" },
        { "a&=b&=", "a=;=b;=;" },
        { "a=b=c+d%20e%2B&%61%3D=1", "a=b=c d e+;a==1;" },
        { "a=%zz%4&%C3%A4=%E2%82%AC%FF", "a=%zz%4;\xC3\xA4=\xE2\x82\xAC\xFF;" },
        { "a=1\r\nb=2", "a=1\r\nb=2;" },
        { "a=1;b=2", "a=1;b=2;" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++)
        check_shown(URLENCODED, rows[i].body, 0, rows[i].shown);
}

/* RFC 7578 5.2: parts keep their order, names may repeat (4.3). */
static void test_multipart(void **state)
{
    static const struct {
        const char *body, *shown;
    } rows[] = {
        { END, "" },
        { PART("name=\"a\"", "1") END, "a=1;" },
        { PART("name=\"b\"", "2") PART("name=\"a\"", "")
              PART("name=\"b\"", "3\r\n4") END,
          "b=2;a=;b=3\r\n4;" },
        { PART("name=\"f\"; filename=\"x.txt\"", "1234") PART("name=\"a\"", "1")
              TYPED_PART("name=\"f\"; filename=\"C:\\dir\\y.png\"", "image/png",
                         "") PART("name=\"g\"; filename=\"\"", "") END,
          "a=1;f<x.txt,application/octet-stream,4>f<y.png,image/png,0>"
          "g<,application/octet-stream,0>" },
        { PART("name=\"\"", "%41+") END, "=%41+;" },
        { PART("name=\"a\"", "\xFF") END, "a=\xFF;" },
        { "preamble\r\n" PART("name=\"a\"", "1") END "epilogue", "a=1;" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++)
        check_shown(MULTIPART, rows[i].body, 0, rows[i].shown);
}

/* RFC 9110 8.3.1: types ignore case, parameters do not matter. */
static void test_types(void **state)
{
    static const struct {
        const char *type, *shown;
    } rows[] = {
        { "application/x-www-form-urlencoded", "a=1;" },
        { "APPLICATION/X-WWW-Form-Urlencoded; charset=UTF-8", "a=1;" },
        { "application/x-www-form-urlencoded;charset=UTF-8", "a=1;" },
        { "application/x-www-form-urlencodedx", "" },
        { "application/x-www-form", "" },
        { "text/plain", "" },
        { "text/plain; x=application/x-www-form-urlencoded", "" },
        { "application/json", "" },
        { "multipart/mixed; boundary=x", "" },
        { "", "" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        char line[100];

        snprintf(line, sizeof(line), "Content-Type: %s", rows[i].type);
        check_shown(HEADERS(line), "a=1", 0, rows[i].shown);
    }
    check_shown(NULL, "a=1", 0, "");
    assert_string_equal(SERVE(show)->body, "");
    assert_string_equal(SERVE(show, .headers = URLENCODED)->body, "");
}

static int form_then_body(hbr_context_t *ctx)
{
    const char *bytes;
    apr_size_t length;

    assert_int_equal(hbr_form_read(ctx), HBR_OK);
    assert_null(hbr_form(ctx, "a", NULL));
    assert_null(hbr_upload_next(ctx, NULL, NULL));
    assert_int_equal(hbr_body(ctx, 0, &bytes, &length), HBR_OK);
    return hbr_text(ctx, "%s", bytes);
}

/* A body that is no form is left to who wants it. */
static void test_no_form(void **state)
{
    (void)state;
    assert_string_equal(SERVE(form_then_body, .method = "POST", .body = "a=1",
                              .headers = HEADERS("Content-Type: text/plain"))
                            ->body,
                        "a=1");
}

static int show_both(hbr_context_t *ctx)
{
    const char *fallback = "-";
    const hbr_pair_t *pair = NULL;

    assert_ptr_equal(hbr_form(ctx, "no-such-name", fallback), fallback);
    hbr_printf(ctx, "%s|%s|", hbr_query(ctx, "a", "-"),
               hbr_form(ctx, "a", "-"));
    while ((pair = hbr_form_next(ctx, "a", pair)) != NULL)
        print_pair(ctx, pair);
    hbr_puts(ctx, "|");
    while ((pair = hbr_query_next(ctx, NULL, pair)) != NULL)
        print_pair(ctx, pair);
    return HBR_OK;
}

/* Query and form are never mixed. */
static void test_query_and_form(void **state)
{
    (void)state;
    assert_string_equal(SERVE(show_both, .url = "/any?a=q&b=r",
                              .method = "POST", .headers = URLENCODED,
                              .body = "b=0&a=1&a=2&c=3")
                            ->body,
                        "q|1|a=1;a=2;|a=q;b=r;");
    assert_string_equal(SERVE(show_both, .url = "/any?a=q", .method = "POST",
                              .headers = MULTIPART,
                              .body = PART("name=\"c\"", "3") END)
                            ->body,
                        "q|-||a=q;");
    assert_string_equal(
        SERVE(show_both, .method = "POST", .headers = URLENCODED, .body = "a=1")
            ->body,
        "-|1|a=1;|");
}

static int show_files(hbr_context_t *ctx)
{
    const hbr_upload_t *upload = NULL;

    while ((upload = hbr_upload_next(ctx, "f", upload)) != NULL)
        hbr_printf(ctx, "%s;", upload->filename);
    assert_null(hbr_upload_next(ctx, "F", NULL));
    assert_null(hbr_form(ctx, "f", NULL));
    return HBR_OK;
}

static void test_files_of_a_field(void **state)
{
    (void)state;
    assert_string_equal(
        SERVE(show_files, .method = "POST", .headers = MULTIPART,
              .body = PART("name=\"f\"; filename=\"1\"", "")
                  PART("name=\"g\"; filename=\"2\"", "")
                      PART("name=\"f\"; filename=\"3\"", "") END)
            ->body,
        "1;3;");
}

/* Each limit: what just fits, and one more that names the directive. */
typedef struct limit_row_t {
    bool multipart;
    const char *fits, *exceeds;
    hbr_test_limits_t limits;
    apr_size_t params;
    int status;
    const char *words;
} limit_row_t;

static const limit_row_t limit_rows[] = {
    { false, "a=1&b=2", "a=1&b=2&c", .params = 2, .status = 413,
      .words = "The form has more than 2 fields (BridgeLimitParams)." },
    { false, "&a&", "a&b", .params = 1, .status = 413,
      .words = "The form has more than 1 field (BridgeLimitParams)." },
    { false, "abc=12345", "abcd=1", .limits.name = 3, .status = 413,
      .words = "A field's name is longer than 3 bytes (BridgeLimitName)." },
    { false, "%61%62c", "a&abcd", .limits.name = 3, .status = 413,
      .words = "A field's name is longer than 3 bytes (BridgeLimitName)." },
    { false, "abcde=123", "a=1234", .limits.value = 3, .status = 413,
      .words = "A field is longer than 3 bytes (BridgeLimitValue)." },
    { false, "a=%31%32%33", "a=1&b=1234&c", .limits.value = 3, .status = 413,
      .words = "A field is longer than 3 bytes (BridgeLimitValue)." },
    { false, "a=%31%32%33&", "a=1234&", .limits.value = 3, .status = 413,
      .words = "A field is longer than 3 bytes (BridgeLimitValue)." },
    { false, "a=1%4", "a=12%4", .limits.value = 3, .status = 413,
      .words = "A field is longer than 3 bytes (BridgeLimitValue)." },
    { false, "a%4", "ab%4", .limits.name = 3, .status = 413,
      .words = "A field's name is longer than 3 bytes (BridgeLimitName)." },
    { false, "a=123", "a=1234", .limits.body = 5, .status = 413,
      .words = "longer than 5 bytes (BridgeLimitBody)." },
    { false, "a=1", "a=%00", .status = 400,
      .words = "The form contains a NUL byte (%00)." },
    { false, "a=1", "b=1&%00=1", .status = 400,
      .words = "The form contains a NUL byte (%00)." },
    /* Of several faults the first is told, however the bytes come. */
    { false, "abc=1", "abcd=1&%00", .limits.name = 3, .status = 413,
      .words = "A field's name is longer than 3 bytes (BridgeLimitName)." },
    { false, "abc", "abcd%00", .limits.name = 3, .status = 413,
      .words = "A field's name is longer than 3 bytes (BridgeLimitName)." },
    { false, "a=123", "a=1234%00", .limits.value = 3, .status = 413,
      .words = "A field is longer than 3 bytes (BridgeLimitValue)." },
    { false, "a=1%4", "a=12%4%00", .limits.value = 3, .status = 413,
      .words = "A field is longer than 3 bytes (BridgeLimitValue)." },
    { false, "a=123", "a=123%00&b=1234", .limits.value = 3, .status = 400,
      .words = "The form contains a NUL byte (%00)." },
    { false, "a=123&b", "a=1234&b&c", .limits.value = 3, .params = 2,
      .status = 413,
      .words = "A field is longer than 3 bytes (BridgeLimitValue)." },
    { false, "a=123&b", "a&b&c=1234", .limits.value = 3, .params = 2,
      .status = 413,
      .words = "The form has more than 2 fields (BridgeLimitParams)." },
    { true, PART("name=\"a\"", "1") PART("name=\"b\"", "2") END,
      PART("name=\"a\"", "1") PART("name=\"b\"", "2") PART("name=\"c\"", "")
          END,
      .params = 2, .status = 413,
      .words = "The form has more than 2 fields (BridgeLimitParams)." },
    { true, PART("name=\"abc\"", "12345") END, PART("name=\"abcd\"", "1") END,
      .limits.name = 3, .status = 413, .words = "(BridgeLimitName)." },
    { true, PART("name=\"abcde\"", "123") END, PART("name=\"a\"", "1234") END,
      .limits.value = 3, .status = 413,
      .words = "A field is longer than 3 bytes (BridgeLimitValue)." },
    { true,
      PART("name=\"a\"", "1") PART("name=\"f\"; filename=\"f\"", "12345") END,
      PART("name=\"a\"", "1") PART("name=\"f\"; filename=\"f\"", "")
          PART("name=\"a\"", "1") END,
      .limits = { .value = 3, .parts = 2 }, .status = 413,
      .words = "The form has more than 2 parts (BridgeLimitParts)." },
    { true, PART("name=\"a\"", "1") END,
      TYPED_PART("name=\"a\"", "text/plain", "1") END, .limits.part_header = 50,
      .status = 413, .words = "(BridgeLimitPartHeader)." },
    { true,
      PART("name=\"f\"; filename=\"1\"", "") PART("name=\"a\"", "")
          PART("name=\"f\"; filename=\"\"", "") END,
      PART("name=\"f\"; filename=\"1\"", "")
          PART("name=\"f\"; filename=\"2\"", "")
              PART("name=\"f\"; filename=\"\"", "") END,
      .limits.files = 2, .status = 413,
      .words = "The form has more than 2 files (BridgeLimitFiles)." },
    { true, PART("name=\"f\"; filename=\"1\"", "") PART("name=\"a\"", "") END,
      PART("name=\"f\"; filename=\"1\"", "")
          PART("name=\"f\"; filename=\"\"", "") END,
      .limits.files = 1, .status = 413,
      .words = "The form has more than 1 file (BridgeLimitFiles)." },
    { true,
      PART("name=\"f\"; filename=\"1\"", "123") PART("name=\"a\"", "1234")
          PART("name=\"f\"; filename=\"2\"", "123") END,
      PART("name=\"f\"; filename=\"1\"", "1234") END, .limits.file = 3,
      .status = 413,
      .words = "A file is longer than 3 bytes (BridgeLimitFile)." },
    { true, END, END "x", .limits.body = 7, .status = 413,
      .words = "longer than 7 bytes (BridgeLimitBody)." },
    { true, PART("name=\"a\"", "1") END, PART("name=\"a\"", "1"), .status = 400,
      .words = "The form ends before its final boundary." },
};

static const hbr_test_response_t *run_row(const limit_row_t *row,
                                          process_fn *process, const char *body,
                                          apr_size_t step)
{
    return SERVE(process, .method = "POST",
                 .headers = row->multipart ? MULTIPART : URLENCODED,
                 .body = body, .body_step = step, .chunked = step % 2,
                 .limits = row->limits, .params = row->params);
}

static int look_and_go_on(hbr_context_t *ctx)
{
    hbr_puts(ctx, "all is well");
    assert_null(hbr_form(ctx, "a", NULL));
    assert_null(hbr_form_next(ctx, NULL, NULL));
    assert_null(hbr_upload_next(ctx, NULL, NULL));
    return HBR_OK;
}

/* A form that cannot be read looks empty, and its error is the response,
 * whether or not the handler looks. */
static void test_limits(void **state)
{
    apr_size_t i, step;

    (void)state;
    for (i = 0; i < COUNT(limit_rows); i++) {
        const limit_row_t *row = &limit_rows[i];

        for (step = 0; step < 9; step++) {
            const hbr_test_response_t *r =
                run_row(row, read_and_show, row->fits, step);

            if (r->status != 200)
                fail_msg("row %zu does not fit: %s", i, r->body);
            r = run_row(row, step % 3 ? read_and_show : look_and_go_on,
                        row->exceeds, step);
            if (r->status != row->status || strstr(r->body, row->words) == NULL)
                fail_msg("row %zu: %d %s", i, r->status, r->body);
        }
    }
}

/* Another field, one whose name and value have so many bytes, and one more. */
static void field_of(char *text, const char *piece, apr_size_t name,
                     apr_size_t value)
{
    strcpy(text, "x=1&");
    while (name-- > 0)
        strcat(text, piece);
    strcat(text, "=");
    while (value-- > 0)
        strcat(text, piece);
    strcat(text, "&y=2");
}

static int status_of(apr_size_t most, apr_size_t step, const char *body)
{
    return SERVE(read_and_show, .method = "POST", .headers = URLENCODED,
                 .body = body, .body_step = step,
                 .limits = { .name = most, .value = most })
        ->status;
}

/* The limits are of decoded bytes, and hold to the byte wherever a vector or a
 * piece ends. */
static void test_limits_by_vector(void **state)
{
    static const char *const pieces[] = { "a", "+", "%41" };
    static const apr_size_t steps[] = { 0, 1, 7, 16, 33, 64 };
    char fits[500], name[500], value[500];
    apr_size_t piece, i, most;

    (void)state;
    for (piece = 0; piece < COUNT(pieces); piece++) {
        for (most = 12; most < 68; most += most % 16 == 1 ? 11 : 1) {
            field_of(fits, pieces[piece], most, most);
            field_of(name, pieces[piece], most + 1, most);
            field_of(value, pieces[piece], most, most + 1);
            for (i = 0; i < COUNT(steps); i++) {
                assert_int_equal(status_of(most, steps[i], fits), 200);
                assert_int_equal(status_of(most, steps[i], name), 413);
                assert_int_equal(status_of(most, steps[i], value), 413);
            }
        }
    }
}

/* Written as it is; a file may hold any byte. */
static void test_nul(void **state)
{
    static const char bare[] = "a=1&b=\0";
    static const char field[] = PART("name=\"a\"", "\0") END;
    static const char file[] = PART("name=\"f\"; filename=\"x\"", "\0\0") END;
    apr_size_t step;

    (void)state;
    for (step = 0; step < 9; step++) {
        assert_int_equal(SERVE(read_and_show, .method = "POST",
                               .headers = URLENCODED, .body = bare,
                               .body_length = sizeof(bare) - 1,
                               .body_step = step)
                             ->status,
                         400);
        assert_non_null(
            strstr(SERVE(read_and_show, .method = "POST", .headers = MULTIPART,
                         .body = field, .body_length = sizeof(field) - 1,
                         .body_step = step)
                       ->body,
                   "A field of the form contains a NUL byte."));
    }
    check_shown(MULTIPART, file, sizeof(file) - 1,
                "f<x,application/octet-stream,2>");
}

static void test_bad_ends(void **state)
{
    static const struct {
        hbr_test_body_e end;
        int status;
    } rows[] = { { HBR_TEST_BODY_CUT, 400 },
                 { HBR_TEST_BODY_LATE, 408 },
                 { HBR_TEST_BODY_MALFORMED, 400 },
                 { HBR_TEST_BODY_ANSWERED, 0 } };
    apr_size_t i, stop;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        for (stop = 0; stop < 60; stop++) {
            assert_int_equal(SERVE(look_and_go_on, .method = "POST",
                                   .headers = MULTIPART,
                                   .body = PART("name=\"a\"", "1") END,
                                   .body_end = rows[i].end, .body_stop = stop)
                                 ->status,
                             rows[i].status);
            assert_int_equal(SERVE(look_and_go_on, .method = "POST",
                                   .headers = URLENCODED, .body = "a=1&b",
                                   .body_end = rows[i].end, .body_stop = stop)
                                 ->status,
                             rows[i].status);
        }
    }
}

/* -------------------------------------------------------------- a full disk */

static apr_status_t write_status;

__attribute__((visibility("default"))) apr_status_t apr_file_write_full(
    apr_file_t *file, const void *bytes, apr_size_t length, apr_size_t *written)
{
    static apr_status_t (*libapr)(apr_file_t *, const void *, apr_size_t,
                                  apr_size_t *);

    if (write_status != APR_SUCCESS)
        return write_status;
    if (libapr == NULL)
        *(void **)&libapr = dlsym(RTLD_NEXT, "apr_file_write_full");
    return libapr(file, bytes, length, written);
}

static int count_tag(const hbr_test_response_t *r, const char *tag)
{
    apr_size_t i;
    int count = 0;

    for (i = 0; i < r->line_count; i++)
        count += strstr(r->lines[i].text, tag) != NULL;
    return count;
}

/* RFC 4918 11.5: 507. One line tells it, the one of the status aside. */
static void test_full_disk(void **state)
{
    static const struct {
        apr_status_t error;
        int status;
    } rows[] = { { APR_SUCCESS, 200 }, { ENOSPC, 507 }, { EDQUOT, 507 },
                 { EFBIG, 507 },       { EIO, 503 },    { APR_EGENERAL, 503 } };
    apr_size_t i, step;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        for (step = 0; step < 9; step++) {
            const hbr_test_response_t *r;

            write_status = rows[i].error;
            r = SERVE(step % 2 ? read_and_show : show, .method = "POST",
                      .headers = MULTIPART,
                      .body = PART("name=\"a\"", "1")
                          PART("name=\"f\"; filename=\"1\"", "123456789")
                              PART("name=\"f\"; filename=\"2\"", "12345678")
                                  END,
                      .body_step = step, .limits.spool_memory = 4);
            write_status = APR_SUCCESS;
            assert_int_equal(r->status, rows[i].status);
            assert_int_equal(count_tag(r, "HBR0051"), i > 0);
            if (i > 0)
                assert_non_null(
                    strstr(r->body,
                           "The file cannot be stored now (BridgeSpoolDir)."));
        }
    }
}

static void test_no_spool_folder(void **state)
{
    static const hbr_test_limits_t limits = { .spool_memory = 1,
                                              .spool_dir =
                                                  "/tmp/hbr-no-such-folder" };
    const hbr_test_response_t *r;

    (void)state;
    r = SERVE(read_and_show, .method = "POST", .headers = MULTIPART,
              .body = PART("name=\"f\"; filename=\"1\"", "12") END,
              .limits = limits);
    assert_int_equal(r->status, 503);
    assert_int_equal(count_tag(r, "HBR0051"), 1);
    assert_null(strstr(r->body, "hbr-no-such-folder"));
    r = SERVE(read_and_show, .method = "POST", .headers = MULTIPART,
              .body = PART("name=\"f\"; filename=\"1\"", "1") END,
              .limits = limits);
    assert_int_equal(r->status, 200);
}

/* ------------------------------------------------------------------- memory */

#define MEGA (1024 * 1024)

static apr_size_t peak;

static int measure(hbr_context_t *ctx)
{
    apr_size_t before = palloc_live();
    int result;

    palloc_mark();
    result = hbr_form_read(ctx);
    peak = palloc_peak() - before;
    return result;
}

/* Repeats a pattern until a body is full. */
static char *repeat(const char *first, const char *pattern, const char *last,
                    apr_size_t size)
{
    char *body = test_malloc(size + 1);
    apr_size_t length = strlen(pattern), used = strlen(first);

    strcpy(body, first);
    for (; used + length + strlen(last) <= size; used += length)
        memcpy(body + used, pattern, length);
    strcpy(body + used, last);
    return body;
}

#define FILE_PART PART("name=\"f\"; filename=\"f\"", "1234567")

/* Bodies made to cost much: memory is bounded by a small multiple of what was
 * sent, whatever the pieces are. */
static void test_memory(void **state)
{
    static const struct {
        bool multipart;
        const char *first, *pattern, *last;
        int status;
    } rows[] = {
        { false, "", "a&", "", 413 },
        { false, "", "&", "", 200 },
        { false, "", "a=&&&&&&&&&&&&&&&&&&&&&&&&&", "", 413 },
        { false, "a=", "x", "", 413 },
        { false, "", "x", "", 413 },
        { false, "a=", "%", "", 413 },
        { true, "", PART("name=\"a\"", ""), END, 413 },
        { true, "", FILE_PART, END, 413 },
        { true, "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n",
          "x", "\r\n" END, 413 },
        { true, "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n",
          "\r\n-", "\r\n" END, 413 },
        { true,
          "--x\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n",
          "\r\n--", "\r\n" END, 200 },
    };
    static const apr_size_t steps[] = { 0, 8000, 257 };
    const apr_size_t size = 3 * MEGA;
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows) * COUNT(steps); i++) {
        apr_size_t row = i / COUNT(steps);
        char *body =
            repeat(rows[row].first, rows[row].pattern, rows[row].last, size);
        const hbr_test_response_t *r =
            SERVE(measure, .method = "POST",
                  .headers = rows[row].multipart ? MULTIPART : URLENCODED,
                  .body = body, .body_step = steps[i % COUNT(steps)]);

        if (r->status != rows[row].status)
            fail_msg("row %zu: %d %s", row, r->status, r->body);
        if (peak > 4 * MEGA + 500000)
            fail_msg("row %zu, step %zu: %zu bytes", row,
                     steps[i % COUNT(steps)], peak);
        test_free(body);
    }
}

/* Fields that all fit into their limits. */
static void test_memory_of_fields(void **state)
{
    static const struct {
        bool multipart;
        const char *first, *pattern;
    } rows[] = {
        { false, "&",
          "aaaaaaaa=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb&" },
        { true, "",
          PART("name=\"a\"", "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb") },
    };
    const apr_size_t size = 2 * MEGA;
    static const apr_size_t steps[] = { 0, 8000, 17 };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows) * COUNT(steps); i++) {
        apr_size_t row = i / COUNT(steps);
        char *body = repeat(rows[row].first, rows[row].pattern, END, size);
        const hbr_test_response_t *r =
            SERVE(measure, .method = "POST", .params = 100000,
                  .headers = rows[row].multipart ? MULTIPART : URLENCODED,
                  .body = body, .body_step = steps[i % COUNT(steps)],
                  .limits = { .parts = 100000 });

        assert_int_equal(r->status, 200);
        if (peak > 5 * size)
            fail_msg("row %zu, step %zu: %zu bytes", row,
                     steps[i % COUNT(steps)], peak);
        test_free(body);
    }
}

MAIN(SERVE_TEST(test_urlencoded), SERVE_TEST(test_multipart),
     SERVE_TEST(test_types), SERVE_TEST(test_no_form),
     SERVE_TEST(test_query_and_form), SERVE_TEST(test_files_of_a_field),
     SERVE_TEST(test_limits), SERVE_TEST(test_limits_by_vector),
     SERVE_TEST(test_nul), SERVE_TEST(test_bad_ends),

     SERVE_TEST(test_full_disk), SERVE_TEST(test_no_spool_folder),
     SERVE_TEST(test_memory), SERVE_TEST(test_memory_of_fields))
