/*
 * File names for Content-Disposition. A name may come from anybody: it is
 * cleaned, cut, and written so that no client takes it for a path, for another
 * parameter or for an escape. Pure functions, for any thread.
 */
#include "disposition.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "utf8.h"

/* A longer tail behind the last dot is not taken for an extension. */
#define EXTENSION_MAX 32

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

static const char *last_component(const char *name)
{
    const char *c;
    const char *last = name;

    for (c = name; *c != '\0'; c++)
        if (*c == '/' || *c == '\\')
            last = c + 1;
    return last;
}

/*
 * C0, DEL and C1; line and paragraph separator; and the characters that turn
 * the direction, with which "fdp.exe" is made to look like "exe.pdf" (Unicode
 * TR36 3.1).
 */
static bool is_control(apr_uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code <= 0x9F)
           || (code >= 0x2028 && code <= 0x202E)
           || (code >= 0x2066 && code <= 0x2069);
}

/* Bytes that are no character grow to three, nothing else grows. */
static char *clean(apr_pool_t *pool, const char *name)
{
    apr_size_t left = strlen(name);
    char *text = apr_palloc(pool, left * (sizeof(replacement) - 1) + 1);
    char *out = text;

    while (left > 0) {
        apr_uint32_t code;
        apr_size_t taken = hbr_utf8_decode(name, left, &code);

        if (code == HBR_UTF8_BAD) {
            memcpy(out, replacement, sizeof(replacement) - 1);
            out += sizeof(replacement) - 1;
        } else if (is_control(code)) {
            *out++ = '_';
        } else {
            memcpy(out, name, taken);
            out += taken;
        }
        name += taken;
        left -= taken;
    }
    *out = '\0';
    return text;
}

static bool continues(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Cuts the name to HBR_FILENAME_MAX bytes, before its extension. */
static void cut(char *name)
{
    apr_size_t length = strlen(name);
    apr_size_t stem = HBR_FILENAME_MAX;
    const char *dot = strrchr(name, '.');
    apr_size_t extension = dot == NULL ? 0 : length - (apr_size_t)(dot - name);

    if (length <= HBR_FILENAME_MAX)
        return;
    if (extension > EXTENSION_MAX)
        extension = 0;
    stem -= extension;
    while (stem > 0 && continues(name[stem]))
        stem--;
    memmove(name + stem, name + length - extension, extension);
    name[stem + extension] = '\0';
}

/* Chromium decodes %XX in a plain filename (RFC 6266 appendix D). */
static bool is_escape(const char *at)
{
    return at[0] == '%' && apr_isxdigit(at[1]) && apr_isxdigit(at[2]);
}

/* True for what every client reads from a quoted string in the same way. */
static bool is_plain(const char *name)
{
    for (; *name != '\0'; name++)
        if ((unsigned char)*name >= 0x80 || *name == '"' || is_escape(name))
            return false;
    return true;
}

/* One "_" for each character that has no safe likeness. */
static const char *ascii_likeness(apr_pool_t *pool, const char *name)
{
    char *text = apr_palloc(pool, strlen(name) + 1);
    char *out = text;

    for (; *name != '\0'; name++) {
        if (continues(*name))
            continue;
        *out++ = (unsigned char)*name >= 0x80 || *name == '"' || *name == '%'
                     ? '_'
                     : *name;
    }
    *out = '\0';
    return text;
}

/* RFC 8187 3.2.1 */
static bool is_attr_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
           || (c >= 'a' && c <= 'z') || strchr("!#$&+-.^_`|~", c) != NULL;
}

static const char *percent_encode(apr_pool_t *pool, const char *name)
{
    static const char hex[] = "0123456789ABCDEF";
    char *text = apr_palloc(pool, strlen(name) * 3 + 1);
    char *out = text;

    for (; *name != '\0'; name++) {
        unsigned char c = (unsigned char)*name;

        if (is_attr_char(*name)) {
            *out++ = *name;
        } else {
            *out++ = '%';
            *out++ = hex[c >> 4];
            *out++ = hex[c & 0x0F];
        }
    }
    *out = '\0';
    return text;
}

static bool is_name(const char *name)
{
    return *name != '\0' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

const char *hbr_disposition_format(apr_pool_t *pool,
                                   hbr_disposition_e disposition,
                                   const char *filename)
{
    const char *type = disposition == HBR_INLINE ? "inline" : "attachment";
    char *name;

    if (filename == NULL)
        return type;
    name = clean(pool, last_component(filename));
    cut(name);
    if (!is_name(name))
        return type;
    if (is_plain(name))
        return apr_pstrcat(pool, type, "; filename=\"", name, "\"", NULL);
    /* filename comes first: some clients take the first that they know (RFC
     * 6266 appendix D). */
    return apr_pstrcat(pool, type, "; filename=\"", ascii_likeness(pool, name),
                       "\"; filename*=UTF-8''", percent_encode(pool, name),
                       NULL);
}
