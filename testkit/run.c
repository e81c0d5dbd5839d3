/*
 * One request, from its making to the end of its pools. Any thread; several
 * requests may run at once.
 *
 * Invariant: the connection's pool outlives the request's, and what was passed
 * leaves between the handler's return and the end of the request's pool.
 */
#include <string.h>

#include <apr_strings.h>

#include "kit.h"

static void read_header_line(hbr_kit_run_t *run, apr_table_t *table,
                             const char *line)
{
    const char *colon = strchr(line, ':');
    const char *value;

    if (colon == NULL)
        hbr_kit_fail("a header line without a colon: %s", line);
    value = colon + 1 + strspn(colon + 1, " \t");
    apr_table_mergen(
        table, apr_pstrmemdup(run->pool, line, (apr_size_t)(colon - line)),
        apr_pstrdup(run->pool, value));
}

static void read_header_lines(hbr_kit_run_t *run, apr_table_t *table,
                              const char *const *line)
{
    for (; line != NULL && *line != NULL; line++)
        read_header_line(run, table, *line);
}

static hbr_kit_run_t *open_run(hbr_test_t *kit,
                               const hbr_test_request_t *request)
{
    apr_pool_t *connection;
    hbr_kit_run_t *run;

    apr_pool_create(&connection, kit->pool);
    run = apr_pcalloc(connection, sizeof(*run));
    run->kit = kit;
    run->request = request;
    run->connection = connection;
    run->bucket_alloc = apr_bucket_alloc_create(connection);
    apr_pool_create(&run->pool, connection);
    apr_pool_create(&run->results, kit->results);
    hbr_kit_open_log(run);
    run->method = request->method ? request->method : "GET";
    run->headers_in = apr_table_make(run->pool, 8);
    run->headers_out = apr_table_make(run->pool, 8);
    read_header_lines(run, run->headers_in, request->headers);
    read_header_lines(run, run->headers_out, request->fields);
    hbr_kit_read_url(run);
    hbr_kit_open_body(run);
    hbr_kit_open_output(run);
    run->notes = apr_table_make(run->results, 4);
    run->response->notes = run->notes;
    return run;
}

/* What the test set replaces the default. */
#define SET(member, value)                                                     \
    if ((value) != 0)                                                          \
    settings.member = (value)

static hbr_settings_t settings_of(const hbr_test_request_t *given)
{
    const hbr_test_limits_t *limits = &given->limits;
    hbr_settings_t settings = HBR_SETTINGS_DEFAULT;

    if (given->buffer != 0 || given->unbuffered)
        settings.buffer = given->buffer;
    SET(params, given->params);
    SET(deadline, given->deadline);
    SET(body, limits->body);
    SET(name, limits->name);
    SET(value, limits->value);
    SET(parts, limits->parts);
    SET(part_header, limits->part_header);
    SET(files, limits->files);
    SET(file, limits->file);
    SET(json, limits->json);
    SET(json_depth, limits->json_depth);
    SET(spool_memory, limits->spool_memory);
    SET(session, limits->session);
    SET(cache_key, limits->cache_key);
    SET(cache_value, limits->cache_value);
    SET(cache_timeout, limits->cache_timeout);
    SET(cache_wait, limits->cache_wait);
    settings.slow = given->slow;
    settings.notes = given->notes;
    settings.server_timing = given->server_timing;
    settings.trace = given->trace;
    settings.spool_dir = limits->spool_dir;
    return settings;
}

/* What hbr_finish() said: the status is the server's to answer, or it has. */
static void hand_back(hbr_kit_run_t *run, int result)
{
    hbr_test_response_t *response = run->response;

    response->answered = result == HBR_ANSWERED;
    response->unsent = result == HBR_UNSENT;
    if (response->answered || response->unsent)
        return;
    if (result != HBR_OK) {
        response->error_document = result;
        response->status = result;
        response->headers = apr_table_clone(run->results, run->headers_out);
    }
}

static void serve(hbr_kit_run_t *run, const hbr_route_t *route)
{
    const hbr_test_request_t *given = run->request;
    hbr_settings_t settings = settings_of(given);
    hbr_request_t *request = hbr_request_make(run->pool);

    request->host = &run->kit->host;
    request->request = run;
    request->settings = &settings;
    request->bucket_alloc = run->bucket_alloc;
    request->method = run->method;
    request->uri = run->uri;
    request->route = *route;
    request->args = run->args;
    request->headers_in = run->headers_in;
    request->headers_out = run->headers_out;
    request->time = given->time ? given->time : hbr_kit_now(run->kit);
    request->status = given->status;
    request->head_only = strcmp(run->method, "HEAD") == 0;
    request->is_fragment = given->fragment;
    request->is_subrequest = given->subrequest;
    request->is_nested = given->nested;
    if (given->fields != NULL)
        request->fields_before = apr_table_copy(run->pool, run->headers_out);
    hand_back(run, hbr_serve(request));
}

const hbr_test_response_t *hbr_test_run(hbr_test_t *kit,
                                        const hbr_test_request_t *request)
{
    hbr_test_response_t *response;
    hbr_test_t *before;
    hbr_kit_run_t *run;
    hbr_route_t route;

    hbr_test_start(kit);
    before = hbr_kit_work_for(kit);
    run = open_run(kit, request);
    response = run->response;
    hbr_kit_route(run, 0, &route);
    serve(run, &route);
    hbr_kit_close_output(run);
    apr_pool_destroy(run->pool);
    apr_pool_destroy(run->connection);
    hbr_kit_work_for(before);
    return response;
}

const hbr_test_response_t *hbr_test_get(hbr_test_t *kit, const char *url)
{
    return hbr_test_run(kit, &(hbr_test_request_t){ .url = url });
}

const char *hbr_test_header(const hbr_test_response_t *response,
                            const char *name)
{
    if (strcasecmp(name, "Content-Type") == 0)
        return response->type;
    return apr_table_get(response->headers, name);
}
