/*
 * upload: files into a database, piece by piece; download gives them back.
 *
 *     SetHandler upload              GET /upload: a form; POST: its files
 *
 * Links are relative: download is looked for beside it, as /app/download for
 * /app/upload.
 *
 * The body is taken as it comes, one piece in memory: each piece is a
 * statement, and so a short transaction, of its own. The rows stay hidden
 * until the last byte is there; one transaction then shows all files of the
 * form, or none. How much is taken is BridgeLimitBody's and BridgeLimitFile's.
 *
 * What was begun and never finished is removed: by the request itself when it
 * fails, and when the server died under it, by a later upload. Each child
 * looks at its first upload to a server and then once an hour. A row is given
 * up when nothing has come for an hour; an upload whose rows were taken away
 * notices with its next piece.
 *
 * Numbers are random: a row that was given up never meets another's pieces,
 * and nobody can guess a number.
 *
 * The form works without script; with it there is a progress bar. Only the
 * script and the style sheet that carry a response's own mark are let run.
 *
 * Threads: when this child last cleaned, atomics; no other state.
 */
#include <apr_atomic.h>
#include <apr_general.h>
#include <apr_hash.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <inttypes.h>
#include <jansson.h>

#include "handlerbridge.h"
#include "shared/asset.h"
#include "shared/page.h"

#define PIECE_SIZE (256 * 1024)
#define HOUR 3600
/* Places to remember when a server's database was cleaned. */
#define CLEANED 64
/* While bytes come the rows say so this often, in seconds. */
#define SIGN_OF_LIFE 60
/* Pieces that one statement removes. */
#define REMOVE_PIECES 64
/* Room for one row per file behind the first one's number. Numbers have 53
 * bits: JavaScript knows no more. */
#define FIRST_BITS 52
#define NAME_OF_NONE "unnamed"

enum {
    BEGIN,
    PIECE,
    ALIVE,
    FINISH,
    ABANDONED,
    GIVE_UP,
    LAST_PIECE,
    REMOVE,
    REMOVE_ROW
};

static const hbr_statement_t statements[] = {
    [BEGIN] = { "begin", "INSERT INTO attachments (id, name, type, size, "
                         "digest, created, piece_size, complete) "
                         "VALUES (%lld, %s, %s, 0, '', %lld, %lld, 0)" },
    [PIECE] = { "piece", "INSERT INTO attachment_pieces "
                         "(attachment_id, number, data) "
                         "SELECT id, %lld, %pDb FROM attachments "
                         "WHERE id = %lld AND complete = 0" },
    [ALIVE] = { "alive", "UPDATE attachments SET created = %lld "
                         "WHERE id >= %lld AND id < %lld AND complete = 0" },
    [FINISH] = { "finish", "UPDATE attachments SET size = %lld, digest = %s, "
                           "created = %lld, complete = 1 "
                           "WHERE id = %lld AND complete = 0" },
    [ABANDONED] = { "abandoned", "SELECT id FROM attachments "
                                 "WHERE complete <> 1 AND created < %lld "
                                 "ORDER BY id LIMIT 1000" },
    [GIVE_UP] = { "give up", "UPDATE attachments SET complete = -1 "
                             "WHERE id = %lld AND complete <> 1" },
    [LAST_PIECE] = { "last piece", "SELECT MAX(number) FROM attachment_pieces "
                                   "WHERE attachment_id = %lld" },
    [REMOVE] = { "remove", "DELETE FROM attachment_pieces "
                           "WHERE attachment_id = %lld AND number > %lld" },
    [REMOVE_ROW] = { "remove row", "DELETE FROM attachments "
                                   "WHERE id = %lld AND complete = -1" },
    HBR_STATEMENTS_END
};

/* What the configuration says. */
typedef struct settings_t {
    const char *download;
} settings_t;

static const hbr_input_t options[] = {
    HBR_STRING(settings_t, download, "download", .max = 200,
               .fallback = "download",
               .help = "where the download handler is mapped: a path, or "
                       "relative to upload's own"),
    HBR_INPUTS_END
};

/* A file that is stored, or is being. Texts live in the request's pool. */
typedef struct stored_t {
    int64_t id;
    const char *name; /* UTF-8 */
    const char *type; /* a media type */
    apr_off_t size;
    const char *digest; /* SHA-256 in hex */
} stored_t;

typedef struct upload_t {
    hbr_context_t *ctx;
    int64_t first;             /* The first file's number; others follow. */
    apr_array_header_t *files; /* stored_t; the last may be open */
    apr_time_t alive;          /* When the rows were last touched. */
    bool open;                 /* A file is coming in. */

    /* The part that is coming in, when it is a file. */
    const char *name; /* NULL: a field */
    const char *type;
    hbr_digest_t *digest;
    int64_t number; /* of the piece that is being filled */
    apr_size_t filled;
    char *piece;
} upload_t;

/* ---- removing ----------------------------------------------------------- */

/* The last pieces first: what is interrupted here can be gone on with. */
static int remove_pieces(hbr_context_t *ctx, int64_t id)
{
    hbr_rows_t *rows;
    int64_t last;
    int rc = hbr_select(ctx, LAST_PIECE, HBR_VALUES(hbr_value_int(id)), &rows);

    if (rc != HBR_OK)
        return rc;
    last = hbr_row_is_null(rows, 0, 0) ? -1 : hbr_row_int(rows, 0, 0);
    while (rc == HBR_OK && last >= 0) {
        last -= REMOVE_PIECES;
        rc = hbr_execute(ctx, REMOVE,
                         HBR_VALUES(hbr_value_int(id), hbr_value_int(last)),
                         NULL);
    }
    return rc;
}

/* A row that is given up takes no more pieces and is never shown: an upload
 * that wakes up cannot come between. */
static int remove_file(hbr_context_t *ctx, int64_t id)
{
    int64_t given_up;
    int rc =
        hbr_execute(ctx, GIVE_UP, HBR_VALUES(hbr_value_int(id)), &given_up);

    if (rc == HBR_OK && given_up == 0)
        return HBR_OK;
    if (rc == HBR_OK)
        rc = remove_pieces(ctx, id);
    if (rc == HBR_OK)
        rc = hbr_execute(ctx, REMOVE_ROW, HBR_VALUES(hbr_value_int(id)), NULL);
    return rc;
}

static int remove_abandoned(hbr_context_t *ctx)
{
    int64_t now = apr_time_sec(apr_time_now());
    hbr_rows_t *rows;
    int rc = hbr_select(ctx, ABANDONED, HBR_VALUES(hbr_value_int(now - HOUR)),
                        &rows);

    for (apr_size_t row = 0; rc == HBR_OK && row < rows->count; row++) {
        int64_t id = hbr_row_int(rows, row, 0);

        hbr_log(ctx, HBR_LOG_INFO,
                "attachment %" PRId64 " was never completed: removing it", id);
        rc = remove_file(ctx, id);
    }
    return rc;
}

/* Servers may have databases of their own. Two that meet in one place clean
 * less often, no more. */
static apr_uint32_t *cleaned_here(hbr_context_t *ctx)
{
    const char *name = hbr_variable(ctx, "SERVER_NAME");
    const char *port = hbr_variable(ctx, "SERVER_PORT");
    const char *key = apr_pstrcat(ctx->pool, name != NULL ? name : "", ":",
                                  port != NULL ? port : "", NULL);
    apr_ssize_t length = (apr_ssize_t)strlen(key);
    apr_uint32_t *cleaned = ctx->child->data;

    return &cleaned[apr_hashfunc_default(key, &length) % CLEANED];
}

/* Once an hour in this child. */
static int clean(hbr_context_t *ctx)
{
    apr_uint32_t *cleaned = cleaned_here(ctx);
    apr_uint32_t hour = (apr_uint32_t)(apr_time_sec(apr_time_now()) / HOUR);
    apr_uint32_t before = apr_atomic_read32(cleaned);

    if (before == hour || apr_atomic_cas32(cleaned, hour, before) != before)
        return HBR_OK;
    return remove_abandoned(ctx);
}

static apr_status_t start(hbr_child_t *child)
{
    child->data = apr_pcalloc(child->pool, CLEANED * sizeof(apr_uint32_t));
    return APR_SUCCESS;
}

/* ---- storing ------------------------------------------------------------ */

static stored_t *current(const upload_t *upload)
{
    return &APR_ARRAY_IDX(upload->files, upload->files->nelts - 1, stored_t);
}

/* The number behind the last file's. */
static int64_t end_of(const upload_t *upload)
{
    return upload->first + upload->files->nelts;
}

static int was_removed(const upload_t *upload, const stored_t *file)
{
    hbr_log(upload->ctx, HBR_LOG_ERROR,
            "attachment %" PRId64 " was removed while it came in", file->id);
    return hbr_error(upload->ctx, 503, "The upload took too long.");
}

static int show_life(upload_t *upload)
{
    apr_time_t now = apr_time_now();
    int64_t touched;
    int rc;

    if (now - upload->alive < apr_time_from_sec(SIGN_OF_LIFE))
        return HBR_OK;
    upload->alive = now;
    rc = hbr_execute(upload->ctx, ALIVE,
                     HBR_VALUES(hbr_value_int(apr_time_sec(now)),
                                hbr_value_int(upload->first),
                                hbr_value_int(end_of(upload))),
                     &touched);
    if (rc == HBR_OK && touched != upload->files->nelts)
        rc = was_removed(upload, current(upload));
    return rc;
}

static int store_piece(upload_t *upload)
{
    int64_t stored;
    int rc =
        hbr_execute(upload->ctx, PIECE,
                    HBR_VALUES(hbr_value_int(upload->number),
                               hbr_value_blob(upload->piece, upload->filled),
                               hbr_value_int(current(upload)->id)),
                    &stored);

    if (rc != HBR_OK)
        return rc;
    if (stored != 1)
        return was_removed(upload, current(upload));
    upload->number++;
    upload->filled = 0;
    return show_life(upload);
}

static int open_file(upload_t *upload)
{
    stored_t *file = apr_array_push(upload->files);

    file->id = end_of(upload) - 1;
    file->name = upload->name[0] != '\0' ? upload->name : NAME_OF_NONE;
    file->type = upload->type;
    file->size = 0;
    upload->number = 0;
    upload->filled = 0;
    upload->open = true;
    upload->digest = hbr_digest_create(upload->ctx->pool);
    if (upload->digest == NULL)
        return hbr_error(upload->ctx, 500, NULL);
    return hbr_execute(upload->ctx, BEGIN,
                       HBR_VALUES(hbr_value_int(file->id),
                                  hbr_value_text(file->name),
                                  hbr_value_text(file->type),
                                  hbr_value_int(apr_time_sec(upload->alive)),
                                  hbr_value_int(PIECE_SIZE)),
                       NULL);
}

static int close_file(upload_t *upload)
{
    stored_t *file = current(upload);
    int rc = upload->filled > 0 ? store_piece(upload) : HBR_OK;

    if (rc != HBR_OK)
        return rc;
    upload->open = false;
    file->digest = hbr_digest_end(upload->digest);
    return HBR_OK;
}

/* A media type without its parameters, when it is one (RFC 6838 4.2): what is
 * handed out later has to be true to the grammar. */
static const char *type_of(apr_pool_t *pool, const char *type)
{
    apr_size_t length = type != NULL ? strcspn(type, "; \t") : 0;
    apr_size_t slashes = 0;

    for (apr_size_t i = 0; i < length; i++) {
        if (type[i] == '/' && i > 0 && i + 1 < length)
            slashes++;
        else if (!apr_isalnum(type[i]) && strchr("!#$&-^_.+", type[i]) == NULL)
            return "application/octet-stream";
    }
    return slashes == 1 && length <= 255 ? apr_pstrmemdup(pool, type, length)
                                         : "application/octet-stream";
}

static int begin_part(void *data, const hbr_part_t *part)
{
    upload_t *upload = data;
    apr_pool_t *pool = upload->ctx->pool;

    upload->name = NULL;
    if (part->filename == NULL)
        return HBR_OK;
    upload->name = apr_pstrdup(pool, part->filename);
    upload->type = type_of(pool, part->type);
    return HBR_OK;
}

/* A form's field where no file was chosen has neither name nor bytes, so a
 * file without a name is one when its first byte is here. */
static int take_bytes(void *data, const char *bytes, apr_size_t length)
{
    upload_t *upload = data;
    int rc = HBR_OK;

    if (upload->name == NULL)
        return HBR_OK;
    if (!upload->open)
        rc = open_file(upload);
    if (rc != HBR_OK)
        return rc;
    hbr_digest_update(upload->digest, bytes, length);
    current(upload)->size += (apr_off_t)length;
    while (rc == HBR_OK && length > 0) {
        apr_size_t room = PIECE_SIZE - upload->filled;
        apr_size_t taken = length < room ? length : room;

        memcpy(upload->piece + upload->filled, bytes, taken);
        upload->filled += taken;
        bytes += taken;
        length -= taken;
        if (upload->filled == PIECE_SIZE)
            rc = store_piece(upload);
    }
    return rc;
}

static int end_part(void *data)
{
    upload_t *upload = data;
    int rc = HBR_OK;

    if (upload->name == NULL)
        return HBR_OK;
    if (!upload->open && upload->name[0] != '\0')
        rc = open_file(upload);
    return rc == HBR_OK && upload->open ? close_file(upload) : rc;
}

static int finish_file(upload_t *upload, const stored_t *file, int64_t now)
{
    int64_t finished;
    int rc = hbr_execute(
        upload->ctx, FINISH,
        HBR_VALUES(hbr_value_int(file->size), hbr_value_text(file->digest),
                   hbr_value_int(now), hbr_value_int(file->id)),
        &finished);

    return rc == HBR_OK && finished != 1 ? was_removed(upload, file) : rc;
}

/* In a transaction: all of them are shown, or none. */
static int finish(hbr_context_t *ctx, void *data)
{
    upload_t *upload = data;
    int64_t now = apr_time_sec(apr_time_now());
    int rc = HBR_OK;

    (void)ctx;
    for (int i = 0; rc == HBR_OK && i < upload->files->nelts; i++) {
        rc = finish_file(upload, &APR_ARRAY_IDX(upload->files, i, stored_t),
                         now);
    }
    return rc;
}

static int prepare(upload_t *upload)
{
    apr_pool_t *pool = upload->ctx->pool;
    uint64_t random;

    if (apr_generate_random_bytes((unsigned char *)&random, sizeof(random))
        != APR_SUCCESS)
        return hbr_error(upload->ctx, 500, NULL);
    upload->first = (int64_t)(random >> (64 - FIRST_BITS)) + 1;
    upload->files = apr_array_make(pool, 4, sizeof(stored_t));
    upload->alive = apr_time_now();
    upload->piece = apr_palloc(pool, PIECE_SIZE);
    return HBR_OK;
}

static int store(upload_t *upload)
{
    static const hbr_parts_t parts = { .begin = begin_part,
                                       .take = take_bytes,
                                       .end = end_part };
    int rc = hbr_form_stream(upload->ctx, &parts, upload);

    if (rc != HBR_OK)
        return rc;
    if (upload->files->nelts == 0)
        return hbr_error(upload->ctx, 400, "The form brought no file.");
    return hbr_transaction(upload->ctx, finish, upload);
}

/* ---- pages -------------------------------------------------------------- */

/* Behind a proxy not even httpd knows its own paths, but the client knows where
 * upload is: so the link is relative unless the configuration says more. */
static const char *link_to(hbr_context_t *ctx, const stored_t *file)
{
    const settings_t *settings = ctx->options;

    return apr_psprintf(ctx->pool, "%s/%" APR_INT64_T_FMT, settings->download,
                        file->id);
}

ASSET(upload_style, "handlers/assets/upload.css");
ASSET(upload_script, "handlers/assets/upload.js");

static int form_page(hbr_context_t *ctx)
{
    page_t page = { .title = "Upload",
                    .style = upload_style,
                    .script = upload_script };
    int rc = page_begin(ctx, &page);

    if (rc != HBR_OK)
        return rc;
    hbr_puts(ctx, "<h1>Upload</h1>\n"
                  "<form method=\"post\" enctype=\"multipart/form-data\">\n"
                  "<label>Files <input type=\"file\" name=\"file\" multiple "
                  "required></label>\n<button>Upload</button>\n"
                  "<progress hidden aria-label=\"Sent\"></progress>\n"
                  "<p id=\"says\" role=\"status\"></p>\n</form>\n"
                  "<ul id=\"list\" aria-label=\"Stored files\" hidden></ul>\n");
    page_end(ctx, &page);
    return HBR_OK;
}

static int stored_page(hbr_context_t *ctx, const stored_t *files,
                       apr_size_t count)
{
    page_t page = { .title = count == 1 ? "The file is stored"
                                        : "The files are stored",
                    .style = upload_style };
    int rc = page_begin(ctx, &page);

    if (rc != HBR_OK)
        return rc;
    hbr_html(ctx, "<h1>%s</h1>\n<ul>\n", page.title);
    for (apr_size_t i = 0; i < count; i++)
        hbr_html(ctx,
                 "<li><a href=\"%s\">%s</a> <small>%" PRId64
                 " bytes, %s</small></li>\n",
                 link_to(ctx, &files[i]), files[i].name, (int64_t)files[i].size,
                 files[i].type);
    hbr_puts(ctx, "</ul>\n<p><a href=\"\">More files</a></p>\n");
    page_end(ctx, &page);
    return HBR_OK;
}

/* ---- answering ---------------------------------------------------------- */

static json_t *object_of(hbr_context_t *ctx, const stored_t *file)
{
    json_t *object = json_object();

    json_object_set_new(object, "id", json_integer(file->id));
    json_object_set_new(object, "name", json_string(file->name));
    json_object_set_new(object, "type", json_string(file->type));
    json_object_set_new(object, "size", json_integer(file->size));
    json_object_set_new(object, "sha256", json_string(file->digest));
    json_object_set_new(object, "url", json_string(link_to(ctx, file)));
    return object;
}

static int answer_json(hbr_context_t *ctx, const stored_t *files,
                       apr_size_t count)
{
    json_t *list = json_array();

    for (apr_size_t i = 0; i < count; i++)
        json_array_append_new(list, object_of(ctx, &files[i]));
    return hbr_json(ctx, json_pack("{s:o}", "files", list));
}

static int receive(hbr_context_t *ctx, bool json)
{
    upload_t upload = { .ctx = ctx };
    const stored_t *files;
    apr_size_t count;
    int rc = clean(ctx);

    if (rc == HBR_OK)
        rc = prepare(&upload);
    if (rc != HBR_OK)
        return rc;
    rc = store(&upload);
    files = (const stored_t *)upload.files->elts;
    count = (apr_size_t)upload.files->nelts;
    for (apr_size_t i = 0; rc != HBR_OK && i < count; i++)
        remove_file(ctx, files[i].id);
    if (rc != HBR_OK)
        return rc;
    hbr_status(ctx, 201);
    if (count == 1)
        hbr_header_set(ctx, "Location", link_to(ctx, &files[0]));
    return json ? answer_json(ctx, files, count)
                : stored_page(ctx, files, count);
}

static int upload(hbr_context_t *ctx)
{
    static const char *const types[] = { "text/html", "application/json",
                                         NULL };
    int type;

    if (strcmp(ctx->method, "POST") != 0)
        return form_page(ctx);
    /* A page of another site must not fill the database (Fetch Metadata). */
    if (strcmp(hbr_header(ctx, "Sec-Fetch-Site", ""), "cross-site") == 0)
        return hbr_error(ctx, 403,
                         "Files are taken from this site's own form "
                         "only.");
    type = hbr_negotiate(ctx, types);
    if (type < 0)
        return hbr_error(ctx, 406,
                         "The answer can be text/html or application/json.");
    return receive(ctx, type == 1);
}

HBR_HANDLER(upload, .process = upload, .methods = "GET, POST", .start = start,
            .statements = statements, .options = options,
            .summary = "Files into a database, in pieces");
