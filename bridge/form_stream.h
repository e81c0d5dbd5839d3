/**
 * @file form_stream.h
 * @brief A multipart form, part by part.
 */
#ifndef HBR_BRIDGE_FORM_STREAM_H
#define HBR_BRIDGE_FORM_STREAM_H

#include "handlerbridge/form.h"
#include "state.h"

/**
 * Reads the body as a multipart form; see hbr_form_stream().
 * @param call the public function that reads, for messages
 */
int hbr_form_pull(hbr_context_t *ctx, const char *call,
                  const hbr_parts_t *parts, void *data);

#endif
