/*
 * The block that counters lie in: nothing is lost between threads, lanes, seats
 * and restarts, and quantiles are as good as they are said to be.
 */
#include "support/pool.h"

#include <stdlib.h>
#include <sys/mman.h>

#include <apr_atomic.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "../../bridge/metrics_block.h"
#include "../../bridge/minute.h"
#include "../../bridge/state.h"

#define START apr_time_from_sec(1700000040) /* a full minute */
#define MINUTE apr_time_from_sec(60)
#define HANDLERS 3
#define LANES 2
#define SEATS 3
#define THREADS 8
#define ROUNDS 20000

static apr_uint32_t dead; /* the one process that is */

static bool is_alive(apr_uint32_t pid)
{
    return pid != dead;
}

static const hbr_metric_t own[] = { HBR_COUNTER("sold"), HBR_TIMER("render"),
                                    HBR_METRICS_END };

/* What one process has. */
typedef struct process_t {
    hbr_entry_t each[HANDLERS + 1];
    hbr_entry_t *all[HANDLERS + 1];
} process_t;

static const char *const names[] = { "first", "second", "third", "fourth" };

static process_t *make_process(void)
{
    process_t *made = apr_pcalloc(pool, sizeof(*made));
    int i;

    for (i = 0; i <= HANDLERS; i++) {
        made->each[i].name = names[i];
        made->all[i] = &made->each[i];
    }
    made->each[1].handler.metrics = own;
    made->each[1].metrics = 2;
    made->each[2].handler.metrics = own; /* the same names, another handler */
    made->each[2].metrics = 2;
    return made;
}

static const hbr_metrics_shape_t shape = { .handlers = HANDLERS,
                                           .lanes = LANES,
                                           .seats = SEATS };

static void *make_block(void)
{
    apr_size_t size = hbr_metrics_size(&shape);
    void *block = aligned_alloc(HBR_CACHE_LINE, size);

    assert_int_equal(size % HBR_CACHE_LINE, 0);
    memset(block, 0, size);
    dead = 0;
    return block;
}

static hbr_metrics_t *open_block(void *block)
{
    return hbr_metrics_open(pool, block, hbr_metrics_size(&shape), &shape,
                            START, is_alive);
}

static process_t *start_process(hbr_metrics_t *metrics, apr_uint32_t pid,
                                bool expected)
{
    process_t *made = make_process();

    hbr_metrics_claim(metrics, made->all, HANDLERS, START);
    assert_int_equal(hbr_metrics_enter(metrics, pid, made->all, HANDLERS),
                     expected);
    return made;
}

static hbr_state_t state_of(hbr_entry_t *entry)
{
    hbr_state_t state = { .entry = entry, .began = START };

    state.request.method = "GET";
    state.request.uri = "/path";
    return state;
}

static const hbr_reading_t *read_one(const hbr_metrics_t *metrics,
                                     const char *name)
{
    return hbr_metrics_find(metrics, name, START, pool);
}

static void test_buckets(void **state)
{
    apr_uint64_t us;
    apr_size_t i;

    (void)state;
    for (i = 0; i < HBR_BUCKETS - 1; i++) {
        assert_int_equal(hbr_bucket_of(hbr_bucket_end(i)), i);
        assert_int_equal(hbr_bucket_of(hbr_bucket_end(i) + 1), i + 1);
    }
    for (i = 0; i < HBR_COARSE - 1; i++) {
        assert_int_equal(hbr_coarse_of(hbr_coarse_end(i)), i);
        assert_int_equal(hbr_coarse_of(hbr_coarse_end(i) + 1), i + 1);
    }
    for (us = 0; us < 1000000; us++)
        assert_in_range(hbr_bucket_end(hbr_bucket_of(us)), us, us + us / 8);
    assert_int_equal(hbr_bucket_of(APR_UINT64_MAX), HBR_BUCKETS - 1);
    assert_int_equal(hbr_coarse_of(APR_UINT64_MAX), HBR_COARSE - 1);
}

static int by_size(const void *a, const void *b)
{
    apr_uint64_t x = *(const apr_uint64_t *)a, y = *(const apr_uint64_t *)b;

    return (x > y) - (x < y);
}

static apr_uint64_t exact(const apr_uint64_t *sorted, apr_size_t count,
                          unsigned percent)
{
    return sorted[(count * percent + 99) / 100 - 1];
}

static void check_quantiles(apr_size_t count, unsigned shift)
{
    apr_uint64_t *all = apr_palloc(pool, count * sizeof(*all));
    apr_uint64_t fine[HBR_BUCKETS] = { 0 }, coarse[HBR_COARSE] = { 0 };
    hbr_latency_t f = { 0 }, c = { 0 };
    apr_size_t i;

    for (i = 0; i < count; i++) {
        all[i] = (apr_uint64_t)random() >> (2 + random() % shift);
        fine[hbr_bucket_of(all[i])]++;
        coarse[hbr_coarse_of(all[i])]++;
    }
    qsort(all, count, sizeof(*all), by_size);
    f.max = all[count - 1];
    hbr_latency_fill(&f, fine);
    hbr_latency_fill_coarse(&c, coarse);
    assert_int_equal(f.count, count);
    assert_int_equal(c.count, count);
    assert_int_equal(f.max, all[count - 1]);
#define NEAR(q, percent)                                                       \
    do {                                                                       \
        apr_uint64_t true_one = exact(all, count, percent);                    \
        assert_in_range(f.q, true_one, true_one + true_one / 8);               \
        assert_in_range(c.q, true_one, 2 * true_one + 8);                      \
    } while (0)
    NEAR(p50, 50);
    NEAR(p90, 90);
    NEAR(p99, 99);
}

static void test_quantiles(void **state)
{
    hbr_latency_t none = { 0 };
    apr_uint64_t fine[HBR_BUCKETS] = { 0 };
    apr_size_t count;

    (void)state;
    srandom(1);
    for (count = 1; count < 40; count++)
        check_quantiles(count, 28);
    check_quantiles(10000, 28);
    check_quantiles(10000, 3);
    hbr_latency_fill(&none, fine);
    assert_int_equal(none.p99, 0);
}

#define ADDITIONS 10000000

static apr_uint64_t sum64;
static apr_uint32_t sum32;
static volatile apr_uint32_t awaited; /* so that they meet */

static void meet(void)
{
    apr_atomic_dec32(&awaited);
    while (apr_atomic_read32(&awaited) > 0)
        apr_thread_yield();
}

static void *APR_THREAD_FUNC add(apr_thread_t *thread, void *data)
{
    int i;

    (void)data;
    meet();
    for (i = 0; i < ADDITIONS; i++) {
        hbr_add64(&sum64, 2);
        hbr_add32(&sum32, 1);
    }
    (void)thread;
    return NULL;
}

static void test_add(void **state)
{
    apr_thread_t *threads[2];
    apr_status_t rv;
    int i;

    (void)state;
    awaited = 2;
    for (i = 0; i < 2; i++)
        assert_int_equal(apr_thread_create(&threads[i], NULL, add, NULL, pool),
                         0);
    for (i = 0; i < 2; i++)
        apr_thread_join(&rv, threads[i]);
    assert_int_equal(sum64, 4 * ADDITIONS);
    assert_int_equal(sum32, 2 * ADDITIONS);
}

typedef struct runner_t {
    process_t *process;
    apr_thread_t *thread;
} runner_t;

static void *APR_THREAD_FUNC count_all(apr_thread_t *thread, void *data)
{
    process_t *process = data;
    int i;

    meet();
    for (i = 0; i < ROUNDS; i++) {
        hbr_entry_t *entry = process->all[i % 2];
        hbr_state_t state = state_of(entry);

        state.bytes_in = 3;
        state.bytes_out = 5;
        hbr_meter_begin(&state);
        hbr_meter_end(&state, i % 4 == 0 ? 404 : 200, START + i % 1000);
        if (i % 2 == 1)
            hbr_add64(process->each[1].meter.own[0], 2);
    }
    (void)thread;
    return NULL;
}

/* Processes with a seat and without, lanes that are shared: to the last one. */
static void test_exact(void **state)
{
    void *block = make_block();
    hbr_metrics_t *metrics = open_block(block);
    const hbr_reading_t *a, *b;
    runner_t runners[THREADS];
    apr_status_t rv;
    int i;

    (void)state;
    awaited = THREADS;
    for (i = 0; i < THREADS; i++) {
        runners[i].process =
            i % 2 == 0 ? start_process(metrics, 100 + i, i / 2 < SEATS)
                       : runners[i - 1].process;
        assert_int_equal(apr_thread_create(&runners[i].thread, NULL, count_all,
                                           runners[i].process, pool),
                         0);
    }
    for (i = 0; i < THREADS; i++)
        apr_thread_join(&rv, runners[i].thread);
    a = read_one(metrics, "first");
    b = read_one(metrics, "second");
    assert_int_equal(a->requests + b->requests, THREADS * ROUNDS);
    assert_int_equal(a->requests, THREADS * ROUNDS / 2);
    assert_int_equal(a->classes[3], THREADS * ROUNDS / 4);
    assert_int_equal(a->classes[1], THREADS * ROUNDS / 4);
    assert_int_equal(a->bytes_in, a->requests * 3);
    assert_int_equal(a->bytes_out, a->requests * 5);
    assert_int_equal(a->latency.count, a->requests);
    assert_int_equal(a->latency.sum, a->requests * 499);
    assert_int_equal(b->latency.sum, b->requests * 500);
    assert_int_equal(a->latency.max, 998);
    assert_int_equal(a->minutes[HBR_MINUTES - 1].latency.count, a->requests);
    assert_int_equal(a->minutes[HBR_MINUTES - 1].latency.sum, a->latency.sum);
    assert_int_equal(a->in_flight, 0);
    assert_int_equal(b->own_count, 2);
    assert_string_equal(b->own[0].name, "sold");
    assert_int_equal(b->own[0].count, THREADS * ROUNDS);
    assert_int_equal(a->own_count, 0);
    assert_int_equal(read_one(metrics, "third")->own_count, 2);
    assert_int_equal(read_one(metrics, "third")->own[0].count, 0);
    assert_null(read_one(metrics, "fourth"));
    free(block);
}

#define PAGE 4096

static apr_size_t resident(void *block, apr_size_t size)
{
    unsigned char *pages = apr_palloc(pool, size / PAGE + 1);
    apr_size_t count = 0, i;

    assert_int_equal(mincore(block, size, pages), 0);
    for (i = 0; i < (size + PAGE - 1) / PAGE; i++)
        count += pages[i] & 1;
    return count;
}

/* A page of shared memory is there from its first reading, too: who reads does
 * not look at what nobody counts in. */
static void test_memory(void **state)
{
    static const hbr_metrics_shape_t large = { .handlers = 128,
                                               .lanes = 32,
                                               .seats = 512 };
    apr_size_t size = hbr_metrics_size(&large);
    void *block = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    hbr_metrics_t *metrics;
    apr_size_t before;

    (void)state;
    dead = 0;
    metrics = hbr_metrics_open(pool, block, size, &large, START, is_alive);
    start_process(metrics, 1, true);
    start_process(metrics, 2, true);
    before = resident(block, size);
    assert_non_null(read_one(metrics, "second"));
    assert_in_range(resident(block, size), before, before + 12);
    hbr_metrics_leave(metrics, 1);
    assert_in_range(resident(block, size), before, before + 12);
    munmap(block, size);
}

static void begin(process_t *process)
{
    hbr_state_t state = state_of(process->all[0]);

    hbr_meter_begin(&state);
}

static void test_seats(void **state)
{
    void *block = make_block();
    hbr_metrics_t *metrics = open_block(block);
    process_t *a = start_process(metrics, 1, true);
    process_t *b = start_process(metrics, 2, true);
    process_t *c = start_process(metrics, 3, true);
    process_t *d = start_process(metrics, 4, false); /* no seat */

    (void)state;
    begin(a), begin(a), begin(b), begin(c), begin(d);
    hbr_store32(&a->each[0].meter.instances->in_use, 5);
    hbr_store32(&b->each[0].meter.instances->idle, 6);
    assert_null(d->each[0].meter.instances);
    assert_int_equal(read_one(metrics, "first")->in_flight, 5);
    assert_int_equal(read_one(metrics, "first")->instances_in_use, 5);
    assert_int_equal(read_one(metrics, "first")->instances_idle, 6);
    hbr_metrics_leave(metrics, 1);
    assert_int_equal(read_one(metrics, "first")->in_flight, 3);
    assert_int_equal(read_one(metrics, "first")->instances_in_use, 0);
    hbr_metrics_leave(metrics, 1);
    start_process(metrics, 5, true); /* the seat that was emptied */
    start_process(metrics, 6, false);
    dead = 2; /* and nobody said so */
    start_process(metrics, 7, true);
    assert_int_equal(read_one(metrics, "first")->in_flight, 2);
    dead = 0;
    start_process(metrics, 3,
                  true); /* one process that restarts in its place */
    assert_int_equal(read_one(metrics, "first")->in_flight, 1);
    begin(c);
    assert_int_equal(read_one(metrics, "first")->in_flight, 2);
    dead = 3; /* when nothing was counted, and nobody looked */
    hbr_metrics_claim(metrics, c->all, HANDLERS, START);
    assert_int_equal(read_one(metrics, "first")->in_flight, 1);
    free(block);
}

static void count_once(process_t *process, int handler)
{
    hbr_state_t state = state_of(process->all[handler]);

    hbr_meter_begin(&state);
    hbr_meter_end(&state, 200, START);
}

/* Never a wrong slot: who has none is not counted. */
static void test_full(void **state)
{
    void *block = make_block();
    hbr_metrics_t *metrics = open_block(block);
    process_t *process = make_process();
    int i;

    (void)state;
    assert_int_equal(
        hbr_metrics_claim(metrics, process->all, HANDLERS + 1, START), 1);
    assert_int_equal(hbr_metrics_missed(metrics), 1);
    assert_true(hbr_metrics_enter(metrics, 9, process->all, HANDLERS + 1));
    for (i = 0; i <= HANDLERS; i++)
        count_once(process, i);
    for (i = 0; i < HANDLERS; i++)
        assert_int_equal(read_one(metrics, names[i])->requests, 1);
    assert_int_equal(hbr_metrics_count(metrics), HANDLERS);
    assert_null(read_one(metrics, names[HANDLERS]));
    assert_null(hbr_metrics_read(metrics, HANDLERS, START, pool));
    free(block);
}

/* Another load of the module, handlers in another order; the old children go
 * on. */
static void test_restart(void **state)
{
    void *block = make_block();
    process_t *before = start_process(open_block(block), 1, true);
    process_t *after = make_process();
    hbr_metrics_t *metrics = open_block(block);

    (void)state;
    count_once(before, 0);
    hbr_add64(before->each[1].meter.own[0], 7);
    after->all[0] = &after->each[2];
    after->all[2] = &after->each[0];
    assert_int_equal(
        hbr_metrics_claim(metrics, after->all, HANDLERS, START + 1), 0);
    assert_true(hbr_metrics_enter(metrics, 2, after->all, HANDLERS));
    count_once(after, 2);
    count_once(before, 0);
    hbr_add64(after->each[1].meter.own[0], 1);
    assert_int_equal(read_one(metrics, "first")->requests, 3);
    assert_int_equal(read_one(metrics, "first")->since, START);
    assert_int_equal(read_one(metrics, "third")->requests, 0);
    assert_int_equal(read_one(metrics, "second")->own[0].count, 8);
    assert_int_equal(hbr_metrics_count(metrics), HANDLERS);
    ((hbr_block_t *)block)->magic++;
    assert_null(open_block(block));
    free(block);
}

static void count_at(process_t *process, apr_time_t now)
{
    hbr_state_t state = state_of(process->all[0]);

    state.began = now - 100;
    hbr_meter_begin(&state);
    hbr_meter_end(&state, 200, now);
}

static apr_uint64_t in_minute(const hbr_metrics_t *metrics, apr_time_t now,
                              int ago)
{
    const hbr_reading_t *r = hbr_metrics_read(metrics, 0, now, pool);
    const hbr_minute_t *minute = &r->minutes[HBR_MINUTES - 1 - ago];

    assert_int_equal(minute->start, now - now % MINUTE - ago * MINUTE);
    assert_int_equal(minute->latency.sum, minute->latency.count * 100);
    return minute->latency.count;
}

static void test_hour(void **state)
{
    void *block = make_block();
    hbr_metrics_t *metrics = open_block(block);
    process_t *process = start_process(metrics, 1, true);
    int i;

    (void)state;
    count_at(process, START);
    count_at(process, START + MINUTE - 1);
    count_at(process, START + MINUTE);
    assert_int_equal(in_minute(metrics, START + MINUTE, 0), 1);
    assert_int_equal(in_minute(metrics, START + MINUTE, 1), 2);
    assert_int_equal(in_minute(metrics, START + 59 * MINUTE, 59), 2);
    assert_int_equal(in_minute(metrics, START + 60 * MINUTE, 59), 1);
    for (i = 2; i < 200; i++)
        count_at(process, START + i * MINUTE);
    for (i = 0; i < HBR_MINUTES; i++)
        assert_int_equal(in_minute(metrics, START + 199 * MINUTE, i), 1);
    /* nothing came for an hour and four minutes: the same place, not its number */
    assert_int_equal(in_minute(metrics, START + (199 + 64) * MINUTE, 0), 0);
    free(block);
}

static void test_minute_word(void **state)
{
    apr_uint64_t word = 0;

    (void)state;
    hbr_minute_add(&word, 7, HBR_MINUTE_MOST - 1);
    hbr_minute_add(&word, 7, 5);
    assert_int_equal(hbr_minute_get(&word, 7), HBR_MINUTE_MOST);
    assert_int_equal(hbr_minute_get(&word, 8), 0);
    hbr_minute_add(&word, 8, 5);
    assert_int_equal(hbr_minute_get(&word, 8), 5);
}

static hbr_error_record_t error_number(unsigned number)
{
    hbr_error_record_t error = { .time = number, .status = 500 };

    apr_snprintf(error.path, sizeof(error.path), "/%u", number);
    memset(error.reason, 'a' + (int)(number % 26), sizeof(error.reason) - 1);
    return error;
}

static void put_error(hbr_error_ring_t *ring, unsigned number)
{
    hbr_error_record_t error = error_number(number);

    hbr_error_ring_put(ring, &error, 1, is_alive);
}

static void test_ring(void **state)
{
    hbr_error_record_t got[HBR_ERRORS_KEPT];
    hbr_error_ring_t ring = { 0 };
    unsigned i;

    (void)state;
    dead = 0;
    assert_int_equal(hbr_error_ring_get(&ring, got), 0);
    for (i = 1; i <= 3; i++)
        put_error(&ring, i);
    assert_int_equal(hbr_error_ring_get(&ring, got), 3);
    assert_string_equal(got[0].path, "/3");
    assert_string_equal(got[2].path, "/1");
    for (i = 4; i <= 21; i++)
        put_error(&ring, i);
    assert_int_equal(hbr_error_ring_get(&ring, got), HBR_ERRORS_KEPT);
    for (i = 0; i < HBR_ERRORS_KEPT; i++)
        assert_int_equal(got[i].time, 21 - i);
}

/* The place that comes next is another's, who lives; then he does not. */
static void test_ring_taken(void **state)
{
    hbr_error_record_t got[HBR_ERRORS_KEPT];
    hbr_error_ring_t ring = { 0 };

    (void)state;
    dead = 0;
    put_error(&ring, 1);
    ring.places[1].writer = 77;
    ring.places[1].version = 1;
    put_error(&ring, 2);
    assert_int_equal(ring.places[1].writer, 77);
    put_error(&ring, 3);
    assert_int_equal(hbr_error_ring_get(&ring, got), 2);
    assert_string_equal(got[0].path, "/3");
    assert_string_equal(got[1].path, "/1");
    dead = 77;
    ring.count = HBR_ERRORS_KEPT + 1;
    put_error(&ring, 10);
    assert_int_equal(hbr_error_ring_get(&ring, got), 3);
    assert_string_equal(got[0].path, "/10");
    assert_int_equal(ring.places[1].writer, 0);
}

static hbr_error_ring_t shared;
static volatile apr_uint32_t writing;

static void *APR_THREAD_FUNC write_errors(apr_thread_t *thread, void *data)
{
    unsigned i;

    (void)data;
    for (i = 0; i < ROUNDS; i++)
        put_error(&shared, i);
    apr_atomic_dec32(&writing);
    (void)thread;
    return NULL;
}

static bool is_whole(const hbr_error_record_t *error)
{
    hbr_error_record_t same = error_number((unsigned)error->time);

    return memcmp(&same, error, sizeof(same)) == 0;
}

/* What a reader gets is never half of one and half of another. */
static void test_ring_threads(void **state)
{
    apr_thread_t *threads[4];
    apr_status_t rv;
    int i;

    (void)state;
    memset(&shared, 0, sizeof(shared));
    writing = 4;
    for (i = 0; i < 4; i++)
        assert_int_equal(
            apr_thread_create(&threads[i], NULL, write_errors, NULL, pool), 0);
    while (apr_atomic_read32(&writing) > 0) {
        hbr_error_record_t got[HBR_ERRORS_KEPT];
        apr_size_t count = hbr_error_ring_get(&shared, got);

        while (count-- > 0)
            assert_true(is_whole(&got[count]));
    }
    for (i = 0; i < 4; i++)
        apr_thread_join(&rv, threads[i]);
    assert_int_equal(shared.count, 4 * ROUNDS);
}

static void test_text(void **state)
{
    char text[8];

    (void)state;
    hbr_error_text(text, sizeof(text), "1234567");
    assert_string_equal(text, "1234567");
    hbr_error_text(text, sizeof(text), "12345678");
    assert_string_equal(text, "1234567");
    hbr_error_text(text, sizeof(text), "12345\xe2\x82\xac");
    assert_string_equal(text, "12345");
    hbr_error_text(text, sizeof(text),
                   "1234\xe2\x82\xac"
                   "5");
    assert_string_equal(text, "1234\xe2\x82\xac");
    hbr_error_text(text, sizeof(text), "\x80\x80\x80\x80\x80\x80\x80\x80\x80");
    assert_string_equal(text, "");
}

static void test_limits(void **state)
{
    int i;

    (void)state;
    for (i = 0; i < HBR_LIMITS; i++)
        assert_int_equal(
            hbr_limit_in(
                apr_pstrcat(pool, "Too much (", hbr_limit_name(i), ").", NULL)),
            i);
    assert_int_equal(hbr_limit_in(NULL), -1);
    assert_int_equal(hbr_limit_in(""), -1);
    assert_int_equal(hbr_limit_in("BridgeLimitBodies, xBridgeLimitBody"), -1);
    assert_string_equal(
        hbr_limit_name(hbr_limit_in("None came (BridgeDBWait, BridgeDBMax).")),
        "BridgeDBWait");
}

MAIN(POOL_TEST(test_buckets), POOL_TEST(test_quantiles), POOL_TEST(test_add),
     POOL_TEST(test_exact), POOL_TEST(test_memory), POOL_TEST(test_seats),
     POOL_TEST(test_full), POOL_TEST(test_restart), POOL_TEST(test_hour),
     POOL_TEST(test_minute_word), POOL_TEST(test_ring),
     POOL_TEST(test_ring_taken), POOL_TEST(test_ring_threads),
     POOL_TEST(test_text), POOL_TEST(test_limits))
