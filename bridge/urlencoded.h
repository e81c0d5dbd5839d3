/**
 * @file urlencoded.h
 * @brief application/x-www-form-urlencoded, parsed as it comes in.
 */
#ifndef HBR_BRIDGE_URLENCODED_H
#define HBR_BRIDGE_URLENCODED_H

#include "handlerbridge/request.h"

typedef enum {
    HBR_URLENCODED_OK = 0,
    HBR_URLENCODED_NUL, /**< A NUL, as it is or as %00. */
    HBR_URLENCODED_MANY /**< More pairs than the caller allows. */
} hbr_urlencoded_e;

/** A parser. Callers read count and pairs, after hbr_urlencoded_close(). */
typedef struct hbr_urlencoded_t {
    apr_size_t count;
    hbr_pair_t *pairs; /**< In the order they came; NULL when none. */

    apr_pool_t *pool;
    apr_size_t most;
    apr_size_t expected;     /**< Bytes; 0: not known. */
    apr_size_t left;         /**< Of them, those still to come. */
    apr_size_t room;         /**< Of pairs. */
    hbr_urlencoded_e result; /**< An error sticks. */
    char *at;                /**< Where the next decoded byte goes. */
    char *end;               /**< Of the memory at stands in. */
    char *name;              /**< Of the open pair; NULL when none is open. */
    char *value;             /**< NULL before its first '='. */
    unsigned held;           /**< Bytes of an escape seen so far: 0 to 2. */
    char digit;              /**< The second of them. */
} hbr_urlencoded_t;

/**
 * Makes a parser ready.
 * @param pool memory of the pairs
 * @param most how many pairs are allowed
 * @param expected how many bytes will be fed, or 0 when that is not known;
 *        only saves memory and time. More or fewer may come: of what does not
 *        come a MB is reserved at most, with pairs for 256 times as many as came,
 *        as far as they are allowed, and nothing before the first byte
 */
void hbr_urlencoded_open(hbr_urlencoded_t *parser, apr_pool_t *pool,
                         apr_size_t most, apr_size_t expected);

/**
 * Takes the next bytes, any number of them. They are not kept.
 * @return HBR_URLENCODED_OK, or what is wrong; further bytes then change
 *         nothing
 */
hbr_urlencoded_e hbr_urlencoded_feed(hbr_urlencoded_t *parser,
                                     const char *bytes, apr_size_t length);

/**
 * Shows the pair that is open: as much of it as was fed, or stood before a NUL. For
 * limits on its length, which it has to be held to before it is complete.
 * @param pair set to it; its texts are good until the next bytes are fed and
 *        end without a NUL
 * @return false: none is open
 */
bool hbr_urlencoded_peek(const hbr_urlencoded_t *parser, hbr_pair_t *pair);

/**
 * Ends the input. After an error count and pairs tell what stood before it.
 * @return as hbr_urlencoded_feed()
 */
hbr_urlencoded_e hbr_urlencoded_close(hbr_urlencoded_t *parser);

#endif
