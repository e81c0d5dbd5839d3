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
 * Reads what is left of the body, so that HTTP/2 does not reset a stream whose
 * response is complete. HTTP/1 is left to httpd. Waits for half a second at
 * most.
 */
void hbr_body_drain(request_rec *r);

#endif
