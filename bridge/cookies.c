/*
 * Cookies on their way in: counted once at the edge, parsed when a getter first
 * asks. A browser quotes and escapes nothing, so there is nothing to decode:
 * a quote is a byte of the value (RFC 6265 5.2), and a comma too, though
 * ap_cookie_read() splits there. httpd joins the Cookie fields of a client that
 * sends several, which RFC 6265 5.4 forbids, with ", ": the first one's last
 * value then holds the second field, rather than a client being able to smuggle
 * cookies in behind a comma. Those of HTTP/2 are joined with "; " (RFC 9113
 * 8.2.3) and read as one.
 *
 * Linear in the field's length. Pure functions, but for the getters, which
 * belong to the request's thread.
 */
#include "cookies.h"

#include <string.h>

#include <apr_strings.h>

#include "pairs.h"
#include "state.h"

static const hbr_cookies_t no_cookies = { 0, NULL };

/* A cookie in the field it was read from. */
typedef struct piece_t {
    char *name;
    char *name_end;
    char *value;
    char *value_end;
} piece_t;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void trim(char **at, char **end)
{
    while (*at < *end && is_blank(**at))
        ++*at;
    while (*at < *end && is_blank((*end)[-1]))
        --*end;
}

static void read_piece(char *at, char *end, piece_t *piece)
{
    char *equals = memchr(at, '=', (apr_size_t)(end - at));

    piece->name = at;
    piece->name_end = equals != NULL ? equals : at;
    piece->value = equals != NULL ? equals + 1 : at;
    piece->value_end = end;
    trim(&piece->name, &piece->name_end);
    trim(&piece->value, &piece->value_end);
}

/* Moves behind the next piece that is a cookie; false when there is none. */
static bool next_piece(char **at, piece_t *piece)
{
    while (**at != '\0') {
        char *end = *at + strcspn(*at, ";");

        read_piece(*at, end, piece);
        *at = *end == ';' ? end + 1 : end;
        if (piece->name < piece->name_end || piece->value < piece->value_end)
            return true;
    }
    return false;
}

static int count_field(void *count, const char *key, const char *field)
{
    char *at = (char *)field; /* Only read here. */
    piece_t piece;

    (void)key;
    while (next_piece(&at, &piece))
        ++*(apr_size_t *)count;
    return 1;
}

static apr_size_t count_cookies(const apr_table_t *headers_in)
{
    apr_size_t count = 0;

    apr_table_do(count_field, &count, headers_in, "Cookie", NULL);
    return count;
}

const char *hbr_cookies_refusal(apr_pool_t *pool, const apr_table_t *headers_in,
                                apr_size_t most)
{
    if (count_cookies(headers_in) <= most)
        return NULL;
    return apr_psprintf(pool,
                        "The request has more than %" APR_SIZE_T_FMT
                        " cookie%s (BridgeLimitParams).",
                        most, most == 1 ? "" : "s");
}

/* Where the pairs of the fields go. */
typedef struct filling_t {
    apr_pool_t *pool;
    hbr_pair_t *pair;
} filling_t;

/* The ends lie before what is still to be read, so they can be written to. */
static void fill_pair(hbr_pair_t *pair, const piece_t *piece)
{
    pair->name_length = (apr_size_t)(piece->name_end - piece->name);
    pair->value_length = (apr_size_t)(piece->value_end - piece->value);
    pair->name = pair->name_length > 0 ? piece->name : "";
    pair->value = piece->value;
    if (pair->name_length > 0)
        *piece->name_end = '\0';
    *piece->value_end = '\0';
}

static int fill_field(void *data, const char *key, const char *field)
{
    filling_t *filling = data;
    char *at = apr_pstrdup(filling->pool, field);
    piece_t piece;

    (void)key;
    while (next_piece(&at, &piece))
        fill_pair(filling->pair++, &piece);
    return 1;
}

const hbr_cookies_t *hbr_cookies_parse(apr_pool_t *pool,
                                       const apr_table_t *headers_in)
{
    apr_size_t count = count_cookies(headers_in);
    filling_t filling = { .pool = pool };
    hbr_cookies_t *cookies;
    hbr_pair_t *pairs;

    if (count == 0)
        return &no_cookies;
    pairs = apr_palloc(pool, count * sizeof(*pairs));
    filling.pair = pairs;
    apr_table_do(fill_field, &filling, headers_in, "Cookie", NULL);
    cookies = apr_palloc(pool, sizeof(*cookies));
    cookies->count = count;
    cookies->pairs = pairs;
    return cookies;
}

/* The pool is the request's, not the context's: the context of a source's
 * read has a shorter life and shares the state. */
static const hbr_cookies_t *parsed(hbr_context_t *ctx)
{
    hbr_state_t *state = ctx->state;

    if (state->cookies == NULL)
        state->cookies =
            hbr_cookies_parse(state->request.pool, state->request.headers_in);
    return state->cookies;
}

const hbr_pair_t *hbr_cookie_next(hbr_context_t *ctx, const char *name,
                                  const hbr_pair_t *after)
{
    const hbr_cookies_t *cookies = parsed(ctx);

    return hbr_pairs_next(cookies->pairs, cookies->count, name, after);
}

const char *hbr_cookie(hbr_context_t *ctx, const char *name,
                       const char *fallback)
{
    const hbr_pair_t *pair = hbr_cookie_next(ctx, name, NULL);

    return pair != NULL ? pair->value : fallback;
}
