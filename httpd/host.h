/**
 * @file host.h
 * @brief The bridge's host on a live request_rec.
 */
#ifndef HBR_HTTPD_HOST_H
#define HBR_HTTPD_HOST_H

#include <httpd.h>
#include <http_config.h>

#include "bridge/dispatch.h"

extern module AP_MODULE_DECLARE_DATA handlerbridge_module;

/** The tables of the host; `request` is a request_rec in all of them. */
extern const hbr_host_request_t hbr_httpd_request;
extern const hbr_host_client_t hbr_httpd_client;
extern const hbr_host_output_t hbr_httpd_output;
extern const hbr_host_log_t hbr_httpd_log;
extern const hbr_host_t hbr_httpd_host;

/**
 * Runs a handler for a request.
 * @param entry the handler
 * @return what httpd's handler hook has to return
 */
int hbr_httpd_serve(hbr_entry_t *entry, request_rec *r);

/** Finds httpd's filters; once a child, before its first request. */
void hbr_httpd_output_begin(void);

/** The handler that the request's configuration names, or NULL. */
hbr_entry_t *hbr_httpd_find(const request_rec *r);

/** The value of a CGI variable, or NULL; see hbr_variable(). */
const char *hbr_httpd_variable(request_rec *r, const char *name);

/**
 * Leaves a status to httpd, whose ErrorDocument answers it. The header fields
 * that the handler set stay with the response.
 * @param before the fields that were set before it; NULL: none
 * @return @a status
 */
int hbr_httpd_leave_error(request_rec *r, int status,
                          const apr_table_t *before);

/**
 * Leaves a response to httpd after one of its filters has failed; what has
 * left in part is cut.
 * @return what tells httpd so
 */
int hbr_httpd_leave_failure(request_rec *r);

/** The authenticated user's name; NULL: nobody, or one who was refused. */
const char *hbr_httpd_user(const request_rec *r);

/** How that user was authenticated; NULL: not at all. */
const char *hbr_httpd_auth_type(const request_rec *r);

/** The file that a URL path is mapped to; see hbr_map_path(). */
apr_status_t hbr_httpd_map_path(void *request, apr_pool_t *pool,
                                const char *path, const char **file);

/** True when requests run in several threads of a process; known from
 *  post_config on. */
bool hbr_httpd_is_threaded(void);

/** What follows the mapping in the URL; see hbr_context_t. */
const char *hbr_httpd_path_info(request_rec *r);

#endif
