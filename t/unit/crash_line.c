/*
 * The error log's line about a handler that crashed.
 */
#include <string.h>
#include <time.h>

#include "support/pool.h"

#include "crash_line.h"

#define NOON APR_INT64_C(1795249800123456) /* 2026-11-21 08:30:00.123456 */

static const hbr_crash_line_t plain = { .when = NOON,
                                        .pid = 4711,
                                        .tid = 4712,
                                        .client = "192.0.2.1",
                                        .port = 50000,
                                        .handler = "hello",
                                        .signal = "SIGSEGV",
                                        .method = "GET",
                                        .uri = "/hello" };

/* The line as a string; it has to end in its only newline. */
static const char *line_of(const hbr_crash_line_t *what)
{
    static char text[HBR_CRASH_LINE_MAX + 1];
    apr_size_t length;

    memset(text, '~', sizeof(text));
    length = hbr_crash_line(text, what);
    assert_in_range(length, 1, HBR_CRASH_LINE_MAX);
    assert_ptr_equal(memchr(text, '\n', length), text + length - 1);
    assert_int_equal(text[length], '~');
    text[length - 1] = '\0';
    return text;
}

/* What stands between the quotes. */
static const char *uri_of(const char *uri)
{
    hbr_crash_line_t what = plain;
    char *quoted;

    what.uri = uri;
    quoted = strstr(line_of(&what), "GET \"") + strlen("GET \"");
    assert_int_equal(quoted[strlen(quoted) - 1], '"');
    quoted[strlen(quoted) - 1] = '\0';
    return quoted;
}

static void test_whole(void **state)
{
    hbr_crash_line_t what = plain;

    (void)state;
    assert_string_equal(line_of(&what),
                        "[Sat Nov 21 08:30:00.123456 2026 UTC] "
                        "[handlerbridge:crit] [pid 4711:tid 4712] "
                        "[client 192.0.2.1:50000] "
                        "HBR0230: hello: SIGSEGV in GET \"/hello\"");
    what.client = NULL;
    assert_string_equal(line_of(&what),
                        "[Sat Nov 21 08:30:00.123456 2026 UTC] "
                        "[handlerbridge:crit] [pid 4711:tid 4712] "
                        "HBR0230: hello: SIGSEGV in GET \"/hello\"");
}

/* Against the C library, over all days from 1970 to 2408: more than an era. */
static void test_times(void **state)
{
    time_t seconds;

    (void)state;
    for (seconds = 0; seconds < (time_t)160000 * 86400; seconds += 86399) {
        hbr_crash_line_t what = plain;
        struct tm parts;
        char text[64];

        what.when = apr_time_from_sec(seconds) + 7;
        gmtime_r(&seconds, &parts);
        strftime(text, sizeof(text), "[%a %b %d %H:%M:%S.000007 %Y UTC]",
                 &parts);
        assert_memory_equal(line_of(&what), text, strlen(text));
    }
}

static void test_escapes(void **state)
{
    (void)state;
    assert_string_equal(uri_of(""), "");
    assert_string_equal(uri_of(" !~"), " !~");
    assert_string_equal(uri_of("/a\n[x] HBR0230: \r\t\x1b[31m"),
                        "/a\\x0a[x] HBR0230: \\x0d\\x09\\x1b[31m");
    assert_string_equal(uri_of("/\"\\\""), "/\\\"\\\\\\\"");
    assert_string_equal(uri_of("/\x1f\x20\x7e\x7f\x80\xff"),
                        "/\\x1f ~\\x7f\\x80\\xff");
    assert_string_equal(uri_of("/\xc3\xa4"), "/\\xc3\\xa4");
}

static void test_lengths(void **state)
{
    char uri[9000];

    (void)state;
    memset(uri, 'a', sizeof(uri));
    uri[512] = '\0';
    assert_string_equal(uri_of(uri), uri);
    uri[512] = 'a';
    uri[sizeof(uri) - 1] = '\0';
    assert_int_equal(strlen(uri_of(uri)), 512 + 3);
    assert_string_equal(uri_of(uri) + 512, "...");
    /* No half of an escape. */
    uri[510] = '\n';
    assert_string_equal(uri_of(uri) + 509, "a...");
    uri[508] = '\n';
    assert_string_equal(uri_of(uri) + 507, "a\\x0a...");
}

/* All of them too long: each is cut, and the line is whole. */
static void test_all_long(void **state)
{
    hbr_crash_line_t what = plain;
    char text[9000];
    const char *line;

    (void)state;
    memset(text, '\n', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    what.client = what.handler = what.method = what.uri = text;
    what.when = APR_INT64_MAX;
    what.pid = what.tid = APR_INT64_MAX;
    what.port = 65535;
    line = line_of(&what);
    assert_non_null(strstr(line, "...:65535] HBR0230: \\x0a"));
    assert_non_null(strstr(line, "...: SIGSEGV in \\x0a"));
    assert_non_null(strstr(line, "\\x0a... \"\\x0a"));
    assert_string_equal(line + strlen(line) - 8, "\\x0a...\"");
}

MAIN(cmocka_unit_test(test_whole), cmocka_unit_test(test_times),
     cmocka_unit_test(test_escapes), cmocka_unit_test(test_lengths),
     cmocka_unit_test(test_all_long))
