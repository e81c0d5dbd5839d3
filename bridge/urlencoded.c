/*
 * The application/x-www-form-urlencoded parser (WHATWG URL Standard 5.1). The
 * bytes may come in any pieces: what a piece leaves open (a pair, an escape)
 * is state in the parser. Each byte is looked at once, or twice where it ends
 * a bad escape.
 *
 * Invariant: a piece never decodes to more bytes than it has, apart from the
 * held bytes of a bad escape and the last pair's NUL. So room is made once per
 * piece and nothing is checked per byte.
 *
 * A parser belongs to one thread.
 */
#include <string.h>

#include "urlencoded.h"
#include "vector.h"

/* Two held bytes and the NUL that ends the input. */
#define SLACK 3
#define CHUNK 1024
#define FIRST_PAIRS 8

/* Bytes that end a run: all that mean something but '+'. */
static const bool special[256] = {
    ['\0'] = true, ['%'] = true, ['&'] = true, ['='] = true
};

/* The value of each hexadecimal digit, plus 1. */
static const unsigned char hex[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
    ['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['A'] = 11, ['B'] = 12,
    ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16, ['a'] = 11, ['b'] = 12,
    ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16
};

void hbr_urlencoded_open(hbr_urlencoded_t *parser, apr_pool_t *pool,
                         apr_size_t most, apr_size_t expected)
{
    *parser = (hbr_urlencoded_t){ .pool = pool, .most = most };
    if (expected > 0 && expected <= APR_SIZE_MAX - SLACK) {
        parser->at = apr_palloc(pool, expected + SLACK);
        parser->end = parser->at + expected + SLACK;
    }
}

/*
 * Makes room for what a piece decodes to. The open pair moves along, since its
 * bytes have to be in one place; the new memory leaves it room to double, so
 * that a long value that comes byte by byte is not moved for each byte.
 */
static void reserve(hbr_urlencoded_t *p, apr_size_t length)
{
    apr_size_t open = p->name != NULL ? (apr_size_t)(p->at - p->name) : 0;
    apr_size_t size;
    char *chunk;

    if ((apr_size_t)(p->end - p->at) >= length + SLACK)
        return;
    size = 2 * open + length + SLACK;
    if (size < CHUNK)
        size = CHUNK;
    chunk = apr_palloc(p->pool, size);
    if (p->name != NULL) {
        memcpy(chunk, p->name, open);
        if (p->value != NULL)
            p->value = chunk + (p->value - p->name);
        p->name = chunk;
    }
    p->at = chunk + open;
    p->end = chunk + size;
}

static void fail(hbr_urlencoded_t *p, hbr_urlencoded_e why)
{
    p->result = why;
    p->name = NULL;
}

static void open_pair(hbr_urlencoded_t *p)
{
    if (p->count == p->most) {
        fail(p, HBR_URLENCODED_MANY);
        return;
    }
    p->name = p->at;
    p->value = NULL;
}

/* An escape that came to nothing stays as it is. */
static void release_held(hbr_urlencoded_t *p)
{
    if (p->held > 0)
        *p->at++ = '%';
    if (p->held > 1)
        *p->at++ = p->digit;
    p->held = 0;
}

static hbr_pair_t *new_pair(hbr_urlencoded_t *p)
{
    if (p->count == p->room) {
        apr_size_t room = p->room > 0 ? 2 * p->room : FIRST_PAIRS;
        hbr_pair_t *pairs = apr_palloc(p->pool, room * sizeof(*pairs));

        if (p->count > 0)
            memcpy(pairs, p->pairs, p->count * sizeof(*pairs));
        p->pairs = pairs;
        p->room = room;
    }
    return &p->pairs[p->count++];
}

bool hbr_urlencoded_peek(const hbr_urlencoded_t *p, hbr_pair_t *pair)
{
    if (p->name == NULL)
        return false;
    pair->name = p->name;
    if (p->value != NULL) {
        pair->name_length = (apr_size_t)(p->value - p->name) - 1;
        pair->value = p->value;
        pair->value_length = (apr_size_t)(p->at - p->value);
    } else {
        pair->name_length = (apr_size_t)(p->at - p->name);
        pair->value = "";
        pair->value_length = 0;
    }
    return true;
}

static void close_pair(hbr_urlencoded_t *p)
{
    if (p->name == NULL)
        return;
    release_held(p);
    hbr_urlencoded_peek(p, new_pair(p));
    *p->at++ = '\0';
    p->name = NULL;
}

/* Takes a byte that goes on with an escape; false when it does not. */
static bool take_digit(hbr_urlencoded_t *p, char byte)
{
    unsigned value = hex[(unsigned char)byte];

    if (value == 0)
        return false;
    if (p->held == 1) {
        p->digit = byte;
        p->held = 2;
        return true;
    }
    value = (unsigned)(hex[(unsigned char)p->digit] - 1) * 16 + value - 1;
    p->held = 0;
    if (value == 0)
        fail(p, HBR_URLENCODED_NUL);
    else
        *p->at++ = (char)value;
    return true;
}

static void take_special(hbr_urlencoded_t *p, char byte)
{
    if (byte == '\0') {
        fail(p, HBR_URLENCODED_NUL);
    } else if (byte == '%') {
        p->held = 1;
    } else if (p->value == NULL) {
        *p->at++ = '\0';
        p->value = p->at;
    } else {
        *p->at++ = '=';
    }
}

/* Copies 16 bytes, '+' as the space it means; false when one is special. */
static bool copy_vector(char *to, const char *bytes)
{
    hbr_vector_t vector = hbr_vector_load(bytes);

    if (!hbr_vector_is_zero((hbr_vector_t)((vector == '&') | (vector == '=')
                                           | (vector == '%')
                                           | (vector == '\0'))))
        return false;
    vector ^= (hbr_vector_t)(vector == '+') & ('+' ^ ' ');
    hbr_vector_store(to, vector);
    return true;
}

/* Takes what stands for itself, and '+'; returns how much. */
static apr_size_t take_plain(hbr_urlencoded_t *p, const char *bytes,
                             apr_size_t length)
{
    const apr_size_t step = sizeof(hbr_vector_t);
    char *to = p->at;
    apr_size_t run = 0;

    while (length - run >= step && copy_vector(to + run, bytes + run))
        run += step;
    for (; run < length && !special[(unsigned char)bytes[run]]; run++)
        to[run] = bytes[run] == '+' ? ' ' : bytes[run];
    p->at += run;
    return run;
}

/* Takes at least one byte; returns how many. */
static apr_size_t take(hbr_urlencoded_t *p, const char *bytes,
                       apr_size_t length)
{
    if (p->held > 0) {
        if (take_digit(p, *bytes))
            return 1;
        release_held(p);
    }
    if (*bytes == '&') {
        close_pair(p);
        return 1;
    }
    if (p->name == NULL) {
        open_pair(p);
        if (p->result != HBR_URLENCODED_OK)
            return 1;
    }
    if (!special[(unsigned char)*bytes])
        return take_plain(p, bytes, length);
    take_special(p, *bytes);
    return 1;
}

hbr_urlencoded_e hbr_urlencoded_feed(hbr_urlencoded_t *parser,
                                     const char *bytes, apr_size_t length)
{
    apr_size_t done = 0;

    if (length == 0 || parser->result != HBR_URLENCODED_OK)
        return parser->result;
    reserve(parser, length);
    while (done < length && parser->result == HBR_URLENCODED_OK)
        done += take(parser, bytes + done, length - done);
    return parser->result;
}

hbr_urlencoded_e hbr_urlencoded_close(hbr_urlencoded_t *parser)
{
    if (parser->result == HBR_URLENCODED_OK)
        close_pair(parser);
    return parser->result;
}
