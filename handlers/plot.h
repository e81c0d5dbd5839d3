/**
 * @file plot.h
 * @brief A table of numbers drawn as bars or lines. Not a handler: the drawing
 * half of chart.
 */
#ifndef HANDLERS_PLOT_H
#define HANDLERS_PLOT_H

#include "picture.h"

/** More series share the last one's place: nobody reads a chart of nine
 *  lines. */
#define PLOT_SERIES_MAX 8

/** No value is as large or larger, nor its negative smaller. */
#define PLOT_VALUE_MAX 1e15

typedef enum { PLOT_BARS = 0, PLOT_LINES } plot_kind_e;

/** Categories (along the x axis) by series (a colour each). */
typedef struct plot_t {
    plot_kind_e kind;
    int width; /**< Of the picture, in pixels. */
    int height;
    const char *title;
    const char *unit;
    apr_size_t categories;
    apr_size_t series;
    const char **category;
    const char *name[PLOT_SERIES_MAX];
    double *value; /**< [category * PLOT_SERIES_MAX + series]; each within
                        PLOT_VALUE_MAX. */
} plot_t;

/** Draws it: picture_t's draw. @param plot a plot_t */
void plot_draw(cairo_t *cr, const void *plot);

#endif
