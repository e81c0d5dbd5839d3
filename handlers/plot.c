/*
 * A table of numbers drawn as bars or lines.
 *
 * The drawing is a stack of steps that each take the field: the table, the
 * scale of the y axis and where on the picture the axes lie. All lengths are
 * in pixels. Sizes were checked by the handler; a field is never empty.
 *
 * Threads: none of its own; see picture.h.
 */
#include <math.h>
#include <stdio.h>

#include "plot.h"

#define TICKS 6
#define TICKS_MAX 32

typedef struct field_t {
    const plot_t *plot;
    double low, high, step;          /* of the y axis */
    double left, top, right, bottom; /* of what lies within the axes */
} field_t;

typedef struct colour_t {
    double red, green, blue;
} colour_t;

/* Told apart also by those who see red and green alike (Okabe and Ito). */
static const colour_t palette[PLOT_SERIES_MAX] = {
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

static double value_at(const plot_t *plot, apr_size_t category,
                       apr_size_t series)
{
    return plot->value[category * PLOT_SERIES_MAX + series];
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
    const plot_t *plot = field->plot;
    double low = 0, high = 0;
    apr_size_t i, k;

    for (i = 0; i < plot->categories; i++) {
        for (k = 0; k < plot->series; k++) {
            low = fmin(low, value_at(plot, i, k));
            high = fmax(high, value_at(plot, i, k));
        }
    }
    if (high - low < 1)
        high = low + 1;
    if (plot->kind == PLOT_BARS) /* room for the numbers on them */
        high += (high - low) / 20;
    field->step = nice_step(high - low);
    field->low = floor(low / field->step) * field->step;
    field->high = ceil(high / field->step) * field->step;
}

/* ---------------------------------------------------------------- the text */

enum { LEFT, CENTRE, RIGHT };

/* Draws one line of text; y is its middle. Returns its width. */
static double put(cairo_t *cr, const char *text, double x, double y,
                  double size, int align, double most)
{
    PangoLayout *layout = picture_text(text, size, size > 14);
    int width, height;

    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_width(layout, (int)(most * PANGO_SCALE));
    pango_layout_get_size(layout, &width, &height);
    if (align != LEFT)
        pango_layout_set_alignment(layout, align == RIGHT ? PANGO_ALIGN_RIGHT
                                                          : PANGO_ALIGN_CENTER);
    cairo_move_to(cr,
                  align == LEFT    ? x
                  : align == RIGHT ? x - most
                                   : x - most / 2,
                  y - height / (2.0 * PANGO_SCALE));
    pango_cairo_show_layout(cr, layout);
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

/* ------------------------------------------------------------- the drawing */

static double y_of(const field_t *field, double value)
{
    return field->bottom
           - (value - field->low) / (field->high - field->low)
                 * (field->bottom - field->top);
}

static double slot(const field_t *field)
{
    return (field->right - field->left) / (double)field->plot->categories;
}

static double x_of(const field_t *field, apr_size_t category)
{
    return field->left + ((double)category + 0.5) * slot(field);
}

/* A line of one pixel that lies on pixels. */
static void hairline(cairo_t *cr, double x1, double x2, double y)
{
    cairo_set_line_width(cr, 1);
    cairo_move_to(cr, floor(x1), floor(y) + 0.5);
    cairo_line_to(cr, ceil(x2), floor(y) + 0.5);
    cairo_stroke(cr);
}

static void draw_head(cairo_t *cr, const field_t *field)
{
    double width = field->plot->width;

    set_colour(cr, ink);
    put(cr, field->plot->title, 20, 28, 18, LEFT, width - 40);
    set_colour(cr, faint);
    put(cr, field->plot->unit, 20, 50, 12, LEFT, width - 40);
}

static void draw_scale(cairo_t *cr, const field_t *field)
{
    char text[32];
    int i;

    for (i = 0; i < TICKS_MAX; i++) {
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
    apr_size_t i;

    set_colour(cr, ink);
    for (i = 0; i < field->plot->categories; i += every)
        put(cr, field->plot->category[i], x_of(field, i), field->bottom + 16,
            12, CENTRE, (double)every * slot(field) - 4);
}

static void draw_bars(cairo_t *cr, const field_t *field)
{
    const plot_t *plot = field->plot;
    double group = fmin(slot(field) * 0.72, 90.0 * (double)plot->series);
    double width = group / (double)plot->series;
    char text[32];
    apr_size_t i, k;

    for (i = 0; i < plot->categories; i++)
        for (k = 0; k < plot->series; k++) {
            double value = value_at(plot, i, k);
            double x = x_of(field, i) - group / 2 + (double)k * width;
            double y = y_of(field, value);

            set_colour(cr, palette[k]);
            cairo_rectangle(cr, x, y, width * 0.92, y_of(field, 0) - y);
            cairo_fill(cr);
            if (width < 36)
                continue;
            set_colour(cr, ink);
            short_number(text, sizeof(text), value);
            put(cr, text, x + width * 0.46, y + (value < 0 ? 10 : -10), 12,
                CENTRE, width);
        }
}

static void draw_lines(cairo_t *cr, const field_t *field)
{
    const plot_t *plot = field->plot;
    double dot = slot(field) > 12 ? 3.5 : 0;
    apr_size_t i, k;

    cairo_set_line_width(cr, 2.5);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    for (k = 0; k < plot->series; k++) {
        set_colour(cr, palette[k]);
        cairo_new_path(cr);
        for (i = 0; i < plot->categories; i++)
            cairo_line_to(cr, x_of(field, i),
                          y_of(field, value_at(plot, i, k)));
        cairo_stroke(cr);
        for (i = 0; i < plot->categories; i++) {
            cairo_arc(cr, x_of(field, i), y_of(field, value_at(plot, i, k)),
                      dot, 0, 2 * G_PI);
            cairo_fill(cr);
        }
    }
}

/* Names of the series in one row under the axis; a single one is the title's
 * matter. */
static void draw_legend(cairo_t *cr, const field_t *field)
{
    const plot_t *plot = field->plot;
    double y = field->plot->height - 18;
    double most = (field->right - field->left) / (double)plot->series;
    double x = field->left;
    apr_size_t k;

    for (k = 0; k < plot->series; k++) {
        set_colour(cr, palette[k]);
        cairo_rectangle(cr, x, y - 5, 10, 10);
        cairo_fill(cr);
        set_colour(cr, ink);
        x += 16
             + put(cr, plot->name[k], x + 16, y, 12, LEFT, fmax(most - 34, 1));
        x += 18;
    }
}

static void place(field_t *field)
{
    field->left = 64;
    field->right = field->plot->width - 20;
    field->top = 72;
    field->bottom = field->plot->height - (field->plot->series > 1 ? 66 : 36);
}

void plot_draw(cairo_t *cr, const void *plot)
{
    field_t the_field = { .plot = plot };
    field_t *field = &the_field;

    place(field);
    draw_head(cr, field);
    if (field->plot->categories == 0) {
        put(cr, "no data", field->plot->width / 2.0, field->plot->height / 2.0,
            14, CENTRE, 200);
        return;
    }
    scale(field);
    draw_scale(cr, field);
    draw_categories(cr, field);
    if (field->plot->kind == PLOT_BARS)
        draw_bars(cr, field);
    else
        draw_lines(cr, field);
    if (field->plot->series > 1)
        draw_legend(cr, field);
}
