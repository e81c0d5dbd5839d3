/* See getters.h. */
#include "getters.h"

#include "fuzz.h"

typedef const hbr_pair_t *next_t(hbr_context_t *ctx, const char *name,
                                 const hbr_pair_t *after);
typedef const char *first_t(hbr_context_t *ctx, const char *name,
                            const char *fallback);

/* The walk by name has to find what the walk over all does. */
static void walk(hbr_context_t *ctx, next_t *next, first_t *first)
{
    const hbr_pair_t *pair = NULL;
    int most = 20;

    while ((pair = next(ctx, NULL, pair)) != NULL) {
        CHECK(strlen(pair->name) == pair->name_length);
        CHECK(strlen(pair->value) == pair->value_length);
        if (most-- <= 0)
            continue;
        CHECK(next(ctx, pair->name, NULL) <= pair);
        CHECK(first(ctx, pair->name, NULL)
              == next(ctx, pair->name, NULL)->value);
    }
    CHECK(first(ctx, "no such name", ctx->uri) == ctx->uri);
}

static int look_at_field(void *data, const char *name, const char *value)
{
    hbr_context_t *ctx = data;

    CHECK(strcmp(hbr_header(ctx, name, ""), value) == 0);
    return 1;
}

static void call_variables(hbr_context_t *ctx)
{
    static const char *const names[] = { "REQUEST_METHOD", "PATH_INFO",
                                         "QUERY_STRING",   "HTTP_ACCEPT",
                                         "HTTP_COOKIE",    "SERVER_NAME" };
    apr_size_t i;

    for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
        const char *value = hbr_variable(ctx, names[i]);

        CHECK(value == NULL || strlen(value) < 1000000);
        hbr_param(ctx, names[i], "");
    }
    CHECK(fuzz_same(hbr_variable(ctx, "REQUEST_METHOD"), ctx->method));
    CHECK(hbr_variable(ctx, "HTTP_AUTHORIZATION") == NULL);
    CHECK(hbr_variable(ctx, "HTTP_PROXY_AUTHORIZATION") == NULL);
    CHECK(hbr_variable(ctx, "HTTP_PROXY") == NULL);
}

static void call_negotiation(hbr_context_t *ctx)
{
    static const char *const types[] = { "text/html", "application/json",
                                         "image/png", NULL };
    static const char *const languages[] = { "en", "de-CH", "zh-Hant", NULL };
    int type = hbr_negotiate(ctx, types);
    int language = hbr_negotiate_language(ctx, languages);

    CHECK(type >= -1 && type < 3);
    CHECK(language >= -1 && language < 3);
}

void getters_call(hbr_context_t *ctx)
{
    walk(ctx, hbr_query_next, hbr_query);
    walk(ctx, hbr_cookie_next, hbr_cookie);
    walk(ctx, hbr_form_next, hbr_form);
    apr_table_do(look_at_field, ctx, ctx->headers_in, NULL);
    call_variables(ctx);
    call_negotiation(ctx);
    CHECK(hbr_client_address(ctx) != NULL);
    CHECK(strncmp(hbr_scheme(ctx), "http", 4) == 0);
    CHECK(hbr_request_time(ctx) > 0);
    CHECK(hbr_body_length(ctx) >= -1);
    CHECK(hbr_inputs(ctx) == NULL);
    CHECK(!hbr_input_given(ctx, "no such name"));
    CHECK(hbr_request_rec(ctx) == NULL);
    hbr_user(ctx);
}
