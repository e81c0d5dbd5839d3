/*
 * HTML by printf: the format is markup, every %s is escaped.
 *
 * hbr_format() writes the markup and most conversions, the values of %s and %c
 * through the escaper. A conversion that it leaves is handed to the C library
 * alone, with its own value: what follows may be a %s.
 */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "escape.h"
#include "log.h"
#include "output.h"
#include "response.h"

#define SPEC_MAX 32
#define NUMBER_MAX 1024

/* One conversion of a format: "%-08.3lf". */
typedef struct spec_t {
    char text[SPEC_MAX]; /* with its stars filled in */
    char size[3];        /* "", "l", "ll", "h", "hh", "z", "t", "j", "L" */
    char kind;
    bool left;     /* pads at the right */
    int width;     /* 0: none */
    int precision; /* -1: none */
} spec_t;

static void sink(void *format, const char *bytes, apr_size_t length)
{
    hbr_format_put(format, bytes, length);
}

/* Mostly there is nothing to escape. */
static void escape(hbr_format_t *format, const char *text, apr_size_t length)
{
    if (hbr_html_plain(text, length) == length)
        hbr_format_put(format, text, length);
    else
        hbr_html_escape_to(text, length, sink, format);
}

/* Adds to the spec's text; a format too long for it is no format. */
static bool add(spec_t *spec, const char *text, apr_size_t length)
{
    apr_size_t used = strlen(spec->text);

    if (length >= sizeof(spec->text) - used)
        return false;
    memcpy(spec->text + used, text, length);
    spec->text[used + length] = '\0';
    return true;
}

/* Reads digits or a star; a star takes its number from the values. What has
 * more than nine digits fits no page. */
static int read_number(const char **at, hbr_format_t *format)
{
    int number = 0;

    if (**at == '*') {
        (*at)++;
        return va_arg(format->args, int);
    }
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        if (number < 100000000)
            number = number * 10 + (**at - '0');
    }
    return number;
}

/* C11 7.21.6.1: a negative width is a '-' flag and a width, a negative
 * precision is none. */
static bool read_width(const char **at, spec_t *spec, hbr_format_t *format)
{
    char text[16];

    spec->width = read_number(at, format);
    if (spec->width < 0) {
        spec->left = true;
        spec->width = spec->width == INT_MIN ? INT_MAX : -spec->width;
    }
    snprintf(text, sizeof(text), "%s%d", spec->left ? "-" : "", spec->width);
    return spec->width == 0 || add(spec, text, strlen(text));
}

static bool read_precision(const char **at, spec_t *spec, hbr_format_t *format)
{
    char text[16];

    spec->precision = -1;
    if (**at != '.')
        return true;
    (*at)++;
    spec->precision = read_number(at, format);
    if (spec->precision < 0)
        return true;
    snprintf(text, sizeof(text), ".%d", spec->precision);
    return add(spec, text, strlen(text));
}

static bool read_size_and_kind(const char **at, spec_t *spec)
{
    apr_size_t size = strspn(*at, "hlLzjt");

    if (size >= sizeof(spec->size) || !add(spec, *at, size + 1))
        return false;
    memcpy(spec->size, *at, size);
    *at += size;
    spec->kind = **at;
    if (spec->kind == '\0')
        return false;
    (*at)++;
    return true;
}

/* Reads one conversion, beginning after its percent sign. */
static bool read_spec(const char **at, spec_t *spec, hbr_format_t *format)
{
    apr_size_t flags = strspn(*at, "-+ #0");

    memset(spec, 0, sizeof(*spec));
    if (!add(spec, "%", 1) || !add(spec, *at, flags))
        return false;
    spec->left = memchr(*at, '-', flags) != NULL;
    *at += flags;
    return read_width(at, spec, format) && read_precision(at, spec, format)
           && read_size_and_kind(at, spec);
}

static void write_text(hbr_format_t *format, const spec_t *spec)
{
    const char *text = va_arg(format->args, const char *);
    apr_size_t length;
    int fill;

    if (text == NULL)
        text = "";
    length = spec->precision < 0 ? strlen(text)
                                 : strnlen(text, (size_t)spec->precision);
    fill = length < (apr_size_t)spec->width ? spec->width - (int)length : 0;
    if (!spec->left)
        hbr_format_pad(format, ' ', fill);
    escape(format, text, length);
    if (spec->left)
        hbr_format_pad(format, ' ', fill);
}

/* A value as the C library formats it; none of the characters it may make
 * needs escaping, but a %c may. */
static bool write_formatted(hbr_format_t *format, const char *text, int length)
{
    if (length < 0 || length >= NUMBER_MAX)
        return false;
    escape(format, text, (apr_size_t)length);
    return true;
}

static int format_signed(hbr_format_t *format, const spec_t *spec, char *out)
{
    const char *size = spec->size;

    if (strcmp(size, "ll") == 0)
        return snprintf(out, NUMBER_MAX, spec->text,
                        va_arg(format->args, long long));
    if (*size == 'l')
        return snprintf(out, NUMBER_MAX, spec->text,
                        va_arg(format->args, long));
    if (*size == 'j')
        return snprintf(out, NUMBER_MAX, spec->text,
                        va_arg(format->args, intmax_t));
    if (*size == 'z' || *size == 't')
        return snprintf(out, NUMBER_MAX, spec->text,
                        va_arg(format->args, ptrdiff_t));
    return snprintf(out, NUMBER_MAX, spec->text, va_arg(format->args, int));
}

static int format_real(hbr_format_t *format, const spec_t *spec, char *out)
{
    if (*spec->size == 'L')
        return snprintf(out, NUMBER_MAX, spec->text,
                        va_arg(format->args, long double));
    return snprintf(out, NUMBER_MAX, spec->text, va_arg(format->args, double));
}

/* Writes one value; false for a conversion that does not exist here, and for
 * a number of a thousand characters. */
static bool write_value(hbr_format_t *format, const spec_t *spec)
{
    char out[NUMBER_MAX];

    switch (spec->kind) {
    case 's':
        /* %ls is of wide characters, which no page has. */
        if (*spec->size != '\0')
            return false;
        write_text(format, spec);
        return true;
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
    case 'c':
        return write_formatted(format, out, format_signed(format, spec, out));
    case 'f':
    case 'F':
    case 'e':
    case 'E':
    case 'g':
    case 'G':
    case 'a':
    case 'A':
        return write_formatted(format, out, format_real(format, spec, out));
    case 'p':
        return write_formatted(
            format, out,
            snprintf(out, sizeof(out), "%p", va_arg(format->args, void *)));
    default: return false;
    }
}

static apr_status_t refuse(hbr_context_t *ctx, const char *at)
{
    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0033",
                   "hbr_html() cannot do the conversion before \"%.20s\"", at);
    hbr_fail(ctx);
    return APR_EINVAL;
}

/* Writes the conversion that hbr_format() left; false when there is no such. */
static bool write_left(hbr_format_t *format)
{
    const char *at = format->rest + 1;
    spec_t spec;
    bool known = read_spec(&at, &spec, format) && write_value(format, &spec);

    format->rest = at;
    return known;
}

apr_status_t hbr_vhtml(hbr_context_t *ctx, const char *format, va_list args)
{
    hbr_output_format_t output;
    hbr_format_t *own = &output.format;
    apr_status_t status =
        hbr_output_begin(&output, ctx, "hbr_html", format, args);
    bool known = true;

    if (status != APR_SUCCESS)
        return status;
    own->value = escape;
    own->null = "";
    ctx->state->html = true;
    hbr_format(own);
    while (known && own->status == APR_SUCCESS && *own->rest != '\0') {
        known = write_left(own);
        if (known)
            hbr_format(own);
    }
    status = hbr_output_end(&output);
    return known ? status : refuse(ctx, own->rest);
}

apr_status_t hbr_html(hbr_context_t *ctx, const char *format, ...)
{
    apr_status_t status;
    va_list args;

    va_start(args, format);
    status = hbr_vhtml(ctx, format, args);
    va_end(args);
    return status;
}
