/*
 * The session: loaded when it is first asked for, changed here, saved before
 * the response's head. Used by the request's thread only; no lock is held.
 *
 * Invariant: the host's session is not touched until it is saved. A request
 * that fails leaves it as it was, and mod_session's own filter finds nothing
 * half changed.
 */
#include "session.h"

#include <string.h>

#include <apr_strings.h>

#include "escape.h"
#include "log.h"
#include "number.h"
#include "output.h"
#include "response.h"
#include "session_text.h"
#include "timing.h"

#define NAME_MAX_LENGTH 128
#define OWN_PREFIX "hbr-"
#define FLASH_PREFIX OWN_PREFIX "flash-"
#define RETRY_AFTER "5" /* seconds: a store is mostly back soon */

/* mod_session adds its own pair where SessionMaxAge is set. */
#define EXPIRY_LENGTH (sizeof("expiry=1700000000000000&") - 1)

typedef struct value_t {
    hbr_pair_t pair;         /* First: hbr_session_next() hands it out. */
    const char *stored_name; /* As session_text.h says; others' as it was. */
    const char *stored_value;
    bool is_fresh; /* A flash value of this request, for the next. */
} value_t;

typedef struct hbr_session_t {
    int status; /* HBR_OK, or why it could not be loaded */
    hbr_host_session_load_t loaded;
    apr_array_header_t *values; /* value_t */
    apr_size_t length;          /* as mod_session encodes it */
    hbr_session_change_t change;
    bool is_closed; /* saved, or not to be */
    int closed;     /* what that came to */
} session_t;

/* ------------------------------------------------------------------ errors */

static int broken(hbr_context_t *ctx)
{
    hbr_fail(ctx);
    return HBR_INTERNAL_ERROR;
}

static int undeclared(hbr_context_t *ctx, const char *call,
                      hbr_session_e needed)
{
    hbr_bridge_log(
        ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0350",
        "%s() needs .session = %s in the handler's declaration", call,
        needed == HBR_SESSION_READ ? "HBR_SESSION_READ" : "HBR_SESSION_WRITE");
    return broken(ctx);
}

static int refuse(hbr_context_t *ctx, const char *call, const char *what)
{
    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0354",
                   "%s() refused: %s", call, what);
    return broken(ctx);
}

static int unavailable(hbr_context_t *ctx, const char *sentence)
{
    hbr_header_set(ctx, "Retry-After", RETRY_AFTER);
    return hbr_error(ctx, HBR_SERVICE_UNAVAILABLE, "%s", sentence);
}

/* -------------------------------------------------------------------- load */

static void describe(value_t *value, const char *name, const char *text)
{
    value->pair = (hbr_pair_t){ .name = name,
                                .value = text,
                                .name_length = strlen(name),
                                .value_length = strlen(text) };
}

static apr_size_t length_of(const value_t *value)
{
    return hbr_session_encoded_length(value->stored_name, value->stored_value);
}

static void take_values(hbr_context_t *ctx, session_t *session)
{
    apr_pool_t *pool = ctx->state->request.pool;
    const apr_array_header_t *all = apr_table_elts(session->loaded.values);
    int i;

    session->values = apr_array_make(pool, all->nelts + 4, sizeof(value_t));
    session->length = EXPIRY_LENGTH;
    for (i = 0; i < all->nelts; i++) {
        const apr_table_entry_t *stored =
            &APR_ARRAY_IDX(all, i, apr_table_entry_t);
        value_t *value;

        if (hbr_session_is_expiry(stored->key))
            continue;
        value = apr_array_push(session->values);
        *value = (value_t){ .stored_name = apr_pstrdup(pool, stored->key),
                            .stored_value = apr_pstrdup(pool, stored->val) };
        describe(value, hbr_session_read_name(pool, stored->key),
                 hbr_session_read_value(value->stored_value));
        session->length += length_of(value);
    }
}

static int load_failed(hbr_context_t *ctx, const char *call,
                       hbr_session_load_e how, const char *missing)
{
    if (how == HBR_SESSION_OFF) {
        hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0351",
                       "%s() needs a session, and there is none here: %s is "
                       "missing",
                       call, missing);
        return broken(ctx);
    }
    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0352",
                   "the session cannot be loaded: what keeps it does not "
                   "answer");
    return unavailable(ctx, "The session is not available.");
}

static void load(hbr_context_t *ctx, const char *call)
{
    hbr_state_t *state = ctx->state;
    const hbr_request_t *request = &state->request;
    session_t *session = apr_pcalloc(request->pool, sizeof(*session));
    apr_time_t started = hbr_timing_start(state);
    hbr_session_load_e how =
        request->host->session->load(request->request, &session->loaded);

    hbr_timing_stop(state, HBR_TIMED_DB, started);
    state->session = session;
    if (how == HBR_SESSION_LOADED)
        take_values(ctx, session);
    else
        session->status = load_failed(ctx, call, how, session->loaded.missing);
}

/* ------------------------------------------------------------------ access */

static int reach(hbr_context_t *ctx, const char *call, hbr_session_e needed)
{
    if (ctx->state->entry->handler.session < needed)
        return undeclared(ctx, call, needed);
    if (ctx->state->session == NULL)
        load(ctx, call);
    return ctx->state->session->status;
}

/* NULL when it is not to be read. */
static session_t *readable(hbr_context_t *ctx, const char *call)
{
    return reach(ctx, call, HBR_SESSION_READ) == HBR_OK ? ctx->state->session
                                                        : NULL;
}

/* Also where it was not even loaded before; a source is read when all else is
 * decided. */
static bool is_late(const hbr_state_t *state)
{
    return state->committed_by != NULL || state->reading
           || state->session->is_closed;
}

/* A subrequest's head is never sent, and with it no cookie. */
static int changeable(hbr_context_t *ctx, const char *call)
{
    const hbr_state_t *state = ctx->state;
    int status = reach(ctx, call, HBR_SESSION_WRITE);

    if (status != HBR_OK)
        return status;
    if (state->request.is_subrequest) {
        hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0357",
                       "%s() in a subrequest: its response has no header "
                       "that could carry the session's cookie",
                       call);
        return broken(ctx);
    }
    if (!is_late(state))
        return HBR_OK;
    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0353",
                   "%s() comes too late: the session is saved when the "
                   "response is committed, which was done by %s",
                   call,
                   state->committed_by != NULL ? state->committed_by
                                               : "the end of the handler");
    return broken(ctx);
}

static const char *name_problem(const char *name)
{
    apr_size_t length = strlen(name);
    const char *c;

    if (length == 0 || length > NAME_MAX_LENGTH)
        return "a name has 1 to 128 bytes";
    for (c = name; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7F)
            return "the name holds a control character";
    if (!hbr_is_utf8(name, length))
        return "the name is not UTF-8";
    if (strncmp(name, OWN_PREFIX, strlen(OWN_PREFIX)) == 0)
        return "names that begin with \"" OWN_PREFIX "\" are the bridge's";
    return NULL;
}

static int check_name(hbr_context_t *ctx, const char *call, const char *name)
{
    const char *problem = name_problem(name);

    return problem == NULL ? HBR_OK : refuse(ctx, call, problem);
}

static value_t *value_at(const session_t *session, int i)
{
    return &APR_ARRAY_IDX(session->values, i, value_t);
}

static value_t *find(const session_t *session, const char *name)
{
    int i;

    for (i = 0; i < session->values->nelts; i++)
        if (strcmp(value_at(session, i)->pair.name, name) == 0)
            return value_at(session, i);
    return NULL;
}

/* What others stored in upper case goes where it would be in the way. */
static value_t *find_stored(const session_t *session, const char *stored_name)
{
    int i;

    for (i = 0; i < session->values->nelts; i++)
        if (strcasecmp(value_at(session, i)->stored_name, stored_name) == 0)
            return value_at(session, i);
    return NULL;
}

/* ----------------------------------------------------------------- getters */

static const char *get(hbr_context_t *ctx, const char *call, const char *name)
{
    const session_t *session = readable(ctx, call);
    const value_t *value;

    if (session == NULL || check_name(ctx, call, name) != HBR_OK)
        return NULL;
    value = find(session, name);
    return value != NULL ? value->pair.value : NULL;
}

const char *hbr_session(hbr_context_t *ctx, const char *name,
                        const char *fallback)
{
    const char *value = get(ctx, "hbr_session", name);

    return value != NULL ? value : fallback;
}

static int64_t get_int(hbr_context_t *ctx, const char *call, const char *name,
                       int64_t fallback)
{
    const char *value = get(ctx, call, name);
    int64_t number;

    return value != NULL
                   && hbr_parse_int(value, strlen(value), &number)
                          == HBR_NUMBER_OK
               ? number
               : fallback;
}

int64_t hbr_session_int(hbr_context_t *ctx, const char *name, int64_t fallback)
{
    return get_int(ctx, "hbr_session_int", name, fallback);
}

bool hbr_session_bool(hbr_context_t *ctx, const char *name, bool fallback)
{
    const char *value = get(ctx, "hbr_session_bool", name);

    if (value == NULL || (strcmp(value, "0") != 0 && strcmp(value, "1") != 0))
        return fallback;
    return *value == '1';
}

apr_time_t hbr_session_time(hbr_context_t *ctx, const char *name,
                            apr_time_t fallback)
{
    return get_int(ctx, "hbr_session_time", name, fallback);
}

const hbr_pair_t *hbr_session_next(hbr_context_t *ctx, const hbr_pair_t *after)
{
    const session_t *session = readable(ctx, "hbr_session_next");
    const value_t *value;
    const value_t *end;

    if (session == NULL)
        return NULL;
    end = value_at(session, session->values->nelts);
    value = after != NULL ? (const value_t *)after + 1 : value_at(session, 0);
    while (value < end
           && strncmp(value->pair.name, OWN_PREFIX, strlen(OWN_PREFIX)) == 0)
        value++;
    return value < end ? &value->pair : NULL;
}

bool hbr_session_is_new(hbr_context_t *ctx)
{
    const session_t *session = readable(ctx, "hbr_session_is_new");

    return session != NULL && session->loaded.is_new;
}

/* ----------------------------------------------------------------- setters */

static int too_large(hbr_context_t *ctx, const char *call, apr_size_t length)
{
    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0355",
                   "%s() would make the session %" APR_SIZE_T_FMT
                   " bytes long, more than BridgeLimitSession (%" APR_SIZE_T_FMT
                   ")",
                   call, length, ctx->state->request.settings->session);
    return broken(ctx);
}

/* Takes a value in whose name and text are fit; NULL when it is too much. A
 * session that was too large before may still shrink. */
static int put(hbr_context_t *ctx, const char *call, const value_t *value)
{
    session_t *session = ctx->state->session;
    value_t *place = find(session, value->pair.name);
    apr_size_t before, length;

    if (place == NULL)
        place = find_stored(session, value->stored_name);
    before = place != NULL ? length_of(place) : 0;
    length = session->length - before + length_of(value);
    if (length > ctx->state->request.settings->session
        && length > session->length)
        return too_large(ctx, call, length);
    if (place == NULL)
        place = apr_array_push(session->values);
    *place = *value;
    session->length = length;
    session->change.changed = true;
    return HBR_OK;
}

static void drop(session_t *session, value_t *value)
{
    value_t *last = value_at(session, session->values->nelts - 1);

    session->length -= length_of(value);
    *value = *last;
    apr_array_pop(session->values);
    session->change.changed = true;
}

static value_t make(hbr_context_t *ctx, const char *name, const char *text)
{
    apr_pool_t *pool = ctx->state->request.pool;
    value_t value = { .stored_name = hbr_session_store_name(pool, name),
                      .stored_value = hbr_session_store_value(pool, text) };

    describe(&value, apr_pstrdup(pool, name),
             hbr_session_read_value(value.stored_value));
    return value;
}

static int set(hbr_context_t *ctx, const char *call, const char *name,
               const char *text)
{
    int status = changeable(ctx, call);
    value_t *old, value;

    if (status == HBR_OK)
        status = check_name(ctx, call, name);
    if (status != HBR_OK)
        return status;
    if (!hbr_is_utf8(text, strlen(text)))
        return refuse(ctx, call, "the value is not UTF-8");
    old = find(ctx->state->session, name);
    if (old != NULL && strcmp(old->pair.value, text) == 0)
        return HBR_OK;
    value = make(ctx, name, text);
    return put(ctx, call, &value);
}

static int unset(hbr_context_t *ctx, const char *call, const char *name)
{
    int status = changeable(ctx, call);
    value_t *value;

    if (status == HBR_OK)
        status = check_name(ctx, call, name);
    if (status != HBR_OK)
        return status;
    value = find(ctx->state->session, name);
    if (value != NULL)
        drop(ctx->state->session, value);
    return HBR_OK;
}

int hbr_session_set(hbr_context_t *ctx, const char *name, const char *value)
{
    return value != NULL ? set(ctx, "hbr_session_set", name, value)
                         : unset(ctx, "hbr_session_set", name);
}

static int set_number(hbr_context_t *ctx, const char *call, const char *name,
                      int64_t value)
{
    char text[24];

    apr_snprintf(text, sizeof(text), "%" APR_INT64_T_FMT, (apr_int64_t)value);
    return set(ctx, call, name, text);
}

int hbr_session_set_int(hbr_context_t *ctx, const char *name, int64_t value)
{
    return set_number(ctx, "hbr_session_set_int", name, value);
}

int hbr_session_set_bool(hbr_context_t *ctx, const char *name, bool value)
{
    return set_number(ctx, "hbr_session_set_bool", name, value);
}

int hbr_session_set_time(hbr_context_t *ctx, const char *name, apr_time_t value)
{
    return set_number(ctx, "hbr_session_set_time", name, value);
}

int hbr_session_remove(hbr_context_t *ctx, const char *name)
{
    return unset(ctx, "hbr_session_remove", name);
}

static void empty(session_t *session)
{
    apr_array_clear(session->values);
    session->length = EXPIRY_LENGTH;
}

int hbr_session_clear(hbr_context_t *ctx)
{
    int status = changeable(ctx, "hbr_session_clear");

    if (status != HBR_OK)
        return status;
    if (ctx->state->session->values->nelts > 0)
        ctx->state->session->change.changed = true;
    empty(ctx->state->session);
    return HBR_OK;
}

/* Of one that the client never had nothing is to be ended. */
int hbr_session_abandon(hbr_context_t *ctx)
{
    int status = changeable(ctx, "hbr_session_abandon");
    session_t *session = ctx->state->session;

    if (status != HBR_OK)
        return status;
    empty(session);
    session->change =
        (hbr_session_change_t){ .abandoned = !session->loaded.is_new };
    return HBR_OK;
}

int hbr_session_renew(hbr_context_t *ctx)
{
    int status = changeable(ctx, "hbr_session_renew");

    if (status == HBR_OK)
        ctx->state->session->change.renewed = true;
    return status;
}

/* ------------------------------------------------------------------- flash */

static const char *flash_name(hbr_context_t *ctx, const char *name)
{
    return apr_pstrcat(ctx->state->request.pool, FLASH_PREFIX, name, NULL);
}

int hbr_session_flash_set(hbr_context_t *ctx, const char *name,
                          const char *value)
{
    static const char call[] = "hbr_session_flash_set";
    int status = changeable(ctx, call);
    value_t flash;

    if (status == HBR_OK)
        status = check_name(ctx, call, name);
    if (status != HBR_OK)
        return status;
    if (!hbr_is_utf8(value, strlen(value)))
        return refuse(ctx, call, "the value is not UTF-8");
    flash = make(ctx, flash_name(ctx, name), value);
    flash.is_fresh = true;
    return put(ctx, call, &flash);
}

const char *hbr_session_flash(hbr_context_t *ctx, const char *name)
{
    static const char call[] = "hbr_session_flash";
    value_t *value;
    const char *text;

    if (changeable(ctx, call) != HBR_OK
        || check_name(ctx, call, name) != HBR_OK)
        return NULL;
    value = find(ctx->state->session, flash_name(ctx, name));
    if (value == NULL || value->is_fresh)
        return NULL;
    text = value->pair.value;
    drop(ctx->state->session, value);
    return text;
}

/* --------------------------------------------------------------------- end */

static const apr_table_t *stored(hbr_context_t *ctx, const session_t *session)
{
    apr_table_t *values =
        apr_table_make(ctx->state->request.pool, session->values->nelts + 1);
    int i;

    for (i = 0; i < session->values->nelts; i++)
        apr_table_addn(values, value_at(session, i)->stored_name,
                       value_at(session, i)->stored_value);
    return values;
}

static int save_failed(hbr_context_t *ctx, apr_status_t rv)
{
    hbr_bridge_log(ctx, HBR_LOG_ERROR, rv, "HBR0356",
                   "the session cannot be saved: what keeps it does not take "
                   "it");
    return HBR_SERVICE_UNAVAILABLE;
}

static int save(hbr_context_t *ctx, session_t *session)
{
    hbr_state_t *state = ctx->state;
    const hbr_request_t *request = &state->request;
    apr_time_t started = hbr_timing_start(state);
    apr_status_t rv =
        request->host->session->save(request->request, &session->loaded,
                                     stored(ctx, session), &session->change);

    hbr_timing_stop(state, HBR_TIMED_DB, started);
    return rv == APR_SUCCESS ? HBR_OK : save_failed(ctx, rv);
}

static bool is_to_save(const session_t *session)
{
    return session->status == HBR_OK
           && (session->change.changed || session->change.renewed
               || session->change.abandoned);
}

int hbr_session_close(hbr_context_t *ctx, int status)
{
    session_t *session = ctx->state->session;

    if (session->is_closed)
        return session->closed;
    session->is_closed = true;
    if (!is_to_save(session))
        return HBR_OK;
    if (status < HBR_INTERNAL_ERROR)
        session->closed = save(ctx, session);
    else
        hbr_bridge_log(ctx, HBR_LOG_INFO, APR_SUCCESS, "HBR0358",
                       "what was changed in the session is dropped: the "
                       "response is a %d",
                       status);
    return session->closed;
}

int hbr_session_lost(hbr_context_t *ctx)
{
    hbr_clear(ctx);
    return unavailable(ctx, "The session could not be saved.");
}

/* ----------------------------------------------------------- Cache-Control */

static bool is_decided(const apr_table_t *headers)
{
    const apr_array_header_t *all = apr_table_elts(headers);
    int i;

    for (i = 0; i < all->nelts; i++) {
        const apr_table_entry_t *field =
            &APR_ARRAY_IDX(all, i, apr_table_entry_t);

        if (strcasecmp(field->key, "Cache-Control") == 0
            && (strcasestr(field->val, "private") != NULL
                || strcasestr(field->val, "public") != NULL
                || strcasestr(field->val, "no-store") != NULL))
            return true;
    }
    return false;
}

/* RFC 9111 5.2.2.7. What a handler says itself counts; of what he leaves open
 * no cache for several clients may keep anything. */
void hbr_session_keep_private(hbr_context_t *ctx)
{
    apr_table_t *headers = ctx->state->request.headers_out;

    if (is_decided(headers))
        return;
    if (apr_table_get(headers, "Cache-Control") != NULL)
        apr_table_merge(headers, "Cache-Control", "private");
    else
        apr_table_setn(headers, "Cache-Control", "no-cache, private");
}
