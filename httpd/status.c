/*
 * The section in mod_status' page: the few numbers of each handler that has been
 * asked. The hook is optional: it needs mod_status neither to link nor to load.
 *
 * Names are of letters, digits, '-', '_' and '.', and directives are the
 * bridge's: nothing here comes from a client.
 */
#include "status.h"

#include <http_protocol.h>
#include <mod_status.h>

#include "bridge/status.h"
#include "bridge/utf8.h"
#include "metrics.h"

static void write_lines(request_rec *r, const hbr_reading_t *reading)
{
    static const char *const classes[] = { "1xx", "2xx", "3xx", "4xx", "5xx" };
    const char *name = reading->handler;
    int i;

#define LINE(key, value)                                                       \
    ap_rprintf(r, "HandlerBridge.%s.%s: %" APR_UINT64_T_FMT "\n", name, key,   \
               value)
    LINE("Requests", reading->requests);
    for (i = 0; i < HBR_CLASSES; i++)
        LINE(classes[i], reading->classes[i]);
    LINE("InFlight", reading->in_flight);
    LINE("Errors", reading->errors);
    LINE("BytesIn", reading->bytes_in);
    LINE("BytesOut", reading->bytes_out);
    LINE("P50us", reading->latency.p50);
    LINE("P90us", reading->latency.p90);
    LINE("P99us", reading->latency.p99);
    LINE("Maxus", reading->latency.max);
#undef LINE
}

/* The page says that it is ISO-8859-1: what is not ASCII goes by its number. */
static void write_cell(request_rec *r, const char *text)
{
    apr_size_t left = strlen(text), length;
    apr_uint32_t code;

    ap_rputs("<td>", r);
    for (; left > 0; text += length, left -= length) {
        length = hbr_utf8_decode(text, left, &code);
        if (code < 0x80)
            ap_rputc((int)code, r);
        else
            ap_rprintf(r, "&#%u;", code);
    }
    ap_rputs("</td>", r);
}

static void write_row(request_rec *r, const hbr_reading_t *reading)
{
    apr_pool_t *pool = r->pool;
    const hbr_latency_t *latency = &reading->latency;

    ap_rvputs(r, "<tr><th scope=\"row\">",
              ap_escape_html(pool, reading->handler), "</th>", NULL);
    write_cell(r, hbr_status_count(pool, reading->requests));
    write_cell(r, hbr_status_count(pool, reading->in_flight));
    write_cell(r, hbr_status_count(pool, reading->classes[3]));
    write_cell(r, hbr_status_count(pool, reading->errors));
    write_cell(r, hbr_status_duration(pool, latency->p50));
    write_cell(r, hbr_status_duration(pool, latency->p99));
    write_cell(r, hbr_status_duration(pool, latency->max));
    write_cell(r, hbr_status_bytes(pool, reading->bytes_in));
    write_cell(r, hbr_status_bytes(pool, reading->bytes_out));
    ap_rputs("</tr>\n", r);
}

static void write_all(request_rec *r, const hbr_metrics_t *metrics,
                      bool is_short)
{
    apr_size_t count = hbr_metrics_count(metrics);
    apr_time_t now = apr_time_now();
    apr_size_t i;

    for (i = 0; i < count; i++) {
        const hbr_reading_t *reading =
            hbr_metrics_read(metrics, i, now, r->pool);

        if (reading->requests + reading->in_flight == 0)
            continue;
        if (is_short)
            write_lines(r, reading);
        else
            write_row(r, reading);
    }
}

int hbr_httpd_status(request_rec *r, int flags)
{
    const hbr_metrics_t *metrics = hbr_httpd_metrics();
    bool is_short = (flags & AP_STATUS_SHORT) != 0;

    if (metrics == NULL)
        return DECLINED;
    if (!is_short)
        ap_rputs("<hr />\n<h2>mod_handlerbridge</h2>\n"
                 "<table border=\"0\"><caption>Handlers that were asked"
                 "</caption>\n<tr><th scope=\"col\">Handler</th>"
                 "<th scope=\"col\">Requests</th><th scope=\"col\">In "
                 "flight</th><th scope=\"col\">4xx</th>"
                 "<th scope=\"col\">Errors</th><th scope=\"col\">p50</th>"
                 "<th scope=\"col\">p99</th><th scope=\"col\">Max</th>"
                 "<th scope=\"col\">In</th><th scope=\"col\">Out</th></tr>\n",
                 r);
    write_all(r, metrics, is_short);
    if (!is_short)
        ap_rputs("</table>\n", r);
    return OK;
}

void hbr_httpd_status_register(void)
{
    APR_OPTIONAL_HOOK(ap, status_hook, hbr_httpd_status, NULL, NULL,
                      APR_HOOK_MIDDLE);
}
