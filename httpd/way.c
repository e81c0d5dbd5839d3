/*
 * A request's way through the mappings that fit it: the nearest section's
 * before those around it, each section's in order. A SetHandler ends the way
 * where it is nearer than what could follow. Everything here is the request's.
 */
#include "way.h"

#include <http_config.h>
#include <http_core.h>

#include <apr_strings.h>

#include "bridge/rare.h"
#include "config.h"
#include "host.h"
#include "note.h"
#include "unmap.h"

struct hbr_way_t {
    request_rec *r;
    const char *uri;       /* r's when it was looked up */
    const char *path;      /* what was looked up */
    const char *named;     /* what r->handler was set to */
    apr_filetype_e type;   /* what lies on the disk */
    const hbr_scope_t *at; /* whose map is walked; NULL: at the end */
    hbr_map_walk_t walk;
    bool is_open;                 /* the walk is through at's map */
    hbr_require_e require;        /* where the mapping says nothing */
    const hbr_methods_t *methods; /* BridgeMethods; NULL: none */
    const hbr_unmapped_t *gone;   /* from the outer sections */
    const hbr_target_t *target;
    hbr_route_t route;
    hbr_methods_t refused; /* of mappings that fit but for the method */
    bool is_file;          /* a descriptor file said it, and no BridgeMap */
};

/* Whether it is the URL that lies on the disk, and not its beginning. */
static bool is_whole(const request_rec *r)
{
    return r->path_info == NULL || *r->path_info == '\0'
           || r->used_path_info == AP_REQ_ACCEPT_PATH_INFO;
}

static bool is_there(const request_rec *r, apr_filetype_e type,
                     hbr_require_e require)
{
    bool is_file = type == APR_REG;
    bool is_directory = type == APR_DIR;

    switch (require) {
    case HBR_REQUIRE_FILE: return is_file && is_whole(r);
    case HBR_REQUIRE_DIRECTORY: return is_directory && is_whole(r);
    case HBR_REQUIRE_EITHER: return (is_file || is_directory) && is_whole(r);
    case HBR_REQUIRE_UNSET:
    case HBR_REQUIRE_NONE: break;
    }
    return true;
}

bool hbr_is_there(const request_rec *r, hbr_require_e require)
{
    return is_there(r, r->finfo.filetype, require);
}

static bool accepts_path_info(const request_rec *r)
{
    return r->used_path_info == AP_REQ_ACCEPT_PATH_INFO;
}

static void open_walk(hbr_way_t *way)
{
    hbr_map_open(&way->walk, way->at->section->map, way->r->pool, way->path,
                 strlen(way->path),
                 accepts_path_info(way->r) ? HBR_PATTERN_PATH_INFO : 0);
    way->is_open = true;
}

static bool next_in_section(hbr_way_t *way, hbr_map_match_t *match)
{
    const hbr_section_t *section = way->at->section;

    if (section->map == NULL)
        return false;
    if (!way->is_open)
        open_walk(way);
    while (hbr_map_next(&way->walk, match))
        if (!hbr_is_unmapped(way->gone, section, match->index))
            return true;
    return false;
}

static bool next_match(hbr_way_t *way, hbr_map_match_t *match)
{
    while (way->at != NULL) {
        const hbr_section_t *section = way->at->section;

        if (next_in_section(way, match))
            return true;
        way->at = section->set_handler != NULL || section->clears
                      ? NULL
                      : way->at->outer;
        way->is_open = false;
    }
    return false;
}

static const hbr_pair_t *params_of(hbr_way_t *way, const hbr_map_match_t *match)
{
    const hbr_pattern_t *pattern = match->entry->pattern;
    hbr_pair_t *params;
    apr_size_t i;

    if (pattern->parameters == 0)
        return NULL;
    params = apr_palloc(way->r->pool, pattern->parameters * sizeof(*params));
    for (i = 0; i < pattern->parameters; i++) {
        const hbr_path_value_t *value = &match->where.values[i];

        params[i].name = hbr_pattern_name(pattern, i);
        params[i].name_length = strlen(params[i].name);
        params[i].value = apr_pstrmemdup(
            way->r->pool, way->path + value->offset, value->length);
        params[i].value_length = value->length;
    }
    return params;
}

static void go_by(hbr_way_t *way, const hbr_map_match_t *match)
{
    const hbr_target_t *target = match->entry->data;

    way->target = target;
    way->route =
        (hbr_route_t){ .entry = target->entry,
                       .methods = &target->methods,
                       .path_info = way->path + match->where.end,
                       .params = params_of(way, match),
                       .param_count = match->entry->pattern->parameters };
}

/* A mapping that fits but for the method counts for Allow. */
static void note_refused(hbr_way_t *way, const hbr_map_match_t *match)
{
    const hbr_target_t *target = match->entry->data;

    if (way->target == NULL) {
        go_by(way, match);
        way->refused = target->methods;
    } else {
        hbr_methods_join(way->r->pool, &way->refused, &target->methods,
                         &way->refused);
    }
    way->route.methods = &way->refused;
}

static bool is_required_there(const hbr_way_t *way, const hbr_target_t *target)
{
    return is_there(way->r, way->type,
                    target->require != HBR_REQUIRE_UNSET ? target->require
                                                         : way->require);
}

static bool is_allowed(const hbr_way_t *way, const hbr_target_t *target)
{
    const char *method = way->r->method;

    return hbr_methods_allow(&target->methods, method)
           && (way->methods == NULL || hbr_methods_allow(way->methods, method));
}

bool hbr_way_next(hbr_way_t *way)
{
    hbr_map_match_t match;

    while (next_match(way, &match)) {
        const hbr_target_t *target = match.entry->data;

        if (is_required_there(way, target) && is_allowed(way, target)) {
            go_by(way, &match);
            return true;
        }
    }
    return false;
}

/* The first mapping for this method, or else what tells which there are;
 * without a target when nothing fits. */
static void find_first(hbr_way_t *way)
{
    hbr_map_match_t match;

    while (next_match(way, &match)) {
        const hbr_target_t *target = match.entry->data;

        if (!is_required_there(way, target))
            continue;
        if (is_allowed(way, target)) {
            go_by(way, &match);
            return;
        }
        note_refused(way, &match);
    }
}

/* Slashes in a row are one, as for <Location>: with MergeSlashes Off they would
 * otherwise lead around a mapping. */
static const char *path_of(request_rec *r)
{
    char *path;

    if (strstr(r->uri, "//") == NULL)
        return r->uri;
    path = apr_pstrdup(r->pool, r->uri);
    ap_no2slash(path);
    return path;
}

static hbr_way_t *find_way(request_rec *r, const hbr_scope_t *scope)
{
    hbr_way_t *way = apr_palloc(r->pool, sizeof(*way));

    way->r = r;
    way->uri = r->uri;
    way->path = path_of(r);
    way->named = NULL;
    way->type = r->finfo.filetype;
    way->at = scope;
    way->is_open = false;
    way->require = hbr_scope_require(scope);
    way->methods = hbr_scope_methods(scope);
    way->gone = hbr_unmap(r, scope);
    way->is_file = false;
    way->target = NULL;
    find_first(way);
    if (way->target != NULL)
        way->named = way->route.entry->name;
    return way;
}

static bool has_maps(const request_rec *r)
{
    const hbr_scope_t *scope = hbr_scope_of(r);

    return scope != NULL && scope->maps;
}

static hbr_way_t *look_up(request_rec *r)
{
    hbr_way_t *way = find_way(r, hbr_scope_of(r));

    hbr_note_make(r)->way = way;
    return way;
}

/* What another module has decided to do with the request stays decided. */
bool hbr_is_taken_care_of(const request_rec *r)
{
    return r->proxyreq != PROXYREQ_NONE
           || (r->handler != NULL
               && (strcmp(r->handler, "redirect-handler") == 0
                   || strcmp(r->handler, "proxy-server") == 0));
}

/* mod_dir comes later, and would send a folder's URL elsewhere: to the one with
 * a slash, or to an index file. A mapped one is not its to answer. */
static void keep_folder(request_rec *r)
{
    if (r->finfo.filetype == APR_DIR)
        r->finfo.filetype = APR_UNKFILE;
}

static HBR_APART int fixup_mapped(request_rec *r)
{
    hbr_way_t *way;

    if (hbr_is_taken_care_of(r))
        return DECLINED;
    way = look_up(r);
    if (way->target == NULL)
        return DECLINED;
    r->handler = way->named;
    keep_folder(r);
    return OK;
}

int hbr_way_fixups(request_rec *r)
{
    return has_maps(r) ? fixup_mapped(r) : DECLINED;
}

/* Whether it is what r's handler comes from. */
static bool names(const hbr_way_t *way, const request_rec *r)
{
    return way != NULL && way->named != NULL && way->named == r->handler;
}

hbr_entry_t *hbr_way_entry(const request_rec *r)
{
    const hbr_note_t *note = hbr_note_of(r);

    return note != NULL && names(note->way, r) ? note->way->route.entry : NULL;
}

/* A redirect within the server that skips the fixups (mod_dir's) brings
 * another URL, and maybe the first map. */
hbr_way_t *hbr_way_of(request_rec *r)
{
    const hbr_note_t *note = hbr_note_of(r);
    hbr_way_t *way = note != NULL ? note->way : NULL;

    if (way == NULL || way->uri != r->uri)
        way = has_maps(r) ? look_up(r) : NULL;
    return names(way, r) ? way : NULL;
}

/* httpd sets r->handler back when the handler has run, so the name is noted for
 * hbr_way_log(). */
static void name_handler(request_rec *r, const char *name)
{
    r->handler = name;
    hbr_note_make(r)->handler = name;
}

int hbr_way_log(request_rec *r)
{
    for (; r != NULL; r = r->next) {
        const hbr_note_t *note = hbr_note_of(r);

        if (note != NULL && note->handler != NULL)
            r->handler = note->handler;
    }
    return DECLINED;
}

void hbr_way_set(request_rec *r, const hbr_target_t *target)
{
    hbr_way_t *way = apr_pcalloc(r->pool, sizeof(*way));

    way->r = r;
    way->uri = r->uri;
    way->is_file = true;
    way->target = target;
    way->route.entry = target->entry;
    way->route.methods = &target->methods;
    way->route.path_info = r->path_info != NULL ? r->path_info : "";
    way->named = target->entry->name;
    name_handler(r, way->named);
    hbr_note_make(r)->way = way;
}

void hbr_way_rename(request_rec *r, const char *handler)
{
    hbr_way_t *way = hbr_way_of(r);

    if (way != NULL)
        way->named = handler;
    name_handler(r, handler);
}

bool hbr_way_is_file(const hbr_way_t *way)
{
    return way->is_file;
}

const hbr_route_t *hbr_way_route(const hbr_way_t *way)
{
    return &way->route;
}

const hbr_target_t *hbr_way_target(const hbr_way_t *way)
{
    return way->target;
}
