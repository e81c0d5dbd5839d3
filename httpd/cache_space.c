/*
 * The spaces of the shared cache, one for each server.
 *
 * Written in the parent's one thread, while it reads the configuration and
 * before it forks; afterwards read only.
 */
#include <apr_hash.h>
#include <apr_strings.h>

#include <httpd.h>
#include <http_config.h>

#include "cache_space.h"

static apr_hash_t *spaces; /* names, by server_rec pointers */

void hbr_cache_spaces_begin(apr_pool_t *pconf)
{
    spaces = apr_hash_make(pconf);
}

static void give(apr_pool_t *pool, server_rec *server, const char *name)
{
    apr_hash_set(spaces, apr_pmemdup(pool, &server, sizeof(server)),
                 sizeof(server), name);
}

static const char *given(server_rec *server)
{
    return apr_hash_get(spaces, &server, sizeof(server));
}

const char *hbr_set_cache_space(cmd_parms *cmd, void *config, const char *value)
{
    const char *wrong = ap_check_cmd_context(cmd, NOT_IN_DIR_CONTEXT);

    (void)config;
    if (wrong == NULL)
        give(cmd->pool, cmd->server, value);
    return wrong;
}

/* Two sites may have the same ServerName on two ports; what one of them has
 * cached is not the other's. */
static const char *name_of(apr_pool_t *pool, const server_rec *server)
{
    unsigned port = server->addrs != NULL ? server->addrs->host_port : 0;
    const char *name = server->server_hostname;

    return apr_psprintf(pool, "%s:%u", name != NULL ? name : "",
                        port != 0 ? port : server->port);
}

void hbr_cache_spaces_name(apr_pool_t *pconf, server_rec *main_server)
{
    const char *of_all = given(main_server);
    server_rec *s;

    for (s = main_server; s != NULL; s = s->next) {
        if (given(s) == NULL)
            give(pconf, s, of_all != NULL ? of_all : name_of(pconf, s));
    }
}

const char *hbr_cache_space(void *request)
{
    return given(((request_rec *)request)->server);
}
