/*
 * What was counted as OpenMetrics text (OpenMetrics 1.0), for Prometheus and its
 * like. A family's samples stand together: families outside, handlers inside.
 * Handlers that are not counted have no samples.
 */
#include "status.h"
#include "utf8.h"

#include <string.h>

#include <apr_hash.h>
#include <apr_strings.h>

#define PREFIX "handlerbridge_"

/* The doublings that become buckets: 127 microseconds to 67 seconds. */
#define BUCKET_FIRST 4
#define BUCKET_LAST 23

/* ---- text --------------------------------------------------------------------- */

/* ABNF escaped-string: \ and " and a line's end. All of the text is UTF-8 (4.1):
 * for one bad byte a reader throws everything away. */
static void put_escaped(hbr_context_t *ctx, const char *text)
{
    apr_size_t left = strlen(text), length;
    apr_uint32_t code;

    for (; left > 0; text += length, left -= length) {
        length = hbr_utf8_decode(text, left, &code);
        switch (code) {
        case '\\': hbr_puts(ctx, "\\\\"); break;
        case '"': hbr_puts(ctx, "\\\""); break;
        case '\n': hbr_puts(ctx, "\\n"); break;
        case HBR_UTF8_BAD: hbr_puts(ctx, "\xef\xbf\xbd"); break;
        default: hbr_write(ctx, text, length);
        }
    }
}

static void put_head(hbr_context_t *ctx, const char *name, const char *type,
                     const char *unit, const char *help)
{
    hbr_printf(ctx, "# TYPE " PREFIX "%s %s\n", name, type);
    if (unit != NULL)
        hbr_printf(ctx, "# UNIT " PREFIX "%s %s\n", name, unit);
    if (help == NULL)
        return;
    hbr_printf(ctx, "# HELP " PREFIX "%s ", name);
    put_escaped(ctx, help);
    hbr_puts(ctx, "\n");
}

/* A sample up to its value; label is NULL, or the second label's name. */
static void put_sample(hbr_context_t *ctx, const char *name,
                       const hbr_status_row_t *row, const char *label,
                       const char *value)
{
    hbr_printf(ctx, PREFIX "%s{handler=\"", name);
    put_escaped(ctx, row->name);
    if (label != NULL) {
        hbr_printf(ctx, "\",%s=\"", label);
        put_escaped(ctx, value);
    }
    hbr_puts(ctx, "\"} ");
}

static void put_count(hbr_context_t *ctx, apr_uint64_t n)
{
    hbr_printf(ctx, "%" APR_UINT64_T_FMT "\n", n);
}

/* No floating point: the locale may have a decimal comma. */
static const char *seconds(apr_pool_t *pool, apr_uint64_t us)
{
    return apr_psprintf(pool, "%" APR_UINT64_T_FMT ".%06d", us / 1000000,
                        (int)(us % 1000000));
}

static void put_seconds(hbr_context_t *ctx, apr_uint64_t us)
{
    hbr_printf(ctx, "%s\n", seconds(ctx->pool, us));
}

/* The next row that is counted, from i on; NULL: none. */
static const hbr_status_row_t *next(const hbr_status_t *status, int *i)
{
    while (*i < status->rows->nelts) {
        const hbr_status_row_t *row =
            &APR_ARRAY_IDX(status->rows, (*i)++, hbr_status_row_t);

        if (row->is_counted)
            return row;
    }
    return NULL;
}

/* ---- families ----------------------------------------------------------------- */

static void put_requests(hbr_context_t *ctx, const hbr_status_t *status)
{
    const hbr_status_row_t *row;
    char name[] = "1xx";
    int i = 0, j;

    put_head(ctx, "requests", "counter", NULL,
             "Requests that have ended, by the class of their status.");
    while ((row = next(status, &i)) != NULL)
        for (j = 0; j < HBR_CLASSES; j++) {
            name[0] = (char)('1' + j);
            put_sample(ctx, "requests_total", row, "class", name);
            put_count(ctx, row->reading->classes[j]);
        }
}

/* A family with one number for each handler. */
typedef struct simple_t {
    const char *name;
    const char *sample;
    const char *type;
    const char *unit;
    const char *help;
    hbr_status_column_e column;
} simple_t;

static const simple_t simples[] = {
    { "in_flight", "in_flight", "gauge", NULL,
      "Requests that are being answered.", HBR_BY_IN_FLIGHT },
    { "received_bytes", "received_bytes_total", "counter", "bytes",
      "Bytes of requests' bodies that were read.", HBR_BY_BYTES_IN },
    { "sent_bytes", "sent_bytes_total", "counter", "bytes",
      "Bytes of responses' bodies, before compression.", HBR_BY_BYTES_OUT },
    { "errors", "errors_total", "counter", NULL,
      "Responses with 500 to 599, and those that were cut.", HBR_BY_ERRORS },
    { "instances_in_use", "instances_in_use", "gauge", NULL,
      "Pooled instances in use.", HBR_BY_IN_USE },
    { "instances_idle", "instances_idle", "gauge", NULL,
      "Pooled instances that are idle.", HBR_BY_IDLE }
};

static void put_simples(hbr_context_t *ctx, const hbr_status_t *status)
{
    const hbr_status_row_t *row;
    apr_size_t j;

    for (j = 0; j < sizeof(simples) / sizeof(simples[0]); j++) {
        int i = 0;

        put_head(ctx, simples[j].name, simples[j].type, simples[j].unit,
                 simples[j].help);
        while ((row = next(status, &i)) != NULL) {
            put_sample(ctx, simples[j].sample, row, NULL, NULL);
            put_count(ctx, hbr_status_number(row, simples[j].column));
        }
    }
}

/* Buckets hold what is in those before them too; the last is the count. */
static void put_buckets(hbr_context_t *ctx, const hbr_status_row_t *row)
{
    apr_uint64_t counts[HBR_DOUBLINGS];
    apr_uint64_t sum = 0;
    int i;

    hbr_status_doublings(row->reading, counts);
    for (i = 0; i < HBR_DOUBLINGS; i++) {
        sum += counts[i];
        if (i < BUCKET_FIRST || i > BUCKET_LAST)
            continue;
        put_sample(ctx, "request_duration_seconds_bucket", row, "le",
                   seconds(ctx->pool, hbr_status_doubling_end(i)));
        put_count(ctx, sum);
    }
    put_sample(ctx, "request_duration_seconds_bucket", row, "le", "+Inf");
    put_count(ctx, sum);
    put_sample(ctx, "request_duration_seconds_count", row, NULL, NULL);
    put_count(ctx, sum);
    put_sample(ctx, "request_duration_seconds_sum", row, NULL, NULL);
    put_seconds(ctx, row->reading->latency.sum);
}

static void put_durations(hbr_context_t *ctx, const hbr_status_t *status)
{
    const hbr_status_row_t *row;
    int i = 0;

    put_head(ctx, "request_duration_seconds", "histogram", "seconds",
             "From a request's first line on until its response was given to "
             "the server.");
    while ((row = next(status, &i)) != NULL)
        put_buckets(ctx, row);
    put_head(ctx, "request_duration_max_seconds", "gauge", "seconds",
             "The longest.");
    for (i = 0; (row = next(status, &i)) != NULL;) {
        put_sample(ctx, "request_duration_max_seconds", row, NULL, NULL);
        put_seconds(ctx, row->reading->latency.max);
    }
}

static void put_limits(hbr_context_t *ctx, const hbr_status_t *status)
{
    const hbr_status_row_t *row;
    apr_size_t j;
    int i = 0;

    put_head(ctx, "limit_hits", "counter", NULL,
             "Requests that were refused, by the directive.");
    while ((row = next(status, &i)) != NULL)
        for (j = 0; j < row->reading->limit_count; j++) {
            put_sample(ctx, "limit_hits_total", row, "directive",
                       row->reading->limits[j].directive);
            put_count(ctx, row->reading->limits[j].count);
        }
}

/* ---- handlers' own ------------------------------------------------------------ */

/* Counters and timers have names of their own each, and so has a metric of that
 * name in every handler: they are told apart by the label. */
static const char *family_of(apr_pool_t *pool, const hbr_own_reading_t *own)
{
    if (own->type == HBR_METRIC_TIMER)
        return apr_pstrcat(pool, "timer_", own->name, "_seconds", NULL);
    return apr_pstrcat(pool, "counter_", own->name, NULL);
}

static void put_timer(hbr_context_t *ctx, const char *family,
                      const hbr_status_row_t *row, const hbr_latency_t *latency)
{
    static const char *const quantiles[] = { "0.5", "0.9", "0.99" };
    const apr_uint64_t values[] = { latency->p50, latency->p90, latency->p99 };
    int i;

    for (i = 0; i < 3; i++) {
        put_sample(ctx, family, row, "quantile", quantiles[i]);
        put_seconds(ctx, values[i]);
    }
    put_sample(ctx, apr_pstrcat(ctx->pool, family, "_count", NULL), row, NULL,
               NULL);
    put_count(ctx, latency->count);
    put_sample(ctx, apr_pstrcat(ctx->pool, family, "_sum", NULL), row, NULL,
               NULL);
    put_seconds(ctx, latency->sum);
}

static void put_own(hbr_context_t *ctx, const char *family,
                    const hbr_status_row_t *row, const hbr_own_reading_t *own)
{
    if (own->type == HBR_METRIC_TIMER) {
        put_timer(ctx, family, row, &own->latency);
        return;
    }
    put_sample(ctx, apr_pstrcat(ctx->pool, family, "_total", NULL), row, NULL,
               NULL);
    put_count(ctx, own->count);
}

/* The first handler's words stand for all. */
static void put_family(hbr_context_t *ctx, const hbr_status_t *status,
                       const hbr_status_row_t *first,
                       const hbr_own_reading_t *wanted)
{
    const char *family = family_of(ctx->pool, wanted);
    const hbr_metric_t *metric = hbr_status_metric(first, wanted);
    bool is_timer = wanted->type == HBR_METRIC_TIMER;
    const hbr_status_row_t *row;
    apr_size_t j;
    int i = 0;

    put_head(ctx, family, is_timer ? "summary" : "counter",
             is_timer ? "seconds" : NULL, metric != NULL ? metric->help : NULL);
    while ((row = next(status, &i)) != NULL)
        for (j = 0; j < row->reading->own_count; j++) {
            const hbr_own_reading_t *own = &row->reading->own[j];

            if (own->type == wanted->type
                && strcmp(own->name, wanted->name) == 0)
                put_own(ctx, family, row, own);
        }
}

static void put_families(hbr_context_t *ctx, const hbr_status_t *status)
{
    apr_hash_t *seen = apr_hash_make(ctx->pool);
    const hbr_status_row_t *row;
    apr_size_t j;
    int i = 0;

    while ((row = next(status, &i)) != NULL)
        for (j = 0; j < row->reading->own_count; j++) {
            const hbr_own_reading_t *own = &row->reading->own[j];
            const char *family = family_of(ctx->pool, own);

            if (apr_hash_get(seen, family, APR_HASH_KEY_STRING) != NULL)
                continue;
            apr_hash_set(seen, family, APR_HASH_KEY_STRING, family);
            put_family(ctx, status, row, own);
        }
}

void hbr_status_openmetrics(hbr_context_t *ctx, const hbr_status_t *status)
{
    if (status->metrics != NULL) {
        put_head(ctx, "start_time_seconds", "gauge", "seconds",
                 "When counting began, since 1970.");
        hbr_puts(ctx, PREFIX "start_time_seconds ");
        put_seconds(ctx, (apr_uint64_t)hbr_metrics_since(status->metrics));
        put_requests(ctx, status);
        put_simples(ctx, status);
        put_durations(ctx, status);
        put_limits(ctx, status);
        put_families(ctx, status);
    }
    hbr_puts(ctx, "# EOF\n");
}
