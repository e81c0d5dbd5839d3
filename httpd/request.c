/*
 * A request_rec as the bridge's request.
 */
#include <http_protocol.h>
#include <http_request.h>
#include <ap_mpm.h>

#include "body.h"
#include "config.h"
#include "crash.h"
#include "database.h"
#include "host.h"
#include "virtual.h"
#include "way.h"

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

static const hbr_dir_config_t *config_of(const request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &handlerbridge_module);
}

static const hbr_scope_t *scope_of(const request_rec *r)
{
    const hbr_dir_config_t *config = config_of(r);

    return config != NULL ? config->scope : NULL;
}

/* What follows the Location that named the handler, whatever lies on the
 * disk; httpd's own idea when the handler was named elsewhere. */
static const char *path_info_of(const request_rec *r, const hbr_scope_t *scope)
{
    const hbr_section_t *section = hbr_scope_set_handler(scope);

    if (section != NULL && section->location != NULL
        && strncmp(r->uri, section->location, section->location_length) == 0) {
        const char *rest = r->uri + section->location_length;

        if (*rest == '\0' || *rest == '/')
            return rest;
    }
    if (hbr_is_virtual(r))
        return hbr_virtual_path_info(r);
    return r->path_info != NULL ? r->path_info : "";
}

const char *hbr_httpd_path_info(request_rec *r)
{
    const hbr_way_t *way = hbr_way_of(r);

    return way != NULL ? hbr_way_route(way)->path_info
                       : path_info_of(r, scope_of(r));
}

static bool next_route(void *request, hbr_route_t *route)
{
    hbr_way_t *way = hbr_way_of(request);

    if (way == NULL || !hbr_way_next(way))
        return false;
    *route = *hbr_way_route(way);
    return true;
}

static void went_to(void *request, hbr_entry_t *entry)
{
    hbr_way_rename(request, entry->name);
    hbr_crash_rename(entry->name);
}

/* The mapping's own are those of its handler, and not of one that this
 * chooses. */
static const void *options(void *request, hbr_entry_t *entry)
{
    request_rec *r = request;
    const hbr_way_t *way = hbr_way_of(r);
    const hbr_values_t *nearest =
        way != NULL && hbr_way_target(way)->entry == entry
            ? &hbr_way_target(way)->values
            : NULL;

    return hbr_scope_options(r->pool, scope_of(r), entry, nearest);
}

static void note(void *request, const char *name, const char *value)
{
    apr_table_setn(((request_rec *)request)->notes, name, value);
}

const hbr_host_request_t hbr_httpd_request = { .variable = variable,
                                               .now = now,
                                               .map_path = hbr_httpd_map_path,
                                               .native = native,
                                               .next_route = next_route,
                                               .went_to = went_to,
                                               .note = note,
                                               .options = options };

const hbr_host_t hbr_httpd_host = { .request = &hbr_httpd_request,
                                    .client = &hbr_httpd_client,
                                    .output = &hbr_httpd_output,
                                    .body = &hbr_httpd_body,
                                    .log = &hbr_httpd_log,
                                    .database = &hbr_httpd_database };

bool hbr_httpd_is_threaded(void)
{
    int threaded = AP_MPMQ_NOT_SUPPORTED;

    return ap_mpm_query(AP_MPMQ_IS_THREADED, &threaded) == APR_SUCCESS
           && threaded != AP_MPMQ_NOT_SUPPORTED;
}

static const apr_table_t *copy_of(apr_pool_t *pool, const apr_table_t *table)
{
    return apr_is_empty_table(table) ? NULL : apr_table_copy(pool, table);
}

/* What AcceptPathInfo and BridgeRequire ask of SetHandler and AddHandler, and
 * so of descriptor files; a BridgeMap has asked it already. */
static const char *refusal(const request_rec *r, const hbr_route_t *route,
                           const hbr_scope_t *scope)
{
    if (r->used_path_info == AP_REQ_REJECT_PATH_INFO
        && *route->path_info != '\0')
        return "The URL goes on behind what is mapped (AcceptPathInfo Off).";
    if (!hbr_is_there(r, hbr_scope_require(scope)))
        return "There is nothing of that name.";
    return NULL;
}

/* BridgeMethods leaves fewer. A factory hands them on, whatever this request's
 * method is. */
static void narrow(apr_pool_t *pool, const hbr_methods_t *methods,
                   const char *method, hbr_route_t *route)
{
    const hbr_methods_t *of =
        route->methods != NULL ? route->methods : &route->entry->methods;
    hbr_methods_t *both;

    if (route->entry->handler.choose == NULL
        && hbr_methods_allow(methods, method) && hbr_methods_allow(of, method))
        return;
    both = apr_palloc(pool, sizeof(*both));
    hbr_methods_meet(pool, of, methods, both);
    route->methods = both;
}

static hbr_route_t route_of(request_rec *r, hbr_entry_t *entry,
                            const hbr_scope_t *scope, const char **refused)
{
    const hbr_way_t *way = hbr_way_of(r);
    hbr_route_t route = { .entry = entry };

    if (way != NULL)
        route = *hbr_way_route(way);
    else
        route.path_info = path_info_of(r, scope);
    if (way == NULL || hbr_way_is_file(way))
        *refused = refusal(r, &route, scope);
    return route;
}

/* What comes after it, reading and answering what is left, is not the handler's
 * work. */
static int serve_noted(const hbr_request_t *request, const request_rec *r)
{
    hbr_crumb_t crumb;
    int status;

    hbr_crash_enter(&crumb, request->route.entry->name, r);
    status = hbr_serve(request);
    hbr_crash_leave(&crumb);
    return status;
}

static int serve(request_rec *r, const hbr_dir_config_t *config,
                 const hbr_route_t *route, const char *refused)
{
    hbr_request_t request = { .host = &hbr_httpd_host,
                              .request = r,
                              .settings = config != NULL
                                              ? &config->settings
                                              : &hbr_settings_default,
                              .pool = r->pool,
                              .bucket_alloc = r->connection->bucket_alloc,
                              .method = r->method,
                              .uri = r->uri,
                              .route = *route,
                              .refused = refused,
                              .args = r->args,
                              .headers_in = r->headers_in,
                              .headers_out = r->headers_out,
                              .fields_before = copy_of(r->pool, r->headers_out),
                              .time = r->request_time,
                              .status = r->status != HTTP_OK ? r->status : 0,
                              .head_only = r->header_only,
                              .is_fragment = r->no_local_copy,
                              .is_subrequest = r->main != NULL,
                              .is_nested = r->main != NULL || r->prev != NULL };
    int status = serve_noted(&request, r);

    hbr_body_drain(r);
    switch (status) {
    case HBR_OK: return OK;
    case HBR_ANSWERED: return AP_FILTER_ERROR;
    case HBR_UNSENT: return hbr_httpd_leave_failure(r);
    default: return hbr_httpd_leave_error(r, status, request.fields_before);
    }
}

int hbr_httpd_serve(hbr_entry_t *entry, request_rec *r)
{
    const hbr_dir_config_t *config = config_of(r);
    const hbr_scope_t *scope = config != NULL ? config->scope : NULL;
    const hbr_methods_t *methods = hbr_scope_methods(scope);
    const char *refused = NULL;
    hbr_route_t route = route_of(r, entry, scope, &refused);

    if (methods != NULL)
        narrow(r->pool, methods, r->method, &route);
    return serve(r, config, &route, refused);
}
