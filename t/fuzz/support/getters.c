/* See getters.h. */
#include "getters.h"

#include "fuzz.h"

const hbr_input_t getters_options[] = {
    HBR_INT(getters_options_t, size, "size", .min = 1, .max = 9, .fallback = 5),
    HBR_INPUTS_END
};

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
        CHECK(strcmp(first(ctx, pair->name, NULL),
                     next(ctx, pair->name, NULL)->value)
              == 0);
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

static const char *const names_of_tls[] = {
    "SSL_PROTOCOL", "SSL_CLIENT_CERT", "SSL_CLIENT_VERIFY", "SSL_", "HTTPS", ""
};

/* Verified or not, and never both. */
static void call_certificates(hbr_context_t *ctx)
{
    const hbr_certificate_t *good = hbr_client_certificate(ctx);
    const hbr_certificate_t *bad = hbr_unverified_certificate(ctx);
    const char *verdict = hbr_tls(ctx, "SSL_CLIENT_VERIFY");

    CHECK(good == NULL || bad == NULL);
    CHECK((good == NULL && bad == NULL)
          == (hbr_tls(ctx, "SSL_CLIENT_CERT") == NULL));
    if (good != NULL) {
        CHECK(good->verified && good->problem == NULL && good->pem != NULL);
        CHECK(fuzz_same(verdict, "SUCCESS"));
    }
    if (bad != NULL) {
        CHECK(!bad->verified && bad->problem != NULL && bad->pem != NULL);
        CHECK(!fuzz_same(verdict, "SUCCESS"));
    }
    CHECK(hbr_client_certificate(ctx) == good);
    CHECK(hbr_unverified_certificate(ctx) == bad);
}

static void call_client(hbr_context_t *ctx)
{
    bool gone = hbr_client_gone(ctx);
    apr_size_t i;

    CHECK(!gone || hbr_client_gone(ctx)); /* He does not come back. */
    CHECK(hbr_client_address(ctx) != NULL);
    CHECK(strncmp(hbr_scheme(ctx), "http", 4) == 0);
    CHECK((hbr_user(ctx) == NULL) == (hbr_auth_type(ctx) == NULL));
    for (i = 0; i < sizeof(names_of_tls) / sizeof(*names_of_tls); i++) {
        const char *value = hbr_tls(ctx, names_of_tls[i]);

        CHECK(value == NULL || hbr_is_secure(ctx));
        CHECK(value == NULL || strncmp(names_of_tls[i], "SSL_", 4) == 0);
    }
    call_certificates(ctx);
}

static bool has_segment(const char *path, const char *segment)
{
    apr_size_t length = strlen(segment);

    for (; *path != '\0'; path++)
        if (*path == '/' && strncmp(path + 1, segment, length) == 0
            && (path[1 + length] == '/' || path[1 + length] == '\0'))
            return true;
    return false;
}

/* RFC 3986 3.3: nothing leaves the root. */
static void map_one(hbr_context_t *ctx, const char *path)
{
    const char *file = path;
    apr_status_t rv = hbr_map_path(ctx, path, &file);

    CHECK((rv == APR_SUCCESS) == (file != NULL));
    CHECK(rv == APR_SUCCESS || rv == APR_EINVAL || rv == APR_EACCES
          || rv == APR_ENOENT);
    if (*path != '/' || path[1] == '/' || has_segment(path, ".."))
        CHECK(rv == APR_EINVAL);
    if (rv == APR_SUCCESS)
        CHECK(strncmp(file, "/srv/", 5) == 0 && !has_segment(file, ".."));
}

static void call_paths(hbr_context_t *ctx)
{
    const hbr_pair_t *pair = NULL;
    int most = 20;

    map_one(ctx, ctx->uri);
    map_one(ctx, ctx->path_info);
    while (most-- > 0 && (pair = hbr_query_next(ctx, NULL, pair)) != NULL) {
        const char *value = hbr_path(ctx, pair->name, NULL);

        map_one(ctx, pair->value);
        CHECK(value == NULL || strcmp(pair->name, "fuzz") == 0);
    }
    CHECK(fuzz_same(hbr_path(ctx, "fuzz", NULL), "42"));
    CHECK(hbr_path(ctx, "no such name", ctx->uri) == ctx->uri);
}

static void call_clock(hbr_context_t *ctx)
{
    apr_interval_time_t left = hbr_time_left(ctx);

    CHECK(hbr_request_time(ctx) > 0);
    CHECK(left == HBR_NO_DEADLINE || left == apr_time_from_msec(700));
}

void getters_call(hbr_context_t *ctx)
{
    const getters_options_t *options = ctx->options;

    CHECK(options != NULL && options->size >= 1 && options->size <= 9);
    call_client(ctx);
    call_paths(ctx);
    call_clock(ctx);
    walk(ctx, hbr_query_next, hbr_query);
    walk(ctx, hbr_cookie_next, hbr_cookie);
    walk(ctx, hbr_form_next, hbr_form);
    apr_table_do(look_at_field, ctx, ctx->headers_in, NULL);
    call_variables(ctx);
    call_negotiation(ctx);
    CHECK(hbr_body_length(ctx) >= -1);
    CHECK(hbr_inputs(ctx) == NULL);
    CHECK(!hbr_input_given(ctx, "no such name"));
    CHECK(hbr_request_rec(ctx) == NULL);
}
