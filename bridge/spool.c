/*
 * Bytes that are kept in memory while they are few, else in a file.
 *
 * The file has no name, or loses it as soon as it is open: whatever becomes of
 * the request, the child or the server, nothing is left of it. One thread.
 */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <apr_file_io.h>
#include <apr_portable.h>
#include <apr_strings.h>

struct hbr_spool_t {
    apr_pool_t *pool;
    const char *folder;
    apr_size_t most; /* bytes that stay in memory */
    char *memory;    /* NULL when all is in the file */
    apr_size_t room;
    apr_file_t *file; /* NULL while all is in memory */
    apr_off_t size;
};

hbr_spool_t *hbr_spool_create(apr_pool_t *pool, apr_size_t memory,
                              const char *folder)
{
    hbr_spool_t *spool = apr_pcalloc(pool, sizeof(*spool));

    spool->pool = pool;
    spool->folder = folder;
    spool->most = memory;
    return spool;
}

apr_off_t hbr_spool_size(const hbr_spool_t *spool)
{
    return spool->size;
}

static apr_status_t close_descriptor(void *file)
{
    return apr_file_close(file);
}

/* A file that never had a name: a crash at any moment leaves nothing. Not every
 * file system can do it. */
static apr_status_t open_nameless(apr_pool_t *pool, const char *folder,
                                  apr_file_t **file)
{
    int descriptor = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    apr_status_t status;

    if (descriptor < 0)
        return errno;
    status = apr_os_file_put(file, &descriptor,
                             APR_FOPEN_READ | APR_FOPEN_WRITE, pool);
    if (status == APR_SUCCESS)
        apr_pool_cleanup_register(pool, *file, close_descriptor,
                                  apr_pool_cleanup_null);
    else
        close(descriptor);
    return status;
}

/* apr_file_mktemp() makes it with mode 0600; its name goes at once. */
static apr_status_t open_named(apr_pool_t *pool, const char *folder,
                               apr_file_t **file)
{
    char *template = apr_pstrcat(pool, folder, "/hbr-upload.XXXXXX", NULL);
    apr_status_t status =
        apr_file_mktemp(file, template,
                        APR_FOPEN_READ | APR_FOPEN_WRITE | APR_FOPEN_CREATE
                            | APR_FOPEN_EXCL | APR_FOPEN_BINARY,
                        pool);

    return status == APR_SUCCESS ? apr_file_remove(template, pool) : status;
}

static apr_status_t open_file(const hbr_spool_t *spool, apr_file_t **file)
{
    const char *folder = spool->folder;
    apr_status_t status = APR_SUCCESS;

    if (folder == NULL)
        status = apr_temp_dir_get(&folder, spool->pool);
    if (status != APR_SUCCESS)
        return status;
    status = open_nameless(spool->pool, folder, file);
    if (status == EOPNOTSUPP || status == EISDIR)
        status = open_named(spool->pool, folder, file);
    return status;
}

/* What was in memory goes to the file; it stays where it is until it is all
 * there. */
static apr_status_t spill(hbr_spool_t *spool)
{
    apr_file_t *file;
    apr_status_t status = open_file(spool, &file);

    if (status != APR_SUCCESS)
        return status;
    if (spool->size > 0)
        status = apr_file_write_full(file, spool->memory,
                                     (apr_size_t)spool->size, NULL);
    if (status != APR_SUCCESS) {
        apr_file_close(file);
        return status;
    }
    spool->file = file;
    spool->memory = NULL;
    return APR_SUCCESS;
}

/* The room doubles, up to what may lie in memory. */
static void grow(hbr_spool_t *spool, apr_size_t needed)
{
    apr_size_t room = spool->size > 0 ? 2 * needed : needed;
    char *grown;

    if (room > spool->most)
        room = spool->most;
    grown = apr_palloc(spool->pool, room);
    if (spool->size > 0)
        memcpy(grown, spool->memory, (apr_size_t)spool->size);
    spool->memory = grown;
    spool->room = room;
}

static void keep(hbr_spool_t *spool, const char *bytes, apr_size_t length)
{
    apr_size_t size = (apr_size_t)spool->size;

    if (length > spool->room - size)
        grow(spool, size + length);
    memcpy(spool->memory + size, bytes, length);
}

/* Behind the last byte, wherever it was read before. */
static apr_status_t append(hbr_spool_t *spool, const char *bytes,
                           apr_size_t length)
{
    apr_off_t end = spool->size;
    apr_status_t status = apr_file_seek(spool->file, APR_SET, &end);

    if (status != APR_SUCCESS)
        return status;
    return apr_file_write_full(spool->file, bytes, length, NULL);
}

apr_status_t hbr_spool_write(hbr_spool_t *spool, const char *bytes,
                             apr_size_t length)
{
    apr_status_t status = APR_SUCCESS;

    if (length == 0)
        return APR_SUCCESS;
    if (spool->file == NULL && length > spool->most - (apr_size_t)spool->size)
        status = spill(spool);
    if (status == APR_SUCCESS && spool->file != NULL)
        status = append(spool, bytes, length);
    else if (status == APR_SUCCESS)
        keep(spool, bytes, length);
    if (status == APR_SUCCESS)
        spool->size += (apr_off_t)length;
    return status;
}

static apr_status_t read_file(hbr_spool_t *spool, apr_off_t offset,
                              void *buffer, apr_size_t wanted,
                              apr_size_t *length)
{
    apr_status_t status = apr_file_seek(spool->file, APR_SET, &offset);

    if (status != APR_SUCCESS)
        return status;
    return apr_file_read_full(spool->file, buffer, wanted, length);
}

apr_status_t hbr_spool_read(hbr_spool_t *spool, apr_off_t offset, void *buffer,
                            apr_size_t size, apr_size_t *length)
{
    apr_uint64_t left;

    *length = 0;
    if (offset < 0 || offset >= spool->size)
        return offset < 0 ? APR_EINVAL : APR_SUCCESS;
    left = (apr_uint64_t)(spool->size - offset);
    if (size > left)
        size = (apr_size_t)left;
    if (spool->file != NULL)
        return read_file(spool, offset, buffer, size, length);
    memcpy(buffer, spool->memory + offset, size);
    *length = size;
    return APR_SUCCESS;
}
