/*
 * UTF-8 (RFC 3629): checking, counting, decoding. Nothing is kept; any thread.
 */
#include <string.h>

#include "utf8.h"

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

/*
 * How many bytes follow a lead byte, and the range of the first of them
 * (RFC 3629 4: this range is what keeps out overlong forms, surrogates and
 * what lies beyond U+10FFFF). 0 when it is no lead byte of such a sequence.
 */
static unsigned lead(unsigned char byte, unsigned char *low,
                     unsigned char *high)
{
    *low = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
    *high = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
    if (byte >= 0xC2 && byte <= 0xDF)
        return 1;
    if (byte >= 0xE0 && byte <= 0xEF)
        return 2;
    if (byte >= 0xF0 && byte <= 0xF4)
        return 3;
    return 0;
}

apr_size_t hbr_utf8_decode(const char *text, apr_size_t length,
                           apr_uint32_t *code)
{
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned char low, high;
    unsigned follow, i;
    apr_uint32_t value;

    if (bytes[0] < 0x80) {
        *code = bytes[0];
        return 1;
    }
    *code = HBR_UTF8_BAD;
    follow = lead(bytes[0], &low, &high);
    if (follow == 0 || length < 2 || bytes[1] < low || bytes[1] > high)
        return 1;
    value = bytes[0] & (0x3Fu >> follow);
    for (i = 1; i <= follow; i++) {
        if (i >= length || !is_continuation(bytes[i]))
            return i;
        value = value << 6 | (bytes[i] & 0x3Fu);
    }
    *code = value;
    return follow + 1;
}

/* The length of the ASCII at the front, counted in whole words: it may be up
 * to seven bytes longer. */
static apr_size_t ascii_words(const char *text, apr_size_t length)
{
    const apr_uint64_t high_bits = APR_UINT64_C(0x8080808080808080);
    apr_size_t at = 0;

    while (length - at >= sizeof(apr_uint64_t)) {
        apr_uint64_t word;

        memcpy(&word, text + at, sizeof(word));
        if ((word & high_bits) != 0)
            break;
        at += sizeof(word);
    }
    return at;
}

bool hbr_is_utf8(const char *text, apr_size_t length)
{
    apr_size_t at = ascii_words(text, length);

    while (at < length) {
        apr_uint32_t code;

        at += hbr_utf8_decode(text + at, length - at, &code);
        if (code == HBR_UTF8_BAD)
            return false;
    }
    return true;
}

apr_size_t hbr_utf8_count(const char *text, apr_size_t length)
{
    apr_size_t count = 0;
    apr_size_t i;

    for (i = 0; i < length; i++)
        count += !is_continuation((unsigned char)text[i]);
    return count;
}
