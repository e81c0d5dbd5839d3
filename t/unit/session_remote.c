/*
 * How mod_session_socache asks a store elsewhere: many requests at once, a
 * store that hangs, and what becomes of a job that nobody waits for any more.
 * `make test-tsan` runs it, too.
 */
#include "support/pool.h"

#include <apr_atomic.h>
#include <apr_thread_proc.h>

#include "session_socache/remote.h"

#define WAIT apr_time_from_msec(500)
#define ASKERS 8
#define THREADS (ASKERS + 4)

static volatile apr_uint32_t hangs; /* whether the store does */
static volatile apr_uint32_t gets;
static volatile apr_uint32_t sets;
static volatile apr_uint32_t ended;

static apr_status_t get(void *store, hss_job_t *job, const unsigned char *key,
                        unsigned char *data, unsigned int *length)
{
    (void)store;
    (void)job;
    (void)key;
    apr_atomic_inc32(&gets);
    while (apr_atomic_read32(&hangs))
        apr_sleep(apr_time_from_msec(1));
    /* A session of version 0 that never ends, and has no entries. */
    memcpy(data, "HSS1\0\0\0\0\0\0\0\0\x7f\0\0\0\0\0\0\0", 20);
    *length = 20;
    return APR_SUCCESS;
}

static apr_status_t set(void *store, hss_job_t *job, const unsigned char *key,
                        apr_time_t expires, unsigned char *data,
                        unsigned int length)
{
    (void)store;
    (void)job;
    (void)key;
    (void)expires;
    (void)data;
    (void)length;
    apr_atomic_inc32(&sets);
    return APR_SUCCESS;
}

static const hss_calls_t calls = { .get = get, .set = set, .is_locked = true };

static apr_status_t count_end(void *data)
{
    (void)data;
    apr_atomic_inc32(&ended);
    return APR_SUCCESS;
}

static hss_job_t *make(apr_status_t (*run)(hss_job_t *job))
{
    hss_job_t *job = hss_job_create(&calls, 100);

    job->run = run;
    job->key_count = 1;
    job->text = "a=1";
    job->text_length = 3;
    apr_pool_cleanup_register(job->pool, job, count_end, apr_pool_cleanup_null);
    return job;
}

/* Whether the job came back is in `job`; it is ended here when it did. */
static apr_status_t ask(apr_status_t (*run)(hss_job_t *job), bool *is_left)
{
    hss_job_t *job = make(run);
    apr_status_t status = hss_remote_run(&job);

    *is_left = job == NULL;
    if (job != NULL)
        hss_job_destroy(job);
    return status;
}

static void *APR_THREAD_FUNC ask_often(apr_thread_t *thread, void *data)
{
    apr_uint32_t *good = data;
    bool is_left;
    int i;

    (void)thread;
    for (i = 0; i < 50; i++)
        if (ask(hss_job_write, &is_left) == APR_SUCCESS && !is_left)
            (*good)++;
    return NULL;
}

static void *APR_THREAD_FUNC ask_once(apr_thread_t *thread, void *data)
{
    bool is_left;

    (void)thread;
    *(apr_uint32_t *)data = ask(hss_job_write, &is_left) == APR_TIMEUP;
    return NULL;
}

static apr_uint32_t together(apr_thread_start_t start)
{
    apr_thread_t *threads[ASKERS];
    apr_uint32_t told[ASKERS] = { 0 };
    apr_uint32_t sum = 0;
    apr_status_t status;
    int i;

    for (i = 0; i < ASKERS; i++)
        assert_int_equal(
            apr_thread_create(&threads[i], NULL, start, &told[i], pool),
            APR_SUCCESS);
    for (i = 0; i < ASKERS; i++) {
        apr_thread_join(&status, threads[i]);
        sum += told[i];
    }
    return sum;
}

static void begin(void)
{
    static bool is_started; /* once in a process */

    if (!is_started)
        assert_int_equal(hss_remote_start(THREADS, WAIT), APR_SUCCESS);
    is_started = true;
    apr_atomic_set32(&gets, 0);
    apr_atomic_set32(&sets, 0);
    apr_atomic_set32(&ended, 0);
}

/* Until so many jobs are destroyed, by whichever side. */
static void wait_for_ends(apr_uint32_t count)
{
    apr_time_t end = apr_time_now() + apr_time_from_sec(20);

    while (apr_atomic_read32(&ended) < count && apr_time_now() < end)
        apr_sleep(apr_time_from_msec(1));
    assert_int_equal(apr_atomic_read32(&ended), count);
}

static void test_answers(void **state)
{
    (void)state;
    begin();
    /* A machine that is busy may be late: those are told so, not lost. */
    assert_in_range(together(ask_often), 1, ASKERS * 50);
    wait_for_ends(ASKERS * 50);
}

/* All of them are told in time; what they left writes nothing afterwards, and
 * is ended once. */
static void test_hangs(void **state)
{
    bool is_left;
    apr_uint32_t asked;

    (void)state;
    begin();
    apr_atomic_set32(&hangs, 1);
    assert_int_equal(together(ask_once), ASKERS);
    asked = apr_atomic_read32(&gets);
    assert_in_range(asked, 1, ASKERS);
    /* The next ones need not wait, and do not ask. */
    assert_int_equal(ask(hss_job_write, &is_left), APR_TIMEUP);
    assert_false(is_left);
    assert_int_equal(apr_atomic_read32(&gets), asked);
    apr_atomic_set32(&hangs, 0);
    wait_for_ends(ASKERS + 1);
    assert_int_equal(apr_atomic_read32(&sets), 0);
    /* And on it goes. */
    assert_int_equal(ask(hss_job_write, &is_left), APR_SUCCESS);
    assert_int_equal(apr_atomic_read32(&sets), 1);
}

MAIN(POOL_TEST(test_answers), POOL_TEST(test_hangs))
