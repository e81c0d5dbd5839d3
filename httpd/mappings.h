/**
 * @file mappings.h
 * @brief What the configuration maps, line by line.
 *
 * Known are SetHandler, AddHandler and BridgeMap of the server's own files;
 * what .htaccess files say is not known before a request reads them.
 */
#ifndef HBR_HTTPD_MAPPINGS_H
#define HBR_HTTPD_MAPPINGS_H

#include <httpd.h>
#include <http_config.h>

#include "section.h"

/** A line that maps, or takes a mapping away. */
typedef struct hbr_mapping_t {
    const server_rec *server;
    const char *directive; /**< "BridgeMap". */
    const char *file;
    int line;
    const char *section; /**< "<Location /x>", those around it before it;
                              NULL: none. */
    const char *methods; /**< BridgeMap's and BridgeUnmap's, else NULL. */
    const char *what;    /**< The pattern, or AddHandler's extension; NULL with
                              SetHandler. */
    hbr_entry_t *entry;  /**< NULL: a BridgeUnmap. */
    const hbr_target_t *target; /**< BridgeMap's, else NULL. */
    bool is_inherited;          /**< What a BridgeUnmap takes away stands
                                     elsewhere. */
} hbr_mapping_t;

/** Begins a new reading of the configuration. */
void hbr_mappings_begin(apr_pool_t *pconf);

/** Ends it: what is added later comes from .htaccess and is passed over. */
void hbr_mappings_end(void);

/** True between the two. */
bool hbr_mappings_reading(void);

/**
 * Notes a SetHandler or AddHandler.
 * @param what the extension; NULL for SetHandler
 */
void hbr_mappings_add(cmd_parms *cmd, const char *what, hbr_entry_t *entry);

/** Notes a BridgeMap's pattern. */
void hbr_mappings_add_line(cmd_parms *cmd, const char *methods,
                           const hbr_pattern_t *pattern,
                           const hbr_target_t *target);

/**
 * Notes a BridgeUnmap.
 * @param pattern "*" beside the methods "*": all of them
 * @param is_inherited nothing in its own section answers to it
 */
void hbr_mappings_add_removal(cmd_parms *cmd, const char *methods,
                              const char *pattern, bool is_inherited);

/**
 * The first BridgeUnmap that takes nothing away.
 * @return NULL, or what is wrong with file and line
 */
const char *hbr_mappings_missing(apr_pool_t *pool,
                                 const server_rec *main_server);

/** All of them, in the order of the files; hbr_mapping_t. */
const apr_array_header_t *hbr_mappings_all(void);

/** The mapping's server: "shop.example.org:443"; "main". */
const char *hbr_mapping_server(apr_pool_t *pool, const hbr_mapping_t *mapping,
                               const server_rec *main_server);

/** All that map a handler, for the bridge: hbr_host_mapping_t. */
const apr_array_header_t *hbr_httpd_mappings(void *request, apr_pool_t *pool);

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
