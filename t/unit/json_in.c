/*
 * JSON bodies (RFC 8259), their types (RFC 6839 3.1) and their limits.
 */
#include <stdio.h>

#include <jansson.h>

#include "support/main.h"
#include "support/serve.h"

#define JSON HEADERS("Content-Type: application/json")

static int answer(hbr_context_t *ctx)
{
    struct json_t *root, *again;
    int result = hbr_body_json(ctx, &root);
    char *text;

    assert_int_equal(hbr_body_json(ctx, &again), result);
    assert_ptr_equal(root, again);
    if (result != HBR_OK) {
        assert_null(root);
        return result;
    }
    text = json_dumps(root, JSON_COMPACT | JSON_ENCODE_ANY);
    hbr_puts(ctx, text);
    free(text);
    return HBR_OK;
}

static const hbr_test_response_t *post(const char *body)
{
    return SERVE(answer, .method = "POST", .headers = JSON, .body = body);
}

/* RFC 8259 13 and 2: any value may be the text. */
static void test_values(void **state)
{
    static const char *const same[] = {
        "{}",
        "[]",
        "null",
        "true",
        "0",
        "-1.5",
        "\"\"",
        "{\"Image\":{\"Width\":800,\"Height\":600,\"IDs\":[116,943]}}",
        "[\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\"]",
        "[[[[]]]]",
        "{\"a\":{\"a\":1}}"
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(same); i++) {
        const hbr_test_response_t *r = post(same[i]);

        assert_int_equal(r->status, 200);
        assert_string_equal(r->body, same[i]);
    }
    assert_string_equal(post(" \t\r\n[ \"\\u00e4\\n\" ] ")->body,
                        "[\"\xC3\xA4\\n\"]");
}

/* RFC 8259 11; RFC 6839 3.1: case does not matter, parameters neither. */
static void test_types(void **state)
{
    static const struct {
        const char *type;
        int status;
    } rows[] = {
        { "application/json", 200 },
        { "Application/JSON", 200 },
        { "application/json; charset=utf-8", 200 },
        { "application/json;charset=utf-8", 200 },
        { "application/json ", 200 },
        { "application/problem+json", 200 },
        { "application/vnd.api+JSON; v=1", 200 },
        { NULL, 415 },
        { "", 415 },
        { "text/plain", 415 },
        { "text/json", 415 },
        { "application/jsonp", 415 },
        { "application/x-json", 415 },
        { "application/json+xml", 415 },
        { "application/json-seq", 415 },
        { "+json", 415 },
        { "x+json", 415 },
        { "text/plain; a=application/json", 415 },
        { "text/plain; a=b+json", 415 },
        { "application/x-www-form-urlencoded", 415 },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        char line[100];
        const hbr_test_response_t *r;

        snprintf(line, sizeof(line), "Content-Type: %s",
                 rows[i].type ? rows[i].type : "");
        r = SERVE(answer, .method = "POST", .body = "[]",
                  .headers = HEADERS(rows[i].type != NULL ? line : NULL));
        if (r->status != rows[i].status)
            fail_msg("%s: %d", line, r->status);
        if (r->status == 415)
            assert_non_null(strstr(
                r->body, "The body is expected to be application/json."));
    }
}

/* RFC 8259; what is wrong is told by its place and never repeated. */
static void test_bad(void **state)
{
    static const struct {
        const char *body;
        apr_size_t length; /* 0: strlen() */
        const char *words;
    } rows[] = {
        { "", 0, "The body is not valid JSON: line 1, column 0." },
        { " \n ", 0, "The body is not valid JSON: line 2, column 1." },
        { "[1,\n2,\n<script>]", 0,
          "The body is not valid JSON: line 3, column 1." },
        { "[1,]", 0, "The body is not valid JSON: line 1, column 4." },
        { "{\"a\":1", 0, "The body is not valid JSON: line 1, column 6." },
        { "{a:1}", 0, "The body is not valid JSON: line 1, column 2." },
        { "[1] []", 0, "The body is not valid JSON: line 1" },
        { "NaN", 0, "The body is not valid JSON: line 1" },
        { "[1e999]", 0, "The body is not valid JSON: line 1" },
        { "[99999999999999999999]", 0, "The body is not valid JSON: line 1" },
        { "[\"\xFF\"]", 0, "The body is not valid JSON: line 1" },
        { "[\"\xC0\xAF\"]", 0, "The body is not valid JSON: line 1" },
        { "[\"\xED\xA0\x80\"]", 0, "The body is not valid JSON: line 1" },
        { "[\"\\ud800\"]", 0, "The body is not valid JSON: line 1" },
        { "[\"a\\u0000b\"]", 0, "The body is not valid JSON: line 1" },
        { "[\"a\0b\"]", 7, "The body is not valid JSON: line 1" },
        { "[]\0[]", 5, "The body is not valid JSON: line 1" },
        { "\xEF\xBB\xBF[]", 0, "The body is not valid JSON: line 1" },
        { "{\"a\":1,\n\"b\":2,\"a\":3}", 0,
          "The JSON has a member twice: line 2" },
        { "[{\"x\":{\"a\":1,\"\\u0061\":2}}]", 0,
          "The JSON has a member twice: line 1" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r =
            SERVE(answer, .method = "POST", .headers = JSON,
                  .body = rows[i].body, .body_length = rows[i].length);

        assert_int_equal(r->status, 400);
        if (strstr(r->body, rows[i].words) == NULL)
            fail_msg("%zu: %s", i, r->body);
        assert_null(strstr(r->body, "script"));
    }
}

/* BridgeLimitJSONDepth counts what is open, and not what stands in strings. */
static void test_depth(void **state)
{
    static const struct {
        const char *body;
        apr_size_t depth;
    } rows[] = {
        { "1", 0 },
        { "[]", 1 },
        { "[[]]", 2 },
        { "[{\"a\":[{}]}]", 4 },
        { "[[],[],[[]],{}]", 3 },
        { "[\"[[[[\"]", 1 },
        { "[\"\\\"[[[[\"]", 1 },
        { "[\"\\\\\",[\"\\\\\\\"[[\"]]", 2 },
        { "{\"[[\":\"{{\",\"]]\":[]}", 2 },
        { "[\"]]]]\",[[]]]", 3 },
    };
    apr_size_t i, most;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        for (most = 1; most < 6; most++) {
            const hbr_test_response_t *r =
                SERVE(answer, .method = "POST", .headers = JSON,
                      .body = rows[i].body, .limits.json_depth = most);
            char words[80];

            snprintf(words, sizeof(words),
                     "The JSON is nested deeper than %zu "
                     "(BridgeLimitJSONDepth).",
                     most);
            assert_int_equal(r->status, rows[i].depth <= most ? 200 : 413);
            if (r->status == 413)
                assert_non_null(strstr(r->body, words));
        }
    }
}

static int depth_of(const json_t *value)
{
    const char *name;
    json_t *member;
    size_t i;
    int depth = 0;

    if (json_is_array(value)) {
        json_array_foreach(value, i, member) depth =
            depth_of(member) > depth ? depth_of(member) : depth;
    } else if (json_is_object(value)) {
        json_object_foreach((json_t *)value, name, member) depth =
            depth_of(member) > depth ? depth_of(member) : depth;
    } else {
        return 0;
    }
    return depth + 1;
}

static int check_depth(hbr_context_t *ctx)
{
    struct json_t *root;
    int result = hbr_body_json(ctx, &root);

    if (result == HBR_OK)
        assert_true(depth_of(root) <= 3);
    return result;
}

/* Whatever comes, jansson never goes deeper than the limit. */
static void test_depth_of_anything(void **state)
{
    static const char *const words[] = {
        "[",  "[",  "[", "]", "]",      "]",      "{",    "}",
        "\"", "\\", ",", "1", "\"a\":", "\"\\\"", "\"]\""
    };
    unsigned seed = 3;
    int accepted = 0, round, i;

    (void)state;
    for (round = 0; round < 20000; round++) {
        char text[120] = "";
        int status;

        for (i = 0; i < 8; i++) {
            seed = seed * 1103515245 + 12345;
            strcat(text, words[(seed >> 16) % COUNT(words)]);
        }
        status = SERVE(check_depth, .method = "POST", .headers = JSON,
                       .body = text, .limits.json_depth = 3)
                     ->status;
        assert_true(status == 200 || status == 400 || status == 413);
        accepted += status == 200;
        hbr_test_clear(kit);
    }
    assert_true(accepted > 5);
}

/* The default takes 64 levels; a million brackets harm nobody. */
static void test_default_depth(void **state)
{
    char *body = test_malloc(1000001);

    (void)state;
    memset(body, '[', 1000000);
    body[1000000] = '\0';
    assert_int_equal(post(body)->status, 413);
    memset(body + 64, ']', 64);
    body[128] = '\0';
    assert_int_equal(post(body)->status, 200);
    memset(body, '[', 65);
    memset(body + 65, ']', 65);
    body[130] = '\0';
    assert_int_equal(post(body)->status, 413);
    test_free(body);
}

static void test_size(void **state)
{
    const hbr_test_response_t *r;
    int chunked;

    (void)state;
    for (chunked = 0; chunked < 2; chunked++) {
        r = SERVE(answer, .method = "POST", .headers = JSON, .body = "[1,2]",
                  .chunked = chunked, .limits.json = 5);
        assert_int_equal(r->status, 200);
        r = SERVE(answer, .method = "POST", .headers = JSON, .body = "[1,2] ",
                  .chunked = chunked, .limits.json = 5);
        assert_int_equal(r->status, 413);
        assert_non_null(strstr(r->body, "longer than 5 bytes "
                                        "(BridgeLimitJSON)."));
        r = SERVE(answer, .method = "POST", .headers = JSON, .body = "[1,2] ",
                  .chunked = chunked, .limits.json = 9, .limits.body = 5);
        assert_int_equal(r->status, 413);
        assert_non_null(strstr(r->body, "(BridgeLimitBody)."));
        assert_null(hbr_test_logged(kit, "HBR0050"));
    }
}

static void test_steps(void **state)
{
    apr_size_t step;

    (void)state;
    for (step = 1; step < 12; step++)
        assert_string_equal(SERVE(answer, .method = "POST", .headers = JSON,
                                  .body = "{\"a\":[1,2]}", .body_step = step)
                                ->body,
                            "{\"a\":[1,2]}");
    assert_int_equal(SERVE(answer, .method = "POST", .headers = JSON,
                           .body = "[1,2]", .body_end = HBR_TEST_BODY_CUT,
                           .body_stop = 4)
                         ->status,
                     400);
}

static int ignore_result(hbr_context_t *ctx)
{
    struct json_t *root;

    hbr_body_json(ctx, &root);
    return hbr_text(ctx, "all is well");
}

static void test_ignored(void **state)
{
    (void)state;
    assert_int_equal(
        SERVE(ignore_result, .method = "POST", .headers = JSON, .body = "[")
            ->status,
        400);
}

MAIN(SERVE_TEST(test_values), SERVE_TEST(test_types), SERVE_TEST(test_bad),
     SERVE_TEST(test_depth), SERVE_TEST(test_depth_of_anything),
     SERVE_TEST(test_default_depth), SERVE_TEST(test_size),
     SERVE_TEST(test_steps), SERVE_TEST(test_ignored))
