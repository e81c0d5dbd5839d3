/*
 * Tables of 10, 1,000 and 100,000 entries of all kinds: the right entry is
 * found, and what a match takes is printed. It is held against what it takes
 * among ten entries and not against a clock, which would fail on a busy machine
 * and pass on a fast one. A walk through all entries would take thousands of
 * times as long.
 */
#include "support/pool.h"

#include <apr_strings.h>
#include <apr_time.h>

#include "map.h"

#define ROUNDS 20
#define TRIES 10
#define SLOWER_MAX 50

/* One entry of each kind in turn; %d makes it one of its own. */
static const struct {
    const char *pattern;
    const char *path;
} kinds[] = {
    { "/app/page%d", "/app/page%d" },
    { "/app/area%d/**", "/app/area%d/x/y.html" },
    { "*.e%d", "/some/folder/picture.e%d" },
    { "Resource%d.axd", "/app/Resource%d.axd" },
    { "/api/t%d/{id:int}/orders/{order}", "/api/t%d/4711/orders/x" },
    { "/{tenant}/doc%d/{day:date}", "/acme/doc%d/2026-11-21" },
    { "/img%d/*.png", "/img%d/a.PNG" },
    { "/{lang:word}/k%d/*", "/en/k%d/x" },
    { "/files%d/{name:path}", "/files%d/a/b/c" },
    { "/data/*/{u:uuid}/v%d",
      "/data/x/01234567-89ab-cdef-0123-456789abcdef/v%d" },
};

static hbr_map_t *make_map(int entries)
{
    hbr_map_t *map = hbr_map_create(pool);
    int i;

    for (i = 0; i < entries; i++) {
        const char *pattern =
            apr_psprintf(pool, kinds[(size_t)i % ITEMS(kinds)].pattern, i);

        assert_null(hbr_map_add(map, "GET", pattern, NULL));
    }
    return map;
}

/* Exactly this entry; without a pool, as so few match. */
static void check_entry(const hbr_map_t *map, const char *path, apr_size_t i)
{
    hbr_map_walk_t walk;
    hbr_map_match_t match;

    hbr_map_open(&walk, map, NULL, path, strlen(path), HBR_PATTERN_PATH_INFO);
    assert_true(hbr_map_next(&walk, &match));
    assert_int_equal(match.index, i);
    assert_false(hbr_map_next(&walk, &match));
}

/* Nanoseconds for a match. */
static apr_time_t take_time(const hbr_map_t *map, const char *const *paths)
{
    apr_time_t begin = apr_time_now();
    size_t kind;
    int i;

    for (i = 0; i < ROUNDS; i++) {
        for (kind = 0; kind < ITEMS(kinds); kind++) {
            hbr_map_walk_t walk;
            hbr_map_match_t match;

            hbr_map_open(&walk, map, NULL, paths[kind], strlen(paths[kind]), 0);
            assert_true(hbr_map_next(&walk, &match));
        }
    }
    return (apr_time_now() - begin) * 1000
           / (ROUNDS * (apr_time_t)ITEMS(kinds));
}

/* The shortest of some: others use the machine too. */
static apr_time_t time_of(const hbr_map_t *map)
{
    const char *paths[ITEMS(kinds)];
    int last = (int)(hbr_map_count(map) - ITEMS(kinds));
    apr_time_t shortest = APR_INT64_MAX;
    size_t kind;
    int i;

    for (kind = 0; kind < ITEMS(kinds); kind++)
        paths[kind] = apr_psprintf(pool, kinds[kind].path, last + (int)kind);
    for (i = 0; i < TRIES; i++) {
        apr_time_t took = take_time(map, paths);

        shortest = took < shortest ? took : shortest;
    }
    return shortest;
}

static void check_size(int entries)
{
    hbr_map_t *map = make_map(entries);
    apr_time_t took = time_of(map);
    int i;

    print_message("# %d entries: %d ns per match\n", entries, (int)took);
    assert_true(took < SLOWER_MAX * (time_of(make_map(10)) + 1));
    for (i = 0; i < entries; i++)
        check_entry(map,
                    apr_psprintf(pool, kinds[(size_t)i % ITEMS(kinds)].path, i),
                    (apr_size_t)i);
}

static void test_10(void **state)
{
    (void)state;
    check_size(10);
}

static void test_1000(void **state)
{
    (void)state;
    check_size(1000);
}

static void test_100000(void **state)
{
    (void)state;
    check_size(100000);
}

MAIN(POOL_TEST(test_10), POOL_TEST(test_1000), POOL_TEST(test_100000))
