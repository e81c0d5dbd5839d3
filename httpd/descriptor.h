/**
 * @file descriptor.h
 * @brief Descriptor files: what an .ashx is to ASP.NET.
 *
 * A small text file in the document tree names a handler and its options. It
 * is mapped with `AddHandler bridge-file .hb`, and taken only where the
 * configuration says `BridgeFiles On`.
 */
#ifndef HBR_HTTPD_DESCRIPTOR_H
#define HBR_HTTPD_DESCRIPTOR_H

#include <httpd.h>

#include "section.h"

/** The name for AddHandler and SetHandler. */
#define HBR_DESCRIPTOR_NAME "bridge-file"

/** Makes the cache of a child process. */
void hbr_httpd_descriptor_child_init(apr_pool_t *pchild);

/**
 * Reads the file that the request is for, or takes it from the cache when it
 * has not changed since. May block, reading the file.
 * @param target set to what it says; lives until the request ends
 * @return OK, or the status that answers the request; logged
 */
int hbr_httpd_descriptor_read(request_rec *r, const hbr_target_t **target);

#endif
