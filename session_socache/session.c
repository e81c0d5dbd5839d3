/*
 * mod_session's two hooks.
 *
 * mod_session asks for the session again and again: in its fixup, in its output
 * filter, for each request of a chain of internal redirects, and for whoever
 * calls ap_session_load(). What was loaded hangs on the first request of the
 * chain and is given out each time, and so is a failure: a store that is away is
 * asked once. It is kept there under cookie and realm, for a chain may cross
 * directories that have others.
 *
 * An id is 16 random bytes. The store knows only a digest of it together with
 * the realm: who reads the store has no cookie to show, and who may write
 * sessions of one virtual host has none of another's.
 */
#include "session.h"

#include <string.h>

#include <apr_general.h>
#include <apr_sha1.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_log.h>
#include <http_protocol.h>

#include "store.h"

APLOG_USE_MODULE(session_socache);

#define ENTRY_EXPIRY "expiry" /* mod_session's own */

typedef struct kept_t kept_t;
struct kept_t {
    kept_t *next;
    const hss_cookie_t *cookie;
    const char *realm;
    apr_status_t status; /**< of the loading */
    bool is_refused;     /**< a save failed: mod_session's filter tries again */
    session_rec session;
    session_rec *given; /* that, or what was saved in its place */
    apr_uuid_t id;      /**< under which it was loaded */
    bool has_id;
    bool was_sent; /**< the client has a cookie of that name */
    apr_int64_t version;
    apr_time_t lives_until;
};

static const hss_config_t *config_of(request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &session_socache_module);
}

static const char *realm_of(request_rec *r, const hss_config_t *config)
{
    return config->realm != NULL ? config->realm : r->server->server_hostname;
}

static request_rec *first_of(request_rec *r)
{
    while (r->main != NULL || r->prev != NULL)
        r = r->main != NULL ? r->main : r->prev;
    return r;
}

static kept_t *find_kept(request_rec *r, const hss_config_t *config)
{
    kept_t *kept = ap_get_module_config(first_of(r)->request_config,
                                        &session_socache_module);

    while (kept != NULL
           && (strcmp(kept->cookie->name, config->cookie->name) != 0
               || strcmp(kept->realm, realm_of(r, config)) != 0))
        kept = kept->next;
    return kept;
}

/* An .htaccess file's configuration ends with its request, which may be a
 * subrequest. */
static const hss_cookie_t *copy_cookie(apr_pool_t *pool,
                                       const hss_cookie_t *cookie)
{
    hss_cookie_t *copy = apr_pmemdup(pool, cookie, sizeof(*cookie));

    copy->name = apr_pstrdup(pool, cookie->name);
    copy->attributes = apr_pstrdup(pool, cookie->attributes);
    return copy;
}

static kept_t *make_kept(request_rec *r, const hss_config_t *config)
{
    request_rec *first = first_of(r);
    kept_t *kept = apr_pcalloc(first->pool, sizeof(*kept));

    kept->cookie = copy_cookie(first->pool, config->cookie);
    kept->realm = realm_of(r, config);
    kept->given = &kept->session;
    kept->session.pool = first->pool;
    kept->session.entries = apr_table_make(first->pool, 10);
    kept->next =
        ap_get_module_config(first->request_config, &session_socache_module);
    ap_set_module_config(first->request_config, &session_socache_module, kept);
    return kept;
}

/* SHA-1 is enough for this: what is hidden are 128 random bits, and two ids of
 * one digest would help nobody. */
static void make_key(const kept_t *kept, const unsigned char *id,
                     unsigned char key[HSS_KEY_LENGTH])
{
    apr_sha1_ctx_t sha;

    apr_sha1_init(&sha);
    apr_sha1_update(&sha, kept->realm, (unsigned)strlen(kept->realm) + 1);
    apr_sha1_update(&sha, kept->cookie->name,
                    (unsigned)strlen(kept->cookie->name) + 1);
    apr_sha1_update_binary(&sha, id, HSS_ID_LENGTH);
    apr_sha1_final(key, &sha);
}

/* ---- load ---------------------------------------------------------------- */

static void take_found(kept_t *kept, const hss_job_t *job,
                       unsigned char ids[HSS_IDS_MAX][HSS_ID_LENGTH])
{
    memcpy(kept->id.data, ids[job->found], HSS_ID_LENGTH);
    kept->has_id = true;
    kept->version = job->found_version;
    kept->lives_until = job->found_expires;
    kept->session.uuid =
        apr_pmemdup(kept->session.pool, &kept->id, sizeof(kept->id));
    kept->session.encoded =
        apr_pstrmemdup(kept->session.pool, job->text, job->text_length);
}

static apr_status_t look_up(request_rec *r, kept_t *kept,
                            unsigned char ids[HSS_IDS_MAX][HSS_ID_LENGTH],
                            int count, apr_interval_time_t idle)
{
    hss_job_t *job = hss_store_job(r);
    apr_status_t status;

    if (job == NULL)
        return APR_ENOMEM;
    job->run = hss_job_read;
    job->idle = idle;
    for (job->key_count = 0; job->key_count < count; job->key_count++)
        make_key(kept, ids[job->key_count], job->keys[job->key_count]);
    status = hss_store_run(r, &job);
    if (status == APR_SUCCESS && job->found >= 0)
        take_found(kept, job, ids);
    if (job != NULL)
        hss_job_destroy(job);
    return status;
}

/* With SessionMaxAge it is mod_session that pushes the expiry, in its save. */
static apr_interval_time_t idle_of(request_rec *r, const hss_config_t *config)
{
    const session_dir_conf *base =
        ap_get_module_config(r->per_dir_config, &session_module);

    return base != NULL && base->maxage > 0 ? 0 : config->idle;
}

static apr_status_t read_session(request_rec *r, const hss_config_t *config,
                                 kept_t *kept)
{
    unsigned char ids[HSS_IDS_MAX][HSS_ID_LENGTH];
    const char *field = apr_table_get(r->headers_in, "Cookie");
    int count = 0;

    if (field != NULL)
        count = hss_cookie_ids(field, kept->cookie->name, ids, &kept->was_sent);
    if (count > HSS_IDS_MAX)
        ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                      "HSS0020: more than %d session ids in one request: "
                      "none is taken",
                      HSS_IDS_MAX);
    if (count == 0 || count > HSS_IDS_MAX)
        return APR_SUCCESS;
    return look_up(r, kept, ids, count, idle_of(r, config));
}

apr_status_t hss_session_load(request_rec *r, session_rec **session)
{
    const hss_config_t *config = config_of(r);
    kept_t *kept;

    if (config->cookie == NULL || !hss_store_is_open())
        return DECLINED;
    kept = find_kept(r, config);
    if (kept == NULL) {
        kept = make_kept(r, config);
        kept->status = read_session(r, config, kept);
        /* What depends on a session is nobody else's (as mod_session_dbd). */
        apr_table_addn(r->headers_out, "Cache-Control", "no-cache, private");
    }
    if (kept->status != APR_SUCCESS)
        return HTTP_SERVICE_UNAVAILABLE;
    *session = kept->given;
    return OK;
}

/* ---- save ---------------------------------------------------------------- */

static int stop_at_entry(void *found, const char *key, const char *value)
{
    (void)value;
    *(bool *)found = strcmp(key, ENTRY_EXPIRY) != 0;
    return !*(bool *)found;
}

static bool is_empty(const session_rec *session)
{
    bool found = false;

    if (session->encoded == NULL || *session->encoded == '\0')
        return true;
    apr_table_do(stop_at_entry, &found, session->entries, NULL);
    return !found;
}

static void send_cookie(request_rec *r, const kept_t *kept,
                        const session_rec *session, const unsigned char *id)
{
    bool tls = strcmp(ap_http_scheme(r), "https") == 0;
    apr_time_t left = 0;

    if (session->maxage > 0 && session->expiry > 0)
        left = apr_time_sec(session->expiry - apr_time_now());
    /* Not headers_out, which an error's response does not have. */
    apr_table_addn(r->err_headers_out, "Set-Cookie",
                   hss_cookie_field(r->pool, kept->cookie, id,
                                    left > 0 ? (long)left : 0, tls));
}

static apr_status_t refuse(kept_t *kept)
{
    kept->is_refused = true;
    return HTTP_SERVICE_UNAVAILABLE;
}

static apr_status_t end_session(request_rec *r, kept_t *kept,
                                const session_rec *session)
{
    apr_status_t status = APR_SUCCESS;

    if (kept->has_id) {
        hss_job_t *job = hss_store_job(r);

        if (job == NULL)
            return refuse(kept);
        job->run = hss_job_remove;
        make_key(kept, kept->id.data, job->keys[0]);
        status = hss_store_run(r, &job);
        if (job != NULL)
            hss_job_destroy(job);
    }
    if (status != APR_SUCCESS)
        return refuse(kept);
    kept->has_id = false;
    if (kept->was_sent)
        send_cookie(r, kept, session, NULL);
    return OK;
}

static void fill_job(hss_job_t *job, const hss_config_t *config,
                     const kept_t *kept, const session_rec *session,
                     const apr_uuid_t *id, apr_size_t length)
{
    job->run = hss_job_write;
    job->is_new = !kept->has_id;
    job->is_push = !session->dirty;
    job->version = kept->version;
    job->lived_until = kept->lives_until;
    job->expires =
        session->expiry > 0 ? session->expiry : job->now + config->idle;
    job->text = apr_pstrmemdup(job->pool, session->encoded, length);
    job->text_length = length;
    make_key(kept, id->data, job->new_key);
    if (!kept->has_id)
        return;
    make_key(kept, kept->id.data, job->keys[0]);
    job->is_renewed = memcmp(id, &kept->id, sizeof(*id)) != 0;
}

static apr_status_t write_session(request_rec *r, const hss_config_t *config,
                                  const kept_t *kept,
                                  const session_rec *session,
                                  const apr_uuid_t *id)
{
    apr_size_t length = strlen(session->encoded);
    apr_status_t status;
    hss_job_t *job;

    if (length > hss_store_settings.size_max) {
        ap_log_rerror(
            APLOG_MARK, APLOG_ERR, 0, r,
            "HSS0012: a session of %" APR_SIZE_T_FMT
            " bytes is larger than SessionSocacheMaxSize (%" APR_SIZE_T_FMT
            "); it is not saved",
            length, hss_store_settings.size_max);
        return APR_ENOSPC;
    }
    job = hss_store_job(r);
    if (job == NULL)
        return APR_ENOMEM;
    fill_job(job, config, kept, session, id, length);
    status = hss_store_run(r, &job);
    if (job != NULL)
        hss_job_destroy(job);
    return status;
}

/* The id that was loaded, or a new one: for a session that is new, or whose
 * holder took the old one away. An id that somebody else made is no secret. */
static bool keeps_id(const kept_t *kept, const session_rec *session)
{
    return kept->has_id && session->uuid != NULL
           && memcmp(session->uuid, &kept->id, sizeof(kept->id)) == 0;
}

static apr_status_t choose_id(request_rec *r, const kept_t *kept, bool keep,
                              apr_uuid_t *id)
{
    apr_status_t status = APR_SUCCESS;

    if (keep)
        *id = kept->id;
    else
        status = apr_generate_random_bytes(id->data, sizeof(id->data));
    if (status != APR_SUCCESS)
        ap_log_rerror(APLOG_MARK, APLOG_ERR, status, r,
                      "HSS0013: no random bytes for a session's id");
    return status;
}

static apr_status_t store_session(request_rec *r, const hss_config_t *config,
                                  kept_t *kept, session_rec *session)
{
    bool keep = keeps_id(kept, session);
    apr_uuid_t id;
    apr_status_t status = choose_id(r, kept, keep, &id);

    if (status == APR_SUCCESS)
        status = write_session(r, config, kept, session, &id);
    if (status == APR_EBUSY)
        return OK;
    if (status == APR_NOTFOUND) {
        ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                      "HSS0021: the session was ended by another request "
                      "meanwhile; it is not saved");
        return OK;
    }
    if (status != APR_SUCCESS)
        return refuse(kept);
    kept->id = id;
    kept->has_id = true;
    session->uuid = apr_pmemdup(session->pool, &id, sizeof(id));
    if (!keep || session->maxage > 0)
        send_cookie(r, kept, session, id.data);
    return OK;
}

apr_status_t hss_session_save(request_rec *r, session_rec *session)
{
    const hss_config_t *config = config_of(r);
    kept_t *kept;

    if (config->cookie == NULL || !hss_store_is_open())
        return DECLINED;
    kept = find_kept(r, config);
    if (kept == NULL)
        kept = make_kept(r, config);
    if (kept->status != APR_SUCCESS || kept->is_refused)
        return HTTP_SERVICE_UNAVAILABLE;
    if (!session->dirty && !keeps_id(kept, session))
        return OK;
    /* mod_session begins another where it cannot decode the one that was kept;
     * an ErrorDocument is to find what was saved. A subrequest's ends with it. */
    if (r->pool == first_of(r)->pool)
        kept->given = session;
    if (is_empty(session))
        return end_session(r, kept, session);
    return store_session(r, config, kept, session);
}
