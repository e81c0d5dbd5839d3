/*
 * printf(3) in one pass.
 *
 * A conversion is read to its end before the first of its values is taken: what
 * is not done here is left whole, with its values, to the C library. The result
 * is the C library's byte for byte, in any locale: nothing that is done here
 * depends on it. Nothing is kept; any thread.
 */
#include "format.h"

#include "rare.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STAR (-2)
#define NONE (-1)

/* More digits are the C library's. */
#define WIDTH_DIGITS 3
#define PRECISION_DIGITS 9

/* The size of a number: 'l' and so on as they stand, but for doubled letters
 * and none. */
enum { INT = 0, HH = 'H', LL = 'L' };

/* One conversion: "%-8.3s". */
typedef struct spec_t {
    const char *end; /* behind it */
    int width;       /* 0: none */
    int precision;   /* or STAR, NONE */
    bool left;
    bool zero;
    char size;
    char kind;
} spec_t;

void hbr_format_pad(hbr_format_t *format, char byte, int times)
{
    char run[32];

    memset(run, byte, sizeof(run));
    while (times > 0 && format->status == APR_SUCCESS) {
        int now = times < (int)sizeof(run) ? times : (int)sizeof(run);

        hbr_format_put(format, run, (apr_size_t)now);
        times -= now;
    }
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* False for a number of too many digits; none is 0. */
static bool read_number(const char **at, int digits, int *number)
{
    *number = 0;
    for (; is_digit(**at); (*at)++) {
        if (digits-- == 0)
            return false;
        *number = *number * 10 + (**at - '0');
    }
    return true;
}

static void read_flags(const char **at, spec_t *spec)
{
    for (;; (*at)++) {
        if (**at == '-')
            spec->left = true;
        else if (**at == '0')
            spec->zero = true;
        else
            return;
    }
}

static bool read_precision(const char **at, spec_t *spec)
{
    if (**at != '.')
        return true;
    if (*++*at != '*')
        return read_number(at, PRECISION_DIGITS, &spec->precision);
    (*at)++;
    spec->precision = STAR;
    return true;
}

/* Flags, width and precision; false for one that is the C library's. */
static bool read_sizes(const char **at, spec_t *spec)
{
    read_flags(at, spec);
    return read_number(at, WIDTH_DIGITS, &spec->width)
           && read_precision(at, spec);
}

static char read_size(const char **at)
{
    char size = **at;

    switch (size) {
    case 'h':
    case 'l':
        if (*++*at != size)
            return size;
        (*at)++;
        return size == 'h' ? HH : LL;
    case 'j':
    case 'z':
    case 't': (*at)++; return size;
    default: return INT;
    }
}

/* Reads the conversion that begins at a percent sign; false when it is the C
 * library's. Also at the end of a format, which is no kind. */
static bool read_spec(const char *at, spec_t *spec)
{
    at++;
    spec->width = 0;
    spec->precision = NONE;
    spec->left = spec->zero = false;
    /* Mostly none of them is there; all begin with a lesser byte. */
    if (*at <= '9' && !read_sizes(&at, spec))
        return false;
    spec->size = read_size(&at);
    spec->kind = *at;
    spec->end = at + 1;
    switch (spec->kind) {
    case 's': return spec->size == INT && !spec->zero;
    case 'c':
        return spec->size == INT && !spec->zero && spec->precision == NONE;
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X': return spec->precision == NONE;
    case '%': return at[-1] == '%';
    default: return false;
    }
}

/* An integer of a type: of its bytes, whatever stands above them. */
static uintmax_t cut(uintmax_t value, apr_size_t size, bool is_signed)
{
    unsigned above = (unsigned)(sizeof(value) - size) * 8;

    value <<= above;
    return is_signed ? (uintmax_t)((intmax_t)value >> above) : value >> above;
}

#define TAKE(type)                                                             \
    cut((uintmax_t)va_arg(format->args, type), sizeof(type), sign)

static uintmax_t take_number(hbr_format_t *format, char size, bool sign)
{
    switch (size) {
    case HH: return cut(va_arg(format->args, unsigned), sizeof(char), sign);
    case 'h': return cut(va_arg(format->args, unsigned), sizeof(short), sign);
    case 'l': return TAKE(unsigned long);
    case LL: return TAKE(unsigned long long);
    case 'j': return TAKE(uintmax_t);
    case 'z': return TAKE(size_t);
    case 't': return TAKE(ptrdiff_t);
    default: return TAKE(unsigned);
    }
}

/* Writes digits so that they end where end is; where they begin. */
static char *decimal(char *end, uintmax_t value)
{
    do {
        *--end = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return end;
}

static char *hexadecimal(char *end, uintmax_t value, const char *letters)
{
    do {
        *--end = letters[value % 16];
        value /= 16;
    } while (value > 0);
    return end;
}

static void put_number(hbr_format_t *format, const spec_t *spec, char *digits,
                       const char *end, bool negative)
{
    int fill = spec->width - (int)(end - digits) - negative;

    if (spec->zero && !spec->left && fill > 0) {
        hbr_format_put(format, "-", negative);
        hbr_format_pad(format, '0', fill);
        hbr_format_put(format, digits, (apr_size_t)(end - digits));
        return;
    }
    if (negative)
        *--digits = '-';
    if (fill > 0 && !spec->left)
        hbr_format_pad(format, ' ', fill);
    hbr_format_put(format, digits, (apr_size_t)(end - digits));
    if (fill > 0 && spec->left)
        hbr_format_pad(format, ' ', fill);
}

static void write_number(hbr_format_t *format, const spec_t *spec)
{
    char text[24]; /* a sign and 20 digits */
    char *end = text + sizeof(text), *digits;
    bool is_signed = spec->kind == 'd' || spec->kind == 'i';
    uintmax_t value = take_number(format, spec->size, is_signed);
    bool negative = is_signed && (intmax_t)value < 0;

    if (spec->kind == 'x')
        digits = hexadecimal(end, value, "0123456789abcdef");
    else if (spec->kind == 'X')
        digits = hexadecimal(end, value, "0123456789ABCDEF");
    else
        digits = decimal(end, negative ? 0 - value : value);
    put_number(format, spec, digits, end, negative);
}

static void put_text(hbr_format_t *format, const spec_t *spec, const char *text,
                     apr_size_t length)
{
    int fill = length < (apr_size_t)spec->width ? spec->width - (int)length : 0;

    if (fill > 0 && !spec->left)
        hbr_format_pad(format, ' ', fill);
    format->value(format, text, length);
    if (fill > 0 && spec->left)
        hbr_format_pad(format, ' ', fill);
}

/* A text with a precision need not end with a NUL. */
static void write_text(hbr_format_t *format, const spec_t *spec)
{
    int precision = spec->precision;
    const char *text;

    if (precision == STAR)
        precision = va_arg(format->args, int);
    text = va_arg(format->args, const char *);
    if (text == NULL) {
        text = format->null;
        if (precision >= 0 && (apr_size_t)precision < strlen(text))
            precision = 0;
    }
    put_text(format, spec, text,
             precision < 0 ? strlen(text) : strnlen(text, (size_t)precision));
}

static void write_value(hbr_format_t *format, const spec_t *spec)
{
    char byte;

    switch (spec->kind) {
    case 's': write_text(format, spec); break;
    case 'c':
        byte = (char)va_arg(format->args, int);
        put_text(format, spec, &byte, 1);
        break;
    case '%': hbr_format_put(format, "%", 1); break;
    default: write_number(format, spec);
    }
}

static void write_bare_text(hbr_format_t *format)
{
    const char *text = va_arg(format->args, const char *);

    if (text == NULL)
        text = format->null;
    format->value(format, text, strlen(text));
}

static HBR_APART void write_long_int(hbr_format_t *format, int value)
{
    char text[12]; /* a sign and 10 digits */
    char *end = text + sizeof(text), *digits;

    digits = decimal(end, value < 0 ? 0 - (unsigned)value : (unsigned)value);
    if (value < 0)
        *--digits = '-';
    hbr_format_put(format, digits, (apr_size_t)(end - digits));
}

/* Mostly it has a digit or two, and there is room: they are written where they
 * go. */
static void write_bare_int(hbr_format_t *format)
{
    hbr_room_t *room = format->room;
    int value = va_arg(format->args, int);
    unsigned tens = (unsigned)value / 10;
    char *at = room->at;

    if (tens > 9 || room->end - at < 2) {
        write_long_int(format, value);
        return;
    }
    if (tens > 0)
        *at++ = (char)('0' + tens);
    *at++ = (char)('0' + (unsigned)value - 10 * tens);
    room->at = at;
}

/* Without flags, width and size, which is what most conversions are; false for
 * another. */
static bool write_bare(hbr_format_t *format, char kind)
{
    if (kind == 's')
        write_bare_text(format);
    else if (kind == 'd')
        write_bare_int(format);
    else
        return false;
    return true;
}

/* Any other that is done here; false for one that is not. */
static HBR_APART bool write_spec(hbr_format_t *format)
{
    spec_t spec;

    if (!read_spec(format->rest, &spec))
        return false;
    write_value(format, &spec);
    format->rest = spec.end;
    return true;
}

/* True at the format's end. */
static bool write_literal(hbr_format_t *format)
{
    const char *percent = strchrnul(format->rest, '%');

    if (percent != format->rest)
        hbr_format_put(format, format->rest,
                       (apr_size_t)(percent - format->rest));
    format->rest = percent;
    return *percent == '\0';
}

void hbr_format(hbr_format_t *format)
{
    while (format->status == APR_SUCCESS) {
        if (write_literal(format))
            return;
        if (write_bare(format, format->rest[1]))
            format->rest += 2;
        else if (!write_spec(format))
            return;
    }
}
