/*
 * hbr_format(): what it writes, with the C library for what it leaves, is what
 * vsnprintf() makes of the same; whatever room there is.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include "support/paths.h"
#include "support/pool.h"

#include "format.h"

#define LONGEST 20000
#define ROUNDS 40000

static char expected[LONGEST];

/* What was written, and the room: one of many sizes, anew after each spill. */
static struct {
    hbr_format_t format;
    char text[LONGEST];
    apr_size_t length;
    hbr_room_t left; /* of the room */
    char *room;
    apr_size_t size;
    int spills;
    int fail_at; /* which spill fails; 0: none */
} out;

static void take_back(void)
{
    apr_size_t used = (apr_size_t)(out.left.at - out.room);

    assert_true(used <= out.size);
    assert_true(out.length + used < sizeof(out.text));
    memcpy(out.text + out.length, out.room, used);
    out.length += used;
    out.text[out.length] = '\0';
    out.left.at = out.room;
}

static void spill(hbr_format_t *format, const char *bytes, apr_size_t length)
{
    assert_ptr_equal(format, &out.format);
    assert_int_equal(format->status, APR_SUCCESS);
    take_back();
    if (++out.spills == out.fail_at) {
        format->status = APR_ENOSPC;
        out.left.end = out.left.at;
        return;
    }
    memcpy(out.text + out.length, bytes, length);
    out.length += length;
    out.text[out.length] = '\0';
}

/* A block of just this size: ASan sees what is written behind it. */
static void begin(const char *format, apr_size_t room)
{
    out.room = malloc(room > 0 ? room : 1);
    out.size = room;
    out.length = 0;
    out.spills = 0;
    out.text[0] = '\0';
    out.format.rest = format;
    out.left.at = out.room;
    out.left.end = out.room + room;
    out.format.room = &out.left;
    out.format.status = APR_SUCCESS;
    out.format.spill = spill;
    out.format.value = hbr_format_put;
    out.format.null = "(null)";
}

static void end(void)
{
    take_back();
    free(out.room);
}

static apr_size_t room = 64;

/* Writes as output.c does: the rest by the C library. */
static void write_all(const char *format, va_list args)
{
    begin(format, room);
    va_copy(out.format.args, args);
    hbr_format(&out.format);
    end();
    vsnprintf(out.text + out.length, sizeof(out.text) - out.length,
              out.format.rest, out.format.args);
    va_end(out.format.args);
}

#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static void same(const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = vsnprintf(expected, sizeof(expected), format, args);
    va_end(args);
    assert_in_range(length, 0, sizeof(expected) - 1);
    va_start(args, format);
    write_all(format, args);
    va_end(args);
    /* not for strings alone: a %c may write a NUL */
    if (memcmp(out.text, expected, (size_t)length + 1) != 0)
        fail_msg("\"%s\" is \"%s\", not \"%s\"", format, out.text, expected);
}

/* All of it is done here: nothing is left to the C library. */
#define DONE(...)                                                              \
    do {                                                                       \
        same(__VA_ARGS__);                                                     \
        assert_string_equal(out.format.rest, "");                              \
    } while (0)

/* It stops at a conversion. */
#define LEAVES(left, ...)                                                      \
    do {                                                                       \
        same(__VA_ARGS__);                                                     \
        assert_string_equal(out.format.rest, left);                            \
    } while (0)

/* ---- what is done here ------------------------------------------------- */

static void test_literal(void **state)
{
    (void)state;
    DONE("%s", "");
    DONE("no conversion");
    DONE("%%");
    DONE("100%% of %%%d%%", 7);
    DONE("\xff%s\xc3", "\xe2\x82\xac\xfe");
}

/* Short ones are copied another way than long ones, where there is room. */
static void test_literal_lengths(void **state)
{
    static const char text[] = "a literal text that goes on for a while";
    char format[64];
    apr_size_t length;

    (void)state;
    for (room = 0; room < 40; room++) {
        for (length = 0; length < sizeof(text); length++) {
            snprintf(format, sizeof(format), "%.*s%%d%s", (int)length, text,
                     text + length);
            DONE(format, 42);
        }
    }
    room = 64;
}

/* Those of one or two digits are written another way than others. */
static void test_small_integers(void **state)
{
    int value;

    (void)state;
    for (value = -200; value < 1200; value++) {
        for (room = 0; room < 5; room++)
            DONE("%d.", value);
    }
    room = 64;
}

static void test_integers(void **state)
{
    static const int64_t rows[] = { 0,         1,         -1,        9,
                                    10,        -10,       SCHAR_MIN, 128,
                                    SHRT_MIN,  65535,     INT_MIN,   INT_MAX,
                                    INT64_MIN, INT64_MAX, UINT_MAX };
    apr_size_t i;

    (void)state;
    for (i = 0; i < ITEMS(rows); i++) {
        int64_t v = rows[i];

        DONE("%d|%i|%u|%x|%X", (int)v, (int)v, (int)v, (int)v, (int)v);
        DONE("%hd|%hi|%hu|%hx", (int)v, (int)v, (int)v, (int)v);
        DONE("%hhd|%hhi|%hhu|%hhX", (int)v, (int)v, (int)v, (int)v);
        DONE("%ld|%lu|%lx", (long)v, (long)v, (long)v);
        DONE("%lld|%llu|%llX", (long long)v, (long long)v, (long long)v);
        DONE("%jd|%ju|%jx", (intmax_t)v, (intmax_t)v, (intmax_t)v);
        DONE("%zd|%zu|%zx", (size_t)v, (size_t)v, (size_t)v);
        DONE("%td|%tu", (ptrdiff_t)v, (ptrdiff_t)v);
        DONE("%" PRId64 "|%" PRIu64 "|%" PRIx64 "|%" PRId32, v, v, v, (int)v);
        DONE("%5d|%-5d|%05d|%-05d|%0-7d|%020d|", (int)v, (int)v, (int)v, (int)v,
             (int)v, (int)v);
        DONE("%1d|%01d|%-1d|%999d", (int)v, (int)v, (int)v, (int)v);
        DONE("%016" PRIx64 "|%-20" PRId64 "|%021" PRId64, v, v, v);
    }
    DONE("%zu", SIZE_MAX);
}

static void test_text(void **state)
{
    static char long_text[9000];
    const char *volatile none = NULL;

    (void)state;
    memset(long_text, 'x', sizeof(long_text) - 1);
    DONE("%s|%s", "", "abc");
    DONE("%5s|%-5s|%2s|%100s", "abc", "abc", "abc", "abc");
    DONE("%.2s|%.0s|%.s|%.9s|%-6.2s|%6.2s", "abc", "abc", "abc", "abc", "abc",
         "abc");
    DONE("%.*s|%.*s|%.*s|%.*s", 2, "abc", 0, "abc", -1, "abc", INT_MIN, "abc");
    DONE("%.999999999s", "abc");
    DONE("%s|%s", long_text, long_text);
    DONE("%s|%.6s|%.5s|%.0s|%9s|%-9.3s|%.*s", none, none, none, none, none,
         none, -1, none);
    DONE("%c%c|%3c|%-3c|", 'a', '\xff', 'b', 'c');
    DONE("<%c>%d", '\0', 5);
}

/* A text with a precision ends where it ends: ASan sees reading behind it. */
static void test_text_without_end(void **state)
{
    char *text = malloc(3);

    (void)state;
    memcpy(text, "abc", 3);
    DONE("%.3s|%.*s|%.*s|%.1s", text, 3, text, 0, text, text);
    free(text);
}

/* ---- what is left ------------------------------------------------------ */

/* Before the conversion's first value, a star's too. */
static void test_left(void **state)
{
    (void)state;
    LEAVES("%f|%d", "%d|%s|%f|%d", 1, "a", 1.5, 2);
    LEAVES("%*d|%s", "%d|%*d|%s", 1, 7, 2, "a");
    LEAVES("%-*s|%s", "%s|%-*s|%s", "a", 7, "b", "c");
    LEAVES("%.3d", "%d|%.3d", 1, 2);
    LEAVES("%.*d", "%s%.*d", "", 3, 2);
    LEAVES("%5.*d|", "%5.*d|", 3, 2);
    LEAVES("%+d", "%d%+d", 1, 2);
    LEAVES("% d", "% d", 1);
    LEAVES("%#x", "%x|%#x", 1, 2);
    LEAVES("%'d", "%'d", 1234567);
    LEAVES("%o", "%o", 8);
    LEAVES("%p", "%s%p", "at ", (void *)expected);
    LEAVES("%Lf|%s", "%d|%Lf|%s", 1, 2.5L, "a");
    LEAVES("%e", "%e", 1e10);
    LEAVES("%a", "%a", 1.25);
    LEAVES("%ls", "%s%ls", "a", L"wide");
    LEAVES("%lc", "%lc", (wint_t)L'w');
    LEAVES("%1000d", "%d%1000d", 1, 2);
    LEAVES("%.1000000000s", "%.1000000000s", "abc");
    LEAVES("%2$s %1$d", "%2$s %1$d", 5, "five");
    LEAVES("%1$*2$d", "text %1$*2$d", 5, 7);
    LEAVES("%m", "%s%m", "");
}

/* A format that ends in a conversion, or has none of that name: not looked at
 * behind its end, and left. */
static void test_bad(void **state)
{
    static const char *const rows[] = { "%",   "%5",  "%-",  "%0",  "%.",
                                        "%.3", "%.*", "%l",  "%ll", "%hh",
                                        "%y",  "%n",  "%5%", "%hs" };
    apr_size_t i;

    (void)state;
    for (i = 0; i < ITEMS(rows); i++) {
        char *format = strdup(rows[i]);

        begin(format, 8);
        hbr_format(&out.format);
        assert_ptr_equal(out.format.rest, format);
        end();
        assert_int_equal(out.length, 0);
        free(format);
    }
}

/* ---- by luck ----------------------------------------------------------- */

static luck_t luck;

static char *add_any_of(char *at, const char *const *words, unsigned count)
{
    return stpcpy(at, words[luck_below(&luck, count)]);
}

static const int64_t numbers[] = { 0,       1,        -1,        42,  INT_MIN,
                                   INT_MAX, UINT_MAX, INT64_MIN, 255, -32769 };

static int64_t any_number(void)
{
    int64_t number = numbers[luck_below(&luck, ITEMS(numbers))];

    return luck_below(&luck, 2) ? number
                                : (int64_t)((uint64_t)number * luck.state);
}

/* Flags, width and precision; how many stars they have. */
static int add_sizes(char **at)
{
    static const char *const widths[] = { "",   "",    "",     "1", "5",
                                          "12", "999", "1001", "*" };
    static const char *const precisions[] = { "",   "",   "",    ".", ".0",
                                              ".1", ".7", ".30", ".*" };
    static const char flags[] = "-0+ #'";
    char *from = *at;
    unsigned count = luck_below(&luck, 2) ? luck_below(&luck, 4) : 0;
    int stars = 0;

    while (count-- > 0)
        *(*at)++ = flags[luck_below(&luck, luck_below(&luck, 2) ? 2 : 6)];
    *at = add_any_of(*at, widths, ITEMS(widths));
    *at = add_any_of(*at, precisions, ITEMS(precisions));
    for (; *from != '\0'; from++)
        stars += *from == '*';
    return stars;
}

/* One value behind the stars' numbers, and two more that show that the values
 * did not shift. */
#define WITH_STARS(value)                                                      \
    (stars == 0   ? same(text, value, "tail", 42)                              \
     : stars == 1 ? same(text, a, value, "tail", 42)                           \
                  : same(text, a, b, value, "tail", 42))

static void try_number(char *text, char *at, int stars, int a, int b)
{
    static const char *const sizes[] = {
        "", "hh", "h", "l", "ll", "j", "z", "t"
    };
    unsigned size = luck_below(&luck, ITEMS(sizes));
    int64_t number = any_number();

    at = stpcpy(at, sizes[size]);
    *at++ = "diuxXo"[luck_below(&luck, 6)];
    strcpy(at, "|%s|%d");
    if (size < 3)
        WITH_STARS((int)number);
    else if (size == 3)
        WITH_STARS((long)number);
    else if (size == 4)
        WITH_STARS((long long)number);
    else if (size == 5)
        WITH_STARS((intmax_t)number);
    else
        WITH_STARS((size_t)number);
}

static void try_other(char *text, char *at, int stars, int a, int b)
{
    static const char *const words[] = {
        "",  "a", "caf\xc3\xa9", "\xff\xfe<&>", "a longer text than most are",
        NULL
    };
    unsigned kind = luck_below(&luck, 3);

    *at++ = "scg"[kind];
    strcpy(at, "|%s|%d");
    if (kind == 0)
        WITH_STARS(words[luck_below(&luck, ITEMS(words))]);
    else if (kind == 1)
        WITH_STARS((int)luck_below(&luck, 256));
    else
        WITH_STARS((double)any_number() / 7);
}

static uint64_t seed(void)
{
    const char *given = getenv("HBR_SEED");
    uint64_t number =
        given != NULL ? strtoull(given, NULL, 0) : (uint64_t)apr_time_now();

    print_message("# HBR_SEED=%" PRIu64 "\n", number);
    return number;
}

/* Any flags, width, precision, size, kind and value, in any room. */
static void test_by_luck(void **state)
{
    int i;

    (void)state;
    luck.state = seed() | 1;
    for (i = 0; i < ROUNDS; i++) {
        char text[64] = "%%lead %";
        char *at = text + strlen(text);
        int stars = add_sizes(&at);
        int a = (int)luck_below(&luck, 40) - 20;
        int b = (int)luck_below(&luck, 40) - 20;

        room = luck_below(&luck, 50);
        if (luck_below(&luck, 2))
            try_number(text, at, stars, a, b);
        else
            try_other(text, at, stars, a, b);
    }
    room = 64;
}

/* ---- the room ---------------------------------------------------------- */

static void test_every_room(void **state)
{
    (void)state;
    for (room = 0; room < 80; room++)
        DONE("a%db%-12sc%020u|%%%c%3.1s%s", -77, "left", 12345u, 'x', "cut",
             "the end");
    room = 64;
}

static void write_some(const char *format, ...)
{
    va_start(out.format.args, format);
    hbr_format(&out.format);
    va_end(out.format.args);
}

/* An error ends it: the rest stays, and spill is called no more. */
static void test_error_sticks(void **state)
{
    static const char format[] = "%12d%-40s%s%d%d";

    (void)state;
    for (out.fail_at = 1; out.fail_at < 4; out.fail_at++) {
        begin(format, 4);
        write_some(format, 1, "wide", "text that is long", 2, 3);
        assert_int_equal(out.format.status, APR_ENOSPC);
        assert_int_equal(out.spills, out.fail_at);
        assert_int_not_equal(*out.format.rest, '\0');
        end();
    }
    out.fail_at = 0;
}

static void bracket(hbr_format_t *format, const char *bytes, apr_size_t length)
{
    hbr_format_put(format, "[", 1);
    hbr_format_put(format, bytes, length);
    hbr_format_put(format, "]", 1);
}

/* Texts and characters go through value, padding and all else around it. */
static void test_values(void **state)
{
    static const char format[] = "<%s%3c%d%-4s%%%.1s%s>";

    (void)state;
    begin(format, 100);
    out.format.value = bracket;
    out.format.null = "";
    write_some(format, "a", 'b', 5, "c", "de", NULL);
    end();
    assert_string_equal(out.text, "<[a]  [b]5[c]   %[d][]>");
}

MAIN(POOL_TEST(test_literal), POOL_TEST(test_literal_lengths),
     POOL_TEST(test_small_integers), POOL_TEST(test_integers),
     POOL_TEST(test_text), POOL_TEST(test_text_without_end),
     POOL_TEST(test_left), POOL_TEST(test_bad), POOL_TEST(test_by_luck),
     POOL_TEST(test_every_room), POOL_TEST(test_error_sticks),
     POOL_TEST(test_values))
