/**
 * @file body.h
 * @brief The request's body: whole, streamed, as JSON.
 *
 * A body is read once. The first function that reads it says how; a later one
 * that wants it otherwise gets 500, and a log line names the first. Chunked
 * bodies, Expect: 100-continue and HTTP/2 need no care.
 *
 * Reading blocks on a slow client, as long as httpd's Timeout and RequestRead-
 * Timeout let it. Results are a handler's: HBR_OK, or the status to be
 * returned: 413 for more than a limit allows (the message names the
 * directive), 400 for a body that ends too early or is malformed, 408 for a
 * client that is too slow.
 */
#ifndef HANDLERBRIDGE_BODY_H
#define HANDLERBRIDGE_BODY_H

#include "context.h"

struct json_t;

/** The body's length as the client announced it, in bytes; 0: no body; -1: he
 *  did not say (chunked, or HTTP/2 without Content-Length). */
HBR_API apr_off_t hbr_body_length(hbr_context_t *ctx);

/**
 * Reads the whole body into memory. It may be asked for again.
 * @param ctx the context
 * @param most how many bytes at most; 0: BridgeLimitBody alone bounds it
 * @param bytes set to the body, a NUL behind it; "" when there is none
 * @param length set to its length
 * @return HBR_OK, or the status to be returned
 */
HBR_API int hbr_body(hbr_context_t *ctx, apr_size_t most, const char **bytes,
                     apr_size_t *length);

/**
 * Reads the body piece by piece; memory stays flat.
 * @param take is given each piece, valid for the call; a result other than
 *        HBR_OK ends the reading and is returned
 * @param data take's own
 * @return HBR_OK when the whole body was taken, take's result, or the status to
 *         be returned
 */
HBR_API int hbr_body_stream(hbr_context_t *ctx,
                            int (*take)(void *data, const char *bytes,
                                        apr_size_t length),
                            void *data);

/**
 * Sees every byte of the body as it came, before whatever reads it does: a
 * form, JSON, hbr_body(). For digests and signatures. It reads nothing itself.
 * @param tap is given each piece, valid for the call; a result other than
 *        HBR_OK ends the reading and is returned by what reads
 * @param data tap's own
 * @return APR_SUCCESS; APR_EINVAL when the body has been read already (inputs
 *         declared with HBR_FROM_FORM are read before process runs)
 */
HBR_API apr_status_t hbr_body_tap(hbr_context_t *ctx,
                                  int (*tap)(void *data, const char *bytes,
                                             apr_size_t length),
                                  void *data);

/**
 * Reads a JSON body (RFC 8259). The type must be application/json or end with
 * +json (415 otherwise); BridgeLimitJSON and BridgeLimitJSONDepth bound it;
 * a member that stands twice is refused.
 * @param root set to jansson's value; the bridge keeps the reference
 * @return HBR_OK, or the status to be returned
 */
HBR_API int hbr_body_json(hbr_context_t *ctx, struct json_t **root);

#endif
