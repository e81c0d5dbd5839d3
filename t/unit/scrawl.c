/*
 * handlers/shared/scrawl.c: a drawing is made from its digits and its chance
 * alone, two drawings of the same digits differ, and nothing of them is cut off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "handlers/shared/scrawl.h"
#include "support/main.h"

static cairo_surface_t *draw(const char *digits, uint64_t seed)
{
    chance_t chance = { seed };
    scrawl_t scrawl = { digits, &chance };
    cairo_surface_t *surface = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, scrawl_width(strlen(digits)), SCRAWL_HEIGHT);
    cairo_t *cr = cairo_create(surface);

    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    scrawl_draw(cr, &scrawl);
    assert_int_equal(cairo_status(cr), CAIRO_STATUS_SUCCESS);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    return surface;
}

/* How many pixels differ. */
static size_t difference(cairo_surface_t *one, cairo_surface_t *two)
{
    const uint32_t *a =
        (const uint32_t *)(void *)cairo_image_surface_get_data(one);
    const uint32_t *b =
        (const uint32_t *)(void *)cairo_image_surface_get_data(two);
    size_t count = (size_t)cairo_image_surface_get_width(one) * SCRAWL_HEIGHT;
    size_t differ = 0;

    for (size_t i = 0; i < count; i++)
        differ += (a[i] & 0xffffff) != (b[i] & 0xffffff);
    cairo_surface_destroy(one);
    cairo_surface_destroy(two);
    return differ;
}

static void test_drawings(void **state)
{
    (void)state;
    assert_int_equal(difference(draw("123456", 3), draw("123456", 3)), 0);
    assert_true(difference(draw("123456", 3), draw("123456", 4)) > 2000);
}

/* Nothing of the digits is cut off: the picture's edge has arcs and dots only. */
static void test_edge(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        cairo_surface_t *surface = draw("0000000000", seed);
        int width = cairo_image_surface_get_width(surface);
        const uint32_t *pixels =
            (const uint32_t *)(void *)cairo_image_surface_get_data(surface);
        int dark[2] = { 0, 0 };

        for (int y = 0; y < SCRAWL_HEIGHT; y++) {
            dark[0] += (pixels[y * width] & 0xff) < 0xa0;
            dark[1] += (pixels[y * width + width - 1] & 0xff) < 0xa0;
        }
        assert_in_range(dark[0], 0, 30);
        assert_in_range(dark[1], 0, 30);
        cairo_surface_destroy(surface);
    }
}

MAIN(cmocka_unit_test(test_drawings), cmocka_unit_test(test_edge))
