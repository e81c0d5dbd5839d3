/*
 * What is done with the store's three calls: one entry per session, under a
 * digest of its id.
 *
 *   "HSS1"  version (8 bytes)  expiry in microseconds (8 bytes)  the text
 *
 * The version is another one after each write that changes the text. The
 * expiry is kept here because stores round it, and some take none so long.
 * Where no lock holds look-up and write together, another request may end the
 * session in between. It leaves a mark, under the key with "ends" in front, and
 * then removes the entry; who writes looks for the mark afterwards. One of the
 * two sees what the other did.
 *
 * No state of its own; a job belongs to one thread at a time.
 */
#include "job.h"

#include <string.h>

#include <apr_general.h>

static const char magic[4] = "HSS1";

static const char mark[4] = "ends";

enum { VERSION_AT = 4, EXPIRES_AT = 12, TEXT_AT = 20 };

/* Longer than a job may be between its look-up and its write, which is
 * SessionSocacheWait. */
#define MARK_LIFE apr_time_from_sec(120)

/* A store may not keep what expires within its second. */
#define STORE_SLACK apr_time_from_sec(2)

typedef struct entry_t {
    unsigned char *bytes;
    apr_int64_t version;
    apr_time_t expires;
    apr_size_t text_length;
} entry_t;

static void put_number(unsigned char *to, apr_int64_t number)
{
    apr_uint64_t rest = (apr_uint64_t)number;
    int i;

    for (i = 7; i >= 0; i--, rest >>= 8)
        to[i] = (unsigned char)(rest & 0xff);
}

static apr_int64_t get_number(const unsigned char *from)
{
    apr_uint64_t number = 0;
    int i;

    for (i = 0; i < 8; i++)
        number = number << 8 | from[i];
    return (apr_int64_t)number;
}

hss_job_t *hss_job_create(const hss_calls_t *calls, apr_size_t size_max)
{
    apr_pool_t *pool;
    hss_job_t *job;

    /* Not below the request's pool: it may outlive that. */
    if (apr_pool_create_unmanaged(&pool) != APR_SUCCESS)
        return NULL;
    job = apr_pcalloc(pool, sizeof(*job));
    job->pool = pool;
    job->calls = calls;
    job->size_max = size_max;
    job->now = apr_time_now();
    job->found = -1;
    return job;
}

void hss_job_destroy(hss_job_t *job)
{
    apr_pool_destroy(job->pool);
}

/* What is no entry of ours, or is over, is not there. */
static apr_status_t get_entry(hss_job_t *job, const unsigned char *key,
                              entry_t *entry)
{
    unsigned int length = (unsigned int)(TEXT_AT + job->size_max);
    apr_status_t status;

    entry->bytes = apr_palloc(job->pool, length);
    status =
        job->calls->get(job->calls->store, job, key, entry->bytes, &length);
    if (status != APR_SUCCESS)
        return status;
    if (length < TEXT_AT || memcmp(entry->bytes, magic, sizeof(magic)) != 0)
        return APR_NOTFOUND;
    entry->version = get_number(entry->bytes + VERSION_AT);
    entry->expires = get_number(entry->bytes + EXPIRES_AT);
    entry->text_length = length - TEXT_AT;
    return entry->expires > job->now ? APR_SUCCESS : APR_NOTFOUND;
}

static apr_status_t set_entry(hss_job_t *job, const unsigned char *key,
                              unsigned char *bytes, apr_size_t text_length,
                              apr_time_t expires)
{
    put_number(bytes + EXPIRES_AT, expires);
    return job->calls->set(job->calls->store, job, key, expires + STORE_SLACK,
                           bytes, (unsigned int)(TEXT_AT + text_length));
}

static void make_mark(const unsigned char *key,
                      unsigned char marked[HSS_KEY_LENGTH])
{
    memcpy(marked, key, HSS_KEY_LENGTH);
    memcpy(marked, mark, sizeof(mark));
}

static apr_status_t leave_mark(hss_job_t *job)
{
    unsigned char key[HSS_KEY_LENGTH];
    unsigned char data[] = "1";

    if (job->calls->is_locked)
        return APR_SUCCESS;
    make_mark(job->keys[0], key);
    return job->calls->set(job->calls->store, job, key, job->now + MARK_LIFE,
                           data, sizeof(data) - 1);
}

static apr_status_t look_for_mark(hss_job_t *job, const unsigned char *old)
{
    unsigned char key[HSS_KEY_LENGTH];
    unsigned char data[8];
    unsigned int length = sizeof(data);
    apr_status_t status;

    if (job->calls->is_locked)
        return APR_SUCCESS;
    make_mark(old, key);
    job->is_sure = true; /* it has just taken the entry */
    status = job->calls->get(job->calls->store, job, key, data, &length);
    if (status != APR_SUCCESS)
        return status == APR_NOTFOUND ? APR_SUCCESS : status;
    status = job->calls->unset(job->calls->store, job, old);
    return status == APR_SUCCESS ? APR_NOTFOUND : status;
}

/* Nobody waits any more: he was told that it failed. */
static bool is_left(hss_job_t *job)
{
    bool left;

    if (job->lock == NULL)
        return false;
    apr_thread_mutex_lock(job->lock);
    left = job->is_left;
    apr_thread_mutex_unlock(job->lock);
    return left;
}

/* When the store fails, the session lives until the time that it had. */
static apr_status_t push_idle(hss_job_t *job, const unsigned char *key,
                              entry_t *entry)
{
    apr_time_t expires = job->now + job->idle;

    if (job->idle == 0
        || entry->expires - job->now >= job->idle - job->idle / 10
        || is_left(job)
        || set_entry(job, key, entry->bytes, entry->text_length, expires)
               != APR_SUCCESS)
        return APR_SUCCESS;
    entry->expires = expires;
    return look_for_mark(job, key);
}

apr_status_t hss_job_read(hss_job_t *job)
{
    entry_t found = { 0 };
    apr_status_t status;
    int i;

    for (i = 0; i < job->key_count; i++) {
        entry_t entry;

        status = get_entry(job, job->keys[i], &entry);
        if (status == APR_NOTFOUND)
            continue;
        if (status != APR_SUCCESS)
            return status;
        if (job->found >= 0) {
            job->found = -1;
            return APR_SUCCESS;
        }
        job->found = i;
        found = entry;
    }
    if (job->found < 0)
        return APR_SUCCESS;
    status = push_idle(job, job->keys[job->found], &found);
    if (status != APR_SUCCESS) {
        job->found = -1;
        return status == APR_NOTFOUND ? APR_SUCCESS : status;
    }
    job->found_version = found.version;
    job->found_expires = found.expires;
    job->text = (const char *)found.bytes + TEXT_AT;
    job->text_length = found.text_length;
    return APR_SUCCESS;
}

/* Ended by another request: it is not brought back to life. But what ran out
 * at its time is whose request still works with it. */
static apr_status_t check_old(hss_job_t *job)
{
    entry_t entry;
    apr_status_t status = get_entry(job, job->keys[0], &entry);

    if (status == APR_NOTFOUND && !job->is_push && job->lived_until <= job->now)
        return APR_SUCCESS;
    if (status == APR_SUCCESS && job->is_push && entry.version != job->version)
        return APR_EBUSY;
    return status;
}

static apr_int64_t new_version(void)
{
    unsigned char bytes[8];

    if (apr_generate_random_bytes(bytes, sizeof(bytes)) != APR_SUCCESS)
        return apr_time_now();
    return get_number(bytes);
}

apr_status_t hss_job_write(hss_job_t *job)
{
    unsigned char *bytes = apr_palloc(job->pool, TEXT_AT + job->text_length);
    apr_status_t status = job->is_new ? APR_SUCCESS : check_old(job);

    if (status != APR_SUCCESS)
        return status;
    if (is_left(job))
        return APR_TIMEUP;
    memcpy(bytes, magic, sizeof(magic));
    put_number(bytes + VERSION_AT, job->is_push ? job->version : new_version());
    memcpy(bytes + TEXT_AT, job->text, job->text_length);
    status =
        set_entry(job, job->new_key, bytes, job->text_length, job->expires);
    if (status != APR_SUCCESS || job->is_new)
        return status;
    return job->is_renewed ? hss_job_remove(job)
                           : look_for_mark(job, job->keys[0]);
}

apr_status_t hss_job_remove(hss_job_t *job)
{
    apr_status_t status = leave_mark(job);

    if (status == APR_SUCCESS)
        status = job->calls->unset(job->calls->store, job, job->keys[0]);
    return status == APR_NOTFOUND ? APR_SUCCESS : status;
}
