/**
 * @file trie_node.h
 * @brief How the tree of trie.h lies in memory; for its own two files.
 */
#ifndef HBR_BRIDGE_TRIE_NODE_H
#define HBR_BRIDGE_TRIE_NODE_H

#include "trie.h"

/** The roots: of patterns with a leading slash, and of those without. */
enum { HBR_TRIE_PATHS = 0, HBR_TRIE_NAMES = 1 };

/* A number of a node; 0 where there is none, as no root is a child. */
typedef apr_uint32_t hbr_trie_id_t;

typedef struct hbr_trie_node_t {
    hbr_trie_id_t kinds[HBR_SEGMENT_LITERAL]; /**< Children by kind. */
    hbr_trie_list_t list;
    bool has_texts; /**< There are edges by text. */
} hbr_trie_node_t;

/** A child by text: a literal segment, or a part of an extension. */
typedef struct hbr_trie_edge_t {
    apr_uint32_t hash; /**< Of the text. */
    hbr_trie_id_t parent;
    hbr_trie_id_t child; /**< 0: nothing is in this place of the table. */
    apr_uint32_t length;
    const char *text;
} hbr_trie_edge_t;

struct hbr_trie_t {
    apr_pool_t *pool;
    hbr_trie_node_t *nodes;
    apr_uint32_t node_count, node_room;
    hbr_trie_edge_t *edges; /**< Open addressing, at most half full. */
    apr_uint32_t edge_count, edge_room;
    apr_size_t depth; /**< The most segments a pattern has. */
    unsigned kinds;   /**< A bit for each hbr_segment_e that is in it. */
};

/** The hash of a segment's text. */
apr_uint32_t hbr_trie_hash(const char *text, apr_size_t length);

/** The child by text, or 0. */
hbr_trie_id_t hbr_trie_child(const hbr_trie_t *trie, hbr_trie_id_t parent,
                             const char *text, apr_size_t length,
                             apr_uint32_t hash);

#endif
