/*
 * What the status page shows, as JSON: the page's script reads it, and so may
 * others. Durations are in microseconds, as they were counted.
 */
#include "rfc3339.h"
#include "status.h"

/* Before all members but an object's first. */
static void comma(hbr_context_t *ctx, bool *is_first)
{
    if (!*is_first)
        hbr_puts(ctx, ",");
    *is_first = false;
}

static void put_string(hbr_context_t *ctx, const char *key, const char *text)
{
    hbr_printf(ctx, "\"%s\":", key);
    hbr_json_string(ctx, text);
    hbr_puts(ctx, ",");
}

static void put_number(hbr_context_t *ctx, const char *key, apr_uint64_t n)
{
    hbr_printf(ctx, "\"%s\":%" APR_UINT64_T_FMT ",", key, n);
}

static void put_time(hbr_context_t *ctx, const char *key, apr_time_t when)
{
    put_string(ctx, key, hbr_rfc3339_format(ctx->pool, when));
}

static void put_latency(hbr_context_t *ctx, const hbr_latency_t *latency)
{
    hbr_puts(ctx, "\"latency_us\":{");
    put_number(ctx, "sum", latency->sum);
    put_number(ctx, "p50", latency->p50);
    put_number(ctx, "p90", latency->p90);
    put_number(ctx, "p99", latency->p99);
    hbr_printf(ctx, "\"max\":%" APR_UINT64_T_FMT "}", latency->max);
}

static void put_classes(hbr_context_t *ctx, const hbr_reading_t *r)
{
    int i;

    hbr_puts(ctx, "\"classes\":{");
    for (i = 0; i < HBR_CLASSES; i++)
        hbr_printf(ctx, "%s\"%dxx\":%" APR_UINT64_T_FMT, i > 0 ? "," : "",
                   i + 1, r->classes[i]);
    hbr_puts(ctx, "},");
}

static void put_histogram(hbr_context_t *ctx, const hbr_reading_t *r)
{
    apr_uint64_t counts[HBR_DOUBLINGS];
    int i;

    hbr_status_doublings(r, counts);
    hbr_puts(ctx, ",\"histogram\":[");
    for (i = 0; i < HBR_DOUBLINGS; i++)
        hbr_printf(ctx, "%s%" APR_UINT64_T_FMT, i > 0 ? "," : "", counts[i]);
    hbr_puts(ctx, "],");
}

static void put_errors(hbr_context_t *ctx, const hbr_reading_t *r)
{
    bool is_first = true;
    apr_size_t i;

    hbr_puts(ctx, "\"last_errors\":[");
    for (i = 0; i < r->error_count; i++) {
        const hbr_error_record_t *error = &r->last_errors[i];

        comma(ctx, &is_first);
        hbr_puts(ctx, "{");
        put_time(ctx, "time", (apr_time_t)error->time);
        put_string(ctx, "method", error->method);
        put_string(ctx, "path", error->path);
        put_string(ctx, "reason", error->reason);
        put_string(ctx, "tag", error->tag);
        hbr_printf(ctx, "\"status\":%u,\"cut\":%s}", error->status,
                   error->was_cut ? "true" : "false");
    }
    hbr_puts(ctx, "],");
}

static void put_limits(hbr_context_t *ctx, const hbr_status_row_t *row)
{
    const hbr_reading_t *r = row->reading;
    apr_size_t i;

    put_number(ctx, "limits_hit", row->limits);
    hbr_puts(ctx, "\"limits\":{");
    for (i = 0; i < r->limit_count; i++)
        hbr_printf(ctx, "%s\"%s\":%" APR_UINT64_T_FMT, i > 0 ? "," : "",
                   r->limits[i].directive, r->limits[i].count);
    hbr_puts(ctx, "},");
}

static void put_own(hbr_context_t *ctx, const hbr_status_row_t *row)
{
    bool is_first = true;
    apr_size_t i;

    hbr_puts(ctx, "\"own\":[");
    for (i = 0; i < row->reading->own_count; i++) {
        const hbr_own_reading_t *own = &row->reading->own[i];
        const hbr_metric_t *metric = hbr_status_metric(row, own);
        bool is_timer = own->type == HBR_METRIC_TIMER;

        comma(ctx, &is_first);
        hbr_puts(ctx, "{");
        put_string(ctx, "name", own->name);
        put_string(ctx, "type", is_timer ? "timer" : "counter");
        put_string(ctx, "help", metric != NULL ? metric->help : NULL);
        hbr_printf(ctx, "\"count\":%" APR_UINT64_T_FMT "%s", own->count,
                   is_timer ? "," : "");
        if (is_timer)
            put_latency(ctx, &own->latency);
        hbr_puts(ctx, "}");
    }
    hbr_puts(ctx, "],");
}

static void put_mappings(hbr_context_t *ctx, const hbr_status_row_t *row)
{
    bool is_first = true;
    int i;

    hbr_puts(ctx, "\"mappings\":[");
    for (i = 0; i < row->mappings->nelts; i++) {
        const hbr_host_mapping_t *mapping =
            &APR_ARRAY_IDX(row->mappings, i, hbr_host_mapping_t);

        comma(ctx, &is_first);
        hbr_puts(ctx, "{");
        put_string(ctx, "server", mapping->server);
        put_string(ctx, "section", mapping->section);
        put_string(ctx, "directive", mapping->directive);
        put_string(ctx, "methods", mapping->methods);
        put_string(ctx, "what", mapping->what);
        put_string(ctx, "file", mapping->file);
        hbr_printf(ctx, "\"line\":%d}", mapping->line);
    }
    hbr_puts(ctx, "]");
}

static void put_hour(hbr_context_t *ctx, const hbr_reading_t *r)
{
    int i;

    hbr_puts(ctx, ",\"hour\":[");
    for (i = 0; i < HBR_MINUTES; i++) {
        hbr_puts(ctx, i > 0 ? ",{" : "{");
        put_time(ctx, "start", r->minutes[i].start);
        put_number(ctx, "requests", r->minutes[i].latency.count);
        put_latency(ctx, &r->minutes[i].latency);
        hbr_puts(ctx, "}");
    }
    hbr_puts(ctx, "]");
}

static void put_numbers(hbr_context_t *ctx, const hbr_reading_t *r)
{
    put_number(ctx, "requests", r->requests);
    put_classes(ctx, r);
    put_number(ctx, "in_flight", r->in_flight);
    put_number(ctx, "bytes_in", r->bytes_in);
    put_number(ctx, "bytes_out", r->bytes_out);
    hbr_puts(ctx, "\"instances\":{");
    put_number(ctx, "in_use", r->instances_in_use);
    hbr_printf(ctx, "\"idle\":%" APR_UINT64_T_FMT "},", r->instances_idle);
    put_latency(ctx, &r->latency);
    put_histogram(ctx, r);
    put_number(ctx, "errors", r->errors);
    put_errors(ctx, r);
}

static void put_row(hbr_context_t *ctx, const hbr_status_t *status,
                    const hbr_status_row_t *row)
{
    hbr_puts(ctx, "{");
    put_string(ctx, "name", row->name);
    put_string(ctx, "summary",
               row->entry != NULL ? row->entry->handler.summary : NULL);
    put_string(ctx, "methods", row->methods);
    put_string(ctx, "lifetime", *row->lifetime != '\0' ? row->lifetime : NULL);
    put_string(ctx, "file", row->file);
    hbr_printf(ctx, "\"loaded\":%s,\"counted\":%s,",
               row->entry != NULL ? "true" : "false",
               row->is_counted ? "true" : "false");
    put_numbers(ctx, row->reading);
    put_limits(ctx, row);
    put_own(ctx, row);
    put_mappings(ctx, row);
    if (status->handler != NULL && row->is_counted)
        put_hour(ctx, row->reading);
    hbr_puts(ctx, "}");
}

/* The last doubling has no end: null. */
static void put_bounds(hbr_context_t *ctx)
{
    int i;

    hbr_puts(ctx, "\"histogram_le_us\":[");
    for (i = 0; i < HBR_DOUBLINGS - 1; i++)
        hbr_printf(ctx, "%" APR_UINT64_T_FMT ",", hbr_status_doubling_end(i));
    hbr_puts(ctx, "null],");
}

void hbr_status_json(hbr_context_t *ctx, const hbr_status_t *status)
{
    bool is_first = true;
    int i;

    hbr_puts(ctx, "{");
    put_time(ctx, "now", status->now);
    if (status->metrics != NULL) {
        put_time(ctx, "since", hbr_metrics_since(status->metrics));
        put_number(ctx, "missed", hbr_metrics_missed(status->metrics));
    }
    put_bounds(ctx);
    hbr_puts(ctx, "\"handlers\":[");
    for (i = 0; i < status->rows->nelts; i++) {
        comma(ctx, &is_first);
        put_row(ctx, status, &APR_ARRAY_IDX(status->rows, i, hbr_status_row_t));
    }
    hbr_puts(ctx, "]}\n");
}
