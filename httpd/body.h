/**
 * @file body.h
 * @brief A request's body that nobody read.
 */
#ifndef HBR_HTTPD_BODY_H
#define HBR_HTTPD_BODY_H

#include <httpd.h>

/**
 * Reads what is left of the body, so that HTTP/2 does not reset a stream whose
 * response is complete. HTTP/1 is left to httpd. Waits for half a second at
 * most.
 */
void hbr_body_drain(request_rec *r);

#endif
