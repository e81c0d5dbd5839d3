/**
 * @file picture.h
 * @brief Pictures made while the client waits: what image, chart and report
 * share.
 */
#ifndef SHARED_PICTURE_H
#define SHARED_PICTURE_H

#include <cairo.h>
#include <pango/pangocairo.h>
#include <apr_sha1.h>

#include "handlerbridge.h"

/** No picture is wider or higher than this, in pixels. */
#define PICTURE_SIDE 4096
/** Nor has it more pixels than this: 32 MiB while it is drawn. */
#define PICTURE_PIXELS (8 * 1024 * 1024)

/** A page of a PDF: A4, in points of 1/72 inch. */
#define PICTURE_PAGE_WIDTH 595.28
#define PICTURE_PAGE_HEIGHT 841.89

typedef enum {
    PICTURE_JPEG = 0,
    PICTURE_PNG,
    PICTURE_SVG,
    PICTURE_PDF /**< Of A4 pages; width and height do not count. */
} picture_format_e;

/** The media type of each format. */
extern const char *const picture_types[];

/** A picture to make. */
typedef struct picture_t {
    picture_format_e format;
    int width; /**< In pixels; picture_fits() tells whether it may be. */
    int height;
    const char *title;   /**< PDF only. */
    const char *created; /**< PDF only: ISO 8601 date. */
    /** What is painted over all before draw; NULL: white. Not for PDF. */
    const PangoColor *background;
    /** Draws it. The background is opaque; the cairo_t is lost when it
     *  returns. An error of Cairo's sticks to it and is found later. */
    void (*draw)(cairo_t *cr, const void *data);
    const void *data; /**< draw's own. */
} picture_t;

/**
 * A handler's start: loads the fonts' configuration, the slow part of the
 * first text, before the first request. Per child, never in the parent.
 */
apr_status_t picture_start(hbr_child_t *child);

/**
 * A handler's create and destroy, with .lifetime = HBR_POOLED: what is kept
 * from picture to picture. picture_send() takes it from ctx->instance.
 */
apr_status_t picture_create(const hbr_child_t *child, apr_pool_t *pool,
                            void **instance);
void picture_destroy(const hbr_child_t *child, void *instance);

/** The fields of a handler that sends pictures. */
#define PICTURE_MAKER                                                          \
    .start = picture_start, .lifetime = HBR_POOLED, .create = picture_create,  \
    .destroy = picture_destroy

/** True when a picture of that size may be made. */
bool picture_fits(int width, int height);

/**
 * Makes a picture and sends it; returns what the handler is to return.
 * @param about its file name, if it has one; may be NULL
 */
int picture_send(hbr_context_t *ctx, const picture_t *picture,
                 const hbr_content_t *about);

/**
 * A layout of text, to be freed with g_object_unref().
 * @param text UTF-8; what is not becomes U+FFFD
 * @param size of the font, in pixels (PDF: points)
 * @param bold true for bold
 */
PangoLayout *picture_text(const char *text, double size, bool bold);

/** Sets what is drawn with, opaque. */
void picture_colour(cairo_t *cr, const PangoColor *colour);

/** Gives a layout another text. */
void picture_text_set(PangoLayout *layout, const char *text);

/** What a picture is made from, for its ETag. */
typedef apr_sha1_ctx_t picture_digest_t;

/** Begins with the versions of the libraries that draw.
 *  @param version the handler's own; to be changed when its drawing changes */
void picture_digest_begin(picture_digest_t *digest, const char *version);

/** @param text one input or cell; NULL counts as "" */
void picture_digest_add(picture_digest_t *digest, const char *text);
void picture_digest_number(picture_digest_t *digest, int64_t number);

/** Sets the ETag and answers the request's preconditions from it: what is not
 *  HBR_OK is to be returned, and no picture need be made. */
int picture_known(hbr_context_t *ctx, picture_digest_t *digest);

#endif
