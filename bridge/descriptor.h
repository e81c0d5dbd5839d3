/**
 * @file descriptor.h
 * @brief The text of a descriptor file: a handler's name, then its options.
 *
 *     # a card for the front page
 *     handler card
 *     size    32
 *     text    "Good morning"
 *
 * Words, quotes, comments and continued lines are as in httpd's configuration,
 * but for a quote that is not closed and for words too many: those are
 * mistakes here. Whether there is such a handler, and such an option, is not
 * asked here.
 */
#ifndef HBR_BRIDGE_DESCRIPTOR_H
#define HBR_BRIDGE_DESCRIPTOR_H

#include <apr_tables.h>

/** One line; a continued one has the number of its first. */
typedef struct hbr_descriptor_line_t {
    const char *key;
    const char *value;
    unsigned number;
} hbr_descriptor_line_t;

typedef struct hbr_descriptor_t {
    hbr_descriptor_line_t handler; /**< The value is its name. */
    apr_array_header_t *options;   /**< hbr_descriptor_line_t, in order. */
} hbr_descriptor_t;

/**
 * Reads a descriptor.
 * @param pool the result's memory; about twice the text is taken
 * @param text UTF-8, a byte order mark may stand before it; any line ends
 * @param descriptor set; not whole after a mistake
 * @return NULL, or a sentence that says what is wrong, with the line's number
 */
const char *hbr_descriptor_parse(apr_pool_t *pool, const char *text,
                                 apr_size_t length,
                                 hbr_descriptor_t *descriptor);

#endif
