/*
 * The kit's client on the other side: the request's body, as he sends it.
 *
 * Each piece lies in memory of its own that is freed with its bucket, so that
 * AddressSanitizer sees whoever keeps a pointer into it. As with httpd a bucket
 * may be empty, and the end comes with the last bytes or by itself.
 */
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "kit.h"

/* As large as those of httpd's core. */
#define BUCKET_MOST 8000

static apr_off_t announced(void *request)
{
    const hbr_kit_run_t *run = request;

    return run->request->chunked ? -1 : (apr_off_t)run->body_length;
}

static apr_off_t limit(void *request, const char **directive)
{
    const hbr_kit_run_t *run = request;

    *directive = "LimitRequestBody";
    return run->request->host_limit;
}

static void add_bucket(hbr_kit_run_t *run, apr_bucket_brigade *brigade,
                       apr_size_t length)
{
    char *bytes = malloc(length);

    if (bytes == NULL)
        hbr_kit_fail("there is no memory for the body");
    memcpy(bytes, run->request->body + run->body_read, length);
    run->body_read += length;
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_heap_create(bytes, length, free,
                                                            run->bucket_alloc));
}

static apr_size_t smaller(apr_size_t a, apr_size_t b)
{
    return a < b ? a : b;
}

/* Where the body ends, well or not. */
static apr_size_t end_of(const hbr_kit_run_t *run)
{
    if (run->request->body_end == HBR_TEST_BODY_WHOLE)
        return run->body_length;
    return smaller(run->body_length, run->request->body_stop);
}

static hbr_read_e how_it_ends(hbr_kit_run_t *run)
{
    static const hbr_read_e ends[] = { [HBR_TEST_BODY_WHOLE] = HBR_READ_END,
                                       [HBR_TEST_BODY_CUT] = HBR_READ_CUT,
                                       [HBR_TEST_BODY_LATE] = HBR_READ_LATE,
                                       [HBR_TEST_BODY_MALFORMED] =
                                           HBR_READ_MALFORMED,
                                       [HBR_TEST_BODY_ANSWERED] =
                                           HBR_READ_ANSWERED };

    run->body_ended = true;
    run->answered = run->request->body_end == HBR_TEST_BODY_ANSWERED;
    return ends[run->request->body_end];
}

static hbr_read_e read_some(void *request, apr_bucket_brigade *brigade,
                            apr_size_t wanted)
{
    hbr_kit_run_t *run = request;
    apr_size_t step = run->request->body_step;
    apr_size_t left = end_of(run) - run->body_read;

    if (run->body_ended)
        hbr_kit_violate(run, "the body was read on behind its end");
    if (!APR_BRIGADE_EMPTY(brigade))
        hbr_kit_violate(run, "the body was read into a brigade in use");
    if (left == 0)
        return how_it_ends(run);
    left = smaller(left, step != 0 ? smaller(step, wanted) : wanted);
    APR_BRIGADE_INSERT_TAIL(
        brigade, apr_bucket_immortal_create("", 0, run->bucket_alloc));
    while (left > 0) {
        apr_size_t length = smaller(left, BUCKET_MOST);

        add_bucket(run, brigade, length);
        left -= length;
    }
    if (step == 0 && run->request->body_end == HBR_TEST_BODY_WHOLE
        && run->body_read == run->body_length)
        return how_it_ends(run);
    return HBR_READ_MORE;
}

const hbr_host_body_t hbr_kit_body = { .length = announced,
                                       .limit = limit,
                                       .read = read_some };

void hbr_kit_open_body(hbr_kit_run_t *run)
{
    const hbr_test_request_t *request = run->request;

    if (request->body != NULL)
        run->body_length = request->body_length != 0 ? request->body_length
                                                     : strlen(request->body);
    if (request->chunked)
        apr_table_setn(run->headers_in, "Transfer-Encoding", "chunked");
    else if (request->body != NULL)
        apr_table_setn(
            run->headers_in, "Content-Length",
            apr_psprintf(run->pool, "%" APR_SIZE_T_FMT, run->body_length));
}
