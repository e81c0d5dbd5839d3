/**
 * @file argument.h
 * @brief Directives' arguments.
 */
#ifndef HBR_HTTPD_ARGUMENT_H
#define HBR_HTTPD_ARGUMENT_H

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

#endif
