/*
 * The page of one handler: all of its numbers, and its last hour.
 */
#include "status.h"

static void write_fact(hbr_context_t *ctx, const char *name, const char *value)
{
    if (value != NULL && *value != '\0')
        hbr_html(ctx, "<div><dt>%s</dt><dd>%s</dd></div>\n", name, value);
}

static void write_number(hbr_context_t *ctx, const char *name, const char *key,
                         char form, const char *value)
{
    hbr_html(ctx,
             "<div><dt>%s</dt><dd data-k=\"%s\" data-f=\"%c\">%s</dd></div>\n",
             name, key, form, value);
}

static void write_facts(hbr_context_t *ctx, const hbr_status_row_t *row)
{
    if (row->entry == NULL)
        hbr_html(ctx, "<p class=\"bad\">It is no longer loaded; its numbers "
                      "stay.</p>\n");
    else if (row->entry->handler.summary != NULL)
        hbr_html(ctx, "<p>%s</p>\n", row->entry->handler.summary);
    hbr_html(ctx, "<dl>\n");
    write_fact(ctx, "From", row->file);
    write_fact(ctx, "Methods", row->methods);
    write_fact(ctx, "Lifetime", row->lifetime);
    hbr_html(ctx, "</dl>\n<h2>Mappings</h2>\n");
    if (row->mappings->nelts == 0)
        hbr_html(ctx, "<p>None in the server's own files.</p>\n");
    hbr_status_places(ctx, row);
}

static void write_classes(hbr_context_t *ctx, const hbr_reading_t *r)
{
    static const char *const names[] = { "1xx", "2xx", "3xx", "4xx", "5xx" };
    char key[] = "classes.1xx";
    int i;

    for (i = 0; i < HBR_CLASSES; i++) {
        key[8] = (char)('1' + i);
        write_number(ctx, names[i], key, 'n',
                     hbr_status_count(ctx->pool, r->classes[i]));
    }
}

static void write_counts(hbr_context_t *ctx, const hbr_reading_t *r)
{
    apr_pool_t *pool = ctx->pool;

    write_number(ctx, "Requests", "requests", 'n',
                 hbr_status_count(pool, r->requests));
    write_classes(ctx, r);
    write_number(ctx, "In flight", "in_flight", 'n',
                 hbr_status_count(pool, r->in_flight));
    write_number(ctx, "Errors", "errors", 'n',
                 hbr_status_count(pool, r->errors));
    write_number(ctx, "Bytes in", "bytes_in", 'b',
                 hbr_status_bytes(pool, r->bytes_in));
    write_number(ctx, "Bytes out", "bytes_out", 'b',
                 hbr_status_bytes(pool, r->bytes_out));
    write_number(ctx, "Instances in use", "instances.in_use", 'n',
                 hbr_status_count(pool, r->instances_in_use));
    write_number(ctx, "Instances idle", "instances.idle", 'n',
                 hbr_status_count(pool, r->instances_idle));
}

static void write_latency(hbr_context_t *ctx, const hbr_latency_t *latency)
{
    apr_pool_t *pool = ctx->pool;

    write_number(ctx, "p50", "latency_us.p50", 't',
                 hbr_status_duration(pool, latency->p50));
    write_number(ctx, "p90", "latency_us.p90", 't',
                 hbr_status_duration(pool, latency->p90));
    write_number(ctx, "p99", "latency_us.p99", 't',
                 hbr_status_duration(pool, latency->p99));
    write_number(ctx, "Max", "latency_us.max", 't',
                 hbr_status_duration(pool, latency->max));
}

static void write_minutes(hbr_context_t *ctx, const hbr_reading_t *reading)
{
    int i;

    hbr_html(ctx, "<details><summary>The same as numbers</summary>\n"
                  "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                  "aria-labelledby=\"hour\"><table>\n<caption><span>Minutes "
                  "with requests, the latest first; percentiles are right "
                  "within a factor of two</span></caption>\n<thead><tr>"
                  "<th scope=\"col\">Minute (UTC)</th>"
                  "<th scope=\"col\" class=\"n\">Requests</th>"
                  "<th scope=\"col\" class=\"n\">p50</th>"
                  "<th scope=\"col\" class=\"n\">p90</th>"
                  "<th scope=\"col\" class=\"n\">p99</th></tr></thead>\n"
                  "<tbody>\n");
    for (i = HBR_MINUTES - 1; i >= 0; i--) {
        const hbr_latency_t *latency = &reading->minutes[i].latency;

        if (latency->count > 0)
            hbr_html(ctx,
                     "<tr><th scope=\"row\">%.16s</th><td class=\"n\">%s</td>"
                     "<td class=\"n\">%s</td><td class=\"n\">%s</td>"
                     "<td class=\"n\">%s</td></tr>\n",
                     hbr_status_time(ctx->pool, reading->minutes[i].start),
                     hbr_status_count(ctx->pool, latency->count),
                     hbr_status_duration(ctx->pool, latency->p50),
                     hbr_status_duration(ctx->pool, latency->p90),
                     hbr_status_duration(ctx->pool, latency->p99));
    }
    hbr_html(ctx, "</tbody></table></div></details>\n");
}

void hbr_status_one(hbr_context_t *ctx, const hbr_status_t *status)
{
    const hbr_status_row_t *row =
        &APR_ARRAY_IDX(status->rows, 0, hbr_status_row_t);

    write_facts(ctx, row);
    hbr_html(ctx, "<section data-h=\"%s\">\n<h2>Requests</h2>\n<dl>\n",
             row->name);
    write_counts(ctx, row->reading);
    hbr_html(ctx, "</dl>\n<h2>Latency</h2>\n<dl>\n");
    write_latency(ctx, &row->reading->latency);
    hbr_html(ctx, "<div><dt>Durations</dt><dd>");
    hbr_status_histogram(ctx, row->reading);
    hbr_html(ctx, "</dd></div></dl>\n</section>\n"
                  "<h2 id=\"hour\">The last hour</h2>\n"
                  "<div class=\"scroll late\" tabindex=\"0\" role=\"region\" "
                  "aria-labelledby=\"hour\">");
    hbr_status_hour(ctx, row->reading);
    hbr_html(ctx, "</div>\n");
    write_minutes(ctx, row->reading);
    hbr_status_errors(ctx, status);
    hbr_status_limits(ctx, status);
    hbr_status_own(ctx, status);
}
