/*
 * The files of a form.
 */
#include <string.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "handlerbridge/digest.h"
#include "form.h"
#include "spool.h"

#define STEP (32 * 1024)

const hbr_upload_t *hbr_upload_next(hbr_context_t *ctx, const char *field,
                                    const hbr_upload_t *after)
{
    const hbr_form_t *form = hbr_form_of(ctx);
    apr_size_t i = after != NULL ? (apr_size_t)(after - form->upload) + 1 : 0;

    for (; i < form->uploads; i++)
        if (field == NULL || strcmp(form->upload[i].field, field) == 0)
            return &form->upload[i];
    return NULL;
}

apr_status_t hbr_upload_read(const hbr_upload_t *upload, apr_off_t offset,
                             void *buffer, apr_size_t size, apr_size_t *length)
{
    return hbr_spool_read(upload->spool, offset, buffer, size, length);
}

/* Gives a file's bytes on, a step at a time. */
static apr_status_t each_step(const hbr_upload_t *upload,
                              apr_status_t (*take)(void *data,
                                                   const char *bytes,
                                                   apr_size_t length),
                              void *data)
{
    char buffer[STEP];
    apr_off_t at = 0;
    apr_size_t length;
    apr_status_t status;

    do {
        status = hbr_upload_read(upload, at, buffer, sizeof(buffer), &length);
        if (status == APR_SUCCESS && length > 0)
            status = take(data, buffer, length);
        at += length;
    } while (status == APR_SUCCESS && length > 0);
    return status;
}

static apr_status_t digest_step(void *digest, const char *bytes,
                                apr_size_t length)
{
    hbr_digest_update(digest, bytes, length);
    return APR_SUCCESS;
}

const char *hbr_upload_sha256(hbr_context_t *ctx, const hbr_upload_t *upload)
{
    hbr_digest_t *digest = hbr_digest_create(ctx->pool);

    if (digest == NULL || each_step(upload, digest_step, digest) != APR_SUCCESS)
        return NULL;
    return hbr_digest_end(digest);
}

static apr_status_t write_step(void *file, const char *bytes, apr_size_t length)
{
    return apr_file_write_full(file, bytes, length, NULL);
}

static apr_status_t write_copy(const hbr_upload_t *upload, apr_file_t *file)
{
    apr_status_t status = each_step(upload, write_step, file);
    apr_status_t synced =
        status == APR_SUCCESS ? apr_file_datasync(file) : status;
    apr_status_t closed = apr_file_close(file);

    return synced != APR_SUCCESS ? synced : closed;
}

/* A link fails where something is; a rename takes its place. */
static apr_status_t put_in_place(apr_pool_t *pool, const char *copy,
                                 const char *path, bool overwrite)
{
    apr_status_t status;

    if (overwrite)
        return apr_file_rename(copy, path, pool);
    status = apr_file_link(copy, path);
    if (status == APR_SUCCESS)
        apr_file_remove(copy, pool);
    return status;
}

apr_status_t hbr_upload_keep(hbr_context_t *ctx, const hbr_upload_t *upload,
                             const char *path, bool overwrite)
{
    char *copy = apr_pstrcat(ctx->pool, path, ".XXXXXX", NULL);
    apr_file_t *file;
    apr_status_t status = apr_file_mktemp(
        &file, copy,
        APR_FOPEN_WRITE | APR_FOPEN_CREATE | APR_FOPEN_EXCL | APR_FOPEN_BINARY,
        ctx->pool);

    if (status != APR_SUCCESS)
        return status;
    status = write_copy(upload, file);
    if (status == APR_SUCCESS)
        status = put_in_place(ctx->pool, copy, path, overwrite);
    if (status != APR_SUCCESS)
        apr_file_remove(copy, ctx->pool);
    return status;
}
