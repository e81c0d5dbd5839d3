/*
 * hbr_html(): markup as it stands, every %s escaped, all else as printf does.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "support/main.h"
#include "support/serve.h"

static char expected[65536];

/* Writes with hbr_html() and keeps what the C library makes of the same. */
#define SAME(...)                                                              \
    do {                                                                       \
        apr_size_t used = strlen(expected);                                    \
        snprintf(expected + used, sizeof(expected) - used, __VA_ARGS__);       \
        assert_int_equal(hbr_html(ctx, __VA_ARGS__), APR_SUCCESS);             \
        strcat(expected, "\n");                                                \
        assert_int_equal(hbr_html(ctx, "\n"), APR_SUCCESS);                    \
    } while (0)

/* Writes with hbr_html() and says what that has to be. */
#define BECOMES(text, ...)                                                     \
    do {                                                                       \
        strcat(strcat(expected, text), "\n");                                  \
        assert_int_equal(hbr_html(ctx, __VA_ARGS__), APR_SUCCESS);             \
        assert_int_equal(hbr_html(ctx, "\n"), APR_SUCCESS);                    \
    } while (0)

static void check_lines(process_fn *process)
{
    const hbr_test_response_t *r;
    const char *a, *b;

    expected[0] = '\0';
    r = SERVE(process);
    a = expected;
    b = r->body;
    while (*a != '\0' || *b != '\0') {
        apr_size_t in_a = strcspn(a, "\n"), in_b = strcspn(b, "\n");

        if (in_a != in_b || memcmp(a, b, in_a) != 0)
            fail_msg("expected \"%.*s\", got \"%.*s\"", (int)in_a, a, (int)in_b,
                     b);
        a += in_a + (a[in_a] != '\0');
        b += in_b + (b[in_b] != '\0');
    }
}

static int write_integers(hbr_context_t *ctx)
{
    static const int rows[] = { 0, 1, -1, 42, -42, INT_MAX, INT_MIN };
    apr_size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        int v = rows[i];

        SAME("%d|%i|%u|%x|%X|%o", v, v, (unsigned)v, (unsigned)v, (unsigned)v,
             (unsigned)v);
        SAME("%5d|%-5d|%05d|%+d|% d|%#x|%#o|%.4d|%8.4d|%-8.4d|", v, v, v, v, v,
             (unsigned)v, (unsigned)v, v, v, v);
        SAME("%*d|%-*d|%.*d|%*.*d|", 7, v, 7, v, 3, v, 9, 4, v);
        SAME("%*d|%*d|", -7, v, 0, v);
        SAME("%.*d|%.*d|", -1, v, -5, v);
        SAME("%hd|%hhd|%hu|%hhu", (short)v, (signed char)v, (unsigned short)v,
             (unsigned char)v);
        SAME("%ld|%lu|%lx", (long)v * 3, (unsigned long)v, (unsigned long)v);
        SAME("%lld|%llu|%llX", (long long)v * 5, (unsigned long long)v,
             (unsigned long long)v);
        SAME("%zu|%zd|%zx|%td|%jd|%ju", (size_t)v, (ssize_t)v, (size_t)v,
             (ptrdiff_t)v, (intmax_t)v, (uintmax_t)v);
    }
    SAME("%" PRId64 "|%" PRIu64 "|%" PRIx64, INT64_MIN, UINT64_MAX, UINT64_MAX);
    SAME("%lld|%lld", LLONG_MAX, LLONG_MIN);
    SAME("%d%d%d", 1, 2, 3);
    SAME("%100d", 5);
    SAME("%.60d", 5);
    SAME("%300d", 5);
    return HBR_OK;
}

static int write_reals(hbr_context_t *ctx)
{
    static const double rows[] = { 0, 1, -1.5, 3.14159265, 1e10, 1e-10, 1e300 };
    apr_size_t i;

    for (i = 0; i < COUNT(rows); i++) {
        double v = rows[i];

        SAME("%f|%F|%e|%E|%g|%G", v, v, v, v, v, v);
        SAME("%.0f|%.2f|%10.3f|%-10.3f|%+.1f|%010.2f", v, v, v, v, v, v);
        SAME("%.*f|%*.*f", 3, v, 12, 2, v);
        SAME("%lf|%Lf|%Lg", v, (long double)v, (long double)v);
        SAME("%a|%A", v, v);
    }
    SAME("%f|%f", 1.0 / 0.0, -1.0 / 0.0);
    return HBR_OK;
}

static int write_chars(hbr_context_t *ctx)
{
    SAME("%c%c%3c|%-3c|", 'a', 'Z', 'b', 'c');
    SAME("%p", (void *)ctx);
    SAME("100%% of %d%%", 5);
    SAME("%%");
    SAME("%%%%d");
    SAME("no conversion");
    SAME("%s", "");
    SAME("<b class=\"x\">&amp;'</b>");
    return HBR_OK;
}

/* The five characters of HTML text and quoted attributes; nothing else. */
static int write_escaped(hbr_context_t *ctx)
{
    BECOMES("&lt;b&gt; &amp;amp; &quot;x&quot;", "%s", "<b> &amp; \"x\"");
    BECOMES("it&#39;s", "%s", "it's");
    BECOMES("&lt;&lt;&lt;", "%s%s%s", "<", "<", "<");
    BECOMES("<a href=\"/c/7\">A &amp; B</a>", "<a href=\"/c/%d\">%s</a>", 7,
            "A & B");
    BECOMES("\xc3\xa4\xff\x01", "%s", "\xc3\xa4\xff\x01");
    BECOMES("%d %s", "%s", "%d %s");
    BECOMES("&lt;|&amp;|&gt;", "%c|%c|%c", '<', '&', '>');
    return HBR_OK;
}

/* A NULL writes nothing. */
static int write_null(hbr_context_t *ctx)
{
    const char *volatile none = NULL;

    BECOMES("||", "|%s|", none);
    BECOMES("||", "|%.3s|", none);
    BECOMES("|   |   |", "|%3s|%*s|", none, 3, none);
    BECOMES("a5b", "a%s%db", none, 5);
    return HBR_OK;
}

/* The precision counts bytes of the value, not of its escaped form; the value
 * need not end behind them. */
static int write_cut(hbr_context_t *ctx)
{
    static const char raw[4] = { 'a', '<', 'b', 'c' };

    BECOMES("ab", "%.2s", "abcdef");
    BECOMES("abc", "%.10s", "abc");
    BECOMES("", "%.0s", "abc");
    BECOMES("", "%.s", "abc");
    BECOMES("a&lt;", "%.2s", "a<b");
    BECOMES("a&lt;bc", "%.*s", 4, raw);
    BECOMES("a&lt;", "%.*s", 2, raw);
    BECOMES("abc", "%.*s", -1, "abc");
    BECOMES("abc", "%.*s", 0 - 7, "abc");
    return HBR_OK;
}

/* A width pads the value as printf does. */
static int write_padded(hbr_context_t *ctx)
{
    SAME("%5s|%-5s|%2s|", "abc", "abc", "abc");
    SAME("%*s|%-*s|%*s|", 5, "abc", 5, "abc", -5, "abc");
    SAME("%6.2s|%-6.2s|", "abc", "abc");
    SAME("%*.*s|%-*.2s|%1000s", 6, 2, "abc", 6, "abc", "abc");
    BECOMES("  &lt;|&lt;  |", "%*s|%-*s|", 3, "<", 3, "<");
    return HBR_OK;
}

static void test_integers(void **state)
{
    (void)state;
    check_lines(write_integers);
}

static void test_reals(void **state)
{
    (void)state;
    check_lines(write_reals);
}

static void test_chars(void **state)
{
    (void)state;
    check_lines(write_chars);
}

static void test_escapes(void **state)
{
    (void)state;
    check_lines(write_escaped);
}

static void test_null(void **state)
{
    (void)state;
    check_lines(write_null);
}

static void test_precision_of_text(void **state)
{
    (void)state;
    check_lines(write_cut);
}

static void test_width_of_text(void **state)
{
    (void)state;
    check_lines(write_padded);
}

static char every_byte[256];

static int write_every_byte(hbr_context_t *ctx)
{
    return hbr_html(ctx, "%s", every_byte) == APR_SUCCESS ? HBR_OK : 500;
}

/* Each byte alone: five are escaped, the rest stay. */
static void test_every_byte(void **state)
{
    static const struct {
        char byte;
        const char *escaped;
    } rows[] = { { '&', "&amp;" },
                 { '<', "&lt;" },
                 { '>', "&gt;" },
                 { '"', "&quot;" },
                 { '\'', "&#39;" } };
    int byte;

    (void)state;
    for (byte = 1; byte < 256; byte++) {
        const char *wanted = every_byte;
        apr_size_t i;

        every_byte[0] = (char)byte;
        every_byte[1] = '\0';
        for (i = 0; i < COUNT(rows); i++) {
            if (rows[i].byte == (char)byte)
                wanted = rows[i].escaped;
        }
        assert_string_equal(SERVE(write_every_byte)->body, wanted);
    }
}

static const char *bad_format;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-security"
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static int write_bad_format(hbr_context_t *ctx)
{
    int count = 77;

    assert_int_not_equal(hbr_html(ctx, bad_format, &count), APR_SUCCESS);
    assert_int_equal(count, 77);
    return HBR_OK;
}
#pragma GCC diagnostic pop

/* What is no conversion of ours is refused and logged; %n never writes. */
static void test_bad_formats(void **state)
{
    static const char *const rows[] = { "%n",  "%",   "%5",  "%l",   "%y",
                                        "%.*", "%ln", "%ls", "%1$s", "%d%n" };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(rows); i++) {
        bad_format = rows[i];
        assert_int_equal(SERVE(write_bad_format)->status, 500);
        assert_non_null(hbr_test_logged(kit, "HBR0033"));
    }
}

static int width;

static int write_wide(hbr_context_t *ctx)
{
    apr_status_t status = hbr_html(ctx, "<i>%*d</i>", width, 7);

    assert_int_equal(status == APR_SUCCESS, width < 1024);
    return HBR_OK;
}

static int write_wide_late(hbr_context_t *ctx)
{
    hbr_puts(ctx, "sent");
    hbr_flush(ctx);
    return write_wide(ctx);
}

/* A number of more than a thousand characters is no number: nothing of the
 * page is taken for whole. */
static void test_wide_numbers(void **state)
{
    static const int widths[] = { 600, 1023, 1024, 5000 };
    apr_size_t i;

    (void)state;
    for (i = 0; i < COUNT(widths); i++) {
        const hbr_test_response_t *r;
        bool fits;

        width = widths[i];
        fits = width < 1024;
        r = SERVE(write_wide);
        assert_int_equal(r->status, fits ? 200 : 500);
        if (fits)
            assert_int_equal(r->length, width + 7);
        else
            assert_non_null(hbr_test_logged(kit, "HBR0033"));
        r = SERVE(write_wide_late);
        assert_int_equal(r->status, 200);
        assert_int_equal(r->cut, !fits);
        assert_int_equal(r->complete, fits);
    }
}

static int write_long(hbr_context_t *ctx)
{
    static char text[30000];
    int i;

    memset(text, '<', sizeof(text) - 1);
    for (i = 0; i < 3; i++)
        assert_int_equal(hbr_html(ctx, "<i>%s</i>", text), APR_SUCCESS);
    return HBR_OK;
}

static void test_long_text(void **state)
{
    const hbr_test_response_t *r = SERVE(write_long);

    (void)state;
    assert_int_equal(r->length, 3 * (7 + 29999 * 4));
    assert_int_equal(strncmp(r->body, "<i>&lt;&lt;", 11), 0);
}

MAIN(SERVE_TEST(test_integers), SERVE_TEST(test_reals), SERVE_TEST(test_chars),
     SERVE_TEST(test_escapes), SERVE_TEST(test_null),
     SERVE_TEST(test_precision_of_text), SERVE_TEST(test_width_of_text),
     SERVE_TEST(test_every_byte), SERVE_TEST(test_bad_formats),
     SERVE_TEST(test_long_text), SERVE_TEST(test_wide_numbers))
