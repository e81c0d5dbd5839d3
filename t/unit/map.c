/*
 * The table of path patterns: order, what is kept, finding by text, and random
 * tables against regular expressions, with and without the index.
 */
#include "support/pool.h"
#include "support/paths.h"

#include <pthread.h>

#include <apr_strings.h>

#include "map.h"

#define HUGE_PATH 8192

static void add(hbr_map_t *map, const char *methods, const char *pattern)
{
    const char *why = hbr_map_add(map, methods, pattern, (void *)pattern);

    if (why != NULL)
        fail_msg("%s", why);
}

/* Entries that the tests' paths do not match, so that there is an index. */
static void add_others(hbr_map_t *map)
{
    int i;

    for (i = 0; i <= HBR_MAP_PLAIN; i++)
        add(map, "GET", apr_psprintf(pool, "/other/%d", i));
}

/* The indices that match, as "0 2 5"; the pool is not needed for so few. */
static const char *indices(const hbr_map_t *map, const char *path,
                           unsigned options)
{
    const char *text = "";
    hbr_map_walk_t walk;
    hbr_map_match_t match;

    hbr_map_open(&walk, map, NULL, path, strlen(path), options);
    while (hbr_map_next(&walk, &match)) {
        assert_ptr_equal(match.entry, hbr_map_entry(map, match.index));
        text = apr_psprintf(pool, "%s%s%d", text, *text != '\0' ? " " : "",
                            (int)match.index);
    }
    assert_false(hbr_map_next(&walk, &match));
    return text;
}

static void fill(hbr_map_t *map)
{
    static const char *const patterns[] = { "*",           "/a/**",
                                            "*.png",       "/a/{x}",
                                            "/a/x.png",    "/a/*.png",
                                            "/a/{y:word}", "/{p:path}" };
    size_t i;

    for (i = 0; i < ITEMS(patterns); i++)
        add(map, "GET", patterns[i]);
}

static void check_order(const hbr_map_t *map)
{
    assert_string_equal(indices(map, "/a/x.png", 0), "0 1 2 3 4 5 7");
    assert_string_equal(indices(map, "/a/word", 0), "0 1 3 6 7");
    assert_string_equal(indices(map, "/a/x.png/y", 0), "0 1 7");
    assert_string_equal(indices(map, "/a/x.png/y", HBR_PATTERN_PATH_INFO),
                        "0 1 2 3 4 5 7");
    assert_string_equal(indices(map, "/", 0), "0");
    assert_string_equal(indices(map, "*", 0), "");
    assert_string_equal(indices(map, "", HBR_PATTERN_PATH_INFO), "");
}

/* Up to eight entries the walk goes over all of them. */
static void test_index_begins(void **state)
{
    hbr_map_t *map = hbr_map_create(pool);
    hbr_map_walk_t walk;
    hbr_map_match_t match;

    (void)state;
    fill(map);
    hbr_map_open(&walk, map, NULL, "/no", 3, 0);
    assert_int_equal(walk.count, 0);
    while (hbr_map_next(&walk, &match))
        continue;
    assert_int_equal(walk.next, HBR_MAP_PLAIN);
    add(map, "GET", "/ninth");
    hbr_map_open(&walk, map, NULL, "/no", 3, 0);
    assert_int_equal(walk.count, 2); /* "*" and the rest as a parameter */
    while (hbr_map_next(&walk, &match))
        continue;
    assert_int_equal(walk.next, 0);
}

/* RFC 9110 15.5.6: all that match count for Allow, whatever their methods. */
static void test_order(void **state)
{
    hbr_map_t *map = hbr_map_create(pool);

    (void)state;
    assert_int_equal(hbr_map_count(map), 0);
    assert_string_equal(indices(map, "/a", 0), "");
    fill(map);
    assert_int_equal(hbr_map_count(map), HBR_MAP_PLAIN);
    check_order(map);
    add_others(map);
    check_order(map);
    add(map, "POST", "/a/x.png");
    add(map, "PUT", "*");
    assert_string_equal(indices(map, "/a/x.png", 0), "0 1 2 3 4 5 7 17 18");
}

static void test_kept(void **state)
{
    hbr_map_t *map = hbr_map_create(pool);
    char methods[] = "GET, POST";
    char pattern[] = "/x/{id:int}";
    const hbr_map_entry_t *entry;
    hbr_map_walk_t walk;
    hbr_map_match_t match;

    (void)state;
    assert_null(hbr_map_add(map, methods, pattern, &walk));
    memset(methods, '?', sizeof(methods) - 1);
    memset(pattern, '?', sizeof(pattern) - 1);
    entry = hbr_map_entry(map, 0);
    add_others(map);
    assert_ptr_equal(hbr_map_entry(map, 0), entry);
    assert_string_equal(entry->methods_text, "GET, POST");
    assert_string_equal(entry->pattern->text, "/x/{id:int}");
    assert_true(hbr_methods_allow(&entry->methods, "POST"));
    assert_ptr_equal(entry->data, &walk);
    hbr_map_open(&walk, map, pool, "/x/42/y", 7, HBR_PATTERN_PATH_INFO);
    assert_true(hbr_map_next(&walk, &match));
    assert_int_equal(match.where.end, 5);
    assert_int_equal(match.where.values[0].offset, 3);
    assert_int_equal(match.where.values[0].length, 2);
}

static void test_refused(void **state)
{
    hbr_map_t *map = hbr_map_create(pool);
    const char *why;

    (void)state;
    why = hbr_map_add(map, "get", "/a", NULL);
    assert_string_equal(why,
                        "methods \"get\": \"get\" is not \"GET\": the case "
                        "of methods matters");
    why = hbr_map_add(map, "GET", "a/b", NULL);
    assert_non_null(strstr(why, "did you mean \"/a/b\"?"));
    assert_int_equal(hbr_map_count(map), 0);
}

static int found(const hbr_map_t *map, const char *methods, const char *text,
                 apr_size_t from)
{
    const hbr_pattern_t *pattern;

    assert_null(hbr_pattern_parse(pool, text, &pattern));
    return (int)hbr_map_find(map, methods, pattern, from);
}

static void check_find(const hbr_map_t *map)
{
    assert_int_equal(found(map, "GET", "/a/{x}", 0), 0);
    assert_int_equal(found(map, "GET", "/a/{y}", 0), 1);
    assert_int_equal(found(map, "POST", "/a/{x}", 0), 2);
    assert_int_equal(found(map, "GET", "/a/{x}", 1), 3);
    assert_int_equal(found(map, "GET", "/a/{x}", 4), -1);
    assert_int_equal(found(map, "*", "*.Tar.gz", 0), 4);
    assert_int_equal(found(map, "*", "*.tar.gz", 0), -1);
    assert_int_equal(found(map, "*", "*.gz", 0), -1);
    assert_int_equal(found(map, "*", "*.x.tar.gz", 0), -1);
    assert_int_equal(found(map, "GET,POST", "x", 0), 5);
    assert_int_equal(found(map, "POST,GET", "x", 0), -1);
    assert_int_equal(found(map, "GET", "/a", 0), -1);
    assert_int_equal(found(map, "GET", "/b", 0), -1);
}

static void test_find(void **state)
{
    hbr_map_t *map = hbr_map_create(pool);

    (void)state;
    add(map, "GET", "/a/{x}");
    add(map, "GET", "/a/{y}");
    add(map, "POST", "/a/{x}");
    add(map, "GET", "/a/{x}");
    add(map, "*", "*.Tar.gz");
    add(map, "GET,POST", "x");
    check_find(map);
    add_others(map);
    check_find(map);
}

/* Of the table that is being checked. */
static int seed;

typedef struct table_t {
    hbr_map_t *map;
    oracle_t *oracles[80];
    unsigned count;
} table_t;

static void make_table(table_t *table, luck_t *luck, unsigned count)
{
    table->map = hbr_map_create(pool);
    for (table->count = 0; table->count < count; table->count++) {
        const char *text = luck_pattern(luck, pool);

        add(table->map, "*", text);
        table->oracles[table->count] = oracle_of(pool, text);
    }
}

static void check_match(const hbr_map_match_t *match,
                        const hbr_pattern_match_t *wanted, const char *path)
{
    const hbr_pattern_t *pattern = match->entry->pattern;

    if (match->where.end != wanted->end
        || memcmp(match->where.values, wanted->values,
                  pattern->parameters * sizeof(wanted->values[0]))
               != 0)
        fail_msg("seed %d: %s on %s: other values", seed, pattern->text, path);
}

static unsigned check_path(const table_t *table, const char *path,
                           unsigned options)
{
    hbr_map_walk_t walk;
    hbr_map_match_t match;
    hbr_pattern_match_t wanted;
    unsigned matches = 0;
    unsigned i;

    hbr_map_open(&walk, table->map, pool, path, strlen(path), options);
    for (i = 0; i < table->count; i++) {
        if (!oracle_match(table->oracles[i], path, options, &wanted))
            continue;
        if (!hbr_map_next(&walk, &match) || match.index != i)
            fail_msg("seed %d: %s on %s is missing", seed,
                     table->oracles[i]->text, path);
        check_match(&match, &wanted, path);
        matches++;
    }
    if (hbr_map_next(&walk, &match))
        fail_msg("seed %d: %s on %s matches", seed, match.entry->pattern->text,
                 path);
    return matches;
}

static void test_random(void **state)
{
    unsigned checks = 0, matches = 0;

    (void)state;
    for (seed = 1; seed <= 60; seed++) {
        luck_t luck = { (uint64_t)seed * 0x9E3779B97F4A7C15u };
        table_t table;
        int i;

        make_table(&table, &luck, luck_below(&luck, seed % 3 == 0 ? 9 : 80));
        for (i = 0; i < 60; i++) {
            const char *path = luck_path(&luck, pool);

            matches += check_path(&table, path, 0);
            matches += check_path(&table, path, HBR_PATTERN_PATH_INFO);
            checks += 2 * table.count;
        }
    }
    print_message("# seeds 1 to 60: %u checks, %u matches\n", checks, matches);
    assert_true(matches > checks / 50 && matches < checks / 2);
}

/* More lists than the walk has room for, and found in several segments. */
static void test_many_lists(void **state)
{
    hbr_map_t *map = hbr_map_create(pool);
    hbr_map_walk_t walk;
    hbr_map_match_t match;
    const char *path = "";
    int i;

    (void)state;
    for (i = 0; i < 100; i++) {
        add(map, "GET", apr_psprintf(pool, "n%d", 99 - i));
        path = apr_psprintf(pool, "%s/n%d", path, i);
    }
    path = apr_pstrcat(pool, path, path, NULL);
    hbr_map_open(&walk, map, pool, path, strlen(path), HBR_PATTERN_PATH_INFO);
    for (i = 0; i < 100; i++) {
        assert_true(hbr_map_next(&walk, &match));
        assert_int_equal(match.index, i);
        /* n99 ends the path, n98 is followed by one segment, ... */
        assert_int_equal(strlen(path + match.where.end) > 0, i > 0);
    }
    assert_false(hbr_map_next(&walk, &match));
    assert_int_equal(walk.count, 0);
}

/* A pattern of 512 segments, and its neighbours. */
static void test_deep(void **state)
{
    hbr_map_t *map = hbr_map_create(pool);
    char path[1027];
    hbr_map_walk_t walk;
    hbr_map_match_t match;
    size_t i;

    (void)state;
    for (i = 0; i < 512; i++)
        memcpy(path + 2 * i, "/a", 3);
    add_others(map);
    add(map, "GET", path);
    memcpy(path + 4, "/*", 2);
    add(map, "GET", path);
    memcpy(path + 4, "/a", 2);
    memcpy(path + 1024, "/b", 3);
    hbr_map_open(&walk, map, pool, path, 1024, 0);
    assert_true(hbr_map_next(&walk, &match));
    assert_int_equal(match.index, HBR_MAP_PLAIN + 1);
    assert_true(hbr_map_next(&walk, &match));
    assert_int_equal(match.index, HBR_MAP_PLAIN + 2);
    assert_false(hbr_map_next(&walk, &match));
    hbr_map_open(&walk, map, pool, path, 1022, 0);
    assert_false(hbr_map_next(&walk, &match));
    hbr_map_open(&walk, map, pool, path, 1026, HBR_PATTERN_PATH_INFO);
    assert_true(hbr_map_next(&walk, &match));
    assert_string_equal(path + match.where.end, "/b");
}

/* Long and odd paths end, within the bytes that they have. */
static void test_hostile(void **state)
{
    static const char *const pieces[] = { "/",      ".",    "/.",   "./",
                                          "/a.png", "/a/b", ".png", "9",
                                          "/-9",    "a.",   "//a" };
    char *path = apr_palloc(pool, HUGE_PATH);
    hbr_map_t *map = hbr_map_create(pool);
    hbr_map_walk_t walk;
    hbr_map_match_t match;
    size_t piece, i;

    (void)state;
    fill(map);
    add(map, "GET", "*.png.png.png");
    add(map, "GET", "/{n:int}/{m:int}/**");
    add(map, "GET", "a.png");
    for (piece = 0; piece < ITEMS(pieces); piece++) {
        for (i = 1; i < HUGE_PATH; i++)
            path[i] = pieces[piece][i % strlen(pieces[piece])];
        path[0] = '/';
        hbr_map_open(&walk, map, NULL, path, HUGE_PATH, HBR_PATTERN_PATH_INFO);
        assert_true(walk.count <= 8);
        while (hbr_map_next(&walk, &match))
            assert_true(match.where.end == HUGE_PATH
                        || path[match.where.end] == '/');
    }
    memset(path, 'x', HUGE_PATH); /* an extension longer than any pattern */
    memcpy(path, "/x.", 3);
    hbr_map_open(&walk, map, NULL, path, HUGE_PATH, 0);
    assert_int_equal(walk.count, 2); /* "*" and the rest as a parameter */
}

static const hbr_map_t *shared;

static void *read_shared(void *data)
{
    luck_t luck = { 7 };
    int i;

    for (i = 0; i < 20000; i++) {
        char path[] = "/a/x.png";
        hbr_map_walk_t walk;
        hbr_map_match_t match;
        int count = 0;

        path[3] = (char)('a' + luck_below(&luck, 26));
        hbr_map_open(&walk, shared, NULL, path, 8, 0);
        while (hbr_map_next(&walk, &match))
            count++;
        *(int *)data += count == (path[3] == 'x' ? 7 : 6);
    }
    return NULL;
}

/* ThreadSanitizer sees that reading writes nothing. */
static void test_threads(void **state)
{
    hbr_map_t *map = hbr_map_create(pool);
    pthread_t threads[4];
    int good[4] = { 0 };
    int i;

    (void)state;
    fill(map);
    add_others(map);
    shared = map;
    for (i = 0; i < 4; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, read_shared, &good[i]), 0);
    for (i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(good[i], 20000);
    }
}

MAIN(POOL_TEST(test_index_begins), POOL_TEST(test_order), POOL_TEST(test_kept),
     POOL_TEST(test_refused), POOL_TEST(test_find), POOL_TEST(test_random),
     POOL_TEST(test_many_lists), POOL_TEST(test_deep), POOL_TEST(test_hostile),
     POOL_TEST(test_threads))
