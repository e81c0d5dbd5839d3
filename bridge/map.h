/**
 * @file map.h
 * @brief An ordered table from methods and path patterns to something of the
 * caller's: what the BridgeMap lines of one section make.
 *
 *     hbr_map_t *map = hbr_map_create(pool);
 *     const char *why = hbr_map_add(map, "GET,POST", "/customers/{id:int}",
 *                                   target);
 *
 *     hbr_map_walk_t walk;
 *     hbr_map_match_t match;
 *
 *     hbr_map_open(&walk, map, r->pool, path, length, 0);
 *     while (hbr_map_next(&walk, &match)) {
 *         if (!hbr_methods_allow(&match.entry->methods, method))
 *             continue; // it counts for 405's Allow
 *         ...
 *     }
 *
 * A table is filled in one thread and read by any number afterwards: nothing
 * is made or moved by reading. Up to HBR_MAP_PLAIN entries it is a mere list,
 * as is good for an .htaccess that is read on each request; from then on
 * hbr_map_add() keeps an index, and the entries that do not match a path cost
 * nothing.
 */
#ifndef HBR_BRIDGE_MAP_H
#define HBR_BRIDGE_MAP_H

#include "method.h"
#include "pattern.h"

/** The most entries without an index. */
#define HBR_MAP_PLAIN 8

/** No entry's index. */
#define HBR_MAP_NONE ((apr_size_t)-1)

typedef struct hbr_map_t hbr_map_t;

/** One line of a table. */
typedef struct hbr_map_entry_t {
    const char *methods_text; /**< As it was written. */
    hbr_methods_t methods;
    const hbr_pattern_t *pattern; /**< Its text is pattern->text. */
    void *data;                   /**< The caller's; never looked at. */
} hbr_map_entry_t;

/** A matching entry. */
typedef struct hbr_map_match_t {
    apr_size_t index; /**< 0 for the entry that was added first. */
    const hbr_map_entry_t *entry;
    hbr_pattern_match_t where; /**< Offsets are into the path. */
} hbr_map_match_t;

/** A walk over the entries that match a path. Its members are map.c's. */
typedef struct hbr_map_walk_t {
    const hbr_map_t *map;
    apr_pool_t *pool;
    const char *path;
    apr_size_t length;
    unsigned options;
    apr_uint32_t next; /* without an index: the entry to look at */
    apr_uint32_t count, room;
    apr_uint32_t *heads; /* with one: the next entry of each list found */
    apr_uint32_t few[8]; /* heads, as long as there are not more */
} hbr_map_walk_t;

/**
 * Makes an empty table.
 * @param pool its memory, also of what is added
 */
hbr_map_t *hbr_map_create(apr_pool_t *pool);

/**
 * Adds an entry behind the others. Not while another thread uses the table.
 * @param methods as in hbr_methods_parse(), but not NULL; is copied
 * @param pattern as in hbr_pattern_parse(); one, without commas; is copied
 * @param data kept as it is
 * @return NULL, or a sentence that says what is wrong; then nothing is added
 */
const char *hbr_map_add(hbr_map_t *map, const char *methods,
                        const char *pattern, void *data);

/** How many entries there are. */
apr_size_t hbr_map_count(const hbr_map_t *map);

/** An entry; index below hbr_map_count(). It stays where it is as long as the
 *  table's pool. */
const hbr_map_entry_t *hbr_map_entry(const hbr_map_t *map, apr_size_t index);

/**
 * Begins a walk: looks the path up, once.
 *
 * It takes steps linear in the path's length, whatever the path, for each
 * beginning of a pattern ("/data", "/data/{id}") that fits the path's
 * beginning; how many entries there are does not count. With
 * HBR_PATTERN_PATH_INFO it looks at every segment for the patterns without a
 * slash; what matches there is searched among what was found before.
 *
 * @param walk on the caller's stack; not copied while it is used
 * @param pool for scratch when more than eight different patterns match, or
 *             when patterns have more than sixteen segments: a few bytes for
 *             each of them
 * @param path decoded; need not end with a NUL; stays as long as the walk
 * @param options HBR_PATTERN_PATH_INFO or 0
 */
void hbr_map_open(hbr_map_walk_t *walk, const hbr_map_t *map, apr_pool_t *pool,
                  const char *path, apr_size_t length, unsigned options);

/**
 * The next entry that matches the path, in the order of addition, whatever its
 * methods.
 * @param match set to it
 * @return false when there is none left
 */
bool hbr_map_next(hbr_map_walk_t *walk, hbr_map_match_t *match);

/**
 * The first entry with exactly these texts: what BridgeUnmap takes away.
 * @param methods byte for byte as it was added
 * @param pattern parsed from the text to find, byte for byte as well
 * @param from the first index to look at: 0, or behind one found before
 * @return its index, or HBR_MAP_NONE
 */
apr_size_t hbr_map_find(const hbr_map_t *map, const char *methods,
                        const hbr_pattern_t *pattern, apr_size_t from);

#endif
