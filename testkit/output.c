/*
 * The kit's client: takes what the bridge passes and keeps the bytes.
 *
 * It behaves as httpd's core output filter does: buckets are set aside and go
 * out at a FLUSH bucket, when much is held, or else after the handler has
 * returned. So memory that is reused too early shows here (and under
 * AddressSanitizer) as it would on the event MPM.
 *
 * Invariant: response->violation is the first thing the bridge did against
 * host.h; everything is still recorded after it.
 */
#include <string.h>

#include <apr_strings.h>

#include "kit.h"

/* httpd's FlushMaxThreshold. */
#define HELD_MOST (64 * 1024)

void hbr_kit_violate(hbr_kit_run_t *run, const char *what)
{
    if (run->response->violation == NULL)
        run->response->violation = what;
}

static bool is_head(const hbr_kit_run_t *run)
{
    return strcmp(run->method, "HEAD") == 0;
}

static bool has_no_body(const hbr_kit_run_t *run)
{
    int status = run->response->status;

    return is_head(run) || status == 204 || status == 304;
}

static void head(void *request, const hbr_head_t *given)
{
    hbr_kit_run_t *run = request;
    hbr_test_response_t *response = run->response;

    if (run->has_head)
        hbr_kit_violate(run, "the head was given twice");
    if (response->passes > 0)
        hbr_kit_violate(run, "the head was given after a pass");
    if (given->status < 200 || given->status > 599)
        hbr_kit_violate(run, "the head's status is no final status");
    if (run->answered)
        hbr_kit_violate(run, "the head was given after the server's answer");
    run->has_head = true;
    run->whole = given->whole;
    response->status = given->status;
    response->declared_length = given->length;
    if (given->type != NULL)
        response->type = apr_pstrdup(run->results, given->type);
    response->headers = apr_table_clone(run->results, run->headers_out);
}

static void take(hbr_kit_run_t *run, const char *data, apr_size_t length)
{
    apr_size_t before = (apr_size_t)run->body->nelts;

    if (length > 0 && has_no_body(run))
        hbr_kit_violate(run, "bytes were passed for a response without a body");
    if (run->response->declared_length >= 0 && !has_no_body(run)
        && before + length > (apr_size_t)run->response->declared_length)
        hbr_kit_violate(run, "more bytes were passed than the head declared");
    while ((apr_size_t)run->body->nalloc < before + length + 1) {
        apr_array_header_t *wider =
            apr_array_make(run->results, run->body->nalloc * 2, sizeof(char));
        apr_array_cat(wider, run->body);
        wider->nelts = run->body->nelts;
        run->body = wider;
    }
    memcpy(run->body->elts + before, data, length);
    run->body->nelts = (int)(before + length);
}

/* Puts what is held on the wire. */
static apr_status_t drain(hbr_kit_run_t *run)
{
    while (!APR_BRIGADE_EMPTY(run->held)) {
        apr_bucket *bucket = APR_BRIGADE_FIRST(run->held);
        const char *data;
        apr_size_t length;

        if (!APR_BUCKET_IS_METADATA(bucket)) {
            apr_status_t status =
                apr_bucket_read(bucket, &data, &length, APR_BLOCK_READ);
            if (status != APR_SUCCESS)
                return status;
            take(run, data, length);
        }
        apr_bucket_delete(bucket);
    }
    run->held_bytes = 0;
    return APR_SUCCESS;
}

static void hold(hbr_kit_run_t *run, apr_bucket *bucket)
{
    if (run->response->complete)
        hbr_kit_violate(run, "something was passed after the end of the body");
    if (APR_BUCKET_IS_EOS(bucket))
        run->response->complete = true;
    if (is_head(run) && !APR_BUCKET_IS_METADATA(bucket)) {
        apr_bucket_delete(bucket);
        return;
    }
    if (bucket->length == (apr_size_t)-1)
        hbr_kit_violate(run, "a bucket of unknown length was passed");
    else
        run->held_bytes += bucket->length;
    if (apr_bucket_setaside(bucket, run->connection) == APR_ENOTIMPL)
        hbr_kit_violate(run, "a bucket that cannot be set aside was passed");
    APR_BUCKET_REMOVE(bucket);
    APR_BRIGADE_INSERT_TAIL(run->held, bucket);
}

static apr_status_t fail_pass(hbr_kit_run_t *run, apr_bucket_brigade *brigade)
{
    if (run->pass_failed)
        hbr_kit_violate(run, "something was passed after a pass that failed");
    run->pass_failed = true;
    apr_brigade_cleanup(brigade);
    apr_brigade_cleanup(run->held);
    return run->request->fail_filter ? APR_EGENERAL : APR_ECONNABORTED;
}

static apr_status_t pass(void *request, apr_bucket_brigade *brigade)
{
    hbr_kit_run_t *run = request;
    hbr_test_response_t *response = run->response;
    bool flush = false;

    response->passes++;
    if (!run->has_head)
        hbr_kit_violate(run, "something was passed before the head");
    if (response->cut)
        hbr_kit_violate(run,
                        "something was passed after the connection was cut");
    if (run->answered)
        hbr_kit_violate(run, "something was passed after the server's answer");
    if (run->request->fail_pass != 0
        && response->passes >= run->request->fail_pass)
        return fail_pass(run, brigade);
    while (!APR_BRIGADE_EMPTY(brigade)) {
        apr_bucket *bucket = APR_BRIGADE_FIRST(brigade);
        flush = flush || APR_BUCKET_IS_FLUSH(bucket);
        hold(run, bucket);
    }
    response->flushes += flush;
    if (run->whole && !response->complete)
        hbr_kit_violate(run, "a whole body did not come in one pass");
    if (flush || run->held_bytes > HELD_MOST)
        return drain(run);
    return APR_SUCCESS;
}

static void cut(void *request)
{
    hbr_kit_run_t *run = request;

    run->response->cut = true;
}

static bool has_error_document(void *request, int status)
{
    const hbr_kit_run_t *run = request;
    const int *configured = run->request->error_documents;

    for (; configured != NULL && *configured != 0; configured++) {
        if (*configured == status)
            return true;
    }
    return false;
}

static apr_int32_t file_flags(void *request, bool *mmap)
{
    (void)request;
    *mmap = true;
    return 0;
}

const hbr_host_output_t hbr_kit_output = { .head = head,
                                           .pass = pass,
                                           .cut = cut,
                                           .has_error_document =
                                               has_error_document,
                                           .file_flags = file_flags };

void hbr_kit_open_output(hbr_kit_run_t *run)
{
    run->response = apr_pcalloc(run->results, sizeof(*run->response));
    run->response->declared_length = -1;
    run->response->headers = apr_table_make(run->results, 1);
    run->held = apr_brigade_create(run->connection, run->bucket_alloc);
    run->body = apr_array_make(run->results, 256, sizeof(char));
}

/* What a whole response has to look like once all of it has left. */
static void check(hbr_kit_run_t *run)
{
    const hbr_test_response_t *response = run->response;

    if (run->answered != response->answered)
        hbr_kit_violate(run, "the bridge is wrong about the server's answer");
    if (response->answered)
        return;
    if (response->unsent != (run->pass_failed && run->request->fail_filter))
        hbr_kit_violate(run, "a filter's failure was not handed back");
    if (response->error_document != 0) {
        if (run->has_head || response->passes > 0)
            hbr_kit_violate(run,
                            "a status was handed back after a head or a pass");
        return;
    }
    if (response->cut || run->pass_failed)
        return;
    if (!run->has_head)
        hbr_kit_violate(run, "no head was given");
    else if (!response->complete)
        hbr_kit_violate(run, "the end of the body is missing");
    else if (response->declared_length >= 0 && !has_no_body(run)
             && response->declared_length != run->body->nelts)
        hbr_kit_violate(run, "fewer bytes were passed than the head declared");
}

void hbr_kit_close_output(hbr_kit_run_t *run)
{
    hbr_test_response_t *response = run->response;

    if (!run->pass_failed && drain(run) != APR_SUCCESS)
        hbr_kit_violate(run, "a bucket could not be read");
    check(run);
    response->body = run->body->elts;
    response->length = (apr_size_t)run->body->nelts;
    run->body->elts[response->length] = '\0';
    response->lines = (const hbr_test_line_t *)run->lines->elts;
    response->line_count = (apr_size_t)run->lines->nelts;
}
