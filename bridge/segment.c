/*
 * Segments of a URL path. Nothing is kept; any thread.
 */
#include <string.h>

#include "number.h"
#include "rfc3339.h"
#include "segment.h"

/* A date and nothing else: hbr_rfc3339_parse() takes a time behind it too. */
#define DATE_LENGTH 10

#define UUID_LENGTH 36

apr_size_t hbr_segment_end(const char *path, apr_size_t length, apr_size_t at)
{
    const char *slash =
        at < length ? memchr(path + at, '/', length - at) : NULL;

    return slash != NULL ? (apr_size_t)(slash - path) : length;
}

apr_size_t hbr_segment_begin(const char *path, apr_size_t end)
{
    while (end > 0 && path[end - 1] != '/')
        end--;
    return end;
}

apr_size_t hbr_segment_dots(const char *bytes, apr_size_t length)
{
    apr_size_t dots = 0;

    while (dots < length && bytes[dots] == '.')
        dots++;
    return dots;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* A "+" is none: in a URL it may have been meant as a blank. */
static bool is_int(const char *bytes, apr_size_t length)
{
    int64_t value;

    return (bytes[0] == '-' || is_digit(bytes[0]))
           && hbr_parse_int(bytes, length, &value) == HBR_NUMBER_OK;
}

static bool is_word(const char *bytes, apr_size_t length)
{
    apr_size_t i;

    for (i = 0; i < length; i++) {
        unsigned char c = hbr_segment_fold(bytes[i]);

        if (!(c >= 'a' && c <= 'z') && !is_digit(bytes[i]) && c != '_'
            && c != '-')
            return false;
    }
    return true;
}

/* RFC 9562 4: any version; capitals are as good. */
static bool is_uuid(const char *bytes, apr_size_t length)
{
    apr_size_t i;

    if (length != UUID_LENGTH)
        return false;
    for (i = 0; i < length; i++) {
        unsigned char c = hbr_segment_fold(bytes[i]);

        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (c != '-')
                return false;
        } else if (!is_digit(bytes[i]) && !(c >= 'a' && c <= 'f')) {
            return false;
        }
    }
    return true;
}

static bool is_date(const char *bytes, apr_size_t length)
{
    apr_time_t when;

    return length == DATE_LENGTH && hbr_rfc3339_parse(bytes, length, &when);
}

bool hbr_segment_is(hbr_segment_e kind, const char *bytes, apr_size_t length)
{
    if (length == 0)
        return false;
    switch (kind) {
    case HBR_SEGMENT_ANY: return true;
    case HBR_SEGMENT_INT: return is_int(bytes, length);
    case HBR_SEGMENT_WORD: return is_word(bytes, length);
    case HBR_SEGMENT_UUID: return is_uuid(bytes, length);
    case HBR_SEGMENT_DATE: return is_date(bytes, length);
    default: return false;
    }
}
