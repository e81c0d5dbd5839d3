/*
 * What the status page shows of each handler: those that are loaded, and those
 * that were, for their numbers stay. Sorted by one column, then by name.
 */
#include "status.h"

#include <stdlib.h>
#include <string.h>

#include <apr_hash.h>

#include "state.h"

const char *const hbr_status_sorts[HBR_COLUMNS + 1] = {
    [HBR_BY_HANDLER] = "handler",   [HBR_BY_REQUESTS] = "requests",
    [HBR_BY_2XX] = "2xx",           [HBR_BY_3XX] = "3xx",
    [HBR_BY_4XX] = "4xx",           [HBR_BY_5XX] = "5xx",
    [HBR_BY_IN_FLIGHT] = "flight",  [HBR_BY_P50] = "p50",
    [HBR_BY_P90] = "p90",           [HBR_BY_P99] = "p99",
    [HBR_BY_MAX] = "max",           [HBR_BY_BYTES_IN] = "in",
    [HBR_BY_BYTES_OUT] = "out",     [HBR_BY_ERRORS] = "errors",
    [HBR_BY_LIMITS] = "limits",     [HBR_BY_IN_USE] = "used",
    [HBR_BY_IDLE] = "idle",         [HBR_BY_METHODS] = "methods",
    [HBR_BY_LIFETIME] = "lifetime", [HBR_BY_FILE] = "file",
    [HBR_BY_MAPPINGS] = "mappings"
};

/* ---- columns ------------------------------------------------------------------ */

apr_uint64_t hbr_status_number(const hbr_status_row_t *row,
                               hbr_status_column_e column)
{
    const hbr_reading_t *r = row->reading;

    switch (column) {
    case HBR_BY_REQUESTS: return r->requests;
    case HBR_BY_2XX:
    case HBR_BY_3XX:
    case HBR_BY_4XX:
    case HBR_BY_5XX: return r->classes[column - HBR_BY_2XX + 1];
    case HBR_BY_IN_FLIGHT: return r->in_flight;
    case HBR_BY_P50: return r->latency.p50;
    case HBR_BY_P90: return r->latency.p90;
    case HBR_BY_P99: return r->latency.p99;
    case HBR_BY_MAX: return r->latency.max;
    case HBR_BY_BYTES_IN: return r->bytes_in;
    case HBR_BY_BYTES_OUT: return r->bytes_out;
    case HBR_BY_ERRORS: return r->errors;
    case HBR_BY_LIMITS: return row->limits;
    case HBR_BY_IN_USE: return r->instances_in_use;
    case HBR_BY_IDLE: return r->instances_idle;
    case HBR_BY_MAPPINGS: return (apr_uint64_t)row->mappings->nelts;
    default: return 0;
    }
}

static const char *text_of(const hbr_status_row_t *row,
                           hbr_status_column_e column)
{
    switch (column) {
    case HBR_BY_HANDLER: return row->name;
    case HBR_BY_METHODS: return row->methods;
    case HBR_BY_LIFETIME: return row->lifetime;
    case HBR_BY_FILE: return row->file;
    default: return NULL;
    }
}

bool hbr_status_is_text(hbr_status_column_e column)
{
    static const hbr_status_row_t none = {
        .name = "", .methods = "", .lifetime = "", .file = ""
    };

    return text_of(&none, column) != NULL;
}

/* ---- sorting ------------------------------------------------------------------ */

/* qsort() hands nothing on: what is compared lies beside the rows. */
typedef struct keyed_t {
    hbr_status_row_t row;
    const char *text;
    apr_uint64_t number;
    int sign;
} keyed_t;

static int compare(const void *left, const void *right)
{
    const keyed_t *a = left;
    const keyed_t *b = right;
    int order = a->text != NULL
                    ? strcmp(a->text, b->text)
                    : (a->number > b->number) - (a->number < b->number);

    return order != 0 ? order * a->sign : strcmp(a->row.name, b->row.name);
}

static const apr_array_header_t *sorted(apr_pool_t *pool,
                                        const apr_array_header_t *rows,
                                        const hbr_status_t *status)
{
    keyed_t *keyed = apr_palloc(pool, (rows->nelts + 1) * sizeof(*keyed));
    apr_array_header_t *all =
        apr_array_make(pool, rows->nelts + 1, sizeof(hbr_status_row_t));
    int i;

    for (i = 0; i < rows->nelts; i++) {
        const hbr_status_row_t *row = &APR_ARRAY_IDX(rows, i, hbr_status_row_t);

        keyed[i] = (keyed_t){ .row = *row,
                              .text = text_of(row, status->sort),
                              .number = hbr_status_number(row, status->sort),
                              .sign = status->is_descending ? -1 : 1 };
    }
    qsort(keyed, rows->nelts, sizeof(*keyed), compare);
    for (i = 0; i < rows->nelts; i++)
        APR_ARRAY_PUSH(all, hbr_status_row_t) = keyed[i].row;
    return all;
}

/* ---- rows --------------------------------------------------------------------- */

static const char *lifetime_of(const hbr_handler_t *handler)
{
    static const char *const words[] = { [HBR_PER_REQUEST] = "per request",
                                         [HBR_POOLED] = "pooled",
                                         [HBR_PER_PROCESS] = "per process" };

    return handler->create == NULL ? "" : words[handler->lifetime];
}

static void fill_entry(hbr_status_row_t *row, const hbr_entry_t *entry)
{
    row->entry = entry;
    row->methods = entry->methods.any ? "*" : entry->methods.allow;
    row->lifetime = lifetime_of(&entry->handler);
    row->file = entry->module_file != NULL ? entry->module_file
                                           : entry->handler.stamp.file;
}

static const apr_array_header_t *mappings_of(apr_pool_t *pool,
                                             const apr_array_header_t *all,
                                             const char *name)
{
    apr_array_header_t *mappings =
        apr_array_make(pool, 1, sizeof(hbr_host_mapping_t));
    int i;

    for (i = 0; all != NULL && i < all->nelts; i++) {
        const hbr_host_mapping_t *mapping =
            &APR_ARRAY_IDX(all, i, hbr_host_mapping_t);

        if (strcmp(mapping->handler, name) == 0)
            APR_ARRAY_PUSH(mappings, hbr_host_mapping_t) = *mapping;
    }
    return mappings;
}

static apr_uint64_t sum_limits(const hbr_reading_t *reading)
{
    apr_uint64_t sum = 0;
    apr_size_t i;

    for (i = 0; i < reading->limit_count; i++)
        sum += reading->limits[i].count;
    return sum;
}

static const hbr_reading_t *nothing(apr_pool_t *pool)
{
    hbr_reading_t *reading = apr_pcalloc(pool, sizeof(*reading));

    reading->buckets = apr_pcalloc(pool, HBR_BUCKETS * sizeof(apr_uint64_t));
    return reading;
}

static hbr_status_row_t row_of(apr_pool_t *pool, const char *name,
                               const hbr_entry_t *entry,
                               const hbr_reading_t *reading,
                               const apr_array_header_t *mappings)
{
    hbr_status_row_t row = { .name = name,
                             .is_counted = reading != NULL,
                             .methods = "",
                             .lifetime = "",
                             .file = "" };

    row.reading = reading != NULL ? reading : nothing(pool);
    row.limits = sum_limits(row.reading);
    row.mappings = mappings_of(pool, mappings, name);
    if (entry != NULL)
        fill_entry(&row, entry);
    return row;
}

static const apr_array_header_t *all_mappings(hbr_context_t *ctx)
{
    const hbr_request_t *request = &ctx->state->request;

    if (request->host->request->mappings == NULL)
        return NULL;
    return request->host->request->mappings(request->request, ctx->pool);
}

static void gather_one(hbr_context_t *ctx, const hbr_status_t *status,
                       apr_array_header_t *rows)
{
    const hbr_registry_t *registry = ctx->state->entry->registry;
    const hbr_entry_t *entry = hbr_registry_find(registry, status->handler);
    const hbr_reading_t *reading =
        status->metrics == NULL
            ? NULL
            : hbr_metrics_find(status->metrics, status->handler, status->now,
                               ctx->pool);

    if (entry != NULL || reading != NULL)
        APR_ARRAY_PUSH(rows, hbr_status_row_t) = row_of(
            ctx->pool, status->handler, entry, reading, all_mappings(ctx));
}

static void gather_counted(hbr_context_t *ctx, const hbr_status_t *status,
                           const apr_array_header_t *mappings,
                           apr_array_header_t *rows, apr_hash_t *seen)
{
    const hbr_registry_t *registry = ctx->state->entry->registry;
    apr_size_t count =
        status->metrics == NULL ? 0 : hbr_metrics_count(status->metrics);
    apr_size_t i;

    for (i = 0; i < count; i++) {
        const hbr_reading_t *reading =
            hbr_metrics_read(status->metrics, i, status->now, ctx->pool);
        const char *name = reading->handler;

        apr_hash_set(seen, name, APR_HASH_KEY_STRING, name);
        APR_ARRAY_PUSH(rows, hbr_status_row_t) =
            row_of(ctx->pool, name, hbr_registry_find(registry, name), reading,
                   mappings);
    }
}

static void gather_all(hbr_context_t *ctx, const hbr_status_t *status,
                       apr_array_header_t *rows)
{
    const apr_array_header_t *mappings = all_mappings(ctx);
    apr_hash_t *seen = apr_hash_make(ctx->pool);
    apr_size_t count, i;
    hbr_entry_t *const *all =
        hbr_registry_all(ctx->state->entry->registry, &count);

    gather_counted(ctx, status, mappings, rows, seen);
    for (i = 0; i < count; i++)
        if (apr_hash_get(seen, all[i]->name, APR_HASH_KEY_STRING) == NULL)
            APR_ARRAY_PUSH(rows, hbr_status_row_t) =
                row_of(ctx->pool, all[i]->name, all[i], NULL, mappings);
}

void hbr_status_gather(hbr_context_t *ctx, hbr_status_t *status)
{
    apr_array_header_t *rows =
        apr_array_make(ctx->pool, 64, sizeof(hbr_status_row_t));

    if (status->handler != NULL)
        gather_one(ctx, status, rows);
    else
        gather_all(ctx, status, rows);
    status->rows = sorted(ctx->pool, rows, status);
}

/* ---- parts of a row ----------------------------------------------------------- */

void hbr_status_doublings(const hbr_reading_t *reading,
                          apr_uint64_t counts[HBR_DOUBLINGS])
{
    int i;

    memset(counts, 0, HBR_DOUBLINGS * sizeof(*counts));
    for (i = 0; i < HBR_BUCKETS; i++)
        counts[i / 8] += reading->buckets[i];
}

apr_uint64_t hbr_status_doubling_end(apr_size_t doubling)
{
    return hbr_bucket_end(doubling * 8 + 7);
}

const hbr_metric_t *hbr_status_metric(const hbr_status_row_t *row,
                                      const hbr_own_reading_t *own)
{
    apr_size_t i;

    for (i = 0; row->entry != NULL && i < row->entry->metrics; i++) {
        const hbr_metric_t *metric = &row->entry->handler.metrics[i];

        if (metric->type == own->type && strcmp(metric->name, own->name) == 0)
            return metric;
    }
    return NULL;
}
