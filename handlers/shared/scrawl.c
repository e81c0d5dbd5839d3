/*
 * Digits, scrawled. Each has its own size, angle and weight; then the outlines
 * of all are bent by two waves, and crossed by lines of the same ink, so that
 * they can be told apart by eye and hardly be cut apart by a program.
 *
 * Threads: any number; nothing is kept.
 */
#include <math.h>
#include <string.h>

#include "picture.h"
#include "scrawl.h"

#define DIGIT_WIDTH 38
#define MARGIN 24
#define SCRATCHES 5
#define DOTS 250

int scrawl_width(const char *digits)
{
    return 2 * MARGIN + DIGIT_WIDTH * (int)strlen(digits);
}

typedef struct wave_t {
    double height;
    double length;
    double begin;
} wave_t;

static wave_t any_wave(chance_t *chance)
{
    return (wave_t){ chance_between(chance, 3, 6),
                     chance_between(chance, 14, 24),
                     chance_between(chance, 0, 6) };
}

static double wave_at(const wave_t *wave, double at)
{
    return wave->height * sin(at / wave->length + wave->begin);
}

/* The outlines of the digits, each at its own angle and size. */
static void trace_digits(cairo_t *cr, const scrawl_t *scrawl)
{
    chance_t *chance = scrawl->chance;
    char text[2] = "";

    for (int i = 0; scrawl->digits[i] != '\0'; i++) {
        PangoLayout *layout;

        text[0] = scrawl->digits[i];
        layout = picture_text(text, chance_between(chance, 46, 60),
                              chance_next(chance) & 1);
        cairo_save(cr);
        cairo_translate(cr, MARGIN + i * DIGIT_WIDTH,
                        chance_between(chance, 6, 18));
        cairo_rotate(cr, chance_between(chance, -0.3, 0.3));
        cairo_move_to(cr, 0, 0);
        pango_cairo_layout_path(cr, layout);
        cairo_restore(cr);
        g_object_unref(layout);
    }
}

static void bend_point(cairo_path_data_t *point, const wave_t *across,
                       const wave_t *down)
{
    double x = point->point.x;

    point->point.x += wave_at(across, point->point.y);
    point->point.y += wave_at(down, x);
}

/* Bends the current path: no digit has the outline that its font has. */
static void bend(cairo_t *cr, chance_t *chance)
{
    wave_t across = any_wave(chance);
    wave_t down = any_wave(chance);
    cairo_path_t *path = cairo_copy_path_flat(cr);

    for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
        for (int j = 1; j < path->data[i].header.length; j++)
            bend_point(&path->data[i + j], &across, &down);
    }
    cairo_new_path(cr);
    cairo_append_path(cr, path);
    cairo_path_destroy(path);
}

static void scratch(cairo_t *cr, const scrawl_t *scrawl)
{
    chance_t *chance = scrawl->chance;
    double third = scrawl_width(scrawl->digits) / 3.0;
    double y[4];

    for (int i = 0; i < 4; i++)
        y[i] = chance_between(chance, 8, SCRAWL_HEIGHT - 8);
    cairo_set_line_width(cr, chance_between(chance, 1.5, 3));
    cairo_move_to(cr, 0, y[0]);
    cairo_curve_to(cr, third, y[1], 2 * third, y[2],
                   scrawl_width(scrawl->digits), y[3]);
    cairo_stroke(cr);
}

static void dot(cairo_t *cr, const scrawl_t *scrawl)
{
    chance_t *chance = scrawl->chance;
    double x = chance_between(chance, 0, scrawl_width(scrawl->digits));

    cairo_rectangle(cr, x, chance_between(chance, 0, SCRAWL_HEIGHT), 2, 2);
}

void scrawl_draw(cairo_t *cr, const void *data)
{
    const scrawl_t *scrawl = data;
    static const PangoColor ink = { 0x2200, 0x3300, 0x5500 };

    picture_colour(cr, &ink);
    trace_digits(cr, scrawl);
    bend(cr, scrawl->chance);
    cairo_fill(cr);
    for (int i = 0; i < SCRATCHES; i++)
        scratch(cr, scrawl);
    for (int i = 0; i < DOTS; i++)
        dot(cr, scrawl);
    cairo_fill(cr);
}
