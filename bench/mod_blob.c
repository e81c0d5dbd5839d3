/*
 * What handlers/download.c is measured against: an attachment out of the same
 * table, read by SQLite's own functions. All of it is sent as one brigade, or,
 * with less memory, each piece as it is read.
 *
 *     BlobDatabase /path/demo.db
 *     SetHandler by-hand-blob          attachment 6
 *     SetHandler by-hand-blob-pieces
 *
 * One connection, opened at the first request: for prefork alone. No limits,
 * ranges or validators.
 */
#include <string.h>

#include <httpd.h>
#include <http_config.h>
#include <http_log.h>
#include <http_protocol.h>
#include <util_filter.h>
#include <apr_buckets.h>
#include <sqlite3.h>

APLOG_USE_MODULE(blob);

#define ATTACHMENT 6
#define ATTACHMENT_LENGTH (327680 * 64)

static const char *path;
static sqlite3 *database;
static sqlite3_stmt *pieces;

static int open_database(void)
{
    if (pieces != NULL)
        return SQLITE_OK;
    if (sqlite3_open(path, &database) != SQLITE_OK)
        return SQLITE_ERROR;
    return sqlite3_prepare_v2(database,
                              "SELECT data FROM attachment_pieces "
                              "WHERE attachment_id = ? ORDER BY number",
                              -1, &pieces, NULL);
}

/* Appends the next piece; SQLite's bytes are valid to the next step, so that
 * the bucket copies them. */
static int read_piece(apr_bucket_brigade *brigade)
{
    int result = sqlite3_step(pieces);

    if (result == SQLITE_ROW) {
        const char *bytes = sqlite3_column_blob(pieces, 0);
        int length = sqlite3_column_bytes(pieces, 0);

        APR_BRIGADE_INSERT_TAIL(
            brigade, apr_bucket_heap_create(bytes, (apr_size_t)length, NULL,
                                            brigade->bucket_alloc));
    }
    return result;
}

static int send_whole(request_rec *r, apr_bucket_brigade *brigade)
{
    apr_off_t length = 0;
    int result;

    while ((result = read_piece(brigade)) == SQLITE_ROW)
        continue;
    if (result != SQLITE_DONE)
        return HTTP_SERVICE_UNAVAILABLE;
    apr_brigade_length(brigade, 1, &length);
    ap_set_content_length(r, length);
    return OK;
}

static int send_pieces(request_rec *r, apr_bucket_brigade *brigade)
{
    int result;

    ap_set_content_length(r, ATTACHMENT_LENGTH);
    while ((result = read_piece(brigade)) == SQLITE_ROW) {
        if (ap_pass_brigade(r->output_filters, brigade) != APR_SUCCESS)
            return HTTP_INTERNAL_SERVER_ERROR;
        apr_brigade_cleanup(brigade);
    }
    return result == SQLITE_DONE ? OK : HTTP_SERVICE_UNAVAILABLE;
}

static int answer(request_rec *r,
                  int (*how)(request_rec *r, apr_bucket_brigade *brigade))
{
    apr_bucket_brigade *brigade =
        apr_brigade_create(r->pool, r->connection->bucket_alloc);
    int result = HTTP_SERVICE_UNAVAILABLE;

    ap_set_content_type(r, "application/octet-stream");
    if (open_database() == SQLITE_OK) {
        sqlite3_bind_int(pieces, 1, ATTACHMENT);
        result = how(r, brigade);
        sqlite3_reset(pieces);
    }
    if (result != OK) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "%s: %s", path,
                      sqlite3_errmsg(database));
        return result;
    }
    APR_BRIGADE_INSERT_TAIL(brigade,
                            apr_bucket_eos_create(brigade->bucket_alloc));
    return ap_pass_brigade(r->output_filters, brigade) == APR_SUCCESS
               ? OK
               : HTTP_INTERNAL_SERVER_ERROR;
}

static int handle(request_rec *r)
{
    if (r->handler == NULL)
        return DECLINED;
    if (strcmp(r->handler, "by-hand-blob") == 0)
        return answer(r, send_whole);
    if (strcmp(r->handler, "by-hand-blob-pieces") == 0)
        return answer(r, send_pieces);
    return DECLINED;
}

static const char *set_database(cmd_parms *cmd, void *config, const char *word)
{
    (void)cmd;
    (void)config;
    path = word;
    return NULL;
}

static const command_rec commands[] = {
    AP_INIT_TAKE1("BlobDatabase", set_database, NULL, RSRC_CONF,
                  "the database's file"),
    { NULL, { NULL }, NULL, 0, RAW_ARGS, NULL }
};

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
}

/* The flags are the bridge's, which hide what is not marked. */
__attribute__((visibility("default")))
module AP_MODULE_DECLARE_DATA blob_module = {
    STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, commands, register_hooks,
    AP_MODULE_FLAG_NONE
};
