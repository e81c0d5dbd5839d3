/**
 * @file form.h
 * @brief Forms: fields and files.
 *
 * Both encodings of HTML forms are read: application/x-www-form-urlencoded
 * (WHATWG URL Standard 5.1) and multipart/form-data (RFC 7578). A form's
 * fields and the query's are never mixed.
 *
 * The form is read at the first call. A handler that is to fail cleanly asks
 * with hbr_form_read() first; where it does not, a form that cannot be read
 * looks empty, and the response is that error whatever the handler returns.
 * For a body that is no form there are no fields.
 *
 * Limits, each with its directive: BridgeLimitBody, BridgeLimitParams (fields),
 * BridgeLimitName, BridgeLimitValue, BridgeLimitParts,
 * BridgeLimitPartHeader, BridgeLimitFiles, BridgeLimitFile.
 */
#ifndef HANDLERBRIDGE_FORM_H
#define HANDLERBRIDGE_FORM_H

#include "context.h"
#include "request.h"

/**
 * Reads the form now.
 * @return HBR_OK, also when the body is no form; else the status to be
 *         returned
 */
HBR_API int hbr_form_read(hbr_context_t *ctx);

/** The first value of a field; as hbr_query(). */
HBR_API const char *hbr_form(hbr_context_t *ctx, const char *name,
                             const char *fallback);

/** Walks the fields in order; as hbr_query_next(). Files are not among them. */
HBR_API const hbr_pair_t *hbr_form_next(hbr_context_t *ctx, const char *name,
                                        const hbr_pair_t *after);

/** A file of a multipart form. Small ones lie in memory, larger ones in a file
 *  of mode 0600 in BridgeSpoolDir that has no name any more. */
typedef struct hbr_upload_t {
    const char *field;
    /** The last component of the name the client gave, UTF-8. Never a path,
     *  and never to be used as one. "" when no file was chosen. */
    const char *filename;
    const char *type; /**< As the client said; "application/octet-stream" when
                           he said nothing. Not to be trusted. */
    apr_off_t size;
    struct hbr_spool_t *spool; /**< The bridge's own. */
} hbr_upload_t;

/**
 * Walks the files in order.
 * @param field only files of this field; NULL for all
 * @param after the file to go on from; NULL for the first
 */
HBR_API const hbr_upload_t *hbr_upload_next(hbr_context_t *ctx,
                                            const char *field,
                                            const hbr_upload_t *after);

/**
 * Reads a part of a file.
 * @param offset where to begin
 * @param buffer where the bytes go
 * @param length set to how many were read; 0 at the end
 * @param size of the buffer
 */
HBR_API apr_status_t hbr_upload_read(const hbr_upload_t *upload,
                                     apr_off_t offset, void *buffer,
                                     apr_size_t size, apr_size_t *length);

/** A file's SHA-256 in lower case hex; NULL when it cannot be read. */
HBR_API const char *hbr_upload_sha256(hbr_context_t *ctx,
                                      const hbr_upload_t *upload);

/**
 * Keeps a file: it appears at a path whole or not at all.
 * @param path a path of the server's; its folder must exist
 * @param overwrite whether a file that is there may be replaced
 * @return APR_SUCCESS; APR_EEXIST; or why it failed
 */
HBR_API apr_status_t hbr_upload_keep(hbr_context_t *ctx,
                                     const hbr_upload_t *upload,
                                     const char *path, bool overwrite);

/** What is known of a part when its header was read. */
typedef struct hbr_part_t {
    const char *name;
    const char *filename; /**< NULL: a field; "": no file chosen. */
    const char *type;     /**< NULL: not said. */
} hbr_part_t;

/** Takes a multipart form as it comes in. Members may be left out. */
typedef struct hbr_parts_t {
    int (*begin)(void *data, const hbr_part_t *part);
    int (*take)(void *data, const char *bytes, apr_size_t length);
    int (*end)(void *data);
} hbr_parts_t;

/**
 * Streams a multipart form part by part, with nothing kept in memory or on
 * disk. A callback's result other than HBR_OK ends the reading and is returned.
 * @param parts the callbacks
 * @param data theirs
 * @return HBR_OK when the form was read to its end; 415 when the body is no
 *         multipart form; a callback's result; or the status to be returned
 */
HBR_API int hbr_form_stream(hbr_context_t *ctx, const hbr_parts_t *parts,
                            void *data);

#endif
