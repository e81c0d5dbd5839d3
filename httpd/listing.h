/**
 * @file listing.h
 * @brief `httpd -t -D DUMP_BRIDGE`: what is mapped, and to what.
 */
#ifndef HBR_HTTPD_LISTING_H
#define HBR_HTTPD_LISTING_H

#include <httpd.h>

/** The test_config hook: prints mappings, handlers and options to stdout when
 *  DUMP_BRIDGE is defined. */
void hbr_listing_print(apr_pool_t *pconf, server_rec *main_server);

#endif
