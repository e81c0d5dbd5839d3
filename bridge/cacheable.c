/*
 * What a response says to caches.
 *
 * The texts are made once, at start; a response only gets one of them. In doubt
 * an answer is one client's and "private": what only looks the same for
 * everybody must not come out of a cache for somebody else. "public" is never
 * said: max-age is enough where it is true (RFC 9111 3), and where it would
 * matter, with Authorization, it would not be.
 */
#include "cacheable.h"

#include <string.h>

#include <apr_strings.h>

#include "field.h"
#include "plan.h"
#include "vary.h"

#define YEAR (365 * 24 * 3600)

typedef struct hbr_cacheable_t {
    const char *everybodys; /* NULL: it has no .cache_for */
    const char *ones;
    const char *const *vary; /* NULL at the end */
} hbr_cacheable_t;

/* Takes .vary apart. */
static const char *read_vary(apr_pool_t *pool, const char *text,
                             const char *const **vary)
{
    apr_array_header_t *names = apr_array_make(pool, 4, sizeof(char *));
    char *rest, *name;

    for (name = apr_strtok(apr_pstrdup(pool, text), ", \t", &rest);
         name != NULL; name = apr_strtok(NULL, ", \t", &rest)) {
        if (!hbr_field_name_ok(name))
            return apr_psprintf(pool, ".vary: \"%s\" is no field's name", name);
        APR_ARRAY_PUSH(names, const char *) = name;
    }
    if (names->nelts == 0)
        return ".vary names no field";
    APR_ARRAY_PUSH(names, const char *) = NULL;
    *vary = (const char *const *)names->elts;
    return NULL;
}

static const char *refusal(apr_pool_t *pool, const hbr_handler_t *handler)
{
    if (handler->cache_for < 0 || handler->cache_for > YEAR)
        return apr_psprintf(pool,
                            ".cache_for is %d: it takes seconds, from 0 to %d, "
                            "a year",
                            handler->cache_for, YEAR);
    if (handler->cache_for > 0 && handler->choose != NULL)
        return "with .choose there is no .cache_for: that is the chosen "
               "handler's";
    return NULL;
}

const char *hbr_cacheable_declare(apr_pool_t *pool, hbr_entry_t *entry)
{
    static const char *const none[] = { NULL };
    const hbr_handler_t *handler = &entry->handler;
    const char *problem = refusal(pool, handler);
    hbr_cacheable_t *cacheable;

    if (problem != NULL || (handler->cache_for == 0 && handler->vary == NULL))
        return problem;
    cacheable = apr_pcalloc(pool, sizeof(*cacheable));
    cacheable->vary = none;
    if (handler->vary != NULL)
        problem = read_vary(pool, handler->vary, &cacheable->vary);
    if (handler->cache_for > 0) {
        cacheable->everybodys =
            apr_psprintf(pool, "max-age=%d", handler->cache_for);
        cacheable->ones =
            apr_pstrcat(pool, "private, ", cacheable->everybodys, NULL);
    }
    entry->cacheable = cacheable;
    return problem;
}

/* A handler that asks for a cookie or a certificate answers by it, also when
 * there is none. Where Vary names the cookies it has said so. */
static bool has_asked_who(const hbr_state_t *state)
{
    return state->certificate != NULL
           || (state->cookies != NULL
               && !hbr_varies_by(state->request.headers_out, "Cookie"));
}

static bool is_ones(const hbr_state_t *state)
{
    const hbr_request_t *request = &state->request;

    return state->entry->handler.session != HBR_SESSION_NONE
           || apr_table_get(request->headers_in, "Authorization") != NULL
           || apr_table_get(request->headers_out, "Set-Cookie") != NULL
           || request->host->client->user(request->request) != NULL
           || has_asked_who(state);
}

/* 304 says what 200 would have (RFC 9110 15.4.5), and 206 too (15.3.7). */
static bool may_be_kept(const hbr_state_t *state, int status)
{
    const apr_table_t *fields = state->request.headers_out;

    return (status == HBR_STATUS_OK || status == HBR_PARTIAL_CONTENT
            || status == HBR_NOT_MODIFIED)
           && hbr_is_get(state) && !state->request.is_fragment
           && apr_table_get(fields, "Cache-Control") == NULL
           && apr_table_get(fields, "Expires") == NULL;
}

void hbr_cacheable_keep(hbr_state_t *state)
{
    const char *const *name;

    if (state->vary == NULL)
        state->vary = apr_array_make(state->request.pool, 4, sizeof(char *));
    for (name = state->entry->cacheable->vary; *name != NULL; name++)
        APR_ARRAY_PUSH(state->vary, const char *) = *name;
}

static void say_kept(const hbr_state_t *state)
{
    int i;

    for (i = 0; i < state->vary->nelts; i++)
        hbr_vary_add(state->request.headers_out,
                     APR_ARRAY_IDX(state->vary, i, const char *));
}

void hbr_cacheable_say(hbr_state_t *state, int status)
{
    const hbr_cacheable_t *cacheable = state->entry->cacheable;
    const char *const *name;

    if (state->vary != NULL)
        say_kept(state);
    if (cacheable == NULL)
        return;
    for (name = cacheable->vary; *name != NULL; name++)
        hbr_vary_add(state->request.headers_out, *name);
    if (cacheable->everybodys != NULL && may_be_kept(state, status))
        apr_table_setn(state->request.headers_out, "Cache-Control",
                       is_ones(state) ? cacheable->ones
                                      : cacheable->everybodys);
}
