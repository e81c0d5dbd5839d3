/**
 * @file unmap.h
 * @brief What BridgeUnmap leaves of the mappings that a request inherits.
 */
#ifndef HBR_HTTPD_UNMAP_H
#define HBR_HTTPD_UNMAP_H

#include <httpd.h>

#include "section.h"

/** The entries of outer sections that nearer ones take away. */
typedef struct hbr_unmapped_t hbr_unmapped_t;

/**
 * Works out what the BridgeUnmaps of a request's sections take away from those
 * around them. One of .htaccess that takes nothing is logged.
 * @return the request's; NULL: nothing
 */
hbr_unmapped_t *hbr_unmap(request_rec *r, const hbr_scope_t *scope);

/** Whether an entry of a section's map was taken away, by the section itself or
 *  by a nearer one. */
bool hbr_is_unmapped(const hbr_unmapped_t *unmapped,
                     const hbr_section_t *section, apr_size_t index);

#endif
