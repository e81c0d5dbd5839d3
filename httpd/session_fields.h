/**
 * @file session_fields.h
 * @brief The cookies that a session store has set.
 */
#ifndef HBR_HTTPD_SESSION_FIELDS_H
#define HBR_HTTPD_SESSION_FIELDS_H

#include <stdbool.h>

#include <httpd.h>

/** How many Set-Cookie fields each of the two tables had. */
typedef struct hbr_session_fields_t {
    int errors; /**< err_headers_out */
    int plain;  /**< headers_out */
} hbr_session_fields_t;

/** Counts them, before a session is saved. */
hbr_session_fields_t hbr_session_fields(const request_rec *r);

/**
 * Leaves of the cookies that were set since, and of older ones of the same
 * names, one each, where an error keeps it (RFC 6265 4.1.1: not more than one
 * of a name).
 * @param ends take them from the client instead
 */
void hbr_session_fields_unite(request_rec *r, hbr_session_fields_t before,
                              bool ends);

#endif
