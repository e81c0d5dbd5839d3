/*
 * Looking a path up in the tree.
 *
 * A whole path goes down the tree segment by segment; where a text and one or
 * more kinds fit the same segment, each way is followed. A node is reached in
 * one way only, so that no node is visited twice, and only such are visited as
 * stand for a beginning that fits; what a segment is (its end, its hash, its
 * kinds) is worked out once, when the first node asks. The recursion goes as
 * deep as the longest pattern, at most 512 segments.
 *
 * Names and extensions are looked up for the last segment or, where more may
 * follow, for all: each byte of the path is then looked at a few times.
 *
 * All state is on the stack; any thread.
 */
#include <string.h>

#include "segment.h"
#include "trie_node.h"

#define LEVELS_FEW 16

/* A segment of the path. */
typedef struct level_t {
    apr_size_t begin, end;
    apr_uint32_t hash;
    unsigned kinds; /* a bit for each of those up to HBR_SEGMENT_DATE */
} level_t;

typedef struct walk_t {
    const hbr_trie_t *trie;
    const hbr_trie_search_t *search;
    apr_size_t known; /* how many levels are worked out */
    level_t *levels;
    level_t few[LEVELS_FEW];
} walk_t;

static void tell(const walk_t *w, hbr_trie_id_t node, bool again)
{
    const hbr_trie_list_t *list = &w->trie->nodes[node].list;

    if (node != 0 && list->first != HBR_TRIE_NONE)
        w->search->found(w->search->data, list, again);
}

/* A pattern ended here, and the path may go on. */
static bool may_end(const walk_t *w, apr_size_t at)
{
    return at == w->search->length
           || (w->search->options & HBR_PATTERN_PATH_INFO) != 0;
}

static hbr_trie_id_t child_by_part(const walk_t *w, hbr_trie_id_t parent,
                                   const char *bytes, apr_size_t length)
{
    char folded[HBR_PATTERN_LENGTH_MAX];
    apr_size_t i;

    if (length > sizeof(folded))
        return 0;
    for (i = 0; i < length; i++)
        folded[i] = (char)hbr_segment_fold(bytes[i]);
    return hbr_trie_child(w->trie, parent, folded, length,
                          hbr_trie_hash(folded, length));
}

/* The parts of a name from the last, as far as they lead in the tree. */
static void visit_extension(const walk_t *w, hbr_trie_id_t node,
                            const char *bytes, apr_size_t length, bool again)
{
    apr_size_t dots = hbr_segment_dots(bytes, length);
    apr_size_t end = length;

    while (node != 0) {
        apr_size_t begin = end;

        while (begin > dots && bytes[begin - 1] != '.')
            begin--;
        if (begin <= dots) /* the name itself */
            return;
        node = child_by_part(w, node, bytes + begin, end - begin);
        tell(w, node, again);
        end = begin - 1;
    }
}

static void visit_name(const walk_t *w, apr_size_t begin, apr_size_t end,
                       bool again)
{
    const hbr_trie_node_t *root = &w->trie->nodes[HBR_TRIE_NAMES];
    const char *bytes = w->search->path + begin;

    if (root->has_texts)
        tell(w,
             hbr_trie_child(w->trie, HBR_TRIE_NAMES, bytes, end - begin,
                            hbr_trie_hash(bytes, end - begin)),
             again);
    visit_extension(w, root->kinds[HBR_SEGMENT_EXTENSION], bytes, end - begin,
                    again);
}

/* From the last segment on: where a pattern fits several, that is the one. */
static void visit_names(const walk_t *w)
{
    const hbr_trie_node_t *root = &w->trie->nodes[HBR_TRIE_NAMES];
    const char *path = w->search->path;
    apr_size_t end = w->search->length;
    apr_size_t begin = hbr_segment_begin(path, end);

    tell(w, root->kinds[HBR_SEGMENT_ANY], false);
    if (!root->has_texts && root->kinds[HBR_SEGMENT_EXTENSION] == 0)
        return;
    visit_name(w, begin, end, false);
    while ((w->search->options & HBR_PATTERN_PATH_INFO) != 0 && begin > 1) {
        end = begin - 1;
        begin = hbr_segment_begin(path, end);
        visit_name(w, begin, end, true);
    }
}

static void more_levels(walk_t *w)
{
    level_t *levels =
        apr_palloc(w->search->pool, w->trie->depth * sizeof(*levels));

    memcpy(levels, w->few, sizeof(w->few));
    w->levels = levels;
}

static const level_t *level_at(walk_t *w, apr_size_t depth, apr_size_t begin)
{
    const hbr_trie_search_t *search = w->search;
    level_t *level;
    unsigned kind;

    if (depth < w->known)
        return &w->levels[depth];
    if (depth == LEVELS_FEW)
        more_levels(w);
    level = &w->levels[depth];
    level->begin = begin;
    level->end = hbr_segment_end(search->path, search->length, begin);
    level->hash = hbr_trie_hash(search->path + begin, level->end - begin);
    level->kinds = 0;
    for (kind = HBR_SEGMENT_ANY; kind <= HBR_SEGMENT_DATE; kind++) {
        if ((w->trie->kinds & 1u << kind) != 0
            && hbr_segment_is(kind, search->path + begin, level->end - begin))
            level->kinds |= 1u << kind;
    }
    w->known++;
    return level;
}

static void visit(walk_t *w, hbr_trie_id_t id, apr_size_t depth,
                  apr_size_t slash);

/* What one segment can be; nothing below these is more than one segment. */
static void visit_segment(walk_t *w, const hbr_trie_node_t *node,
                          hbr_trie_id_t id, apr_size_t depth, apr_size_t begin)
{
    const level_t *level = level_at(w, depth, begin);
    const char *bytes = w->search->path + begin;
    apr_size_t length = level->end - begin;
    apr_size_t end = level->end;
    unsigned kinds = level->kinds;
    apr_uint32_t hash = level->hash;
    unsigned kind;

    if (may_end(w, end))
        visit_extension(w, node->kinds[HBR_SEGMENT_EXTENSION], bytes, length,
                        false);
    if (node->has_texts)
        visit(w, hbr_trie_child(w->trie, id, bytes, length, hash), depth + 1,
              end);
    for (kind = HBR_SEGMENT_ANY; kind <= HBR_SEGMENT_DATE; kind++)
        if ((kinds & 1u << kind) != 0)
            visit(w, node->kinds[kind], depth + 1, end);
}

static bool goes_on(const hbr_trie_node_t *node)
{
    unsigned kind;

    for (kind = HBR_SEGMENT_ANY; kind <= HBR_SEGMENT_EXTENSION; kind++)
        if (node->kinds[kind] != 0)
            return true;
    return node->has_texts;
}

/* A beginning fits up to a slash, or to the path's end. */
static void visit(walk_t *w, hbr_trie_id_t id, apr_size_t depth,
                  apr_size_t slash)
{
    const hbr_trie_node_t *node = &w->trie->nodes[id];
    apr_size_t length = w->search->length;

    if (id == 0 && depth > 0)
        return;
    if (may_end(w, slash))
        tell(w, id, false);
    tell(w, node->kinds[HBR_SEGMENT_TREE], false);
    if (slash == length)
        return;
    tell(
        w,
        node->kinds[slash + 1 < length ? HBR_SEGMENT_PATH : HBR_SEGMENT_FOLDER],
        false);
    if (goes_on(node))
        visit_segment(w, node, id, depth, slash + 1);
}

void hbr_trie_search(const hbr_trie_t *trie, const hbr_trie_search_t *search)
{
    walk_t w;

    if (search->length == 0 || search->path[0] != '/')
        return;
    w.trie = trie;
    w.search = search;
    w.known = 0;
    w.levels = w.few;
    visit_names(&w);
    visit(&w, HBR_TRIE_PATHS, 0, 0);
}
