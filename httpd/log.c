/*
 * The bridge's log lines in httpd's error log.
 */
#include <http_core.h>
#include <http_log.h>
#include <http_main.h>

#include "host.h"

APLOG_USE_MODULE(handlerbridge);

static bool enabled(void *request, hbr_log_level_e level)
{
    request_rec *r = request;

    if (r == NULL)
        return APLOG_IS_LEVEL(ap_server_conf, (int)level);
    return APLOG_R_IS_LEVEL(r, (int)level);
}

static void write_line(void *request, hbr_log_level_e level,
                       apr_status_t status, const char *message)
{
    request_rec *r = request;

    if (r == NULL)
        ap_log_error(APLOG_MARK, (int)level, status, ap_server_conf, "%s",
                     message);
    else
        ap_log_rerror(APLOG_MARK, (int)level, status, r, "%s", message);
}

const hbr_host_log_t hbr_httpd_log = { .enabled = enabled,
                                       .write = write_line };
