/*
 * traceparent: what is taken over, what is not, and what is made instead (W3C
 * Trace Context, Level 1).
 */
#include "support/main.h"
#include "support/serve.h"

#include "../../bridge/trace.h"

#define ID "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN "00f067aa0ba902b7"
#define ZEROS "00000000000000000000000000000000"

/* 3.2.2 and 4.3 */
static void test_valid(void **state)
{
    static const struct {
        const char *text;
        bool sampled;
    } cases[] = { { "00-" ID "-" SPAN "-01", true },
                  { "00-" ID "-" SPAN "-00", false },
                  { "00-" ID "-" SPAN "-fe", false },
                  { "00-" ID "-" SPAN "-ff", true },
                  { "01-" ID "-" SPAN "-01", true },
                  { "cc-" ID "-" SPAN "-01-what-the-future-has", true },
                  { "cc-" ID "-" SPAN "-01-", true },
                  { "fe-" ID "-" SPAN "-00", false } };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        char id[HBR_TRACE_ID + 1] = "";
        bool sampled = !cases[i].sampled;

        print_message("# %s\n", cases[i].text);
        assert_true(hbr_traceparent_read(cases[i].text, id, &sampled));
        assert_string_equal(id, ID);
        assert_int_equal(sampled, cases[i].sampled);
    }
}

static void test_invalid(void **state)
{
    static const char *const cases[] = {
        "",
        "00",
        "00-" ID "-" SPAN,
        "00-" ID "-" SPAN "-",
        "00-" ID "-" SPAN "-0",
        "00-" ID "-" SPAN "-01-more", /* 00 ends there */
        "00-" ID "-" SPAN "-01 ",
        " 00-" ID "-" SPAN "-01",
        "ff-" ID "-" SPAN "-01",
        "cc-" ID "-" SPAN "-01.more",
        "cc-" ID "-" SPAN "-011",
        "0x-" ID "-" SPAN "-01",
        "0A-" ID "-" SPAN "-01",
        "00-" ZEROS "-" SPAN "-01",
        "00-" ID "-0000000000000000-01",
        "00-4BF92f3577b34da6a3ce929d0e0e4736-" SPAN "-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-" SPAN "-01",
        "00-" ID "-00f067aa0ba902bX-01",
        "00-" ID "-" SPAN "-0g",
        "00_" ID "-" SPAN "-01",
        "00-" ID "_" SPAN "-01",
        "00-" ID "-" SPAN "_01",
        "00-" ID "-" SPAN "-01, 00-" ID "-" SPAN "-01", /* it came twice */
        "cc-" ID "-" SPAN "-01, cc-" ID "-" SPAN "-01",
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++) {
        char id[HBR_TRACE_ID + 1] = "untouched";
        bool sampled = true;

        print_message("# %s\n", cases[i]);
        assert_false(hbr_traceparent_read(cases[i], id, &sampled));
        assert_string_equal(id, "untouched");
    }
}

static int show(hbr_context_t *ctx)
{
    const char *id = hbr_trace_id(ctx);
    const char *parent = hbr_traceparent(ctx);

    assert_true(id == hbr_trace_id(ctx));
    assert_true(parent == hbr_traceparent(ctx));
    return hbr_text(ctx, "%s %s", id, parent);
}

static int silent(hbr_context_t *ctx)
{
    return hbr_text(ctx, "-");
}

/* The trace goes on, with an id of this request's own. */
static void test_taken_over(void **state)
{
    const hbr_test_response_t *r =
        SERVE(show, .headers = HEADERS("Traceparent: 00-" ID "-" SPAN "-01"));

    (void)state;
    assert_int_equal(strlen(r->body), 32 + 1 + 55);
    assert_memory_equal(r->body, ID " 00-" ID "-", 69);
    assert_null(strstr(r->body, SPAN));
    assert_string_equal(r->body + 32 + 1 + 52, "-01");
}

static void check_made(const hbr_test_response_t *r)
{
    char id[HBR_TRACE_ID + 1];
    bool sampled = true;

    assert_int_equal(strlen(r->body), 32 + 1 + 55);
    assert_true(hbr_traceparent_read(r->body + 33, id, &sampled));
    assert_memory_equal(r->body, id, 32);
    assert_string_not_equal(id, ID);
    assert_false(sampled);
}

static void test_made(void **state)
{
    const hbr_test_response_t *a = SERVE(show);
    const hbr_test_response_t *b =
        SERVE(show, .headers = HEADERS("traceparent: 00-" ID "-" SPAN "-1"));

    (void)state;
    check_made(a);
    check_made(b);
    assert_memory_not_equal(a->body, b->body, 32);
}

/* The same field once more: nobody can tell which one is meant. */
static void test_twice(void **state)
{
    (void)state;
    check_made(
        SERVE(show, .headers = HEADERS("traceparent: 00-" ID "-" SPAN "-01",
                                       "traceparent: 00-" ID "-" SPAN "-01")));
}

static const char *note(const hbr_test_response_t *r, const char *name)
{
    return apr_table_get(r->notes, name);
}

/* BridgeTrace: without it, only who asks has one. */
static void test_notes(void **state)
{
    static const char *const headers[] = { "traceparent: 00-" ID "-" SPAN "-01",
                                           NULL };

    (void)state;
    assert_null(note(SERVE(silent, .headers = headers), "hbr-trace-id"));
    assert_null(
        note(SERVE(silent, .headers = headers, .notes = true), "hbr-trace-id"));
    assert_null(note(SERVE(show, .headers = headers), "hbr-trace-id"));
    assert_string_equal(
        note(SERVE(show, .headers = headers, .notes = true), "hbr-trace-id"),
        ID);
    assert_string_equal(
        note(SERVE(silent, .headers = headers, .trace = true), "hbr-trace-id"),
        ID);
    assert_int_equal(strlen(note(SERVE(silent, .trace = true), "hbr-trace-id")),
                     32);
}

MAIN(SERVE_TEST(test_valid), SERVE_TEST(test_invalid),
     SERVE_TEST(test_taken_over), SERVE_TEST(test_made), SERVE_TEST(test_twice),
     SERVE_TEST(test_notes))
