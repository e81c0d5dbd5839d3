/*
 * What the configuration maps, line by line. Written while the configuration
 * is read, in one thread; only read afterwards.
 */
#include "mappings.h"

#include <string.h>

#include <apr_strings.h>

/* A BridgeUnmap of something inherited. */
typedef struct removal_t {
    const server_rec *server;
    const char *file;
    int line;
    const char *section;
    const char *methods;
    const char *pattern;
} removal_t;

static apr_array_header_t *mappings;
static apr_array_header_t *removals;
static bool reading;

void hbr_mappings_begin(apr_pool_t *pconf)
{
    mappings = apr_array_make(pconf, 16, sizeof(hbr_mapping_t));
    removals = apr_array_make(pconf, 4, sizeof(removal_t));
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

/* "<Location /x>", as it was written; a vhost is told by its server. */
static const char *section_of(const cmd_parms *cmd)
{
    const ap_directive_t *parent =
        cmd->directive != NULL ? cmd->directive->parent : NULL;

    if (parent == NULL || strcasecmp(parent->directive, "<VirtualHost") == 0)
        return NULL;
    return apr_pstrcat(cmd->pool, parent->directive, " ", parent->args, NULL);
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
                              const hbr_pattern_t *pattern)
{
    if (!reading)
        return;
    APR_ARRAY_PUSH(removals, removal_t) =
        (removal_t){ .server = cmd->server,
                     .file = cmd->directive->filename,
                     .line = cmd->directive->line_num,
                     .section = section_of(cmd),
                     .methods = apr_pstrdup(cmd->pool, methods),
                     .pattern = pattern->text };
}

/* A section may be around any; a server inherits from the main one alone. */
static bool may_inherit(const removal_t *removal, const hbr_mapping_t *mapping,
                        const server_rec *main_server)
{
    if (removal->section != NULL)
        return true;
    return mapping->section == NULL && mapping->server == main_server
           && removal->server != main_server;
}

static bool is_answered(const removal_t *removal, const server_rec *main_server)
{
    int i;

    for (i = 0; i < mappings->nelts; i++) {
        const hbr_mapping_t *mapping =
            &APR_ARRAY_IDX(mappings, i, hbr_mapping_t);

        if (mapping->methods != NULL
            && strcmp(mapping->methods, removal->methods) == 0
            && strcmp(mapping->what, removal->pattern) == 0
            && may_inherit(removal, mapping, main_server))
            return true;
    }
    return false;
}

const char *hbr_mappings_missing(apr_pool_t *pool,
                                 const server_rec *main_server)
{
    int i;

    for (i = 0; i < removals->nelts; i++) {
        const removal_t *removal = &APR_ARRAY_IDX(removals, i, removal_t);

        if (!is_answered(removal, main_server))
            return apr_psprintf(pool,
                                "%s line %d: BridgeUnmap %s %s: there is no "
                                "BridgeMap of exactly that text %s",
                                removal->file, removal->line, removal->methods,
                                removal->pattern,
                                removal->section != NULL
                                    ? "anywhere"
                                    : "before it, or in the main server");
    }
    return NULL;
}

const apr_array_header_t *hbr_mappings_all(void)
{
    return mappings;
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

        if ((mapping->server == server || mapping->server == main_server)
            && !holds(entries, mapping->entry))
            APR_ARRAY_PUSH(entries, hbr_entry_t *) = mapping->entry;
    }
    *count = entries->nelts;
    return (hbr_entry_t *const *)entries->elts;
}
