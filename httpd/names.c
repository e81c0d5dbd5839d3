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

const char *hbr_name_mistake(const hbr_registry_t *registry, apr_pool_t *pool,
                             const char *name)
{
    char *lower = apr_pstrdup(pool, name);
    const char *nearest;

    ap_str_tolower(lower);
    if (!looks_like_a_name(lower) || is_foreign(lower)
        || hbr_registry_find(registry, lower) != NULL)
        return NULL;
    nearest = hbr_registry_nearest(registry, lower);
    if (nearest == NULL)
        return NULL;
    return apr_psprintf(pool,
                        "there is no handler \"%s\", did you mean \"%s\"? "
                        "mod_handlerbridge has: %s. (\"BridgeStrict Off\" "
                        "allows the name.)",
                        name, nearest, hbr_registry_names(registry, pool));
}
