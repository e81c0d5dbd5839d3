/*
 * The query: checked once at the edge, parsed when a getter first asks. The
 * pairs then stay where they are until the request ends, so that pointers to
 * them may be handed out. Who wants one value only, and of a query without an
 * escape, has it looked for instead. Used by the request's thread only.
 */
#include <string.h>

#include <apr_strings.h>

#include "pairs.h"
#include "plain_query.h"
#include "query.h"
#include "rare.h"
#include "state.h"
#include "urlencoded.h"

static const hbr_query_t no_query = { 0, NULL };

/* Counts what the parser will make a pair of: each run without '&'. */
static bool too_many(const char *args, apr_size_t length, apr_size_t most)
{
    const char *end = args + length;
    apr_size_t count = 0;

    if (length / 2 < most) /* A pair and its '&' are two bytes at least. */
        return false;
    while (args < end) {
        const char *stop = memchr(args, '&', (apr_size_t)(end - args));

        if (stop == NULL)
            stop = end;
        if (stop > args && ++count > most)
            return true;
        args = stop + 1;
    }
    return false;
}

const char *hbr_query_refusal(apr_pool_t *pool, const char *args,
                              apr_size_t plain, apr_size_t most, int *status)
{
    /* No other text decodes to a NUL, and this one always does: '%' is no
     * hexadecimal digit, so it cannot belong to an escape before it. */
    *status = HBR_BAD_REQUEST;
    if (plain == 0 && strstr(args, "%00") != NULL)
        return "The query contains a NUL byte (%00).";
    *status = HBR_URI_TOO_LONG;
    if (too_many(args, plain > 0 ? plain : strlen(args), most)) {
        return apr_psprintf(pool,
                            "The query has more than %" APR_SIZE_T_FMT
                            " parameter%s (BridgeLimitParams).",
                            most, most == 1 ? "" : "s");
    }
    return NULL;
}

/* The pool is the request's, not the context's: the context of a source's
 * read has a shorter life and shares the state. */
static const hbr_query_t *parse(apr_pool_t *pool, const char *args)
{
    apr_size_t length = strlen(args);
    hbr_urlencoded_t parser;
    hbr_query_t *query;

    hbr_urlencoded_open(&parser, pool, APR_SIZE_MAX, length);
    hbr_urlencoded_feed(&parser, args, length);
    hbr_urlencoded_close(&parser);
    query = apr_palloc(pool, sizeof(*query));
    query->count = parser.count;
    query->pairs = parser.pairs;
    return query;
}

static const hbr_query_t *parsed(hbr_context_t *ctx)
{
    hbr_state_t *state = ctx->state;

    if (state->query == NULL) {
        state->query = ctx->args != NULL && *ctx->args != '\0'
                           ? parse(state->request.pool, ctx->args)
                           : &no_query;
    }
    return state->query;
}

const hbr_pair_t *hbr_query_next(hbr_context_t *ctx, const char *name,
                                 const hbr_pair_t *after)
{
    const hbr_query_t *query = parsed(ctx);

    return hbr_pairs_next(query->pairs, query->count, name, after);
}

/* A value as it is sent, in the request's memory. */
static const char *decoded(apr_pool_t *pool, const hbr_plain_value_t *value)
{
    char *text = apr_pstrmemdup(pool, value->bytes, value->length);
    char *plus = text;

    while ((plus = strchr(plus, '+')) != NULL)
        *plus = ' ';
    return text;
}

/* False: it has to be parsed. So it is from the second time on: who asks for
 * many names has it gone through once, and a value is kept once. */
static bool looked_up(hbr_context_t *ctx, const char *name, const char **value)
{
    hbr_state_t *state = ctx->state;
    apr_ssize_t length = hbr_plain_name_length(name);
    hbr_plain_value_t found;

    if (length < 0)
        return false;
    found = hbr_plain_query_find(ctx->args, state->plain_query, name,
                                 (apr_size_t)length);
    if (found.bytes != NULL)
        *value = decoded(state->request.pool, &found);
    state->plain_query = 0;
    return true;
}

static HBR_APART const char *find(hbr_context_t *ctx, const char *name,
                                  const char *fallback)
{
    const hbr_pair_t *pair;
    const char *value = fallback;

    if (ctx->state->plain_query > 0 && looked_up(ctx, name, &value))
        return value;
    pair = hbr_query_next(ctx, name, NULL);
    return pair != NULL ? pair->value : fallback;
}

const char *hbr_query(hbr_context_t *ctx, const char *name,
                      const char *fallback)
{
    return ctx->args == NULL ? fallback : find(ctx, name, fallback);
}
