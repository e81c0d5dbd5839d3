/**
 * @file metrics.c
 * @brief For the tests: handlers that are slow in every way there is, and one
 *        that shows what was counted as JSON.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handlerbridge.h"

#include "../../bridge/metrics.h"

enum { SOLD, RENDER };
static const hbr_metric_t metrics[] = { [SOLD] = HBR_COUNTER(
                                            "sold", .help = "what was sold"),
                                        [RENDER] = HBR_TIMER("render"),
                                        HBR_METRICS_END };

static void rest(hbr_context_t *ctx, const char *name)
{
    usleep((useconds_t)(atoi(hbr_query(ctx, name, "0")) * 1000));
}

static apr_status_t create(const hbr_child_t *child, apr_pool_t *pool,
                           void **instance)
{
    (void)child;
    *instance = pool;
    return APR_SUCCESS;
}

static int take(void *data, const char *bytes, apr_size_t length)
{
    apr_off_t *total = data;

    (void)bytes;
    *total += (apr_off_t)length;
    return HBR_OK;
}

/* As many bytes as are asked for, and no more in memory than a few. */
static int write_much(hbr_context_t *ctx)
{
    static const char line[1024];
    long left = atol(hbr_query(ctx, "kb", "0"));

    if (left > 0)
        hbr_type(ctx, "application/octet-stream");
    while (left-- > 0 && hbr_write(ctx, line, sizeof(line)) == APR_SUCCESS)
        continue;
    return atoi(hbr_query(ctx, "status", "0"));
}

static int count(hbr_context_t *ctx)
{
    apr_off_t total = 0;
    int rc = hbr_body_stream(ctx, take, &total);

    if (rc != HBR_OK)
        return rc;
    hbr_count(ctx, SOLD, 1);
    hbr_observe(ctx, RENDER, 0.001);
    rest(ctx, "ms");
    if (hbr_query(ctx, "die", NULL) != NULL)
        _exit(0); /* no signal, which would be a failure of the suite */
    if (hbr_query(ctx, "trace", NULL) != NULL)
        return hbr_text(ctx, "%s %s\n", hbr_trace_id(ctx),
                        hbr_traceparent(ctx));
    if (hbr_query(ctx, "kb", NULL) != NULL
        || hbr_query(ctx, "status", NULL) != NULL)
        return write_much(ctx);
    return hbr_text(ctx, "0123456789");
}

HBR_HANDLER(metrics_count, .process = count, .methods = "GET, POST",
            .metrics = metrics);
HBR_HANDLER(metrics_other, .process = count, .metrics = metrics);
HBR_HANDLER(metrics_pooled, .process = count, .create = create,
            .lifetime = HBR_POOLED);

static const hbr_statement_t statements[] = {
    { "slow", "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL "
              "SELECT n + 1 FROM c WHERE n < %lld) SELECT count(*) FROM c" },
    HBR_STATEMENTS_END
};

static int query(hbr_context_t *ctx)
{
    int64_t n = strtoll(hbr_query(ctx, "n", "1"), NULL, 10);
    hbr_rows_t *rows;
    int rc = hbr_select(ctx, 0, HBR_VALUES(hbr_value_int(n)), &rows);

    return rc != HBR_OK ? rc : hbr_text(ctx, "%s\n", hbr_row_text(rows, 0, 0));
}

HBR_HANDLER(metrics_db, .process = query, .statements = statements);

static void show_number(hbr_context_t *ctx, const char *name,
                        apr_uint64_t number)
{
    hbr_printf(ctx, "\"%s\":%" APR_UINT64_T_FMT ",", name, number);
}

static void show_latency(hbr_context_t *ctx, const hbr_latency_t *latency)
{
    show_number(ctx, "count", latency->count);
    show_number(ctx, "sum", latency->sum);
    show_number(ctx, "max", latency->max);
    show_number(ctx, "p50", latency->p50);
    show_number(ctx, "p99", latency->p99);
}

static void show_own(hbr_context_t *ctx, const hbr_reading_t *r)
{
    apr_size_t i;

    hbr_puts(ctx, "\"own\":{");
    for (i = 0; i < r->own_count; i++)
        hbr_printf(ctx, "%s\"%s\":%" APR_UINT64_T_FMT, i > 0 ? "," : "",
                   r->own[i].name, r->own[i].count);
    hbr_puts(ctx, "},");
}

static void show_limits(hbr_context_t *ctx, const hbr_reading_t *r)
{
    apr_size_t i;

    hbr_puts(ctx, "\"limits\":{");
    for (i = 0; i < r->limit_count; i++)
        hbr_printf(ctx, "%s\"%s\":%" APR_UINT64_T_FMT, i > 0 ? "," : "",
                   r->limits[i].directive, r->limits[i].count);
    hbr_puts(ctx, "},");
}

static void show_errors(hbr_context_t *ctx, const hbr_reading_t *r)
{
    apr_size_t i;

    hbr_puts(ctx, "\"last\":[");
    for (i = 0; i < r->error_count; i++) {
        hbr_printf(ctx, "%s{\"status\":%u,\"path\":", i > 0 ? "," : "",
                   r->last_errors[i].status);
        hbr_json_string(ctx, r->last_errors[i].path);
        hbr_puts(ctx, "}");
    }
    hbr_puts(ctx, "],");
}

static apr_uint64_t last_hour(const hbr_reading_t *r)
{
    apr_uint64_t sum = 0;
    int i;

    for (i = 0; i < HBR_MINUTES; i++)
        sum += r->minutes[i].latency.count;
    return sum;
}

static void show_one(hbr_context_t *ctx, const hbr_reading_t *r)
{
    int i;

    for (i = 0; i < HBR_CLASSES; i++) {
        char name[] = "1xx";

        name[0] = (char)('1' + i);
        show_number(ctx, name, r->classes[i]);
    }
    show_number(ctx, "requests", r->requests);
    show_number(ctx, "in_flight", r->in_flight);
    show_number(ctx, "bytes_in", r->bytes_in);
    show_number(ctx, "bytes_out", r->bytes_out);
    show_number(ctx, "errors", r->errors);
    show_number(ctx, "in_use", r->instances_in_use);
    show_number(ctx, "idle", r->instances_idle);
    show_number(ctx, "hour", last_hour(r));
    show_latency(ctx, &r->latency);
    show_own(ctx, r);
    show_limits(ctx, r);
    show_errors(ctx, r);
    show_number(ctx, "since", (apr_uint64_t)r->since);
    hbr_printf(ctx, "\"pid\":%d}\n", (int)getpid());
}

/* ?of=NAME */
static int show(hbr_context_t *ctx)
{
    const hbr_metrics_t *all = hbr_metrics_of(ctx);
    const hbr_reading_t *r =
        all == NULL ? NULL
                    : hbr_metrics_find(all, hbr_query(ctx, "of", ""),
                                       apr_time_now(), ctx->pool);

    if (r == NULL)
        return hbr_error(ctx, 404, "It is not counted.");
    hbr_type(ctx, "application/json");
    hbr_puts(ctx, "{");
    show_one(ctx, r);
    return HBR_OK;
}

HBR_HANDLER(metrics_show, .process = show);
