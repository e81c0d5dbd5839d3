/*
 * Boundary lines, held to RFC 2046 5.1.1: the cases by hand, hundreds of
 * thousands of short texts against a naive reader, and the number of bytes that
 * are compared.
 */
#include <stdio.h>
#include <stdlib.h>

#include "support/pool.h"

#include "boundary.h"

/* The program's memcmp() comes before the C library's in the bridge's objects,
 * so that the bytes it looks at can be counted. Some compilers call bcmp() in
 * its place. */
static apr_size_t compared;

int memcmp(const void *a, const void *b, size_t length);
int bcmp(const void *a, const void *b, size_t length);

int memcmp(const void *a, const void *b, size_t length)
{
    const unsigned char *left = a, *right = b;
    size_t i;

    for (i = 0; i < length; i++) {
        compared++;
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    }
    return 0;
}

int bcmp(const void *a, const void *b, size_t length)
{
    return memcmp(a, b, length);
}

#define SHOWN 8192

typedef struct shown_t {
    char text[SHOWN];
    size_t length;
} shown_t;

static void show(shown_t *shown, const char *bytes, apr_size_t length)
{
    assert_true(shown->length + length < SHOWN);
    memcpy(shown->text + shown->length, bytes, length);
    shown->length += length;
    shown->text[shown->length] = '\0';
}

/* Data as it is, a boundary line as [N] or [L]. `again` says that a line
 * begins behind each. */
static void read_pieces(const char *boundary, const char *bytes,
                        apr_size_t length, apr_size_t split, apr_size_t step,
                        bool again, shown_t *shown)
{
    hbr_boundary_t finder;
    apr_size_t at = 0;

    shown->length = 0;
    shown->text[0] = '\0';
    hbr_boundary_open(&finder, boundary);
    while (at < length) {
        apr_size_t piece = at < split ? split - at : step;
        hbr_boundary_e what;
        const char *from, *data;
        apr_size_t count;
        char *copy;

        if (piece > length - at)
            piece = length - at;
        copy = malloc(piece); /* so that a read past its end is reported */
        memcpy(copy, bytes + at, piece);
        from = copy;
        while ((what = hbr_boundary_next(&finder, &from, copy + piece, &data,
                                         &count))
               != HBR_BOUNDARY_MORE) {
            if (what == HBR_BOUNDARY_DATA) {
                assert_true(count > 0);
                show(shown, data, count);
            } else {
                show(shown, what == HBR_BOUNDARY_NEXT ? "[N]" : "[L]", 3);
                if (again)
                    hbr_boundary_begin_line(&finder);
            }
        }
        assert_ptr_equal(from, copy + piece);
        free(copy);
        at += piece;
    }
}

static void expect(const shown_t *shown, const char *wanted)
{
    assert_int_equal(shown->length, strlen(wanted));
    assert_string_equal(shown->text, wanted);
}

static void check(const char *boundary, const char *text, const char *wanted)
{
    shown_t shown;
    apr_size_t length = strlen(text);
    apr_size_t split, step;

    for (split = 0; split <= length; split++) {
        read_pieces(boundary, text, length, split, length, false, &shown);
        expect(&shown, wanted);
    }
    for (step = 1; step < 5; step++) {
        read_pieces(boundary, text, length, 0, step, false, &shown);
        expect(&shown, wanted);
    }
}

#define BLANKS_32 "                \t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t"

static void test_lines(void **state)
{
    static const char *const cases[][2] = {
        { "", "" },
        { "x", "x" },
        { "--b\r\n", "[N]" },
        { "--b--", "[L]" },
        { "--b\r\nx", "[N]x" },
        { "--b--x", "[L]x" },
        { "x--b\r\n", "x--b" }, /* the line end is open */
        { "x--b\r\ny", "x--b\r\ny" },
        { "x\r\n--b\r\ny", "x[N]y" },
        { "x\r\n--b--y", "x[L]y" },
        { "\r\n--b\r\n", "[N]" },
        { "\r\n\r\n--b\r\n", "\r\n[N]" },
        /* only CR LF begins a line */
        { "x\n--b\r\nz", "x\n--b\r\nz" },
        { "x\r--b\r\nz", "x\r--b\r\nz" },
        { "x\n\r--b\r\nz", "x\n\r--b\r\nz" },
        { "x\r\r\n--b\r\nz", "x\r[N]z" },
        { "x\r\n\r\n--b\r\nz", "x\r\n[N]z" },
        { "x\r\n-\r\n--b\r\nz", "x\r\n-[N]z" },
        { "x\r\n--\r\n--b\r\nz", "x\r\n--[N]z" },
        { "x\r\n--b\r\r\n--b\r\nz", "x\r\n--b\r[N]z" },
        /* blanks behind it */
        { "--b \r\nx", "[N]x" },
        { "--b \t \r\nx", "[N]x" },
        { "--b" BLANKS_32 "\r\nx", "[N]x" },
        { "--b" BLANKS_32 " \r\nx", "--b" BLANKS_32 " \r\nx" },
        { "x\r\n--b" BLANKS_32 "\r\r\nx", "x\r\n--b" BLANKS_32 "\r\r\nx" },
        { "x\r\n--b" BLANKS_32 "\r\n--b--", "x[N]--b--" },
        /* what is no line of ours */
        { "x\r\n--bx\r\ny", "x\r\n--bx\r\ny" },
        { "x\r\n--b-\r\ny", "x\r\n--b-\r\ny" },
        { "x\r\n--b-x\r\ny", "x\r\n--b-x\r\ny" },
        { "x\r\n--b x\r\ny", "x\r\n--b x\r\ny" },
        { "x\r\n--b --\r\ny", "x\r\n--b --\r\ny" },
        { "x\r\n--b\ny", "x\r\n--b\ny" },
        { "x\r\n--b\ry", "x\r\n--b\ry" },
        { "x\r\n--b \ry", "x\r\n--b \ry" },
        { "x\r\n--B\r\ny", "x\r\n--B\r\ny" },
        { "x\r\n---b\r\ny", "x\r\n---b\r\ny" },
        { "x\r\n -b\r\ny", "x\r\n -b\r\ny" },
        { "x\r\n--bx\r\n--b\r\ny", "x\r\n--bx[N]y" },
        { "x\r\n--b\r\n--b\r\ny", "x[N]--b\r\ny" },
        { "x\r\n--bb\r\n--b--", "x\r\n--bb[L]" },
        /* open at the end */
        { "x\r", "x" },
        { "x\r\n", "x" },
        { "x\r\n-", "x" },
        { "x\r\n--b", "x" },
        { "x\r\n--b ", "x" },
        { "x\r\n--b-", "x" },
        { "x\r\n--b \r", "x" },
        { "x\r\r", "x\r" },
        { "-", "" },
        { "--b", "" },
        { "--\r", "--" },
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++)
        check("b", cases[i][0], cases[i][1]);
}

/* Every length of boundary, in texts that hold all but one of its characters. */
static void test_every_length(void **state)
{
    char boundary[HBR_BOUNDARY_MAX + 1];
    apr_size_t length;

    (void)state;
    for (length = 1; length <= HBR_BOUNDARY_MAX; length++) {
        char text[4 * HBR_BOUNDARY_MAX];
        char wanted[4 * HBR_BOUNDARY_MAX];

        memset(boundary, 'a', length);
        boundary[length - 1] = length % 2 ? 'a' : 'z';
        boundary[length] = '\0';
        snprintf(text, sizeof(text), "x\r\n--%.*sy\r\n--%s\r\n--%s--",
                 (int)length - 1, boundary, boundary, boundary);
        snprintf(wanted, sizeof(wanted), "x\r\n--%.*sy[N]--%s--",
                 (int)length - 1, boundary, boundary);
        check(boundary, text, wanted);
    }
}

/* What stands at `at` of CR LF + text: how the naive reader sees it. */
typedef enum { NOTHING, OPEN, NEXT, LAST } naive_e;

static naive_e look(const char *boundary, const char *at, size_t *length)
{
    char line[80];
    size_t i = 0;

    snprintf(line, sizeof(line), "\r\n--%s", boundary);
    for (; line[i] != '\0'; i++) {
        if (at[i] == '\0')
            return OPEN;
        if (at[i] != line[i])
            return NOTHING;
    }
    *length = i + 2;
    if (at[i] == '-')
        return at[i + 1] == '-' ? LAST : at[i + 1] == '\0' ? OPEN : NOTHING;
    while (at[i] == ' ' || at[i] == '\t')
        i++;
    *length = i + 2;
    if (at[i] == '\0' || (at[i] == '\r' && at[i + 1] == '\0'))
        return OPEN;
    return at[i] == '\r' && at[i + 1] == '\n' ? NEXT : NOTHING;
}

/* The text has no NUL. A line that begins where no line end was is looked at
 * with one in front. */
static void read_naively(const char *boundary, const char *text, bool again,
                         shown_t *shown)
{
    char buffer[64];
    bool begins = true;

    shown->length = 0;
    shown->text[0] = '\0';
    while (*text != '\0') {
        size_t length = 0;
        size_t front = begins ? 2 : 0;
        naive_e what;

        snprintf(buffer, sizeof(buffer), "%s%s", begins ? "\r\n" : "", text);
        what = look(boundary, buffer, &length);
        if (what == OPEN)
            return;
        if (what == NOTHING && begins) {
            begins = false;
            continue;
        }
        if (what == NOTHING) {
            show(shown, text++, 1);
            continue;
        }
        show(shown, what == NEXT ? "[N]" : "[L]", 3);
        text += length - front;
        begins = again;
    }
}

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1103515245 + 12345;
    return *seed >> 16;
}

static void test_random_texts(void **state)
{
    /* Pieces of boundary lines, so that they come up often. */
    static const char *const words[] = { "\r\n",    "\r",      "\n", "-",
                                         "--",      "\r\n--",  "b",  "bb",
                                         "\r\n--b", " ",       "\t", "--b\r\n",
                                         "x",       "\r\n--bb" };
    static const char *const boundaries[] = { "b", "bb", "b--b", "-", "--" };
    unsigned seed = 5;
    int round;

    (void)state;
    for (round = 0; round < 60000; round++) {
        const char *boundary =
            boundaries[next_random(&seed) % ITEMS(boundaries)];
        unsigned count = next_random(&seed) % 8;
        bool again = next_random(&seed) % 2;
        shown_t whole, wanted;
        apr_size_t length, step;
        char text[64] = "";

        while (count-- > 0)
            strcat(text, words[next_random(&seed) % ITEMS(words)]);
        length = strlen(text);
        read_naively(boundary, text, again, &wanted);
        for (step = 0; step < 4; step++) {
            read_pieces(boundary, text, length, 0, step > 0 ? step : length + 1,
                        again, &whole);
            expect(&whole, wanted.text);
        }
        step = length > 0 ? next_random(&seed) % length : 0;
        read_pieces(boundary, text, length, step, length + 1, again, &whole);
        expect(&whole, wanted.text);
    }
}

/* RFC 2046 5.1.1: bcharsnospace and space */
static void test_ok(void **state)
{
    static const char chars[] = "0123456789abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=?";
    char text[73];
    int c;

    (void)state;
    for (c = 1; c < 256; c++) {
        char alone[] = { (char)c, '\0' };
        char first[] = { (char)c, 'x', '\0' };

        assert_int_equal(hbr_boundary_ok(alone), strchr(chars, c) != NULL);
        assert_int_equal(hbr_boundary_ok(first),
                         strchr(chars, c) != NULL || c == ' ');
    }
    memset(text, 'x', sizeof(text));
    text[70] = '\0';
    assert_true(hbr_boundary_ok(text));
    text[70] = 'x';
    text[71] = '\0';
    assert_false(hbr_boundary_ok(text));
    assert_false(hbr_boundary_ok(""));
    assert_false(hbr_boundary_ok("x "));
    assert_true(hbr_boundary_ok("gc0pJq0M:08jU534c0p"));
    assert_true(hbr_boundary_ok("---- next message ----"));
}

/* Fills with a text again and again, and counts what is compared and given. */
static void count_work(const char *boundary, const char *again,
                       apr_size_t piece)
{
    const apr_size_t size = 1024 * 1024;
    apr_size_t period = strlen(again);
    apr_size_t fed = 0, given = 0, calls = 0;
    hbr_boundary_t finder;
    char *bytes = malloc(size);
    apr_size_t i;

    for (i = 0; i < size; i++)
        bytes[i] = again[i % period];
    hbr_boundary_open(&finder, boundary);
    compared = 0;
    while (fed < size) {
        apr_size_t count = piece < size - fed ? piece : size - fed;
        const char *at = bytes + fed;
        const char *end = at + count;
        const char *data;
        apr_size_t length;

        while (hbr_boundary_next(&finder, &at, end, &data, &length)
               == HBR_BOUNDARY_DATA) {
            given += length;
            calls++;
        }
        assert_ptr_equal(at, end);
        fed += count;
    }
    free(bytes);
    assert_true(given + sizeof(finder.text) >= size);
    assert_true(given <= size);
    /* What one piece holds the next one gives out; the rest is one run. */
    assert_true(calls <= 2 * (size / piece + 1));
    /* Each byte once where it goes with the boundary, once where it does not,
     * and those again that a piece ends in. */
    assert_true(compared <= 2 * size + (size / piece + 1) * 80);
}

/* Texts that are dense with line ends, with almost-boundaries, with the
 * boundary's own characters: CVE-2024-53981 and its like. */
static void test_linear(void **state)
{
    char longest[HBR_BOUNDARY_MAX + 1];
    char almost[HBR_BOUNDARY_MAX + 8];
    static const apr_size_t pieces[] = { 8000, 1024 * 1024, 101, 3 };
    static const char *const texts[] = { "\r\n",         "\r",
                                         "\n",           "-",
                                         "\r\n-",        "\r\n--",
                                         "\r\n--b",      "\r\n--bx",
                                         "\r\n--bbbb x", "\r\n--bbbb  \r",
                                         "\r\n--bbbb-",  "b",
                                         "\r\rb",        "x" };
    size_t i, p;

    (void)state;
    memset(longest, 'b', HBR_BOUNDARY_MAX);
    longest[HBR_BOUNDARY_MAX] = '\0';
    snprintf(almost, sizeof(almost), "\r\n--%.*s", HBR_BOUNDARY_MAX - 1,
             longest);
    for (p = 0; p < ITEMS(pieces); p++) {
        for (i = 0; i < ITEMS(texts); i++) {
            count_work("bbbb", texts[i], pieces[p]);
            count_work(longest, texts[i], pieces[p]);
        }
        count_work(longest, almost, pieces[p]);
        strcat(almost, "x");
        count_work(longest, almost, pieces[p]);
        almost[strlen(almost) - 1] = '\0';
    }
    /* The counter does count. */
    compared = 0;
    check("b", "x\r\n--b\r\n", "x[N]");
    assert_true(compared > 0);
}

MAIN(cmocka_unit_test(test_lines), cmocka_unit_test(test_every_length),
     cmocka_unit_test(test_random_texts), cmocka_unit_test(test_ok),
     cmocka_unit_test(test_linear))
