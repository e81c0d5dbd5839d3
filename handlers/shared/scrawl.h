/**
 * @file scrawl.h
 * @brief Digits, scrawled: for people to read.
 */
#ifndef SHARED_SCRAWL_H
#define SHARED_SCRAWL_H

#include <stddef.h>

#include <cairo.h>
#include <pango/pangocairo.h>

#include "chance.h"

/** What it is drawn on. */
extern const PangoColor scrawl_paper;

/** Of the picture, in pixels. */
#define SCRAWL_HEIGHT 90

typedef struct scrawl_t {
    const char *digits; /**< At most 32. */
    chance_t *chance;   /**< Makes each picture another. */
} scrawl_t;

/** Of the picture of so many digits, in pixels. */
int scrawl_width(size_t digits);

/** Draws them; a picture_t's draw. @param scrawl a scrawl_t */
void scrawl_draw(cairo_t *cr, const void *scrawl);

#endif
