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

/** The name for AddHandler and SetHandler. */
#define HBR_DESCRIPTOR_NAME "bridge-file"

/** Makes the cache of a child process. */
void hbr_httpd_descriptor_child_init(apr_pool_t *pchild);

/**
 * Runs the handler that the request's file names. The file is read, or taken
 * from the cache when it has not changed since. May block, reading it.
 * @return what httpd's handler hook has to return; a mistake in the file is
 *         logged
 */
int hbr_httpd_descriptor_answer(request_rec *r);

#endif
