/*
 * JSON out: strings one by one (RFC 8259 7), and documents through jansson.
 */
#include <stdio.h>

#include <jansson.h>

#include "support/main.h"
#include "support/serve.h"

static const char *string;

static int write_string(hbr_context_t *ctx)
{
    return hbr_json_string(ctx, string) == APR_SUCCESS ? HBR_OK : 500;
}

/* The bytes between the quotes, read back by a parser that is not ours. */
static const char *read_back(const char *text, char *out)
{
    const hbr_test_response_t *r;
    json_error_t error;
    json_t *value;

    string = text;
    r = SERVE(write_string);
    value = json_loadb(r->body, r->length, JSON_DECODE_ANY, &error);
    if (value == NULL)
        fail_msg("%s: %s", error.text, r->body);
    strcpy(out, json_string_value(value));
    json_decref(value);
    return out;
}

static void test_strings_as_written(void **state)
{
    static const struct {
        const char *text, *written;
    } rows[] = {
        { "", "\"\"" },
        { "plain", "\"plain\"" },
        { "a\"b", "\"a\\\"b\"" },
        { "a\\b", "\"a\\\\b\"" },
        { "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80",
          "\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80\"" },
        { NULL, "null" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        string = rows[i].text;
        assert_string_equal(SERVE(write_string)->body, rows[i].written);
    }
}

/* RFC 8259 7: quote, backslash and U+0000 to U+001F have to be escaped. */
static void test_every_ascii_byte(void **state)
{
    char text[4], out[64];
    int byte;

    (void)state;
    for (byte = 1; byte < 128; byte++) {
        snprintf(text, sizeof(text), "x%cy", byte);
        assert_string_equal(read_back(text, out), text);
    }
}

/* Bytes that are not UTF-8 become U+FFFD (RFC 3629 3 and 10). */
static void test_what_is_not_utf8(void **state)
{
    static const struct {
        const char *text, *read;
    } rows[] = {
        { "a\xff"
          "b",
          "a\xef\xbf\xbd"
          "b" },
        { "\x80", "\xef\xbf\xbd" },
        { "\xc3", "\xef\xbf\xbd" },
        { "\xe2\x82", "\xef\xbf\xbd" },
        { "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
        { "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
        { "\xf4\x90\x80\x80",
          "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
        { "\xe2\x82x", "\xef\xbf\xbdx" },
    };
    char out[64];
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++)
        assert_string_equal(read_back(rows[i].text, out), rows[i].read);
}

static json_t *document;

static int write_document(hbr_context_t *ctx)
{
    return hbr_json(ctx, document);
}

static int write_document_after_text(hbr_context_t *ctx)
{
    hbr_html(ctx, "<p>before</p>");
    return hbr_json(ctx, document);
}

static int write_document_after_bytes(hbr_context_t *ctx)
{
    hbr_bytes(ctx, "before", 6, NULL);
    return hbr_json(ctx, document);
}

static json_t *make_document(void)
{
    return json_pack("{s:s, s:[i, b, n], s:f}", "name", "\"<\xc3\xa4", "list",
                     7, 1, "real", 2.5);
}

/* The document arrives whole, whatever was written before, and the reference
 * is the bridge's. */
static void test_document(void **state)
{
    process_fn *const rows[] = { write_document, write_document_after_text,
                                 write_document_after_bytes };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        const hbr_test_response_t *r;
        json_t *read;

        document = json_incref(make_document());
        r = SERVE(rows[i]);
        assert_int_equal(r->status, 200);
        assert_string_equal(r->type, "application/json");
        assert_int_equal(r->declared_length, r->length);
        read = json_loads(r->body, 0, NULL);
        assert_true(json_equal(read, document));
        assert_int_equal(document->refcount, 1);
        json_decref(read);
        json_decref(document);
    }
}

static void test_any_value(void **state)
{
    (void)state;
    document = json_string("text");
    assert_int_equal(strncmp(SERVE(write_document)->body, "\"text\"", 6), 0);
    document = json_true();
    assert_int_equal(strncmp(SERVE(write_document)->body, "true", 4), 0);
}

static int write_document_too_late(hbr_context_t *ctx)
{
    hbr_flush(ctx);
    return hbr_json(ctx, document);
}

static void test_document_too_late(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    document = json_incref(make_document());
    r = SERVE(write_document_too_late);
    assert_true(r->cut);
    assert_int_equal(document->refcount, 1);
    json_decref(document);
}

static void test_no_document(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    document = NULL;
    r = SERVE(write_document);
    assert_int_equal(r->status, 500);
    assert_true(count_lines(r, HBR_LOG_ERROR) >= 1);
}

static json_t *make_long_document(void)
{
    json_t *list = json_array();
    int i;

    for (i = 0; i < 20000; i++)
        json_array_append_new(list, json_integer(i));
    return list;
}

/* Longer than the cap: it streams and is whole all the same. */
static void test_long_document(void **state)
{
    const hbr_test_response_t *r;
    json_t *read;

    (void)state;
    document = make_long_document();
    r = SERVE(write_document, .buffer = 1000);
    assert_int_equal(r->declared_length, -1);
    read = json_loads(r->body, 0, NULL);
    assert_int_equal(json_array_size(read), 20000);
    json_decref(read);
}

static int fail_and_write(hbr_context_t *ctx)
{
    hbr_error(ctx, 503, "Not now.");
    return hbr_json(ctx, json_pack("{s:i}", "a", 1));
}

/* A handler may go on writing after a failure: it stays the answer. */
static void test_failed_before(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    r = SERVE(fail_and_write);
    assert_int_equal(r->status, 503);
    assert_string_equal(r->body, "503 Service Unavailable\n\nNot now.\n");
}

/* A client who goes away is no failure of the document's. */
static void test_client_gone(void **state)
{
    const hbr_test_response_t *r;

    (void)state;
    document = json_incref(make_long_document());
    r = SERVE(write_document, .buffer = 1000, .fail_pass = 2);
    assert_int_equal(r->status, 200);
    assert_int_equal(r->passes, 2);
    assert_int_equal(document->refcount, 1);
    json_decref(document);
}

MAIN(SERVE_TEST(test_strings_as_written), SERVE_TEST(test_every_ascii_byte),
     SERVE_TEST(test_what_is_not_utf8), SERVE_TEST(test_document),
     SERVE_TEST(test_any_value), SERVE_TEST(test_document_too_late),
     SERVE_TEST(test_no_document), SERVE_TEST(test_long_document),
     SERVE_TEST(test_failed_before), SERVE_TEST(test_client_gone))
