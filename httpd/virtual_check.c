/*
 * What a configuration says that BridgeVirtual leaves without effect: found in
 * httpd's tree of directives, in one thread, at start and under -t.
 *
 * It looks at what is written and cannot know which URLs lie in which folder,
 * so it warns and never refuses, and of what a distribution ships it says
 * nothing: <Directory />, ".ht" files, and whatever grants.
 */
#include "virtual_check.h"

#include <stdbool.h>
#include <string.h>

#include <apr_strings.h>

#include <http_config.h>
#include <http_core.h>
#include <http_log.h>

APLOG_USE_MODULE(handlerbridge);

/* A directive, and the virtual host it stands in; NULL: the main server. */
typedef struct place_t {
    const ap_directive_t *node;
    const ap_directive_t *host;
} place_t;

typedef struct found_t {
    apr_pool_t *pool;
    apr_array_header_t *ons;      /* place_t of BridgeVirtual On */
    apr_array_header_t *aside;    /* place_t of what restricts files */
    apr_array_header_t *requires; /* place_t of BridgeRequire */
} found_t;

static bool is_named(const ap_directive_t *node, const char *name)
{
    return strcasecmp(node->directive, name) == 0;
}

/* The first word behind the directive, without quotes. */
static const char *word_of(apr_pool_t *pool, const ap_directive_t *node)
{
    const char *args = node->args;
    char *word = ap_getword_conf(pool, &args);
    apr_size_t length = strlen(word);

    if (node->directive[0] == '<' && length > 0 && word[length - 1] == '>')
        word[length - 1] = '\0';
    return word;
}

static bool is_on(apr_pool_t *pool, const ap_directive_t *node)
{
    return is_named(node, "BridgeVirtual")
           && strcasecmp(word_of(pool, node), "On") == 0;
}

static bool is_for_files(const ap_directive_t *node)
{
    return is_named(node, "<Directory") || is_named(node, "<DirectoryMatch")
           || is_named(node, "<Files") || is_named(node, "<FilesMatch");
}

static bool is_distributions(apr_pool_t *pool, const ap_directive_t *node)
{
    const char *what = word_of(pool, node);

    return (is_named(node, "<Directory") && strcmp(what, "/") == 0)
           || strncmp(what, ".ht", 3) == 0 || strncmp(what, "^\\.ht", 5) == 0;
}

static bool restricts(const ap_directive_t *node)
{
    static const char *const names[] = { "AuthType", "Deny", "SSLRequire",
                                         "SSLRequireSSL", "SSLVerifyClient" };
    apr_size_t i;

    if (is_named(node, "Require"))
        return strcasecmp(node->args, "all granted") != 0;
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (is_named(node, names[i]))
            return true;
    return strncasecmp(node->directive, "Bridge", 6) == 0;
}

/* The first directive in a section that restricts, or NULL. */
static const ap_directive_t *find_restriction(const ap_directive_t *section)
{
    const ap_directive_t *at;

    for (at = section->first_child; at != NULL; at = at->next) {
        const ap_directive_t *found = at->first_child != NULL
                                          ? find_restriction(at)
                                      : restricts(at) ? at
                                                      : NULL;

        if (found != NULL)
            return found;
    }
    return NULL;
}

static void push(apr_array_header_t *places, const ap_directive_t *node,
                 const ap_directive_t *host)
{
    APR_ARRAY_PUSH(places, place_t) = (place_t){ node, host };
}

static void look_at(found_t *found, const ap_directive_t *node,
                    const ap_directive_t *host)
{
    if (is_on(found->pool, node))
        push(found->ons, node, host);
    else if (is_named(node, "BridgeRequire")
             && strcasecmp(word_of(found->pool, node), "none") != 0)
        push(found->requires, node, host);
}

/* Sections for files are not gone into: no BridgeVirtual can be there. */
static void look_through(found_t *found, const ap_directive_t *node,
                         const ap_directive_t *host)
{
    for (; node != NULL; node = node->next) {
        if (is_for_files(node)) {
            const ap_directive_t *in = find_restriction(node);

            if (in != NULL && !is_distributions(found->pool, node))
                push(found->aside, in, host);
            continue;
        }
        look_at(found, node, host);
        look_through(found, node->first_child,
                     is_named(node, "<VirtualHost") ? node : host);
    }
}

static void look(found_t *found, apr_pool_t *pool)
{
    found->pool = pool;
    found->ons = apr_array_make(pool, 4, sizeof(place_t));
    found->aside = apr_array_make(pool, 4, sizeof(place_t));
    found->requires = apr_array_make(pool, 4, sizeof(place_t));
    look_through(found, ap_conftree, NULL);
}

/* Virtual hosts inherit the main server's sections and switches. */
static bool share_server(const place_t *a, const place_t *b)
{
    return a->host == b->host || a->host == NULL || b->host == NULL;
}

/* The path of the <Location> around; "" without one, NULL in a pattern's. */
static const char *path_around(apr_pool_t *pool, const ap_directive_t *node)
{
    const ap_directive_t *at = node->parent;

    for (; at != NULL; at = at->parent) {
        if (is_named(at, "<LocationMatch"))
            return NULL;
        if (is_named(at, "<Location"))
            return word_of(pool, at);
    }
    return "";
}

static bool begins(const char *path, const char *with)
{
    return strncmp(path, with, strlen(with)) == 0;
}

/* One lies within the other: both may hold for a request. */
static bool share_path(apr_pool_t *pool, const place_t *a, const place_t *b)
{
    const char *one = path_around(pool, a->node);
    const char *other = path_around(pool, b->node);

    return a->node->parent == b->node->parent
           || (one != NULL && other != NULL
               && (begins(one, other) || begins(other, one)));
}

/* A BridgeVirtual Off beside it takes it out. */
static bool is_walked(apr_pool_t *pool, const ap_directive_t *node)
{
    const ap_directive_t *at =
        node->parent != NULL ? node->parent->first_child : NULL;

    for (; at != NULL; at = at->next)
        if (is_named(at, "BridgeVirtual") && !is_on(pool, at))
            return true;
    return false;
}

static void warn_aside(const found_t *found, const place_t *aside)
{
    int i;

    for (i = 0; i < found->ons->nelts; i++) {
        const place_t *on = &APR_ARRAY_IDX(found->ons, i, place_t);
        const ap_directive_t *section = aside->node->parent;

        if (!share_server(on, aside))
            continue;
        while (!is_for_files(section))
            section = section->parent;
        ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_WARNING, 0, NULL,
                     "HBR0282: %s line %d: %s in %s %s does not apply to "
                     "URLs under BridgeVirtual On (%s line %d): say it in a "
                     "<Location>",
                     aside->node->filename, aside->node->line_num,
                     aside->node->directive, section->directive, section->args,
                     on->node->filename, on->node->line_num);
        return;
    }
}

static void warn_require(const found_t *found, const place_t *require)
{
    int i;

    if (is_walked(found->pool, require->node))
        return;
    for (i = 0; i < found->ons->nelts; i++) {
        const place_t *on = &APR_ARRAY_IDX(found->ons, i, place_t);

        if (!share_server(on, require) || !share_path(found->pool, on, require))
            continue;
        ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_WARNING, 0, NULL,
                     "HBR0283: %s line %d: BridgeRequire %s: nothing is ever "
                     "there under BridgeVirtual On (%s line %d), so it is "
                     "always a 404",
                     require->node->filename, require->node->line_num,
                     require->node->args, on->node->filename,
                     on->node->line_num);
        return;
    }
}

/* httpd reads its configuration twice at start, and once under -t. */
static bool is_read_again(void)
{
    return ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG
           && ap_state_query(AP_SQ_RUN_MODE) != AP_SQ_RM_CONFIG_TEST;
}

int hbr_virtual_check(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                      server_rec *s)
{
    found_t found;
    int i;

    (void)pconf;
    (void)plog;
    (void)s;
    if (is_read_again())
        return OK;
    look(&found, ptemp);
    for (i = 0; i < found.aside->nelts; i++)
        warn_aside(&found, &APR_ARRAY_IDX(found.aside, i, place_t));
    for (i = 0; i < found.requires->nelts; i++)
        warn_require(&found, &APR_ARRAY_IDX(found.requires, i, place_t));
    return OK;
}

int hbr_virtual_tell(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                     server_rec *s)
{
    found_t found;
    const place_t *first;

    (void)pconf;
    (void)plog;
    if (is_read_again())
        return OK;
    look(&found, ptemp);
    if (found.ons->nelts == 0)
        return OK;
    first = &APR_ARRAY_IDX(found.ons, 0, place_t);
    ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, s,
                 "HBR0281: BridgeVirtual is On (%s line %d%s): <Directory>, "
                 "<Files> and .htaccess do not apply there, <Location> does",
                 first->node->filename, first->node->line_num,
                 found.ons->nelts > 1 ? ", and elsewhere" : "");
    return OK;
}
