/**
 * @file log.h
 * @brief The error log.
 */
#ifndef HANDLERBRIDGE_LOG_H
#define HANDLERBRIDGE_LOG_H

#include "context.h"

/** How grave a message is: httpd's LogLevel (syslog's numbers). */
typedef enum {
    HBR_LOG_ERROR = 3,
    HBR_LOG_WARNING = 4,
    HBR_LOG_NOTICE = 5,
    HBR_LOG_INFO = 6,
    HBR_LOG_DEBUG = 7,
    HBR_LOG_TRACE = 8 /**< httpd's trace1. */
} hbr_log_level_e;

/**
 * Writes one line to the error log; the handler's name stands before it.
 * Control characters are escaped by httpd, and the line is cut at 2 KB. Costs
 * one comparison when the level is off.
 * @param ctx the context
 * @param level how grave it is
 * @param format printf format, never text of the client's
 */
HBR_API void hbr_log(hbr_context_t *ctx, hbr_log_level_e level,
                     const char *format, ...) HBR_PRINTF(3, 4);
HBR_API void hbr_vlog(hbr_context_t *ctx, hbr_log_level_e level,
                      const char *format, va_list args) HBR_PRINTF(3, 0);

/**
 * The same from a handler's start and stop, where there is no request.
 * @param child what start was given
 */
HBR_API void hbr_child_log(const hbr_child_t *child, hbr_log_level_e level,
                           const char *format, ...) HBR_PRINTF(3, 4);
HBR_API void hbr_vchild_log(const hbr_child_t *child, hbr_log_level_e level,
                            const char *format, va_list args) HBR_PRINTF(3, 0);

#endif
