/*
 * The tree is an array of nodes. A node's children by kind are in the node;
 * those by text are in one hash table for the whole tree, whose key is the
 * parent's number and the text. An extension is a way of its own below its
 * place, by its parts from the last: "*.tar.gz" is EXTENSION, "gz", "tar".
 *
 * Written by hbr_trie_add() alone, in one thread; what looks a path up, in any
 * thread, is in trie_search.c.
 */
#include <string.h>

#include "trie_node.h"

/* Both double when they are full; the table's size is a power of two. */
#define NODES_FIRST 32
#define EDGES_FIRST 64

/* One step down the tree. */
typedef struct step_t {
    hbr_segment_e kind; /* HBR_SEGMENT_LITERAL: by text */
    const char *text;
    apr_size_t length;
} step_t;

/* The steps that a pattern is made of. */
typedef struct steps_t {
    const hbr_pattern_t *pattern;
    apr_size_t segment;
    apr_size_t left; /* of the extension's text that is being taken apart */
} steps_t;

static void take_part(steps_t *steps, step_t *step)
{
    const char *text = steps->pattern->segments[steps->segment].text;
    apr_size_t begin = steps->left;

    while (begin > 0 && text[begin - 1] != '.')
        begin--;
    step->kind = HBR_SEGMENT_LITERAL;
    step->text = text + begin;
    step->length = steps->left - begin;
    steps->left = begin > 0 ? begin - 1 : 0;
    if (begin == 0)
        steps->segment++;
}

static bool next_step(steps_t *steps, step_t *step)
{
    const hbr_segment_t *segment = &steps->pattern->segments[steps->segment];

    if (steps->left > 0) {
        take_part(steps, step);
        return true;
    }
    if (steps->segment == steps->pattern->count)
        return false;
    step->kind = segment->kind;
    step->text = segment->text;
    step->length = segment->length;
    if (segment->kind == HBR_SEGMENT_EXTENSION)
        steps->left = segment->length;
    else
        steps->segment++;
    return true;
}

static hbr_trie_id_t new_node(hbr_trie_t *trie)
{
    hbr_trie_node_t *node;

    if (trie->node_count == trie->node_room) {
        apr_uint32_t room = trie->node_room * 2;
        hbr_trie_node_t *more = apr_palloc(trie->pool, room * sizeof(*more));

        memcpy(more, trie->nodes, trie->node_count * sizeof(*more));
        trie->nodes = more;
        trie->node_room = room;
    }
    node = &trie->nodes[trie->node_count];
    memset(node, 0, sizeof(*node));
    node->list.first = node->list.last = HBR_TRIE_NONE;
    return trie->node_count++;
}

static void new_edges(hbr_trie_t *trie, apr_uint32_t room)
{
    trie->edges = apr_pcalloc(trie->pool, room * sizeof(*trie->edges));
    trie->edge_room = room;
}

hbr_trie_t *hbr_trie_create(apr_pool_t *pool)
{
    hbr_trie_t *trie = apr_pcalloc(pool, sizeof(*trie));

    trie->pool = pool;
    trie->node_room = NODES_FIRST;
    trie->nodes = apr_palloc(pool, NODES_FIRST * sizeof(*trie->nodes));
    new_edges(trie, EDGES_FIRST);
    new_node(trie); /* HBR_TRIE_PATHS */
    new_node(trie); /* HBR_TRIE_NAMES */
    return trie;
}

apr_uint32_t hbr_trie_hash(const char *text, apr_size_t length)
{
    apr_uint32_t hash = 2166136261u; /* FNV-1a */
    apr_size_t i;

    for (i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return hash;
}

/* Where an edge is, or the free place it belongs to: there always is one. */
static hbr_trie_edge_t *edge_place(const hbr_trie_t *trie, hbr_trie_id_t parent,
                                   const char *text, apr_size_t length,
                                   apr_uint32_t hash)
{
    apr_uint32_t mask = trie->edge_room - 1;
    apr_uint32_t mixed = hash ^ (parent * 2654435761u); /* Knuth 6.4 */
    apr_uint32_t i = (mixed ^ mixed >> 15) & mask;

    for (;; i = (i + 1) & mask) {
        hbr_trie_edge_t *edge = &trie->edges[i];

        if (edge->child == 0
            || (edge->hash == hash && edge->parent == parent
                && edge->length == length
                && memcmp(edge->text, text, length) == 0))
            return edge;
    }
}

hbr_trie_id_t hbr_trie_child(const hbr_trie_t *trie, hbr_trie_id_t parent,
                             const char *text, apr_size_t length,
                             apr_uint32_t hash)
{
    return edge_place(trie, parent, text, length, hash)->child;
}

static void grow_edges(hbr_trie_t *trie)
{
    const hbr_trie_edge_t *old = trie->edges;
    apr_uint32_t room = trie->edge_room;
    apr_uint32_t i;

    new_edges(trie, room * 2);
    for (i = 0; i < room; i++) {
        if (old[i].child != 0)
            *edge_place(trie, old[i].parent, old[i].text, old[i].length,
                        old[i].hash) = old[i];
    }
}

static hbr_trie_id_t look(const hbr_trie_t *trie, hbr_trie_id_t parent,
                          const step_t *step)
{
    if (step->kind != HBR_SEGMENT_LITERAL)
        return trie->nodes[parent].kinds[step->kind];
    return hbr_trie_child(trie, parent, step->text, step->length,
                          hbr_trie_hash(step->text, step->length));
}

static void add_edge(hbr_trie_t *trie, hbr_trie_id_t parent, const step_t *step,
                     hbr_trie_id_t child)
{
    apr_uint32_t hash = hbr_trie_hash(step->text, step->length);

    if (trie->edge_count == trie->edge_room / 2)
        grow_edges(trie);
    *edge_place(trie, parent, step->text, step->length, hash) =
        (hbr_trie_edge_t){ .hash = hash,
                           .parent = parent,
                           .child = child,
                           .length = (apr_uint32_t)step->length,
                           .text = step->text };
    trie->edge_count++;
    trie->nodes[parent].has_texts = true;
}

static hbr_trie_id_t make(hbr_trie_t *trie, hbr_trie_id_t parent,
                          const step_t *step)
{
    hbr_trie_id_t child = new_node(trie);

    trie->kinds |= 1u << step->kind;
    if (step->kind == HBR_SEGMENT_LITERAL)
        add_edge(trie, parent, step, child);
    else
        trie->nodes[parent].kinds[step->kind] = child;
    return child;
}

static hbr_trie_id_t root_of(const hbr_pattern_t *pattern)
{
    return pattern->absolute ? HBR_TRIE_PATHS : HBR_TRIE_NAMES;
}

hbr_trie_list_t *hbr_trie_add(hbr_trie_t *trie, const hbr_pattern_t *pattern)
{
    hbr_trie_id_t node = root_of(pattern);
    steps_t steps = { .pattern = pattern };
    step_t step;

    while (next_step(&steps, &step)) {
        hbr_trie_id_t child = look(trie, node, &step);

        node = child != 0 ? child : make(trie, node, &step);
    }
    if (pattern->count > trie->depth)
        trie->depth = pattern->count;
    return &trie->nodes[node].list;
}

const hbr_trie_list_t *hbr_trie_find(const hbr_trie_t *trie,
                                     const hbr_pattern_t *pattern)
{
    hbr_trie_id_t node = root_of(pattern);
    steps_t steps = { .pattern = pattern };
    step_t step;

    while (next_step(&steps, &step)) {
        node = look(trie, node, &step);
        if (node == 0)
            return NULL;
    }
    return &trie->nodes[node].list;
}
