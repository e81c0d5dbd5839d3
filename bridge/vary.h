/**
 * @file vary.h
 * @brief The response's Vary field (RFC 9110 12.5.5).
 */
#ifndef HBR_BRIDGE_VARY_H
#define HBR_BRIDGE_VARY_H

#include "handlerbridge/context.h"

/** Whether it names a field, or "*"; in any of its lines. */
bool hbr_varies_by(const apr_table_t *headers_out, const char *name);

/** Adds a field's name unless it stands there. */
void hbr_vary_add(apr_table_t *headers_out, const char *name);

/** Adds a field's name to Vary unless it stands there. */
void hbr_vary(hbr_context_t *ctx, const char *name);

#endif
