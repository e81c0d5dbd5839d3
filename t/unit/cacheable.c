/*
 * What responses say to caches (RFC 9111; RFC 9110 12.5.5): for how long, to
 * whom, and by which of the request's fields they vary.
 */
#include "support/main.h"
#include "support/serve.h"

#include <stdlib.h>

#include <apr_strings.h>

#include "../../testkit/kit.h"

/* "status=404", and header fields, as the query says. */
static int answer(hbr_context_t *ctx)
{
    const hbr_pair_t *field = NULL;
    const char *cookie = hbr_query(ctx, "ask", NULL);

    while ((field = hbr_query_next(ctx, "vary", field)) != NULL)
        hbr_header_add(ctx, "Vary", field->value);
    if (hbr_query(ctx, "control", NULL) != NULL)
        hbr_header_set(ctx, "Cache-Control", hbr_query(ctx, "control", ""));
    if (hbr_query(ctx, "expires", NULL) != NULL)
        hbr_header_set(ctx, "Expires", hbr_query(ctx, "expires", ""));
    if (hbr_query(ctx, "set", NULL) != NULL)
        hbr_cookie_set(ctx, &(hbr_cookie_t){ .name = "a", .value = "b" });
    if (cookie != NULL)
        hbr_cookie(ctx, cookie, NULL);
    if (hbr_query(ctx, "certificate", NULL) != NULL)
        hbr_client_certificate(ctx);
    if (hbr_query(ctx, "tag", NULL) != NULL)
        hbr_etag(ctx, "x", false);
    if (hbr_query(ctx, "status", "")[0] == '-' && ctx->child->handler->vary)
        return HBR_DECLINED;
    hbr_puts(ctx, "0123456789");
    if (hbr_query(ctx, "clear", NULL) != NULL)
        hbr_clear(ctx);
    if (hbr_query(ctx, "flush", NULL) != NULL)
        hbr_flush(ctx);
    return abs(atoi(hbr_query(ctx, "status", "0"))) > 1
               ? atoi(hbr_query(ctx, "status", "0"))
               : HBR_OK;
}

HBR_TEST_HANDLER(kept, .process = answer, .cache_for = 60, .methods = "*");
HBR_TEST_HANDLER(varied, .process = answer, .cache_for = 60,
                 .vary = "Accept-Language, X-Size,\tCookie");
HBR_TEST_HANDLER(vary, .process = answer, .vary = "Accept-Language");
HBR_TEST_HANDLER(star, .process = answer, .vary = "*");
HBR_TEST_HANDLER(silent, .process = answer);
HBR_TEST_HANDLER(year, .process = answer, .cache_for = 31536000);
HBR_TEST_HANDLER(visited, .process = answer, .cache_for = 60,
                 .session = HBR_SESSION_READ);

static int choose(hbr_context_t *ctx, hbr_choice_t *choice)
{
    choice->name = hbr_query(ctx, "of", "kept");
    return HBR_OK;
}

HBR_TEST_HANDLER(factory, .choose = choose, .vary = "X-Which", .methods = "*");

static int setup(void **state)
{
    static const hbr_handler_t *const all[] = {
        &kept_handler, &varied_handler,  &vary_handler,   &star_handler,
        &year_handler, &visited_handler, &silent_handler, &factory_handler
    };
    int rv = serve_setup(state);
    apr_size_t i;

    for (i = 0; rv == 0 && i < COUNT(all); i++)
        rv = hbr_test_add(kit, all[i]) != NULL;
    return rv;
}

static const hbr_test_response_t *last;

static const char *field(const char *name, const hbr_test_request_t *request)
{
    const char *value;

    last = serve_run(request);
    value = hbr_test_header(last, name);
    return value != NULL ? value : "-";
}

#define CONTROL(...)                                                           \
    field("Cache-Control", &(hbr_test_request_t){ __VA_ARGS__ })
#define VARY(...) field("Vary", &(hbr_test_request_t){ __VA_ARGS__ })

static void test_max_age(void **state)
{
    (void)state;
    assert_string_equal(CONTROL(.url = "/kept"), "max-age=60");
    assert_string_equal(CONTROL(.url = "/kept", .method = "HEAD"),
                        "max-age=60");
    assert_string_equal(CONTROL(.url = "/kept?flush"), "max-age=60");
    assert_string_equal(CONTROL(.url = "/kept?status=200"), "max-age=60");
    assert_string_equal(CONTROL(.url = "/year"), "max-age=31536000");
    assert_string_equal(CONTROL(.url = "/silent"), "-");
    assert_string_equal(CONTROL(.url = "/vary"), "-");
    assert_null(hbr_test_header(last, "Expires"));
}

/* 304 and 206 say what 200 would (RFC 9110 15.4.5, 15.3.7). */
static void test_made_of_200(void **state)
{
    (void)state;
    assert_string_equal(CONTROL(.url = "/varied?tag",
                                .headers = HEADERS("If-None-Match: \"x\"")),
                        "max-age=60");
    assert_int_equal(last->status, 304);
    assert_string_equal(hbr_test_header(last, "Vary"),
                        "Accept-Language, X-Size, Cookie");
    assert_string_equal(
        CONTROL(.url = "/varied?tag", .headers = HEADERS("Range: bytes=0-1")),
        "max-age=60");
    assert_int_equal(last->status, 206);
    assert_string_equal(CONTROL(.url = "/kept?status=304"), "max-age=60");
}

static void test_others_are_not_kept(void **state)
{
    static const char *const statuses[] = { "201", "204", "301",
                                            "404", "410", "500" };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(statuses); i++)
        assert_string_equal(
            CONTROL(.url = apr_pstrcat(kit->pool, "/kept?status=", statuses[i],
                                       NULL)),
            "-");
    assert_string_equal(CONTROL(.url = "/kept", .method = "POST"), "-");
    assert_string_equal(CONTROL(.url = "/kept", .method = "OPTIONS"), "-");
    assert_string_equal(CONTROL(.url = "/kept", .fragment = true), "-");
    assert_string_equal(CONTROL(.url = "/kept?%00"), "-");
    assert_int_equal(last->status, 400);
}

static void test_its_own_word(void **state)
{
    (void)state;
    assert_string_equal(CONTROL(.url = "/kept?control=no-store"), "no-store");
    assert_string_equal(CONTROL(.url = "/kept?expires=0"), "-");
    assert_string_equal(
        CONTROL(.url = "/kept", .fields = HEADERS("Cache-Control: no-cache")),
        "no-cache");
}

static void test_private(void **state)
{
    static const char ones[] = "private, max-age=60";

    (void)state;
    assert_string_equal(CONTROL(.url = "/kept", .user = "ada"), ones);
    assert_string_equal(
        CONTROL(.url = "/kept", .headers = HEADERS("Authorization: Bearer x")),
        ones);
    assert_string_equal(CONTROL(.url = "/kept?set"), ones);
    assert_string_equal(CONTROL(.url = "/visited"), ones);
    assert_string_equal(CONTROL(.url = "/kept?certificate"), ones);
    assert_string_equal(CONTROL(.url = "/kept?ask=a"), ones);
    assert_string_equal(CONTROL(.url = "/kept?ask=a&vary=cookie"),
                        "max-age=60");
    assert_string_equal(CONTROL(.url = "/varied?ask=a"), "max-age=60");
    assert_string_equal(
        CONTROL(.url = "/kept", .headers = HEADERS("Cookie: a=b")),
        "max-age=60");
}

static void test_vary(void **state)
{
    (void)state;
    assert_string_equal(VARY(.url = "/vary"), "Accept-Language");
    assert_string_equal(VARY(.url = "/varied"),
                        "Accept-Language, X-Size, Cookie");
    assert_string_equal(VARY(.url = "/varied?vary=accept-language"),
                        "accept-language, X-Size, Cookie");
    assert_string_equal(VARY(.url = "/varied?vary=X-Size,Accept"),
                        "X-Size,Accept, Accept-Language, Cookie");
    assert_string_equal(VARY(.url = "/varied?vary=*"), "*");
    assert_string_equal(VARY(.url = "/star"), "*");
    assert_string_equal(VARY(.url = "/silent"), "-");
    assert_string_equal(VARY(.url = "/vary?flush"), "Accept-Language");
    assert_string_equal(VARY(.url = "/vary?status=404"),
                        "Accept, Accept-Language");
}

/* A name in the second of several lines stands there, too. */
static void test_vary_lines(void **state)
{
    (void)state;
    assert_string_equal(VARY(.url = "/vary?vary=Accept&vary=Accept-Language"),
                        "Accept");
    assert_string_equal(VARY(.url = "/vary?vary=Accept&vary=*"), "Accept");
}

/* What a factory looks at, and then what the chosen one says. */
static void test_factory(void **state)
{
    (void)state;
    assert_string_equal(VARY(.url = "/factory?of=vary"),
                        "X-Which, Accept-Language");
    assert_string_equal(CONTROL(.url = "/factory?of=kept"), "max-age=60");
    assert_string_equal(VARY(.url = "/factory?of=silent"), "X-Which");
    assert_string_equal(VARY(.url = "/factory?of=silent&clear"), "X-Which");
    assert_string_equal(
        VARY(.url = "/vary?status=-1", .behind = HEADERS("silent")),
        "Accept-Language");
}

static const char *refused(int cache_for, const char *vary)
{
    hbr_handler_t *handler = apr_pcalloc(kit->pool, sizeof(*handler));

    *handler = (hbr_handler_t){ .stamp = HBR_TEST_STAMP(bad),
                                .process = answer,
                                .cache_for = cache_for,
                                .vary = vary };
    return hbr_test_add(kit, handler);
}

static void test_refused(void **state)
{
    static const hbr_handler_t chooser = { .stamp = HBR_TEST_STAMP(chooser),
                                           .choose = choose,
                                           .cache_for = 1 };

    (void)state;
    assert_non_null(strstr(refused(-1, NULL),
                           "handler \"bad\": .cache_for is -1: it takes "
                           "seconds, from 0 to 31536000, a year"));
    assert_non_null(strstr(refused(31536001, NULL), ".cache_for is 31536001"));
    assert_non_null(strstr(refused(0, "Accept Lan:guage"),
                           ".vary: \"Lan:guage\" is no field's name"));
    assert_non_null(strstr(refused(1, ""), ".vary names no field"));
    assert_non_null(strstr(refused(1, " ,"), ".vary names no field"));
    assert_non_null(strstr(hbr_test_add(kit, &chooser),
                           "with .choose there is no .cache_for"));
    assert_null(refused(0, "Accept"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, serve_teardown)

MAIN(TEST(test_max_age), TEST(test_made_of_200), TEST(test_others_are_not_kept),
     TEST(test_its_own_word), TEST(test_private), TEST(test_vary),
     TEST(test_vary_lines), TEST(test_factory), TEST(test_refused))
