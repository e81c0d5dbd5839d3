/*
 * The session: values, what a declaration allows, when it is saved, and what
 * becomes of a response whose session cannot be.
 */
#include "support/main.h"
#include "support/serve.h"

#include "testkit/kit.h"

#include <apr_strings.h>

static process_fn *step;

static int run_step(hbr_context_t *ctx)
{
    return step(ctx);
}

HBR_TEST_HANDLER(writer, .process = run_step, .methods = "*",
                 .session = HBR_SESSION_WRITE);
HBR_TEST_HANDLER(reader, .process = run_step, .methods = "*",
                 .session = HBR_SESSION_READ);
HBR_TEST_HANDLER(neither, .process = run_step, .methods = "*");

static int setup(void **state)
{
    serve_setup(state);
    assert_null(hbr_test_add(kit, &writer_handler));
    assert_null(hbr_test_add(kit, &reader_handler));
    assert_null(hbr_test_add(kit, &neither_handler));
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, serve_teardown)

static const hbr_test_response_t *run(process_fn *process,
                                      hbr_test_request_t request)
{
    step = process;
    if (request.url == NULL)
        request.url = "/writer";
    return serve_run(&request);
}

#define RUN(process, ...) run(process, (hbr_test_request_t){ __VA_ARGS__ })

/* The response is a 500, and a line of this tag and these words says why. */
static void assert_broken(const hbr_test_response_t *r, const char *tag,
                          const char *words)
{
    const hbr_test_line_t *line = hbr_test_logged(kit, tag);

    assert_int_equal(r->status, 500);
    assert_non_null(line);
    assert_int_equal(line->level, HBR_LOG_ERROR);
    assert_non_null(strstr(line->text, words));
}

/* ------------------------------------------------------------------ values */

static int set_all(hbr_context_t *ctx)
{
    assert_int_equal(hbr_session_set(ctx, "name", "Ann"), HBR_OK);
    assert_int_equal(hbr_session_set(ctx, "Name", "Bob"), HBR_OK);
    assert_int_equal(hbr_session_set(ctx, "expiry", "never"), HBR_OK);
    assert_int_equal(hbr_session_set(ctx, "empty", ""), HBR_OK);
    assert_int_equal(hbr_session_set_int(ctx, "least", INT64_MIN), HBR_OK);
    assert_int_equal(hbr_session_set_int(ctx, "most", INT64_MAX), HBR_OK);
    assert_int_equal(hbr_session_set_bool(ctx, "yes", true), HBR_OK);
    assert_int_equal(hbr_session_set_bool(ctx, "no", false), HBR_OK);
    assert_int_equal(hbr_session_set_time(ctx, "when", 1700000000000001),
                     HBR_OK);
    return hbr_text(ctx, "%s", hbr_session(ctx, "name", "none"));
}

static int get_all(hbr_context_t *ctx)
{
    assert_string_equal(hbr_session(ctx, "name", "none"), "Ann");
    assert_string_equal(hbr_session(ctx, "Name", "none"), "Bob");
    assert_string_equal(hbr_session(ctx, "NAME", "none"), "none");
    assert_null(hbr_session(ctx, "NAME", NULL));
    assert_string_equal(hbr_session(ctx, "expiry", "none"), "never");
    assert_string_equal(hbr_session(ctx, "empty", "none"), "");
    assert_true(hbr_session_int(ctx, "least", 7) == INT64_MIN);
    assert_true(hbr_session_int(ctx, "most", 7) == INT64_MAX);
    assert_int_equal(hbr_session_int(ctx, "name", 7), 7);
    assert_int_equal(hbr_session_int(ctx, "nowhere", 7), 7);
    assert_true(hbr_session_bool(ctx, "yes", false));
    assert_false(hbr_session_bool(ctx, "no", true));
    assert_true(hbr_session_bool(ctx, "name", true));
    assert_false(hbr_session_bool(ctx, "name", false));
    assert_true(hbr_session_bool(ctx, "most", true));
    assert_true(hbr_session_time(ctx, "when", 3) == 1700000000000001);
    assert_int_equal(hbr_session_time(ctx, "name", 3), 3);
    assert_false(hbr_session_is_new(ctx));
    return hbr_text(ctx, "x");
}

static void test_values(void **state)
{
    (void)state;
    assert_string_equal(RUN(set_all)->body, "Ann");
    assert_int_equal(hbr_test_session_saves(kit), 1);
    assert_string_equal(RUN(get_all, .url = "/reader")->body, "x");
    assert_string_equal(RUN(get_all)->body, "x");
    assert_int_equal(hbr_test_session_saves(kit), 1);
    assert_string_equal(hbr_test_session(kit, "Name"), "Bob");
}

static int is_new(hbr_context_t *ctx)
{
    return hbr_text(ctx, "%d", hbr_session_is_new(ctx));
}

static void test_is_new(void **state)
{
    (void)state;
    assert_string_equal(RUN(is_new)->body, "1");
    hbr_test_session_set(kit, "a", "1");
    assert_string_equal(RUN(is_new)->body, "0");
    hbr_test_session_set(kit, "a", NULL);
    assert_string_equal(RUN(is_new)->body, "0");
}

static int walk(hbr_context_t *ctx)
{
    const hbr_pair_t *pair = NULL;

    while ((pair = hbr_session_next(ctx, pair)) != NULL) {
        assert_int_equal(pair->name_length, strlen(pair->name));
        assert_int_equal(pair->value_length, strlen(pair->value));
        hbr_printf(ctx, "%s=%s;", pair->name, pair->value);
    }
    return HBR_OK;
}

static void test_walk(void **state)
{
    (void)state;
    assert_string_equal(RUN(walk)->body, "");
    hbr_test_session_set(kit, "hbr-flash-a", "x");
    hbr_test_session_set(kit, "userId", "7");
    hbr_test_session_set(kit, "hbr-flash-b", "x");
    hbr_test_session_set(kit, "b", "");
    hbr_test_session_set(kit, "hbr-flash-c", "x");
    assert_string_equal(RUN(walk, .url = "/reader")->body, "userId=7;b=;");
}

static int change(hbr_context_t *ctx)
{
    assert_int_equal(hbr_session_set(ctx, "a", "2"), HBR_OK);
    assert_int_equal(hbr_session_remove(ctx, "b"), HBR_OK);
    assert_int_equal(hbr_session_remove(ctx, "nowhere"), HBR_OK);
    assert_int_equal(hbr_session_set(ctx, "c", NULL), HBR_OK);
    assert_string_equal(hbr_session(ctx, "a", ""), "2");
    assert_null(hbr_session(ctx, "b", NULL));
    return hbr_text(ctx, "x");
}

static void test_change(void **state)
{
    (void)state;
    hbr_test_session_set(kit, "a", "1");
    hbr_test_session_set(kit, "b", "1");
    hbr_test_session_set(kit, "c", "1");
    hbr_test_session_set(kit, "d", "1");
    RUN(change);
    assert_string_equal(hbr_test_session(kit, "a"), "2");
    assert_string_equal(hbr_test_session(kit, "d"), "1");
    assert_int_equal(hbr_test_session_size(kit), 2);
    assert_int_equal(hbr_test_session_id(kit), 1);
}

static int set_same(hbr_context_t *ctx)
{
    assert_int_equal(hbr_session_set(ctx, "a", "1"), HBR_OK);
    assert_int_equal(hbr_session_remove(ctx, "nowhere"), HBR_OK);
    return hbr_text(ctx, "x");
}

/* Nothing changed is nothing saved. */
static void test_same(void **state)
{
    (void)state;
    hbr_test_session_set(kit, "a", "1");
    RUN(set_same);
    assert_int_equal(hbr_test_session_saves(kit), 0);
}

static int clear(hbr_context_t *ctx)
{
    assert_int_equal(hbr_session_clear(ctx), HBR_OK);
    return hbr_text(ctx, "%s", hbr_session(ctx, "a", "none"));
}

static void test_clear(void **state)
{
    (void)state;
    RUN(clear);
    assert_int_equal(hbr_test_session_saves(kit), 0);
    hbr_test_session_set(kit, "a", "1");
    assert_string_equal(RUN(clear)->body, "none");
    assert_int_equal(hbr_test_session_size(kit), 0);
    assert_int_equal(hbr_test_session_id(kit), 1);
    assert_int_equal(hbr_test_session_saves(kit), 1);
}

/* What others stored in upper case: seen, replaced, and never lost to one of
 * ours that their table takes for the same. */
static int set_lower(hbr_context_t *ctx)
{
    assert_string_equal(hbr_session(ctx, "Site", ""), "x");
    assert_int_equal(hbr_session_set(ctx, "site", "y"), HBR_OK);
    return walk(ctx);
}

static int set_lower_new(hbr_context_t *ctx)
{
    return hbr_session_set(ctx, "site", "y");
}

static apr_table_t *theirs;

static hbr_session_load_e load_theirs(void *request,
                                      hbr_host_session_load_t *loaded)
{
    (void)request;
    loaded->values = theirs;
    return HBR_SESSION_LOADED;
}

static apr_status_t save_theirs(void *request,
                                const hbr_host_session_load_t *loaded,
                                const apr_table_t *values,
                                const hbr_session_change_t *changed)
{
    (void)request;
    (void)loaded;
    assert_true(changed->changed);
    theirs = apr_table_clone(kit->pool, values);
    return APR_SUCCESS;
}

static const hbr_host_session_t theirs_host = { .load = load_theirs,
                                                .save = save_theirs };

static void test_foreign(void **state)
{
    (void)state;
    kit->host.session = &theirs_host;
    theirs = apr_table_make(kit->pool, 4);
    apr_table_setn(theirs, "Site", "x");
    apr_table_setn(theirs, "Kept", "k");
    apr_table_setn(theirs, "pw", "^secret");
    apr_table_setn(theirs, "Expiry", "1");
    assert_string_equal(RUN(set_lower)->body, "site=y;Kept=k;pw=^secret;");
    assert_int_equal(apr_table_elts(theirs)->nelts, 3);
    assert_string_equal(
        APR_ARRAY_IDX(apr_table_elts(theirs), 0, apr_table_entry_t).key,
        "site");
    assert_string_equal(
        APR_ARRAY_IDX(apr_table_elts(theirs), 1, apr_table_entry_t).key,
        "Kept");
    assert_string_equal(apr_table_get(theirs, "pw"), "^secret");
}

/* What the store takes counts as the database's. */
static hbr_session_load_e load_slowly(void *request,
                                      hbr_host_session_load_t *loaded)
{
    hbr_test_clock(kit, kit->clock + 3000);
    return load_theirs(request, loaded);
}

static apr_status_t save_slowly(void *request,
                                const hbr_host_session_load_t *loaded,
                                const apr_table_t *values,
                                const hbr_session_change_t *changed)
{
    hbr_test_clock(kit, kit->clock + 4000);
    return save_theirs(request, loaded, values, changed);
}

static const hbr_host_session_t slow_host = { .load = load_slowly,
                                              .save = save_slowly };

static void test_timing(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    hbr_test_clock(kit, 1700000000000000);
    kit->host.session = &slow_host;
    theirs = apr_table_make(kit->pool, 4);
    r = RUN(set_lower_new, .notes = true);
    assert_string_equal(apr_table_get(r->notes, "hbr-db-us"), "7000");
    assert_string_equal(apr_table_get(r->notes, "hbr-handler-us"), "0");
}

/* ------------------------------------------------------------------- flash */

static int flash_set(hbr_context_t *ctx)
{
    assert_int_equal(hbr_session_flash_set(ctx, "notice", "sent"), HBR_OK);
    assert_null(hbr_session_flash(ctx, "notice"));
    return hbr_redirect(ctx, 303, "/writer");
}

static int flash_get(hbr_context_t *ctx)
{
    const char *flash = hbr_session_flash(ctx, "notice");

    return hbr_text(ctx, "%s", flash != NULL ? flash : "none");
}

static void test_flash(void **state)
{
    (void)state;
    assert_int_equal(RUN(flash_set)->status, 303);
    assert_string_equal(RUN(is_new)->body, "0");
    assert_string_equal(RUN(flash_get)->body, "sent");
    assert_string_equal(RUN(flash_get)->body, "none");
    assert_int_equal(hbr_test_session_size(kit), 0);
    assert_int_equal(hbr_test_session_saves(kit), 2);
    assert_broken(RUN(flash_get, .url = "/reader"), "HBR0350",
                  "hbr_session_flash() needs .session = HBR_SESSION_WRITE");
}

/* ------------------------------------------------------------- id and end */

static int renew(hbr_context_t *ctx)
{
    return hbr_session_renew(ctx);
}

static void test_renew(void **state)
{
    (void)state;
    hbr_test_session_set(kit, "a", "1");
    RUN(renew);
    assert_int_equal(hbr_test_session_id(kit), 2);
    assert_string_equal(hbr_test_session(kit, "a"), "1");
}

static int abandon(hbr_context_t *ctx)
{
    assert_int_equal(hbr_session_set(ctx, "b", "1"), HBR_OK);
    assert_int_equal(hbr_session_abandon(ctx), HBR_OK);
    return hbr_text(ctx, "%s", hbr_session(ctx, "a", "none"));
}

static int abandon_set(hbr_context_t *ctx)
{
    assert_int_equal(hbr_session_abandon(ctx), HBR_OK);
    return hbr_session_set(ctx, "c", "1");
}

static void test_abandon(void **state)
{
    (void)state;
    RUN(abandon);
    assert_int_equal(hbr_test_session_saves(kit), 0);
    hbr_test_session_set(kit, "a", "1");
    assert_string_equal(RUN(abandon)->body, "none");
    assert_int_equal(hbr_test_session_id(kit), 0);
    assert_int_equal(hbr_test_session_size(kit), 0);
    hbr_test_session_set(kit, "a", "1");
    RUN(abandon_set);
    assert_int_equal(hbr_test_session_id(kit), 3);
    assert_int_equal(hbr_test_session_size(kit), 1);
}

/* -------------------------------------------------------------- what fails */

static int set_a(hbr_context_t *ctx)
{
    int rc = hbr_session_set(ctx, "a", "changed");

    return rc != HBR_OK ? rc : hbr_text(ctx, "kept");
}

static int set_a_regardless(hbr_context_t *ctx)
{
    hbr_session_set(ctx, "a", "changed");
    return hbr_text(ctx, "kept");
}

static int get_a(hbr_context_t *ctx)
{
    return hbr_text(ctx, "%s", hbr_session(ctx, "a", "fallback"));
}

static void test_undeclared(void **state)
{
    static process_fn *const writes[] = { set_a, set_a_regardless, renew, clear,
                                          abandon_set };
    apr_size_t i;

    (void)state;
    hbr_test_session_set(kit, "a", "1");
    assert_broken(RUN(get_a, .url = "/neither"), "HBR0350",
                  "neither: hbr_session() needs .session = HBR_SESSION_READ");
    assert_broken(RUN(walk, .url = "/neither"), "HBR0350",
                  "hbr_session_next()");
    assert_broken(RUN(is_new, .url = "/neither"), "HBR0350",
                  "hbr_session_is_new()");
    for (i = 0; i < 2; i++) {
        assert_broken(RUN(writes[i], .url = "/neither"), "HBR0350",
                      "hbr_session_set() needs .session = HBR_SESSION_WRITE");
        assert_broken(RUN(writes[i], .url = "/reader"), "HBR0350",
                      "hbr_session_set() needs .session = HBR_SESSION_WRITE");
    }
    assert_broken(RUN(renew, .url = "/reader"), "HBR0350",
                  "hbr_session_renew()");
    assert_string_equal(RUN(get_a, .url = "/reader")->body, "1");
    assert_int_equal(hbr_test_session_saves(kit), 0);
}

static void test_off(void **state)
{
    (void)state;
    hbr_test_session_fault(kit, HBR_TEST_SESSION_OFF);
    assert_broken(RUN(get_a, .url = "/reader"), "HBR0351",
                  "hbr_session() needs a session, and there is none here: "
                  "Session On is missing");
    assert_broken(RUN(set_a_regardless), "HBR0351", "hbr_session_set()");
    assert_broken(RUN(renew), "HBR0351", "hbr_session_renew()");
}

static void test_away(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    hbr_test_session_fault(kit, HBR_TEST_SESSION_AWAY);
    r = RUN(get_a, .url = "/reader");
    assert_int_equal(r->status, 503);
    assert_string_equal(hbr_test_header(r, "Retry-After"), "5");
    assert_non_null(strstr(r->body, "The session is not available."));
    assert_non_null(hbr_test_logged(kit, "HBR0352"));
    assert_int_equal(RUN(set_a)->status, 503);
    assert_int_equal(RUN(set_a_regardless)->status, 503);
    hbr_test_session_fault(kit, HBR_TEST_SESSION_WELL);
    assert_string_equal(RUN(set_a)->body, "kept");
}

static int promise(hbr_context_t *ctx)
{
    hbr_header_set(ctx, "X-Promise", "kept");
    hbr_etag(ctx, "tag", false);
    hbr_cookie_set(ctx, &(hbr_cookie_t){ .name = "c", .value = "v" });
    hbr_session_set(ctx, "a", "changed");
    return hbr_redirect(ctx, 303, "/welcome");
}

static int write_bytes(hbr_context_t *ctx)
{
    hbr_session_set(ctx, "a", "changed");
    return hbr_bytes(ctx, "secret", 6, NULL);
}

static int write_stream(hbr_context_t *ctx)
{
    hbr_session_set(ctx, "a", "changed");
    hbr_printf(ctx, "secret");
    hbr_flush(ctx);
    hbr_printf(ctx, "more");
    return HBR_OK;
}

static int not_found(hbr_context_t *ctx)
{
    hbr_session_set(ctx, "a", "changed");
    return 404;
}

/* One that does not look at what hbr_flush() returns. */
static int stream_then_miss(hbr_context_t *ctx)
{
    write_stream(ctx);
    return 404;
}

/* Nothing of what the handler said leaves, whatever kind of response it is. */
static void test_no_save(void **state)
{
    static process_fn *const all[] = {
        set_a, promise, write_bytes, write_stream, stream_then_miss, not_found
    };
    static const char *const methods[] = { "GET", "HEAD", "POST" };
    apr_size_t i, m;

    (void)state;
    hbr_test_session_set(kit, "a", "1");
    hbr_test_session_fault(kit, HBR_TEST_SESSION_NO_SAVE);
    for (i = 0; i < COUNT(all); i++)
        for (m = 0; m < COUNT(methods); m++) {
            const hbr_test_response_t *r = RUN(all[i], .method = methods[m]);

            assert_int_equal(r->status, 503);
            assert_true(r->complete && !r->cut);
            assert_null(hbr_test_header(r, "X-Promise"));
            assert_null(hbr_test_header(r, "Location"));
            assert_null(hbr_test_header(r, "ETag"));
            assert_null(hbr_test_header(r, "Set-Cookie"));
            assert_string_equal(hbr_test_header(r, "Retry-After"), "5");
            assert_null(strstr(r->body, "secret"));
            assert_non_null(hbr_test_logged(kit, "HBR0356"));
        }
    assert_string_equal(hbr_test_session(kit, "a"), "1");
}

static void test_no_save_error_document(void **state)
{
    static const int documents[] = { 404, 503, 0 };
    const hbr_test_response_t *r;

    (void)state;
    hbr_test_session_fault(kit, HBR_TEST_SESSION_NO_SAVE);
    r = RUN(not_found, .error_documents = documents);
    assert_int_equal(r->error_document, 503);
}

/* -------------------------------------------------------------------- when */

static void test_saved_for(void **state)
{
    static const int documents[] = { 404, 0 };

    (void)state;
    assert_int_equal(RUN(promise)->status, 303);
    assert_int_equal(hbr_test_session_saves(kit), 1);
    hbr_test_session_set(kit, "a", "1");
    assert_int_equal(RUN(not_found)->status, 404);
    assert_int_equal(hbr_test_session_saves(kit), 2);
    hbr_test_session_set(kit, "a", "1");
    assert_int_equal(
        RUN(not_found, .error_documents = documents)->error_document, 404);
    assert_int_equal(hbr_test_session_saves(kit), 3);
    hbr_test_session_set(kit, "a", "1");
    assert_string_equal(RUN(write_stream)->body, "secretmore");
    assert_int_equal(hbr_test_session_saves(kit), 4);
    hbr_test_session_set(kit, "a", "1");
    RUN(set_a, .method = "HEAD");
    assert_int_equal(hbr_test_session_saves(kit), 5);
}

static int set_then_tag(hbr_context_t *ctx)
{
    hbr_session_set(ctx, "a", "changed");
    hbr_etag(ctx, "t", false);
    return hbr_text(ctx, "body");
}

/* RFC 9110 15.4.5, 13.1: a handler that ran has changed what it changed. */
static void test_saved_for_conditions(void **state)
{
    (void)state;
    assert_int_equal(
        RUN(set_then_tag, .headers = HEADERS("If-None-Match: \"t\""))->status,
        304);
    assert_int_equal(hbr_test_session_saves(kit), 1);
    hbr_test_session_set(kit, "a", "1");
    assert_int_equal(
        RUN(set_then_tag, .headers = HEADERS("If-Match: \"x\""))->status, 412);
    assert_int_equal(hbr_test_session_saves(kit), 2);
}

static int set_then_fail(hbr_context_t *ctx)
{
    hbr_session_set(ctx, "a", "changed");
    return 500;
}

static int set_then_error(hbr_context_t *ctx)
{
    hbr_session_set(ctx, "a", "changed");
    hbr_error(ctx, 503, NULL);
    return HBR_OK;
}

/* A handler that failed has changed nothing. */
static void test_dropped(void **state)
{
    (void)state;
    hbr_test_session_set(kit, "a", "1");
    assert_int_equal(RUN(set_then_fail)->status, 500);
    assert_non_null(hbr_test_logged(kit, "HBR0358"));
    assert_int_equal(RUN(set_then_error)->status, 503);
    assert_non_null(hbr_test_logged(kit, "response is a 503"));
    assert_int_equal(hbr_test_session_saves(kit), 0);
    assert_string_equal(hbr_test_session(kit, "a"), "1");
}

static int stream_then_set(hbr_context_t *ctx)
{
    hbr_session_set(ctx, "a", "early");
    hbr_printf(ctx, "x");
    hbr_flush(ctx);
    return hbr_session_set(ctx, "a", "late");
}

static int stream_then_read(hbr_context_t *ctx)
{
    hbr_printf(ctx, "x");
    hbr_flush(ctx);
    hbr_printf(ctx, "%s", hbr_session(ctx, "a", "none"));
    return HBR_OK;
}

static int stream_then_set_first(hbr_context_t *ctx)
{
    hbr_printf(ctx, "x");
    hbr_flush(ctx);
    hbr_session_set(ctx, "a", "late");
    return HBR_OK;
}

static void test_late(void **state)
{
    const hbr_test_response_t *r = RUN(stream_then_set);
    const hbr_test_line_t *line = hbr_test_logged(kit, "HBR0353");

    (void)state;
    assert_true(r->cut);
    assert_non_null(line);
    assert_non_null(strstr(line->text, "hbr_session_set() comes too late"));
    assert_non_null(strstr(line->text, "done by hbr_flush"));
    assert_string_equal(hbr_test_session(kit, "a"), "early");
    assert_string_equal(RUN(stream_then_read)->body, "xearly");
    r = RUN(stream_then_set_first);
    assert_true(r->cut);
    assert_non_null(hbr_test_logged(kit, "HBR0353"));
    assert_string_equal(hbr_test_session(kit, "a"), "early");
}

static apr_status_t read_source(hbr_context_t *ctx, void *data,
                                apr_off_t offset, apr_size_t wanted,
                                const void **bytes, apr_size_t *length)
{
    (void)data;
    (void)offset;
    (void)wanted;
    hbr_session_set(ctx, "a", "late");
    *bytes = "x";
    *length = 1;
    return APR_SUCCESS;
}

static int source_only(hbr_context_t *ctx)
{
    return hbr_source(ctx, &(hbr_source_t){ .length = 1, .read = read_source },
                      NULL);
}

static int source_then_set(hbr_context_t *ctx)
{
    hbr_session_set(ctx, "a", "early");
    return hbr_source(ctx, &(hbr_source_t){ .length = 1, .read = read_source },
                      NULL);
}

/* A source's first piece is read before the head, but after the save. */
static void test_late_source(void **state)
{
    (void)state;
    RUN(source_then_set);
    assert_non_null(hbr_test_logged(kit, "HBR0353"));
    assert_string_equal(hbr_test_session(kit, "a"), "early");
    RUN(source_only);
    assert_non_null(hbr_test_logged(kit, "HBR0353"));
    assert_string_equal(hbr_test_session(kit, "a"), "early");
}

static int set_in_subrequest(hbr_context_t *ctx)
{
    hbr_printf(ctx, "%s", hbr_session(ctx, "a", "none"));
    return hbr_session_set(ctx, "a", "changed");
}

static void test_subrequest(void **state)
{
    (void)state;
    hbr_test_session_set(kit, "a", "1");
    assert_string_equal(RUN(get_a, .subrequest = true)->body, "1");
    assert_broken(RUN(set_in_subrequest, .subrequest = true), "HBR0357",
                  "hbr_session_set() in a subrequest");
    assert_string_equal(hbr_test_session(kit, "a"), "1");
}

/* Two writers of one session: the later one's whole session stays. */
static int other_writer(hbr_context_t *ctx)
{
    hbr_session_set(ctx, "b", "other");
    return hbr_text(ctx, "x");
}

static int meanwhile(hbr_context_t *ctx)
{
    hbr_session_set(ctx, "a", "mine");
    step = other_writer;
    hbr_test_get(kit, "/writer");
    assert_string_equal(hbr_test_session(kit, "b"), "other");
    return hbr_text(ctx, "x");
}

static void test_two_writers(void **state)
{
    (void)state;
    RUN(meanwhile);
    assert_string_equal(hbr_test_session(kit, "a"), "mine");
    assert_null(hbr_test_session(kit, "b"));
    assert_int_equal(hbr_test_session_saves(kit), 2);
}

/* ------------------------------------------------------ names, text, limit */

static const char *given_name, *given_value;

static int set_given(hbr_context_t *ctx)
{
    hbr_session_set(ctx, given_name, given_value);
    return hbr_text(ctx, "x");
}

static int get_given(hbr_context_t *ctx)
{
    return hbr_text(ctx, "%s", hbr_session(ctx, given_name, "fallback"));
}

static void test_refused(void **state)
{
    char long_name[130];
    const struct {
        const char *name, *value, *words;
    } rows[] = {
        { "", "x", "1 to 128 bytes" },
        { long_name, "x", "1 to 128 bytes" },
        { "a\n", "x", "control" },
        { "a\x7f", "x", "control" },
        { "\xff", "x", "the name is not UTF-8" },
        { "hbr-x", "x", "names that begin with \"hbr-\"" },
        { "a", "\xff", "the value is not UTF-8" },
    };
    apr_size_t i;

    (void)state;
    memset(long_name, 'n', sizeof(long_name));
    long_name[129] = '\0';
    for (i = 0; i < COUNT(rows); i++) {
        given_name = rows[i].name;
        given_value = rows[i].value;
        assert_broken(RUN(set_given), "HBR0354", rows[i].words);
        if (i + 1 < COUNT(rows))
            assert_broken(RUN(get_given), "HBR0354", rows[i].words);
    }
    long_name[128] = '\0';
    given_name = long_name;
    given_value = "x\n\xc3\xa4";
    assert_int_equal(RUN(set_given)->status, 200);
    assert_string_equal(RUN(get_given)->body, given_value);
}

/* Counted as mod_session encodes it, its own pair included. */
static void test_limit(void **state)
{
    const hbr_test_limits_t limits = { .session = 24 + 4 };

    (void)state;
    given_name = "a";
    given_value = "1";
    assert_int_equal(RUN(set_given, .limits = limits)->status, 200);
    given_value = "2";
    assert_int_equal(RUN(set_given, .limits = limits)->status, 200);
    given_value = "22";
    assert_broken(RUN(set_given, .limits = limits), "HBR0355",
                  "hbr_session_set() would make the session 29 bytes long, "
                  "more than BridgeLimitSession (28)");
    given_value = "/";
    assert_broken(RUN(set_given, .limits = limits), "HBR0355", "30 bytes");
    given_name = "b";
    given_value = "1";
    assert_broken(RUN(set_given, .limits = limits), "HBR0355", "32 bytes");
    assert_string_equal(hbr_test_session(kit, "a"), "2");
    /* One that is too long, since the limit was lowered, may shrink. */
    hbr_test_session_set(kit, "a", "a long one");
    given_name = "a";
    given_value = "longer";
    assert_int_equal(RUN(set_given, .limits = limits)->status, 200);
}

static int fill_and_empty(hbr_context_t *ctx)
{
    int i;

    for (i = 0; i < 100; i++) {
        assert_int_equal(hbr_session_set(ctx, "a", i % 2 ? "1" : "22"), HBR_OK);
        assert_int_equal(hbr_session_set(ctx, "b", "3"), HBR_OK);
        assert_int_equal(hbr_session_remove(ctx, "a"), HBR_OK);
        if (i % 3 == 0)
            assert_int_equal(hbr_session_clear(ctx), HBR_OK);
        if (i % 5 == 0)
            assert_int_equal(hbr_session_abandon(ctx), HBR_OK);
    }
    return hbr_text(ctx, "x");
}

/* What went away does not count. */
static void test_limit_again(void **state)
{
    (void)state;
    assert_int_equal(
        RUN(fill_and_empty, .limits = { .session = 24 + 4 + 5 })->status, 200);
}

static void test_limit_default(void **state)
{
    char value[2800];

    (void)state;
    memset(value, 'v', sizeof(value));
    value[2800 - 24 - 3] = '\0';
    given_name = "a";
    given_value = value;
    assert_int_equal(RUN(set_given)->status, 200);
    value[2800 - 24 - 3] = 'v';
    value[2800 - 24 - 2] = '\0';
    assert_broken(RUN(set_given), "HBR0355", "BridgeLimitSession (2800)");
}

/* ----------------------------------------------------------- Cache-Control */

static const char *cache_control;

static int read_and_say(hbr_context_t *ctx)
{
    if (cache_control != NULL)
        hbr_header_set(ctx, "Cache-Control", cache_control);
    return get_a(ctx);
}

static int say_only(hbr_context_t *ctx)
{
    return hbr_text(ctx, "x");
}

/* RFC 9111 5.2.2.7 */
static void test_private(void **state)
{
    static const struct {
        const char *said, *sent;
    } rows[] = {
        { NULL, "no-cache, private" },
        { "max-age=60", "max-age=60, private" },
        { "Private, max-age=60", "Private, max-age=60" },
        { "public", "public" },
        { "no-store", "no-store" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        cache_control = rows[i].said;
        assert_string_equal(hbr_test_header(RUN(read_and_say, .url = "/reader"),
                                            "Cache-Control"),
                            rows[i].sent);
    }
    cache_control = NULL;
    assert_string_equal(
        hbr_test_header(
            RUN(read_and_say,
                .fields = HEADERS("Cache-Control: no-cache, private")),
            "Cache-Control"),
        "no-cache, private");
    assert_string_equal(hbr_test_header(RUN(not_found), "Cache-Control"),
                        "no-cache, private");
    assert_string_equal(hbr_test_header(RUN(write_stream), "Cache-Control"),
                        "no-cache, private");
    assert_null(hbr_test_header(RUN(say_only), "Cache-Control"));
    assert_null(hbr_test_header(RUN(read_and_say, .url = "/reader"), "Vary"));
}

MAIN(TEST(test_values), TEST(test_is_new), TEST(test_walk), TEST(test_change),
     TEST(test_same), TEST(test_clear), TEST(test_foreign), TEST(test_timing),
     TEST(test_flash), TEST(test_renew), TEST(test_abandon),
     TEST(test_undeclared), TEST(test_off), TEST(test_away), TEST(test_no_save),
     TEST(test_no_save_error_document), TEST(test_saved_for),
     TEST(test_saved_for_conditions), TEST(test_dropped), TEST(test_late),
     TEST(test_late_source), TEST(test_subrequest), TEST(test_two_writers),
     TEST(test_refused), TEST(test_limit), TEST(test_limit_again),
     TEST(test_limit_default), TEST(test_private))
