/*
 * Which file httpd maps a URL to: asked with a request that is looked up and
 * never run, so that no handler and no proxy is called.
 */
#include <apr_file_info.h>
#include <apr_strings.h>

#include <http_core.h>
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

/* httpd lets in everything that the sections of the main request hold for: but
 * an expression among them may tell one URL from another, and the main request
 * may be the answer to one who was refused. Of Satisfy Any the half that knows
 * addresses says the same for both. */
static bool is_let_in(request_rec *found)
{
    const request_rec *r = found->main;
    int status;

    if (found->per_dir_config != r->per_dir_config
        || ap_satisfies(found) == SATISFY_ANY)
        return true;
    if (hbr_httpd_user(r) == NULL)
        found->user = NULL;
    status = ap_run_access_checker_ex(found);
    if (status == DECLINED && found->user != NULL)
        status = ap_run_auth_checker(found);
    return status == OK;
}

apr_status_t hbr_httpd_map_path(void *request, apr_pool_t *pool,
                                const char *path, const char **file)
{
    request_rec *r = request;
    request_rec *found =
        ap_sub_req_lookup_uri(ap_os_escape_path(pool, path, 1), r, NULL);
    apr_status_t rv = status_of(found->status);

    if (rv == APR_SUCCESS && !is_let_in(found))
        rv = APR_EACCES;
    if (rv == APR_SUCCESS && !is_file(found))
        rv = APR_ENOENT;
    if (rv == APR_SUCCESS)
        *file =
            apr_pstrcat(pool, found->filename,
                        found->path_info != NULL ? found->path_info : "", NULL);
    ap_destroy_sub_req(found);
    return rv;
}
