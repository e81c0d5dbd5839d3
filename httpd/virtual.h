/**
 * @file virtual.h
 * @brief BridgeVirtual: URLs that are no files, for which httpd does not walk
 *        through the directories. See docs/directives.md.
 */
#ifndef HBR_HTTPD_VIRTUAL_H
#define HBR_HTTPD_VIRTUAL_H

#include <httpd.h>
#include <http_config.h>

#include "bridge/registry.h"

const char *hbr_set_virtual(cmd_parms *cmd, void *config, int on);

/** Begins a reading of the configuration: no BridgeVirtual was seen. */
void hbr_virtual_begin(void);

/** Whether the request was marked, and still is for the same URL. */
bool hbr_is_virtual(const request_rec *r);

/** The handler of a marked request that the guard let pass, else NULL. */
hbr_entry_t *hbr_virtual_entry(const request_rec *r);

/**
 * A marked request's path info where no plain Location tells it: what httpd
 * says when nothing lies on the disk, all behind the first segment.
 */
const char *hbr_virtual_path_info(const request_rec *r);

#endif
