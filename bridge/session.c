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
#include "response.h"
#include "session_values.h"
#include "timing.h"

#define NAME_MAX_LENGTH 128
#define FLASH_PREFIX HBR_SESSION_OWN "flash-"

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

/* -------------------------------------------------------------------- load */

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
    return hbr_session_unavailable(ctx, "The session is not available.");
}

static void load(hbr_context_t *ctx, const char *call)
{
    hbr_state_t *state = ctx->state;
    const hbr_request_t *request = &state->request;
    hbr_session_t *session = apr_pcalloc(request->pool, sizeof(*session));
    apr_time_t started = hbr_timing_start(state);
    hbr_session_load_e how =
        request->host->session->load(request->request, &session->loaded);

    hbr_timing_stop(state, HBR_TIMED_DB, started);
    state->session = session;
    if (how == HBR_SESSION_LOADED)
        hbr_session_values_take(session, request->pool);
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
static hbr_session_t *readable(hbr_context_t *ctx, const char *call)
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
    if (strncmp(name, HBR_SESSION_OWN, strlen(HBR_SESSION_OWN)) == 0)
        return "names that begin with \"" HBR_SESSION_OWN "\" are the bridge's";
    return NULL;
}

static int check_name(hbr_context_t *ctx, const char *call, const char *name)
{
    const char *problem = name_problem(name);

    return problem == NULL ? HBR_OK : refuse(ctx, call, problem);
}

/* ----------------------------------------------------------------- getters */

static const char *get(hbr_context_t *ctx, const char *call, const char *name)
{
    const hbr_session_t *session = readable(ctx, call);
    const hbr_session_value_t *value;

    if (session == NULL || check_name(ctx, call, name) != HBR_OK)
        return NULL;
    value = hbr_session_values_find(session, name);
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
    const hbr_session_t *session = readable(ctx, "hbr_session_next");
    const hbr_session_value_t *value;
    const hbr_session_value_t *end;

    if (session == NULL)
        return NULL;
    end = hbr_session_value_at(session, session->values->nelts);
    value = after != NULL ? (const hbr_session_value_t *)after + 1
                          : hbr_session_value_at(session, 0);
    while (
        value < end
        && strncmp(value->pair.name, HBR_SESSION_OWN, strlen(HBR_SESSION_OWN))
               == 0)
        value++;
    return value < end ? &value->pair : NULL;
}

bool hbr_session_is_new(hbr_context_t *ctx)
{
    const hbr_session_t *session = readable(ctx, "hbr_session_is_new");

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

static int put(hbr_context_t *ctx, const char *call,
               const hbr_session_value_t *value)
{
    apr_size_t length = hbr_session_values_put(
        ctx->state->session, value, ctx->state->request.settings->session);

    return length == 0 ? HBR_OK : too_large(ctx, call, length);
}

static int set(hbr_context_t *ctx, const char *call, const char *name,
               const char *text)
{
    int status = changeable(ctx, call);
    hbr_session_value_t *old, value;

    if (status == HBR_OK)
        status = check_name(ctx, call, name);
    if (status != HBR_OK)
        return status;
    if (!hbr_is_utf8(text, strlen(text)))
        return refuse(ctx, call, "the value is not UTF-8");
    old = hbr_session_values_find(ctx->state->session, name);
    if (old != NULL && strcmp(old->pair.value, text) == 0)
        return HBR_OK;
    value = hbr_session_value_make(ctx->state->request.pool, name, text);
    return put(ctx, call, &value);
}

static int unset(hbr_context_t *ctx, const char *call, const char *name)
{
    int status = changeable(ctx, call);
    hbr_session_value_t *value;

    if (status == HBR_OK)
        status = check_name(ctx, call, name);
    if (status != HBR_OK)
        return status;
    value = hbr_session_values_find(ctx->state->session, name);
    if (value != NULL)
        hbr_session_values_drop(ctx->state->session, value);
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

int hbr_session_clear(hbr_context_t *ctx)
{
    int status = changeable(ctx, "hbr_session_clear");

    if (status != HBR_OK)
        return status;
    if (ctx->state->session->values->nelts > 0)
        ctx->state->session->change.changed = true;
    hbr_session_values_clear(ctx->state->session);
    return HBR_OK;
}

/* Of one that the client never had nothing is to be ended. */
int hbr_session_abandon(hbr_context_t *ctx)
{
    int status = changeable(ctx, "hbr_session_abandon");
    hbr_session_t *session = ctx->state->session;

    if (status != HBR_OK)
        return status;
    hbr_session_values_clear(session);
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
    hbr_session_value_t flash;

    if (status == HBR_OK)
        status = check_name(ctx, call, name);
    if (status != HBR_OK)
        return status;
    if (!hbr_is_utf8(value, strlen(value)))
        return refuse(ctx, call, "the value is not UTF-8");
    flash = hbr_session_value_make(ctx->state->request.pool,
                                   flash_name(ctx, name), value);
    flash.is_fresh = true;
    return put(ctx, call, &flash);
}

const char *hbr_session_flash(hbr_context_t *ctx, const char *name)
{
    static const char call[] = "hbr_session_flash";
    hbr_session_value_t *value;
    const char *text;

    if (changeable(ctx, call) != HBR_OK
        || check_name(ctx, call, name) != HBR_OK)
        return NULL;
    value = hbr_session_values_find(ctx->state->session, flash_name(ctx, name));
    if (value == NULL || value->is_fresh)
        return NULL;
    text = value->pair.value;
    hbr_session_values_drop(ctx->state->session, value);
    return text;
}
