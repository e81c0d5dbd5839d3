/**
 * @file crash_line.h
 * @brief The error log's line about a handler that crashed.
 *
 * Made in a signal's handler: no function of the C library that may lock,
 * allocate or read the environment is called, and no memory but the caller's
 * is written.
 */
#ifndef HBR_BRIDGE_CRASH_LINE_H
#define HBR_BRIDGE_CRASH_LINE_H

#include "handlerbridge/api.h"

/** What a line takes at most, its newline included. */
#define HBR_CRASH_LINE_MAX 1024

/** What the line says. Texts may hold any bytes; none is NULL but client. */
typedef struct hbr_crash_line_t {
    apr_time_t when; /**< 1970 or later. */
    long pid;
    long tid;
    const char *client; /**< Its address; NULL: not known. */
    unsigned port;
    const char *handler;
    const char *signal; /**< "SIGSEGV" */
    const char *method;
    const char *uri; /**< Without a query. */
} hbr_crash_line_t;

/**
 * Writes the line, with a newline and without a NUL at its end. Bytes that are
 * not printable ASCII become \xHH, quotes and backslashes get a backslash;
 * a text that is too long ends in "...".
 * @param buffer where it goes
 * @param what what it says
 * @return its length
 */
apr_size_t hbr_crash_line(char buffer[HBR_CRASH_LINE_MAX],
                          const hbr_crash_line_t *what);

#endif
