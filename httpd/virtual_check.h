/**
 * @file virtual_check.h
 * @brief What a configuration says that BridgeVirtual leaves without effect.
 */
#ifndef HBR_HTTPD_VIRTUAL_CHECK_H
#define HBR_HTTPD_VIRTUAL_CHECK_H

#include <httpd.h>

/**
 * The check_config hook: warns of each section for files that restricts
 * something, and of each BridgeRequire, that a BridgeVirtual On puts aside.
 */
int hbr_virtual_check(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                      server_rec *s);

/** The post_config hook: tells once what BridgeVirtual On means. */
int hbr_virtual_tell(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                     server_rec *s);

#endif
