/**
 * @file cache_space.h
 * @brief What keeps the shared cache's keys of one server apart from another's.
 */
#ifndef HBR_HTTPD_CACHE_SPACE_H
#define HBR_HTTPD_CACHE_SPACE_H

#include <httpd.h>
#include <http_config.h>

/** Before the configuration is read. */
void hbr_cache_spaces_begin(apr_pool_t *pconf);

/** BridgeCacheSpace; see docs/directives.md. */
const char *hbr_set_cache_space(cmd_parms *cmd, void *config,
                                const char *value);

/** When it is read: those that were not given one get one. */
void hbr_cache_spaces_name(apr_pool_t *pconf, server_rec *main_server);

/** The space of a request's server; see hbr_host_cache_t. */
const char *hbr_cache_space(void *request);

#endif
