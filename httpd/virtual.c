/*
 * BridgeVirtual: a URL that is no file needs no walk through the directories.
 *
 * Only what core would do is replaced: every other module that translates has
 * had its say before (Redirect, RewriteRule, ProxyPass, Alias, UserDir), and
 * what it took is not marked. The mark is in the request's note and not in its
 * file name, which a rewriting rule could forge. Sections that go by the URL,
 * and with them access control and authentication, are httpd's as ever.
 */
#include "virtual.h"

#include <stdbool.h>
#include <string.h>

#include <http_core.h>
#include <http_log.h>
#include <http_request.h>

#include "config.h"
#include "descriptor.h"
#include "host.h"
#include "note.h"

APLOG_USE_MODULE(handlerbridge);

bool hbr_is_virtual(const request_rec *r)
{
    const hbr_note_t *note = hbr_note_of(r);

    return note != NULL && note->virtual_uri != NULL
           && note->virtual_uri == r->uri;
}

hbr_entry_t *hbr_virtual_entry(const request_rec *r)
{
    return hbr_is_virtual(r) ? hbr_note_of(r)->entry : NULL;
}

const char *hbr_virtual_path_info(const request_rec *r)
{
    return r->uri + 1 + strcspn(r->uri + 1, "/");
}

static bool is_on(const request_rec *r)
{
    const hbr_dir_config_t *config = hbr_config_of(r);

    return config != NULL && config->walk == HBR_WALK_NONE;
}

/* "OPTIONS *", what is to be proxied and has no proxy, and what is no path are
 * core's to answer; so is TRACE, before any file is looked for. */
static bool is_cores(const request_rec *r)
{
    return r->proxyreq != PROXYREQ_NONE || r->uri[0] != '/'
           || r->method_number == M_TRACE;
}

/* The path info is all of the URL: rules of mod_rewrite in a <Location> see the
 * file name with it, and go on matching. */
static void mark(request_rec *r)
{
    hbr_note_t *note = hbr_note_make(r);

    note->virtual_uri = r->uri;
    memcpy(note->file, HBR_NO_FILE, sizeof(note->file));
    r->filename = note->file;
    r->canonical_filename = r->filename;
    r->path_info = r->uri;
    r->finfo.filetype = APR_NOFILE;
}

/* The sections of a URL that a module has rewritten since httpd looked for them
 * (RewriteRule [PT]), from nothing. httpd will look again, but after this. */
static int look_again(request_rec *r)
{
    r->per_dir_config = r->server->lookup_defaults;
    return ap_location_walk(r);
}

/* Right before core's: marks a request whose sections say BridgeVirtual On. */
static int translate(request_rec *r)
{
    bool is_rewritten = r->uri != r->parsed_uri.path;
    int status = is_rewritten ? look_again(r) : OK;

    if (status != OK)
        return status;
    if (!is_on(r) || is_cores(r))
        return DECLINED;
    mark(r);
    return OK;
}

/* Nothing of a marked request is in storage. */
static int map(request_rec *r)
{
    return hbr_is_virtual(r) ? OK : DECLINED;
}

/* A marked request that goes to no handler of ours is not found: other
 * modules' handlers expect that the directories were asked. */
static int guard(request_rec *r)
{
    hbr_note_t *note;

    if (!hbr_is_virtual(r))
        return DECLINED;
    note = hbr_note_of(r);
    note->entry = hbr_httpd_find(r);
    if (note->entry != NULL || strcmp(r->handler, HBR_DESCRIPTOR_NAME) == 0
        || hbr_is_taken_care_of(r))
        return DECLINED;
    ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                  "HBR0280: BridgeVirtual: no handler of the bridge's is "
                  "mapped here, but %s",
                  r->handler);
    return HTTP_NOT_FOUND;
}

/* Every module that translates names goes before ours, but core; of those that
 * answer only a cache does. httpd sorts its hooks once more when all directives
 * are read, and orders them by the module that is said to register them. */
static void register_hooks(void)
{
    static const char *const translators[] = {
        "mod_rewrite.c",     "mod_alias.c",   "mod_proxy.c",
        "mod_vhost_alias.c", "mod_userdir.c", NULL
    };
    static const char *const cache[] = { "mod_cache.c", NULL };
    const char *before = apr_hook_debug_current;

    apr_hook_debug_current = handlerbridge_module.name;
    ap_hook_translate_name(translate, translators, NULL, APR_HOOK_LAST);
    ap_hook_map_to_storage(map, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_handler(guard, cache, NULL, APR_HOOK_REALLY_FIRST);
    apr_hook_debug_current = before;
}

/* A server without BridgeVirtual On does not ask these hooks at all. */
static bool is_registered;

void hbr_virtual_begin(void)
{
    is_registered = false;
}

const char *hbr_set_virtual(cmd_parms *cmd, void *config, int on)
{
    const char *mistake = ap_check_cmd_context(
        cmd, NOT_IN_DIRECTORY | NOT_IN_FILES | NOT_IN_LIMIT | NOT_IN_PROXY);

    if (mistake != NULL)
        return mistake;
    ((hbr_dir_config_t *)config)->walk = on ? HBR_WALK_NONE : HBR_WALK_DONE;
    if (on && !is_registered)
        register_hooks();
    is_registered = is_registered || on;
    return NULL;
}
