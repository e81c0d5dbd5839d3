/*
 * A request_rec as the bridge's request.
 */
#include <http_protocol.h>
#include <http_request.h>
#include <ap_mpm.h>

#include "body.h"
#include "cache.h"
#include "config.h"
#include "crash.h"
#include "database.h"
#include "host.h"
#include "mappings.h"
#include "note.h"
#include "output_cache.h"
#include "session.h"
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

/* Mostly it is a BridgeMap's, or the nearest SetHandler's, which was looked up
 * when it was read. */
hbr_entry_t *hbr_httpd_find(const request_rec *r)
{
    hbr_entry_t *entry = hbr_way_entry(r);
    const hbr_section_t *section;

    if (entry != NULL)
        return entry;
    section = hbr_scope_set_handler(hbr_scope_of(r));
    return section != NULL && strcmp(section->set_handler, r->handler) == 0
               ? section->set_entry
               : hbr_registry_find(hbr_registry, r->handler);
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
                       : path_info_of(r, hbr_scope_of(r));
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

    return hbr_scope_options(r->pool, hbr_scope_of(r), entry, nearest);
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
                                               .options = options,
                                               .mappings = hbr_httpd_mappings };

const hbr_host_t hbr_httpd_host = { .request = &hbr_httpd_request,
                                    .client = &hbr_httpd_client,
                                    .output = &hbr_httpd_output,
                                    .body = &hbr_httpd_body,
                                    .log = &hbr_httpd_log,
                                    .database = &hbr_httpd_database,
                                    .session = &hbr_httpd_session,
                                    .cache = &hbr_httpd_cache };

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
    hbr_require_e require = hbr_scope_require(scope);

    if (r->used_path_info == AP_REQ_REJECT_PATH_INFO
        && *route->path_info != '\0')
        return "The URL goes on behind what is mapped (AcceptPathInfo Off).";
    if (require > HBR_REQUIRE_NONE && !hbr_is_there(r, require))
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

/* Where nothing is mapped, and no descriptor file asked, there is none. */
static const hbr_way_t *way_of(request_rec *r, const hbr_scope_t *scope)
{
    const hbr_note_t *note = hbr_note_of(r);
    bool may_be =
        (scope != NULL && scope->maps) || (note != NULL && note->way != NULL);

    return may_be ? hbr_way_of(r) : NULL;
}

/* The way that httpd's configuration names, and what it says against it. */
static void set_route(hbr_request_t *request, request_rec *r,
                      const hbr_scope_t *scope)
{
    const hbr_methods_t *methods = hbr_scope_methods(scope);
    const hbr_way_t *way = way_of(r, scope);
    hbr_route_t *route = &request->route;

    if (way != NULL)
        *route = *hbr_way_route(way);
    else
        route->path_info = path_info_of(r, scope);
    if (way == NULL || hbr_way_is_file(way))
        request->refused = refusal(r, route, scope);
    if (methods != NULL)
        narrow(r->pool, methods, r->method, route);
}

static hbr_request_t *request_of(hbr_entry_t *entry, request_rec *r)
{
    const hbr_dir_config_t *config = hbr_config_of(r);
    hbr_request_t *request = hbr_request_make(r->pool);

    if (hbr_output_cache_forgets)
        hbr_output_cache_ask_whole(r);
    request->host = &hbr_httpd_host;
    request->request = r;
    request->settings =
        config != NULL ? &config->settings : &hbr_settings_default;
    request->bucket_alloc = r->connection->bucket_alloc;
    request->method = r->method;
    request->uri = r->uri;
    request->route.entry = entry;
    set_route(request, r, config != NULL ? config->scope : NULL);
    request->args = r->args;
    request->headers_in = r->headers_in;
    request->headers_out = r->headers_out;
    request->fields_before = copy_of(r->pool, r->headers_out);
    request->time = r->request_time;
    request->status = r->status != HTTP_OK ? r->status : 0;
    request->head_only = r->header_only;
    request->is_fragment = r->no_local_copy;
    request->is_subrequest = r->main != NULL;
    request->is_nested = r->main != NULL || r->prev != NULL;
    return request;
}

/* What comes after it, reading and answering what is left, is not the handler's
 * work. */
static int serve_noted(hbr_request_t *request, const request_rec *r)
{
    hbr_crumb_t crumb;
    int status;

    hbr_crash_enter(&crumb, request->route.entry->name, r);
    status = hbr_serve(request);
    hbr_crash_leave(&crumb);
    return status;
}

int hbr_httpd_serve(hbr_entry_t *entry, request_rec *r)
{
    hbr_request_t *request = request_of(entry, r);
    int status = serve_noted(request, r);

    if (r->connection->master != NULL)
        hbr_body_drain(r);
    switch (status) {
    case HBR_OK: return OK;
    case HBR_ANSWERED: return AP_FILTER_ERROR;
    case HBR_UNSENT: return hbr_httpd_leave_failure(r);
    default: return hbr_httpd_leave_error(r, status, request->fields_before);
    }
}
