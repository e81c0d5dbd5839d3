/*
 * A request_rec as the bridge's request.
 */
#include <http_protocol.h>
#include <http_request.h>

#include "body.h"
#include "config.h"
#include "crash.h"
#include "database.h"
#include "host.h"

static const char *variable(void *request, const char *name)
{
    return hbr_httpd_variable(request, name);
}

static apr_time_t now(void *request)
{
    (void)request;
    return apr_time_now();
}

static struct request_rec *native(void *request)
{
    return request;
}

const hbr_host_request_t hbr_httpd_request = { .variable = variable,
                                               .now = now,
                                               .map_path = hbr_httpd_map_path,
                                               .native = native };

const hbr_host_t hbr_httpd_host = { .request = &hbr_httpd_request,
                                    .client = &hbr_httpd_client,
                                    .output = &hbr_httpd_output,
                                    .body = &hbr_httpd_body,
                                    .log = &hbr_httpd_log,
                                    .database = &hbr_httpd_database };

/* What follows the Location that named the handler, whatever lies on the
 * disk; httpd's own idea when the handler was named elsewhere. */
static const char *path_info_of(const request_rec *r,
                                const hbr_dir_config_t *config)
{
    if (config != NULL && config->location != NULL
        && strncmp(r->uri, config->location, config->location_length) == 0) {
        const char *rest = r->uri + config->location_length;

        if (*rest == '\0' || *rest == '/')
            return rest;
    }
    return r->path_info != NULL ? r->path_info : "";
}

const char *hbr_httpd_path_info(const request_rec *r)
{
    return path_info_of(
        r, ap_get_module_config(r->per_dir_config, &handlerbridge_module));
}

static const apr_table_t *copy_of(apr_pool_t *pool, const apr_table_t *table)
{
    return apr_is_empty_table(table) ? NULL : apr_table_copy(pool, table);
}

/* What comes after it, reading and answering what is left, is not the handler's
 * work. */
static int serve_noted(hbr_entry_t *entry, const hbr_request_t *request,
                       const request_rec *r)
{
    hbr_crumb_t crumb;
    int status;

    hbr_crash_enter(&crumb, entry->name, r);
    status = hbr_serve(entry, request);
    hbr_crash_leave(&crumb);
    return status;
}

int hbr_httpd_serve(hbr_entry_t *entry, request_rec *r)
{
    const hbr_dir_config_t *config =
        ap_get_module_config(r->per_dir_config, &handlerbridge_module);
    hbr_request_t request = { .host = &hbr_httpd_host,
                              .request = r,
                              .settings = config != NULL
                                              ? &config->settings
                                              : &hbr_settings_default,
                              .pool = r->pool,
                              .bucket_alloc = r->connection->bucket_alloc,
                              .method = r->method,
                              .uri = r->uri,
                              .path_info = path_info_of(r, config),
                              .args = r->args,
                              .headers_in = r->headers_in,
                              .headers_out = r->headers_out,
                              .fields_before = copy_of(r->pool, r->headers_out),
                              .time = r->request_time,
                              .status = r->status != HTTP_OK ? r->status : 0,
                              .head_only = r->header_only,
                              .is_fragment = r->no_local_copy,
                              .is_subrequest = r->main != NULL };
    int status = serve_noted(entry, &request, r);

    hbr_body_drain(r);
    switch (status) {
    case HBR_OK: return OK;
    case HBR_ANSWERED: return AP_FILTER_ERROR;
    case HBR_UNSENT: return hbr_httpd_leave_failure(r);
    default: return hbr_httpd_leave_error(r, status, request.fields_before);
    }
}
