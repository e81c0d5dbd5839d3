/**
 * @file log.h
 * @brief The bridge's own log lines.
 *
 * Each has a tag, HBR and four digits, that stands in docs/log-messages.md.
 */
#ifndef HBR_BRIDGE_LOG_H
#define HBR_BRIDGE_LOG_H

#include "handlerbridge/context.h"
#include "handlerbridge/log.h"
#include "rare.h"

/**
 * Writes one line of the bridge's.
 * @param ctx the context
 * @param level how grave it is
 * @param status an APR status whose words are appended, or APR_SUCCESS
 * @param tag "HBR0012"
 * @param format printf format; client text only as a value
 */
void hbr_bridge_log(hbr_context_t *ctx, hbr_log_level_e level,
                    apr_status_t status, const char *tag, const char *format,
                    ...) HBR_PRINTF(5, 6) HBR_RARE;

#endif
