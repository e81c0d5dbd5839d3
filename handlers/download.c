/*
 * download: an attachment out of a database, piece by piece.
 *
 *     SetHandler download
 *     /download?id=3      /download/3      /download/3?disposition=inline
 *
 * The bytes are read as the client takes them, each piece with one query, so
 * that an attachment of any size needs the memory of one piece, and no
 * connection is held while a slow client reads. A Range reads only its own
 * bytes, a HEAD or a 304 none.
 *
 * What was uploaded is a stranger's: only types that cannot run as a page are
 * shown inline, and what is shown may load and run nothing.
 *
 * Threads: no state of its own.
 */
#include <apr_lib.h>
#include <apr_strings.h>
#include <inttypes.h>

#include "handlerbridge.h"

typedef struct query_t {
    int64_t id;
    int disposition;
} query_t;

/* In hbr_disposition_e's order. */
static const char *const dispositions[] = { "attachment", "inline", NULL };

static const hbr_input_t inputs[] = {
    HBR_INT(query_t, id, "id", .min = 1,
            .help = "the attachment; may stand in the path instead"),
    HBR_ENUM(query_t, disposition, "disposition", .values = dispositions,
             .help = "to save it or to look at it"),
    HBR_INPUTS_END
};

enum { FIND, PIECE };
enum { NAME, TYPE, SIZE, DIGEST, CREATED, PIECE_SIZE };

static const hbr_statement_t statements[] = {
    [FIND] = { "find", "SELECT name, type, size, digest, created, piece_size "
                       "FROM attachments WHERE id = %lld AND complete = 1" },
    [PIECE] = { "piece", "SELECT substr(data, %d, %d) "
                         "FROM attachment_pieces "
                         "WHERE attachment_id = %lld AND number = %lld" },
    HBR_STATEMENTS_END
};

typedef struct attachment_t {
    int64_t id;
    int64_t piece_size;
} attachment_t;

static apr_status_t read_piece(hbr_context_t *ctx, void *data, apr_off_t offset,
                               apr_size_t wanted, const void **bytes,
                               apr_size_t *length)
{
    const attachment_t *attachment = data;
    int64_t skip = offset % attachment->piece_size;
    int64_t rest = attachment->piece_size - skip;
    int64_t count = (uint64_t)wanted < (uint64_t)rest ? (int64_t)wanted : rest;
    hbr_rows_t *rows;

    if (hbr_select(ctx, PIECE,
                   HBR_VALUES(hbr_value_int(skip + 1), hbr_value_int(count),
                              hbr_value_int(attachment->id),
                              hbr_value_int(offset / attachment->piece_size)),
                   &rows)
        != HBR_OK)
        return APR_EGENERAL;
    *bytes = hbr_row_bytes(rows, 0, 0, length);
    if (*bytes != NULL && *length > 0)
        return APR_SUCCESS;
    hbr_log(ctx, HBR_LOG_ERROR,
            "attachment %" PRId64 " ends at byte %" APR_OFF_T_FMT
            ": was it taken away meanwhile?",
            attachment->id, offset);
    return APR_EOF;
}

/* The types a browser may show. Anything else, HTML above all, would run as a
 * page of this server; an SVG picture is one, but runs nothing in a sandbox. */
static bool may_be_shown(const char *type)
{
    static const char *const types[] = { "image/png",  "image/jpeg",
                                         "image/gif",  "image/webp",
                                         "image/avif", "image/svg+xml",
                                         "text/plain", "application/pdf",
                                         NULL };
    apr_size_t length = strcspn(type, "; \t");

    for (int i = 0; types[i] != NULL; i++) {
        if (strlen(types[i]) == length
            && strncasecmp(types[i], type, length) == 0)
            return true;
    }
    return false;
}

/* Browsers show a PDF in a page of their own, which a sandbox forbids. */
static void set_policy(hbr_context_t *ctx, const char *type)
{
    bool pdf = strncasecmp(type, "application/pdf", 15) == 0;

    hbr_header_set(ctx, "X-Content-Type-Options", "nosniff");
    hbr_header_set(ctx, "Content-Security-Policy",
                   pdf ? "default-src 'none'; object-src 'self'; "
                         "style-src 'unsafe-inline'; frame-ancestors 'self'"
                       : "default-src 'none'; style-src 'unsafe-inline'; "
                         "sandbox");
}

/* The id out of "/3" or, where the path says nothing, out of the query; 0 when
 * neither holds one. */
static int64_t wanted_id(const hbr_context_t *ctx, const query_t *query)
{
    const char *text = ctx->path_info;
    int64_t id;
    char *end;

    if (text[0] == '\0' || strcmp(text, "/") == 0)
        return query->id;
    if (!apr_isdigit(text[1]))
        return 0;
    errno = 0;
    id = apr_strtoi64(text + 1, &end, 10);
    return errno == 0 && *end == '\0' ? id : 0;
}

static int send_attachment(hbr_context_t *ctx, int64_t id,
                           const hbr_rows_t *rows,
                           hbr_disposition_e disposition)
{
    attachment_t *attachment = apr_palloc(ctx->pool, sizeof(*attachment));
    hbr_source_t source = { .length = hbr_row_int(rows, 0, SIZE),
                            .read = read_piece,
                            .data = attachment };
    hbr_content_t about = { .filename = hbr_row_text(rows, 0, NAME),
                            .disposition = disposition,
                            .etag = hbr_row_text(rows, 0, DIGEST),
                            .last_modified = apr_time_from_sec(
                                hbr_row_int(rows, 0, CREATED)) };
    const char *type = hbr_row_text(rows, 0, TYPE);

    attachment->id = id;
    attachment->piece_size = hbr_row_int(rows, 0, PIECE_SIZE);
    if (attachment->piece_size < 1 || attachment->piece_size >= INT32_MAX) {
        hbr_log(ctx, HBR_LOG_ERROR, "attachment %" PRId64 " has no piece size",
                id);
        return hbr_error(ctx, 500, NULL);
    }
    if (type == NULL)
        type = "application/octet-stream";
    if (!may_be_shown(type))
        about.disposition = HBR_ATTACHMENT;
    /* A type that is none is logged there; the bytes are still worth having. */
    about.type =
        hbr_type(ctx, type) == APR_SUCCESS ? type : "application/octet-stream";
    set_policy(ctx, type);
    return hbr_source(ctx, &source, &about);
}

static int download(hbr_context_t *ctx)
{
    const query_t *query = hbr_inputs(ctx);
    int64_t id = wanted_id(ctx, query);
    hbr_rows_t *rows;
    int rc;

    if (id < 1) {
        return hbr_error(ctx, 400,
                         "Input \"id\" must be a whole number of at "
                         "least 1.");
    }
    rc = hbr_select(ctx, FIND, HBR_VALUES(hbr_value_int(id)), &rows);
    if (rc != HBR_OK)
        return rc;
    if (rows->count == 0)
        return hbr_error(ctx, 404, "There is no attachment %" PRId64 ".", id);
    return send_attachment(ctx, id, rows,
                           (hbr_disposition_e)query->disposition);
}

HBR_HANDLER(download, .process = download, .inputs = inputs,
            .statements = statements,
            .summary = "an attachment out of a database, in pieces");
