/*
 * A multipart form, part by part: the parser between the body and whoever
 * takes the parts. The limits on files are held here, for all who do.
 */
#include "form_stream.h"

#include "body.h"
#include "content_type.h"
#include "error.h"
#include "multipart.h"

typedef struct stream_t {
    hbr_context_t *ctx;
    const hbr_parts_t *parts;
    void *data;
    int result;     /* of a callback, or of a limit */
    bool is_file;   /* the part that is open */
    apr_off_t size; /* its bytes so far */
    apr_size_t files;
    hbr_multipart_t parser;
} stream_t;

static apr_status_t told(stream_t *stream, int result)
{
    stream->result = result;
    return result == HBR_OK ? APR_SUCCESS : APR_EGENERAL;
}

static int too_many_files(hbr_context_t *ctx)
{
    apr_size_t most = ctx->state->request.settings->files;

    return hbr_limit_error(ctx, HBR_CONTENT_TOO_LARGE,
                           "The form has more than %" APR_SIZE_T_FMT " file%s "
                           "(BridgeLimitFiles).",
                           most, most == 1 ? "" : "s");
}

static apr_status_t begin_part(void *arg, const hbr_part_t *part)
{
    stream_t *stream = arg;
    const hbr_settings_t *settings = stream->ctx->state->request.settings;

    stream->is_file = part->filename != NULL;
    stream->size = 0;
    if (stream->is_file && ++stream->files > settings->files)
        return told(stream, too_many_files(stream->ctx));
    if (stream->parts->begin == NULL)
        return APR_SUCCESS;
    return told(stream, stream->parts->begin(stream->data, part));
}

/* A part's own limit: a file's, or a field's. */
static int check_size(stream_t *stream)
{
    const hbr_settings_t *settings = stream->ctx->state->request.settings;

    if (stream->is_file && settings->file != 0 && stream->size > settings->file)
        return hbr_too_large(stream->ctx, "A file", settings->file,
                             "BridgeLimitFile");
    if (!stream->is_file && stream->size > (apr_off_t)settings->value)
        return hbr_too_large(stream->ctx, "A field", (apr_off_t)settings->value,
                             "BridgeLimitValue");
    return HBR_OK;
}

static apr_status_t take_data(void *arg, const char *bytes, apr_size_t length)
{
    stream_t *stream = arg;
    int result;

    stream->size += length;
    result = check_size(stream);
    if (result == HBR_OK && stream->parts->take != NULL)
        result = stream->parts->take(stream->data, bytes, length);
    return told(stream, result);
}

static apr_status_t end_part(void *arg)
{
    stream_t *stream = arg;

    if (stream->parts->end == NULL)
        return APR_SUCCESS;
    return told(stream, stream->parts->end(stream->data));
}

static const hbr_multipart_calls_t calls = { .on_part = begin_part,
                                             .on_data = take_data,
                                             .on_part_end = end_part };

/* What the parser's status means to the handler. */
static int settle(stream_t *stream, apr_status_t status)
{
    const hbr_multipart_t *parser = &stream->parser;

    if (status == APR_SUCCESS)
        return HBR_OK;
    if (parser->problem == HBR_MULTIPART_OK)
        return stream->result;
    return hbr_limit_error(
        stream->ctx, hbr_multipart_status(parser->problem), "%s",
        hbr_multipart_sentence(stream->ctx->state->request.pool,
                               parser->problem, &parser->limits));
}

static int feed(void *arg, const char *bytes, apr_size_t length)
{
    stream_t *stream = arg;

    return settle(stream, hbr_multipart_feed(&stream->parser, bytes, length));
}

static apr_status_t open_parser(stream_t *stream)
{
    const hbr_request_t *request = &stream->ctx->state->request;
    const hbr_multipart_limits_t limits = {
        .parts = request->settings->parts,
        .header_bytes = request->settings->part_header,
        .header_fields = request->settings->part_fields,
        .name_bytes = request->settings->name,
        .filename_bytes = request->settings->file_name,
        .outside_bytes = request->settings->preamble
    };

    return hbr_multipart_open(
        &stream->parser, request->pool,
        apr_table_get(request->headers_in, "Content-Type"), &limits, &calls,
        stream);
}

int hbr_form_pull(hbr_context_t *ctx, const char *call,
                  const hbr_parts_t *parts, void *data)
{
    stream_t *stream = apr_pcalloc(ctx->state->request.pool, sizeof(*stream));
    int result;

    stream->ctx = ctx;
    stream->parts = parts;
    stream->data = data;
    result = settle(stream, open_parser(stream));
    if (result == HBR_OK)
        result = hbr_body_pull(ctx, call, 0, NULL, feed, stream);
    if (result == HBR_OK)
        result = settle(stream, hbr_multipart_close(&stream->parser));
    return result;
}

int hbr_form_stream(hbr_context_t *ctx, const hbr_parts_t *parts, void *data)
{
    if (!hbr_content_type_is(apr_table_get(ctx->headers_in, "Content-Type"),
                             "multipart/form-data"))
        return hbr_error(ctx, HBR_UNSUPPORTED_MEDIA_TYPE,
                         "The body is expected to be multipart/form-data.");
    return hbr_form_pull(ctx, "hbr_form_stream", parts, data);
}
