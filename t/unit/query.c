/*
 * The query: the check at the edge (no NUL, not too many), and the getters of
 * request.h. How names and values are decoded is t/unit/urlencoded.c's.
 */
#include "support/palloc.h"
#include "support/pool.h"

#include "plain_query.h"
#include "query.h"
#include "state.h"
#include "urlencoded.h"

static hbr_context_t *context(const char *args)
{
    hbr_full_context_t *full = apr_pcalloc(pool, sizeof(*full));
    hbr_full_context_t made = {
        .view = { .pool = pool, .args = args, .state = &full->state },
        .state = { .request = { .pool = pool } }
    };

    memcpy(full, &made, sizeof(made));
    return &full->view;
}

static void test_first_value(void **state)
{
    hbr_context_t *ctx = context("a=1&b=x+y&a=2&c&=e&%64=%2f");

    (void)state;
    assert_string_equal(hbr_query(ctx, "a", NULL), "1");
    assert_string_equal(hbr_query(ctx, "b", NULL), "x y");
    assert_string_equal(hbr_query(ctx, "c", "no"), "");
    assert_string_equal(hbr_query(ctx, "", "no"), "e");
    assert_string_equal(hbr_query(ctx, "d", NULL), "/");
    assert_null(hbr_query(ctx, "e", NULL));
    assert_string_equal(hbr_query(ctx, "A", "no"), "no");
    assert_string_equal(hbr_query(ctx, "aa", "no"), "no");
}

static void test_no_query(void **state)
{
    static const char *const none[] = { NULL, "", "&", "&&&" };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(none); i++) {
        assert_string_equal(hbr_query(context(none[i]), "a", "no"), "no");
        assert_null(hbr_query_next(context(none[i]), NULL, NULL));
    }
}

/* Repeated names are kept, in order. */
static void test_walk(void **state)
{
    hbr_context_t *ctx = context("t=1&u=2&t=3&&tt=4&t=&");
    static const char *const all[] = { "1", "2", "3", "4", "" };
    static const char *const named[] = { "1", "3", "" };
    const hbr_pair_t *pair = NULL;
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(all); i++) {
        pair = hbr_query_next(ctx, NULL, pair);
        assert_non_null(pair);
        assert_string_equal(pair->value, all[i]);
        assert_int_equal(pair->value_length, strlen(all[i]));
    }
    assert_null(hbr_query_next(ctx, NULL, pair));
    pair = NULL;
    for (i = 0; i < ITEMS(named); i++) {
        pair = hbr_query_next(ctx, "t", pair);
        assert_non_null(pair);
        assert_string_equal(pair->value, named[i]);
    }
    assert_null(hbr_query_next(ctx, "t", pair));
    assert_null(hbr_query_next(ctx, "x", NULL));
}

/* Nothing is parsed before it is asked for, and once only. */
static void test_parsed_once(void **state)
{
    hbr_context_t *ctx = context("a=1");
    const char *value;
    apr_size_t live;

    (void)state;
    assert_null(ctx->state->query);
    value = hbr_query(ctx, "a", NULL);
    live = palloc_live();
    assert_ptr_equal(hbr_query(ctx, "a", NULL), value);
    assert_int_equal(palloc_live(), live);
}

/* The first value of a plain query is looked for; the second time it is parsed,
 * and from then on nothing more is kept. */
static void test_looked_up(void **state)
{
    hbr_context_t *ctx = context("a=1+2&b&a=3");
    apr_size_t live;

    (void)state;
    ctx->state->plain_query = hbr_plain_query_length(ctx->args);
    assert_string_equal(hbr_query(ctx, "a", NULL), "1 2");
    assert_null(ctx->state->query);
    assert_string_equal(hbr_query(ctx, "a", NULL), "1 2");
    assert_non_null(ctx->state->query);
    live = palloc_live();
    assert_string_equal(hbr_query(ctx, "b", NULL), "");
    assert_int_equal(palloc_live(), live);
    ctx = context("a=1+2&b&c+d=3");
    ctx->state->plain_query = hbr_plain_query_length(ctx->args);
    assert_string_equal(hbr_query(ctx, "c d", NULL), "3");
    ctx = context("a=1+2&b&c+d=3");
    ctx->state->plain_query = hbr_plain_query_length(ctx->args);
    assert_string_equal(hbr_query(ctx, "c+d", "no"), "no");
    ctx = context("b&c=1");
    ctx->state->plain_query = hbr_plain_query_length(ctx->args);
    assert_string_equal(hbr_query(ctx, "b", "no"), "");
    ctx = context("b&c=1");
    ctx->state->plain_query = hbr_plain_query_length(ctx->args);
    assert_string_equal(hbr_query(ctx, "a", "no"), "no");
}

/* The context of a source's read has a pool that is cleared between pieces;
 * the pairs must not live there. */
static void test_outlives_the_view(void **state)
{
    hbr_context_t *ctx = context("a=1");
    apr_pool_t *piece;
    hbr_context_t *view;

    (void)state;
    apr_pool_create(&piece, pool);
    view = &(
        hbr_context_t){ .pool = piece, .args = ctx->args, .state = ctx->state };
    assert_string_equal(hbr_query(view, "a", NULL), "1");
    apr_pool_destroy(piece);
    assert_string_equal(hbr_query(ctx, "a", NULL), "1");
}

static void test_refusal(void **state)
{
    static const char nul[] = "The query contains a NUL byte (%00).";
    static const char two[] =
        "The query has more than 2 parameters (BridgeLimitParams).";
    static const char one[] =
        "The query has more than 1 parameter (BridgeLimitParams).";
    static const struct {
        const char *args;
        apr_size_t most;
        const char *why;
    } cases[] = {
        { "", 2, NULL },      { "a=1", 2, NULL },      { "a&b", 2, NULL },
        { "a&b&", 2, NULL },  { "&&a&&b&&", 2, NULL }, { "a&b&c", 2, two },
        { "a&b&=", 2, two },  { "a&b", 1, one },       { "&&&&&", 0, NULL },
        { "a=%00", 2, nul },  { "%00", 2, nul },       { "%%00", 2, nul },
        { "%0%00", 2, nul },  { "%0", 2, NULL },       { "%0&0", 2, NULL },
        { "%2500", 2, NULL }, { "a&b&%00", 2, nul }
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        int status = 0;
        const char *why = hbr_query_refusal(
            pool, cases[i].args, hbr_plain_query_length(cases[i].args),
            cases[i].most, &status);

        if (cases[i].why == NULL) {
            assert_null(why);
        } else {
            assert_string_equal(why, cases[i].why);
            assert_int_equal(status, cases[i].why == nul ? 400 : 414);
        }
    }
}

/* What the edge lets through, the parser takes, and nothing else: on every
 * text of up to six of these bytes. */
static void test_agrees_with_parser(void **state)
{
    static const char alphabet[] = "&=%02a";
    unsigned code;

    (void)state;
    for (code = 0; code < 6 * 6 * 6 * 6 * 6 * 6; code++) {
        unsigned rest = code;
        char text[7] = "";
        hbr_urlencoded_t parser;
        int status;
        size_t i;

        for (i = 0; i < 6; i++, rest /= 6)
            text[i] = alphabet[rest % 6];
        hbr_urlencoded_open(&parser, pool, 2, 6);
        hbr_urlencoded_feed(&parser, text, 6);
        assert_int_equal(hbr_urlencoded_close(&parser) == HBR_URLENCODED_OK,
                         hbr_query_refusal(pool, text,
                                           hbr_plain_query_length(text), 2,
                                           &status)
                             == NULL);
        if (code % 1000 == 0)
            apr_pool_clear(pool);
    }
}

MAIN(POOL_TEST(test_first_value), POOL_TEST(test_no_query),
     POOL_TEST(test_walk), POOL_TEST(test_parsed_once),
     POOL_TEST(test_looked_up), POOL_TEST(test_outlives_the_view),
     POOL_TEST(test_refusal), POOL_TEST(test_agrees_with_parser))
