/**
 * @file argument.h
 * @brief Directives' arguments.
 */
#ifndef HBR_HTTPD_ARGUMENT_H
#define HBR_HTTPD_ARGUMENT_H

#include <stdbool.h>

#include <httpd.h>
#include <http_config.h>

/**
 * Reads a whole number.
 * @param arg as written
 * @param number set to it
 * @return NULL, or what the directive takes
 */
const char *hbr_argument_number(cmd_parms *cmd, const char *arg, int least,
                                int most, int *number);

/**
 * Reads a whole number from 0 on, which may be wide.
 * @param is_size K, M or G may stand behind it
 * @return NULL, or what the directive takes
 */
const char *hbr_argument_amount(cmd_parms *cmd, const char *arg, bool is_size,
                                apr_off_t most, apr_off_t *number);

#endif
