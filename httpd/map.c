/*
 * The directives that map. What they say goes into the section they stand in;
 * mistakes in the server's own files stop it, in .htaccess the request.
 */
#include "map.h"

#include <apr_strings.h>

#include <http_core.h>
#include <http_log.h>

#include "config.h"
#include "host.h"
#include "mappings.h"
#include "names.h"

APLOG_USE_MODULE(handlerbridge);

static const struct {
    const char *word;
    hbr_require_e require;
} requirements[] = { { "file", HBR_REQUIRE_FILE },
                     { "directory", HBR_REQUIRE_DIRECTORY },
                     { "either", HBR_REQUIRE_EITHER },
                     { "none", HBR_REQUIRE_NONE } };

static const char *read_require(apr_pool_t *pool, const char *word,
                                hbr_require_e *require)
{
    apr_size_t i;

    for (i = 0; i < sizeof(requirements) / sizeof(*requirements); i++)
        if (strcasecmp(requirements[i].word, word) == 0) {
            *require = requirements[i].require;
            return NULL;
        }
    return apr_psprintf(
        pool, "\"%s\" is none of file, directory, either and none", word);
}

const char *hbr_require_word(hbr_require_e require)
{
    apr_size_t i = 0;

    while (requirements[i].require != require)
        i++;
    return requirements[i].word;
}

const char *hbr_set_require(cmd_parms *cmd, void *config, const char *what)
{
    const char *mistake = ap_check_cmd_context(cmd, NOT_IN_LIMIT);

    if (mistake != NULL)
        return mistake;
    mistake = read_require(cmd->pool, what,
                           &hbr_config_section(cmd, config)->require);
    return mistake == NULL
               ? NULL
               : apr_pstrcat(cmd->pool, "BridgeRequire ", mistake, NULL);
}

const char *hbr_set_methods(cmd_parms *cmd, void *config, const char *methods)
{
    hbr_methods_t *read = apr_palloc(cmd->pool, sizeof(*read));
    const char *mistake = ap_check_cmd_context(cmd, NOT_IN_LIMIT);

    if (mistake != NULL)
        return mistake;
    if (*methods == '"')
        methods = ap_getword_conf(cmd->pool, &methods);
    mistake = hbr_methods_parse(cmd->pool, methods, read);
    if (mistake != NULL)
        return apr_pstrcat(cmd->pool, "BridgeMethods: ", mistake, NULL);
    hbr_config_section(cmd, config)->methods = read;
    return NULL;
}

const char *hbr_set_files(cmd_parms *cmd, void *config, int on)
{
    hbr_section_t *section = hbr_config_section(cmd, config);

    section->names_files = true;
    section->files = on;
    return NULL;
}

/* Names in our own directives are always known ones. */
static hbr_entry_t *find_handler(cmd_parms *cmd, const char *name,
                                 const char **mistake)
{
    hbr_entry_t *entry = hbr_name_find(hbr_registry, cmd->pool, name, mistake);

    if (entry == NULL)
        *mistake = apr_pstrcat(cmd->pool, cmd->cmd->name, ": ", *mistake, NULL);
    return entry;
}

static hbr_values_t *values_of(cmd_parms *cmd, hbr_section_t *section,
                               const hbr_entry_t *entry)
{
    hbr_values_t *values = (hbr_values_t *)hbr_section_values(section, entry);

    if (values != NULL)
        return values;
    if (section->values == NULL)
        section->values = apr_array_make(cmd->pool, 2, sizeof(*values));
    values = apr_array_push(section->values);
    memset(values, 0, sizeof(*values));
    return values;
}

static const char *set_option(cmd_parms *cmd, hbr_dir_config_t *dir,
                              const char *name, const char *key,
                              const char *value)
{
    const char *mistake = NULL;
    hbr_entry_t *entry = find_handler(cmd, name, &mistake);
    hbr_section_t *section;

    if (entry == NULL)
        return mistake;
    section = hbr_config_section(cmd, dir);
    mistake = hbr_values_set(cmd->pool, values_of(cmd, section, entry), entry,
                             key, value);
    return mistake == NULL
               ? NULL
               : apr_pstrcat(cmd->pool, "BridgeSet: ", mistake, NULL);
}

/* Taken apart here: a value may be "", which httpd takes for none. */
const char *hbr_set_option(cmd_parms *cmd, void *config, const char *args)
{
    const char *mistake = ap_check_cmd_context(cmd, NOT_IN_LIMIT);
    const char *name = ap_getword_conf(cmd->pool, &args);
    const char *key = ap_getword_conf(cmd->pool, &args);
    bool is_given = *args != '\0';
    const char *value = ap_getword_conf(cmd->pool, &args);

    if (mistake != NULL)
        return mistake;
    if (!is_given || *args != '\0')
        return "BridgeSet takes three arguments, a handler, one of its "
               "options, and its value";
    return set_option(cmd, config, name, key, value);
}

/* key=value behind the handler's name. */
static const char *read_pair(cmd_parms *cmd, hbr_target_t *target,
                             const char *pair)
{
    const char *equals = strchr(pair, '=');
    const char *key;

    if (equals == NULL)
        return apr_psprintf(cmd->pool, "\"%s\" is no key=value", pair);
    key = apr_pstrmemdup(cmd->pool, pair, equals - pair);
    if (strcmp(key, "require") == 0)
        return read_require(cmd->pool, equals + 1, &target->require);
    return hbr_values_set(cmd->pool, &target->values, target->entry, key,
                          equals + 1);
}

/* A method that is written and has no effect is a mistake, but none that opens
 * anything. "*" is all that the handler answers; OPTIONS is the bridge's. */
static void warn_of_methods(cmd_parms *cmd, const hbr_entry_t *entry,
                            const hbr_methods_t *line)
{
    apr_size_t i;

    for (i = 0; hbr_mappings_reading() && i < line->count; i++)
        if (strcmp(line->names[i], "OPTIONS") != 0
            && !hbr_methods_allow(&entry->methods, line->names[i]))
            ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_WARNING, 0, NULL,
                         "HBR0262: %s line %d: BridgeMap: the handler \"%s\" "
                         "does not answer %s, only %s",
                         cmd->directive->filename, cmd->directive->line_num,
                         entry->name, line->names[i], entry->methods.allow);
}

/* What the line allows and the handler answers. */
static const char *read_methods(cmd_parms *cmd, hbr_target_t *target,
                                const char *text)
{
    const hbr_entry_t *entry = target->entry;
    hbr_methods_t line;
    const char *mistake = hbr_methods_parse(cmd->pool, text, &line);

    if (mistake != NULL)
        return mistake;
    hbr_methods_meet(cmd->pool, &line, &entry->methods, &target->methods);
    if (target->methods.any || target->methods.count > 0) {
        warn_of_methods(cmd, entry, &line);
        return NULL;
    }
    return apr_psprintf(cmd->pool,
                        "the handler \"%s\" answers none of %s, but %s",
                        entry->name, text, entry->methods.allow);
}

static const char *read_target(cmd_parms *cmd, int argc, char *const argv[],
                               hbr_target_t *target)
{
    const char *mistake = NULL;
    int i;

    target->entry = find_handler(cmd, argv[2], &mistake);
    if (target->entry == NULL)
        return mistake;
    mistake = read_methods(cmd, target, argv[0]);
    for (i = 3; mistake == NULL && i < argc; i++)
        mistake = read_pair(cmd, target, argv[i]);
    return mistake == NULL
               ? NULL
               : apr_pstrcat(cmd->pool, "BridgeMap: ", mistake, NULL);
}

static void open_map(cmd_parms *cmd, hbr_dir_config_t *dir,
                     hbr_section_t *section)
{
    if (section->map == NULL)
        section->map = hbr_map_create(cmd->pool);
    ((hbr_scope_t *)dir->scope)->maps = true;
}

/* A pattern that no path below the Location can match. A shorter one can where
 * AcceptPathInfo is On, which any section around this one may say. */
static bool misses(const hbr_pattern_t *pattern, const char *location)
{
    apr_size_t i;

    if (!pattern->absolute)
        return false;
    for (i = 0; *location == '/' && location[1] != '\0'; i++) {
        apr_size_t length = strcspn(++location, "/");
        const hbr_segment_t *segment;

        if (i >= pattern->count)
            return false;
        segment = &pattern->segments[i];
        if (segment->kind == HBR_SEGMENT_TREE
            || segment->kind == HBR_SEGMENT_PATH)
            return false;
        if (segment->kind == HBR_SEGMENT_LITERAL
            && (segment->length != length
                || memcmp(segment->text, location, length) != 0))
            return true;
        location += length;
    }
    return false;
}

static const char *add_one(cmd_parms *cmd, hbr_section_t *section,
                           const char *methods, const char *pattern,
                           hbr_target_t *target)
{
    const char *location = hbr_plain_location(cmd);
    const char *mistake = hbr_map_add(section->map, methods, pattern, target);
    const hbr_map_entry_t *added;

    if (mistake != NULL)
        return apr_pstrcat(cmd->pool, "BridgeMap: ", mistake, NULL);
    added = hbr_map_entry(section->map, hbr_map_count(section->map) - 1);
    if (location != NULL && misses(added->pattern, location))
        return apr_psprintf(cmd->pool,
                            "BridgeMap: no URL below <Location %s> matches %s: "
                            "patterns with a slash are of the whole path",
                            location, pattern);
    hbr_mappings_add_line(cmd, methods, added->pattern, target);
    return NULL;
}

const char *hbr_add_map(cmd_parms *cmd, void *config, int argc,
                        char *const argv[])
{
    const char *mistake = ap_check_cmd_context(cmd, NOT_IN_LIMIT);
    hbr_section_t *section;
    hbr_target_t *target;
    const char *patterns;

    if (mistake != NULL)
        return mistake;
    if (argc < 3)
        return "BridgeMap takes METHODS PATTERN[,PATTERN...] HANDLER "
               "[key=value ...]";
    target = apr_pcalloc(cmd->pool, sizeof(*target));
    mistake = read_target(cmd, argc, argv, target);
    if (mistake != NULL)
        return mistake;
    section = hbr_config_section(cmd, config);
    open_map(cmd, config, section);
    patterns = argv[1];
    do {
        mistake = add_one(cmd, section, argv[0],
                          ap_getword(cmd->pool, &patterns, ','), target);
    } while (mistake == NULL && *patterns != '\0');
    return mistake;
}

/* Takes away a line of this very section. */
static bool take_own(cmd_parms *cmd, hbr_section_t *section,
                     const char *methods, const hbr_pattern_t *pattern)
{
    apr_size_t index = section->map_from;

    if (section->map == NULL)
        return false;
    while ((index = hbr_map_find(section->map, methods, pattern, index))
           != HBR_MAP_NONE) {
        if (!hbr_section_took(section, index)) {
            if (section->taken == NULL)
                section->taken =
                    apr_array_make(cmd->pool, 2, sizeof(apr_size_t));
            APR_ARRAY_PUSH(section->taken, apr_size_t) = index;
            return true;
        }
        index++;
    }
    return false;
}

static void take_inherited(cmd_parms *cmd, hbr_dir_config_t *dir,
                           hbr_section_t *section, const char *methods,
                           const hbr_pattern_t *pattern)
{
    hbr_removal_t removal = { .methods = apr_pstrdup(cmd->pool, methods),
                              .pattern = pattern,
                              .is_logged = !hbr_mappings_reading() };

    if (section->removals == NULL)
        section->removals = apr_array_make(cmd->pool, 2, sizeof(removal));
    APR_ARRAY_PUSH(section->removals, hbr_removal_t) = removal;
    ((hbr_scope_t *)dir->scope)->maps = true;
}

static void clear(cmd_parms *cmd, hbr_section_t *section)
{
    section->clears = true;
    if (section->map != NULL)
        section->map_from = hbr_map_count(section->map);
    hbr_mappings_add_removal(cmd, "*", "*", false);
}

const char *hbr_take_map(cmd_parms *cmd, void *config, const char *methods,
                         const char *pattern)
{
    const char *mistake = ap_check_cmd_context(cmd, NOT_IN_LIMIT);
    hbr_section_t *section;
    const hbr_pattern_t *parsed;
    bool is_own;

    if (mistake != NULL)
        return mistake;
    section = hbr_config_section(cmd, config);
    if (strcmp(methods, "*") == 0 && strcmp(pattern, "*") == 0) {
        clear(cmd, section);
        return NULL;
    }
    mistake = hbr_pattern_parse(cmd->pool, pattern, &parsed);
    if (mistake != NULL)
        return apr_pstrcat(cmd->pool, "BridgeUnmap: ", mistake, NULL);
    is_own = take_own(cmd, section, methods, parsed);
    if (!is_own)
        take_inherited(cmd, config, section, methods, parsed);
    hbr_mappings_add_removal(cmd, methods, parsed->text, !is_own);
    return NULL;
}

int hbr_map_check(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                  server_rec *s)
{
    const char *mistake = hbr_mappings_missing(ptemp, s);

    (void)pconf;
    (void)plog;
    if (mistake == NULL)
        return OK;
    ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_CRIT, 0, NULL, "HBR0261: %s",
                 mistake);
    return HTTP_INTERNAL_SERVER_ERROR;
}
