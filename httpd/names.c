/*
 * Handler names in the configuration.
 *
 * httpd has no list of handler names: a misspelt one is silently nobody's, and
 * the core then serves the file. So a name that looks like one of ours and is
 * none is taken for a mistake.
 */
#include "names.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include <httpd.h>

#include "bridge/nearest.h"
#include "descriptor.h"

/* Handlers of httpd's own modules and of well-known others. */
static const char *const foreign[] = { "balancer-manager",
                                       "cgi-script",
                                       "default-handler",
                                       "fcgid-script",
                                       "form-login-handler",
                                       "form-logout-handler",
                                       "form-redirect-handler",
                                       "heartbeat",
                                       "http2-status",
                                       "imap-file",
                                       "isapi-handler",
                                       "ldap-status",
                                       "lua-script",
                                       "modperl",
                                       "none",
                                       "perl-script",
                                       "php-script",
                                       "proxy-server",
                                       "redirect-handler",
                                       "send-as-is",
                                       "server-info",
                                       "server-parsed",
                                       "server-status",
                                       "type-map",
                                       "wsgi-script" };

/* An expression, a URL or a media type is no name of ours. */
static bool looks_like_a_name(const char *name)
{
    for (; *name != '\0'; name++)
        if (!apr_isalnum(*name) && strchr("-_.", *name) == NULL)
            return false;
    return true;
}

static bool is_foreign(const char *name)
{
    apr_size_t i;

    for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
        if (strcmp(foreign[i], name) == 0)
            return true;
    return false;
}

static char *lower_case(apr_pool_t *pool, const char *name)
{
    char *lower = apr_pstrdup(pool, name);

    ap_str_tolower(lower);
    return lower;
}

hbr_entry_t *hbr_name_find(const hbr_registry_t *registry, apr_pool_t *pool,
                           const char *name, const char **mistake)
{
    const char *lower = lower_case(pool, name);
    hbr_entry_t *entry = hbr_registry_find(registry, lower);

    if (entry == NULL)
        *mistake = apr_psprintf(
            pool, "there is no handler \"%s\"%s; mod_handlerbridge has: %s",
            name, hbr_did_you_mean(pool, hbr_registry_nearest(registry, lower)),
            hbr_registry_names(registry, pool));
    return entry;
}

/* Of the handlers' names and the one of descriptor files. */
static const char *nearest_name(const hbr_registry_t *registry,
                                const char *name)
{
    const char *handler = hbr_registry_nearest(registry, name);
    hbr_nearest_t nearest = hbr_nearest_to(name);

    if (handler != NULL)
        hbr_nearest_try(&nearest, handler);
    hbr_nearest_try(&nearest, HBR_DESCRIPTOR_NAME);
    return nearest.name;
}

const char *hbr_name_mistake(const hbr_registry_t *registry, apr_pool_t *pool,
                             const char *name)
{
    const char *lower = lower_case(pool, name);
    const char *nearest;

    if (!looks_like_a_name(lower) || is_foreign(lower)
        || strcmp(lower, HBR_DESCRIPTOR_NAME) == 0
        || hbr_registry_find(registry, lower) != NULL)
        return NULL;
    nearest = nearest_name(registry, lower);
    if (nearest == NULL)
        return NULL;
    return apr_psprintf(pool,
                        "there is no handler \"%s\"%s mod_handlerbridge has: "
                        "%s, and " HBR_DESCRIPTOR_NAME " for descriptor files. "
                        "(\"BridgeStrict Off\" allows the name.)",
                        name, hbr_did_you_mean(pool, nearest),
                        hbr_registry_names(registry, pool));
}
