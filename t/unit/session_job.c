/*
 * What mod_session_socache asks of its store, with a store in memory that can
 * fail, forget, and be written to by somebody else.
 */
#include "support/pool.h"

#include <stdio.h>

#include <apr_strings.h>
#include <apr_tables.h>

#include "session_socache/job.h"

#define SECOND apr_time_from_sec(1)
#define MAX 100

static apr_table_t *kept;  /* key => hexadecimal bytes */
static apr_status_t fails; /* what each call gives */
static int sets;
static apr_time_t set_expires;
static void (*meanwhile)(void); /* once, before a set */

static const char *name_of(const unsigned char *key)
{
    return apr_psprintf(pool, "%d %d", key[0], key[4]);
}

static apr_status_t get(void *store, hss_job_t *job, const unsigned char *key,
                        unsigned char *data, unsigned int *length)
{
    const char *text = apr_table_get(kept, name_of(key));
    unsigned int i;

    (void)store;
    (void)job;
    if (fails != APR_SUCCESS)
        return fails;
    if (text == NULL || strlen(text) / 2 > *length)
        return APR_NOTFOUND;
    *length = (unsigned int)strlen(text) / 2;
    for (i = 0; i < *length; i++) {
        unsigned int byte;

        sscanf(text + 2 * i, "%02x", &byte);
        data[i] = (unsigned char)byte;
    }
    return APR_SUCCESS;
}

static apr_status_t set(void *store, hss_job_t *job, const unsigned char *key,
                        apr_time_t expires, unsigned char *data,
                        unsigned int length)
{
    char *text = apr_palloc(pool, 2 * length + 1);
    unsigned int i;

    (void)store;
    (void)job;
    if (fails != APR_SUCCESS)
        return fails;
    if (meanwhile != NULL) {
        void (*somebody)(void) = meanwhile;

        meanwhile = NULL;
        somebody();
    }
    for (i = 0; i < length; i++)
        apr_snprintf(text + 2 * i, 3, "%02x", data[i]);
    apr_table_setn(kept, name_of(key), text);
    sets++;
    set_expires = expires;
    return APR_SUCCESS;
}

static apr_status_t unset(void *store, hss_job_t *job, const unsigned char *key)
{
    bool was = apr_table_get(kept, name_of(key)) != NULL;

    (void)store;
    (void)job;
    if (fails != APR_SUCCESS)
        return fails;
    apr_table_unset(kept, name_of(key));
    return was ? APR_SUCCESS : APR_NOTFOUND;
}

static const hss_calls_t calls = { .get = get, .set = set, .unset = unset };

static void begin(void)
{
    kept = apr_table_make(pool, 4);
    fails = APR_SUCCESS;
    sets = 0;
    meanwhile = NULL;
}

static void put_key(unsigned char *key, int number)
{
    key[HSS_KEY_LENGTH - 1] = key[4] = (unsigned char)number;
}

static hss_job_t *reading(int first, int count)
{
    hss_job_t *job = hss_job_create(&calls, MAX);

    for (job->key_count = 0; job->key_count < count; job->key_count++)
        put_key(job->keys[job->key_count], first + job->key_count);
    return job;
}

static hss_job_t *writing(int key, const char *text)
{
    hss_job_t *job = hss_job_create(&calls, MAX);

    job->is_new = true;
    put_key(job->new_key, key);
    job->text = text;
    job->text_length = strlen(text);
    job->expires = job->now + 100 * SECOND;
    return job;
}

/* One that was loaded. */
static hss_job_t *changing(int key, const char *text, apr_int64_t version)
{
    hss_job_t *job = writing(key, text);

    job->is_new = false;
    put_key(job->keys[0], key);
    job->version = version;
    job->lived_until = job->now + 100 * SECOND;
    return job;
}

static apr_status_t run(apr_status_t (*what)(hss_job_t *), hss_job_t *job)
{
    apr_status_t status = what(job);

    hss_job_destroy(job);
    return status;
}

/* The text under a key, and its version. */
static const char *text_of(int key, apr_int64_t *version)
{
    hss_job_t *job = reading(key, 1);
    const char *text = NULL;

    assert_int_equal(hss_job_read(job), APR_SUCCESS);
    if (job->found == 0)
        text = apr_pstrmemdup(pool, job->text, job->text_length);
    if (version != NULL)
        *version = job->found_version;
    hss_job_destroy(job);
    return text;
}

static void test_kept(void **state)
{
    apr_int64_t first;
    apr_int64_t second;

    (void)state;
    begin();
    assert_null(text_of(1, NULL));
    assert_int_equal(run(hss_job_write, writing(1, "a=1")), APR_SUCCESS);
    assert_string_equal(text_of(1, &first), "a=1");
    assert_null(text_of(2, NULL));
    assert_int_equal(run(hss_job_write, changing(1, "a=2", first)),
                     APR_SUCCESS);
    assert_string_equal(text_of(1, &second), "a=2");
    assert_true(first != second);
    assert_int_equal(run(hss_job_remove, reading(1, 1)), APR_SUCCESS);
    assert_null(text_of(1, NULL));
    assert_int_equal(run(hss_job_remove, reading(1, 1)), APR_SUCCESS);
}

static void test_ended_meanwhile(void **state)
{
    (void)state;
    begin();
    assert_int_equal(run(hss_job_write, changing(1, "a=1", 7)), APR_NOTFOUND);
    assert_int_equal(sets, 0);
}

/* It ran out while the request was at work: who changes it keeps it. */
static void test_ran_out(void **state)
{
    hss_job_t *job;

    (void)state;
    begin();
    job = changing(1, "a=1", 7);
    job->lived_until = job->now;
    job->is_push = true;
    assert_int_equal(run(hss_job_write, job), APR_NOTFOUND);
    job = changing(1, "a=1", 7);
    job->lived_until = job->now;
    assert_int_equal(run(hss_job_write, job), APR_SUCCESS);
    assert_string_equal(text_of(1, NULL), "a=1");
}

static void end_it(void)
{
    assert_int_equal(run(hss_job_remove, reading(1, 1)), APR_SUCCESS);
}

/* Between the look-up and the write, which no lock holds together. */
static void test_ended_in_between(void **state)
{
    apr_int64_t version;
    hss_job_t *job;

    (void)state;
    begin();
    run(hss_job_write, writing(1, "a=1"));
    text_of(1, &version);
    meanwhile = end_it;
    assert_int_equal(run(hss_job_write, changing(1, "a=2", version)),
                     APR_NOTFOUND);
    assert_null(text_of(1, NULL));

    begin();
    run(hss_job_write, writing(1, "a=1"));
    job = reading(1, 1);
    job->idle = 200 * SECOND;
    meanwhile = end_it;
    assert_int_equal(hss_job_read(job), APR_SUCCESS);
    assert_int_equal(job->found, -1);
    hss_job_destroy(job);
    assert_null(text_of(1, NULL));
}

/* The client was told that it failed: it does not come to pass later. */
static void test_left_behind(void **state)
{
    apr_int64_t version;
    hss_job_t *job;

    (void)state;
    begin();
    run(hss_job_write, writing(1, "a=1"));
    text_of(1, &version);
    job = changing(1, "a=2", version);
    assert_int_equal(
        apr_thread_mutex_create(&job->lock, APR_THREAD_MUTEX_DEFAULT, pool),
        APR_SUCCESS);
    job->is_left = true;
    assert_int_equal(run(hss_job_write, job), APR_TIMEUP);
    assert_string_equal(text_of(1, NULL), "a=1");
}

static void test_push_gives_way(void **state)
{
    apr_int64_t version;
    hss_job_t *job;

    (void)state;
    begin();
    run(hss_job_write, writing(1, "a=1"));
    text_of(1, &version);
    job = changing(1, "a=0", version + 1);
    job->is_push = true;
    assert_int_equal(run(hss_job_write, job), APR_EBUSY);
    assert_string_equal(text_of(1, NULL), "a=1");
    job = changing(1, "a=1", version);
    job->is_push = true;
    assert_int_equal(run(hss_job_write, job), APR_SUCCESS);
    assert_int_equal(sets, 2);
    /* It is no change: another one that loaded before may push, too. */
    job = changing(1, "a=1", version);
    job->is_push = true;
    assert_int_equal(run(hss_job_write, job), APR_SUCCESS);
}

static void test_renewed(void **state)
{
    apr_int64_t version;
    hss_job_t *job;

    (void)state;
    begin();
    run(hss_job_write, writing(1, "a=1"));
    text_of(1, &version);
    job = changing(1, "a=1", version);
    put_key(job->new_key, 2);
    job->is_renewed = true;
    assert_int_equal(run(hss_job_write, job), APR_SUCCESS);
    assert_null(text_of(1, NULL));
    assert_string_equal(text_of(2, NULL), "a=1");
}

static void test_several_keys(void **state)
{
    hss_job_t *job;

    (void)state;
    begin();
    run(hss_job_write, writing(2, "a=1"));
    job = reading(1, 3);
    assert_int_equal(hss_job_read(job), APR_SUCCESS);
    assert_int_equal(job->found, 1);
    hss_job_destroy(job);
    run(hss_job_write, writing(3, "a=2"));
    job = reading(1, 3);
    assert_int_equal(hss_job_read(job), APR_SUCCESS);
    assert_int_equal(job->found, -1);
    assert_null(job->text);
    hss_job_destroy(job);
}

static void test_expiry(void **state)
{
    hss_job_t *job = NULL;

    (void)state;
    begin();
    job = writing(1, "a=1");
    job->expires = job->now - 1;
    run(hss_job_write, job);
    assert_null(text_of(1, NULL));
    job = writing(1, "a=1");
    job->expires = job->now + 95 * SECOND;
    run(hss_job_write, job);
    assert_true(set_expires >= apr_time_now() + 96 * SECOND);
    assert_string_equal(text_of(1, NULL), "a=1");

    /* Nothing is written before a tenth of the time is gone. */
    job = reading(1, 1);
    job->idle = 100 * SECOND;
    run(hss_job_read, job);
    assert_int_equal(sets, 2);
    job = reading(1, 1);
    job->idle = 200 * SECOND;
    run(hss_job_read, job);
    assert_int_equal(sets, 3);
    assert_true(set_expires > apr_time_now() + 199 * SECOND);
    assert_string_equal(text_of(1, NULL), "a=1");
    job = reading(1, 1);
    run(hss_job_read, job);
    assert_int_equal(sets, 3);
}

static void test_away(void **state)
{
    hss_job_t *job;

    (void)state;
    begin();
    run(hss_job_write, writing(1, "a=1"));
    fails = APR_TIMEUP;
    job = reading(1, 2);
    assert_int_equal(hss_job_read(job), APR_TIMEUP);
    assert_int_equal(job->found, -1);
    hss_job_destroy(job);
    assert_int_equal(run(hss_job_write, writing(2, "")), APR_TIMEUP);
    assert_int_equal(run(hss_job_write, changing(1, "", 0)), APR_TIMEUP);
    assert_int_equal(run(hss_job_remove, reading(1, 1)), APR_TIMEUP);
}

/* Somebody else's bytes, or another version's. */
static void test_foreign(void **state)
{
    static const char *const bytes[] = {
        "",
        "48",
        "48535331",
        "4853533100000000000000007fffffffffffff",
        "48535332"
        "0000000000000000"
        "7fffffffffffffff",
        "48535331"
        "0000000000000000"
        "ffffffffffffffff",
    };
    size_t i;

    (void)state;
    begin();
    for (i = 0; i < ITEMS(bytes); i++) {
        apr_table_setn(kept, "0 1", bytes[i]);
        assert_null(text_of(1, NULL));
    }
    apr_table_setn(kept, "0 1",
                   "48535331"
                   "0000000000000000"
                   "7fffffffffffffff");
    assert_string_equal(text_of(1, NULL), "");
}

MAIN(POOL_TEST(test_kept), POOL_TEST(test_ended_meanwhile),
     POOL_TEST(test_ran_out), POOL_TEST(test_ended_in_between),
     POOL_TEST(test_left_behind), POOL_TEST(test_push_gives_way),
     POOL_TEST(test_renewed), POOL_TEST(test_several_keys),
     POOL_TEST(test_expiry), POOL_TEST(test_away), POOL_TEST(test_foreign))
