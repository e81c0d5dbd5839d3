/*
 * Tables of path patterns. The first line is a path, each other one a pattern,
 * and what a line begins with are its methods: "GET /a/{id}".
 *
 * Holds: what is refused is said in a sentence and adds nothing; the table
 * gives what a comparison one by one does, in order, with the same values; the
 * tree itself gives no list too many; every offset is within the path; each
 * entry is found by its texts.
 */
#include "fuzz.h"

#include "map.h"
#include "trie.h"

#define ENTRIES_MAX 64

void fuzz_setup(void)
{
}

static const char *methods_of(char *line, char **pattern)
{
    char *blank = strchr(line, ' ');

    *pattern = line;
    if (blank == NULL)
        return "*";
    *blank = '\0';
    *pattern = blank + 1;
    return line;
}

static void add_lines(hbr_map_t *map, fuzz_input_t *input)
{
    while (input->left > 0 && hbr_map_count(map) < ENTRIES_MAX) {
        apr_size_t count = hbr_map_count(map);
        char *pattern;
        const char *methods = methods_of(fuzz_line(input), &pattern);
        const char *why = hbr_map_add(map, methods, pattern, NULL);

        if (why != NULL) {
            CHECK(strlen(why) > 0 && hbr_map_count(map) == count);
            continue;
        }
        CHECK(hbr_map_count(map) == count + 1);
        CHECK(hbr_map_entry(map, count)->pattern->parameters
              <= HBR_PATTERN_PARAMETERS_MAX);
    }
}

static void check_values(const hbr_pattern_t *pattern, const char *path,
                         apr_size_t length, const hbr_pattern_match_t *match)
{
    apr_size_t i;

    CHECK(match->end == length
          || (match->end < length && path[match->end] == '/'));
    for (i = 0; i < pattern->parameters; i++) {
        const hbr_path_value_t *value = &match->values[i];

        CHECK(hbr_pattern_parameter(pattern, hbr_pattern_name(pattern, i))
              == (int)i);
        CHECK(value->length > 0 && value->offset < length);
        CHECK(value->length <= length - value->offset);
        CHECK(path[value->offset - 1] == '/');
    }
}

static void check_walk(const hbr_map_t *map, const char *path,
                       apr_size_t length, unsigned options)
{
    hbr_map_walk_t walk;
    hbr_map_match_t match;
    hbr_pattern_match_t wanted;
    apr_size_t i;

    hbr_map_open(&walk, map, pool, path, length, options);
    for (i = 0; i < hbr_map_count(map); i++) {
        const hbr_pattern_t *pattern = hbr_map_entry(map, i)->pattern;

        if (!hbr_pattern_match(pattern, path, length, options, &wanted))
            continue;
        CHECK(hbr_map_next(&walk, &match));
        CHECK(match.index == i && match.where.end == wanted.end);
        CHECK(memcmp(match.where.values, wanted.values,
                     pattern->parameters * sizeof(wanted.values[0]))
              == 0);
        check_values(pattern, path, length, &match.where);
    }
    CHECK(!hbr_map_next(&walk, &match));
}

typedef struct given_t {
    const hbr_map_t *map;
    const char *path;
    apr_size_t length;
    unsigned options;
} given_t;

static void check_list(void *data, const hbr_trie_list_t *list, bool again)
{
    const given_t *given = data;
    hbr_pattern_match_t match;

    (void)again;
    CHECK(hbr_pattern_match(hbr_map_entry(given->map, list->first)->pattern,
                            given->path, given->length, given->options,
                            &match));
}

static void check_tree(const hbr_map_t *map, const char *path,
                       apr_size_t length, unsigned options)
{
    hbr_trie_t *trie = hbr_trie_create(pool);
    given_t given = { map, path, length, options };
    hbr_trie_search_t search = { .pool = pool,
                                 .path = path,
                                 .length = length,
                                 .options = options,
                                 .found = check_list,
                                 .data = &given };
    apr_uint32_t i;

    for (i = 0; i < hbr_map_count(map); i++)
        hbr_trie_add(trie, hbr_map_entry(map, i)->pattern)->first = i;
    hbr_trie_search(trie, &search);
}

static void check_find(const hbr_map_t *map)
{
    apr_size_t i;

    for (i = 0; i < hbr_map_count(map); i++) {
        const hbr_map_entry_t *entry = hbr_map_entry(map, i);

        CHECK(hbr_map_find(map, entry->methods_text, entry->pattern, i) == i);
        CHECK(hbr_map_find(map, entry->methods_text, entry->pattern, 0) <= i);
        CHECK(hbr_map_find(map, "no method", entry->pattern, 0)
              == HBR_MAP_NONE);
    }
}

void fuzz(fuzz_input_t *input)
{
    char *line = fuzz_line(input);
    apr_size_t length = strlen(line);
    const char *path = apr_pmemdup(pool, line, length); /* no NUL behind it */
    hbr_map_t *map = hbr_map_create(pool);
    unsigned options;

    add_lines(map, input);
    for (options = 0; options <= HBR_PATTERN_PATH_INFO; options++) {
        check_walk(map, path, length, options);
        check_tree(map, path, length, options);
    }
    check_find(map);
}
