/*
 * The handler image in the test kit: what is drawn for which inputs, what is
 * refused, and that a repeated request draws nothing (RFC 9110 8.8.3, 13.1.2).
 * What the bytes look like to a client is in t/image.t.
 */
#include "support/main.h"
#include "support/serve.h"

#include <stdio.h>
#include <stdlib.h>

/* Big-endian numbers of 2 and 4 bytes. */
static unsigned two(const char *at)
{
    const unsigned char *bytes = (const unsigned char *)at;

    return bytes[0] * 256u + bytes[1];
}

static unsigned four(const char *at)
{
    return two(at) * 65536u + two(at + 2);
}

typedef struct extent_t {
    unsigned width;
    unsigned height;
} extent_t;

static const hbr_test_response_t *draw(const char *url)
{
    const hbr_test_response_t *r =
        serve_run(&(hbr_test_request_t){ .url = url });

    if (r->status != 200)
        fail_msg("%s: %d %s", url, r->status, r->body);
    assert_int_equal(r->declared_length, r->length);
    assert_true(r->complete);
    return r;
}

/* PNG (W3C PNG 11.2.1): the size stands in the header. */
static extent_t png_size(const char *url)
{
    const hbr_test_response_t *r = draw(url);

    assert_string_equal(r->type, "image/png");
    assert_true(r->length > 45);
    assert_memory_equal(r->body, "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", 16);
    return (extent_t){ four(r->body + 16), four(r->body + 20) };
}

static void test_formats(void **state)
{
    static const struct {
        const char *url;
        const char *accept;
        const char *type;
        const char *begins;
    } rows[] = {
        { "/image?text=x", NULL, "image/jpeg", "\xff\xd8\xff" },
        { "/image?text=x", "*/*", "image/jpeg", "\xff\xd8\xff" },
        { "/image?text=x", "image/png", "image/png", "\x89PNG" },
        { "/image?text=x", "image/svg+xml", "image/svg+xml", "<?xml" },
        { "/image?text=x&format=jpeg", "image/png", "image/jpeg", "\xff\xd8" },
        { "/image?text=x&format=png", NULL, "image/png", "\x89PNG" },
        { "/image?text=x&format=svg", NULL, "image/svg+xml", "<?xml" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        char accept[64];
        const hbr_test_response_t *r;

        snprintf(accept, sizeof(accept), "Accept: %s", rows[i].accept);
        r = serve_run(&(hbr_test_request_t){
            .url = rows[i].url,
            .headers = rows[i].accept ? HEADERS(accept) : NULL });
        assert_int_equal(r->status, 200);
        assert_string_equal(r->type, rows[i].type);
        assert_memory_equal(r->body, rows[i].begins, strlen(rows[i].begins));
    }
}

static void test_not_acceptable(void **state)
{
    (void)state;
    assert_int_equal(serve_run(&(hbr_test_request_t){
                                   .url = "/image?text=x",
                                   .headers = HEADERS("Accept: text/html") })
                         ->status,
                     406);
}

static void test_sizes(void **state)
{
    extent_t one = png_size("/image?format=png&text=word");
    extent_t lines = png_size("/image?format=png&text=word%0Aword%0Aword");
    extent_t big = png_size("/image?format=png&text=word&size=64");
    extent_t wrapped = png_size("/image?format=png&text=word+word+word"
                                "&width=150");

    (void)state;
    assert_int_equal(lines.width, one.width);
    assert_true(lines.height > one.height + 2 * 32);
    assert_true(big.width > one.width + one.width / 2);
    assert_true(wrapped.width <= 150);
    assert_true(wrapped.height > one.height);
    assert_true(png_size("/image?format=png&text=%20&size=8").width > 0);
    assert_true(png_size("/image?format=png&text=%0A&size=8").height > 0);
}

/* A line from right to left stands at the right end of the longest line, not
 * of the widest picture there may be. */
static void test_right_to_left(void **state)
{
    extent_t latin = png_size("/image?format=png&text=several+words");
    extent_t both = png_size("/image?format=png&text=several+words%0A"
                             "%d7%a9%d7%9c%d7%95%d7%9d");

    (void)state;
    assert_int_equal(both.width, latin.width);
}

static const char *tag_of(const char *url)
{
    const char *tag = hbr_test_header(draw(url), "ETag");

    assert_non_null(tag);
    return tag;
}

/* Each input is in the tag, and none of them runs into the next. */
static void test_tags(void **state)
{
    static const char *const urls[] = {
        "/image?text=a",
        "/image?text=b",
        "/image?text=a1",
        "/image?text=a&size=31",
        "/image?text=a&width=300",
        "/image?text=a&colour=red",
        "/image?text=a&colour=white&background=red",
        "/image?text=a&background=red",
        "/image?text=a&format=png",
        "/image?text=a&format=svg",
    };
    const char *tags[COUNT(urls)];
    apr_size_t i, k;

    (void)state;
    for (i = 0; i < COUNT(urls); i++) {
        tags[i] = tag_of(urls[i]);
        assert_string_equal(tag_of(urls[i]), tags[i]);
        for (k = 0; k < i; k++)
            assert_string_not_equal(tags[i], tags[k]);
    }
    assert_string_equal(tag_of("/image?text=a&format=jpeg"), tags[0]);
    assert_string_equal(tag_of("/image?text=a&size=32&width=4096"), tags[0]);
    assert_string_equal(tag_of("/image?text=a&colour=ff0000"), tags[5]);
    assert_string_equal(tag_of("/image?text=a&colour=%23f00"), tags[5]);
}

/* A strong tag stands for the same bytes each time (RFC 9110 8.8.1), however
 * many pictures the process has drawn in between. */
static void test_same_bytes(void **state)
{
    static const char *const urls[] = { "/image?text=a",
                                        "/image?text=a&format=png",
                                        "/image?text=a&format=svg" };
    apr_size_t i;
    int again;

    (void)state;
    for (i = 0; i < COUNT(urls); i++) {
        const hbr_test_response_t *first = draw(urls[i]);

        for (again = 0; again < 12; again++) {
            const hbr_test_response_t *r = draw(urls[i]);

            assert_int_equal(r->length, first->length);
            assert_memory_equal(r->body, first->body, r->length);
        }
    }
}

static void test_repeated(void **state)
{
    char field[80];
    const hbr_test_response_t *r;

    (void)state;
    snprintf(field, sizeof(field), "If-None-Match: %s",
             tag_of("/image?text=a"));
    r = serve_run(&(hbr_test_request_t){ .url = "/image?text=a",
                                         .headers = HEADERS(field) });
    assert_int_equal(r->status, 304);
    assert_int_equal(r->length, 0);
    r = serve_run(&(hbr_test_request_t){ .url = "/image?text=b",
                                         .headers = HEADERS(field) });
    assert_int_equal(r->status, 200);
}

static void test_head(void **state)
{
    apr_off_t length = draw("/image?text=a")->declared_length;
    const hbr_test_response_t *r = serve_run(
        &(hbr_test_request_t){ .url = "/image?text=a", .method = "HEAD" });

    (void)state;
    assert_int_equal(r->status, 200);
    assert_int_equal(r->length, 0);
    assert_int_equal(r->declared_length, length);
}

/* The memory that pictures are drawn in holds the one before: nothing of it
 * shows, whatever was larger, wider or of another colour. */
static void test_after_others(void **state)
{
    static const char *const urls[] = {
        "/image?text=a&format=png",
        "/image?text=a&format=jpeg",
        "/image?text=%20&format=png&background=navy",
        "/image?text=wide+wide+wide&format=png&background=red&size=16",
        "/image?text=large&format=png&background=black&colour=red&size=144",
        "/image?text=large&format=jpeg&background=black&size=144",
    };
    char *first[COUNT(urls)];
    apr_size_t length[COUNT(urls)], i, k;

    (void)state;
    for (i = 0; i < COUNT(urls); i++) {
        const hbr_test_response_t *r = draw(urls[i]);

        length[i] = r->length;
        first[i] = malloc(length[i]);
        assert_non_null(first[i]);
        memcpy(first[i], r->body, length[i]);
    }
    for (k = COUNT(urls); k-- > 0;) {
        const hbr_test_response_t *r = draw(urls[k]);

        assert_int_equal(r->length, length[k]);
        assert_memory_equal(r->body, first[k], length[k]);
        free(first[k]);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *query;
        const char *names;
    } rows[] = {
        { "", "\"text\"" },
        { "?text=", "\"text\"" },
        { "?text=%ff", "\"text\"" },
        { "?text=%ed%a0%80", "\"text\"" },
        { "?text=%c0%80", "\"text\"" },
        { "?text=x%00", "NUL" },
        { "?text=x&size=7", "\"size\"" },
        { "?text=x&size=145", "\"size\"" },
        { "?text=x&size=9223372036854775808", "\"size\"" },
        { "?text=x&size=4294967328", "\"size\"" },
        { "?text=x&size=NaN", "\"size\"" },
        { "?text=x&width=4097", "\"width\"" },
        { "?text=x&format=webp", "\"format\"" },
        { "?text=x&colour=", "\"colour\"" },
        { "?text=x&colour=%23", "\"colour\"" },
        { "?text=x&colour=%23ff", "\"colour\"" },
        { "?text=x&colour=ggg", "\"colour\"" },
        { "?text=x&colour=12345", "\"colour\"" },
        { "?text=x&colour=1234567", "\"colour\"" },
        { "?text=x&background=nothing", "\"background\"" },
    };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        char url[80];
        const hbr_test_response_t *r;

        snprintf(url, sizeof(url), "/image%s", rows[i].query);
        r = hbr_test_get(kit, url);
        if (r->status != 400 || strstr(r->body, rows[i].names) == NULL)
            fail_msg("%s: %d %s", url, r->status, r->body);
        assert_null(hbr_test_header(r, "ETag"));
    }
}

/* "?text=" and a number of letters, or of lines. */
static const char *long_url(const char *piece, unsigned count, const char *rest)
{
    static char url[4096];
    unsigned i;

    strcpy(url, "/image?text=");
    for (i = 0; i < count; i++)
        strcat(url, piece);
    return strcat(url, rest);
}

static void test_bounds(void **state)
{
    (void)state;
    draw(long_url("x", 1000, ""));
    assert_int_equal(hbr_test_get(kit, long_url("x", 1001, ""))->status, 400);
    /* Too high, and within both sides but too many pixels. */
    assert_int_equal(hbr_test_get(kit, long_url("x%0A", 200, ""))->status, 400);
    assert_int_equal(
        hbr_test_get(kit, long_url("x", 1000, "&size=144"))->status, 400);
    assert_non_null(
        strstr(hbr_test_get(kit, long_url("x%0A", 200, ""))->body, "\"text\""));
}

MAIN(SERVE_TEST(test_formats), SERVE_TEST(test_not_acceptable),
     SERVE_TEST(test_sizes), SERVE_TEST(test_right_to_left),
     SERVE_TEST(test_tags), SERVE_TEST(test_same_bytes),
     SERVE_TEST(test_repeated), SERVE_TEST(test_head),
     SERVE_TEST(test_after_others), SERVE_TEST(test_refused),
     SERVE_TEST(test_bounds))
