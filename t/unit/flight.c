/*
 * The table of who makes what: one maker for a key, and what becomes of a place
 * whose maker died, was too slow, or ended late.
 */
#include "support/main.h"
#include "support/serve.h"

#include <pthread.h>

#include "../../bridge/flight.h"

#define PLACES 4
#define TERM apr_time_from_sec(5)
#define THREADS 8
#define ROUNDS 300

static apr_pool_t *pool;
static hbr_flights_t *flights;
static char memory[4096];
static uint32_t dead;
static bool locked, cannot_lock;

static bool lock(void *data)
{
    (void)data;
    assert_false(locked);
    locked = !cannot_lock;
    return locked;
}

static void unlock(void *data)
{
    (void)data;
    assert_true(locked);
    locked = false;
}

static bool is_alive(uint32_t pid)
{
    return pid != dead;
}

static int setup(void **state)
{
    const hbr_flights_host_t host = { lock, unlock, is_alive, NULL };

    (void)state;
    dead = 0;
    cannot_lock = false;
    assert_true(hbr_flights_size(PLACES) <= sizeof(memory));
    memset(memory, 0, sizeof(memory));
    if (apr_pool_create(&pool, NULL) != APR_SUCCESS)
        return -1;
    flights = hbr_flights_open(pool, memory, PLACES, &host);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static const unsigned char *key(unsigned char number)
{
    static unsigned char made[32];

    memset(made, 0, sizeof(made));
    made[0] = number;
    return made;
}

static hbr_flight_t flight;

static apr_status_t begin(unsigned char number, uint32_t pid, apr_time_t now)
{
    return hbr_flight_begin(flights, key(number), pid, now, TERM, &flight);
}

static void test_one(void **state)
{
    hbr_flight_t mine, his;

    (void)state;
    assert_int_equal(begin(1, 10, 0), APR_SUCCESS);
    mine = flight;
    assert_int_equal(begin(1, 11, 0), APR_EBUSY);
    his = flight;
    assert_int_equal(hbr_flight_look(flights, &his), APR_EBUSY);
    assert_int_equal(begin(2, 11, 0), APR_SUCCESS);
    hbr_flight_end(flights, &mine, false);
    assert_int_equal(hbr_flight_look(flights, &his), APR_SUCCESS);
    assert_int_equal(begin(1, 11, 0), APR_SUCCESS);
    hbr_flight_end(flights, &mine, false); /* ends nothing */
    assert_int_equal(begin(1, 12, 0), APR_EBUSY);
    assert_int_equal(hbr_flight_look(flights, &his), APR_SUCCESS);
}

static void test_lost(void **state)
{
    hbr_flight_t mine;

    (void)state;
    begin(1, 10, 0);
    mine = flight;
    begin(1, 11, 0);
    hbr_flight_end(flights, &mine, true);
    assert_int_equal(hbr_flight_look(flights, &flight), APR_INCOMPLETE);
    assert_int_equal(begin(1, 11, 0), APR_SUCCESS);
}

static void test_dead(void **state)
{
    (void)state;
    begin(1, 10, 0);
    begin(1, 11, 0);
    dead = 10;
    assert_int_equal(hbr_flight_look(flights, &flight), APR_SUCCESS);
    assert_int_equal(begin(1, 11, 0), APR_SUCCESS);
    assert_int_equal(begin(1, 12, 0), APR_EBUSY);
}

static void test_slow(void **state)
{
    hbr_flight_t slow;

    (void)state;
    begin(1, 10, 0);
    slow = flight;
    assert_int_equal(begin(1, 11, TERM - 1), APR_EBUSY);
    assert_int_equal(begin(1, 11, TERM), APR_SUCCESS);
    hbr_flight_end(flights, &slow, true);
    assert_int_equal(begin(1, 12, TERM), APR_EBUSY);
    assert_int_equal(hbr_flight_look(flights, &flight), APR_EBUSY);
}

/* Without a place a maker is let in; what he then says changes nothing. */
static void test_full(void **state)
{
    unsigned char i;
    char before[sizeof(memory)];

    (void)state;
    for (i = 0; i < PLACES; i++)
        assert_int_equal(begin(i, 10, 0), APR_SUCCESS);
    assert_int_equal(begin(i, 10, 0), APR_SUCCESS);
    assert_true(flight.place == HBR_NO_PLACE);
    memcpy(before, memory, sizeof(memory));
    hbr_flight_end(flights, &flight, false);
    assert_memory_equal(before, memory, sizeof(memory));
    assert_int_equal(hbr_flight_look(flights, &flight), APR_SUCCESS);
    for (i = 0; i < PLACES; i++)
        assert_int_equal(begin(i, 11, 0), APR_EBUSY);
    cannot_lock = true;
    assert_int_equal(begin(0, 11, 0), APR_SUCCESS);
    assert_true(flight.place == HBR_NO_PLACE);
}

static void test_await(void **state)
{
    hbr_flight_t mine;
    apr_time_t start = apr_time_now();

    (void)state;
    begin(1, 10, 0);
    mine = flight;
    begin(1, 11, 0);
    assert_int_equal(hbr_flight_await(flights, &flight, apr_time_from_msec(30)),
                     APR_TIMEUP);
    assert_true(apr_time_now() - start >= apr_time_from_msec(30));
    hbr_flight_end(flights, &mine, false);
    assert_int_equal(hbr_flight_await(flights, &flight, 0), APR_SUCCESS);
}

/* -------------------------------------------------------------- threads */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static hbr_flights_t *shared;
static int made, makers; /* written by who has the place, and by nobody else */
static _Atomic int with_others, in_vain;

static bool lock_mutex(void *data)
{
    (void)data;
    return pthread_mutex_lock(&mutex) == 0;
}

static void unlock_mutex(void *data)
{
    (void)data;
    pthread_mutex_unlock(&mutex);
}

static void make_one(const hbr_flight_t *flight, int round)
{
    if (++makers != 1)
        with_others++;
    made++;
    makers--;
    hbr_flight_end(shared, flight, round % 7 == 0);
}

static void *make_many(void *data)
{
    unsigned char mine[32] = { 7 };
    int round;

    for (round = 0; round < ROUNDS; round++) {
        hbr_flight_t flight;

        if (hbr_flight_begin(shared, mine, 1, apr_time_now(), 12 * TERM,
                             &flight)
            == APR_SUCCESS)
            make_one(&flight, round);
        else if (hbr_flight_await(shared, &flight, TERM) == APR_TIMEUP)
            in_vain++;
    }
    return data;
}

/* A place is one's alone, and what he wrote is seen by the next. */
static void test_threads(void **state)
{
    const hbr_flights_host_t host = { lock_mutex, unlock_mutex, is_alive,
                                      NULL };
    pthread_t threads[THREADS];
    int i;

    (void)state;
    made = 0;
    shared = hbr_flights_open(pool, memory, PLACES, &host);
    for (i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, make_many, NULL), 0);
    for (i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(with_others, 0);
    assert_int_equal(in_vain, 0);
    assert_in_range(made, ROUNDS, THREADS * ROUNDS);
}

MAIN(TEST(test_one), TEST(test_lost), TEST(test_dead), TEST(test_slow),
     TEST(test_full), TEST(test_await), TEST(test_threads))
