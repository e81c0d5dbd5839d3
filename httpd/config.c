/*
 * What the directives say.
 *
 * A section's configuration is merged on every request, so merging returns
 * one of the two where it can, and copies one small struct where it cannot.
 */
#include "config.h"

#include <apr_atomic.h>
#include <apr_fnmatch.h>
#include <apr_strings.h>

#include <http_core.h>

#include "argument.h"
#include "bridge/rare.h"
#include "mappings.h"
#include "names.h"

/* A limit: where it lies, and what may be written for it. */
typedef struct limit_t {
    const char *directive;
    apr_size_t offset;
    enum { IS_SIZE, IS_OFF, IS_FLAG } type; /* apr_size_t, apr_off_t, bool */
    bool is_size;                           /* K, M and G may stand behind it */
    apr_off_t most;
} limit_t;

#define KILO ((apr_off_t)1024)
#define MEGA (KILO * 1024)
#define GIGA (MEGA * 1024)
#define SIZE(name, field, most)                                                \
    {                                                                          \
        name, offsetof(hbr_settings_t, field), IS_SIZE, true, most             \
    }
#define WIDE(name, field, most)                                                \
    {                                                                          \
        name, offsetof(hbr_settings_t, field), IS_OFF, true, most              \
    }
#define COUNT(name, field, most)                                               \
    {                                                                          \
        name, offsetof(hbr_settings_t, field), IS_SIZE, false, most            \
    }
#define FLAG(name, field)                                                      \
    {                                                                          \
        name, offsetof(hbr_settings_t, field), IS_FLAG, false, 1               \
    }

/* One bit of settings_given stands for each, in this order. */
static const limit_t limits[] = {
    SIZE("BridgeBuffer", buffer, GIGA),
    COUNT("BridgeCacheTimeout", cache_timeout, 60 * 1000),
    COUNT("BridgeCacheWait", cache_wait, 3600 * 1000),
    COUNT("BridgeDeadline", deadline, 24 * 3600 * 1000),
    WIDE("BridgeLimitBody", body, GIGA * 1024),
    SIZE("BridgeLimitCacheKey", cache_key, 64 * KILO),
    SIZE("BridgeLimitCacheValue", cache_value, 256 * MEGA),
    WIDE("BridgeLimitFile", file, GIGA * 1024),
    SIZE("BridgeLimitFileName", file_name, MEGA),
    COUNT("BridgeLimitFiles", files, 100000),
    SIZE("BridgeLimitJSON", json, GIGA),
    COUNT("BridgeLimitJSONDepth", json_depth, 1000),
    SIZE("BridgeLimitName", name, MEGA),
    COUNT("BridgeLimitParams", params, 1000000),
    COUNT("BridgeLimitPartFields", part_fields, 10000),
    SIZE("BridgeLimitPartHeader", part_header, MEGA),
    COUNT("BridgeLimitParts", parts, 1000000),
    SIZE("BridgeLimitPreamble", preamble, GIGA),
    SIZE("BridgeLimitSession", session, GIGA),
    SIZE("BridgeLimitValue", value, GIGA),
    FLAG("BridgeNotes", notes),
    FLAG("BridgeServerTiming", server_timing),
    COUNT("BridgeSlow", slow, 24 * 3600 * 1000),
    SIZE("BridgeSpoolMemory", spool_memory, GIGA),
    FLAG("BridgeTrace", trace)
};
#define LIMITS (sizeof(limits) / sizeof(limits[0]))
#define SPOOL_DIR (1u << LIMITS)

const hbr_settings_t hbr_settings_default = HBR_SETTINGS_DEFAULT;

hbr_registry_t *hbr_registry;

static bool strict;

/* Written in .htaccess files by any thread: atomic, and never taken back. */
static apr_uint32_t takes_unverified;

void *hbr_dir_config_create(apr_pool_t *pool, char *path)
{
    hbr_dir_config_t *config = apr_pcalloc(pool, sizeof(*config));

    (void)path;
    config->settings = hbr_settings_default;
    return config;
}

static apr_off_t get_limit(const hbr_settings_t *settings, const limit_t *limit)
{
    const char *at = (const char *)settings + limit->offset;

    switch (limit->type) {
    case IS_OFF: return *(const apr_off_t *)at;
    case IS_FLAG: return *(const bool *)at;
    default: return (apr_off_t) * (const apr_size_t *)at;
    }
}

static void put_limit(hbr_settings_t *settings, const limit_t *limit,
                      apr_off_t number)
{
    char *at = (char *)settings + limit->offset;

    switch (limit->type) {
    case IS_OFF: *(apr_off_t *)at = number; break;
    case IS_FLAG: *(bool *)at = number != 0; break;
    default: *(apr_size_t *)at = (apr_size_t)number;
    }
}

static void merge_settings(hbr_dir_config_t *merged,
                           const hbr_dir_config_t *add)
{
    apr_size_t i;

    for (i = 0; i < LIMITS; i++)
        if (add->settings_given & (1u << i))
            put_limit(&merged->settings, &limits[i],
                      get_limit(&add->settings, &limits[i]));
    if (add->settings_given & SPOOL_DIR)
        merged->settings.spool_dir = add->settings.spool_dir;
    merged->settings_given |= add->settings_given;
}

static bool is_empty(const hbr_dir_config_t *config)
{
    return config->settings_given == 0 && config->scope == NULL
           && config->walk == HBR_WALK_UNSET;
}

static HBR_APART hbr_dir_config_t *merge(apr_pool_t *pool,
                                         const hbr_dir_config_t *outer,
                                         const hbr_dir_config_t *inner)
{
    hbr_dir_config_t *merged;

    merged = apr_pmemdup(pool, outer, sizeof(*outer));
    merge_settings(merged, inner);
    if (inner->walk != HBR_WALK_UNSET)
        merged->walk = inner->walk;
    merged->scope = hbr_scope_join(pool, inner->scope, outer->scope);
    return merged;
}

void *hbr_dir_config_merge(apr_pool_t *pool, void *base, void *add)
{
    if (is_empty(add))
        return base;
    if (is_empty(base))
        return add;
    return merge(pool, base, add);
}

hbr_section_t *hbr_config_section(cmd_parms *cmd, hbr_dir_config_t *config)
{
    if (config->section == NULL) {
        hbr_scope_t *scope = apr_pcalloc(cmd->pool, sizeof(*scope));

        config->section = apr_pcalloc(cmd->pool, sizeof(*config->section));
        scope->section = config->section;
        config->scope = scope;
    }
    return config->section;
}

static apr_size_t limit_named(const char *directive)
{
    apr_size_t i = 0;

    while (strcasecmp(limits[i].directive, directive) != 0)
        i++;
    return i;
}

const char *hbr_set_limit(cmd_parms *cmd, void *config, const char *value)
{
    hbr_dir_config_t *dir = config;
    apr_size_t i = limit_named(cmd->cmd->name);
    const char *wrong;
    apr_off_t number;

    wrong = hbr_argument_amount(cmd, value, limits[i].is_size, limits[i].most,
                                &number);
    if (wrong != NULL)
        return wrong;
    put_limit(&dir->settings, &limits[i], number);
    dir->settings_given |= 1u << i;
    return NULL;
}

const char *hbr_set_flag(cmd_parms *cmd, void *config, int on)
{
    hbr_dir_config_t *dir = config;
    apr_size_t i = limit_named(cmd->cmd->name);

    put_limit(&dir->settings, &limits[i], on);
    dir->settings_given |= 1u << i;
    return NULL;
}

const char *hbr_set_spool_dir(cmd_parms *cmd, void *config, const char *value)
{
    hbr_dir_config_t *dir = config;

    dir->settings.spool_dir = ap_server_root_relative(cmd->pool, value);
    dir->settings_given |= SPOOL_DIR;
    if (dir->settings.spool_dir == NULL
        || !ap_is_directory(cmd->temp_pool, dir->settings.spool_dir))
        return apr_psprintf(cmd->pool, "BridgeSpoolDir \"%s\" is no folder",
                            value);
    return NULL;
}

/* Names are checked while directives are processed, in the order of the files;
 * this one counts wherever it stands, so it is looked up before. */
void hbr_config_read_strict(apr_pool_t *pool)
{
    const ap_directive_t *at;

    strict = true;
    apr_atomic_set32(&takes_unverified, 0);
    for (at = ap_conftree; at != NULL; at = at->next) {
        const char *args = at->args;

        if (strcasecmp(at->directive, "BridgeStrict") == 0)
            strict = strcasecmp(ap_getword_conf(pool, &args), "Off") != 0;
    }
}

const char *hbr_set_strict(cmd_parms *cmd, void *config, int on)
{
    (void)config;
    (void)on;
    return ap_check_cmd_context(cmd, GLOBAL_ONLY);
}

static void note_mapping(cmd_parms *cmd, const char *name, const char *what)
{
    char *lower = apr_pstrdup(cmd->temp_pool, name);
    hbr_entry_t *entry;

    ap_str_tolower(lower);
    entry = hbr_registry_find(hbr_registry, lower);
    if (entry != NULL)
        hbr_mappings_add(cmd, what, entry);
}

static const char *check_name(cmd_parms *cmd, const char *name,
                              const char *what)
{
    const char *mistake = NULL;

    note_mapping(cmd, name, what);
    if (strict)
        mistake = hbr_name_mistake(hbr_registry, cmd->pool, name);
    return mistake != NULL
               ? apr_psprintf(cmd->pool, "%s: %s", cmd->cmd->name, mistake)
               : DECLINE_CMD;
}

static bool is_condition(const char *section)
{
    return strcasecmp(section, "<If") == 0
           || strcasecmp(section, "<ElseIf") == 0
           || strcasecmp(section, "<Else") == 0
           || strcasecmp(section, "<Limit") == 0
           || strcasecmp(section, "<LimitExcept") == 0;
}

const char *hbr_plain_location(const cmd_parms *cmd)
{
    const ap_directive_t *section =
        cmd->directive != NULL ? cmd->directive->parent : NULL;
    const char *args;
    char *path;

    while (section != NULL && is_condition(section->directive))
        section = section->parent;
    if (section == NULL || strcasecmp(section->directive, "<Location") != 0)
        return NULL;
    args = section->args;
    path = ap_getword_conf(cmd->pool, &args);
    if (*path != '\0' && *args == '\0' && path[strlen(path) - 1] == '>')
        path[strlen(path) - 1] = '\0';
    return apr_fnmatch_test(path) ? NULL : path;
}

const char *hbr_see_set_handler(cmd_parms *cmd, void *config, const char *name)
{
    hbr_section_t *section = hbr_config_section(cmd, config);
    const char *location = NULL;

    if (strcasecmp(name, "none") != 0)
        location = hbr_plain_location(cmd);
    section->set_handler = name;
    section->set_entry = hbr_registry_find(hbr_registry, name);
    section->location = location;
    section->location_length = location != NULL ? strlen(location) : 0;
    if (section->location_length > 0
        && location[section->location_length - 1] == '/')
        section->location_length--;
    return check_name(cmd, name, NULL);
}

/* httpd takes a directive for known when any module has it, so without this
 * AddHandler would be silently passed over where mod_mime is not loaded. */
const char *hbr_see_add_handler(cmd_parms *cmd, void *config, const char *name,
                                const char *extension)
{
    (void)config;
    if (ap_find_linked_module("mod_mime.c") == NULL)
        return "AddHandler is mod_mime's, which is not loaded";
    return check_name(cmd, name, extension);
}

/* As with AddHandler, mod_ssl's absence would go unseen. */
const char *hbr_see_verify_client(cmd_parms *cmd, void *config,
                                  const char *level)
{
    (void)config;
    if (ap_find_linked_module("mod_ssl.c") == NULL)
        return apr_psprintf(cmd->pool, "%s is mod_ssl's, which is not loaded",
                            cmd->cmd->name);
    if (strcasecmp(level, "optional_no_ca") == 0)
        apr_atomic_set32(&takes_unverified, 1);
    return DECLINE_CMD;
}

bool hbr_httpd_takes_unverified(void)
{
    return apr_atomic_read32(&takes_unverified) != 0;
}
