/*
 * report: the customers as a PDF, made on the fly.
 *
 *     SetHandler report              /report?region=North&priority=1
 *
 * A4 pages: a head, a row of titles, striped rows, "Page 2 of 5". Every page
 * holds the same number of rows, so the number of pages is known before the
 * first is drawn. The same customers on the same day give the same bytes and
 * the same ETag.
 *
 * All lengths are in points, 1/72 inch. Threads: an instance is one request's
 * at a time; see shared/picture.h.
 */
#include <stdio.h>

#include <apr_strings.h>

#include "handlerbridge.h"
#include "shared/picture.h"

/* To be changed when the drawing changes: it is part of the ETag. */
#define VERSION "report 1"

/* A report of 136 pages; one row more is asked for, to tell whether there are
 * more. */
#define ROWS_MAX 5000
#define LIMIT "5001"

#define MARGIN 42.0
#define TABLE_TOP 112.0
#define ROW_HEIGHT 18.0
#define PAGE_ROWS 37
#define FOOT (PICTURE_PAGE_HEIGHT - 34)

typedef struct query_t {
    int region; /* an index of regions; -1: all */
    int64_t priority;
    int disposition;
} query_t;

static const char *const regions[] = { "North", "South",    "East",
                                       "West",  "Overseas", NULL };
static const char *const dispositions[] = { "attachment", "inline", NULL };

static const hbr_input_t inputs[] = {
    HBR_ENUM(query_t, region, "region", .values = regions, .fallback = -1,
             .help = "only customers of this region"),
    HBR_INT(query_t, priority, "priority", .min = 1, .max = 5,
            .help = "only customers of this priority"),
    HBR_ENUM(query_t, disposition, "disposition", .values = dispositions,
             .fallback = HBR_INLINE, .help = "to save it or to look at it"),
    HBR_INPUTS_END
};

enum { LIST };

/* An empty region and a priority of 0 mean all. */
static const hbr_statement_t statements[] = {
    [LIST] = { "list", "SELECT name, city, region, priority, since, revenue "
                       "FROM customers "
                       "WHERE (%s = '' OR region = %s) "
                       "AND (%lld = 0 OR priority = %lld) "
                       "ORDER BY name, id LIMIT " LIMIT },
    HBR_STATEMENTS_END
};

enum { NAME, CITY, REGION, PRIORITY, SINCE, REVENUE, COLUMNS };

static const struct {
    const char *title;
    double width;
    PangoAlignment align;
} columns[COLUMNS] = {
    [NAME] = { "Name", 160, PANGO_ALIGN_LEFT },
    [CITY] = { "City", 92, PANGO_ALIGN_LEFT },
    [REGION] = { "Region", 64, PANGO_ALIGN_LEFT },
    [PRIORITY] = { "Priority", 54, PANGO_ALIGN_CENTER },
    [SINCE] = { "Since", 66, PANGO_ALIGN_LEFT },
    [REVENUE] = { "Revenue", 75.28, PANGO_ALIGN_RIGHT },
};

typedef struct report_t {
    const query_t *query;
    const char *region; /* "": all */
    const hbr_rows_t *rows;
    apr_size_t count; /* of rows to print */
    apr_size_t pages;
    const char *date;
    apr_pool_t *pool;
} report_t;

/* Layouts are costly to make: one each for what is plain and what is bold. */
typedef struct pen_t {
    cairo_t *cr;
    PangoLayout *plain;
    PangoLayout *bold;
    PangoLayout *title;
} pen_t;

/* Writes one line of text, cut with an ellipsis where it is too long. */
static void put(const pen_t *pen, PangoLayout *layout, const char *text,
                double x, double middle, double width, PangoAlignment align)
{
    int height;

    picture_text_set(layout, text);
    pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
    pango_layout_set_alignment(layout, align);
    pango_layout_get_size(layout, NULL, &height);
    cairo_move_to(pen->cr, x, middle - height / (2.0 * PANGO_SCALE));
    pango_cairo_show_layout(pen->cr, layout);
}

/* 123456789 cents as "1,234,567.89". */
static const char *money(apr_pool_t *pool, int64_t cents)
{
    uint64_t size = cents < 0 ? 0 - (uint64_t)cents : (uint64_t)cents;
    const char *text = apr_psprintf(pool, ".%02d", (int)(size % 100));

    for (size /= 100; size >= 1000; size /= 1000)
        text = apr_psprintf(pool, ",%03d%s", (int)(size % 1000), text);
    return apr_psprintf(pool, "%s%d%s", cents < 0 ? "-" : "", (int)size, text);
}

static const char *cell(const report_t *report, apr_size_t row, int column)
{
    const char *text;

    if (column == REVENUE)
        return money(report->pool, hbr_row_int(report->rows, row, REVENUE));
    text = hbr_row_text(report->rows, row, (apr_size_t)column);
    return text ? text : "";
}

/* "412 customers, region North, priority 1" */
static const char *what(const report_t *report)
{
    const query_t *query = report->query;
    const char *text =
        apr_psprintf(report->pool, "%s%d customer%s",
                     report->rows->count > ROWS_MAX ? "the first " : "",
                     (int)report->count, report->count == 1 ? "" : "s");

    if (report->region[0] != '\0')
        text =
            apr_pstrcat(report->pool, text, ", region ", report->region, NULL);
    if (query->priority > 0)
        text = apr_psprintf(report->pool, "%s, priority %d", text,
                            (int)query->priority);
    return text;
}

static void draw_head(const pen_t *pen, const report_t *report)
{
    double width = PICTURE_PAGE_WIDTH - 2 * MARGIN;

    cairo_set_source_rgb(pen->cr, 0.12, 0.16, 0.20);
    put(pen, pen->title, "Customers", MARGIN, 54, width, PANGO_ALIGN_LEFT);
    cairo_set_source_rgb(pen->cr, 0.40, 0.45, 0.50);
    put(pen, pen->plain, what(report), MARGIN, 78, width, PANGO_ALIGN_LEFT);
    put(pen, pen->plain, report->date, MARGIN, 54, width, PANGO_ALIGN_RIGHT);
}

static void draw_titles(const pen_t *pen)
{
    double x = MARGIN;
    int i;

    cairo_set_source_rgb(pen->cr, 0.13, 0.31, 0.48);
    cairo_rectangle(pen->cr, MARGIN, TABLE_TOP - ROW_HEIGHT,
                    PICTURE_PAGE_WIDTH - 2 * MARGIN, ROW_HEIGHT);
    cairo_fill(pen->cr);
    cairo_set_source_rgb(pen->cr, 1, 1, 1);
    for (i = 0; i < COLUMNS; x += columns[i++].width)
        put(pen, pen->bold, columns[i].title, x + 4, TABLE_TOP - ROW_HEIGHT / 2,
            columns[i].width - 8, columns[i].align);
}

static void draw_row(const pen_t *pen, const report_t *report, apr_size_t row)
{
    double top = TABLE_TOP + (double)(row % PAGE_ROWS) * ROW_HEIGHT;
    double x = MARGIN;
    int i;

    if (row % 2 == 1) {
        cairo_set_source_rgb(pen->cr, 0.945, 0.955, 0.965);
        cairo_rectangle(pen->cr, MARGIN, top, PICTURE_PAGE_WIDTH - 2 * MARGIN,
                        ROW_HEIGHT);
        cairo_fill(pen->cr);
    }
    cairo_set_source_rgb(pen->cr, 0.12, 0.16, 0.20);
    for (i = 0; i < COLUMNS; x += columns[i++].width)
        put(pen, pen->plain, cell(report, row, i), x + 4, top + ROW_HEIGHT / 2,
            columns[i].width - 8, columns[i].align);
}

static void draw_foot(const pen_t *pen, const report_t *report, apr_size_t page)
{
    const char *text = apr_psprintf(report->pool, "Page %d of %d",
                                    (int)page + 1, (int)report->pages);

    cairo_set_source_rgb(pen->cr, 0.40, 0.45, 0.50);
    put(pen, pen->plain, text, MARGIN, FOOT, PICTURE_PAGE_WIDTH - 2 * MARGIN,
        PANGO_ALIGN_CENTER);
}

static void draw_page(const pen_t *pen, const report_t *report, apr_size_t page)
{
    apr_size_t row;

    draw_head(pen, report);
    draw_titles(pen);
    for (row = page * PAGE_ROWS;
         row < report->count && row < (page + 1) * PAGE_ROWS; row++)
        draw_row(pen, report, row);
    draw_foot(pen, report, page);
    cairo_show_page(pen->cr);
}

static PangoLayout *line(double size, bool bold)
{
    PangoLayout *layout = picture_text("", size, bold);

    pango_layout_set_single_paragraph_mode(layout, TRUE);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    return layout;
}

static void draw(cairo_t *cr, const void *data)
{
    const report_t *report = data;
    pen_t pen = { cr, line(9, false), line(9, true), line(20, true) };
    apr_size_t page;

    for (page = 0; page < report->pages; page++)
        draw_page(&pen, report, page);
    g_object_unref(pen.plain);
    g_object_unref(pen.bold);
    g_object_unref(pen.title);
}

/* HBR_OK when it has to be drawn. */
static int known(hbr_context_t *ctx, const report_t *report)
{
    picture_digest_t digest;
    apr_size_t row, i;

    picture_digest_begin(&digest, VERSION);
    picture_digest_add(&digest, report->date);
    picture_digest_add(&digest, report->region);
    picture_digest_number(&digest, report->query->priority);
    for (row = 0; row < report->rows->count; row++)
        for (i = 0; i < report->rows->columns; i++)
            picture_digest_add(&digest, hbr_row_text(report->rows, row, i));
    hbr_header_set(ctx, "Cache-Control", "private, no-cache");
    return picture_known(ctx, &digest);
}

static int deliver(hbr_context_t *ctx, const report_t *report)
{
    const query_t *query = report->query;
    hbr_content_t about = {
        .disposition = (hbr_disposition_e)query->disposition,
        .filename =
            apr_pstrcat(ctx->pool, "customers", report->region[0] ? " " : "",
                        report->region, " ", report->date, ".pdf", NULL)
    };
    picture_t picture = { .format = PICTURE_PDF,
                          .title = "Customers",
                          .created = report->date,
                          .draw = draw,
                          .data = report };

    return picture_send(ctx, &picture, &about);
}

static const char *today(hbr_context_t *ctx)
{
    apr_time_exp_t now;

    apr_time_exp_gmt(&now, hbr_request_time(ctx));
    return apr_psprintf(ctx->pool, "%d-%02d-%02d", now.tm_year + 1900,
                        now.tm_mon + 1, now.tm_mday);
}

static int report(hbr_context_t *ctx)
{
    const query_t *query = hbr_inputs(ctx);
    report_t report = { .query = query,
                        .region =
                            query->region < 0 ? "" : regions[query->region],
                        .pool = ctx->pool,
                        .date = today(ctx) };
    hbr_value_t region = hbr_value_text(report.region);
    hbr_value_t priority = hbr_value_int(query->priority);
    hbr_rows_t *rows;
    int rc = hbr_select(ctx, LIST,
                        HBR_VALUES(region, region, priority, priority), &rows);

    if (rc != HBR_OK)
        return rc;
    report.rows = rows;
    report.count = rows->count < ROWS_MAX ? rows->count : ROWS_MAX;
    report.pages =
        report.count ? (report.count + PAGE_ROWS - 1) / PAGE_ROWS : 1;
    rc = known(ctx, &report);
    return rc == HBR_OK ? deliver(ctx, &report) : rc;
}

HBR_HANDLER(report, .process = report, .inputs = inputs,
            .statements = statements, PICTURE_MAKER,
            .summary = "Prints the customers as a PDF");
