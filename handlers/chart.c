/*
 * chart: numbers out of the database as a bar or line chart, PNG or SVG.
 *
 *     SetHandler chart               /chart?data=months&kind=line
 *
 * Numbers are read first and the connection is back before anything is drawn.
 * The ETag is made from the numbers and the inputs: while neither changes, a
 * repeated request costs the query and a digest, and draws nothing.
 *
 * The drawing is a stack of steps that each take the field: the table, the
 * scale of the y axis and where on the picture the axes lie. All lengths are
 * in pixels. Every step leaves Cairo without a current path.
 *
 * Threads: an instance is one request's at a time; see shared/picture.h.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "handlerbridge.h"
#include "shared/picture.h"

/* To be changed when the drawing changes: it is part of the ETag. */
#define VERSION "chart 3"

/* More series share the last one's place: nobody reads a chart of nine
 * lines. */
#define SERIES_MAX 8

/* A number as large or larger, or its negative, counts as none. */
#define VALUE_MAX 1e15

#define TICKS 6
#define TICKS_MAX 32

/* ------------------------------------------------------------------- types */

enum { CUSTOMERS, REVENUE, MONTHS };
enum { BARS, LINES };

typedef struct query_t {
    int data;
    int kind;   /* -1: the one that fits the data */
    int format; /* -1: Accept decides */
    int64_t width;
    int64_t height;
} query_t;

/* Categories (along the x axis) by series (a colour each). */
typedef struct table_t {
    apr_size_t categories;
    apr_size_t series;
    const char **category;
    const char *name[SERIES_MAX];
    double (*value)[SERIES_MAX]; /* [category][series], within VALUE_MAX */
} table_t;

typedef struct field_t {
    const table_t *table;
    const char *title;
    const char *unit;
    int kind;
    int width, height;               /* of the picture */
    double low, high, step;          /* of the y axis */
    double left, top, right, bottom; /* of what lies within the axes */
} field_t;

typedef struct colour_t {
    double red, green, blue;
} colour_t;

/* --------------------------------------------------- inputs and statements */

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
    int kind;
} views[] = {
    [CUSTOMERS] = { "Customers by region", "customers", BARS },
    [REVENUE] = { "Revenue by region", "EUR", BARS },
    [MONTHS] = { "Orders per month", "EUR", LINES },
};

/* ----------------------------------------------------------------- reading */

static const char *cell(const hbr_rows_t *rows, apr_size_t row,
                        apr_size_t column)
{
    const char *text = hbr_row_text(rows, row, column);

    return text ? text : "";
}

/* The place of a series in the table; it gets one when it has none. */
static apr_size_t series_of(table_t *table, const char *name)
{
    for (apr_size_t i = 0; i < table->series; i++) {
        if (strcmp(table->name[i], name) == 0)
            return i;
    }
    if (table->series < SERIES_MAX)
        table->name[table->series++] = name;
    else
        table->name[SERIES_MAX - 1] = "other";
    return table->series - 1;
}

static void fill(table_t *table, const hbr_rows_t *rows, apr_pool_t *pool)
{
    apr_size_t most = rows->count + 1;

    table->category = apr_pcalloc(pool, most * sizeof(*table->category));
    table->value = apr_pcalloc(pool, most * sizeof(*table->value));
    for (apr_size_t row = 0; row < rows->count; row++) {
        const char *category = cell(rows, row, 0);
        apr_size_t series = series_of(table, cell(rows, row, 1));
        double value = hbr_row_double(rows, row, 2);

        if (table->categories == 0
            || strcmp(table->category[table->categories - 1], category) != 0)
            table->category[table->categories++] = category;
        if (value > -VALUE_MAX && value < VALUE_MAX)
            table->value[table->categories - 1][series] += value;
    }
}

/* --------------------------------------------------------- drawing: places */

static void place(field_t *field)
{
    field->left = 64;
    field->right = field->width - 20;
    field->top = 72;
    field->bottom = field->height - (field->table->series > 1 ? 66 : 36);
}

/* The step of 1, 2 or 5 times a power of ten that gives about TICKS ticks. */
static double nice_step(double range)
{
    double rough = range / TICKS;
    double power = pow(10, floor(log10(rough)));
    double part = rough / power;

    return power * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
}

static void scale(field_t *field)
{
    const table_t *table = field->table;
    double low = 0, high = 0;

    for (apr_size_t i = 0; i < table->categories; i++) {
        for (apr_size_t k = 0; k < table->series; k++) {
            low = fmin(low, table->value[i][k]);
            high = fmax(high, table->value[i][k]);
        }
    }
    if (high - low < 1)
        high = low + 1;
    if (field->kind == BARS) /* room for the numbers on them */
        high += (high - low) / 20;
    field->step = nice_step(high - low);
    field->low = floor(low / field->step) * field->step;
    field->high = ceil(high / field->step) * field->step;
}

static double y_of(const field_t *field, double value)
{
    return field->bottom
           - (value - field->low) / (field->high - field->low)
                 * (field->bottom - field->top);
}

static double slot(const field_t *field)
{
    return (field->right - field->left) / (double)field->table->categories;
}

static double x_of(const field_t *field, apr_size_t category)
{
    return field->left + ((double)category + 0.5) * slot(field);
}

/* -------------------------------------------------- drawing: ink and text */

/* Told apart also by those who see red and green alike (Okabe and Ito). */
static const colour_t palette[SERIES_MAX] = {
    { 0.00, 0.45, 0.70 }, { 0.90, 0.62, 0.00 }, { 0.00, 0.62, 0.45 },
    { 0.84, 0.37, 0.00 }, { 0.80, 0.47, 0.65 }, { 0.34, 0.71, 0.91 },
    { 0.73, 0.67, 0.16 }, { 0.45, 0.45, 0.45 },
};
static const colour_t ink = { 0.12, 0.16, 0.20 };
static const colour_t faint = { 0.40, 0.45, 0.50 };
static const colour_t grid = { 0.89, 0.91, 0.93 };

static void set_colour(cairo_t *cr, colour_t colour)
{
    cairo_set_source_rgb(cr, colour.red, colour.green, colour.blue);
}

enum { LEFT, CENTRE, RIGHT };

/* Draws one line of text, at most so wide; y is its middle. Returns its
 * width. */
static double put(cairo_t *cr, const char *text, double x, double y,
                  double size, int align, double most)
{
    static const PangoAlignment aligns[] = { [LEFT] = PANGO_ALIGN_LEFT,
                                             [CENTRE] = PANGO_ALIGN_CENTER,
                                             [RIGHT] = PANGO_ALIGN_RIGHT };
    PangoLayout *layout = picture_text(text, size, size > 14);
    int width, height;

    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_width(layout, (int)(most * PANGO_SCALE));
    pango_layout_get_size(layout, &width, &height);
    pango_layout_set_alignment(layout, aligns[align]);
    cairo_move_to(cr, x - most * align / 2, y - height / (2.0 * PANGO_SCALE));
    pango_cairo_show_layout(cr, layout);
    cairo_new_path(cr);
    g_object_unref(layout);
    return width / (double)PANGO_SCALE;
}

/* Three digits: 1234567 as "1.23M". The bounds lie where rounding would give
 * a fourth. */
static void short_number(char *text, size_t size, double value)
{
    double big = fabs(value);

    if (big >= 999.5e6)
        snprintf(text, size, "%.3gG", value / 1e9);
    else if (big >= 999.5e3)
        snprintf(text, size, "%.3gM", value / 1e6);
    else if (big >= 9999.5)
        snprintf(text, size, "%.3gk", value / 1e3);
    else if (big >= 999.5)
        snprintf(text, size, "%.0f", value);
    else
        snprintf(text, size, "%.3g", value);
}

/* A line of one pixel that lies on pixels. */
static void hairline(cairo_t *cr, double x1, double x2, double y)
{
    cairo_set_line_width(cr, 1);
    cairo_move_to(cr, floor(x1), floor(y) + 0.5);
    cairo_line_to(cr, ceil(x2), floor(y) + 0.5);
    cairo_stroke(cr);
}

/* ----------------------------------------------------------- drawing: steps */

static void draw_head(cairo_t *cr, const field_t *field)
{
    set_colour(cr, ink);
    put(cr, field->title, 20, 28, 18, LEFT, field->width - 40);
    set_colour(cr, faint);
    put(cr, field->unit, 20, 50, 12, LEFT, field->width - 40);
}

static void draw_scale(cairo_t *cr, const field_t *field)
{
    char text[32];

    for (int i = 0; i < TICKS_MAX; i++) {
        double value = field->low + i * field->step;

        if (value > field->high + field->step / 2)
            break;
        set_colour(cr, fabs(value) < field->step / 2 ? faint : grid);
        hairline(cr, field->left, field->right, y_of(field, value));
        set_colour(cr, faint);
        short_number(text, sizeof(text), value);
        put(cr, text, field->left - 8, y_of(field, value), 12, RIGHT,
            field->left - 8);
    }
}

/* Every label, or every second, third ... one where they would touch. */
static void draw_categories(cairo_t *cr, const field_t *field)
{
    apr_size_t every = (apr_size_t)ceil(64 / slot(field));

    set_colour(cr, ink);
    for (apr_size_t i = 0; i < field->table->categories; i += every) {
        put(cr, field->table->category[i], x_of(field, i), field->bottom + 16,
            12, CENTRE, (double)every * slot(field) - 4);
    }
}

/* A bar, with its number where it is wide enough. */
static void draw_bar(cairo_t *cr, const field_t *field, double x, double width,
                     double value)
{
    double y = y_of(field, value);
    char text[32];

    cairo_rectangle(cr, x, y, width * 0.92, y_of(field, 0) - y);
    cairo_fill(cr);
    if (width < 36)
        return;
    set_colour(cr, ink);
    short_number(text, sizeof(text), value);
    put(cr, text, x + width * 0.46, y + (value < 0 ? 10 : -10), 12, CENTRE,
        width);
}

static void draw_bars(cairo_t *cr, const field_t *field)
{
    const table_t *table = field->table;
    double group = fmin(slot(field) * 0.72, 90.0 * (double)table->series);
    double width = group / (double)table->series;

    for (apr_size_t i = 0; i < table->categories; i++) {
        for (apr_size_t k = 0; k < table->series; k++) {
            set_colour(cr, palette[k]);
            draw_bar(cr, field, x_of(field, i) - group / 2 + (double)k * width,
                     width, table->value[i][k]);
        }
    }
}

/* A series as a line, with dots where there is room for them. */
static void draw_line(cairo_t *cr, const field_t *field, apr_size_t series)
{
    const table_t *table = field->table;
    double dot = slot(field) > 12 ? 3.5 : 0;
    apr_size_t i;

    for (i = 0; i < table->categories; i++) {
        cairo_line_to(cr, x_of(field, i), y_of(field, table->value[i][series]));
    }
    cairo_stroke(cr);
    for (i = 0; i < table->categories; i++) {
        cairo_arc(cr, x_of(field, i), y_of(field, table->value[i][series]), dot,
                  0, 2 * G_PI);
        cairo_fill(cr);
    }
}

static void draw_lines(cairo_t *cr, const field_t *field)
{
    cairo_set_line_width(cr, 2.5);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    for (apr_size_t k = 0; k < field->table->series; k++) {
        set_colour(cr, palette[k]);
        draw_line(cr, field, k);
    }
}

/* Names of the series in one row under the axis; a single one is the title's
 * matter. */
static void draw_legend(cairo_t *cr, const field_t *field)
{
    const table_t *table = field->table;
    double y = field->height - 18;
    double most = (field->right - field->left) / (double)table->series;
    double x = field->left;

    for (apr_size_t k = 0; k < table->series; k++) {
        set_colour(cr, palette[k]);
        cairo_rectangle(cr, x, y - 5, 10, 10);
        cairo_fill(cr);
        set_colour(cr, ink);
        x += 34
             + put(cr, table->name[k], x + 16, y, 12, LEFT, fmax(most - 34, 1));
    }
}

static void draw(cairo_t *cr, const void *data)
{
    field_t field = *(const field_t *)data;

    place(&field);
    draw_head(cr, &field);
    if (field.table->categories == 0) {
        put(cr, "no data", field.width / 2.0, field.height / 2.0, 14, CENTRE,
            200);
        return;
    }
    scale(&field);
    draw_scale(cr, &field);
    draw_categories(cr, &field);
    if (field.kind == BARS)
        draw_bars(cr, &field);
    else
        draw_lines(cr, &field);
    if (field.table->series > 1)
        draw_legend(cr, &field);
}

/* ------------------------------------------------------------- the handler */

/* HBR_OK when it has to be drawn. */
static int known(hbr_context_t *ctx, const query_t *query, int format,
                 const hbr_rows_t *rows)
{
    picture_digest_t digest;

    picture_digest_begin(&digest, VERSION);
    picture_digest_number(&digest, query->data);
    picture_digest_number(&digest, query->kind);
    picture_digest_number(&digest, format);
    picture_digest_number(&digest, query->width);
    picture_digest_number(&digest, query->height);
    for (apr_size_t row = 0; row < rows->count; row++) {
        for (apr_size_t i = 0; i < rows->columns; i++)
            picture_digest_add(&digest, cell(rows, row, i));
    }
    hbr_header_set(ctx, "Cache-Control", "no-cache");
    return picture_known(ctx, &digest);
}

static int deliver(hbr_context_t *ctx, const query_t *query, int format,
                   const hbr_rows_t *rows)
{
    table_t table = { .categories = 0 };
    field_t field = { .table = &table,
                      .title = views[query->data].title,
                      .unit = views[query->data].unit,
                      .kind = query->kind < 0 ? views[query->data].kind
                                              : query->kind,
                      .width = (int)query->width,
                      .height = (int)query->height };
    picture_t picture = { .format = pictures[format],
                          .width = field.width,
                          .height = field.height,
                          .draw = draw,
                          .data = &field };

    fill(&table, rows, ctx->pool);
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
    if (format < 0) {
        return hbr_error(ctx, 406,
                         "The chart can be image/png or image/svg+xml.");
    }
    rc = hbr_select(ctx, query->data, HBR_NO_VALUES, &rows);
    if (rc == HBR_OK)
        rc = known(ctx, query, format, rows);
    if (rc == HBR_OK)
        rc = deliver(ctx, query, format, rows);
    return rc;
}

HBR_HANDLER(chart, .process = chart, .inputs = inputs, .statements = statements,
            PICTURE_MAKER,
            .summary = "Draws numbers of the database as bars or lines");
