/*
 * Digits, scrawled. Each has its own size, angle and weight and stands a little
 * on the one before; the outlines are bent by two waves, crossed by arcs as
 * thick as themselves and cut by others in the paper's colour, so that they can
 * be told apart by eye and hardly be cut apart by a program: what takes the arcs
 * away takes digits away.
 *
 * Threads: any number; nothing is kept.
 */
#include <math.h>
#include <string.h>

#include "picture.h"
#include "scrawl.h"

#define DIGIT_WIDTH 42
#define MARGIN 24
#define SIZE 57 /* of the font, in pixels */
#define ARCS 3
#define CUTS 1
#define DOTS 250

const PangoColor scrawl_paper = { 0xf000, 0xf000, 0xf000 };

int scrawl_width(size_t digits)
{
    return 2 * MARGIN + DIGIT_WIDTH * (int)digits;
}

static int width(const scrawl_t *scrawl)
{
    return scrawl_width(strlen(scrawl->digits));
}

typedef struct wave_t {
    double height;
    double length;
    double begin;
} wave_t;

static wave_t any_wave(chance_t *chance)
{
    return (wave_t){ chance_between(chance, 2.5, 5),
                     chance_between(chance, 14, 24),
                     chance_between(chance, 0, 6) };
}

static double wave_at(const wave_t *wave, double at)
{
    return wave->height * sin(at / wave->length + wave->begin);
}

static void bend_point(cairo_path_data_t *point, const wave_t *across,
                       const wave_t *down)
{
    double x = point->point.x;

    point->point.x += wave_at(across, point->point.y);
    point->point.y += wave_at(down, x);
}

/* Bends the current path: no digit has the outline that its font has. */
static void bend(cairo_t *cr, const wave_t waves[2])
{
    cairo_path_t *path = cairo_copy_path_flat(cr);

    for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
        for (int j = 1; j < path->data[i].header.length; j++)
            bend_point(&path->data[i + j], &waves[0], &waves[1]);
    }
    cairo_new_path(cr);
    cairo_append_path(cr, path);
    cairo_path_destroy(path);
}

/* Draws the layout's digit; returns how wide it is. The font has one size, for
 * Pango keeps each that it has made. */
static double digit(cairo_t *cr, chance_t *chance, PangoLayout *layout,
                    double x, const wave_t waves[2])
{
    double scale = chance_between(chance, 0.9, 1.1);
    int wide;

    pango_layout_get_pixel_size(layout, &wide, NULL);
    cairo_save(cr);
    cairo_translate(cr, x, chance_between(chance, 6, 20));
    cairo_rotate(cr, chance_between(chance, -0.3, 0.3));
    cairo_scale(cr, scale, scale);
    cairo_move_to(cr, 0, 0);
    pango_cairo_layout_path(cr, layout);
    cairo_restore(cr);
    bend(cr, waves);
    cairo_set_line_width(cr, chance_between(chance, 0, 3));
    cairo_fill_preserve(cr);
    cairo_stroke(cr);
    return wide * scale;
}

static void digits(cairo_t *cr, const scrawl_t *scrawl)
{
    chance_t *chance = scrawl->chance;
    wave_t waves[2] = { any_wave(chance), any_wave(chance) };
    PangoLayout *layout = picture_text("", SIZE, false);
    double x = MARGIN + chance_between(chance, 0, 20);

    for (const char *at = scrawl->digits; *at != '\0'; at++) {
        picture_text_set(layout, (char[]){ *at, '\0' });
        x +=
            digit(cr, chance, layout, x, waves) + chance_between(chance, -1, 4);
    }
    g_object_unref(layout);
}

static void arc(cairo_t *cr, const scrawl_t *scrawl, double least, double most)
{
    chance_t *chance = scrawl->chance;
    double third = width(scrawl) / 3.0;
    double y[4];

    for (int i = 0; i < 4; i++)
        y[i] = chance_between(chance, 8, SCRAWL_HEIGHT - 8);
    cairo_set_line_width(cr, chance_between(chance, least, most));
    cairo_move_to(cr, 0, y[0]);
    cairo_curve_to(cr, third, y[1], 2 * third, y[2], width(scrawl), y[3]);
    cairo_stroke(cr);
}

static void dot(cairo_t *cr, const scrawl_t *scrawl)
{
    chance_t *chance = scrawl->chance;
    double x = chance_between(chance, 0, width(scrawl));

    cairo_rectangle(cr, x, chance_between(chance, 0, SCRAWL_HEIGHT), 2, 2);
}

void scrawl_draw(cairo_t *cr, const void *data)
{
    const scrawl_t *scrawl = data;
    static const PangoColor ink = { 0x2200, 0x3300, 0x5500 };

    picture_colour(cr, &ink);
    digits(cr, scrawl);
    picture_colour(cr, &scrawl_paper);
    for (int i = 0; i < CUTS; i++)
        arc(cr, scrawl, 1.5, 2.5);
    picture_colour(cr, &ink);
    for (int i = 0; i < ARCS; i++)
        arc(cr, scrawl, 2.5, 4);
    for (int i = 0; i < DOTS; i++)
        dot(cr, scrawl);
    cairo_fill(cr);
}
