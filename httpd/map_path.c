/*
 * Which file httpd maps a URL to: asked with a request that is looked up and
 * never run, so that no handler and no proxy is called.
 */
#include <apr_file_info.h>
#include <apr_strings.h>

#include <http_protocol.h>
#include <http_request.h>

#include "host.h"

static apr_status_t status_of(int http_status)
{
    switch (http_status) {
    case HTTP_OK: return APR_SUCCESS;
    case HTTP_UNAUTHORIZED:
    case HTTP_FORBIDDEN:
    case HTTP_PROXY_AUTHENTICATION_REQUIRED: return APR_EACCES;
    default: return http_status >= 500 ? APR_EGENERAL : APR_ENOENT;
    }
}

/* A proxied URL and one that mod_rewrite redirects have a "filename" that is
 * none: "proxy:http://...". */
static bool is_file(const request_rec *found)
{
    return found->proxyreq == PROXYREQ_NONE && found->filename != NULL
           && found->filename[0] == '/';
}

apr_status_t hbr_httpd_map_path(void *request, apr_pool_t *pool,
                                const char *path, const char **file)
{
    request_rec *r = request;
    request_rec *found =
        ap_sub_req_lookup_uri(ap_os_escape_path(pool, path, 1), r, NULL);
    apr_status_t rv = status_of(found->status);

    if (rv == APR_SUCCESS && !is_file(found))
        rv = APR_ENOENT;
    if (rv == APR_SUCCESS)
        *file =
            apr_pstrcat(pool, found->filename,
                        found->path_info != NULL ? found->path_info : "", NULL);
    ap_destroy_sub_req(found);
    return rv;
}
