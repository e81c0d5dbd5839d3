/*
 * The shared cache through the kit: many operations against a plain model,
 * values of any length in small entries, lifetimes by a set clock, and what a
 * handler is told when something is wrong.
 */
#include "support/main.h"
#include "support/serve.h"

#include <stdio.h>
#include <stdlib.h>

#include <apr_strings.h>

#define NOW apr_time_from_sec(1700000000)
#define SECOND apr_time_from_sec(1)

static apr_time_t clock_now;

static void set_clock(apr_time_t time)
{
    clock_now = time;
    hbr_test_clock(kit, time);
}

static void pass_time(apr_interval_time_t time)
{
    set_clock(clock_now + time);
}

static int setup(void **state)
{
    int failed = serve_setup(state);

    set_clock(NOW);
    return failed;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, serve_teardown)

/* One call, in a request of its own. */
static struct {
    enum { GET, SET, ADD, TAKE, REMOVE, INCREMENT } what;
    const char *key;
    const void *data;
    apr_size_t length;
    hbr_ttl_t ttl;
    int64_t by;
} now;

static apr_status_t result;
static char got[300000];
static hbr_cached_t value;
static int64_t sum;

static int call(hbr_context_t *ctx)
{
    switch (now.what) {
    case GET: result = hbr_cache_get(ctx, now.key, &value); break;
    case TAKE: result = hbr_cache_take(ctx, now.key, &value); break;
    case REMOVE: result = hbr_cache_remove(ctx, now.key); break;
    case SET:
        result = hbr_cache_set(ctx, now.key, now.data, now.length, now.ttl);
        break;
    case ADD:
        result = hbr_cache_add(ctx, now.key, now.data, now.length, now.ttl);
        break;
    default: result = hbr_cache_increment(ctx, now.key, now.by, now.ttl, &sum);
    }
    if ((now.what == GET || now.what == TAKE) && result == APR_SUCCESS) {
        assert_true(value.length < sizeof(got));
        assert_int_equal(((const char *)value.data)[value.length], '\0');
        memcpy(got, value.data, value.length);
    }
    return HBR_OK;
}

static hbr_test_request_t with;

static apr_status_t run(void)
{
    hbr_test_request_t request = with;

    serve(call, &request);
    return result;
}

static apr_status_t get(const char *key)
{
    now.what = GET;
    now.key = key;
    return run();
}

static apr_status_t take(const char *key)
{
    now.what = TAKE;
    now.key = key;
    return run();
}

static apr_status_t drop(const char *key)
{
    now.what = REMOVE;
    now.key = key;
    return run();
}

static apr_status_t put(int what, const char *key, const void *data,
                        apr_size_t length, hbr_ttl_t ttl)
{
    now.what = what;
    now.key = key;
    now.data = data;
    now.length = length;
    now.ttl = ttl;
    return run();
}

static apr_status_t count(const char *key, int64_t by, hbr_ttl_t ttl)
{
    now.what = INCREMENT;
    now.key = key;
    now.by = by;
    now.ttl = ttl;
    return run();
}

#define SET_TEXT(key, text, ttl) put(SET, key, text, strlen(text), ttl)
#define ADD_TEXT(key, text, ttl) put(ADD, key, text, strlen(text), ttl)

static void has(const char *key, const void *data, apr_size_t length)
{
    assert_int_equal(get(key), APR_SUCCESS);
    assert_int_equal(value.length, length);
    assert_memory_equal(got, data, length);
}

#define HAS_TEXT(key, text) has(key, text, strlen(text))
#define HAS_NONE(key) assert_int_equal(get(key), APR_NOTFOUND)

static void test_words(void **state)
{
    (void)state;
    HAS_NONE("a");
    assert_int_equal(SET_TEXT("a", "one", HBR_FOR(10)), APR_SUCCESS);
    HAS_TEXT("a", "one");
    assert_int_equal(ADD_TEXT("a", "two", HBR_FOR(10)), APR_EEXIST);
    HAS_TEXT("a", "one");
    assert_int_equal(SET_TEXT("a", "three", HBR_FOR(10)), APR_SUCCESS);
    HAS_TEXT("a", "three");
    assert_int_equal(take("a"), APR_SUCCESS);
    assert_memory_equal(got, "three", 5);
    assert_int_equal(take("a"), APR_NOTFOUND);
    assert_int_equal(ADD_TEXT("a", "four", HBR_FOR(10)), APR_SUCCESS);
    assert_int_equal(drop("a"), APR_SUCCESS);
    assert_int_equal(drop("a"), APR_SUCCESS);
    HAS_NONE("a");
}

static char *bytes(apr_size_t length, unsigned seed)
{
    char *made = malloc(length + 1);
    apr_size_t i;

    for (i = 0; i < length; i++)
        made[i] = (char)((i * 31 + seed + (i >> 8)) & 0xff);
    return made;
}

/* Every length around the edges of an entry and of its chunks. */
static void test_lengths(void **state)
{
    apr_size_t length;

    (void)state;
    hbr_test_cache_piece(kit, 50); /* 10 bytes besides the header */
    for (length = 0; length <= 45; length++) {
        char *data = bytes(length, (unsigned)length);

        assert_int_equal(put(SET, "k", data, length, HBR_FOR(10)), APR_SUCCESS);
        has("k", data, length);
        assert_int_equal(take("k"), APR_SUCCESS);
        assert_memory_equal(got, data, length);
        assert_int_equal(hbr_test_cache_count(kit), 0);
        free(data);
    }
}

static void test_large(void **state)
{
    char *data = bytes(250000, 7);

    (void)state;
    assert_int_equal(put(ADD, "k", data, 250000, HBR_FOR(10)), APR_SUCCESS);
    assert_int_equal(hbr_test_cache_count(kit), 5);
    has("k", data, 250000);
    free(data);
}

/* With any of its entries gone a value is gone, and not wrong. */
static void test_torn(void **state)
{
    char *data = bytes(35, 1);
    apr_size_t i;

    (void)state;
    hbr_test_cache_piece(kit, 50);
    for (i = 0; i < 5; i++) {
        assert_int_equal(put(SET, "k", data, 35, HBR_FOR(10)), APR_SUCCESS);
        assert_int_equal(hbr_test_cache_count(kit), 5);
        hbr_test_cache_evict(kit, i);
        HAS_NONE("k");
        take("k");
        while (hbr_test_cache_count(kit) > 0)
            hbr_test_cache_evict(kit, 0);
    }
    free(data);
}

/* Every bit of an entry of a value in chunks: what is read is the value, or
 * nothing. Its own bytes are not guarded: only the header is looked at. */
static void test_changed(void **state)
{
    char *data = bytes(25, 1);
    apr_size_t entry, bit, length;

    (void)state;
    hbr_test_cache_piece(kit, 50);
    assert_int_equal(put(SET, "k", data, 25, HBR_FOR(10)), APR_SUCCESS);
    for (entry = 0; entry < 4; entry++) {
        for (bit = 0; bit < 24 * 8; bit++) {
            char *at = hbr_test_cache_entry(kit, entry, &length);

            at[bit / 8] ^= (char)(1 << bit % 8);
            assert_int_equal(get("k"), APR_NOTFOUND);
            at[bit / 8] ^= (char)(1 << bit % 8);
            has("k", data, 25);
        }
    }
    free(data);
}

/* An entry of one piece that was cut, or has more than it says. */
static void test_cut(void **state)
{
    apr_size_t length;
    char *entry;

    (void)state;
    SET_TEXT("k", "0123456789", HBR_FOR(10));
    entry = hbr_test_cache_entry(kit, 0, &length);
    assert_int_equal(length, 50);
    entry[15]--; /* the last byte of its length */
    HAS_NONE("k");
    entry[15] += 2;
    HAS_NONE("k");
    entry[15]--;
    HAS_TEXT("k", "0123456789");
}

/* Two writers' chunks never mix; the one that loses an add leaves none. */
static void test_two_writers(void **state)
{
    char *one = bytes(35, 1), *two = bytes(35, 99);
    apr_size_t length;
    char *head;
    char kept[40];

    (void)state;
    hbr_test_cache_piece(kit, 50);
    put(SET, "k", one, 35, HBR_FOR(10));
    head = hbr_test_cache_entry(kit, 0, &length);
    memcpy(kept, head, 40);
    put(SET, "k", two, 35, HBR_FOR(10));
    has("k", two, 35);
    memcpy(hbr_test_cache_entry(kit, 0, &length), kept, 40);
    has("k", one, 35);
    length = hbr_test_cache_count(kit);
    assert_int_equal(put(ADD, "k", two, 35, HBR_FOR(10)), APR_EEXIST);
    assert_int_equal(hbr_test_cache_count(kit), length);
    has("k", one, 35);
    free(one);
    free(two);
}

static void test_life(void **state)
{
    (void)state;
    SET_TEXT("a", "x", HBR_FOR(10));
    pass_time(10 * SECOND - 1);
    HAS_TEXT("a", "x");
    pass_time(1);
    HAS_NONE("a");
    assert_int_equal(ADD_TEXT("a", "y", HBR_FOR(10)), APR_SUCCESS);
    HAS_TEXT("a", "y");
}

static void check_sliding(apr_size_t length)
{
    char *data = bytes(length, 3);
    int i;

    put(SET, "a", data, length, HBR_SLIDING(8));
    for (i = 0; i < 5; i++) {
        pass_time(7 * SECOND);
        has("a", data, length);
    }
    pass_time(8 * SECOND);
    HAS_NONE("a");
    free(data);
}

static void test_sliding(void **state)
{
    (void)state;
    check_sliding(3);
    hbr_test_cache_piece(kit, 50);
    check_sliding(33);
}

/* A value that is read all the time is written once in an eighth of its life. */
static void test_slides_seldom(void **state)
{
    apr_size_t before;

    (void)state;
    SET_TEXT("a", "x", HBR_SLIDING(8));
    before = hbr_test_cache_calls(kit);
    HAS_TEXT("a", "x");
    pass_time(SECOND - 1);
    HAS_TEXT("a", "x");
    assert_int_equal(hbr_test_cache_calls(kit) - before, 2);
    pass_time(1);
    HAS_TEXT("a", "x");
    assert_int_equal(hbr_test_cache_calls(kit) - before, 4);
    HAS_TEXT("a", "x");
    assert_int_equal(hbr_test_cache_calls(kit) - before, 5);
    pass_time(-20 * SECOND); /* a clock that was set back */
    HAS_TEXT("a", "x");
    assert_int_equal(hbr_test_cache_calls(kit) - before, 7);
}

static void test_number(void **state)
{
    (void)state;
    assert_int_equal(count("n", 5, HBR_FOR(10)), APR_SUCCESS);
    assert_int_equal(sum, 5);
    assert_int_equal(count("n", -7, HBR_FOR(1000)), APR_SUCCESS);
    assert_int_equal(sum, -2);
    HAS_NONE("n");
    SET_TEXT("n", "x", HBR_FOR(10));
    count("n", 1, HBR_FOR(10));
    assert_int_equal(sum, -1);
    HAS_TEXT("n", "x");
    pass_time(10 * SECOND); /* from when it began */
    count("n", 1, HBR_FOR(10));
    assert_int_equal(sum, 1);
}

static void test_number_range(void **state)
{
    (void)state;
    assert_int_equal(count("n", INT64_MAX, HBR_FOR(10)), APR_SUCCESS);
    assert_int_equal(count("n", 1, HBR_FOR(10)), APR_ERANGE);
    assert_int_equal(sum, 0);
    assert_int_equal(count("n", 0, HBR_FOR(10)), APR_SUCCESS);
    assert_true(sum == INT64_MAX);
    assert_int_equal(count("m", INT64_MIN, HBR_FOR(10)), APR_SUCCESS);
    assert_int_equal(count("m", -1, HBR_FOR(10)), APR_ERANGE);
    assert_int_equal(count("m", 1, HBR_SLIDING(10)), APR_EINVAL);
}

HBR_TEST_HANDLER(other, .process = call, .methods = "*");

static int setup_other(void **state)
{
    int failed = serve_setup(state);

    set_clock(NOW);
    return failed || hbr_test_add(kit, &other_handler) != NULL;
}

#define OTHER_TEST(f)                                                          \
    cmocka_unit_test_setup_teardown(f, setup_other, serve_teardown)

/* Handlers and servers have keys of their own. */
static void test_apart(void **state)
{
    (void)state;
    SET_TEXT("a", "x", HBR_FOR(10));
    now.what = GET;
    serve_run(&(hbr_test_request_t){ .url = "/other" });
    assert_int_equal(result, APR_NOTFOUND);
    with.server = "shop.example.org";
    HAS_NONE("a");
    with.server = NULL;
    HAS_TEXT("a", "x");
}

static void logs(const char *tag)
{
    assert_non_null(hbr_test_logged(kit, tag));
}

static void test_refused(void **state)
{
    static char key[1026];

    (void)state;
    memset(key, 'k', 1025);
    assert_int_equal(SET_TEXT(key, "x", HBR_FOR(1)), APR_EINVAL);
    logs("HBR0363");
    assert_int_equal(get(key), APR_EINVAL);
    assert_null(value.data);
    key[1024] = '\0';
    assert_int_equal(SET_TEXT(key, "x", HBR_FOR(1)), APR_SUCCESS);
    assert_int_equal(get(""), APR_EINVAL);
    logs("HBR0363");
    assert_int_equal(SET_TEXT("a", "x", HBR_FOR(0)), APR_EINVAL);
    logs("HBR0365");
    assert_int_equal(SET_TEXT("a", "x", HBR_FOR(-1)), APR_EINVAL);
    assert_int_equal(SET_TEXT("a", "x", HBR_FOR(INT64_MAX / 1000000)),
                     APR_EINVAL);
    HAS_NONE("a");
    assert_int_equal(count("a", 1, HBR_FOR(0)), APR_EINVAL);
    with.limits.cache_value = 4;
    assert_int_equal(SET_TEXT("a", "12345", HBR_FOR(1)), APR_ENOSPC);
    logs("HBR0364");
    assert_int_equal(SET_TEXT("a", "1234", HBR_FOR(1)), APR_SUCCESS);
    with.limits.cache_value = 3;
    HAS_NONE("a");
    with.limits.cache_value = 0;
    HAS_TEXT("a", "1234");
}

static void test_away(void **state)
{
    (void)state;
    SET_TEXT("a", "x", HBR_FOR(10));
    hbr_test_cache_away(kit, true);
    assert_int_equal(get("a"), APR_EGENERAL);
    assert_int_equal(SET_TEXT("a", "y", HBR_FOR(10)), APR_EGENERAL);
    assert_int_equal(ADD_TEXT("a", "y", HBR_FOR(10)), APR_EGENERAL);
    assert_int_equal(take("a"), APR_EGENERAL);
    assert_int_equal(drop("a"), APR_EGENERAL);
    assert_int_equal(count("a", 1, HBR_FOR(10)), APR_EGENERAL);
    hbr_test_cache_away(kit, false);
    HAS_TEXT("a", "x");
    hbr_test_cache_none(kit, true);
    assert_int_equal(get("a"), APR_EGENERAL);
}

/* ------------------------------------------------------- against a model */

#define KEYS 5

static struct {
    bool there;
    apr_size_t length;
    unsigned seed;
    apr_time_t ends;
    hbr_ttl_t ttl;
    apr_time_t read;
} model[KEYS];

static bool model_has(int i)
{
    return model[i].there && clock_now < model[i].ends;
}

static void model_set(int i, apr_size_t length, unsigned seed, hbr_ttl_t ttl)
{
    model[i].there = true;
    model[i].length = length;
    model[i].seed = seed;
    model[i].ttl = ttl;
    model[i].ends = clock_now + ttl.time;
    model[i].read = clock_now;
}

static void model_read(int i)
{
    if (!model[i].ttl.sliding
        || clock_now - model[i].read < model[i].ttl.time / 8)
        return;
    model[i].ends = clock_now + model[i].ttl.time;
    model[i].read = clock_now;
}

static void check_got(int i)
{
    char *data = bytes(model[i].length, model[i].seed);

    assert_int_equal(value.length, model[i].length);
    assert_memory_equal(got, data, model[i].length);
    free(data);
}

static void one_write(int i, const char *key, bool only_new)
{
    apr_size_t length = (apr_size_t)(rand() % 60);
    unsigned seed = (unsigned)rand() % 1000;
    hbr_ttl_t ttl = { (rand() % 20 + 1) * SECOND, rand() % 2 == 0 };
    char *data = bytes(length, seed);
    bool wins = !only_new || !model_has(i);

    assert_int_equal(put(only_new ? ADD : SET, key, data, length, ttl),
                     wins ? APR_SUCCESS : APR_EEXIST);
    if (wins)
        model_set(i, length, seed, ttl);
    free(data);
}

static void one_read(int i, const char *key, bool away)
{
    apr_status_t rv = away ? take(key) : get(key);

    assert_int_equal(rv, model_has(i) ? APR_SUCCESS : APR_NOTFOUND);
    if (rv == APR_SUCCESS)
        check_got(i);
    if (away)
        model[i].there = false;
    else if (rv == APR_SUCCESS)
        model_read(i);
}

static void one_step(void)
{
    int i = rand() % KEYS;
    char key[8];

    snprintf(key, sizeof(key), "k%d", i);
    switch (rand() % 7) {
    case 0: one_write(i, key, false); break;
    case 1: one_write(i, key, true); break;
    case 2: one_read(i, key, true); break;
    case 3:
        assert_int_equal(drop(key), APR_SUCCESS);
        model[i].there = false;
        break;
    case 4: pass_time(rand() % 3 * SECOND + rand() % 1000000); break;
    default: one_read(i, key, false);
    }
}

static void test_model(void **state)
{
    int i;

    (void)state;
    srand(1);
    memset(model, 0, sizeof(model));
    hbr_test_cache_piece(kit, 50);
    for (i = 0; i < 5000; i++) {
        one_step();
        if (i % 500 == 0)
            hbr_test_clear(kit);
    }
}

MAIN(TEST(test_words), TEST(test_lengths), TEST(test_large), TEST(test_torn),
     TEST(test_changed), TEST(test_cut), TEST(test_two_writers),
     TEST(test_life), TEST(test_sliding), TEST(test_slides_seldom),
     TEST(test_number), TEST(test_number_range), OTHER_TEST(test_apart),
     TEST(test_refused), TEST(test_away), TEST(test_model))
