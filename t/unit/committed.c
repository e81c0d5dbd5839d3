/*
 * Calls that come after the response was committed: each changes nothing, says
 * so, and the log names the call that committed it.
 */
#include "support/main.h"
#include "support/serve.h"

static const char *const types[] = { "text/html", NULL };

static apr_status_t read_none(hbr_context_t *ctx, void *data, apr_off_t offset,
                              apr_size_t wanted, const void **bytes,
                              apr_size_t *length)
{
    (void)ctx, (void)data, (void)offset, (void)wanted, (void)bytes;
    *length = 0;
    return APR_EGENERAL;
}

/* Each call that comes too late, by its number; true when it was refused. */
static bool is_refused(hbr_context_t *ctx, int call)
{
    const hbr_source_t source = { .length = 1, .read = read_none };
    const hbr_cookie_t cookie = { .name = "a", .value = "b" };

    switch (call) {
    case 0: return hbr_status(ctx, 404) == APR_EINVAL;
    case 1: return hbr_type(ctx, "text/css") == APR_EINVAL;
    case 2: return hbr_header_set(ctx, "X-A", "1") == APR_EINVAL;
    case 3: return hbr_header_add(ctx, "X-A", "1") == APR_EINVAL;
    case 4: return hbr_header_unset(ctx, "X-A") == APR_EINVAL;
    case 5: return hbr_cookie_set(ctx, &cookie) == APR_EINVAL;
    case 6: return hbr_disposition(ctx, HBR_INLINE, "a") == APR_EINVAL;
    case 7: return hbr_etag(ctx, "a", false) == APR_EINVAL;
    case 8: return hbr_last_modified(ctx, 1) == APR_EINVAL;
    case 9: return hbr_clear(ctx) == APR_EINVAL;
    case 10: return hbr_redirect(ctx, 302, "/x") == 500;
    case 11: return hbr_bytes(ctx, "x", 1, NULL) == 500;
    case 12: return hbr_file(ctx, "/etc/passwd", NULL) == 500;
    case 13: return hbr_source(ctx, &source, NULL) == 500;
    case 14: return hbr_json(ctx, NULL) == 500;
    default: return false;
    }
}

#define LATE_CALLS 15

static int late_call;
static bool by_cap;

static int call_too_late(hbr_context_t *ctx)
{
    hbr_header_set(ctx, "X-Early", "1");
    hbr_puts(ctx, "body that is longer than the cap is");
    if (!by_cap)
        hbr_flush(ctx);
    else
        hbr_puts(ctx, ", or so");
    assert_true(hbr_committed(ctx));
    if (!is_refused(ctx, late_call))
        fail_msg("call %d was not refused", late_call);
    assert_int_equal(hbr_negotiate(ctx, types), 0);
    return HBR_OK;
}

/* The log says once which call committed the response. */
static void test_changes_after_commit_are_refused(void **state)
{
    int round;

    (void)state;
    for (round = 0; round < 2; round++) {
        by_cap = round;
        for (late_call = 0; late_call < LATE_CALLS; late_call++) {
            const hbr_test_response_t *r =
                SERVE(call_too_late, .buffer = by_cap ? 20 : 0);

            assert_int_equal(r->status, 200);
            assert_string_equal(r->type, "text/plain; charset=utf-8");
            assert_string_equal(hbr_test_header(r, "X-Early"), "1");
            assert_null(hbr_test_header(r, "X-A"));
            assert_null(hbr_test_header(r, "Vary"));
            if (late_call != 14)
                assert_non_null(
                    hbr_test_logged(kit, by_cap ? "hbr_puts" : "hbr_flush"));
            assert_int_equal(count_lines(r, HBR_LOG_WARNING), 1);
        }
    }
}

MAIN(SERVE_TEST(test_changes_after_commit_are_refused))
