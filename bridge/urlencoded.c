/*
 * The application/x-www-form-urlencoded parser (WHATWG URL Standard 5.1). The
 * bytes may come in any pieces: what a piece leaves open (a pair, an escape)
 * is state in the parser. They are taken by 16 at a time where what is there is
 * what most forms are made of, else one by one, which is the whole of the rules.
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
/* What is expected gets its place at once, up to this: it may never come. */
#define BELIEVED (1024 * 1024)
#define FIRST_PAIRS 8
#define STEP sizeof(hbr_vector_t)
/* So many bytes are gone through before what is left is known anew. */
#define SPAN 1024
/* So many tell how long a pair is on average, for up to so many times more. */
#define SAMPLE_PAIRS 512
#define SAMPLE_TIMES 256

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
    *parser = (hbr_urlencoded_t){
        .pool = pool, .most = most, .expected = expected, .left = expected
    };
}

/* How much memory holds the open bytes, a piece, and more: what is expected
 * behind it as far as that is believed, or else enough for the open pair to
 * double, so that a long value that comes byte by byte is not moved for each
 * byte. */
static apr_size_t size_for(const hbr_urlencoded_t *p, apr_size_t open,
                           apr_size_t length)
{
    apr_size_t size = 2 * open + length + SLACK;

    if (size < p->left && size < BELIEVED)
        size = BELIEVED;
    if (p->left >= length && size > open + p->left + SLACK)
        return open + p->left + SLACK;
    return size < CHUNK ? CHUNK : size;
}

/* Makes room for what a piece decodes to. The open pair moves along, since its
 * bytes have to be in one place. */
static void reserve(hbr_urlencoded_t *p, apr_size_t length)
{
    apr_size_t open = p->name != NULL ? (apr_size_t)(p->at - p->name) : 0;
    apr_size_t size;
    char *chunk;

    if ((apr_size_t)(p->end - p->at) >= length + SLACK)
        return;
    size = size_for(p, open, length);
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

/* As many pairs as those before them make likely, and twice as many at least.
 * An array left behind is memory that nobody uses. */
static apr_size_t more_pairs(const hbr_urlencoded_t *p)
{
    apr_size_t room = p->room > 0 ? 2 * p->room : FIRST_PAIRS;

    if (p->left > 0 && p->count >= SAMPLE_PAIRS) {
        apr_size_t average = (p->expected - p->left) / p->count + 1;
        apr_size_t likely = p->count + p->left / average;

        likely += likely / 16;
        if (likely > SAMPLE_TIMES * p->count)
            likely = SAMPLE_TIMES * p->count;
        if (likely > room)
            room = likely;
    }
    return room < p->most ? room : p->most;
}

static hbr_pair_t *new_pair(hbr_urlencoded_t *p)
{
    if (p->count == p->room) {
        apr_size_t room = more_pairs(p);
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

static bool is_digit(char byte)
{
    return hex[(unsigned char)byte] != 0;
}

static void take_escape(hbr_urlencoded_t *p, char high, char low)
{
    unsigned value = (unsigned)(hex[(unsigned char)high] - 1) * 16
                     + hex[(unsigned char)low] - 1;

    if (value == 0)
        fail(p, HBR_URLENCODED_NUL);
    else
        *p->at++ = (char)value;
}

/* Takes a byte that goes on with an escape; false when it does not. */
static bool take_digit(hbr_urlencoded_t *p, char byte)
{
    if (!is_digit(byte))
        return false;
    if (p->held == 1) {
        p->digit = byte;
        p->held = 2;
    } else {
        p->held = 0;
        take_escape(p, p->digit, byte);
    }
    return true;
}

/* Takes an escape that is here as a whole, or begins one; returns how much. */
static apr_size_t take_percent(hbr_urlencoded_t *p, const char *bytes,
                               apr_size_t length)
{
    if (length < 3 || !is_digit(bytes[1]) || !is_digit(bytes[2])) {
        p->held = 1;
        return 1;
    }
    take_escape(p, bytes[1], bytes[2]);
    return 3;
}

static void take_special(hbr_urlencoded_t *p, char byte)
{
    if (byte == '\0') {
        fail(p, HBR_URLENCODED_NUL);
    } else if (p->value == NULL) {
        *p->at++ = '\0';
        p->value = p->at;
    } else {
        *p->at++ = '=';
    }
}

/* Takes what stands for itself, and '+'; returns how much. */
static apr_size_t take_plain(hbr_urlencoded_t *p, const char *bytes,
                             apr_size_t length)
{
    char *to = p->at;
    apr_size_t run = 0;

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
    if (*bytes == '%')
        return take_percent(p, bytes, length);
    take_special(p, *bytes);
    return 1;
}

/* Copies 16 bytes, '+' as the space it means; returns which of them may be
 * special: those are, and what else lies below '&', which few send as it is. */
static inline unsigned copy_vector(char *to, const char *bytes)
{
    hbr_vector_t vector = hbr_vector_load(bytes);
    hbr_vector_t specials = (hbr_vector_t)((vector <= '&') | (vector == '='));

    vector ^= (hbr_vector_t)(vector == '+') & ('+' ^ ' ');
    hbr_vector_store(to, vector);
    return hbr_vector_bits(specials);
}

/* The pair ends before the '&' that was copied to end, or there is none. */
static inline void end_pair(hbr_urlencoded_t *p, char *end)
{
    if (end > p->name) {
        p->at = end;
        hbr_urlencoded_peek(p, new_pair(p));
        *end = '\0';
    }
    p->name = end + 1;
    p->value = NULL;
}

/* Goes through the special ones among 16 bytes that were copied; returns how
 * many bytes were taken. All are, but for an escape, a NUL, and the '&' behind
 * the last pair that may be. What is copied keeps its place: '=' and '&' become a NUL. */
static inline apr_size_t take_marks(hbr_urlencoded_t *p, const char *bytes,
                                    unsigned marks)
{
    char *to = p->at;
    apr_size_t taken = STEP;

    for (; marks != 0 && taken == STEP; marks &= marks - 1) {
        apr_size_t i = (apr_size_t)__builtin_ctz(marks);

        if (bytes[i] == '&') {
            end_pair(p, to + i);
            if (p->count == p->most) {
                p->name = to + i;
                taken = i;
            }
        } else if (bytes[i] == '=' && p->value == NULL) {
            to[i] = '\0';
            p->value = to + i + 1;
        } else if (bytes[i] == '%' || bytes[i] == '\0') {
            taken = i;
        }
    }
    p->at = to + taken;
    return taken;
}

/* An escape that is whole, and no NUL; false for another. */
static inline bool take_whole_escape(hbr_urlencoded_t *p, const char *bytes)
{
    unsigned high = hex[(unsigned char)bytes[1]];
    unsigned low = high != 0 ? hex[(unsigned char)bytes[2]] : 0;
    unsigned value = high * 16 + low - 17;

    if (low == 0 || value == 0)
        return false;
    *p->at++ = (char)value;
    return true;
}

/* Takes 16 bytes at a time, as long as there are so many and nothing is rare;
 * returns how many bytes. */
static apr_size_t take_vectors(hbr_urlencoded_t *p, const char *bytes,
                               apr_size_t length)
{
    const char *at = bytes, *end = bytes + length;

    if (length < STEP || p->count == p->most)
        return 0;
    if (p->name == NULL) {
        p->name = p->at;
        p->value = NULL;
    }
    while (at <= end - STEP) {
        apr_size_t taken = take_marks(p, at, copy_vector(p->at, at));

        at += taken;
        if (taken == STEP)
            continue;
        if (*at != '%' || end - at < 3 || !take_whole_escape(p, at))
            break;
        at += 3;
    }
    if (p->name == p->at)
        p->name = NULL;
    return (apr_size_t)(at - bytes);
}

hbr_urlencoded_e hbr_urlencoded_feed(hbr_urlencoded_t *parser,
                                     const char *bytes, apr_size_t length)
{
    apr_size_t done = 0;

    if (length == 0 || parser->result != HBR_URLENCODED_OK)
        return parser->result;
    reserve(parser, length);
    while (done < length && parser->result == HBR_URLENCODED_OK) {
        apr_size_t left = length - done;
        apr_size_t taken = 0;

        if (parser->held == 0)
            taken =
                take_vectors(parser, bytes + done, left < SPAN ? left : SPAN);
        if (taken == 0)
            taken = take(parser, bytes + done, left);

        parser->left -= taken < parser->left ? taken : parser->left;
        done += taken;
    }
    return parser->result;
}

hbr_urlencoded_e hbr_urlencoded_close(hbr_urlencoded_t *parser)
{
    if (parser->result == HBR_URLENCODED_OK)
        close_pair(parser);
    return parser->result;
}
