/*
 * Addresses of servers elsewhere.
 */
#include <apr_network_io.h>
#include <apr_strings.h>

#include "address.h"

const char *hbr_address_read(apr_pool_t *pool, const char *text,
                             apr_port_t port, hbr_address_t *address)
{
    char *host = NULL, *scope = NULL;

    address->port = 0;
    if (*text == '\0'
        || apr_parse_addr_port(&host, &scope, &address->port, text, pool)
               != APR_SUCCESS
        || host == NULL || scope != NULL)
        return apr_psprintf(pool, "\"%s\" is no HOST:PORT", text);
    address->host = host;
    if (address->port == 0)
        address->port = port;
    return NULL;
}
