/*
 * The page of all handlers. Its columns are links that sort, so that no script
 * is needed for it.
 */
#include "status.h"

/* A column of numbers: where it stands in the JSON, and how it is written. */
typedef struct column_t {
    hbr_status_column_e by;
    const char *title;
    const char *key;
    char form; /* 'n', 'b' or 't': see status_assets.c */
} column_t;

static const column_t numbers[] = {
    { HBR_BY_REQUESTS, "Requests", "requests", 'n' },
    { HBR_BY_IN_FLIGHT, "In flight", "in_flight", 'n' },
    { HBR_BY_P50, "p50", "latency_us.p50", 't' },
    { HBR_BY_P90, "p90", "latency_us.p90", 't' },
    { HBR_BY_P99, "p99", "latency_us.p99", 't' },
    { HBR_BY_MAX, "Max", "latency_us.max", 't' },
    { HBR_BY_2XX, "2xx", "classes.2xx", 'n' },
    { HBR_BY_3XX, "3xx", "classes.3xx", 'n' },
    { HBR_BY_4XX, "4xx", "classes.4xx", 'n' },
    { HBR_BY_5XX, "5xx", "classes.5xx", 'n' },
    { HBR_BY_ERRORS, "Errors", "errors", 'n' },
    { HBR_BY_LIMITS, "Limits hit", "limits_hit", 'n' },
    { HBR_BY_BYTES_IN, "Bytes in", "bytes_in", 'b' },
    { HBR_BY_BYTES_OUT, "Bytes out", "bytes_out", 'b' },
    { HBR_BY_IN_USE, "Instances in use", "instances.in_use", 'n' },
    { HBR_BY_IDLE, "Idle", "instances.idle", 'n' }
};

#define NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

static const char *written(apr_pool_t *pool, char form, apr_uint64_t n)
{
    switch (form) {
    case 'b': return hbr_status_bytes(pool, n);
    case 't': return hbr_status_duration(pool, n);
    default: return hbr_status_count(pool, n);
    }
}

/* The picture stands beside the numbers that it goes with. */
#define PICTURE_BEHIND HBR_BY_MAX

/* A column that is sorted by turns round; another begins with what is of
 * interest: the largest numbers, the first letters. */
static void write_title(hbr_context_t *ctx, const hbr_status_t *status,
                        hbr_status_column_e by, const char *title)
{
    bool is_text = hbr_status_is_text(by);
    bool is_sorted = status->sort == by;
    bool descending = is_sorted ? !status->is_descending : !is_text;

    hbr_puts(ctx, "<th scope=\"col\"");
    if (!is_text && by != HBR_BY_MAPPINGS) /* these are listed */
        hbr_puts(ctx, " class=\"n\"");
    if (is_sorted)
        hbr_html(ctx, " aria-sort=\"%s\"",
                 status->is_descending ? "descending" : "ascending");
    hbr_html(ctx, "><a href=\"?sort=%s&amp;order=%s\">%s</a></th>",
             hbr_status_sorts[by], descending ? "desc" : "asc", title);
}

static void write_numbers(hbr_context_t *ctx, const hbr_status_row_t *row)
{
    apr_size_t i;

    for (i = 0; i < NUMBERS; i++) {
        hbr_html(ctx, "<td class=\"n\" data-k=\"%s\" data-f=\"%c\">%s</td>",
                 numbers[i].key, numbers[i].form,
                 written(ctx->pool, numbers[i].form,
                         hbr_status_number(row, numbers[i].by)));
        if (numbers[i].by != PICTURE_BEHIND)
            continue;
        hbr_html(ctx, "<td>");
        hbr_status_histogram(ctx, row->reading);
        hbr_html(ctx, "</td>");
    }
}

static void write_name(hbr_context_t *ctx, const hbr_status_row_t *row)
{
    hbr_html(ctx,
             "<th scope=\"row\"><a href=\"?handler=%s\">%s</a>"
             "<span class=\"sum\">%s</span></th>",
             hbr_url_escape(ctx->pool, row->name), row->name,
             row->entry == NULL ? "no longer loaded"
                                : row->entry->handler.summary);
}

static void write_load(hbr_context_t *ctx, const hbr_status_t *status)
{
    apr_size_t i;
    int j;

    hbr_html(ctx, "<h2 id=\"load\">Requests</h2>\n"
                  "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                  "aria-labelledby=\"load\"><table class=\"wide\">\n"
                  "<caption><span>All processes together. Percentiles are "
                  "right within an eighth.</span></caption>\n<thead><tr>");
    write_title(ctx, status, HBR_BY_HANDLER, "Handler");
    for (i = 0; i < NUMBERS; i++) {
        write_title(ctx, status, numbers[i].by, numbers[i].title);
        if (numbers[i].by == PICTURE_BEHIND)
            hbr_html(ctx, "<th scope=\"col\">Durations</th>");
    }
    hbr_html(ctx, "</tr></thead>\n<tbody>\n");
    for (j = 0; j < status->rows->nelts; j++) {
        const hbr_status_row_t *row =
            &APR_ARRAY_IDX(status->rows, j, hbr_status_row_t);

        hbr_html(ctx, "<tr data-h=\"%s\">", row->name);
        write_name(ctx, row);
        write_numbers(ctx, row);
        hbr_html(ctx, "</tr>\n");
    }
    hbr_html(ctx, "</tbody></table></div>\n");
}

static void write_sources(hbr_context_t *ctx, const hbr_status_t *status)
{
    int i;

    hbr_html(ctx, "<h2 id=\"handlers\">Handlers</h2>\n"
                  "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                  "aria-labelledby=\"handlers\"><table class=\"wide\">\n"
                  "<caption><span>What they are, and where they are mapped; "
                  ".htaccess files are not known here</span></caption>\n"
                  "<thead><tr>");
    write_title(ctx, status, HBR_BY_HANDLER, "Handler");
    write_title(ctx, status, HBR_BY_METHODS, "Methods");
    write_title(ctx, status, HBR_BY_LIFETIME, "Lifetime");
    write_title(ctx, status, HBR_BY_FILE, "From");
    write_title(ctx, status, HBR_BY_MAPPINGS, "Mapped by");
    hbr_html(ctx, "</tr></thead>\n<tbody>\n");
    for (i = 0; i < status->rows->nelts; i++) {
        const hbr_status_row_t *row =
            &APR_ARRAY_IDX(status->rows, i, hbr_status_row_t);

        hbr_html(ctx, "<tr>");
        write_name(ctx, row);
        hbr_html(ctx,
                 "<td>%s</td><td>%s</td><td><code>%s</code></td>"
                 "<td class=\"long\">",
                 row->methods, row->lifetime, row->file);
        hbr_status_places(ctx, row);
        hbr_html(ctx, "</td></tr>\n");
    }
    hbr_html(ctx, "</tbody></table></div>\n");
}

void hbr_status_list(hbr_context_t *ctx, const hbr_status_t *status)
{
    write_load(ctx, status);
    hbr_status_errors(ctx, status);
    hbr_status_limits(ctx, status);
    hbr_status_own(ctx, status);
    write_sources(ctx, status);
}
