/*
 * Sources: bodies that are made piece by piece as the client takes them.
 */
#include <jansson.h>

#include "support/main.h"
#include "support/palloc.h"
#include "support/serve.h"

static char byte_at(apr_off_t i)
{
    return (char)('a' + (i * 7 + i / 251) % 26);
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

typedef struct made_t {
    apr_off_t length;
    apr_size_t piece;    /* bytes at a time; 0: what is wanted */
    apr_off_t fail_at;   /* an offset from which it fails; -1: never */
    apr_size_t allocate; /* from the piece's pool */
    int excess;          /* how many more than wanted it claims */
    int reads;
    apr_off_t lowest, highest, next;
    apr_pool_t *request_pool;
    int deferred, released;
} made_t;

static made_t made;
static hbr_content_t source_about;

static void count_release(void *data)
{
    ((made_t *)data)->released++;
}

static void note_read(made_t *m, apr_off_t offset, apr_size_t length)
{
    m->reads++;
    if (offset < m->lowest)
        m->lowest = offset;
    if (offset + (apr_off_t)length > m->highest)
        m->highest = offset + (apr_off_t)length;
    assert_true(offset >= m->next);
    m->next = offset + (apr_off_t)length;
}

static apr_status_t make_piece(hbr_context_t *ctx, void *data, apr_off_t offset,
                               apr_size_t wanted, const void **bytes,
                               apr_size_t *length)
{
    made_t *m = data;
    apr_size_t now = m->piece != 0 && m->piece < wanted ? m->piece : wanted;
    char *piece;
    apr_size_t i;

    assert_true(wanted > 0);
    assert_true(offset + (apr_off_t)wanted <= m->length);
    assert_ptr_not_equal(ctx->pool, m->request_pool);
    if (m->fail_at >= 0 && offset >= m->fail_at)
        return APR_EGENERAL;
    note_read(m, offset, now);
    piece = apr_palloc(ctx->pool, now + m->allocate);
    for (i = 0; i < now; i++)
        piece[i] = byte_at(offset + (apr_off_t)i);
    hbr_defer(ctx, count_release, m);
    m->deferred++;
    *bytes = piece;
    *length = (apr_size_t)((int)now + m->excess);
    return APR_SUCCESS;
}

static int send_source(hbr_context_t *ctx)
{
    made.request_pool = ctx->pool;
    made.reads = made.deferred = made.released = 0;
    made.lowest = made.length;
    made.highest = made.next = 0;
    return hbr_source(ctx,
                      &(hbr_source_t){ .length = made.length,
                                       .read = make_piece,
                                       .data = &made },
                      &source_about);
}

static int source_setup(void **state)
{
    made = (made_t){ .length = 300000, .fail_at = -1 };
    source_about = (hbr_content_t){ .etag = "v1" };
    return serve_setup(state);
}

static void test_source_pieces(void **state)
{
    static const apr_size_t pieces[] = { 0, 1, 100, 7999, 8000, 65536, 299999 };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(pieces); i++) {
        made.piece = pieces[i];
        made.length = pieces[i] == 1 ? 5000 : 300000;
        check_bytes(SERVE(send_source), 0, (apr_size_t)made.length);
        assert_int_equal(made.lowest, 0);
        assert_int_equal(made.highest, made.length);
        assert_int_equal(made.released, made.deferred);
    }
}

/* RFC 9110 9.3.2, 13, 14: what is not sent is not made. */
static void test_source_reads_only_what_is_sent(void **state)
{
    static const struct {
        const char *method, *header;
        int status;
        apr_off_t lowest, highest;
    } rows[] = {
        { "HEAD", NULL, 200, 0, 0 },
        { "GET", "If-None-Match: \"v1\"", 304, 0, 0 },
        { "GET", "If-Match: \"v2\"", 412, 0, 0 },
        { "GET", "Range: bytes=300000-", 416, 0, 0 },
        { "GET", "Range: bytes=1000-1999", 206, 1000, 2000 },
        { "GET", "Range: bytes=-10", 206, 299990, 300000 },
        { "GET", "Range: bytes=7-7", 206, 7, 8 },
        { "POST", "Range: bytes=7-7", 200, 0, 300000 },
    };
    apr_size_t i;

    (void)state;
    made.piece = 400;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r =
            SERVE(send_source, .method = rows[i].method,
                  .headers = HEADERS(rows[i].header));

        assert_int_equal(r->status, rows[i].status);
        assert_int_equal(made.highest, rows[i].highest);
        if (rows[i].highest == 0)
            assert_int_equal(made.reads, 0);
        else
            check_bytes(r, rows[i].lowest,
                        (apr_size_t)(rows[i].highest - rows[i].lowest));
        if (rows[i].highest != 0)
            assert_int_equal(made.lowest, rows[i].lowest);
    }
    assert_int_equal(SERVE(send_source, .method = "HEAD")->declared_length,
                     300000);
}

static void test_source_several_ranges(void **state)
{
    const hbr_test_response_t *r =
        SERVE(send_source, .headers = HEADERS("Range: bytes=10-19,1000-1009"));
    char part[11];
    int i;

    (void)state;
    assert_int_equal(r->status, 206);
    assert_int_equal(made.reads, 2);
    for (i = 0; i < 10; i++)
        part[i] = byte_at(1000 + i);
    part[10] = '\0';
    assert_non_null(strstr(r->body, part));
    assert_int_equal(r->declared_length, r->length);
}

static void test_empty_source(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    made.length = 0;
    r = SERVE(send_source);
    assert_int_equal(r->status, 200);
    assert_int_equal(r->declared_length, 0);
    assert_int_equal(made.reads, 0);
}

/* Before the first byte an error is a clean 500; in the middle it cuts. */
static void test_source_fails(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    made.piece = 5000;
    made.fail_at = 0;
    r = SERVE(send_source);
    assert_int_equal(r->status, 500);
    assert_true(r->complete);
    assert_null(hbr_test_header(r, "ETag"));
    assert_null(hbr_test_header(r, "Accept-Ranges"));
    assert_true(count_lines(r, HBR_LOG_ERROR) >= 1);
    made.fail_at = 100000;
    r = SERVE(send_source);
    assert_int_equal(r->status, 200);
    assert_true(r->cut);
    assert_false(r->complete);
    assert_true(r->length <= 100000);
    assert_true(count_lines(r, HBR_LOG_ERROR) >= 1);
}

/* A failure inside a range: Content-Range must not stay on the error. */
static void test_source_fails_in_a_range(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    made.fail_at = 0;
    r = SERVE(send_source, .headers = HEADERS("Range: bytes=5-9"));
    assert_int_equal(r->status, 500);
    assert_null(hbr_test_header(r, "Content-Range"));
}

/* A source that claims nothing, or more than was wanted, is wrong. */
static void test_source_miscounts(void **state)
{
    static const int rows[] = { 1, 1000, -5000 };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        made.piece = rows[i] > 0 ? 0 : 5000;
        made.excess = rows[i];
        assert_int_equal(SERVE(send_source)->status, 500);
    }
}

static void test_client_leaves_a_source(void **state)
{
    apr_size_t n;

    (void)state;
    made.piece = 1000;
    for (n = 1; n < 5; n++) {
        const hbr_test_response_t *r = SERVE(send_source, .fail_pass = n);

        assert_int_equal(r->passes, n);
        assert_true(made.reads <= (int)n + 1);
        assert_int_equal(made.released, made.deferred);
    }
}

/* What read allocates does not pile up. */
static void test_pieces_memory_does_not_grow(void **state)
{
    apr_size_t before;

    (void)state;
    made.length = 2000;
    made.piece = 1;
    made.allocate = 100000;
    SERVE(send_source);
    palloc_mark();
    before = palloc_live();
    SERVE(send_source);
    assert_int_equal(made.reads, 2000);
    assert_true(palloc_peak() - before < 2000000);
}

static apr_status_t read_and_write(hbr_context_t *ctx, void *data,
                                   apr_off_t offset, apr_size_t wanted,
                                   const void **bytes, apr_size_t *length)
{
    (void)data, (void)offset, (void)wanted;
    assert_int_not_equal(hbr_puts(ctx, "more"), APR_SUCCESS);
    assert_int_not_equal(hbr_flush(ctx), APR_SUCCESS);
    *bytes = "x";
    *length = 1;
    return APR_SUCCESS;
}

static int send_writing_source(hbr_context_t *ctx)
{
    return hbr_source(
        ctx, &(hbr_source_t){ .length = 3, .read = read_and_write }, NULL);
}

static void test_read_cannot_write(void **state)
{
    (void)state;
    assert_string_equal(SERVE(send_writing_source)->body, "xxx");
}

static int replacement;

static apr_status_t read_and_replace(hbr_context_t *ctx, void *data,
                                     apr_off_t offset, apr_size_t wanted,
                                     const void **bytes, apr_size_t *length)
{
    const hbr_source_t other = { .length = 1, .read = read_and_replace };

    (void)data, (void)offset, (void)wanted;
    switch (replacement) {
    case 0: assert_int_equal(hbr_clear(ctx), APR_EINVAL); break;
    case 1: assert_int_equal(hbr_bytes(ctx, "xx", 2, NULL), 500); break;
    case 2: assert_int_equal(hbr_json(ctx, json_object()), 500); break;
    case 3: assert_int_equal(hbr_file(ctx, "/etc/passwd", NULL), 500); break;
    case 4: assert_int_equal(hbr_source(ctx, &other, NULL), 500); break;
    }
    *bytes = "x";
    *length = 1;
    return APR_SUCCESS;
}

static int send_replaced_source(hbr_context_t *ctx)
{
    return hbr_source(
        ctx, &(hbr_source_t){ .length = 3, .read = read_and_replace }, NULL);
}

/* The body that is being made cannot be pulled from under its read, neither
 * before the commit nor after it. */
static void test_read_cannot_replace_its_body(void **state)
{
    (void)state;
    for (replacement = 0; replacement < 5; replacement++) {
        const hbr_test_response_t *r = SERVE(send_replaced_source);

        assert_int_equal(r->status, 200);
        assert_string_equal(r->body, "xxx");
        assert_int_equal(count_lines(r, HBR_LOG_WARNING), 3);
        assert_non_null(hbr_test_logged(kit, "HBR0030"));
        assert_non_null(hbr_test_logged(kit, "inside a source's read"));
    }
}

#define SOURCE_TEST(f)                                                         \
    cmocka_unit_test_setup_teardown(f, source_setup, serve_teardown)

MAIN(SOURCE_TEST(test_source_pieces),
     SOURCE_TEST(test_source_reads_only_what_is_sent),
     SOURCE_TEST(test_source_several_ranges), SOURCE_TEST(test_empty_source),
     SOURCE_TEST(test_source_fails), SOURCE_TEST(test_source_fails_in_a_range),
     SOURCE_TEST(test_source_miscounts),
     SOURCE_TEST(test_client_leaves_a_source),
     SOURCE_TEST(test_pieces_memory_does_not_grow),
     SERVE_TEST(test_read_cannot_write),
     SERVE_TEST(test_read_cannot_replace_its_body))
