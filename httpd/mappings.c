/*
 * What the configuration maps, line by line. Written while the configuration
 * is read, in one thread; only read afterwards.
 */
#include "mappings.h"

#include <string.h>

#include <apr_strings.h>

#include <http_main.h>

#include "bridge/host.h"

static apr_array_header_t *mappings;
static bool reading;

void hbr_mappings_begin(apr_pool_t *pconf)
{
    mappings = apr_array_make(pconf, 16, sizeof(hbr_mapping_t));
    reading = true;
}

void hbr_mappings_end(void)
{
    reading = false;
}

bool hbr_mappings_reading(void)
{
    return reading;
}

/* "<Location /x> <If ...>", as they were written; a vhost is told by its
 * server. */
static const char *section_of(const cmd_parms *cmd)
{
    const ap_directive_t *at =
        cmd->directive != NULL ? cmd->directive->parent : NULL;
    const char *section = NULL;

    for (; at != NULL && strcasecmp(at->directive, "<VirtualHost") != 0;
         at = at->parent)
        section =
            apr_pstrcat(cmd->pool, at->directive, *at->args == '>' ? "" : " ",
                        at->args, section != NULL ? " " : NULL, section, NULL);
    return section;
}

static void add(cmd_parms *cmd, const hbr_mapping_t *what)
{
    hbr_mapping_t *mapping;

    if (!reading)
        return;
    mapping = apr_array_push(mappings);
    *mapping = *what;
    mapping->server = cmd->server;
    mapping->directive = cmd->cmd->name;
    mapping->file = cmd->directive->filename;
    mapping->line = cmd->directive->line_num;
    mapping->section = section_of(cmd);
}

void hbr_mappings_add(cmd_parms *cmd, const char *what, hbr_entry_t *entry)
{
    add(cmd, &(hbr_mapping_t){ .what = what, .entry = entry });
}

void hbr_mappings_add_line(cmd_parms *cmd, const char *methods,
                           const hbr_pattern_t *pattern,
                           const hbr_target_t *target)
{
    add(cmd, &(hbr_mapping_t){ .methods = apr_pstrdup(cmd->pool, methods),
                               .what = pattern->text,
                               .entry = target->entry,
                               .target = target });
}

void hbr_mappings_add_removal(cmd_parms *cmd, const char *methods,
                              const char *pattern, bool is_inherited)
{
    add(cmd, &(hbr_mapping_t){ .methods = apr_pstrdup(cmd->pool, methods),
                               .what = pattern,
                               .is_inherited = is_inherited });
}

/* A section may be around any; a server inherits from the main one alone. */
static bool may_inherit(const hbr_mapping_t *removal,
                        const hbr_mapping_t *mapping,
                        const server_rec *main_server)
{
    if (removal->section != NULL)
        return true;
    return mapping->section == NULL && mapping->server == main_server
           && removal->server != main_server;
}

static bool is_answered(const hbr_mapping_t *removal,
                        const server_rec *main_server)
{
    int i;

    for (i = 0; i < mappings->nelts; i++) {
        const hbr_mapping_t *mapping =
            &APR_ARRAY_IDX(mappings, i, hbr_mapping_t);

        if (mapping->target != NULL
            && strcmp(mapping->methods, removal->methods) == 0
            && strcmp(mapping->what, removal->what) == 0
            && may_inherit(removal, mapping, main_server))
            return true;
    }
    return false;
}

static const char *missing(apr_pool_t *pool, const hbr_mapping_t *removal)
{
    return apr_psprintf(
        pool,
        "%s line %d: BridgeUnmap %s %s: there is no BridgeMap "
        "of exactly that text %s",
        removal->file, removal->line, removal->methods, removal->what,
        removal->section != NULL ? "anywhere"
                                 : "before it, or in the main server");
}

const char *hbr_mappings_missing(apr_pool_t *pool,
                                 const server_rec *main_server)
{
    int i;

    for (i = 0; i < mappings->nelts; i++) {
        const hbr_mapping_t *removal =
            &APR_ARRAY_IDX(mappings, i, hbr_mapping_t);

        if (removal->is_inherited && !is_answered(removal, main_server))
            return missing(pool, removal);
    }
    return NULL;
}

const apr_array_header_t *hbr_mappings_all(void)
{
    return mappings;
}

const char *hbr_mapping_server(apr_pool_t *pool, const hbr_mapping_t *mapping,
                               const server_rec *main_server)
{
    const server_rec *server = mapping->server;
    const char *name =
        server->server_hostname != NULL ? server->server_hostname : "*";

    if (server == main_server)
        return "main";
    if (server->addrs == NULL || server->addrs->host_port == 0)
        return name;
    return apr_psprintf(pool, "%s:%d", name, (int)server->addrs->host_port);
}

const apr_array_header_t *hbr_httpd_mappings(void *request, apr_pool_t *pool)
{
    apr_array_header_t *known =
        apr_array_make(pool, mappings->nelts + 1, sizeof(hbr_host_mapping_t));
    int i;

    (void)request;
    for (i = 0; i < mappings->nelts; i++) {
        const hbr_mapping_t *mapping =
            &APR_ARRAY_IDX(mappings, i, hbr_mapping_t);

        if (mapping->entry != NULL)
            APR_ARRAY_PUSH(known, hbr_host_mapping_t) = (hbr_host_mapping_t){
                .handler = mapping->entry->name,
                .server = hbr_mapping_server(pool, mapping, ap_server_conf),
                .section = mapping->section,
                .directive = mapping->directive,
                .methods = mapping->methods,
                .what = mapping->what,
                .file = mapping->file,
                .line = mapping->line
            };
    }
    return known;
}

static bool holds(const apr_array_header_t *entries, const hbr_entry_t *entry)
{
    int i;

    for (i = 0; i < entries->nelts; i++)
        if (APR_ARRAY_IDX(entries, i, hbr_entry_t *) == entry)
            return true;
    return false;
}

hbr_entry_t *const *hbr_mappings_of(apr_pool_t *pool, const server_rec *server,
                                    const server_rec *main_server,
                                    apr_size_t *count)
{
    apr_array_header_t *entries =
        apr_array_make(pool, mappings->nelts + 1, sizeof(hbr_entry_t *));
    int i;

    for (i = 0; i < mappings->nelts; i++) {
        const hbr_mapping_t *mapping =
            &APR_ARRAY_IDX(mappings, i, hbr_mapping_t);

        if (mapping->entry != NULL
            && (mapping->server == server || mapping->server == main_server)
            && !holds(entries, mapping->entry))
            APR_ARRAY_PUSH(entries, hbr_entry_t *) = mapping->entry;
    }
    *count = entries->nelts;
    return (hbr_entry_t *const *)entries->elts;
}
