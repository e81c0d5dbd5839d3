/*
 * HTML by printf: the format is markup, every %s is escaped.
 *
 * The format is walked once. A %s goes through the escaper straight into the
 * output; any other conversion is handed to the C library alone, with its own
 * value.
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

static void sink(void *ctx, const char *bytes, apr_size_t length)
{
    hbr_output_append(ctx, "hbr_html", bytes, length);
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

/* Reads digits or a star; a star takes its number from the values. */
static int read_number(const char **at, va_list *args)
{
    int number = 0;

    if (**at == '*') {
        (*at)++;
        return va_arg(*args, int);
    }
    sscanf(*at, "%9d", &number);
    *at += strspn(*at, "0123456789");
    return number;
}

/* C11 7.21.6.1: a negative width is a '-' flag and a width, a negative
 * precision is none. */
static bool read_width(const char **at, spec_t *spec, va_list *args)
{
    char text[16];

    spec->width = read_number(at, args);
    if (spec->width < 0) {
        spec->left = true;
        spec->width = spec->width == INT_MIN ? INT_MAX : -spec->width;
    }
    snprintf(text, sizeof(text), "%s%d", spec->left ? "-" : "", spec->width);
    return spec->width == 0 || add(spec, text, strlen(text));
}

static bool read_precision(const char **at, spec_t *spec, va_list *args)
{
    char text[16];

    spec->precision = -1;
    if (**at != '.')
        return true;
    (*at)++;
    spec->precision = read_number(at, args);
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
static bool read_spec(const char **at, spec_t *spec, va_list *args)
{
    apr_size_t flags = strspn(*at, "-+ #0");

    memset(spec, 0, sizeof(*spec));
    if (!add(spec, "%", 1) || !add(spec, *at, flags))
        return false;
    spec->left = memchr(*at, '-', flags) != NULL;
    *at += flags;
    return read_width(at, spec, args) && read_precision(at, spec, args)
           && read_size_and_kind(at, spec);
}

static void pad(hbr_context_t *ctx, apr_size_t used, int width)
{
    static const char blanks[] = "                ";

    while (used < (apr_size_t)width) {
        apr_size_t n = (apr_size_t)width - used;

        if (n > sizeof(blanks) - 1)
            n = sizeof(blanks) - 1;
        sink(ctx, blanks, n);
        used += n;
    }
}

static void write_text(hbr_context_t *ctx, const spec_t *spec, const char *text)
{
    apr_size_t length;

    if (text == NULL)
        text = "";
    length = spec->precision < 0 ? strlen(text)
                                 : strnlen(text, (size_t)spec->precision);
    if (!spec->left)
        pad(ctx, length, spec->width);
    hbr_html_escape_to(text, length, sink, ctx);
    if (spec->left)
        pad(ctx, length, spec->width);
}

/* A value as the C library formats it; none of the characters it may make
 * needs escaping, but a %c may. */
static bool write_formatted(hbr_context_t *ctx, const char *text, int length)
{
    if (length < 0 || length >= NUMBER_MAX)
        return false;
    hbr_html_escape_to(text, (apr_size_t)length, sink, ctx);
    return true;
}

static int format_signed(char *out, const spec_t *spec, va_list *args)
{
    const char *size = spec->size;

    if (strcmp(size, "ll") == 0)
        return snprintf(out, NUMBER_MAX, spec->text, va_arg(*args, long long));
    if (*size == 'l')
        return snprintf(out, NUMBER_MAX, spec->text, va_arg(*args, long));
    if (*size == 'j')
        return snprintf(out, NUMBER_MAX, spec->text, va_arg(*args, intmax_t));
    if (*size == 'z' || *size == 't')
        return snprintf(out, NUMBER_MAX, spec->text, va_arg(*args, ptrdiff_t));
    return snprintf(out, NUMBER_MAX, spec->text, va_arg(*args, int));
}

static int format_real(char *out, const spec_t *spec, va_list *args)
{
    if (*spec->size == 'L')
        return snprintf(out, NUMBER_MAX, spec->text,
                        va_arg(*args, long double));
    return snprintf(out, NUMBER_MAX, spec->text, va_arg(*args, double));
}

/* Writes one value; false for a conversion that does not exist here, and for
 * a number of a thousand characters. */
static bool write_value(hbr_context_t *ctx, const spec_t *spec, va_list *args)
{
    char out[NUMBER_MAX];

    switch (spec->kind) {
    case 's': write_text(ctx, spec, va_arg(*args, const char *)); return true;
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
    case 'c': return write_formatted(ctx, out, format_signed(out, spec, args));
    case 'f':
    case 'F':
    case 'e':
    case 'E':
    case 'g':
    case 'G':
    case 'a':
    case 'A': return write_formatted(ctx, out, format_real(out, spec, args));
    case 'p':
        return write_formatted(
            ctx, out, snprintf(out, sizeof(out), "%p", va_arg(*args, void *)));
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

static apr_status_t write_format(hbr_context_t *ctx, const char *format,
                                 va_list *args)
{
    const char *at = format;

    while (*at != '\0') {
        const char *percent = strchr(at, '%');
        apr_size_t plain =
            percent != NULL ? (apr_size_t)(percent - at) : strlen(at);
        spec_t spec;

        hbr_output_append(ctx, "hbr_html", at, plain);
        at += plain;
        if (*at == '\0')
            break;
        at++;
        if (*at == '%') {
            hbr_output_append(ctx, "hbr_html", at++, 1);
            continue;
        }
        if (!read_spec(&at, &spec, args) || !write_value(ctx, &spec, args))
            return refuse(ctx, at);
    }
    return ctx->state->write_error;
}

apr_status_t hbr_vhtml(hbr_context_t *ctx, const char *format, va_list args)
{
    apr_status_t status = hbr_output_append(ctx, "hbr_html", "", 0);
    va_list own;

    if (status != APR_SUCCESS)
        return status;
    ctx->state->html = true;
    /* A va_list may be an array: a parameter's address is then another type. */
    va_copy(own, args);
    status = write_format(ctx, format, &own);
    va_end(own);
    return status;
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
