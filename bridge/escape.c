/*
 * Text made safe for HTML, JSON and URLs. Nothing is kept; any thread.
 */
#include <string.h>

#include <apr_strings.h>

#include "escape.h"
#include "utf8.h"
#include "vector.h"

/* No text is longer on a 64-bit machine; on a smaller one the length of an
 * escaped text beyond it might wrap round. Such a text gives "". */
#define LONGEST (APR_SIZE_MAX / 8)

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD in UTF-8 */

static const char *const entities[256] = { ['&'] = "&amp;",
                                           ['<'] = "&lt;",
                                           ['>'] = "&gt;",
                                           ['"'] = "&quot;",
                                           ['\''] = "&#39;" };

/* RFC 3986 2.3 and 2.2. */
#define UNRESERVED 1
#define RESERVED 2

static const unsigned char url_class[256] = {
    ['0' ... '9'] = UNRESERVED, ['A' ... 'Z'] = UNRESERVED,
    ['a' ... 'z'] = UNRESERVED, ['-'] = UNRESERVED,
    ['.'] = UNRESERVED,         ['_'] = UNRESERVED,
    ['~'] = UNRESERVED,         [':'] = RESERVED,
    ['/'] = RESERVED,           ['?'] = RESERVED,
    ['#'] = RESERVED,           ['['] = RESERVED,
    [']'] = RESERVED,           ['@'] = RESERVED,
    ['!'] = RESERVED,           ['$'] = RESERVED,
    ['&'] = RESERVED,           ['\''] = RESERVED,
    ['('] = RESERVED,           [')'] = RESERVED,
    ['*'] = RESERVED,           ['+'] = RESERVED,
    [','] = RESERVED,           [';'] = RESERVED,
    ['='] = RESERVED,
};

static const char *entity_of(char byte)
{
    return entities[(unsigned char)byte];
}

static void pass(hbr_sink_t sink, void *arg, const char *bytes,
                 apr_size_t length)
{
    if (length > 0)
        sink(arg, bytes, length);
}

/* Not 0 where a byte is to be escaped: & and ' differ in a bit, < and > too. */
static inline hbr_vector_t html_special(hbr_vector_t bytes)
{
    return (hbr_vector_t)(((bytes & 0xFE) == '&') | ((bytes & 0xFD) == '<')
                          | (bytes == '"'));
}

/* All bytes of less than a vector of them, some twice, some beside zeros. */
static inline hbr_vector_t load_short(const char *text, apr_size_t length)
{
    apr_uint64_t half[2] = { 0, 0 };
    hbr_vector_t vector;

    _Static_assert(sizeof(vector) == sizeof(half), "two halves are a vector");
    if (length >= 8) {
        memcpy(&half[0], text, 8);
        memcpy(&half[1], text + length - 8, 8);
    } else if (length >= 4) {
        memcpy(&half[0], text, 4);
        memcpy(&half[1], text + length - 4, 4);
    } else if (length > 0) {
        half[0] = (unsigned char)text[0];
        half[0] |= (apr_uint64_t)(unsigned char)text[length / 2] << 8;
        half[0] |= (apr_uint64_t)(unsigned char)text[length - 1] << 16;
    }
    memcpy(&vector, half, sizeof(vector));
    return vector;
}

/* The last step may look at bytes that the one before has passed. */
static apr_size_t plain_long(const char *text, apr_size_t length)
{
    const apr_size_t step = sizeof(hbr_vector_t);
    apr_size_t at = 0;

    for (;;) {
        hbr_vector_t special = html_special(hbr_vector_load(text + at));

        if (!hbr_vector_is_zero(special))
            return at + hbr_vector_first(special);
        if (length - at <= step)
            return length;
        at = length - at < 2 * step ? length - step : at + step;
    }
}

apr_size_t hbr_html_plain(const char *text, apr_size_t length)
{
    apr_size_t at = 0;

    if (length >= sizeof(hbr_vector_t))
        return plain_long(text, length);
    if (hbr_vector_is_zero(html_special(load_short(text, length))))
        return length;
    while (entity_of(text[at]) == NULL)
        at++;
    return at;
}

void hbr_html_escape_to(const char *text, apr_size_t length, hbr_sink_t sink,
                        void *arg)
{
    apr_size_t plain;

    while ((plain = hbr_html_plain(text, length)) < length) {
        const char *entity = entity_of(text[plain]);

        pass(sink, arg, text, plain);
        sink(arg, entity, strlen(entity));
        text += plain + 1;
        length -= plain + 1;
    }
    pass(sink, arg, text, length);
}

static void append(void *arg, const char *bytes, apr_size_t length)
{
    char **at = arg;

    memcpy(*at, bytes, length);
    *at += length;
}

const char *hbr_html_escape(apr_pool_t *pool, const char *text)
{
    apr_size_t length, size, i;
    char *result, *at;

    if (text == NULL)
        return "";
    length = strlen(text);
    if (length > LONGEST)
        return "";
    size = length;
    for (i = 0; i < length; i++) {
        if (entity_of(text[i]) != NULL)
            size += strlen(entity_of(text[i])) - 1;
    }
    if (size == length)
        return text;
    at = result = apr_palloc(pool, size + 1);
    hbr_html_escape_to(text, length, append, &at);
    *at = '\0';
    return result;
}

/* RFC 8259 7: the two-character escapes. */
static const char *short_escape(unsigned char byte)
{
    switch (byte) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\b': return "\\b";
    case '\f': return "\\f";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: return NULL;
    }
}

/* What stands for a character in JSON; NULL when it may stand itself. */
static const char *json_escape(apr_uint32_t code, char buffer[7])
{
    static const char digits[] = "0123456789abcdef";

    if (code == HBR_UTF8_BAD)
        return REPLACEMENT;
    if (code == 0x2028)
        return "\\u2028";
    if (code == 0x2029)
        return "\\u2029";
    if (code > 0x7F)
        return NULL;
    if (code >= 0x20 || short_escape((unsigned char)code) != NULL)
        return short_escape((unsigned char)code);
    memcpy(buffer, "\\u00", 4);
    buffer[4] = digits[code >> 4];
    buffer[5] = digits[code & 15];
    buffer[6] = '\0';
    return buffer;
}

void hbr_json_escape_to(const char *text, apr_size_t length, hbr_sink_t sink,
                        void *arg)
{
    apr_size_t from = 0;
    apr_size_t at = 0;

    while (at < length) {
        apr_uint32_t code;
        apr_size_t taken = hbr_utf8_decode(text + at, length - at, &code);
        char buffer[7];
        const char *escape = json_escape(code, buffer);

        if (escape != NULL) {
            pass(sink, arg, text + from, at - from);
            sink(arg, escape, strlen(escape));
            from = at + taken;
        }
        at += taken;
    }
    pass(sink, arg, text + from, length - from);
}

static char *percent_encode(char *at, char byte)
{
    static const char digits[] = "0123456789ABCDEF";

    *at++ = '%';
    *at++ = digits[(unsigned char)byte >> 4];
    *at++ = digits[(unsigned char)byte & 15];
    return at;
}

/* Whether a byte needs no encoding where it stands. */
typedef bool stands_t(const char *at);

static apr_size_t encoded_length(const char *text, stands_t *stands)
{
    apr_size_t length = 0;

    for (; *text != '\0'; text++)
        length += stands(text) ? 1 : 3;
    return length;
}

static const char *encode(apr_pool_t *pool, const char *text, apr_size_t length,
                          stands_t *stands)
{
    char *result = apr_palloc(pool, length + 1);
    char *at = result;

    for (; *text != '\0'; text++) {
        if (stands(text))
            *at++ = *text;
        else
            at = percent_encode(at, *text);
    }
    *at = '\0';
    return result;
}

static bool is_unreserved(const char *at)
{
    return url_class[(unsigned char)*at] == UNRESERVED;
}

const char *hbr_url_escape(apr_pool_t *pool, const char *text)
{
    if (text == NULL || strlen(text) > LONGEST)
        return "";
    return encode(pool, text, encoded_length(text, is_unreserved),
                  is_unreserved);
}

static bool is_hex(char byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'F')
           || (byte >= 'a' && byte <= 'f');
}

/* True for a byte that may stand in a URI reference where it stands. The NUL
 * at the end keeps this from reading past it. */
static bool may_stand(const char *at)
{
    if (*at == '%')
        return is_hex(at[1]) && is_hex(at[2]);
    return url_class[(unsigned char)*at] != 0;
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return true;
    }
    return false;
}

const char *hbr_url_clean(apr_pool_t *pool, const char *url)
{
    apr_size_t length = strlen(url);
    apr_size_t encoded;

    if (length > LONGEST || has_control(url))
        return NULL;
    encoded = encoded_length(url, may_stand);
    return encoded == length ? url : encode(pool, url, encoded, may_stand);
}
