/**
 * @file trie.h
 * @brief The index of a table of patterns: a tree over their segments.
 *
 * Each node stands for a pattern, or for the beginning of one, without the
 * names of its parameters. A node holds a list of the table's: the index of its
 * first and its last entry; how the entries are chained is the table's matter.
 */
#ifndef HBR_BRIDGE_TRIE_H
#define HBR_BRIDGE_TRIE_H

#include "pattern.h"

/** No entry's index. */
#define HBR_TRIE_NONE ((apr_uint32_t)-1)

typedef struct hbr_trie_t hbr_trie_t;

/** The entries with one pattern; HBR_TRIE_NONE when there is none. */
typedef struct hbr_trie_list_t {
    apr_uint32_t first;
    apr_uint32_t last;
} hbr_trie_list_t;

/** A look-up: what to look for, and whom to tell. */
typedef struct hbr_trie_search_t {
    apr_pool_t *pool; /**< For scratch, if patterns are deep. */
    const char *path;
    apr_size_t length;
    unsigned options; /**< HBR_PATTERN_PATH_INFO or 0. */
    /**
     * Is given each list that is not empty and matches, in no order.
     * @param again the same list may have been given before, for another
     *              segment
     */
    void (*found)(void *data, const hbr_trie_list_t *list, bool again);
    void *data;
} hbr_trie_search_t;

/** Makes a tree without patterns. */
hbr_trie_t *hbr_trie_create(apr_pool_t *pool);

/** The list of a pattern, made if it is new. It may move when another is made.
 *  The tree keeps the pattern's texts, not a copy. */
hbr_trie_list_t *hbr_trie_add(hbr_trie_t *trie, const hbr_pattern_t *pattern);

/** The list of a pattern, or NULL. */
const hbr_trie_list_t *hbr_trie_find(const hbr_trie_t *trie,
                                     const hbr_pattern_t *pattern);

/** Finds all lists whose pattern matches a path; see hbr_map_open(). */
void hbr_trie_search(const hbr_trie_t *trie, const hbr_trie_search_t *search);

#endif
