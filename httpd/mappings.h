/**
 * @file mappings.h
 * @brief Which handlers the configuration maps, and on which server.
 *
 * Known are the names in SetHandler and AddHandler of the server's own files;
 * what .htaccess files say is not known before a request reads them.
 */
#ifndef HBR_HTTPD_MAPPINGS_H
#define HBR_HTTPD_MAPPINGS_H

#include <httpd.h>

#include "bridge/registry.h"

/** Begins a new reading of the configuration. */
void hbr_mappings_begin(apr_pool_t *pconf);

/** Ends it: what is added later comes from .htaccess and is passed over. */
void hbr_mappings_end(void);

/** Notes a mapping. */
void hbr_mappings_add(const server_rec *server, hbr_entry_t *entry);

/**
 * The handlers that are mapped on a server, or on the main server, from which
 * it inherits; each once.
 * @param pool the result's memory
 * @param count set to their number
 */
hbr_entry_t *const *hbr_mappings_of(apr_pool_t *pool, const server_rec *server,
                                    const server_rec *main_server,
                                    apr_size_t *count);

#endif
