/*
 * The request's body out of httpd's input filters.
 *
 * What nobody read: on HTTP/1 httpd discards it after the response. On HTTP/2
 * it does not: mod_http2 resets the stream, and some clients then take a
 * complete response for a broken one. So what is left is read here, within bounds of bytes and
 * time; a client that sends more, or slower, is stopped by the reset (RFC 9113
 * 8.1).
 */
#include "body.h"

#include <stdbool.h>

#include <http_core.h>
#include <http_protocol.h>
#include <mod_core.h>
#include <util_filter.h>

#define STEP (64 * 1024)
#define DRAIN_MAX (1024 * 1024)
/* A worker is held for half a second at most. */
#define WAIT apr_time_from_msec(10)
#define WAITS_MAX 50

/* What the client said. HTTP/2 needs no length to tell that there is a body;
 * that a GET has none is a guess that spares it a read. */
static apr_off_t announced(const request_rec *r)
{
    const char *field = apr_table_get(r->headers_in, "Content-Length");
    apr_off_t length;

    if (field != NULL && ap_parse_strict_length(&length, field))
        return length;
    if (apr_table_get(r->headers_in, "Transfer-Encoding") != NULL)
        return -1;
    return r->connection->master != NULL && r->method_number != M_GET ? -1 : 0;
}

/* A subrequest, and a page for an error, share the filters of the request they
 * belong to; its body is not theirs. */
static bool is_without_body(const request_rec *r)
{
    return r->main != NULL
           || (r->prev != NULL && ap_is_HTTP_ERROR(r->prev->status));
}

static apr_off_t length_of(void *request)
{
    return is_without_body(request) ? 0 : announced(request);
}

static apr_off_t limit(void *request, const char **directive)
{
    *directive = "LimitRequestBody";
    return ap_get_limit_req_body(request);
}

/* HTTP_IN has sent the answer itself when it says AP_FILTER_ERROR: a body over
 * LimitRequestBody, a chunk that is none. */
static hbr_read_e failure(const request_rec *r, apr_status_t status)
{
    if (status == AP_FILTER_ERROR)
        return r->status == HTTP_REQUEST_ENTITY_TOO_LARGE
                   ? HBR_READ_ANSWERED_LONG
                   : HBR_READ_ANSWERED;
    if (APR_STATUS_IS_TIMEUP(status))
        return HBR_READ_LATE;
    if (APR_STATUS_IS_ENOSPC(status))
        return HBR_READ_TOO_LONG;
    if (APR_STATUS_IS_EGENERAL(status) || APR_STATUS_IS_EINVAL(status))
        return HBR_READ_MALFORMED;
    return HBR_READ_CUT;
}

/* Leaves the data; true when the body's end was among it. */
static bool sort_out(apr_bucket_brigade *brigade)
{
    apr_bucket *bucket = APR_BRIGADE_FIRST(brigade);
    bool ended = false;

    while (bucket != APR_BRIGADE_SENTINEL(brigade)) {
        apr_bucket *next = APR_BUCKET_NEXT(bucket);

        if (APR_BUCKET_IS_EOS(bucket))
            ended = true;
        if (APR_BUCKET_IS_METADATA(bucket))
            apr_bucket_delete(bucket);
        bucket = next;
    }
    return ended;
}

static hbr_read_e read_some(void *request, apr_bucket_brigade *brigade,
                            apr_size_t wanted)
{
    request_rec *r = request;
    apr_status_t status;

    if (is_without_body(r))
        return HBR_READ_END;
    status = ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES,
                            APR_BLOCK_READ, (apr_off_t)wanted);
    if (status == APR_SUCCESS && r->connection->aborted)
        status = APR_ECONNABORTED;
    if (status != APR_SUCCESS) {
        /* where its end is, is not known any more */
        r->connection->keepalive = AP_CONN_CLOSE;
        return failure(r, status);
    }
    return sort_out(brigade) ? HBR_READ_END : HBR_READ_MORE;
}

const hbr_host_body_t hbr_httpd_body = { .length = length_of,
                                         .limit = limit,
                                         .read = read_some };

/* HTTP_IN counts against LimitRequestBody and would answer once more: what is
 * thrown away is read behind it. */
static ap_filter_t *behind_http_in(const request_rec *r)
{
    ap_filter_t *filter = r->input_filters;

    while (filter != NULL && filter->frec != ap_http_input_filter_handle)
        filter = filter->next;
    return filter != NULL ? filter->next : r->input_filters;
}

/* Reads what is there. */
static apr_status_t read_step(ap_filter_t *filter, apr_bucket_brigade *brigade,
                              apr_off_t *drained, bool *ended)
{
    apr_off_t length = 0;
    apr_status_t status = ap_get_brigade(filter, brigade, AP_MODE_READBYTES,
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

    if (r->main != NULL || announced(r) == 0)
        return;
    brigade = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    while (!ended && drained < DRAIN_MAX && waits < WAITS_MAX) {
        apr_status_t status =
            read_step(behind_http_in(r), brigade, &drained, &ended);

        if (APR_STATUS_IS_EAGAIN(status)) {
            apr_sleep(WAIT);
            waits++;
        } else if (status != APR_SUCCESS) {
            break;
        }
    }
    apr_brigade_destroy(brigade);
}
