/**
 * @file urlencoded_block.h
 * @brief The way that most bytes of a form go: a vector of them at a time, which
 *        is called a block. urlencoded.c compiles it for any CPU,
 *        urlencoded_wide.c for those with vectors of 32 bytes.
 *
 * A block is written whole to where it belongs if it holds no escape, '+' as the
 * space it means. Then what means something in it is gone through: a '=' or '&'
 * becomes the NUL that ends a name or a value, in place; an escape becomes its
 * byte, and what follows it is written again, two places further to the front.
 */
#ifndef HBR_BRIDGE_URLENCODED_BLOCK_H
#define HBR_BRIDGE_URLENCODED_BLOCK_H

#include "rare.h"
#include "urlencoded.h"
#include "vector.h"

/** So many bytes from where a block begins may be read, and written where it
 *  goes. */
#define HBR_BLOCK_AHEAD 64

/** The value of each hexadecimal digit, and of any other byte one so far below 0
 *  that no digit beside it makes up for it. */
extern const apr_int16_t hbr_hex_values[256];

/** Makes room for more pairs. */
void hbr_urlencoded_grow(hbr_urlencoded_t *parser) HBR_APART;

/** hbr_take_blocks() for any CPU, and for one that has what hbr_wide tells. */
apr_size_t hbr_urlencoded_blocks(hbr_urlencoded_t *parser, const char *bytes,
                                 const char *until);
apr_size_t hbr_urlencoded_blocks_wide(hbr_urlencoded_t *parser,
                                      const char *bytes, const char *until);

/** What two digits mean; below 0 when they are none. */
static inline int hbr_hex_value(char high, char low)
{
    return hbr_hex_values[(unsigned char)high] * 16
           + hbr_hex_values[(unsigned char)low];
}

/** So many of the expected bytes have come. */
static inline void hbr_count_down(hbr_urlencoded_t *parser, apr_size_t taken)
{
    parser->left -= taken < parser->left ? taken : parser->left;
}

/** A pair that ends here. A value that is NULL: it has no '='. */
static HBR_WITHIN void hbr_show_pair(hbr_pair_t *pair, const char *name,
                                     const char *value, const char *end)
{
    pair->name = name;
    if (value != NULL) {
        pair->name_length = (apr_size_t)(value - name) - 1;
        pair->value = value;
        pair->value_length = (apr_size_t)(end - value);
    } else {
        pair->name_length = (apr_size_t)(end - name);
        pair->value = "";
        pair->value_length = 0;
    }
}

/** Blocks on their way. What the parser has of it would have to be read again
 *  after each byte that is written. */
typedef struct hbr_blocks_t {
    hbr_urlencoded_t *parser;
    const char *from;    /**< What comes next. */
    const char *counted; /**< The parser knows that it came up to here. */
    char *to;            /**< Where it goes. */
    hbr_pair_t *pair;    /**< The next one, for which there is room. */
    hbr_pair_t *full;    /**< Behind the last for which there is. */
    char *name;          /**< Of the open pair, which may be empty. */
    char *value;         /**< NULL before its first '='. */
    hbr_vector_t ampersand, equals, plus;
    hbr_vector_t to_space; /**< What makes a '+' one. */
} hbr_blocks_t;

/** Tells which bytes may mean something: those do, and what else lies below '&',
 *  which few send as it is. '+' is none of them. */
static HBR_WITHIN unsigned hbr_block_marks(const hbr_blocks_t *blocks,
                                           hbr_vector_t vector)
{
    return hbr_vector_bits((hbr_vector_t)((vector <= blocks->ampersand)
                                          | (vector == blocks->equals)));
}

/** Writes a vector as it is, but for '+'. */
static HBR_WITHIN void hbr_block_write(const hbr_blocks_t *blocks, char *to,
                                       hbr_vector_t vector)
{
    vector ^= (hbr_vector_t)(vector == blocks->plus) & blocks->to_space;
    hbr_vector_store(to, vector);
}

/** Room for the next pair, unless it is one more than may be: then false. The
 *  estimate of how many will come needs to know what is behind `mark`. */
static HBR_WITHIN bool hbr_block_room(hbr_blocks_t *blocks, const char *mark)
{
    hbr_urlencoded_t *parser = blocks->parser;

    if (parser->count == parser->most)
        return false;
    if (parser->count == parser->room) {
        hbr_count_down(parser, (apr_size_t)(mark - blocks->counted));
        blocks->counted = mark;
        hbr_urlencoded_grow(parser);
    }
    blocks->pair = parser->pairs + parser->count;
    blocks->full = parser->pairs + parser->room;
    return true;
}

/** An '&': the pair, if there is one, ends where it would go. False: it was the
 *  last that may be. */
static HBR_WITHIN bool hbr_block_pair(hbr_blocks_t *blocks, char *end,
                                      const char *mark)
{
    bool may_go_on = true;

    if (end > blocks->name) {
        hbr_show_pair(blocks->pair++, blocks->name, blocks->value, end);
        if (blocks->pair == blocks->full) {
            blocks->parser->count = blocks->parser->room;
            may_go_on = hbr_block_room(blocks, mark);
        }
    }
    *end = '\0';
    blocks->name = end + 1;
    blocks->value = NULL;
    return may_go_on;
}

/** An escape, all of which is in the block: its byte, and again what follows it.
 *  False: it is none, or a NUL. */
static HBR_WITHIN bool hbr_block_escape(const hbr_blocks_t *blocks, char *to,
                                        const char *escape)
{
    int value = hbr_hex_value(escape[1], escape[2]);

    if (value <= 0)
        return false;
    *to = (char)value;
    hbr_block_write(blocks, to + 1, hbr_vector_load(escape + 3));
    return true;
}

/** So many bytes of a block are done; `to` is where its first would have gone,
 *  had no escape been shorter than it was written. Returns may_go_on. */
static HBR_WITHIN bool hbr_block_done(hbr_blocks_t *blocks, char *to,
                                      apr_size_t taken, bool may_go_on)
{
    blocks->from += taken;
    blocks->to = to + taken;
    return may_go_on;
}

/** Takes a block, up to what is rare, and then returns false: an escape that is
 *  none, a NUL, and what follows the last pair that may be. An escape that would
 *  not end in it is left to the next one. */
static HBR_WITHIN bool hbr_take_block(hbr_blocks_t *blocks)
{
    const apr_size_t step = sizeof(hbr_vector_t);
    const char *from = blocks->from;
    hbr_vector_t vector = hbr_vector_load(from);
    apr_uint64_t marks = hbr_block_marks(blocks, vector);
    char *to = blocks->to;

    hbr_block_write(blocks, to, vector);
    for (; marks != 0; marks &= marks - 1) {
        const apr_size_t at = hbr_bits_first(marks);

        if (from[at] == '%') {
            if (at > step - 3)
                return hbr_block_done(blocks, to, at, true);
            if (!hbr_block_escape(blocks, to + at, from + at))
                return hbr_block_done(blocks, to, at, false);
            to -= 2;
        } else if (from[at] == '&') {
            if (!hbr_block_pair(blocks, to + at, from + at))
                return hbr_block_done(blocks, to, at + 1, false);
        } else if (from[at] == '=' && blocks->value == NULL) {
            to[at] = '\0';
            blocks->value = to + at + 1;
        } else if (from[at] == '\0') {
            return hbr_block_done(blocks, to, at, false);
        }
    }
    return hbr_block_done(blocks, to, step, true);
}

/**
 * Takes blocks as long as nothing is rare.
 * @param bytes fewer pairs than may be are there, and no byte is held
 * @param until the last block begins before it: HBR_BLOCK_AHEAD bytes from there
 *        on can be read, or there is a NUL, and as many can behind it
 * @return how many bytes were taken
 */
static HBR_WITHIN apr_size_t hbr_take_blocks(hbr_urlencoded_t *parser,
                                             const char *bytes,
                                             const char *until)
{
    bool is_open = parser->name != NULL;
    hbr_blocks_t blocks = { .parser = parser,
                            .from = bytes,
                            .counted = bytes,
                            .to = parser->at,
                            .name = is_open ? parser->name : parser->at,
                            .value = is_open ? parser->value : NULL,
                            .ampersand = hbr_vector_of('&'),
                            .equals = hbr_vector_of('='),
                            .plus = hbr_vector_of('+'),
                            .to_space = hbr_vector_of('+' ^ ' ') };

    hbr_block_room(&blocks, bytes);
    while (blocks.from < until && hbr_take_block(&blocks))
        ;
    hbr_count_down(parser, (apr_size_t)(blocks.from - blocks.counted));
    parser->count = (apr_size_t)(blocks.pair - parser->pairs);
    parser->at = blocks.to;
    parser->name = blocks.name < blocks.to ? blocks.name : NULL;
    parser->value = blocks.value;
    return (apr_size_t)(blocks.from - bytes);
}

#endif
