/*
 * The context: its members, hbr_defer(), and views over one state.
 */
#include <stdlib.h>

#include "support/main.h"
#include "support/serve.h"

#include "../../bridge/context.h"

static int check_members(hbr_context_t *ctx)
{
    assert_string_equal(ctx->method, "PUT");
    assert_string_equal(ctx->uri, "/shop/any/more a");
    assert_string_equal(ctx->path_info, "/more a");
    assert_string_equal(ctx->args, "x=%41&y");
    assert_string_equal(apr_table_get(ctx->headers_in, "accept"), "a, b");
    assert_null(apr_table_get(ctx->headers_in, "X-None"));
    assert_string_equal(ctx->child->handler->methods, "*");
    assert_non_null(ctx->child->pool);
    assert_non_null(ctx->pool);
    assert_null(hbr_request_rec(ctx));
    hbr_header_set(ctx, "X-Out", "1");
    assert_string_equal(apr_table_get(ctx->headers_out, "x-out"), "1");
    return hbr_text(ctx, "seen");
}

static void test_members(void **state)
{
    const hbr_test_response_t *r = SERVE(
        check_members, .method = "PUT", .url = "/shop/any/more%20a?x=%41&y",
        .mapping = "/shop/any", .headers = HEADERS("Accept: a", "Accept: b"));

    (void)state;
    assert_string_equal(r->body, "seen");
}

static int show_paths(hbr_context_t *ctx)
{
    return hbr_text(ctx, "%s|%s", ctx->path_info,
                    ctx->args != NULL ? ctx->args : "NULL");
}

/* "" when nothing follows the mapping; NULL when the URL has no query, ""
 * when it has an empty one (RFC 3986 3.4). */
static void test_path_info_and_args(void **state)
{
    static const struct {
        const char *url, *mapping, *shown;
    } rows[] = {
        { "/any", NULL, "|NULL" },         { "/any?", NULL, "|" },
        { "/any/", NULL, "/|NULL" },       { "/any/a/b?c?d", NULL, "/a/b|c?d" },
        { "/x/y/z", "/x", "/y/z|NULL" },   { "/x/y/z", "/x/y/", "/z|NULL" },
        { "/a%2Bb/c", "/a+b", "/c|NULL" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r =
            SERVE(show_paths, .url = rows[i].url, .mapping = rows[i].mapping);
        assert_string_equal(r->body, rows[i].shown);
    }
}

static char order[16];

static void note(void *data)
{
    strcat(order, data);
}

static int defer_three(hbr_context_t *ctx)
{
    hbr_defer(ctx, note, "1");
    hbr_defer(ctx, note, "2");
    hbr_defer(ctx, note, "3");
    assert_string_equal(order, "");
    return hbr_text(ctx, "body");
}

static int defer_and_fail(hbr_context_t *ctx)
{
    defer_three(ctx);
    return hbr_error(ctx, 500, "no");
}

/* Last registered first, whatever becomes of the response. */
static void test_defer_order(void **state)
{
    static const struct {
        process_fn *process;
        const char *method;
        apr_size_t fail_pass;
    } rows[] = {
        { defer_three, "GET", 0 },
        { defer_three, "HEAD", 0 },
        { defer_three, "GET", 1 },
        { defer_and_fail, "GET", 0 },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        order[0] = '\0';
        SERVE(rows[i].process, .method = rows[i].method,
              .fail_pass = rows[i].fail_pass);
        assert_string_equal(order, "321");
    }
}

static void wipe_and_free(void *data)
{
    memset(data, 'X', 5);
    free(data);
}

static int send_and_defer(hbr_context_t *ctx)
{
    char *bytes = malloc(5);

    memcpy(bytes, "bytes", 5);
    hbr_defer(ctx, wipe_and_free, bytes);
    return hbr_bytes(ctx, bytes, 5,
                     &(hbr_content_t){ .ownership = HBR_REQUEST });
}

/* Not before the response has left. */
static void test_defer_runs_late(void **state)
{
    (void)state;
    assert_string_equal(SERVE(send_and_defer)->body, "bytes");
}

static int use_view(hbr_context_t *ctx)
{
    apr_pool_t *pool;
    hbr_context_t *view;

    apr_pool_create(&pool, ctx->pool);
    view = hbr_context_view(ctx, pool);
    assert_ptr_equal(view->pool, pool);
    assert_ptr_equal(view->state, ctx->state);
    assert_ptr_equal(view->headers_in, ctx->headers_in);
    assert_ptr_equal(view->child, ctx->child);
    assert_string_equal(view->path_info, ctx->path_info);
    hbr_status(view, 201);
    hbr_puts(view, "through the view, ");
    hbr_puts(ctx, "and beside it");
    apr_pool_destroy(pool);
    return HBR_OK;
}

static void test_views_share_state(void **state)
{
    const hbr_test_response_t *r = SERVE(use_view, .url = "/any/x");

    (void)state;
    assert_int_equal(r->status, 201);
    assert_string_equal(r->body, "through the view, and beside it");
}

MAIN(SERVE_TEST(test_members), SERVE_TEST(test_path_info_and_args),
     SERVE_TEST(test_defer_order), SERVE_TEST(test_defer_runs_late),
     SERVE_TEST(test_views_share_state))
