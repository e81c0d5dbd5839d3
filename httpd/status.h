/**
 * @file status.h
 * @brief What this module says in mod_status' page.
 */
#ifndef HBR_HTTPD_STATUS_H
#define HBR_HTTPD_STATUS_H

#include <httpd.h>

/** Adds a section to mod_status' page, in HTML or as lines of "Key: value"; for
 *  its hook, which is there when that module is. */
int hbr_httpd_status(request_rec *r, int flags);

/** Registers it; among the module's hooks. */
void hbr_httpd_status_register(void);

#endif
