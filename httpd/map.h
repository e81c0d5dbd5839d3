/**
 * @file map.h
 * @brief The directives that map: BridgeMap, BridgeUnmap, BridgeRequire,
 *        BridgeMethods, BridgeFiles, BridgeSet. See docs/directives.md.
 */
#ifndef HBR_HTTPD_MAP_H
#define HBR_HTTPD_MAP_H

#include <httpd.h>
#include <http_config.h>

#include "section.h"

const char *hbr_add_map(cmd_parms *cmd, void *config, int argc,
                        char *const argv[]);
const char *hbr_take_map(cmd_parms *cmd, void *config, const char *methods,
                         const char *pattern);
const char *hbr_set_require(cmd_parms *cmd, void *config, const char *what);
const char *hbr_set_methods(cmd_parms *cmd, void *config, const char *methods);
const char *hbr_set_files(cmd_parms *cmd, void *config, int on);
const char *hbr_set_option(cmd_parms *cmd, void *config, const char *args);

/** A requirement's word, "file". */
const char *hbr_require_word(hbr_require_e require);

/** The check_config hook: a BridgeUnmap that takes nothing away is a mistake. */
int hbr_map_check(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                  server_rec *s);

#endif
