/*
 * The header of a part of a multipart form (RFC 7578 4): first collected within
 * its limits, then read where it lies. Everything that two readers could take
 * differently is refused: a bare CR or LF, a control character, a field or a
 * parameter that comes twice, a rest behind what is understood.
 *
 * Invariant: bytes holds no NUL and no CR or LF other than in CR LF, as far as
 * length goes. One thread.
 */
#include "part_header.h"

#include <string.h>
#include <strings.h>

#include "field.h"
#include "handlerbridge/escape.h"

#define FIRST_ROOM 512

/* How much of CR LF CR LF came. The begin of a header is the begin of a line.
 */
enum { IN_LINE, AFTER_CR, LINE_BEGIN, AFTER_LAST_CR, COMPLETE };

/* The fields that count; NULL when missing. */
typedef struct fields_t {
    char *disposition;
    char *type;
    char *encoding;
} fields_t;

void hbr_part_header_open(hbr_part_header_t *header, apr_pool_t *pool,
                          const hbr_multipart_limits_t *limits)
{
    *header = (hbr_part_header_t){ .pool = pool, .limits = limits };
    hbr_part_header_reset(header);
}

void hbr_part_header_reset(hbr_part_header_t *header)
{
    header->length = 0;
    header->fields = 0;
    header->line_end = LINE_BEGIN;
}

/* Called with less than the limit; so there is room behind the old one. */
static void grow(hbr_part_header_t *header)
{
    apr_size_t room = header->room > 0 ? 2 * header->room : FIRST_ROOM;
    char *bytes;

    if (room > header->limits->header_bytes)
        room = header->limits->header_bytes;
    bytes = apr_palloc(header->pool, room + 1);
    if (header->length > 0)
        memcpy(bytes, header->bytes, header->length);
    header->bytes = bytes;
    header->room = room;
}

static hbr_multipart_e keep(hbr_part_header_t *header, char byte)
{
    if (header->length == header->limits->header_bytes)
        return HBR_MULTIPART_HEADER_BYTES;
    if (header->length == header->room)
        grow(header);
    header->bytes[header->length++] = byte;
    return HBR_MULTIPART_OK;
}

static bool is_control(unsigned char c)
{
    return (c < 0x20 && c != '\t') || c == 0x7F;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Follows the line ends; false for a CR on its own. An LF on its own is in the
 * line, as a control character. */
static bool follow(hbr_part_header_t *header, char byte)
{
    bool half =
        header->line_end == AFTER_CR || header->line_end == AFTER_LAST_CR;

    if (half && byte != '\n')
        return false;
    if (half || byte == '\r')
        header->line_end++;
    else
        header->line_end = IN_LINE;
    return true;
}

static hbr_multipart_e take(hbr_part_header_t *header, char byte)
{
    bool begins = header->line_end == LINE_BEGIN;

    if (!follow(header, byte))
        return HBR_MULTIPART_HEADER_CONTROL;
    if (header->line_end == IN_LINE) {
        if (is_control((unsigned char)byte))
            return HBR_MULTIPART_HEADER_CONTROL;
        if (begins && !is_blank(byte)
            && ++header->fields > header->limits->header_fields)
            return HBR_MULTIPART_HEADER_FIELDS;
    }
    return keep(header, byte);
}

hbr_multipart_e hbr_part_header_feed(hbr_part_header_t *header, const char **at,
                                     const char *end, bool *complete)
{
    hbr_multipart_e problem = HBR_MULTIPART_OK;

    while (*at < end && header->line_end != COMPLETE
           && problem == HBR_MULTIPART_OK)
        problem = take(header, *(*at)++);
    *complete = header->line_end == COMPLETE;
    return problem;
}

/* Ends the line that begins at `line`, which is unfolded; returns the next. */
static char *end_line(char *line)
{
    char *end = strstr(line, "\r\n");

    while (is_blank(end[2])) {
        end[0] = end[1] = ' ';
        end = strstr(end, "\r\n");
    }
    *end = '\0';
    return end + 2;
}

static void trim_end(char *text)
{
    char *end = text + strlen(text);

    while (end > text && is_blank(end[-1]))
        end--;
    *end = '\0';
}

/* Where a field's value is to go; NULL when the field does not count. */
static char **place(fields_t *fields, const char *name)
{
    if (strcasecmp(name, "Content-Disposition") == 0)
        return &fields->disposition;
    if (strcasecmp(name, "Content-Type") == 0)
        return &fields->type;
    if (strcasecmp(name, "Content-Transfer-Encoding") == 0)
        return &fields->encoding;
    return NULL;
}

static hbr_multipart_e read_field(char *line, fields_t *fields)
{
    char *colon = line + (hbr_skip_token(line) - line);
    char *value;
    char **at;

    if (colon == line || *colon != ':')
        return HBR_MULTIPART_HEADER_SYNTAX;
    *colon = '\0';
    at = place(fields, line);
    if (at == NULL)
        return HBR_MULTIPART_OK;
    if (*at != NULL)
        return HBR_MULTIPART_HEADER_TWICE;
    value = colon + 1;
    value += hbr_skip_blanks(value) - value;
    trim_end(value);
    *at = value;
    return HBR_MULTIPART_OK;
}

static hbr_multipart_e read_fields(hbr_part_header_t *header, fields_t *fields)
{
    char *line = header->bytes;
    hbr_multipart_e problem = HBR_MULTIPART_OK;

    header->bytes[header->length] = '\0';
    while (*line != '\r' && problem == HBR_MULTIPART_OK) {
        char *next = end_line(line);

        problem = read_field(line, fields);
        line = next;
    }
    return problem;
}

/* Tells what stands for another character, and how many bytes that is. What
 * follows the value, a quote or a semicolon, ends no escape. */
static char escaped(const char *at, apr_size_t *length)
{
    *length = 2;
    if (*at == '\\' && (at[1] == '"' || at[1] == '\\'))
        return at[1];
    *length = 3;
    if (strncmp(at, "%22", 3) == 0)
        return '"';
    if (strncmp(at, "%0D", 3) == 0)
        return '\r';
    if (strncmp(at, "%0A", 3) == 0)
        return '\n';
    *length = 1;
    return *at;
}

/* Takes quotes and escapes off, where the value lies. Its end may be what
 * follows it, so all parameters must have been found before. */
static char *decode_value(char *value, apr_size_t length)
{
    char *at = value;
    char *to = value;
    char *end = value + length;

    if (*value == '"') {
        at++;
        end--;
    }
    while (at < end) {
        apr_size_t taken;

        *to++ = escaped(at, &taken);
        at += taken;
    }
    *to = '\0';
    return value;
}

static bool is_parameter(const hbr_parameter_t *parameter, const char *name)
{
    return parameter->name_length == strlen(name)
           && strncasecmp(parameter->name, name, strlen(name)) == 0;
}

/* filename*, and filename*0 of RFC 2231. */
static bool is_extended_filename(const hbr_parameter_t *parameter)
{
    const apr_size_t length = strlen("filename*");

    return parameter->name_length >= length
           && strncasecmp(parameter->name, "filename*", length) == 0;
}

/* What must be there, and what must not be there alone. */
static hbr_multipart_e check_parameters(const hbr_parameter_t *name,
                                        const hbr_parameter_t *filename,
                                        bool extended)
{
    if (name->value == NULL)
        return HBR_MULTIPART_DISPOSITION;
    return extended && filename->value == NULL ? HBR_MULTIPART_FILENAME_STAR
                                               : HBR_MULTIPART_OK;
}

/* Finds the two parameters that count; value stays NULL when missing. */
static hbr_multipart_e find_parameters(const char *disposition,
                                       hbr_parameter_t *name,
                                       hbr_parameter_t *filename)
{
    const char *at = hbr_skip_token(disposition);
    hbr_parameter_t parameter;
    bool extended = false;

    if (at - disposition != (ptrdiff_t)strlen("form-data")
        || strncasecmp(disposition, "form-data", strlen("form-data")) != 0)
        return HBR_MULTIPART_DISPOSITION;
    while (hbr_parameter_next(&at, &parameter)) {
        hbr_parameter_t *wanted = is_parameter(&parameter, "name") ? name
                                  : is_parameter(&parameter, "filename")
                                      ? filename
                                      : NULL;

        if (wanted != NULL && wanted->value != NULL)
            return HBR_MULTIPART_DISPOSITION_SYNTAX;
        if (wanted != NULL)
            *wanted = parameter;
        extended = extended || is_extended_filename(&parameter);
    }
    if (*hbr_skip_blanks(at) != '\0')
        return HBR_MULTIPART_DISPOSITION_SYNTAX;
    return check_parameters(name, filename, extended);
}

static const char *last_component(const char *name)
{
    const char *last = name;

    for (; *name != '\0'; name++)
        if (*name == '/' || *name == '\\')
            last = name + 1;
    if (strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
        return "";
    return last;
}

static hbr_multipart_e check_name(const char *name,
                                  const hbr_multipart_limits_t *limits)
{
    apr_size_t length = strlen(name);

    if (!hbr_is_utf8(name, length))
        return HBR_MULTIPART_NAME_UTF8;
    return length > limits->name_bytes ? HBR_MULTIPART_NAME : HBR_MULTIPART_OK;
}

/* The whole of it must be UTF-8: in other encodings a backslash may be half of
 * a character, and the last component something else. */
static hbr_multipart_e read_filename(const char *filename,
                                     const hbr_multipart_limits_t *limits,
                                     hbr_part_t *part)
{
    if (!hbr_is_utf8(filename, strlen(filename)))
        return HBR_MULTIPART_FILENAME_UTF8;
    part->filename = last_component(filename);
    return strlen(part->filename) > limits->filename_bytes
               ? HBR_MULTIPART_FILENAME
               : HBR_MULTIPART_OK;
}

static hbr_multipart_e read_disposition(char *disposition,
                                        const hbr_multipart_limits_t *limits,
                                        hbr_part_t *part)
{
    hbr_parameter_t name = { .value = NULL };
    hbr_parameter_t filename = { .value = NULL };
    hbr_multipart_e problem = find_parameters(disposition, &name, &filename);

    if (problem != HBR_MULTIPART_OK)
        return problem;
    part->name = decode_value(disposition + (name.value - disposition),
                              name.value_length);
    problem = check_name(part->name, limits);
    if (problem != HBR_MULTIPART_OK || filename.value == NULL)
        return problem;
    return read_filename(
        decode_value(disposition + (filename.value - disposition),
                     filename.value_length),
        limits, part);
}

static bool encoding_ok(const char *encoding)
{
    return strcasecmp(encoding, "binary") == 0
           || strcasecmp(encoding, "8bit") == 0
           || strcasecmp(encoding, "7bit") == 0;
}

hbr_multipart_e hbr_part_header_read(hbr_part_header_t *header,
                                     hbr_part_t *part)
{
    fields_t fields = { .disposition = NULL };
    hbr_multipart_e problem = read_fields(header, &fields);

    if (problem != HBR_MULTIPART_OK)
        return problem;
    if (fields.disposition == NULL)
        return HBR_MULTIPART_DISPOSITION;
    if (fields.type != NULL
        && strncasecmp(fields.type, "multipart/", strlen("multipart/")) == 0)
        return HBR_MULTIPART_NESTED;
    if (fields.encoding != NULL && !encoding_ok(fields.encoding))
        return HBR_MULTIPART_ENCODING;
    *part = (hbr_part_t){ .type = fields.type };
    return read_disposition(fields.disposition, header->limits, part);
}
