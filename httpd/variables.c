/*
 * Server variables, one by one (RFC 3875 4.1, and the names httpd's own CGI
 * environment adds). Making the whole environment for one name would cost
 * more than most handlers do.
 */
#include <http_core.h>
#include <http_protocol.h>
#include <util_script.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "host.h"

typedef const char *(*variable_fn)(request_rec *r);

typedef struct variable_t {
    const char *name;
    variable_fn value;
} variable_t;

static const char *auth_type(request_rec *r)
{
    return hbr_httpd_auth_type(r);
}

static const char *content_length(request_rec *r)
{
    return apr_table_get(r->headers_in, "Content-Length");
}

static const char *content_type(request_rec *r)
{
    return apr_table_get(r->headers_in, "Content-Type");
}

static const char *document_root(request_rec *r)
{
    return ap_document_root(r);
}

static const char *gateway_interface(request_rec *r)
{
    (void)r;
    return "CGI/1.1";
}

static const char *https(request_rec *r)
{
    return strcmp(ap_http_scheme(r), "https") == 0 ? "on" : "off";
}

static const char *path_info(request_rec *r)
{
    return hbr_httpd_path_info(r);
}

static const char *query_string(request_rec *r)
{
    return r->args != NULL ? r->args : "";
}

static const char *remote_addr(request_rec *r)
{
    return r->useragent_ip;
}

static const char *remote_host(request_rec *r)
{
    return ap_get_useragent_host(r, REMOTE_NAME, NULL);
}

static const char *remote_port(request_rec *r)
{
    return apr_itoa(r->pool, r->useragent_addr->port);
}

static const char *remote_user(request_rec *r)
{
    return hbr_httpd_user(r);
}

static const char *request_method(request_rec *r)
{
    return r->method;
}

static const char *request_scheme(request_rec *r)
{
    return ap_http_scheme(r);
}

static const char *request_uri(request_rec *r)
{
    return r->unparsed_uri;
}

static const char *script_filename(request_rec *r)
{
    return r->filename;
}

static const char *script_name(request_rec *r)
{
    return apr_pstrndup(r->pool, r->uri,
                        ap_find_path_info(r->uri, hbr_httpd_path_info(r)));
}

static const char *server_addr(request_rec *r)
{
    return r->connection->local_ip;
}

static const char *server_admin(request_rec *r)
{
    return r->server->server_admin;
}

static const char *server_name(request_rec *r)
{
    return ap_escape_html(r->pool, ap_get_server_name_for_url(r));
}

static const char *server_port(request_rec *r)
{
    return apr_itoa(r->pool, ap_get_server_port(r));
}

static const char *server_protocol(request_rec *r)
{
    return r->protocol;
}

static const char *server_software(request_rec *r)
{
    (void)r;
    return ap_get_server_banner();
}

/* Sorted by name. */
static const variable_t variables[] = {
    { "AUTH_TYPE", auth_type },
    { "CONTENT_LENGTH", content_length },
    { "CONTENT_TYPE", content_type },
    { "DOCUMENT_ROOT", document_root },
    { "GATEWAY_INTERFACE", gateway_interface },
    { "HTTPS", https },
    { "PATH_INFO", path_info },
    { "QUERY_STRING", query_string },
    { "REMOTE_ADDR", remote_addr },
    { "REMOTE_HOST", remote_host },
    { "REMOTE_PORT", remote_port },
    { "REMOTE_USER", remote_user },
    { "REQUEST_METHOD", request_method },
    { "REQUEST_SCHEME", request_scheme },
    { "REQUEST_URI", request_uri },
    { "SCRIPT_FILENAME", script_filename },
    { "SCRIPT_NAME", script_name },
    { "SERVER_ADDR", server_addr },
    { "SERVER_ADMIN", server_admin },
    { "SERVER_NAME", server_name },
    { "SERVER_PORT", server_port },
    { "SERVER_PROTOCOL", server_protocol },
    { "SERVER_SOFTWARE", server_software }
};

static int compare(const void *name, const void *variable)
{
    return strcmp(name, ((const variable_t *)variable)->name);
}

/* Secrets, and the field that once became a proxy's name (CVE-2016-5387). */
static bool is_withheld(const char *field)
{
    return strcasecmp(field, "Authorization") == 0
           || strcasecmp(field, "Proxy-Authorization") == 0
           || strcasecmp(field, "Proxy") == 0;
}

/* HTTP_USER_AGENT asks for the field User-Agent. */
static const char *header_field(request_rec *r, const char *name)
{
    char *field = apr_pstrdup(r->pool, name);
    char *at;

    for (at = field; *at != '\0'; at++)
        if (*at == '_')
            *at = '-';
    return is_withheld(field) ? NULL : apr_table_get(r->headers_in, field);
}

const char *hbr_httpd_variable(request_rec *r, const char *name)
{
    const variable_t *found =
        bsearch(name, variables, sizeof(variables) / sizeof(variables[0]),
                sizeof(variables[0]), compare);

    if (found != NULL)
        return found->value(r);
    if (strncmp(name, "HTTP_", 5) == 0)
        return header_field(r, name + 5);
    return apr_table_get(r->subprocess_env, name);
}
