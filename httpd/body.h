/**
 * @file body.h
 * @brief The request's body out of httpd's input filters.
 */
#ifndef HBR_HTTPD_BODY_H
#define HBR_HTTPD_BODY_H

#include <httpd.h>

#include "bridge/host.h"

/** The host's table; `request` is a request_rec. */
extern const hbr_host_body_t hbr_httpd_body;

/**
 * Reads what is left of the body of a request on HTTP/2, which would reset the
 * stream though its response is complete. Waits for half a second at most.
 */
void hbr_body_drain(request_rec *r);

#endif
