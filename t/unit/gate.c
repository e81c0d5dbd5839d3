/*
 * The gate: never more inside than allowed, and no waiting without end.
 */
#include "support/main.h"
#include "support/serve.h"

#include <apr_atomic.h>
#include <apr_thread_proc.h>

#include "../../bridge/gate.h"

#define THREADS 8
#define ROUNDS 200
#define ROOM 3

static apr_pool_t *pool;
static hbr_gate_t *gate;
static volatile apr_uint32_t inside, most, refused;

static int setup(void **state)
{
    (void)state;
    inside = most = refused = 0;
    return apr_pool_create(&pool, NULL) != APR_SUCCESS
           || hbr_gate_create(pool, &gate) != APR_SUCCESS;
}

static int teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static apr_time_t since(apr_time_t start)
{
    return apr_time_now() - start;
}

static void test_room(void **state)
{
    apr_time_t start;
    int i;

    (void)state;
    for (i = 0; i < ROOM; i++)
        assert_true(hbr_gate_enter(gate, ROOM, 0));
    start = apr_time_now();
    assert_false(hbr_gate_enter(gate, ROOM, 0));
    assert_true(since(start) < apr_time_from_sec(5));
    assert_false(hbr_gate_enter(gate, ROOM, apr_time_from_msec(30)));
    assert_true(since(start) >= apr_time_from_msec(30));
    assert_true(hbr_gate_enter(gate, ROOM + 1, 0));
    hbr_gate_leave(gate);
    hbr_gate_leave(gate);
    assert_true(hbr_gate_enter(gate, ROOM, 0));
    assert_false(hbr_gate_enter(gate, ROOM, 0));
}

static void *APR_THREAD_FUNC pass(apr_thread_t *thread, void *data)
{
    int i;

    (void)data;
    for (i = 0; i < ROUNDS; i++) {
        apr_uint32_t now, seen;

        if (!hbr_gate_enter(gate, ROOM, apr_time_from_sec(20))) {
            apr_atomic_inc32(&refused);
            continue;
        }
        now = apr_atomic_inc32(&inside) + 1;
        while (now > (seen = apr_atomic_read32(&most))
               && apr_atomic_cas32(&most, now, seen) != seen)
            continue;
        apr_thread_yield();
        apr_atomic_dec32(&inside);
        hbr_gate_leave(gate);
    }
    (void)thread;
    return NULL;
}

static void test_threads(void **state)
{
    apr_thread_t *threads[THREADS];
    apr_status_t rv;
    int i;

    (void)state;
    for (i = 0; i < THREADS; i++)
        assert_int_equal(apr_thread_create(&threads[i], NULL, pass, NULL, pool),
                         0);
    for (i = 0; i < THREADS; i++)
        apr_thread_join(&rv, threads[i]);
    assert_int_equal(refused, 0);
    assert_int_equal(inside, 0);
    assert_in_range(most, 1, ROOM);
    assert_true(hbr_gate_enter(gate, 1, 0));
}

static void *APR_THREAD_FUNC leave_soon(apr_thread_t *thread, void *data)
{
    (void)data;
    apr_sleep(apr_time_from_msec(30));
    hbr_gate_leave(gate);
    (void)thread;
    return NULL;
}

/* One who waits is let in when another leaves, not at the end of his wait. */
static void test_woken(void **state)
{
    apr_thread_t *thread;
    apr_time_t start = apr_time_now();
    apr_status_t rv;

    (void)state;
    assert_true(hbr_gate_enter(gate, 1, 0));
    assert_int_equal(apr_thread_create(&thread, NULL, leave_soon, NULL, pool),
                     0);
    assert_true(hbr_gate_enter(gate, 1, apr_time_from_sec(20)));
    assert_true(since(start) < apr_time_from_sec(10));
    apr_thread_join(&rv, thread);
}

MAIN(TEST(test_room), TEST(test_threads), TEST(test_woken))
