/*
 * The host's session, over mod_session's optional functions.
 *
 * mod_session loads the session of every request with Session On in its fixups
 * and saves it in an output filter, whose errors nobody sees. Here it is saved
 * before the head, and the filter then taken out. Its other traps:
 *
 *   - a session that has expired or cannot be decoded is replaced by a fresh
 *     one that is kept nowhere, so that the filter and internal redirects find
 *     another (PR 56052, PR 58171): keep()
 *   - with SessionMaxAge no session is ever empty enough for its store to drop
 *     it: without_max_age()
 *   - mod_session_dbd drops the old id only when it is told of it, the other
 *     stores make a new one only when they are not: forget_id()
 *   - mod_session_dbd takes the cookie out of the request before it asks the
 *     database, so after a failure in the fixups a second try finds no cookie,
 *     and a new session, which the filter would then save: load()
 *   - stores other than mod_session_cookie do not look behind an internal
 *     redirect: hbr_httpd_session_inherit()
 *
 * A session_rec is the request's, and used by its thread only.
 */
#include "session.h"

#include <http_config.h>
#include <http_log.h>
#include <mod_session.h>
#include <util_filter.h>

#include <apr_dso.h>
#include <apr_strings.h>

#include "session_fields.h"

#define NOTE_PREFIX "mod_session_"
#define DBD_NOTE NOTE_PREFIX "dbd"
#define LOADED_NOTE "hbr-session" /* a handler of ours has asked for it */

/* What stores say of a response, once, when they load its session. */
#define CACHE_CONTROL "Cache-Control"
#define CACHE_PRIVATE "no-cache, private"

static APR_OPTIONAL_FN_TYPE(ap_session_load) * session_load;
static APR_OPTIONAL_FN_TYPE(ap_session_save) * session_save;
static module *session;
static const ap_filter_rec_t *filter;

/* The hook behind ap_session_load(), which tells "no store" from "the store has
 * failed"; NULL where mod_session is linked into httpd. */
static apr_status_t (*run_load)(request_rec *r, session_rec **z);

void hbr_httpd_session_retrieve(void)
{
    apr_dso_handle_sym_t symbol = NULL;

    session_load = APR_RETRIEVE_OPTIONAL_FN(ap_session_load);
    session_save = APR_RETRIEVE_OPTIONAL_FN(ap_session_save);
    session = ap_find_linked_module("mod_session.c");
    filter = ap_get_output_filter_handle("MOD_SESSION_OUT");
    if (session != NULL && session->dynamic_load_handle != NULL)
        apr_dso_sym(&symbol, session->dynamic_load_handle,
                    "ap_run_session_load");
    run_load = (apr_status_t(*)(request_rec *, session_rec **))symbol;
}

static session_dir_conf *config_of(const request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, session);
}

/* ------------------------------------------------------------------- notes */

/* Stores note what they have loaded at a request: mod_session_cookie at the
 * one that all began with, others at the main one. */
static request_rec *before(const request_rec *r)
{
    return r->prev != NULL ? r->prev : r->main;
}

static bool is_note(const char *name)
{
    return strncmp(name, NOTE_PREFIX, strlen(NOTE_PREFIX)) == 0
           && strcmp(name, MOD_SESSION_NOTES_KEY) != 0;
}

/* The note of a session; NULL: of any. */
static const char *note_of(const request_rec *r, const session_rec *z)
{
    for (; r != NULL; r = before(r)) {
        const apr_array_header_t *all = apr_table_elts(r->notes);
        int i;

        for (i = 0; i < all->nelts; i++) {
            const apr_table_entry_t *note =
                &APR_ARRAY_IDX(all, i, apr_table_entry_t);

            if ((z == NULL || note->val == (const char *)z)
                && is_note(note->key))
                return note->key;
        }
    }
    return NULL;
}

/* Whether mod_session finds z when a note says so; otherwise it says again
 * what it said. */
static bool is_kept_as(request_rec *r, request_rec *at,
                       const apr_table_entry_t *note, session_rec *z)
{
    char *previous = note->val;
    session_rec *found = NULL;

    apr_table_setn(at->notes, note->key, (char *)z);
    if (session_load(r, &found) == APR_SUCCESS && found == z)
        return true;
    apr_table_setn(at->notes, note->key, previous);
    return false;
}

static bool is_kept_at(request_rec *r, request_rec *at, session_rec *z)
{
    const apr_array_header_t *all = apr_table_elts(at->notes);
    int i;

    for (i = 0; i < all->nelts; i++) {
        const apr_table_entry_t note = APR_ARRAY_IDX(all, i, apr_table_entry_t);

        if (is_note(note.key) && is_kept_as(r, at, &note, z))
            return true;
    }
    return false;
}

/* A fresh session takes the place of the one that no longer counts. */
static void keep(request_rec *r, session_rec *z)
{
    request_rec *at;

    for (at = r; at != NULL; at = before(at))
        if (is_kept_at(r, at, z))
            return;
}

void hbr_httpd_session_inherit(request_rec *r)
{
    const apr_array_header_t *all;
    int i;

    if (apr_table_get(r->prev->notes, LOADED_NOTE) == NULL)
        return;
    all = apr_table_elts(r->prev->notes);
    for (i = 0; i < all->nelts; i++) {
        const apr_table_entry_t *note =
            &APR_ARRAY_IDX(all, i, apr_table_entry_t);

        if (is_note(note->key))
            apr_table_setn(r->notes, note->key, note->val);
    }
    apr_table_setn(r->notes, LOADED_NOTE, "1");
    apr_table_setn(r->headers_out, CACHE_CONTROL, CACHE_PRIVATE);
}

void hbr_httpd_session_keep_private(request_rec *r)
{
    if (apr_table_get(r->notes, LOADED_NOTE) != NULL
        && apr_table_get(r->err_headers_out, CACHE_CONTROL) == NULL)
        apr_table_setn(r->err_headers_out, CACHE_CONTROL, CACHE_PRIVATE);
}

/* -------------------------------------------------------------------- load */

static hbr_session_load_e not_loaded(request_rec *r, apr_status_t rv,
                                     const char **missing)
{
    session_rec *z = NULL;

    if (rv != APR_SUCCESS) {
        if (run_load == NULL || run_load(r, &z) != DECLINED)
            return HBR_SESSION_AWAY;
        *missing = "a store (SessionCookieName of mod_session_cookie, "
                   "SessionDBDCookieName of mod_session_dbd, or another's)";
    } else if (config_of(r)->enabled)
        *missing = "this URL in SessionInclude, or there is one too many in "
                   "SessionExclude: it";
    else
        *missing = "\"Session On\" (mod_session)";
    return HBR_SESSION_OFF;
}

static bool is_empty(const session_rec *z)
{
    int nelts = apr_table_elts(z->entries)->nelts;

    return nelts == 0
           || (nelts == 1 && apr_table_get(z->entries, "expiry") != NULL);
}

static hbr_session_load_e load(void *request, hbr_host_session_load_t *loaded)
{
    request_rec *r = request;
    session_rec *z = NULL;
    bool was_noted;
    apr_status_t rv;

    if (session_load == NULL || session_save == NULL || session == NULL) {
        loaded->missing = "\"LoadModule session_module\" (mod_session)";
        return HBR_SESSION_OFF;
    }
    was_noted = note_of(r, NULL) != NULL;
    rv = session_load(r, &z);
    if (rv != APR_SUCCESS || z == NULL)
        return not_loaded(r, rv, &loaded->missing);
    apr_table_setn(r->notes, LOADED_NOTE, "1");
    if (!was_noted && note_of(r, NULL) != NULL) {
        z->written = 1;
        return HBR_SESSION_AWAY;
    }
    if (r->main == NULL && note_of(r, z) == NULL)
        keep(r, z);
    loaded->host = z;
    loaded->values = z->entries;
    loaded->is_new = z->uuid == NULL && is_empty(z);
    return HBR_SESSION_LOADED;
}

/* -------------------------------------------------------------------- save */

static void leave_filter(request_rec *r)
{
    ap_filter_t *at = r->output_filters;

    while (at != NULL && at->frec != filter)
        at = at->next;
    if (at != NULL)
        ap_remove_output_filter(at);
}

/* mod_session_dbd changes the id with every save, and the row with it: from
 * the id it is given. */
static void forget_id(const request_rec *r, session_rec *z)
{
    const char *note = note_of(r, z);

    if (note == NULL || strncmp(note, DBD_NOTE, strlen(DBD_NOTE)) != 0)
        z->uuid = NULL;
}

/* As r's configuration, but for SessionMaxAge 0. */
static ap_conf_vector_t *without_max_age(const request_rec *r)
{
    ap_conf_vector_t *config = ap_create_request_config(r->pool);
    session_dir_conf *zero = apr_pmemdup(r->pool, config_of(r), sizeof(*zero));

    zero->maxage = 0;
    zero->maxage_set = 1;
    zero->includes = apr_array_make(r->pool, 1, sizeof(const char *));
    zero->excludes = apr_array_make(r->pool, 1, sizeof(const char *));
    ap_set_module_config(config, session, zero);
    return ap_merge_per_dir_configs(r->pool, r->per_dir_config, config);
}

static apr_status_t save_ended(request_rec *r, session_rec *z)
{
    ap_conf_vector_t *config = r->per_dir_config;
    apr_status_t rv;

    z->expiry = 0;
    z->maxage = 0;
    r->per_dir_config = without_max_age(r);
    rv = session_save(r, z);
    r->per_dir_config = config;
    return rv;
}

static void take_pair(session_rec *z, char *pair)
{
    char *value = strchr(pair, '=');

    if (value == NULL)
        return;
    *value++ = '\0';
    if (ap_unescape_urlencoded(pair) != OK
        || ap_unescape_urlencoded(value) != OK || *pair == '\0')
        return;
    if (*value != '\0')
        apr_table_set(z->entries, pair, value);
    else
        apr_table_unset(z->entries, pair);
}

/* SessionHeader is the filter's work, which is not asked any more. */
static void take_header(request_rec *r, session_rec *z)
{
    const session_dir_conf *config = config_of(r);
    const char *header;
    char *state, *pair;

    if (!config->header_set || config->header == NULL)
        return;
    header = apr_table_get(r->err_headers_out, config->header);
    if (header == NULL)
        header = apr_table_get(r->headers_out, config->header);
    if (header == NULL)
        return;
    for (pair = apr_strtok(apr_pstrdup(r->pool, header), "&", &state);
         pair != NULL; pair = apr_strtok(NULL, "&", &state))
        take_pair(z, pair);
    apr_table_unset(r->err_headers_out, config->header);
    apr_table_unset(r->headers_out, config->header);
}

static void fill(session_rec *z, const apr_table_t *values)
{
    const apr_array_header_t *all = apr_table_elts(values);
    int i;

    apr_table_clear(z->entries);
    for (i = 0; i < all->nelts; i++)
        apr_table_add(z->entries, APR_ARRAY_IDX(all, i, apr_table_entry_t).key,
                      APR_ARRAY_IDX(all, i, apr_table_entry_t).val);
}

/* A request that took longer than its session had left keeps it: mod_session
 * would refuse. */
static void make_ready(request_rec *r, session_rec *z,
                       const apr_table_t *values)
{
    fill(z, values);
    take_header(r, z);
    z->encoded = NULL;
    z->dirty = 1;
    z->written = 0;
    if (z->expiry < apr_time_now())
        z->expiry = 0;
}

static apr_status_t save(void *request, const hbr_host_session_load_t *loaded,
                         const apr_table_t *values,
                         const hbr_session_change_t *change)
{
    request_rec *r = request;
    session_rec *z = loaded->host;
    hbr_session_fields_t fields = hbr_session_fields(r);
    bool ends;
    apr_status_t rv;

    make_ready(r, z, values);
    ends = change->abandoned && apr_is_empty_table(z->entries);
    if (change->renewed || change->abandoned)
        forget_id(r, z);
    rv = ends ? save_ended(r, z) : session_save(r, z);
    leave_filter(r);
    z->encoded = NULL;
    z->written = 1; /* well or not: nobody is to try again */
    if (rv == APR_SUCCESS)
        hbr_session_fields_unite(r, fields, ends);
    return rv;
}

const hbr_host_session_t hbr_httpd_session = { .load = load, .save = save };
