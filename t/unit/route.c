/*
 * Which handler answers: choosing one, declining to the next, and what each is
 * given of the mapping.
 */
#include <stdlib.h>

#include "support/main.h"
#include "support/serve.h"

#include <apr_strings.h>

static int say_name(hbr_context_t *ctx)
{
    return hbr_text(ctx, "%s", ctx->child->handler->stamp.ident);
}

HBR_TEST_HANDLER(first, .process = say_name);
HBR_TEST_HANDLER(second, .process = say_name, .name = "the-second",
                 .methods = "POST");
HBR_TEST_HANDLER(stranger, .process = say_name);

/* ---------------------------------------------------------------- choosing */

static void read_body(hbr_context_t *ctx)
{
    const char *bytes;
    apr_size_t length;

    hbr_body(ctx, 100, &bytes, &length);
}

static int choose(hbr_context_t *ctx, hbr_choice_t *choice)
{
    choice->name = hbr_query(ctx, "name", NULL);
    if (hbr_query(ctx, "declared", NULL) != NULL)
        choice->handler = &second_handler;
    if (hbr_query(ctx, "stranger", NULL) != NULL)
        choice->handler = &stranger_handler;
    if (hbr_query(ctx, "write", NULL) != NULL)
        hbr_puts(ctx, "written");
    if (hbr_query(ctx, "set", NULL) != NULL) {
        hbr_status(ctx, 299);
        hbr_type(ctx, "text/x-chooser");
        hbr_header_set(ctx, "X-Chooser", "was here");
    }
    if (hbr_query(ctx, "body", NULL) != NULL)
        read_body(ctx);
    return atoi(hbr_query(ctx, "result", "0"));
}

HBR_TEST_HANDLER(chooser, .choose = choose, .methods = "*");

static int setup(void **state)
{
    return serve_setup(state) != 0 || hbr_test_add(kit, &first_handler) != NULL
           || hbr_test_add(kit, &second_handler) != NULL
           || hbr_test_add(kit, &chooser_handler) != NULL;
}

static const hbr_test_response_t *get(const char *url)
{
    return serve_run(&(hbr_test_request_t){ .url = url });
}

static void test_choose_by_name(void **state)
{
    (void)state;
    assert_string_equal(get("/chooser?name=first")->body, "first");
}

/* Also one whose name is another; its methods are asked, not the chooser's. */
static void test_choose_by_declaration(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    r = serve_run(
        &(hbr_test_request_t){ .url = "/chooser?declared", .method = "POST" });
    assert_string_equal(r->body, "second");
    r = get("/chooser?declared");
    assert_int_equal(r->status, 405);
    assert_non_null(strstr(hbr_test_header(r, "Allow"), "POST"));
}

/* What the first is mapped for binds it, and none that comes after it. */
static void test_mapped_methods(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    r = serve_run(
        &(hbr_test_request_t){ .url = "/first", .mapped_methods = "POST" });
    assert_int_equal(r->status, 405);
    assert_non_null(strstr(hbr_test_header(r, "Allow"), "POST"));
    r = serve_run(&(hbr_test_request_t){ .url = "/chooser?declared",
                                         .method = "POST",
                                         .mapped_methods = "POST" });
    assert_string_equal(r->body, "second");
    r = serve_run(&(hbr_test_request_t){ .url = "/chooser?name=first",
                                         .method = "POST",
                                         .mapped_methods = "POST" });
    assert_int_equal(r->status, 405);
    assert_string_equal(hbr_test_header(r, "Allow"), "OPTIONS");
}

static void assert_refused(const char *url, const char *logged)
{
    const hbr_test_response_t *r = get(url);

    assert_int_equal(r->status, 500);
    if (hbr_test_logged(kit, logged) == NULL)
        fail_msg("%s: the log does not say \"%s\"", url, logged);
    assert_int_equal(count_lines(r, HBR_LOG_ERROR), 1);
}

static void test_no_choice(void **state)
{
    (void)state;
    assert_refused("/chooser?name=nobody",
                   "HBR0042: chooser: the handler chose an unknown handler: "
                   "\"nobody\"");
    assert_refused("/chooser", "HBR0042: chooser: the handler chose no "
                               "handler");
    assert_refused("/chooser?stranger", "HBR0042");
}

static void test_circle(void **state)
{
    (void)state;
    assert_refused("/chooser?name=chooser", "in a circle, last \"chooser\"");
}

/* What it returns stands: HBR_DECLINED, a status (IHttpHandlerFactory's 404
 * and 414). */
static void test_choice_refused(void **state)
{
    (void)state;
    assert_int_equal(get("/chooser?name=first&result=404")->status, 404);
    assert_int_equal(get("/chooser?name=first&result=414")->status, 414);
    assert_int_equal(get("/chooser?name=first&result=-1")->status, 404);
}

static void test_choose_after_output(void **state)
{
    (void)state;
    assert_refused("/chooser?name=first&write", "HBR0040");
}

static void test_choose_after_the_body(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    r = serve_run(&(hbr_test_request_t){
        .url = "/chooser?declared&body", .method = "POST", .body = "abc" });
    assert_int_equal(r->status, 500);
    assert_non_null(hbr_test_logged(kit, "HBR0040"));
}

/* Nothing of the chooser's is left. */
static void test_chooser_leaves_nothing(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    r = get("/chooser?name=first&set");
    assert_int_equal(r->status, 200);
    assert_string_equal(r->type, "text/plain; charset=utf-8");
    assert_null(hbr_test_header(r, "X-Chooser"));
}

/* ---------------------------------------------------------------- declining */

static int decline(hbr_context_t *ctx)
{
    hbr_status(ctx, 299);
    hbr_header_set(ctx, "X-Declined", "was here");
    if (hbr_query(ctx, "write", NULL) != NULL)
        hbr_puts(ctx, "written");
    if (hbr_query(ctx, "flush", NULL) != NULL)
        hbr_flush(ctx);
    if (hbr_query(ctx, "mistake", NULL) != NULL)
        hbr_header_set(ctx, "X-Broken", "a\nb");
    if (hbr_query(ctx, "body", NULL) != NULL)
        read_body(ctx);
    return HBR_DECLINED;
}

HBR_TEST_HANDLER(declining, .process = decline, .methods = "*");

static int setup_declining(void **state)
{
    return setup(state) != 0 || hbr_test_add(kit, &declining_handler) != NULL;
}

static void test_decline_to_the_next(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    r = serve_run(&(hbr_test_request_t){
        .url = "/declining", .behind = HEADERS("declining", "first") });
    assert_string_equal(r->body, "first");
    assert_int_equal(r->status, 200);
    assert_null(hbr_test_header(r, "X-Declined"));
}

/* The next has a mapping of its own: the first one's methods do not bind it. */
static void test_decline_leaves_the_mapping(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    r = serve_run(&(hbr_test_request_t){ .url = "/declining",
                                         .method = "POST",
                                         .mapped_methods = "POST",
                                         .behind = HEADERS("first") });
    assert_int_equal(r->status, 405);
    assert_string_equal(hbr_test_header(r, "Allow"), "GET, HEAD, OPTIONS");
}

/* A chooser's turn counts as its choice's: what it declines goes on. */
static void test_decline_through_a_chooser(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    r = serve_run(&(hbr_test_request_t){ .url = "/chooser?name=declining",
                                         .behind = HEADERS("first") });
    assert_string_equal(r->body, "first");
    r = serve_run(&(hbr_test_request_t){ .url = "/declining?name=first",
                                         .behind = HEADERS("chooser") });
    assert_string_equal(r->body, "first");
}

static void test_decline_at_the_last(void **state)
{
    (void)state;
    assert_int_equal(get("/declining")->status, 404);
    assert_int_equal(
        serve_run(&(hbr_test_request_t){ .url = "/declining",
                                         .behind = HEADERS("declining") })
            ->status,
        404);
}

static void test_decline_too_late(void **state)
{
    static const char *const urls[] = { "/declining?write", "/declining?body" };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(urls); i++) {
        const hbr_test_response_t *r =
            serve_run(&(hbr_test_request_t){ .url = urls[i],
                                             .method = "POST",
                                             .body = "abc",
                                             .behind = HEADERS("first") });

        assert_int_equal(r->status, 500);
        assert_non_null(hbr_test_logged(kit, "HBR0040: declining: the handler "
                                             "declined after"));
        assert_int_equal(count_lines(r, HBR_LOG_ERROR), 1);
    }
}

/* With nothing but the header: the next one's body would go behind it. */
static void test_decline_after_a_flush(void **state)
{
    const hbr_test_response_t *r = serve_run(&(hbr_test_request_t){
        .url = "/declining?flush", .behind = HEADERS("first") });

    (void)state;
    assert_int_equal(r->status, 299);
    assert_string_equal(r->body, "");
    assert_non_null(hbr_test_logged(kit, "HBR0040"));
}

/* Each mapping's chooser may choose as often as the first's. */
static void test_choices_of_each_mapping(void **state)
{
    const char *behind[] = { "chooser", "chooser", "chooser", "chooser",
                             "chooser", "chooser", "chooser", "chooser",
                             "first",   NULL };

    (void)state;
    assert_string_equal(
        serve_run(&(hbr_test_request_t){ .url = "/chooser?name=declining",
                                         .behind = behind })
            ->body,
        "first");
}

/* Data of a handler that declined may be gone when the next one reads. */
static int tapped;

static int tap(void *data, const char *bytes, apr_size_t length)
{
    (void)data;
    (void)bytes;
    tapped += (int)length;
    return HBR_OK;
}

static int tap_and_decline(hbr_context_t *ctx)
{
    assert_int_equal(hbr_body_tap(ctx, tap, NULL), APR_SUCCESS);
    return HBR_DECLINED;
}

static int read_all(hbr_context_t *ctx)
{
    read_body(ctx);
    return hbr_text(ctx, "read");
}

HBR_TEST_HANDLER(tapping, .process = tap_and_decline, .methods = "POST");
HBR_TEST_HANDLER(reading, .process = read_all, .methods = "POST");

static void test_tap_of_the_last(void **state)
{
    (void)state;
    tapped = 0;
    assert_null(hbr_test_add(kit, &tapping_handler));
    assert_null(hbr_test_add(kit, &reading_handler));
    assert_string_equal(
        serve_run(&(hbr_test_request_t){ .url = "/tapping",
                                         .method = "POST",
                                         .body = "abc",
                                         .behind = HEADERS("reading") })
            ->body,
        "read");
    assert_int_equal(tapped, 0);
}

/* What the log says of one that declined does not explain the next one's. */
static int fail_and_decline(hbr_context_t *ctx)
{
    hbr_header_set(ctx, "no token", "");
    return HBR_DECLINED;
}

static int fail_silently(hbr_context_t *ctx)
{
    return hbr_error(ctx, 500, "no");
}

HBR_TEST_HANDLER(failing, .process = fail_and_decline);
HBR_TEST_HANDLER(silent, .process = fail_silently);

static void test_log_of_the_last(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    assert_null(hbr_test_add(kit, &failing_handler));
    assert_null(hbr_test_add(kit, &silent_handler));
    r = serve_run(&(hbr_test_request_t){ .url = "/failing",
                                         .behind = HEADERS("silent") });
    assert_int_equal(r->status, 500);
    assert_int_equal(hbr_test_logged(kit, "HBR0032: silent: 500")->level,
                     HBR_LOG_ERROR);
}

/* What an earlier view kept stays as it was. */
static const hbr_context_t *kept;

static int keep(hbr_context_t *ctx)
{
    kept = ctx;
    return HBR_DECLINED;
}

static int compare(hbr_context_t *ctx)
{
    assert_ptr_not_equal(kept, ctx);
    assert_ptr_equal(kept->pool, ctx->pool);
    return hbr_text(ctx, "%s then %s", kept->child->handler->stamp.ident,
                    ctx->child->handler->stamp.ident);
}

HBR_TEST_HANDLER(keeping, .process = keep);
HBR_TEST_HANDLER(comparing, .process = compare);

static void test_views_are_fresh(void **state)
{
    (void)state;
    assert_null(hbr_test_add(kit, &keeping_handler));
    assert_null(hbr_test_add(kit, &comparing_handler));
    assert_string_equal(
        serve_run(&(hbr_test_request_t){ .url = "/keeping",
                                         .behind = HEADERS("comparing") })
            ->body,
        "keeping then comparing");
}

/* --------------------------------------------------------- path parameters */

static int say_path(hbr_context_t *ctx)
{
    return hbr_text(ctx, "%s %s %s", hbr_path(ctx, "id", "-"),
                    hbr_path(ctx, "name", "-"), hbr_path(ctx, "ID", "-"));
}

HBR_TEST_HANDLER(path, .process = say_path);

static void test_path(void **state)
{
    (void)state;
    assert_null(hbr_test_add(kit, &path_handler));
    assert_string_equal(get("/path?id=7")->body, "- - -");
    assert_string_equal(
        serve_run(&(hbr_test_request_t){
                      .url = "/path",
                      .path_params = HEADERS("id=42", "name=a=b", "id=43") })
            ->body,
        "42 a=b -");
}

static int say_null(hbr_context_t *ctx)
{
    return hbr_text(ctx, "%d", hbr_path(ctx, "id", NULL) == NULL);
}

static void test_path_without_fallback(void **state)
{
    (void)state;
    assert_string_equal(SERVE(say_null)->body, "1");
}

typedef struct row_t {
    int64_t id;
    const char *path_info;
} row_t;

static const hbr_input_t row_inputs[] = {
    HBR_INT(row_t, id, "id", .from = HBR_FROM_PATH, .min = 1, .max = 99),
    HBR_INPUTS_END
};

static int say_row(hbr_context_t *ctx)
{
    const row_t *in = hbr_inputs(ctx);

    return hbr_text(ctx, "%" APR_INT64_T_FMT " %d", in->id,
                    hbr_input_given(ctx, "id"));
}

HBR_TEST_HANDLER(row, .process = say_row, .inputs = row_inputs);

static const hbr_test_response_t *get_row(const char *param)
{
    return serve_run(
        &(hbr_test_request_t){ .url = "/row", .path_params = HEADERS(param) });
}

static void test_input_from_path(void **state)
{
    (void)state;
    assert_null(hbr_test_add(kit, &row_handler));
    assert_string_equal(get_row("id=42")->body, "42 1");
    assert_int_equal(get_row("id=100")->status, 400);
    assert_int_equal(get_row("id=x")->status, 400);
    assert_string_equal(get_row("other=5")->body, "0 0");
}

/* The inputs of one that declined are not the next one's. */
static int decline_row(hbr_context_t *ctx)
{
    assert_int_equal(((const row_t *)hbr_inputs(ctx))->id, 42);
    return HBR_DECLINED;
}

typedef struct other_t {
    const char *word;
} other_t;

static const hbr_input_t other_inputs[] = {
    HBR_STRING(other_t, word, "word", .fallback = "none"), HBR_INPUTS_END
};

static int say_other(hbr_context_t *ctx)
{
    const other_t *in = hbr_inputs(ctx);

    return hbr_text(ctx, "%s %d", in->word, hbr_input_given(ctx, "word"));
}

HBR_TEST_HANDLER(refuser, .process = decline_row, .inputs = row_inputs);
HBR_TEST_HANDLER(other, .process = say_other, .inputs = other_inputs);

static void test_inputs_of_the_next(void **state)
{
    (void)state;
    assert_null(hbr_test_add(kit, &refuser_handler));
    assert_null(hbr_test_add(kit, &other_handler));
    assert_string_equal(
        serve_run(&(hbr_test_request_t){ .url = "/refuser",
                                         .path_params = HEADERS("id=42"),
                                         .behind = HEADERS("other") })
            ->body,
        "none 0");
}

static int say_no_inputs(hbr_context_t *ctx)
{
    return hbr_text(ctx, "%d", hbr_inputs(ctx) == NULL);
}

HBR_TEST_HANDLER(bare, .process = say_no_inputs);

static void test_no_inputs_of_the_last(void **state)
{
    (void)state;
    assert_null(hbr_test_add(kit, &refuser_handler));
    assert_null(hbr_test_add(kit, &bare_handler));
    assert_string_equal(
        serve_run(&(hbr_test_request_t){ .url = "/refuser",
                                         .path_params = HEADERS("id=42"),
                                         .behind = HEADERS("bare") })
            ->body,
        "1");
}

/* ------------------------------------------------------------------ options */

typedef struct options_t {
    int64_t size;
    const char *title;
} options_t;

static const hbr_input_t options[] = {
    HBR_INT(options_t, size, "size", .min = 1, .max = 9, .fallback = 5),
    HBR_STRING(options_t, title, "title", .fallback = "none"), HBR_INPUTS_END
};

static int say_options(hbr_context_t *ctx)
{
    const options_t *set = ctx->options;

    return hbr_text(ctx, "%" APR_INT64_T_FMT " %s", set->size, set->title);
}

static int say_no_options(hbr_context_t *ctx)
{
    return hbr_text(ctx, "%d", ctx->options == NULL);
}

HBR_TEST_HANDLER(optional, .process = say_options, .options = options);

static void test_options(void **state)
{
    (void)state;
    assert_null(hbr_test_add(kit, &optional_handler));
    assert_string_equal(get("/optional")->body, "5 none");
    assert_string_equal(
        serve_run(
            &(hbr_test_request_t){ .url = "/optional",
                                   .options = HEADERS("size=7", "title=a b") })
            ->body,
        "7 a b");
    assert_string_equal(SERVE(say_no_options)->body, "1");
}

/* A handler that is chosen has its own. */
static void test_options_of_the_chosen(void **state)
{
    (void)state;
    assert_null(hbr_test_add(kit, &optional_handler));
    assert_string_equal(
        serve_run(&(hbr_test_request_t){ .url = "/chooser?name=optional",
                                         .behind = NULL })
            ->body,
        "5 none");
}

/* A body of any length asks the server for them once. */
static const options_t *first_options;

static apr_status_t read_piece(hbr_context_t *ctx, void *data, apr_off_t offset,
                               apr_size_t wanted, const void **bytes,
                               apr_size_t *length)
{
    (void)data;
    (void)offset;
    (void)wanted;
    assert_ptr_equal(ctx->options, first_options);
    *bytes = "x";
    *length = 1;
    return APR_SUCCESS;
}

static int send_pieces(hbr_context_t *ctx)
{
    static const hbr_source_t source = { .read = read_piece, .length = 3 };

    first_options = ctx->options;
    assert_int_equal(first_options->size, 5);
    return hbr_source(ctx, &source, NULL);
}

HBR_TEST_HANDLER(pieces, .process = send_pieces, .options = options);

static void test_options_of_each_piece(void **state)
{
    (void)state;
    assert_null(hbr_test_add(kit, &pieces_handler));
    assert_string_equal(get("/pieces")->body, "xxx");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, serve_teardown)
#define TEST_DECLINING(f)                                                      \
    cmocka_unit_test_setup_teardown(f, setup_declining, serve_teardown)

MAIN(TEST(test_choose_by_name), TEST(test_choose_by_declaration),
     TEST(test_no_choice), TEST(test_circle), TEST(test_choice_refused),
     TEST(test_choose_after_output), TEST(test_choose_after_the_body),
     TEST(test_chooser_leaves_nothing),
     TEST_DECLINING(test_decline_to_the_next),
     TEST_DECLINING(test_decline_leaves_the_mapping),
     TEST_DECLINING(test_decline_through_a_chooser),
     TEST_DECLINING(test_decline_at_the_last),
     TEST_DECLINING(test_decline_too_late),
     TEST_DECLINING(test_decline_after_a_flush),
     TEST_DECLINING(test_choices_of_each_mapping), TEST(test_tap_of_the_last),
     TEST(test_log_of_the_last), TEST(test_views_are_fresh), TEST(test_path),
     TEST(test_path_without_fallback), TEST(test_input_from_path),
     TEST(test_inputs_of_the_next), TEST(test_no_inputs_of_the_last),
     TEST(test_mapped_methods), TEST(test_options),
     TEST(test_options_of_the_chosen), TEST(test_options_of_each_piece))
