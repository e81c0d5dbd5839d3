/*
 * Declared inputs from query, form, path, header and cookies
 * (include/handlerbridge/input.h). What single values are taken is
 * t/unit/input_value.c's.
 */
#include <stdio.h>

#include "support/main.h"
#include "support/post.h"

#include "../../bridge/input.h"

typedef struct from_t {
    const char *text;
    hbr_strings_t tags;
    int64_t size;
    double ratio;
    bool deep;
    int format;
    apr_time_t day;
} from_t;

static const char *const formats[] = { "png", "jpeg", NULL };

#define ALL_FROM(place)                                                        \
    HBR_STRING(from_t, text, "text", .from = (place), .fallback = "none",      \
               .max = 5),                                                      \
        HBR_INT(from_t, size, "size", .from = (place), .fallback = 7),         \
        HBR_DOUBLE(from_t, ratio, "ratio", .from = (place), .fallback = 1.5),  \
        HBR_BOOL(from_t, deep, "deep", .from = (place)),                       \
        HBR_ENUM(from_t, format, "format", .from = (place), .values = formats, \
                 .fallback = -1),                                              \
        HBR_DATE(from_t, day, "day", .from = (place))

static int runs; /* of the handlers */

static int show(hbr_context_t *ctx)
{
    const from_t *in = hbr_inputs(ctx);
    apr_size_t i;

    runs++;
    hbr_printf(ctx, "%s %d %g %d %d %d", in->text ? in->text : "NULL",
               (int)in->size, in->ratio, in->deep, in->format,
               (int)(in->day / APR_USEC_PER_SEC));
    for (i = 0; i < in->tags.count; i++)
        hbr_printf(ctx, " %s", in->tags.values[i]);
    return HBR_OK;
}

static const hbr_input_t query_inputs[] = {
    ALL_FROM(HBR_FROM_QUERY), HBR_STRINGS(from_t, tags, "tag", .most = 2),
    HBR_INPUTS_END
};
static const hbr_input_t form_inputs[] = {
    ALL_FROM(HBR_FROM_FORM),
    HBR_STRINGS(from_t, tags, "tag", .from = HBR_FROM_FORM, .most = 2),
    HBR_INPUTS_END
};
static const hbr_input_t header_inputs[] = { ALL_FROM(HBR_FROM_HEADER),
                                             HBR_INPUTS_END };
static const hbr_input_t cookie_inputs[] = {
    ALL_FROM(HBR_FROM_COOKIE),
    HBR_STRINGS(from_t, tags, "tag", .from = HBR_FROM_COOKIE, .most = 2),
    HBR_INPUTS_END
};
static const hbr_input_t text_path[] = {
    HBR_STRING(from_t, text, "what", .from = HBR_FROM_PATH, .fallback = "none"),
    HBR_INPUTS_END
};
static const hbr_input_t size_path[] = {
    HBR_INT(from_t, size, "size", .from = HBR_FROM_PATH, .required = true),
    HBR_INPUTS_END
};
static const hbr_input_t mixed_inputs[] = {
    HBR_STRING(from_t, text, "text", .from = HBR_FROM_FORM, .required = true),
    HBR_INT(from_t, size, "X-Size", .from = HBR_FROM_HEADER, .max = 9),
    HBR_BOOL(from_t, deep, "deep"),
    HBR_ENUM(from_t, format, "format", .from = HBR_FROM_COOKIE,
             .values = formats),
    HBR_DOUBLE(from_t, ratio, "ratio", .from = HBR_FROM_PATH),
    HBR_INPUTS_END
};

HBR_TEST_HANDLER(query, .process = show, .methods = "*",
                 .inputs = query_inputs);
HBR_TEST_HANDLER(form, .process = show, .methods = "*", .inputs = form_inputs);
HBR_TEST_HANDLER(header, .process = show, .methods = "*",
                 .inputs = header_inputs);
HBR_TEST_HANDLER(cookie, .process = show, .methods = "*",
                 .inputs = cookie_inputs);
HBR_TEST_HANDLER(textpath, .process = show, .methods = "*",
                 .inputs = text_path);
HBR_TEST_HANDLER(sizepath, .process = show, .methods = "*",
                 .inputs = size_path);
HBR_TEST_HANDLER(mixed, .process = show, .methods = "*",
                 .inputs = mixed_inputs);

static int setup(void **state)
{
    static const hbr_handler_t *const all[] = {
        &query_handler,    &form_handler,     &header_handler, &cookie_handler,
        &textpath_handler, &sizepath_handler, &mixed_handler
    };
    apr_size_t i;
    int failed = serve_setup(state);

    for (i = 0; i < COUNT(all); i++) {
        const char *wrong = hbr_test_add(kit, all[i]);

        if (wrong != NULL)
            print_error("%s\n", wrong);
        failed |= wrong != NULL;
    }
    return failed;
}

static const hbr_test_response_t *run(const hbr_test_request_t *request,
                                      int status, const char *words)
{
    const hbr_test_response_t *r = serve_run(request);

    if (r->status != status
        || (status == 200 ? strcmp(r->body, words) != 0
                          : strstr(r->body, words) == NULL))
        fail_msg("%s: %d %s", request->url, r->status, r->body);
    return r;
}

#define RUN(status, words, ...)                                                \
    run(&(hbr_test_request_t){ __VA_ARGS__ }, status, words)

#define NONE "none 7 1.5 0 -1 0"
#define ALL "x 1 2 1 1 86400"

/* Every type from every place, given and not given. */
static void test_every_type(void **state)
{
    static const char fields[] =
        "text=x&size=1&ratio=2&deep=on&format=jpeg&day=1970-01-02&tag=a&tag=b";

    (void)state;
    RUN(200, ALL " a b",
        .url = "/query?text=x&size=1&ratio=2&deep=on&format=jpeg&day=1970-01-02"
               "&tag=a&tag=b");
    RUN(200, ALL " a b", .url = "/form", .method = "POST", .body = fields,
        .headers = URLENCODED);
    RUN(200, ALL, .url = "/header",
        .headers = HEADERS("TEXT: x", "Size: 1", "ratio: 2", "deep: on",
                           "format: jpeg", "Day: 1970-01-02"));
    RUN(200, ALL " a b", .url = "/cookie",
        .headers = HEADERS("Cookie: text=x; size=1; ratio=2; deep=on; "
                           "format=jpeg; day=1970-01-02; tag=a; tag=b"));
    RUN(200, NONE, .url = "/query", .method = "POST", .body = fields,
        .headers = URLENCODED);
    RUN(200, NONE, .url = "/form?text=x&size=1&tag=a");
    RUN(200, NONE, .url = "/header?text=x&size=1",
        .headers = HEADERS("Cookie: text=x"));
    RUN(200, NONE, .url = "/cookie?text=x&size=1",
        .headers = HEADERS("text: x"));
}

/* The sentences are the same, wherever a value comes from. */
static void test_refused(void **state)
{
    (void)state;
    RUN(400, "Input \"size\" must be a whole number", .url = "/query?size=x");
    RUN(400, "Input \"size\" must be a whole number", .url = "/form",
        .method = "POST", .body = "size=x", .headers = URLENCODED);
    RUN(400, "Input \"size\" must be a whole number", .url = "/form",
        .method = "POST", .body = PART("name=\"size\"", "x") END,
        .headers = MULTIPART);
    RUN(400, "Input \"size\" must be a whole number", .url = "/header",
        .headers = HEADERS("Size: x"));
    RUN(400, "Input \"size\" must be a whole number", .url = "/cookie",
        .headers = HEADERS("Cookie: size=x"));
    RUN(400, "Input \"text\" is not valid UTF-8.", .url = "/header",
        .headers = HEADERS("Text: \xE4"));
    RUN(400, "Input \"text\" is not valid UTF-8.", .url = "/cookie",
        .headers = HEADERS("Cookie: text=\xFF"));
    RUN(400, "Input \"text\" must not be longer than 5 characters.",
        .url = "/form", .method = "POST", .body = "text=123456",
        .headers = URLENCODED);
    RUN(400, "Input \"tag\" must not be given more than 2 times.",
        .url = "/cookie", .headers = HEADERS("Cookie: tag=1; tag=2; tag=3"));
    RUN(400, "Input \"tag\" must not be given more than 2 times.",
        .url = "/form", .method = "POST", .body = "tag=1&tag=2&tag=3",
        .headers = URLENCODED);
}

/* The path without its first slash; an empty one is none. */
static void test_path(void **state)
{
    static const struct {
        const char *path, *text;
    } rows[] = {
        { "", "none" },    { "/", "none" },           { "/a", "a" },
        { "//a", "/a" },   { "/a/b", "a/b" },         { "/a/", "a/" },
        { "/%61+", "a+" }, { "/%C3%A4", "\xC3\xA4" }, { "//", "/" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        char url[40], wanted[40];

        snprintf(url, sizeof(url), "/textpath%s?what=q", rows[i].path);
        snprintf(wanted, sizeof(wanted), "%s 0 0 0 0 0", rows[i].text);
        RUN(200, wanted, .url = url);
    }
    RUN(400, "Input \"what\" is not valid UTF-8.", .url = "/textpath/%FF");
    RUN(200, "NULL 12 0 0 0 0", .url = "/sizepath/12");
    RUN(400, "Input \"size\" must be a whole number", .url = "/sizepath/12/");
    RUN(400, "Input \"size\" is required.", .url = "/sizepath/");
    RUN(400, "Input \"size\" is required.", .url = "/sizepath?size=1");
}

/* A repeated header field is one value (RFC 9110 5.3); an empty one counts as
 * given for text only. */
static void test_header_edges(void **state)
{
    (void)state;
    RUN(200, "a, b 7 1.5 0 -1 0", .url = "/header",
        .headers = HEADERS("Text: a", "text: b"));
    RUN(200, " 7 1.5 0 -1 0", .url = "/header",
        .headers = HEADERS("Text:", "Size:"));
}

/* The first of a repeated name counts. */
static void test_repeated(void **state)
{
    (void)state;
    RUN(200, "a 7 1.5 0 -1 0", .url = "/form", .method = "POST",
        .body = "text=a&text=b", .headers = URLENCODED);
    RUN(200, "a 7 1.5 0 -1 0", .url = "/cookie",
        .headers = HEADERS("Cookie: text=a; text=b"));
}

/* A form that cannot be read is the answer; process does not run, and the body
 * of a handler whose inputs are no form's is not read. */
static void test_bad_form(void **state)
{
    (void)state;
    runs = 0;
    RUN(413, "(BridgeLimitParams)", .url = "/mixed", .method = "POST",
        .body = "b=2&text=1", .headers = URLENCODED, .params = 1);
    RUN(413, "(BridgeLimitParams)", .url = "/form", .method = "POST",
        .body = "text=1&b=2", .headers = URLENCODED, .params = 1);
    RUN(400, "NUL byte", .url = "/form", .method = "POST", .body = "a=%00",
        .headers = URLENCODED);
    RUN(400, "ended too early", .url = "/form", .method = "POST",
        .body = "text=1", .headers = URLENCODED, .body_end = HBR_TEST_BODY_CUT);
    assert_true(
        serve_run(&(hbr_test_request_t){ .url = "/form",
                                         .method = "POST",
                                         .body = "text=1",
                                         .headers = URLENCODED,
                                         .body_end = HBR_TEST_BODY_ANSWERED })
            ->answered);
    assert_int_equal(runs, 0);
    RUN(200, NONE, .url = "/query", .method = "POST", .body = "text=1",
        .headers = URLENCODED, .body_end = HBR_TEST_BODY_CUT);
    RUN(200, NONE, .url = "/form", .method = "POST", .body = "text=1",
        .headers = HEADERS("Content-Type: text/plain"),
        .body_end = HBR_TEST_BODY_CUT);
}

static void test_mixed(void **state)
{
    const char *const *headers =
        HEADERS("Content-Type: application/x-www-form-urlencoded", "X-SIZE: 9",
                "Cookie: format=jpeg");

    (void)state;
    RUN(200, "t 9 0.5 1 1 0", .url = "/mixed/.5?deep=1&text=q",
        .method = "POST", .body = "text=t&deep=0&X-Size=1", .headers = headers);
    RUN(400, "Input \"text\" is required.", .url = "/mixed/.5?text=q",
        .method = "POST", .body = "", .headers = headers);
    RUN(400, "Input \"text\" is required.", .url = "/mixed", .method = "POST",
        .body = "text=", .headers = URLENCODED);
    RUN(400, "Input \"X-Size\" must be a whole number from 0 to 9.",
        .url = "/mixed", .method = "POST", .body = "text=t",
        .headers = HEADERS("Content-Type: application/x-www-form-urlencoded",
                           "X-Size: 10"));
}

static int given(hbr_context_t *ctx)
{
    const from_t *in = hbr_inputs(ctx);

    return hbr_text(ctx, "%s%d%d", in->text, hbr_input_given(ctx, "text"),
                    hbr_input_given(ctx, "deep"));
}

HBR_TEST_HANDLER(giver, .process = given, .methods = "*",
                 .inputs = mixed_inputs);

static void test_given(void **state)
{
    (void)state;
    assert_null(hbr_test_add(kit, &giver_handler));
    RUN(200, "t10", .url = "/giver", .method = "POST", .body = "text=t",
        .headers = URLENCODED);
}

/* What cannot be is told at start. */
static void test_declarations(void **state)
{
    static const struct {
        hbr_input_t input;
        const char *why; /* NULL: taken */
    } rows[] = {
        { HBR_INT(from_t, size, "x", .from = HBR_FROM_COOKIE), NULL },
        { HBR_INT(from_t, size, "x y", .from = HBR_FROM_COOKIE), NULL },
        { HBR_INT(from_t, size, "x y", .from = HBR_FROM_FORM), NULL },
        { HBR_INT(from_t, size, "x y", .from = HBR_FROM_PATH), NULL },
        { HBR_INT(from_t, size, "X-Y", .from = HBR_FROM_HEADER), NULL },
        { HBR_INT(from_t, size, "x y", .from = HBR_FROM_HEADER),
          "input \"x y\": its name is no header field's" },
        { HBR_STRING(from_t, text, "x:", .from = HBR_FROM_HEADER),
          "input \"x:\": its name is no header field's" },
        { HBR_STRINGS(from_t, tags, "x", .from = HBR_FROM_FORM), NULL },
        { HBR_STRINGS(from_t, tags, "x", .from = HBR_FROM_COOKIE), NULL },
        { HBR_STRINGS(from_t, tags, "x", .from = HBR_FROM_PATH),
          "input \"x\": neither the path nor a header field has several "
          "values" },
        { HBR_STRINGS(from_t, tags, "x", .from = HBR_FROM_HEADER),
          "input \"x\": neither the path nor a header field has several "
          "values" },
        { HBR_STRINGS(from_t, tags, "x", .from = (hbr_from_e)5),
          "input \"x\": its .from is unknown to this bridge" },
        { HBR_STRING(from_t, text, "x", .from = (hbr_from_e)5),
          "input \"x\": its .from is unknown to this bridge" },
        { HBR_INT(from_t, size, "x", .from = (hbr_from_e)-1),
          "input \"x\": its .from is unknown to this bridge" },
        { HBR_DOUBLE(from_t, ratio, "x", .from = (hbr_from_e)99),
          "input \"x\": its .from is unknown to this bridge" },
        { HBR_BOOL(from_t, deep, "x", .from = (hbr_from_e)99),
          "input \"x\": its .from is unknown to this bridge" },
        { HBR_ENUM(from_t, format, "x", .from = (hbr_from_e)99,
                   .values = formats),
          "input \"x\": its .from is unknown to this bridge" },
        { HBR_DATE(from_t, day, "x", .from = (hbr_from_e)99),
          "input \"x\": its .from is unknown to this bridge" },
        { HBR_INT(from_t, size, "x", .from = HBR_FROM_FORM, .min = 9, .max = 8),
          "input \"x\": .min 9 is over .max 8" },
    };
    apr_pool_t *pool;
    apr_size_t i;

    (void)state;
    apr_pool_create(&pool, NULL);
    for (i = 0; i < COUNT(rows); i++) {
        hbr_input_t inputs[2] = { rows[i].input, HBR_INPUTS_END };
        const char *why = hbr_inputs_refusal(pool, "input", inputs, 1);

        if (rows[i].why == NULL)
            assert_null(why);
        else if (why == NULL || strcmp(why, rows[i].why) != 0)
            fail_msg("row %zu: %s", i, why ? why : "taken");
    }
    apr_pool_destroy(pool);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, serve_teardown)

MAIN(TEST(test_every_type), TEST(test_refused), TEST(test_path),
     TEST(test_header_edges), TEST(test_repeated), TEST(test_bad_form),
     TEST(test_mixed), TEST(test_given), TEST(test_declarations))
