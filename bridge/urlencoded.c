/*
 * The application/x-www-form-urlencoded parser (WHATWG URL Standard 5.1). The
 * bytes may come in any pieces: what a piece leaves open (a pair, an escape)
 * is state in the parser. They are taken by vectors (urlencoded_block.h) as long
 * as what is there is what most forms are made of, else one by one, which is the
 * whole of the rules.
 *
 * Invariant: a piece never decodes to more bytes than it has, apart from the
 * held bytes of a bad escape and the last pair's NUL. So room is made once per
 * piece and nothing is checked per byte. A block may write up to HBR_BLOCK_AHEAD
 * bytes behind what it decodes to, which are there, and written anew.
 *
 * A parser belongs to one thread.
 */
#include <string.h>

#include "rare.h"
#include "urlencoded.h"
#include "urlencoded_block.h"
#include "wide.h"

/* Two held bytes, the NUL that ends the input, and what a block writes behind
 * its own. */
#define SLACK (3 + HBR_BLOCK_AHEAD)
#define CHUNK 1024
/* What is expected gets its place at once, up to this: it may never come. */
#define BELIEVED (1024 * 1024)
/* So many pairs at first: one for each 64 bytes that are expected. */
#define FIRST_PAIRS 8
#define FIRST_PAIRS_MOST 64
#define PAIR_LENGTH 64
/* So many tell how long a pair is on average, for up to so many times more. */
#define SAMPLE_PAIRS 512
#define SAMPLE_TIMES 256
/* Fewer bytes are not worth a vector. */
#define FEW 16

/* Bytes that end a run: all that mean something but '+'. */
static const bool special[256] = {
    ['\0'] = true, ['%'] = true, ['&'] = true, ['='] = true
};

/* 0xF0 and this are still below 0. */
#define NONE (-0x100)
/* clang-format off */
const apr_int16_t hbr_hex_values[256] = {
    [0 ... '0' - 1] = NONE,       0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ['9' + 1 ... 'A' - 1] = NONE, 10, 11, 12, 13, 14, 15,
    ['F' + 1 ... 'a' - 1] = NONE, 10, 11, 12, 13, 14, 15,
    ['f' + 1 ... 255] = NONE
};
/* clang-format on */

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

static void open_pair(hbr_urlencoded_t *p)
{
    if (p->count == p->most) {
        p->result = HBR_URLENCODED_MANY;
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

static apr_size_t first_pairs(const hbr_urlencoded_t *p)
{
    apr_size_t likely = p->left / PAIR_LENGTH;

    if (likely < FIRST_PAIRS)
        return FIRST_PAIRS;
    return likely < FIRST_PAIRS_MOST ? likely : FIRST_PAIRS_MOST;
}

/* As many pairs as those before them make likely, and twice as many at least.
 * An array left behind is memory that nobody uses. */
static apr_size_t more_pairs(const hbr_urlencoded_t *p)
{
    apr_size_t room = p->room > 0 ? 2 * p->room : first_pairs(p);

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

void hbr_urlencoded_grow(hbr_urlencoded_t *p)
{
    apr_size_t room = more_pairs(p);
    hbr_pair_t *pairs = apr_palloc(p->pool, room * sizeof(*pairs));

    if (p->count > 0)
        memcpy(pairs, p->pairs, p->count * sizeof(*pairs));
    p->pairs = pairs;
    p->room = room;
}

static hbr_pair_t *new_pair(hbr_urlencoded_t *p)
{
    if (p->count == p->room)
        hbr_urlencoded_grow(p);
    return &p->pairs[p->count++];
}

bool hbr_urlencoded_peek(const hbr_urlencoded_t *p, hbr_pair_t *pair)
{
    if (p->name != NULL)
        hbr_show_pair(pair, p->name, p->value, p->at);
    return p->name != NULL;
}

static void close_pair(hbr_urlencoded_t *p)
{
    if (p->name == NULL)
        return;
    release_held(p);
    hbr_show_pair(new_pair(p), p->name, p->value, p->at);
    *p->at++ = '\0';
    p->name = NULL;
}

static bool is_digit(char byte)
{
    return hbr_hex_values[(unsigned char)byte] >= 0;
}

static void take_escape(hbr_urlencoded_t *p, char high, char low)
{
    int value = hbr_hex_value(high, low);

    if (value == 0)
        p->result = HBR_URLENCODED_NUL;
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
        p->result = HBR_URLENCODED_NUL;
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

apr_size_t hbr_urlencoded_blocks(hbr_urlencoded_t *p, const char *bytes,
                                 const char *until)
{
    return hbr_take_blocks(p, bytes, until);
}

static inline apr_size_t blocks(hbr_urlencoded_t *p, const char *bytes,
                                const char *until)
{
    return hbr_wide ? hbr_urlencoded_blocks_wide(p, bytes, until)
                    : hbr_urlencoded_blocks(p, bytes, until);
}

/* The last bytes of a piece: in a copy, which ends with what stops a block and has
 * enough behind it. */
static HBR_APART apr_size_t take_tail(hbr_urlencoded_t *p, const char *bytes,
                                      apr_size_t length)
{
    char copy[2 * HBR_BLOCK_AHEAD] = { 0 };

    memcpy(copy, bytes, length);
    return blocks(p, copy, copy + length);
}

/* Takes blocks as long as nothing is rare; returns how many bytes. */
static apr_size_t take_blocks(hbr_urlencoded_t *p, const char *bytes,
                              apr_size_t length)
{
    if (length < FEW || p->held > 0 || p->count == p->most)
        return 0;
    return length < HBR_BLOCK_AHEAD
               ? take_tail(p, bytes, length)
               : blocks(p, bytes, bytes + length - HBR_BLOCK_AHEAD + 1);
}

hbr_urlencoded_e hbr_urlencoded_feed(hbr_urlencoded_t *parser,
                                     const char *bytes, apr_size_t length)
{
    apr_size_t done = 0;

    if (length == 0 || parser->result != HBR_URLENCODED_OK)
        return parser->result;
    reserve(parser, length);
    while (done < length && parser->result == HBR_URLENCODED_OK) {
        apr_size_t taken = take_blocks(parser, bytes + done, length - done);

        if (taken == 0) {
            taken = take(parser, bytes + done, length - done);
            hbr_count_down(parser, taken);
        }
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
