/**
 * @file client.c
 * @brief For the tests: what a handler learns of its client, as JSON.
 *
 * "do" of the query is one of:
 *
 *   facts   (as when it is left out) all facts, and the TLS variables that the
 *           query's "tls" name, as often as it comes
 *   wait    looks for "seconds" whether the client is gone, with the request's
 *           body unread, and logs "ID is gone" or "ID is there"
 *   map     maps the query's "path"
 *   time    counts to the deadline, but no longer than "seconds"
 *   slow    asks the database to count to "n"
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "handlerbridge.h"

#define PAUSE_MS 10

static const hbr_statement_t statements[] = {
    { "slow", "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL "
              "SELECT n + 1 FROM c WHERE n < %lld) SELECT count(*) FROM c" },
    HBR_STATEMENTS_END
};

static void rest(void)
{
    nanosleep(&(struct timespec){ .tv_nsec = PAUSE_MS * 1000000L }, NULL);
}

static apr_time_t end_of(hbr_context_t *ctx)
{
    return apr_time_now()
           + apr_time_from_sec(atoi(hbr_query(ctx, "seconds", "3")));
}

static json_t *text(const char *value)
{
    return value != NULL ? json_string(value) : json_null();
}

static json_t *certificate(const hbr_certificate_t *c)
{
    if (c == NULL)
        return json_null();
    return json_pack(
        "{s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:o}", "verified",
        c->verified, "problem", text(c->problem), "subject", text(c->subject),
        "issuer", text(c->issuer), "serial", text(c->serial), "common_name",
        text(c->common_name), "email", text(c->email), "not_before",
        (json_int_t)apr_time_sec(c->not_before), "not_after",
        (json_int_t)apr_time_sec(c->not_after), "pem", text(c->pem));
}

static json_t *variables(hbr_context_t *ctx)
{
    const hbr_pair_t *pair = NULL;
    json_t *all = json_object();

    while ((pair = hbr_query_next(ctx, "tls", pair)) != NULL)
        json_object_set_new(all, pair->value, text(hbr_tls(ctx, pair->value)));
    return all;
}

static int facts(hbr_context_t *ctx)
{
    return hbr_json(
        ctx,
        json_pack("{s:o, s:o, s:o, s:s, s:b, s:b, s:o, s:o, s:o, s:[o, o]}",
                  "address", text(hbr_client_address(ctx)), "user",
                  text(hbr_user(ctx)), "auth_type", text(hbr_auth_type(ctx)),
                  "scheme", hbr_scheme(ctx), "secure", hbr_is_secure(ctx),
                  "gone", hbr_client_gone(ctx), "certificate",
                  certificate(hbr_client_certificate(ctx)), "unverified",
                  certificate(hbr_unverified_certificate(ctx)), "tls",
                  variables(ctx), "variables",
                  text(hbr_variable(ctx, "REMOTE_USER")),
                  text(hbr_variable(ctx, "AUTH_TYPE"))));
}

static int wait_for_him(hbr_context_t *ctx)
{
    const char *id = hbr_query(ctx, "id", "nobody");
    apr_time_t end = end_of(ctx);
    bool gone = hbr_client_gone(ctx);

    hbr_log(ctx, HBR_LOG_NOTICE, "%s is %s", id, gone ? "late" : "waited for");
    while (!gone && apr_time_now() < end) {
        rest();
        gone = hbr_client_gone(ctx);
    }
    hbr_log(ctx, HBR_LOG_NOTICE, "%s is %s", id, gone ? "gone" : "there");
    return hbr_text(ctx, "%s", gone ? "gone" : "there");
}

static int map(hbr_context_t *ctx)
{
    const char *file = "untouched";
    apr_status_t rv = hbr_map_path(ctx, hbr_query(ctx, "path", ""), &file);
    const char *word = rv == APR_SUCCESS    ? "found"
                       : rv == APR_EINVAL   ? "invalid"
                       : rv == APR_EACCES   ? "forbidden"
                       : rv == APR_ENOENT   ? "none"
                       : rv == APR_EGENERAL ? "failed"
                                            : "other";

    return hbr_json(
        ctx, json_pack("{s:s, s:o}", "result", word, "file", text(file)));
}

static int count(hbr_context_t *ctx)
{
    apr_interval_time_t first = hbr_time_left(ctx);
    apr_time_t end = end_of(ctx);

    if (first == HBR_NO_DEADLINE)
        return hbr_text(ctx, "none");
    while (hbr_time_left(ctx) > 0 && apr_time_now() < end)
        rest();
    return hbr_text(ctx, "%d %d", (int)(first / 1000),
                    (int)((apr_time_now() - hbr_request_time(ctx)) / 1000));
}

static int slow(hbr_context_t *ctx)
{
    hbr_value_t n = hbr_value_int(strtoll(hbr_query(ctx, "n", "1"), NULL, 10));
    hbr_rows_t *rows;
    int rc = hbr_select(ctx, 0, HBR_VALUES(n), &rows);

    return rc != HBR_OK ? rc : hbr_text(ctx, "%s", hbr_row_text(rows, 0, 0));
}

static int process(hbr_context_t *ctx)
{
    const char *what = hbr_query(ctx, "do", "facts");

    if (strcmp(what, "wait") == 0)
        return wait_for_him(ctx);
    if (strcmp(what, "map") == 0)
        return map(ctx);
    if (strcmp(what, "time") == 0)
        return count(ctx);
    if (strcmp(what, "slow") == 0)
        return slow(ctx);
    return facts(ctx);
}

HBR_HANDLER(client, .process = process, .methods = "GET, POST",
            .statements = statements);
