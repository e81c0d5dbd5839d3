/*
 * The tree of patterns: it gives exactly the lists whose pattern matches, each
 * once; hbr_map_next() compares again, and would hide one too many.
 */
#include "support/pool.h"
#include "support/paths.h"

#include "trie.h"

#define PATTERNS_MAX 80

/* Of the tree that is being checked. */
static int seed;

typedef struct given_t {
    unsigned times[PATTERNS_MAX];
} given_t;

static void count(void *data, const hbr_trie_list_t *list, bool again)
{
    given_t *given = data;

    assert_true(list->first < PATTERNS_MAX);
    if (again && given->times[list->first] > 0)
        return;
    given->times[list->first]++;
}

/* A list for each pattern: those that came later have none of their own. */
static unsigned fill(hbr_trie_t *trie, luck_t *luck,
                     const hbr_pattern_t **patterns)
{
    unsigned made = 0;

    while (made < PATTERNS_MAX) {
        hbr_trie_list_t *list;

        assert_null(
            hbr_pattern_parse(pool, luck_pattern(luck, pool), &patterns[made]));
        list = hbr_trie_add(trie, patterns[made]);
        if (list->first == HBR_TRIE_NONE)
            list->first = list->last = made++;
        else if (luck_below(luck, 20) == 0)
            return made;
    }
    return made;
}

static void check(const hbr_trie_t *trie, const hbr_pattern_t **patterns,
                  unsigned made, const char *path, unsigned options)
{
    given_t given = { { 0 } };
    hbr_trie_search_t search = { .pool = pool,
                                 .path = path,
                                 .length = strlen(path),
                                 .options = options,
                                 .found = count,
                                 .data = &given };
    hbr_pattern_match_t match;
    unsigned i;

    hbr_trie_search(trie, &search);
    for (i = 0; i < made; i++) {
        bool fit =
            hbr_pattern_match(patterns[i], path, strlen(path), options, &match);

        if (given.times[i] != fit)
            fail_msg("seed %d: %s on %s: %u times", seed, patterns[i]->text,
                     path, given.times[i]);
    }
}

static void test_exact(void **state)
{
    (void)state;
    for (seed = 1; seed <= 100; seed++) {
        luck_t luck = { (uint64_t)seed * 0xD1B54A32D192ED03u };
        const hbr_pattern_t *patterns[PATTERNS_MAX];
        hbr_trie_t *trie = hbr_trie_create(pool);
        unsigned made = fill(trie, &luck, patterns);
        int i;

        for (i = 0; i < 200; i++) {
            const char *path = luck_path(&luck, pool);

            check(trie, patterns, made, path, 0);
            check(trie, patterns, made, path, HBR_PATTERN_PATH_INFO);
        }
    }
    print_message("# seeds 1 to 100\n");
}

static const hbr_pattern_t *parse(const char *text)
{
    const hbr_pattern_t *pattern;

    assert_null(hbr_pattern_parse(pool, text, &pattern));
    return pattern;
}

/* Names of parameters make no difference, their types do; a beginning of a
 * pattern has an empty list, and what was never added has none. */
static void test_find(void **state)
{
    hbr_trie_t *trie = hbr_trie_create(pool);

    (void)state;
    hbr_trie_add(trie, parse("/a/{x:int}/b"))->first = 3;
    hbr_trie_add(trie, parse("*.tar.gz"))->first = 4;
    assert_int_equal(hbr_trie_find(trie, parse("/a/{y:int}/b"))->first, 3);
    assert_int_equal(hbr_trie_find(trie, parse("*.TAR.GZ"))->first, 4);
    assert_int_equal(hbr_trie_find(trie, parse("/a/{x:int}"))->first,
                     HBR_TRIE_NONE);
    assert_int_equal(hbr_trie_find(trie, parse("*.gz"))->first, HBR_TRIE_NONE);
    assert_null(hbr_trie_find(trie, parse("/a/{x}/b")));
    assert_null(hbr_trie_find(trie, parse("tar.gz")));
    assert_null(hbr_trie_find(trie, parse("/*.tar.gz")));
    assert_null(hbr_trie_find(trie, parse("*")));
}

MAIN(POOL_TEST(test_exact), POOL_TEST(test_find))
