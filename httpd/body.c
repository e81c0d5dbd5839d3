/*
 * A request's body that nobody read.
 *
 * On HTTP/1 httpd discards it after the response. On HTTP/2 it does not:
 * mod_http2 resets the stream, and some clients then take a complete response
 * for a broken one. So what is left is read here, within bounds of bytes and
 * time; a client that sends more, or slower, is stopped by the reset (RFC 9113
 * 8.1).
 */
#include "body.h"

#include <stdbool.h>

#include <http_protocol.h>
#include <util_filter.h>

#define STEP (64 * 1024)
#define DRAIN_MAX (1024 * 1024)
/* A worker is held for half a second at most. */
#define WAIT apr_time_from_msec(10)
#define WAITS_MAX 50

static bool has_body(const request_rec *r)
{
    const char *length = apr_table_get(r->headers_in, "Content-Length");

    if (length != NULL)
        return strcmp(length, "0") != 0;
    return r->method_number != M_GET;
}

/* Reads what is there. */
static apr_status_t read_step(request_rec *r, apr_bucket_brigade *brigade,
                              apr_off_t *drained, bool *ended)
{
    apr_off_t length = 0;
    apr_status_t status =
        ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES,
                       APR_NONBLOCK_READ, STEP);

    *ended = !APR_BRIGADE_EMPTY(brigade)
             && APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(brigade));
    apr_brigade_length(brigade, 1, &length);
    *drained += length;
    apr_brigade_cleanup(brigade);
    return length > 0 ? APR_SUCCESS : status;
}

void hbr_body_drain(request_rec *r)
{
    apr_bucket_brigade *brigade;
    apr_off_t drained = 0;
    bool ended = false;
    int waits = 0;

    if (r->connection->master == NULL || r->main != NULL || !has_body(r))
        return;
    brigade = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    while (!ended && drained < DRAIN_MAX && waits < WAITS_MAX) {
        apr_status_t status = read_step(r, brigade, &drained, &ended);

        if (APR_STATUS_IS_EAGAIN(status)) {
            apr_sleep(WAIT);
            waits++;
        } else if (status != APR_SUCCESS) {
            break;
        }
    }
    apr_brigade_destroy(brigade);
}
