/*
 * A request's body that nobody read.
 *
 * On HTTP/1 httpd discards it after the response. On HTTP/2 it does not:
 * mod_http2 resets the stream, and some clients then take a complete response
 * for a broken one. So what is left is read here, up to a bound; a client that
 * sends more is stopped by the reset (RFC 9113 8.1).
 */
#include "body.h"

#include <stdbool.h>

#include <http_protocol.h>
#include <util_filter.h>

#define STEP (64 * 1024)
#define DRAIN_MAX (1024 * 1024)

static bool has_body(const request_rec *r)
{
    const char *length = apr_table_get(r->headers_in, "Content-Length");

    if (length != NULL)
        return strcmp(length, "0") != 0;
    return r->method_number != M_GET;
}

/* Reads a step; true at the end of the body, or when it cannot be read. */
static bool read_step(request_rec *r, apr_bucket_brigade *brigade,
                      apr_off_t *drained)
{
    apr_off_t length = 0;
    bool ended;

    if (ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES,
                       APR_BLOCK_READ, STEP)
        != APR_SUCCESS)
        return true;
    ended = APR_BRIGADE_EMPTY(brigade)
            || APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(brigade));
    apr_brigade_length(brigade, 1, &length);
    *drained += length;
    apr_brigade_cleanup(brigade);
    return ended;
}

void hbr_body_drain(request_rec *r)
{
    apr_bucket_brigade *brigade;
    apr_off_t drained = 0;

    if (r->connection->master == NULL || r->main != NULL || !has_body(r))
        return;
    brigade = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    while (drained < DRAIN_MAX && !read_step(r, brigade, &drained))
        continue;
    apr_brigade_destroy(brigade);
}
