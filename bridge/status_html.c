/*
 * The frame of both pages, and the tables that both have. Everything that is not
 * the bridge's own text goes through hbr_html()'s %s.
 */
#include "status.h"

static void write_head(hbr_context_t *ctx, const hbr_status_t *status)
{
    hbr_html(ctx,
             "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
             "<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, "
             "initial-scale=1\">\n<title>%s%sBridge status</title>\n"
             "<style>",
             status->handler, status->handler != NULL ? " - " : "");
    hbr_puts(ctx, hbr_status_style);
    hbr_html(ctx, "</style>\n</head>\n<body>\n<main>\n");
}

/* What is there for scripts alone appears by the script. */
static void write_state(hbr_context_t *ctx, const hbr_status_t *status)
{
    hbr_html(ctx, "<p class=\"soft\">As of <span id=\"now\">%s</span> UTC.",
             hbr_status_time(ctx->pool, status->now));
    if (status->metrics != NULL)
        hbr_html(
            ctx, " Counted since %s UTC.",
            hbr_status_time(ctx->pool, hbr_metrics_since(status->metrics)));
    hbr_html(ctx, " <span id=\"live\"></span> "
                  "<button type=\"button\" id=\"pause\" hidden>Pause</button>"
                  "</p>\n");
    if (status->metrics == NULL)
        hbr_html(ctx, "<p class=\"bad\">Nothing is counted: BridgeMetrics is "
                      "Off, or there is no shared memory.</p>\n");
    else if (hbr_metrics_missed(status->metrics) > 0)
        hbr_html(ctx,
                 "<p class=\"bad\">%d handlers are not counted, or not all of "
                 "their own metrics: raise BridgeMetricsHandlers.</p>\n",
                 (int)hbr_metrics_missed(status->metrics));
}

void hbr_status_html(hbr_context_t *ctx, const hbr_status_t *status)
{
    write_head(ctx, status);
    if (status->handler != NULL)
        hbr_html(ctx,
                 "<nav><a href=\"?\">All handlers</a></nav>\n"
                 "<h1>Handler %s</h1>\n",
                 status->handler);
    else
        hbr_html(ctx, "<h1>Bridge status</h1>\n");
    write_state(ctx, status);
    if (status->handler != NULL)
        hbr_status_one(ctx, status);
    else
        hbr_status_list(ctx, status);
    hbr_html(ctx, "</main>\n<script>");
    hbr_puts(ctx, hbr_status_script);
    hbr_html(ctx, "</script>\n</body>\n</html>\n");
}

/* ---- tables ------------------------------------------------------------------- */

static void write_place(hbr_context_t *ctx, const hbr_host_mapping_t *mapping)
{
    hbr_html(ctx, "<li><code>");
    if (mapping->section != NULL)
        hbr_html(ctx, "%s ", mapping->section);
    hbr_html(ctx, "%s", mapping->directive);
    if (mapping->methods != NULL)
        hbr_html(ctx, " %s", mapping->methods);
    if (mapping->what != NULL)
        hbr_html(ctx, " %s", mapping->what);
    hbr_html(ctx, "</code> <span class=\"soft\">server %s, %s:%d</span></li>",
             mapping->server, mapping->file, mapping->line);
}

void hbr_status_places(hbr_context_t *ctx, const hbr_status_row_t *row)
{
    int i;

    if (row->mappings->nelts == 0)
        return;
    hbr_html(ctx, "<ul>");
    for (i = 0; i < row->mappings->nelts; i++)
        write_place(ctx, &APR_ARRAY_IDX(row->mappings, i, hbr_host_mapping_t));
    hbr_html(ctx, "</ul>");
}

/* Begins a table behind a heading; columns' names end with NULL. */
static void begin_table(hbr_context_t *ctx, const char *id, const char *title,
                        const char *caption, const char *const *columns)
{
    hbr_html(ctx,
             "<h2 id=\"%s\">%s</h2>\n<div class=\"scroll\" tabindex=\"0\" "
             "role=\"region\" aria-labelledby=\"%s\"><table>\n"
             "<caption><span>%s</span></caption>\n<thead><tr>",
             id, title, id, caption);
    for (; *columns != NULL; columns++)
        hbr_html(ctx, "<th scope=\"col\">%s</th>", *columns);
    hbr_html(ctx, "</tr></thead>\n<tbody>\n");
}

static void end_table(hbr_context_t *ctx)
{
    hbr_html(ctx, "</tbody></table></div>\n");
}

static const hbr_status_row_t *row_at(const hbr_status_t *status, int i)
{
    return &APR_ARRAY_IDX(status->rows, i, hbr_status_row_t);
}

/* What a client sent may turn the direction of the text behind it: <bdi>. */
static void write_error(hbr_context_t *ctx, const char *name,
                        const hbr_error_record_t *error)
{
    hbr_html(ctx,
             "<tr><td class=\"when\">%s</td><th scope=\"row\">%s</th>"
             "<td>%s</td><td class=\"long\"><code><bdi>%s</bdi></code></td>"
             "<td>%u%s</td><td class=\"long\"><bdi>%s</bdi></td><td>%s</td>"
             "</tr>\n",
             hbr_status_time(ctx->pool, (apr_time_t)error->time), name,
             error->method, error->path, error->status,
             error->was_cut ? ", cut" : "", error->reason, error->tag);
}

void hbr_status_errors(hbr_context_t *ctx, const hbr_status_t *status)
{
    static const char *const columns[] = { "Time (UTC)", "Handler", "Method",
                                           "Path",       "Status",  "Reason",
                                           "Log tag",    NULL };
    apr_size_t count = 0, j;
    int i;

    for (i = 0; i < status->rows->nelts; i++)
        count += row_at(status, i)->reading->error_count;
    if (count == 0) {
        hbr_html(ctx, "<h2 id=\"errors\">Errors</h2>\n<p>None.</p>\n");
        return;
    }
    begin_table(ctx, "errors", "Errors",
                "The last few of each handler, the latest first: responses "
                "with 5xx, and those that were cut",
                columns);
    for (i = 0; i < status->rows->nelts; i++)
        for (j = 0; j < row_at(status, i)->reading->error_count; j++)
            write_error(ctx, row_at(status, i)->name,
                        &row_at(status, i)->reading->last_errors[j]);
    end_table(ctx);
}

void hbr_status_limits(hbr_context_t *ctx, const hbr_status_t *status)
{
    static const char *const columns[] = { "Handler", "Directive", "Refused",
                                           NULL };
    bool any = false;
    apr_size_t j;
    int i;

    for (i = 0; i < status->rows->nelts; i++)
        for (j = 0; j < row_at(status, i)->reading->limit_count; j++) {
            const hbr_status_row_t *row = row_at(status, i);
            const hbr_limit_reading_t *limit = &row->reading->limits[j];

            if (!any)
                begin_table(ctx, "limits", "Limits",
                            "Requests that were refused, by the directive that "
                            "sets the limit",
                            columns);
            any = true;
            hbr_html(ctx,
                     "<tr data-h=\"%s\"><th scope=\"row\">%s</th><td>%s</td>"
                     "<td class=\"n\" data-k=\"limits.%s\">%s</td></tr>\n",
                     row->name, row->name, limit->directive, limit->directive,
                     hbr_status_count(ctx->pool, limit->count));
        }
    if (any)
        end_table(ctx);
}

static void write_own(hbr_context_t *ctx, const hbr_status_row_t *row,
                      const hbr_own_reading_t *own, apr_size_t j)
{
    const hbr_metric_t *metric = hbr_status_metric(row, own);
    const apr_uint64_t times[] = { own->latency.p50, own->latency.p90,
                                   own->latency.p99, own->latency.max };
    static const char *const keys[] = { "p50", "p90", "p99", "max" };
    int i;

    hbr_html(ctx,
             "<tr data-h=\"%s\"><th scope=\"row\">%s</th><td>%s"
             "<span class=\"sum\">%s</span></td>"
             "<td class=\"n\" data-k=\"own.%d.count\">%s</td>",
             row->name, row->name, own->name,
             metric != NULL ? metric->help : NULL, (int)j,
             hbr_status_count(ctx->pool, own->count));
    for (i = 0; i < 4; i++)
        if (own->type == HBR_METRIC_TIMER)
            hbr_html(ctx,
                     "<td class=\"n\" data-k=\"own.%d.latency_us.%s\" "
                     "data-f=\"t\">%s</td>",
                     (int)j, keys[i], hbr_status_duration(ctx->pool, times[i]));
        else
            hbr_html(ctx, "<td></td>");
    hbr_html(ctx, "</tr>\n");
}

void hbr_status_own(hbr_context_t *ctx, const hbr_status_t *status)
{
    static const char *const columns[] = { "Handler", "Metric", "Count", "p50",
                                           "p90",     "p99",    "Max",   NULL };
    bool any = false;
    apr_size_t j;
    int i;

    for (i = 0; i < status->rows->nelts; i++)
        for (j = 0; j < row_at(status, i)->reading->own_count; j++) {
            if (!any)
                begin_table(ctx, "own", "Own metrics",
                            "What handlers count and time themselves", columns);
            any = true;
            write_own(ctx, row_at(status, i),
                      &row_at(status, i)->reading->own[j], j);
        }
    if (any)
        end_table(ctx);
}
