/*
 * The table: the entries in their order, and from the ninth on the tree of
 * trie.h. All entries with one pattern (their parameters' names aside) are one
 * list of the tree's, chained in their order, so that a walk holds one place
 * in each list it found and yields the lowest of them.
 *
 * Written by hbr_map_add() alone; reading changes nothing, any thread.
 */
#include <string.h>

#include <apr_strings.h>

#include "map.h"
#include "trie.h"

/* An entry and the next one of its list. */
typedef struct line_t {
    hbr_map_entry_t entry;
    apr_uint32_t next;
} line_t;

struct hbr_map_t {
    apr_pool_t *pool;
    apr_array_header_t *lines; /* of line_t *: an entry stays where it is */
    hbr_trie_t *trie;          /* NULL up to HBR_MAP_PLAIN entries */
};

static line_t *line_at(const hbr_map_t *map, apr_size_t index)
{
    return APR_ARRAY_IDX(map->lines, index, line_t *);
}

hbr_map_t *hbr_map_create(apr_pool_t *pool)
{
    hbr_map_t *map = apr_pcalloc(pool, sizeof(*map));

    map->pool = pool;
    map->lines = apr_array_make(pool, HBR_MAP_PLAIN, sizeof(line_t *));
    return map;
}

static void chain(hbr_map_t *map, apr_uint32_t index)
{
    line_t *line = line_at(map, index);
    hbr_trie_list_t *list = hbr_trie_add(map->trie, line->entry.pattern);

    line->next = HBR_TRIE_NONE;
    if (list->first == HBR_TRIE_NONE)
        list->first = index;
    else
        line_at(map, list->last)->next = index;
    list->last = index;
}

/* The ninth entry brings the others with it. */
static void index_last(hbr_map_t *map)
{
    apr_uint32_t count = (apr_uint32_t)map->lines->nelts;
    apr_uint32_t i = count - 1;

    if (count <= HBR_MAP_PLAIN)
        return;
    if (map->trie == NULL) {
        map->trie = hbr_trie_create(map->pool);
        i = 0;
    }
    for (; i < count; i++)
        chain(map, i);
}

const char *hbr_map_add(hbr_map_t *map, const char *methods,
                        const char *pattern, void *data)
{
    line_t *line = apr_pcalloc(map->pool, sizeof(*line));
    hbr_map_entry_t *entry = &line->entry;
    const char *why;

    why = hbr_methods_parse(map->pool, methods, &entry->methods);
    if (why != NULL)
        return apr_psprintf(map->pool, "methods \"%s\": %s", methods, why);
    why = hbr_pattern_parse(map->pool, pattern, &entry->pattern);
    if (why != NULL)
        return why;
    entry->methods_text = apr_pstrdup(map->pool, methods);
    entry->data = data;
    APR_ARRAY_PUSH(map->lines, line_t *) = line;
    index_last(map);
    return NULL;
}

apr_size_t hbr_map_count(const hbr_map_t *map)
{
    return (apr_size_t)map->lines->nelts;
}

const hbr_map_entry_t *hbr_map_entry(const hbr_map_t *map, apr_size_t index)
{
    return &line_at(map, index)->entry;
}

/* A list that was found in a later segment keeps its place in it. */
static bool is_held(const hbr_map_walk_t *walk, apr_uint32_t head)
{
    apr_uint32_t i;

    for (i = 0; i < walk->count; i++)
        if (walk->heads[i] == head)
            return true;
    return false;
}

static void hold(void *data, const hbr_trie_list_t *list, bool again)
{
    hbr_map_walk_t *walk = data;

    if (again && is_held(walk, list->first))
        return;
    if (walk->count == walk->room) {
        apr_uint32_t *more =
            apr_palloc(walk->pool, walk->room * 2 * sizeof(*more));

        memcpy(more, walk->heads, walk->count * sizeof(*more));
        walk->heads = more;
        walk->room *= 2;
    }
    walk->heads[walk->count++] = list->first;
}

void hbr_map_open(hbr_map_walk_t *walk, const hbr_map_t *map, apr_pool_t *pool,
                  const char *path, apr_size_t length, unsigned options)
{
    hbr_trie_search_t search = { .pool = pool,
                                 .path = path,
                                 .length = length,
                                 .options = options,
                                 .found = hold,
                                 .data = walk };

    walk->map = map;
    walk->pool = pool;
    walk->path = path;
    walk->length = length;
    walk->options = options;
    walk->next = 0;
    walk->count = 0;
    walk->room = sizeof(walk->few) / sizeof(*walk->few);
    walk->heads = walk->few;
    if (map->trie != NULL)
        hbr_trie_search(map->trie, &search);
}

/* The lowest entry of the lists, whose list goes on behind it. */
static apr_uint32_t take_lowest(hbr_map_walk_t *walk)
{
    apr_uint32_t *lowest = walk->heads;
    apr_uint32_t index;
    apr_uint32_t i;

    if (walk->count == 0)
        return HBR_TRIE_NONE;
    for (i = 1; i < walk->count; i++)
        if (walk->heads[i] < *lowest)
            lowest = &walk->heads[i];
    index = *lowest;
    *lowest = line_at(walk->map, index)->next;
    if (*lowest == HBR_TRIE_NONE)
        *lowest = walk->heads[--walk->count];
    return index;
}

/* Which entry to compare with the path next. */
static apr_uint32_t next_index(hbr_map_walk_t *walk)
{
    if (walk->map->trie != NULL)
        return take_lowest(walk);
    if (walk->next == (apr_uint32_t)walk->map->lines->nelts)
        return HBR_TRIE_NONE;
    return walk->next++;
}

bool hbr_map_next(hbr_map_walk_t *walk, hbr_map_match_t *match)
{
    apr_uint32_t index;

    while ((index = next_index(walk)) != HBR_TRIE_NONE) {
        const hbr_map_entry_t *entry = &line_at(walk->map, index)->entry;

        if (hbr_pattern_match(entry->pattern, walk->path, walk->length,
                              walk->options, &match->where)) {
            match->index = index;
            match->entry = entry;
            return true;
        }
    }
    return false;
}

static bool has_texts(const hbr_map_entry_t *entry, const char *methods,
                      const hbr_pattern_t *pattern)
{
    return strcmp(entry->pattern->text, pattern->text) == 0
           && strcmp(entry->methods_text, methods) == 0;
}

static apr_size_t find_plain(const hbr_map_t *map, const char *methods,
                             const hbr_pattern_t *pattern, apr_size_t from)
{
    apr_size_t i;

    for (i = from; i < hbr_map_count(map); i++)
        if (has_texts(hbr_map_entry(map, i), methods, pattern))
            return i;
    return HBR_MAP_NONE;
}

apr_size_t hbr_map_find(const hbr_map_t *map, const char *methods,
                        const hbr_pattern_t *pattern, apr_size_t from)
{
    const hbr_trie_list_t *list;
    apr_uint32_t i;

    if (map->trie == NULL)
        return find_plain(map, methods, pattern, from);
    list = hbr_trie_find(map->trie, pattern);
    if (list == NULL)
        return HBR_MAP_NONE;
    for (i = list->first; i != HBR_TRIE_NONE; i = line_at(map, i)->next)
        if (i >= from && has_texts(hbr_map_entry(map, i), methods, pattern))
            return i;
    return HBR_MAP_NONE;
}
