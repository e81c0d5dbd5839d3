/*
 * What is done with the store's three calls: one entry per session, under a
 * digest of its id.
 *
 *   "HSS1"  version (8 bytes)  expiry in microseconds (8 bytes)  the text
 *
 * The version is another one after each write that changes the text. The
 * expiry is kept here because stores round it, and some take none so long.
 * No state of its own; a job belongs to one thread at a time.
 */
#include "job.h"

#include <string.h>

#include <apr_general.h>

static const char magic[4] = "HSS1";

enum { VERSION_AT = 4, EXPIRES_AT = 12, TEXT_AT = 20 };

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

/* When it fails, the session lives until the time that it had. */
static void push_idle(hss_job_t *job, const unsigned char *key, entry_t *entry)
{
    if (job->idle > 0 && entry->expires - job->now < job->idle - job->idle / 10)
        set_entry(job, key, entry->bytes, entry->text_length,
                  job->now + job->idle);
}

apr_status_t hss_job_read(hss_job_t *job)
{
    entry_t found = { 0 };
    int i;

    for (i = 0; i < job->key_count; i++) {
        entry_t entry;
        apr_status_t status = get_entry(job, job->keys[i], &entry);

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
    push_idle(job, job->keys[job->found], &found);
    job->found_version = found.version;
    job->text = (const char *)found.bytes + TEXT_AT;
    job->text_length = found.text_length;
    return APR_SUCCESS;
}

/* Ended by another request: it is not brought back to life. */
static apr_status_t check_old(hss_job_t *job)
{
    entry_t entry;
    apr_status_t status = get_entry(job, job->keys[0], &entry);

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
    memcpy(bytes, magic, sizeof(magic));
    put_number(bytes + VERSION_AT, job->is_push ? job->version : new_version());
    memcpy(bytes + TEXT_AT, job->text, job->text_length);
    status =
        set_entry(job, job->new_key, bytes, job->text_length, job->expires);
    if (status != APR_SUCCESS || !job->is_renewed)
        return status;
    return hss_job_remove(job);
}

apr_status_t hss_job_remove(hss_job_t *job)
{
    apr_status_t status =
        job->calls->unset(job->calls->store, job, job->keys[0]);

    return status == APR_NOTFOUND ? APR_SUCCESS : status;
}
