/*
 * Facts about the request that the kit makes up: the CGI variables (RFC 3875
 * 4.1) that httpd would set, the time, and where files lie.
 */
#include <string.h>

#include <apr_strings.h>

#include "kit.h"

static struct request_rec *native(void *request)
{
    (void)request;
    return NULL;
}

static apr_time_t now(void *request)
{
    const hbr_kit_run_t *run = request;

    return hbr_kit_now(run->kit);
}

static bool is_forbidden(const hbr_kit_run_t *run, const char *path)
{
    const char *const *prefix = run->request->forbidden;

    for (; prefix != NULL && *prefix != NULL; prefix++) {
        if (strncmp(path, *prefix, strlen(*prefix)) == 0)
            return true;
    }
    return false;
}

static apr_status_t map_path(void *request, apr_pool_t *pool, const char *path,
                             const char **file)
{
    const hbr_kit_run_t *run = request;
    const char *root = run->request->document_root;

    if (is_forbidden(run, path))
        return APR_EACCES;
    if (root == NULL)
        return APR_ENOENT;
    *file = apr_pstrcat(pool, root, path, NULL);
    return APR_SUCCESS;
}

const char *hbr_kit_line(const char *const *line, const char *name)
{
    apr_size_t length = strlen(name);

    for (; line != NULL && *line != NULL; line++) {
        if (strncmp(*line, name, length) == 0 && (*line)[length] == '=')
            return *line + length + 1;
    }
    return NULL;
}

static bool is_secret(const char *name)
{
    return strcmp(name, "HTTP_AUTHORIZATION") == 0
           || strcmp(name, "HTTP_PROXY_AUTHORIZATION") == 0
           || strcmp(name, "HTTP_PROXY") == 0;
}

/* HTTP_USER_AGENT is the field User-Agent. */
static const char *field_variable(const hbr_kit_run_t *run, const char *name)
{
    char *field = apr_pstrdup(run->pool, name + strlen("HTTP_"));
    char *c;

    for (c = field; *c != '\0'; c++) {
        if (*c == '_')
            *c = '-';
    }
    return apr_table_get(run->headers_in, field);
}

static const char *plain_variable(const hbr_kit_run_t *run, const char *name)
{
    const struct {
        const char *name;
        const char *value;
    } all[] = {
        { "CONTENT_LENGTH", apr_table_get(run->headers_in, "Content-Length") },
        { "CONTENT_TYPE", apr_table_get(run->headers_in, "Content-Type") },
        { "GATEWAY_INTERFACE", "CGI/1.1" },
        { "HTTPS", run->request->https ? "on" : NULL },
        { "PATH_INFO", run->path_info[0] ? run->path_info : NULL },
        { "QUERY_STRING", run->args ? run->args : "" },
        { "REMOTE_ADDR", hbr_kit_client.address((void *)run) },
        { "REMOTE_USER", run->request->user },
        { "REQUEST_METHOD", run->method },
        { "REQUEST_SCHEME", hbr_kit_client.scheme((void *)run) },
        { "REQUEST_URI", run->request->url },
        { "SCRIPT_NAME", run->mapping },
        { "SERVER_NAME", "localhost" },
        { "SERVER_PORT", run->request->https ? "443" : "80" },
        { "SERVER_PROTOCOL", "HTTP/1.1" },
    };
    apr_size_t i;

    for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (strcmp(all[i].name, name) == 0)
            return all[i].value;
    }
    return NULL;
}

static const char *variable(void *request, const char *name)
{
    const hbr_kit_run_t *run = request;
    const char *value = hbr_kit_line(run->request->variables, name);

    if (is_secret(name))
        return NULL;
    if (value != NULL)
        return value;
    if (strncmp(name, "HTTP_", strlen("HTTP_")) == 0)
        return field_variable(run, name);
    return plain_variable(run, name);
}

static void note(void *request, const char *name, const char *value)
{
    hbr_kit_run_t *run = request;

    apr_table_set(run->notes, name, value);
}

const hbr_host_request_t hbr_kit_facts = { .variable = variable,
                                           .now = now,
                                           .note = note,
                                           .map_path = map_path,
                                           .native = native,
                                           .next_route = hbr_kit_next_route,
                                           .options = hbr_kit_options };
