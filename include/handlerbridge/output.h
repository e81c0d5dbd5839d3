/**
 * @file output.h
 * @brief The response's body.
 *
 * Text is collected up to a cap (directive BridgeBuffer), then streams by
 * itself. A whole body (hbr_bytes(), hbr_file(), hbr_source(), hbr_json())
 * takes the place of what was written before.
 *
 * A write that fails sticks: later ones return the same error at once.
 */
#ifndef HANDLERBRIDGE_OUTPUT_H
#define HANDLERBRIDGE_OUTPUT_H

#include "context.h"
#include "response.h"

struct json_t;

/**
 * Writes plain text and is done: sets the type to "text/plain; charset=utf-8"
 * unless one is set.
 * @param format printf format of the C library; no %n
 * @return HBR_OK, or 500 when the text could not be formatted
 */
HBR_API int hbr_text(hbr_context_t *ctx, const char *format, ...)
    HBR_PRINTF(2, 3);
HBR_API int hbr_vtext(hbr_context_t *ctx, const char *format, va_list args)
    HBR_PRINTF(2, 0);

/**
 * Appends to the body. May block on a slow client once the cap is reached.
 * hbr_printf() takes the C library's formats, %n excepted: nothing is written
 * through it, it is logged, and the client gets 500.
 * @return APR_SUCCESS, or why the write failed
 */
HBR_API apr_status_t hbr_write(hbr_context_t *ctx, const void *data,
                               apr_size_t length);
HBR_API apr_status_t hbr_puts(hbr_context_t *ctx, const char *text);
HBR_API apr_status_t hbr_printf(hbr_context_t *ctx, const char *format, ...)
    HBR_PRINTF(2, 3);
HBR_API apr_status_t hbr_vprintf(hbr_context_t *ctx, const char *format,
                                 va_list args) HBR_PRINTF(2, 0);

/**
 * Appends HTML. The format is HTML as it stands; every %s and %c is escaped
 * (& < > " '), so values are safe in text and in quoted attributes:
 *
 *     hbr_html(ctx, "<a href=\"/c/%d\">%s</a>", id, name);
 *
 * In URLs escape the value with hbr_url_escape() first. A NULL for %s writes
 * nothing. %n, %ls and positional values ("%1$s") are refused.
 * @return as hbr_printf()
 */
HBR_API apr_status_t hbr_html(hbr_context_t *ctx, const char *format, ...)
    HBR_PRINTF(2, 3);
HBR_API apr_status_t hbr_vhtml(hbr_context_t *ctx, const char *format,
                               va_list args) HBR_PRINTF(2, 0);

/** Appends a JSON string: quotes around it, escaped inside (RFC 8259 7);
 *  bytes that are not UTF-8 become U+FFFD; NULL writes null. */
HBR_API apr_status_t hbr_json_string(hbr_context_t *ctx, const char *text);

/**
 * Sends a JSON document as "application/json" and is done.
 * @param root jansson's value; the bridge takes the reference over, also when
 *        it fails
 * @return HBR_OK; 500 when @a root is NULL or the response is committed
 */
HBR_API int hbr_json(hbr_context_t *ctx, struct json_t *root);

/** Sends what was written so far; commits the response. May block. */
HBR_API apr_status_t hbr_flush(hbr_context_t *ctx);

/**
 * Takes everything back: body, status, type and the header fields set by the
 * handler.
 * @return APR_SUCCESS; APR_EINVAL when committed
 */
HBR_API apr_status_t hbr_clear(hbr_context_t *ctx);

/** Who owns the memory given to hbr_bytes(). */
typedef enum {
    HBR_COPY = 0, /**< The caller: the bridge copies. */
    HBR_REQUEST   /**< It lives as long as ctx->pool, or for ever: no copy. */
} hbr_ownership_e;

/** What is said about a whole body. All members may be left out. */
typedef struct hbr_content_t {
    const char *type;              /**< NULL: what hbr_type() set, else
                                 "application/octet-stream". */
    const char *filename;          /**< UTF-8; sets Content-Disposition. */
    hbr_disposition_e disposition; /**< With filename: attachment or inline. */
    const char *etag;              /**< As in hbr_etag(), strong. */
    apr_time_t last_modified;      /**< As in hbr_last_modified(). */
    hbr_ownership_e ownership;     /**< hbr_bytes() only. */
    void (*release)(void *data);   /**< hbr_bytes() only: called once, when the
                                 bytes have left, with their address, maybe in
                                 another thread; no copy is made. */
} hbr_content_t;

/**
 * Sends bytes and is done. Conditional requests (304, 412), and for GET Range
 * (206, 416), are answered from what @a about says.
 * @param data the bytes; see hbr_content_t about their owner
 * @param about type, name, validators; NULL for none
 * @return HBR_OK; 500 when committed or @a about is refused
 */
HBR_API int hbr_bytes(hbr_context_t *ctx, const void *data, apr_size_t length,
                      const hbr_content_t *about);

/**
 * Sends a file without copying it, and is done; as hbr_bytes() otherwise.
 * Last-Modified and ETag are the file's own unless @a about gives others.
 * @param path a path of the server's, never one of the client's
 * @return HBR_OK; 404 when there is no such file; 403 when it may not be read
 *         or is no regular file; 500 when committed or refused
 */
HBR_API int hbr_file(hbr_context_t *ctx, const char *path,
                     const hbr_content_t *about);

/**
 * A body that is made piece by piece as the client takes it.
 *
 * read is called after process returned, with growing offsets, only for the
 * bytes that are needed (a Range reads no others, HEAD none). When the first
 * piece fails the client gets a clean error, hbr_error()'s where read called
 * it; later ones come after the commit. read gets a context of its own whose
 * pool is cleared when the piece has been sent: what it allocates, and rows it
 * selects, do not pile up.
 */
typedef struct hbr_source_t {
    apr_off_t length; /**< Of the whole body, in bytes. */
    /**
     * Reads one piece.
     * @param ctx for pool, log and database; it cannot write
     * @param data what stands in the source
     * @param offset where the piece begins
     * @param wanted how many bytes are wanted at most; more than 0
     * @param bytes set to the bytes; valid until the next call
     * @param length set to how many there are: 1 to @a wanted
     * @return APR_SUCCESS; an error behind the first piece cuts the
     *         connection, so that the client can tell that the body is not
     *         whole
     */
    apr_status_t (*read)(hbr_context_t *ctx, void *data, apr_off_t offset,
                         apr_size_t wanted, const void **bytes,
                         apr_size_t *length);
    void *data; /**< read's own; as long-lived as ctx->pool. */
} hbr_source_t;

/**
 * Sends a source and is done; as hbr_bytes() otherwise.
 * @param source copied
 */
HBR_API int hbr_source(hbr_context_t *ctx, const hbr_source_t *source,
                       const hbr_content_t *about);

#endif
