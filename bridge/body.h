/**
 * @file body.h
 * @brief Reading the request's body, once.
 */
#ifndef HBR_BRIDGE_BODY_H
#define HBR_BRIDGE_BODY_H

#include "rare.h"
#include "state.h"

/** Is given the bytes as they come; a result other than HBR_OK ends it. */
typedef int hbr_take_fn(void *data, const char *bytes, apr_size_t length);

/**
 * Reads the body to its end, within BridgeLimitBody and a limit of the
 * caller's.
 * @param call the public function that reads, for messages
 * @param most the caller's limit in bytes; 0: none
 * @param directive what sets that limit, for the client; NULL: the handler
 * @param take is given the bytes
 * @return HBR_OK; take's result; or what hbr_error() returned
 */
int hbr_body_pull(hbr_context_t *ctx, const char *call, apr_off_t most,
                  const char *directive, hbr_take_fn *take, void *data);

/**
 * Reads the whole body into memory: ctx->state->whole_body.
 * @param call as above; the same function may ask again
 */
int hbr_body_gather(hbr_context_t *ctx, const char *call, apr_off_t most,
                    const char *directive);

/** Refuses, before the handler runs, a body that is announced longer than the
 *  host's own limit, whether anybody would read it or not. */
int hbr_body_refuse(hbr_context_t *ctx) HBR_APART;

/** Refuses what is over a limit: 413, naming the directive. */
int hbr_too_large(hbr_context_t *ctx, const char *what, apr_off_t most,
                  const char *directive);

#endif
