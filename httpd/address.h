/**
 * @file address.h
 * @brief Addresses of servers elsewhere, as directives have them.
 */
#ifndef HBR_HTTPD_ADDRESS_H
#define HBR_HTTPD_ADDRESS_H

#include <httpd.h>

typedef struct hbr_address_t {
    const char *host; /**< Without brackets. */
    apr_port_t port;
} hbr_address_t;

/**
 * Reads HOST, HOST:PORT or [IPV6]:PORT.
 * @param port what it is when none is given
 * @return NULL, or what is wrong
 */
const char *hbr_address_read(apr_pool_t *pool, const char *text,
                             apr_port_t port, hbr_address_t *address);

#endif
