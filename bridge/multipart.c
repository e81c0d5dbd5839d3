/*
 * multipart/form-data: what stands where in the body. Boundary lines are found
 * by boundary.c, a part's header is read by part_header.c; here they are put
 * together, counted and told to the caller.
 *
 * Invariants: after the first thing that goes wrong nothing more is called; a
 * part's calls come in order and are never mixed with another's. A parser
 * belongs to one thread.
 */
#include "multipart.h"

#include "content_type.h"

enum { IN_PREAMBLE, IN_HEADER, IN_DATA, IN_EPILOGUE };

static void fail(hbr_multipart_t *parser, hbr_multipart_e problem)
{
    parser->problem = problem;
    parser->status = APR_EINVAL;
}

static hbr_multipart_e read_boundary(const char *content_type, char *boundary,
                                     apr_size_t size)
{
    switch (
        hbr_content_type_parameter(content_type, "boundary", boundary, size)) {
    case HBR_PARAMETER_MISSING: return HBR_MULTIPART_BOUNDARY_MISSING;
    case HBR_PARAMETER_TWICE: return HBR_MULTIPART_BOUNDARY_TWICE;
    case HBR_PARAMETER_OK:
        if (hbr_boundary_ok(boundary))
            return HBR_MULTIPART_OK;
        break;
    default: break;
    }
    return HBR_MULTIPART_BOUNDARY_INVALID;
}

apr_status_t hbr_multipart_open(hbr_multipart_t *parser, apr_pool_t *pool,
                                const char *content_type,
                                const hbr_multipart_limits_t *limits,
                                const hbr_multipart_calls_t *calls, void *arg)
{
    char boundary[HBR_BOUNDARY_MAX + 1];
    hbr_multipart_e problem =
        read_boundary(content_type, boundary, sizeof(boundary));

    *parser = (hbr_multipart_t){
        .calls = calls, .arg = arg, .limits = *limits, .where = IN_PREAMBLE
    };
    hbr_part_header_open(&parser->header, pool, &parser->limits);
    if (problem == HBR_MULTIPART_OK)
        hbr_boundary_open(&parser->boundary, boundary);
    else
        fail(parser, problem);
    return parser->status;
}

/* Neither preamble nor epilogue mean anything (RFC 2046 5.1.1). */
static void count_outside(hbr_multipart_t *parser, apr_size_t length,
                          hbr_multipart_e problem)
{
    if (length > parser->limits.outside_bytes - parser->outside)
        fail(parser, problem);
    else
        parser->outside += length;
}

static void end_part(hbr_multipart_t *parser)
{
    if (parser->where == IN_DATA)
        parser->status = parser->calls->on_part_end(parser->arg);
}

static void begin_header(hbr_multipart_t *parser)
{
    if (parser->parts == parser->limits.parts) {
        fail(parser, HBR_MULTIPART_PARTS);
        return;
    }
    parser->parts++;
    parser->where = IN_HEADER;
    hbr_part_header_reset(&parser->header);
}

static void begin_epilogue(hbr_multipart_t *parser)
{
    parser->where = IN_EPILOGUE;
    parser->outside = 0;
}

static void take_data(hbr_multipart_t *parser, const char *data,
                      apr_size_t length)
{
    if (parser->where == IN_DATA)
        parser->status = parser->calls->on_data(parser->arg, data, length);
    else
        count_outside(parser, length, HBR_MULTIPART_PREAMBLE);
}

/* Reads in a part's data, or in the preamble. */
static void read_lines(hbr_multipart_t *parser, const char **at,
                       const char *end)
{
    const char *data;
    apr_size_t length;
    hbr_boundary_e what =
        hbr_boundary_next(&parser->boundary, at, end, &data, &length);

    if (what == HBR_BOUNDARY_DATA)
        take_data(parser, data, length);
    if (what == HBR_BOUNDARY_NEXT || what == HBR_BOUNDARY_LAST)
        end_part(parser);
    if (parser->status != APR_SUCCESS)
        return;
    if (what == HBR_BOUNDARY_NEXT)
        begin_header(parser);
    if (what == HBR_BOUNDARY_LAST)
        begin_epilogue(parser);
}

static void begin_part(hbr_multipart_t *parser)
{
    hbr_part_t part;
    hbr_multipart_e problem = hbr_part_header_read(&parser->header, &part);

    if (problem != HBR_MULTIPART_OK) {
        fail(parser, problem);
        return;
    }
    parser->where = IN_DATA;
    hbr_boundary_begin_line(&parser->boundary);
    parser->status = parser->calls->on_part(parser->arg, &part);
}

static void read_header(hbr_multipart_t *parser, const char **at,
                        const char *end)
{
    bool complete;
    hbr_multipart_e problem =
        hbr_part_header_feed(&parser->header, at, end, &complete);

    if (problem != HBR_MULTIPART_OK)
        fail(parser, problem);
    else if (complete)
        begin_part(parser);
}

apr_status_t hbr_multipart_feed(hbr_multipart_t *parser, const char *bytes,
                                apr_size_t length)
{
    const char *at = bytes;
    const char *end = length > 0 ? bytes + length : bytes;

    while (at < end && parser->status == APR_SUCCESS) {
        if (parser->where == IN_HEADER) {
            read_header(parser, &at, end);
        } else if (parser->where == IN_EPILOGUE) {
            count_outside(parser, (apr_size_t)(end - at),
                          HBR_MULTIPART_EPILOGUE);
            at = end;
        } else {
            read_lines(parser, &at, end);
        }
    }
    return parser->status;
}

apr_status_t hbr_multipart_close(hbr_multipart_t *parser)
{
    if (parser->status == APR_SUCCESS && parser->where != IN_EPILOGUE)
        fail(parser, HBR_MULTIPART_UNFINISHED);
    return parser->status;
}
