/*
 * Whole bodies: bytes, a file, a source.
 *
 * The body is kept as it was given until the response is committed; only then
 * is it known which stretches of it go out. What has to be given back (bytes
 * with a release function) is given back exactly once: by the last bucket that
 * shows it, or by hbr_content_drop() when none ever did.
 */
#include "content.h"

#include <stdio.h>
#include <string.h>

#include <apr_strings.h>

#include "log.h"
#include "output.h"
#include "response.h"

#define TEXT_TYPE "text/plain; charset=utf-8"
#define HTML_TYPE "text/html; charset=utf-8"
#define BYTES_TYPE "application/octet-stream"

const char *hbr_stream_type(const hbr_state_t *state)
{
    if (state->type != NULL)
        return state->type;
    return state->html ? HTML_TYPE : TEXT_TYPE;
}

const char *hbr_content_type(const hbr_state_t *state)
{
    if (state->body != HBR_BODY_TEXT)
        return state->type != NULL ? state->type : BYTES_TYPE;
    if (state->type == NULL && hbr_output_written(state) == 0)
        return NULL;
    return hbr_stream_type(state);
}

void hbr_content_drop(hbr_state_t *state)
{
    if (state->body == HBR_BODY_BYTES && state->content.bytes.release != NULL)
        state->content.bytes.release((void *)state->content.bytes.data);
    if (state->whole != NULL)
        apr_bucket_destroy(state->whole);
    state->whole = NULL;
    state->body = HBR_BODY_TEXT;
    memset(&state->content, 0, sizeof(state->content));
}

/* Begins a whole body: what was written before gives way. */
static bool begin(hbr_context_t *ctx, const char *call, hbr_body_e body,
                  apr_off_t length)
{
    hbr_state_t *state = ctx->state;

    if (!hbr_replaceable(ctx, call))
        return false;
    hbr_output_drop(state);
    hbr_content_drop(state);
    state->body = body;
    state->body_length = length;
    return true;
}

/* Says about the body what the author said; wrong words are a 500. */
static int describe(hbr_context_t *ctx, const hbr_content_t *about)
{
    apr_status_t status = APR_SUCCESS;

    if (about == NULL)
        return HBR_OK;
    if (about->type != NULL)
        status = hbr_type(ctx, about->type);
    if (status == APR_SUCCESS && about->filename != NULL)
        status = hbr_disposition(ctx, about->disposition, about->filename);
    if (status == APR_SUCCESS && about->etag != NULL)
        status = hbr_etag(ctx, about->etag, false);
    if (status == APR_SUCCESS && about->last_modified != 0)
        status = hbr_last_modified(ctx, about->last_modified);
    if (status == APR_SUCCESS)
        return HBR_OK;
    return hbr_error(ctx, HBR_INTERNAL_ERROR, NULL);
}

static const void *own(hbr_state_t *state, const void *data, apr_size_t length)
{
    char *copy = apr_bucket_alloc(length, state->request.bucket_alloc);

    memcpy(copy, data, length);
    state->content.bytes.release = apr_bucket_free;
    return copy;
}

int hbr_bytes(hbr_context_t *ctx, const void *data, apr_size_t length,
              const hbr_content_t *about)
{
    void (*release)(void *) = about != NULL ? about->release : NULL;
    bool copy =
        release == NULL && (about == NULL || about->ownership == HBR_COPY);
    hbr_state_t *state = ctx->state;

    if (!begin(ctx, "hbr_bytes", HBR_BODY_BYTES, length)) {
        if (release != NULL)
            release((void *)data);
        return HBR_INTERNAL_ERROR;
    }
    state->content.bytes.release = release;
    if (copy && length > 0)
        data = own(state, data, length);
    state->content.bytes.data = data;
    return describe(ctx, about);
}

static int refuse_file(hbr_context_t *ctx, const char *path,
                       apr_status_t status)
{
    bool missing =
        APR_STATUS_IS_ENOENT(status) || APR_STATUS_IS_ENOTDIR(status);

    hbr_bridge_log(ctx, missing ? HBR_LOG_INFO : HBR_LOG_ERROR, status,
                   "HBR0022", "cannot send the file %s", path);
    return hbr_error(ctx, missing ? HBR_NOT_FOUND : HBR_FORBIDDEN, NULL);
}

/* A tag that changes when the file does. One that was modified this very
 * moment may change again within the clock's grain: its tag is weak. */
static void describe_file(hbr_context_t *ctx, const apr_finfo_t *info)
{
    bool weak = hbr_request_time(ctx) - info->mtime < 2 * APR_USEC_PER_SEC;
    char tag[40];

    snprintf(tag, sizeof(tag), "%llx-%llx", (unsigned long long)info->size,
             (unsigned long long)info->mtime);
    hbr_etag(ctx, tag, weak);
    hbr_last_modified(ctx, info->mtime);
}

/* Opens a regular file. Anything else is not opened at all: a FIFO would
 * block. */
static apr_status_t open_file(hbr_context_t *ctx, const char *path,
                              apr_file_t **file, apr_finfo_t *info)
{
    const hbr_request_t *request = &ctx->state->request;
    apr_status_t status;
    bool mmap;
    apr_int32_t flags =
        APR_FOPEN_READ | APR_FOPEN_BINARY
        | request->host->output->file_flags(request->request, &mmap);

    status = apr_stat(info, path, APR_FINFO_TYPE, ctx->pool);
    if (status == APR_SUCCESS && info->filetype != APR_REG)
        return APR_EACCES;
    if (status == APR_SUCCESS)
        status = apr_file_open(file, path, flags, APR_FPROT_OS_DEFAULT,
                               request->pool);
    if (status == APR_SUCCESS)
        status =
            apr_file_info_get(info, APR_FINFO_SIZE | APR_FINFO_MTIME, *file);
    return status;
}

int hbr_file(hbr_context_t *ctx, const char *path, const hbr_content_t *about)
{
    apr_file_t *file;
    apr_finfo_t info;
    apr_status_t status;

    if (!hbr_replaceable(ctx, "hbr_file"))
        return HBR_INTERNAL_ERROR;
    status = open_file(ctx, path, &file, &info);
    if (status != APR_SUCCESS)
        return refuse_file(ctx, path, status);
    begin(ctx, "hbr_file", HBR_BODY_FILE, info.size);
    ctx->state->content.file = file;
    describe_file(ctx, &info);
    return describe(ctx, about);
}

int hbr_source(hbr_context_t *ctx, const hbr_source_t *source,
               const hbr_content_t *about)
{
    if (!begin(ctx, "hbr_source", HBR_BODY_SOURCE, source->length))
        return HBR_INTERNAL_ERROR;
    ctx->state->content.source = *source;
    return describe(ctx, about);
}

/* Bytes: the bucket takes over what has to be released. */
static apr_bucket *bytes_bucket(hbr_state_t *state)
{
    const char *data = state->content.bytes.data;
    apr_size_t length = (apr_size_t)state->body_length;
    void (*release)(void *) = state->content.bytes.release;
    apr_bucket_alloc_t *alloc = state->request.bucket_alloc;

    if (release == NULL)
        return apr_bucket_pool_create(data, length, state->request.pool, alloc);
    state->content.bytes.release = NULL;
    return apr_bucket_heap_create(data, length, release, alloc);
}

static apr_bucket *file_bucket(hbr_state_t *state)
{
    const hbr_request_t *request = &state->request;
    bool mmap = true;
    apr_bucket *bucket = apr_bucket_file_create(
        state->content.file, 0, (apr_size_t)state->body_length, request->pool,
        request->bucket_alloc);

    request->host->output->file_flags(request->request, &mmap);
    if (!mmap)
        apr_bucket_file_enable_mmap(bucket, 0);
    return bucket;
}

/* Shares the whole: the last bucket that shows a file closes it, so all have
 * to be copies of one. */
static apr_bucket *share_whole(hbr_state_t *state)
{
    apr_bucket *copy;

    if (state->whole == NULL)
        state->whole = state->body == HBR_BODY_BYTES ? bytes_bucket(state)
                                                     : file_bucket(state);
    apr_bucket_copy(state->whole, &copy);
    return copy;
}

void hbr_content_insert(hbr_state_t *state, apr_bucket_brigade *brigade,
                        apr_off_t first, apr_off_t length)
{
    apr_bucket *part;

    if (length == 0)
        return;
    part = share_whole(state);
    APR_BRIGADE_INSERT_TAIL(brigade, part);
    if (first > 0) {
        apr_bucket_split(part, (apr_size_t)first);
        part = APR_BUCKET_NEXT(part);
        apr_bucket_delete(APR_BUCKET_PREV(part));
    }
    if ((apr_off_t)part->length > length) {
        apr_bucket_split(part, (apr_size_t)length);
        apr_bucket_delete(APR_BUCKET_NEXT(part));
    }
}
