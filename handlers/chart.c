/*
 * chart: numbers out of the database as a bar or line chart, PNG or SVG.
 *
 *     SetHandler chart               /chart?data=months&kind=line
 *
 * Numbers are read first and the connection is back before anything is drawn.
 * The ETag is made from the numbers and the inputs: while neither changes, a
 * repeated request costs the query and a digest, and draws nothing.
 *
 * Threads: no state of its own; see picture.h.
 */
#include <string.h>

#include "handlerbridge.h"
#include "plot.h"

/* To be changed when the drawing changes: it is part of the ETag. */
#define VERSION "chart 1"

typedef struct query_t {
    int data;
    int kind;
    int format;
    int64_t width;
    int64_t height;
} query_t;

enum { CUSTOMERS, REVENUE, MONTHS };

static const char *const datas[] = { "customers", "revenue", "months", NULL };
static const char *const kinds[] = { "bar", "line", NULL };
static const char *const formats[] = { "png", "svg", NULL };
static const char *const types[] = { "image/png", "image/svg+xml", NULL };
static const picture_format_e pictures[] = { PICTURE_PNG, PICTURE_SVG };

static const hbr_input_t inputs[] = {
    HBR_ENUM(query_t, data, "data", .values = datas,
             .help = "what the numbers are"),
    HBR_ENUM(query_t, kind, "kind", .values = kinds, .fallback = -1,
             .help = "left out: line for months, else bar"),
    HBR_ENUM(query_t, format, "format", .values = formats, .fallback = -1,
             .help = "left out: Accept decides, else png"),
    HBR_INT(query_t, width, "width", .min = 240, .max = 2000, .fallback = 800,
            .help = "of the picture, in pixels"),
    HBR_INT(query_t, height, "height", .min = 160, .max = 1600, .fallback = 450,
            .help = "of the picture, in pixels"),
    HBR_INPUTS_END
};

/* Category, series, number; sorted by category. */
static const hbr_statement_t statements[] = {
    [CUSTOMERS] = { "customers", "SELECT region, '', COUNT(*) FROM customers "
                                 "GROUP BY region ORDER BY region" },
    [REVENUE] = { "revenue",
                  "SELECT region, '', SUM(revenue) / 100.0 FROM customers "
                  "GROUP BY region ORDER BY region" },
    [MONTHS] = { "months",
                 "SELECT substr(o.ordered, 1, 7) AS month, c.region, "
                 "SUM(o.amount) / 100.0 "
                 "FROM orders o JOIN customers c ON c.id = o.customer_id "
                 "GROUP BY substr(o.ordered, 1, 7), c.region "
                 "ORDER BY month, c.region" },
    HBR_STATEMENTS_END
};

/* What a statement's numbers are called, and how they are best drawn. */
static const struct {
    const char *title;
    const char *unit;
    plot_kind_e kind;
} views[] = {
    [CUSTOMERS] = { "Customers by region", "customers", PLOT_BARS },
    [REVENUE] = { "Revenue by region", "EUR", PLOT_BARS },
    [MONTHS] = { "Orders per month", "EUR", PLOT_LINES },
};

/* The place of a series in the table; it gets one when it has none. */
static apr_size_t series_of(plot_t *plot, const char *name)
{
    apr_size_t i;

    for (i = 0; i < plot->series; i++)
        if (strcmp(plot->name[i], name) == 0)
            return i;
    if (plot->series < PLOT_SERIES_MAX)
        plot->name[plot->series++] = name;
    else
        plot->name[PLOT_SERIES_MAX - 1] = "other";
    return plot->series - 1;
}

static const char *cell(const hbr_rows_t *rows, apr_size_t row,
                        apr_size_t column)
{
    const char *text = hbr_row_text(rows, row, column);

    return text ? text : "";
}

static void fill(plot_t *plot, const hbr_rows_t *rows, apr_pool_t *pool)
{
    apr_size_t row;

    plot->category = apr_pcalloc(pool, (rows->count + 1) * sizeof(char *));
    plot->value =
        apr_pcalloc(pool, (rows->count + 1) * PLOT_SERIES_MAX * sizeof(double));
    for (row = 0; row < rows->count; row++) {
        const char *category = cell(rows, row, 0);
        apr_size_t series = series_of(plot, cell(rows, row, 1));
        double value = hbr_row_double(rows, row, 2);
        double *values;

        if (plot->categories == 0
            || strcmp(plot->category[plot->categories - 1], category) != 0)
            plot->category[plot->categories++] = category;
        values = plot->value + (plot->categories - 1) * PLOT_SERIES_MAX;
        if (value > -PLOT_VALUE_MAX && value < PLOT_VALUE_MAX)
            values[series] += value;
    }
}

/* HBR_OK when it has to be drawn. */
static int known(hbr_context_t *ctx, const query_t *query, int format,
                 const hbr_rows_t *rows)
{
    picture_digest_t digest;
    apr_size_t row, i;

    picture_digest_begin(&digest, VERSION);
    picture_digest_number(&digest, query->data);
    picture_digest_number(&digest, query->kind);
    picture_digest_number(&digest, format);
    picture_digest_number(&digest, query->width);
    picture_digest_number(&digest, query->height);
    for (row = 0; row < rows->count; row++)
        for (i = 0; i < rows->columns; i++)
            picture_digest_add(&digest, cell(rows, row, i));
    hbr_header_set(ctx, "Cache-Control", "no-cache");
    return picture_known(ctx, &digest);
}

static int deliver(hbr_context_t *ctx, const query_t *query, int format,
                   const hbr_rows_t *rows)
{
    plot_t plot = { .kind = query->kind < 0 ? views[query->data].kind
                                            : (plot_kind_e)query->kind,
                    .width = (int)query->width,
                    .height = (int)query->height,
                    .title = views[query->data].title,
                    .unit = views[query->data].unit };
    picture_t picture = { .format = pictures[format],
                          .width = plot.width,
                          .height = plot.height,
                          .draw = plot_draw,
                          .data = &plot };

    fill(&plot, rows, ctx->pool);
    return picture_send(ctx, &picture, NULL);
}

static int chart(hbr_context_t *ctx)
{
    const query_t *query = hbr_inputs(ctx);
    int format = query->format;
    hbr_rows_t *rows;
    int rc;

    if (format < 0)
        format = hbr_negotiate(ctx, types);
    if (format < 0)
        return hbr_error(ctx, 406,
                         "The chart can be image/png or image/svg+xml.");
    rc = hbr_select(ctx, query->data, HBR_NO_VALUES, &rows);
    if (rc == HBR_OK)
        rc = known(ctx, query, format, rows);
    if (rc == HBR_OK)
        rc = deliver(ctx, query, format, rows);
    return rc;
}

HBR_HANDLER(chart, .process = chart, .inputs = inputs, .statements = statements,
            .start = picture_start,
            .summary = "Draws numbers of the database as bars or lines");
