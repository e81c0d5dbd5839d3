/*
 * What is asked of the store, in one piece: look-up and write belong together
 * under one lock, or on one of the threads that ask a server elsewhere.
 *
 * A job has its own memory, for it may outlive the request that asked: a
 * caller that no longer waits lets go of it, and the other side ends it.
 */
#ifndef SESSION_SOCACHE_JOB_H
#define SESSION_SOCACHE_JOB_H

#include <stdbool.h>

#include <apr_pools.h>
#include <apr_thread_cond.h>
#include <apr_thread_mutex.h>
#include <apr_time.h>

/** Bytes of a key: SHA-1. */
#define HSS_KEY_LENGTH 20

typedef struct hss_job_t hss_job_t;

/** Keys that hss_job_read() looks up. */
#define HSS_KEYS_MAX 3

/** A store's three calls, without the store: the unit tests bring their own.
 * get gives APR_NOTFOUND for what is not there, and never when that is not
 * sure. */
typedef struct hss_calls_t {
    apr_status_t (*get)(void *store, hss_job_t *job, const unsigned char *key,
                        unsigned char *data, unsigned int *length);
    apr_status_t (*set)(void *store, hss_job_t *job, const unsigned char *key,
                        apr_time_t expires, unsigned char *data,
                        unsigned int length);
    apr_status_t (*unset)(void *store, hss_job_t *job,
                          const unsigned char *key);
    void *store;
    bool is_locked; /**< a job is alone with the store */
} hss_calls_t;

struct hss_job_t {
    apr_pool_t *pool;
    apr_status_t (*run)(hss_job_t *job);
    const hss_calls_t *calls;
    void *server; /**< for the store's log lines */

    /* what is asked */
    unsigned char keys[HSS_KEYS_MAX][HSS_KEY_LENGTH];
    int key_count;
    unsigned char new_key[HSS_KEY_LENGTH];
    bool is_new;         /**< there is no old key */
    bool is_renewed;     /**< the new key takes the old one's place */
    bool is_push;        /**< only the expiry: gives way to any other write */
    apr_int64_t version; /**< that was loaded */
    apr_time_t lived_until; /**< what was loaded, had nobody pushed it */
    apr_time_t now;
    apr_time_t expires;
    apr_interval_time_t idle; /**< pushed at reading; 0: not */
    const char *text;
    apr_size_t text_length;
    apr_size_t size_max;

    /* what came of it */
    apr_status_t status;
    bool is_sure; /**< no need to doubt a "not there" of the store */
    int found;    /**< index of the key; -1: none */
    apr_int64_t found_version;
    apr_time_t found_expires;

    /* between the two sides */
    apr_thread_mutex_t *lock;
    apr_thread_cond_t *ended;
    bool is_ended;
    bool is_left; /**< nobody waits for it any more */
};

/** A job with its own memory. @return NULL when there is none */
hss_job_t *hss_job_create(const hss_calls_t *calls, apr_size_t size_max);

/** Its end, by the side that is last. */
void hss_job_destroy(hss_job_t *job);

/**
 * Reads the session under the one key of `keys` that the store has, into
 * `text`, and pushes its expiry by `idle` when a tenth of that is gone.
 * When the store has more than one of them, none is taken.
 *
 * @return APR_SUCCESS, also when there is none (found < 0); else the store
 *         is away
 */
apr_status_t hss_job_read(hss_job_t *job);

/**
 * Writes `text`. A session that ran out while the request was at work is
 * kept; one that is gone before its time was ended, and stays so.
 *
 * @return APR_SUCCESS; APR_NOTFOUND when the session that was loaded has been
 *         ended meanwhile, and nothing stays written; APR_TIMEUP when nobody
 *         waits for the job any more; APR_EBUSY when an expiry is
 *         not pushed because somebody wrote; else the store is away
 */
apr_status_t hss_job_write(hss_job_t *job);

/** Removes `keys[0]`. @return APR_SUCCESS, also when it is gone already */
apr_status_t hss_job_remove(hss_job_t *job);

#endif
