/*
 * The test kit itself: what it makes of a request, and that it notices a
 * bridge which breaks its contract with the server (host.h). The handlers here
 * play that bridge.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/main.h"
#include "support/serve.h"

#include "../../bridge/state.h"

static const hbr_host_output_t *output_of(hbr_context_t *ctx)
{
    return ctx->state->request.host->output;
}

static void give_head(hbr_context_t *ctx, int status, apr_off_t length)
{
    output_of(ctx)->head(ctx->state->request.request,
                         &(hbr_head_t){ .status = status,
                                        .type = "text/plain",
                                        .length = length });
}

/* Passes text, then maybe a flush, then maybe the end. */
static apr_status_t give_pass(hbr_context_t *ctx, const char *text, bool flush,
                              bool end)
{
    apr_bucket_alloc_t *alloc = ctx->state->request.bucket_alloc;
    apr_bucket_brigade *brigade = apr_brigade_create(ctx->pool, alloc);

    apr_brigade_puts(brigade, NULL, NULL, text);
    if (flush)
        APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_flush_create(alloc));
    if (end)
        APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(alloc));
    return output_of(ctx)->pass(ctx->state->request.request, brigade);
}

/* The bridge proper then has nothing to do but to pass the end. */
static int leave_end(hbr_context_t *ctx)
{
    ctx->state->committed_by = "test";
    return HBR_OK;
}

static int do_right(hbr_context_t *ctx)
{
    give_head(ctx, 200, 5);
    give_pass(ctx, "right", true, false);
    return leave_end(ctx);
}

static int pass_before_head(hbr_context_t *ctx)
{
    give_pass(ctx, "x", true, false);
    return HBR_OK;
}

static int give_two_heads(hbr_context_t *ctx)
{
    give_head(ctx, 200, -1);
    give_head(ctx, 200, -1);
    return leave_end(ctx);
}

static int give_interim_head(hbr_context_t *ctx)
{
    give_head(ctx, 103, -1);
    return leave_end(ctx);
}

static int pass_after_end(hbr_context_t *ctx)
{
    give_head(ctx, 200, -1);
    give_pass(ctx, "x", false, true);
    give_pass(ctx, "y", false, false);
    return leave_end(ctx);
}

static int pass_more(hbr_context_t *ctx)
{
    give_head(ctx, 200, 3);
    give_pass(ctx, "more", true, false);
    return leave_end(ctx);
}

static int pass_fewer(hbr_context_t *ctx)
{
    give_head(ctx, 200, 10);
    give_pass(ctx, "fewer", true, false);
    return leave_end(ctx);
}

static int pass_without_body(hbr_context_t *ctx)
{
    give_head(ctx, 304, -1);
    give_pass(ctx, "x", true, false);
    return leave_end(ctx);
}

static int pass_after_cut(hbr_context_t *ctx)
{
    give_head(ctx, 200, -1);
    output_of(ctx)->cut(ctx->state->request.request);
    give_pass(ctx, "x", false, false);
    return leave_end(ctx);
}

static int pass_after_failure(hbr_context_t *ctx)
{
    give_head(ctx, 200, -1);
    assert_int_equal(give_pass(ctx, "x", false, false), APR_ECONNABORTED);
    give_pass(ctx, "y", false, false);
    return leave_end(ctx);
}

static int pass_whole_in_two(hbr_context_t *ctx)
{
    output_of(ctx)->head(
        ctx->state->request.request,
        &(hbr_head_t){ .status = 200, .length = -1, .whole = true });
    give_pass(ctx, "x", false, false);
    return leave_end(ctx);
}

static hbr_read_e read_body(hbr_context_t *ctx, apr_bucket_brigade *brigade)
{
    const hbr_request_t *request = &ctx->state->request;

    return request->host->body->read(request->request, brigade, 1024);
}

static apr_bucket_brigade *new_brigade(hbr_context_t *ctx)
{
    return apr_brigade_create(ctx->pool, ctx->state->request.bucket_alloc);
}

static int read_right(hbr_context_t *ctx)
{
    assert_int_equal(read_body(ctx, new_brigade(ctx)), HBR_READ_END);
    return HBR_OK;
}

static int read_behind_end(hbr_context_t *ctx)
{
    read_body(ctx, new_brigade(ctx));
    assert_int_equal(read_body(ctx, new_brigade(ctx)), HBR_READ_END);
    return HBR_OK;
}

static int read_into_used(hbr_context_t *ctx)
{
    apr_bucket_brigade *brigade = new_brigade(ctx);

    apr_brigade_puts(brigade, NULL, NULL, "x");
    read_body(ctx, brigade);
    return HBR_OK;
}

/* The server answers by itself, and the bridge takes no notice. */
static int overlook_answer(hbr_context_t *ctx)
{
    assert_int_equal(read_body(ctx, new_brigade(ctx)), HBR_READ_MORE);
    assert_int_equal(read_body(ctx, new_brigade(ctx)), HBR_READ_ANSWERED);
    return HBR_OK;
}

static int pass_after_answer(hbr_context_t *ctx)
{
    ctx->state->answered = true;
    overlook_answer(ctx);
    give_pass(ctx, "x", false, false);
    return HBR_OK;
}

static int make_answer_up(hbr_context_t *ctx)
{
    ctx->state->answered = true;
    return HBR_OK;
}

static process_fn *current;

static int play(hbr_context_t *ctx)
{
    return current(ctx);
}

HBR_TEST_HANDLER(player, .process = play);

static int setup(void **state)
{
    return serve_setup(state) != 0
           || hbr_test_add(kit, &player_handler) != NULL;
}

static void test_violations(void **state)
{
    static const struct {
        process_fn *process;
        apr_size_t fail_pass;
        const char *violation;
        hbr_test_body_e body_end;
    } rows[] = {
        { do_right, 0, NULL, HBR_TEST_BODY_WHOLE },
        { pass_before_head, 0, "before the head", HBR_TEST_BODY_WHOLE },
        { give_two_heads, 0, "twice", HBR_TEST_BODY_WHOLE },
        { give_interim_head, 0, "no final status", HBR_TEST_BODY_WHOLE },
        { pass_after_end, 0, "after the end", HBR_TEST_BODY_WHOLE },
        { pass_more, 0, "more bytes", HBR_TEST_BODY_WHOLE },
        { pass_fewer, 0, "fewer bytes", HBR_TEST_BODY_WHOLE },
        { pass_without_body, 0, "without a body", HBR_TEST_BODY_WHOLE },
        { pass_after_cut, 0, "after the connection was cut",
          HBR_TEST_BODY_WHOLE },
        { pass_after_failure, 1, "after a pass that failed",
          HBR_TEST_BODY_WHOLE },
        { pass_whole_in_two, 0, "one pass", HBR_TEST_BODY_WHOLE },
        { read_right, 0, NULL, HBR_TEST_BODY_WHOLE },
        { read_behind_end, 0, "behind its end", HBR_TEST_BODY_WHOLE },
        { read_into_used, 0, "brigade in use", HBR_TEST_BODY_WHOLE },
        { overlook_answer, 0, "head was given after the server's answer",
          HBR_TEST_BODY_ANSWERED },
        { pass_after_answer, 0, "passed before the head",
          HBR_TEST_BODY_ANSWERED },
        { make_answer_up, 0, "wrong about the server's answer",
          HBR_TEST_BODY_WHOLE },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r;

        current = rows[i].process;
        r = hbr_test_run(kit,
                         &(hbr_test_request_t){ .url = "/player",
                                                .fail_pass = rows[i].fail_pass,
                                                .body = "body",
                                                .body_stop = 4,
                                                .body_end = rows[i].body_end });
        if (rows[i].violation == NULL && r->violation != NULL)
            fail_msg("%s", r->violation);
        if (rows[i].violation != NULL
            && (r->violation == NULL
                || strstr(r->violation, rows[i].violation) == NULL))
            fail_msg("\"%s\" instead of \"%s\"",
                     r->violation ? r->violation : "NULL", rows[i].violation);
    }
}

static char reused[8];

/* Immortal buckets are not copied: what is not flushed leaves later. */
static int reuse_memory(hbr_context_t *ctx)
{
    apr_bucket_alloc_t *alloc = ctx->state->request.bucket_alloc;
    apr_bucket_brigade *brigade = apr_brigade_create(ctx->pool, alloc);

    give_head(ctx, 200, -1);
    strcpy(reused, "first");
    APR_BRIGADE_INSERT_TAIL(brigade,
                            apr_bucket_immortal_create(reused, 5, alloc));
    output_of(ctx)->pass(ctx->state->request.request, brigade);
    strcpy(reused, "later");
    return leave_end(ctx);
}

static void test_bytes_leave_late(void **state)
{
    (void)state;
    current = reuse_memory;
    assert_string_equal(hbr_test_get(kit, "/player")->body, "later");
}

static int run_inside(hbr_context_t *ctx)
{
    const hbr_test_response_t *r;
    process_fn *before = current;

    current = do_right;
    r = hbr_test_get(kit, "/player");
    current = before;
    return hbr_text(ctx, "inside: %s", r->body);
}

static void test_nested(void **state)
{
    (void)state;
    current = run_inside;
    assert_string_equal(hbr_test_get(kit, "/player")->body, "inside: right");
}

static int log_and_say(hbr_context_t *ctx)
{
    hbr_log(ctx, HBR_LOG_NOTICE, "%s", hbr_query(ctx, "say", ""));
    return hbr_text(ctx, "x");
}

/* Lines are the last request's; responses stay until hbr_test_clear(). */
static void test_responses_and_lines(void **state)
{
    const hbr_test_response_t *one, *two;

    (void)state;
    current = log_and_say;
    one = hbr_test_get(kit, "/player?say=one");
    assert_non_null(hbr_test_logged(kit, "player: one"));
    two = hbr_test_get(kit, "/player?say=two");
    assert_null(hbr_test_logged(kit, "player: one"));
    assert_string_equal(one->lines[0].text, "player: one");
    assert_string_equal(two->lines[0].text, "player: two");
    hbr_test_clear(kit);
    assert_null(hbr_test_logged(kit, "two"));
}

static void test_two_kits(void **state)
{
    hbr_test_t *other = hbr_test_create();

    (void)state;
    assert_null(hbr_test_add(other, &player_handler));
    current = log_and_say;
    hbr_test_get(other, "/player?say=other");
    assert_null(hbr_test_logged(kit, "other"));
    assert_non_null(hbr_test_logged(other, "other"));
    hbr_test_destroy(other);
    assert_string_equal(hbr_test_get(kit, "/player")->body, "x");
}

/* Runs a request in a forked child; what it says on stderr goes to words. */
static int run_in_child(const hbr_test_request_t *request, char *words,
                        apr_size_t size)
{
    apr_size_t used = 0;
    int ends[2], status;
    ssize_t got;
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        hbr_test_run(kit, request);
        _exit(0);
    }
    close(ends[1]);
    while (used < size - 1
           && (got = read(ends[0], words + used, size - 1 - used)) > 0)
        used += (apr_size_t)got;
    words[used] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

/* A mistake in a test ends the program, with words. */
static void test_mistakes(void **state)
{
    const struct {
        hbr_test_request_t request;
        const char *words;
    } rows[] = {
        { { .url = "/plaier" }, "did you mean \"player\"?" },
        { { .url = "/x", .handler = "none" }, "there are: " },
        { { .url = "player" }, "slash" },
        { { .url = NULL }, "slash" },
        { { .url = "/player", .mapping = "/other" }, "mapping" },
        { { .url = "/playerx", .handler = "player", .mapping = "/player" },
          "mapping" },
        { { .url = "/player/%zz" }, "refuses" },
        { { .url = "/player", .headers = HEADERS("no colon") }, "colon" },
    };
    char words[4096];
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        int status = run_in_child(&rows[i].request, words, sizeof(words));

        if (strstr(words, rows[i].words) == NULL || !WIFSIGNALED(status))
            fail_msg("row %zu: \"%s\"", i, words);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, serve_teardown)

MAIN(TEST(test_violations), TEST(test_bytes_leave_late), TEST(test_nested),
     TEST(test_responses_and_lines), TEST(test_two_kits), TEST(test_mistakes))
