/*
 * hbr_format() with one conversion, of any characters, between two texts.
 * Holds: where printf(3) has it, the text is vsnprintf()'s, the C library doing
 * what was left; where it has not, it is left whole.
 *
 * An input is the room in a byte, a line that is the conversion, a number of
 * eight bytes and a line of text, "-" for none.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

#include "format.h"

#define LONGEST 32768

static char expected[LONGEST];
static char *text, *room_end;
static apr_size_t used;
static hbr_room_t place;

void fuzz_setup(void)
{
}

static void spill(hbr_format_t *format, const char *bytes, apr_size_t length)
{
    apr_size_t written = (apr_size_t)(place.at - (room_end - 64));

    (void)format;
    CHECK(length > 0 && length < LONGEST - used - written);
    memcpy(text + used, room_end - 64, written);
    memcpy(text + used + written, bytes, length);
    used += written + length;
    place.at = room_end - 64;
}

/* Writes into a room of so many bytes, that of 64 with the last of them. */
static void begin(hbr_format_t *format, const char *rest, unsigned size)
{
    place = (hbr_room_t){ room_end - 64, room_end - 64 + size };
    *format = (hbr_format_t){ .rest = rest,
                              .room = &place,
                              .spill = spill,
                              .value = hbr_format_put,
                              .null = "(null)" };
    used = 0;
}

static void end(const hbr_format_t *format)
{
    apr_size_t written = (apr_size_t)(place.at - (room_end - 64));

    CHECK(place.at <= place.end && format->status == APR_SUCCESS);
    memcpy(text + used, room_end - 64, written);
    used += written;
}

static unsigned room;

static void same(const char *whole, ...)
{
    hbr_format_t format;
    va_list args;
    int length, more;

    va_start(args, whole);
    length = vsnprintf(expected, sizeof(expected), whole, args);
    va_end(args);
    CHECK(length >= 0 && length < LONGEST);
    begin(&format, whole, room);
    va_start(format.args, whole);
    hbr_format(&format);
    end(&format);
    CHECK(*format.rest == '\0' || *format.rest == '%');
    more = vsnprintf(text + used, LONGEST - used, format.rest, format.args);
    va_end(format.args);
    CHECK(used + (apr_size_t)more == (apr_size_t)length);
    CHECK(memcmp(text, expected, (apr_size_t)length) == 0);
}

static void left(const char *whole, const char *from, ...)
{
    hbr_format_t format;

    begin(&format, whole, room);
    va_start(format.args, from);
    hbr_format(&format);
    va_end(format.args);
    end(&format);
    CHECK(format.rest == from);
    CHECK(used == strlen("100% of "));
}

/* A width or precision; 0 when it has more digits than a test has time for. */
static int skip_number(const char **at, int *stars)
{
    apr_size_t digits = strspn(*at, "0123456789");

    if (**at == '*') {
        (*stars)++;
        (*at)++;
        return 1;
    }
    *at += digits;
    return digits <= 3;
}

/* Behind flags, width and precision; NULL when they are too long. */
static const char *skip_sizes(const char *at, int *stars)
{
    at += strspn(at, "-0+ #'");
    if (!skip_number(&at, stars))
        return NULL;
    if (*at == '.' && (at++, !skip_number(&at, stars)))
        return NULL;
    return at;
}

#define GIVE(value)                                                            \
    (stars == 0   ? same(whole, value, 42)                                     \
     : stars == 1 ? same(whole, a, value, 42)                                  \
                  : same(whole, a, b, value, 42))

static void give(const char *whole, const char *from, const char *kind,
                 int stars, uint64_t number, const char *value)
{
    apr_size_t size = strspn(kind, "hljztL");
    int a = (int)(number % 50) - 25, b = (int)(number / 50 % 50) - 25;
    char last = kind[size];
    bool integer = last != '\0' && strchr("diuxXo", last) != NULL;

    if (size == 0 && last == 's')
        GIVE(value);
    else if (size == 0 && (last == 'c' || integer))
        GIVE((int)number);
    else if (size == 0 && last != '\0' && strchr("eg", last) != NULL)
        GIVE((double)number / 7);
    else if (integer && size <= 2 && strncmp(kind, "hh", size) == 0)
        GIVE((int)number);
    else if (integer && size <= 2 && strncmp(kind, "ll", size) == 0)
        GIVE((long long)number);
    else if (integer && size == 1 && *kind != 'L')
        GIVE((size_t)number);
    else if (last != '%' || kind - from > 1)
        left(whole, from);
}

void fuzz(fuzz_input_t *input)
{
    const char *conversion, *kind, *whole, *from;
    uint64_t number;
    int stars = 0;
    char *buffer;

    room = fuzz_byte(input) % 65;
    conversion = fuzz_line(input);
    if (*conversion == '\0')
        return;
    number = fuzz_number(input, 8);
    whole = apr_pstrcat(pool, "100%% of %", conversion, "|%d", NULL);
    from = whole + strlen("100%% of ");
    kind = skip_sizes(from + 1, &stars);
    text = apr_palloc(pool, LONGEST);
    buffer = malloc(64);
    room_end = buffer + 64;
    /* A second conversion would find no value. */
    if (kind != NULL && strchr(conversion + 1, '%') == NULL)
        give(whole, from, kind, stars, number, fuzz_field(input));
    free(buffer);
}
