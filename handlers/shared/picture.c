/*
 * Pictures made while the client waits: surfaces of Cairo's, text by Pango,
 * and the bytes they become.
 *
 * Everything is drawn and encoded within picture_send(), so that no surface
 * lives while a slow client takes the bytes, and every path frees it. The
 * bytes grow to a bound and go to the bridge without a copy. The pixels are the
 * instance's: the kernel would have to clear the pages of new ones.
 *
 * Threads: a surface and a layout belong to the thread that made them, an
 * instance to one request at a time. Pango's default font map is one per
 * thread; fontconfig underneath is shared and locks for itself.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_lib.h>
#include <cairo-pdf.h>
#include <cairo-svg.h>

#include "jpeg.h"
#include "picture.h"
#include "png.h"

/* Pixels of larger pictures are given back at once. */
#define KEPT_MAX ((size_t)4 * 1024 * 1024)

const char *const picture_types[] = {
    [PICTURE_JPEG] = "image/jpeg",
    [PICTURE_PNG] = "image/png",
    [PICTURE_SVG] = "image/svg+xml",
    [PICTURE_PDF] = "application/pdf",
};

/* What a handler's instance keeps between its pictures. */
typedef struct desk_t {
    uint32_t *pixels;
    size_t size;
    png_t png;
} desk_t;

static cairo_status_t written(bool well)
{
    return well ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static cairo_status_t take(void *bytes, const unsigned char *data,
                           unsigned int length)
{
    return written(bytes_append(bytes, data, length));
}

/* --------------------------------------------------------------- surfaces */

static cairo_surface_t *svg_surface(const picture_t *picture, bytes_t *bytes)
{
    cairo_surface_t *surface = cairo_svg_surface_create_for_stream(
        take, bytes, picture->width, picture->height);

    cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX);
    return surface;
}

/* The date is given, so that the same report is the same bytes. */
static cairo_surface_t *pdf_surface(const picture_t *picture, bytes_t *bytes)
{
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(
        take, bytes, PICTURE_PAGE_WIDTH, PICTURE_PAGE_HEIGHT);

    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE,
                                   picture->title);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE,
                                   picture->created);
    return surface;
}

/* Of pixels that may hold an older picture: draw() paints over all. */
static cairo_surface_t *pixel_surface(const picture_t *picture, desk_t *desk)
{
    int stride = picture->width * (int)sizeof(*desk->pixels);
    size_t size = (size_t)stride * (size_t)picture->height;

    if (size > desk->size) {
        free(desk->pixels);
        desk->pixels = malloc(size);
        desk->size = desk->pixels ? size : 0;
    }
    if (desk->pixels == NULL)
        return NULL;
    return cairo_image_surface_create_for_data(
        (unsigned char *)desk->pixels, CAIRO_FORMAT_RGB24, picture->width,
        picture->height, stride);
}

/* A surface in error is a surface too: drawing on it does nothing, and its
 * status is looked at in the end. NULL when there is no memory for pixels. */
static cairo_surface_t *surface_open(const picture_t *picture, desk_t *desk,
                                     bytes_t *bytes)
{
    switch (picture->format) {
    case PICTURE_SVG: return svg_surface(picture, bytes);
    case PICTURE_PDF: return pdf_surface(picture, bytes);
    default: return pixel_surface(picture, desk);
    }
}

static void paint(cairo_t *cr, const PangoColor *colour)
{
    static const PangoColor white = { 0xffff, 0xffff, 0xffff };

    picture_colour(cr, colour ? colour : &white);
    cairo_paint(cr);
}

static cairo_status_t draw(const picture_t *picture, cairo_surface_t *surface)
{
    cairo_t *cr = cairo_create(surface);
    cairo_status_t status;

    if (picture->format != PICTURE_PDF)
        paint(cr, picture->background);
    picture->draw(cr, picture->data);
    status = cairo_status(cr);
    cairo_destroy(cr);
    return status;
}

/* Cairo numbers the surfaces of a process, and writes the number down, where
 * nothing asks for it: the same picture would be other bytes each time. */
static void forget_number(bytes_t *bytes)
{
    static const char before[] = "<g id=\"surface";
    unsigned char *end = bytes->data + bytes->length;
    unsigned char *number =
        memmem(bytes->data, bytes->length, before, sizeof(before) - 1);
    unsigned char *rest;

    if (number == NULL)
        return;
    number += sizeof(before) - 1;
    for (rest = number; rest < end && apr_isdigit(*rest); rest++)
        ;
    memmove(number, rest, (size_t)(end - rest));
    bytes->length -= (size_t)(rest - number);
}

static cairo_status_t finish(const picture_t *picture, cairo_surface_t *surface,
                             bytes_t *bytes)
{
    cairo_surface_finish(surface);
    if (picture->format == PICTURE_SVG && bytes->length > 0)
        forget_number(bytes);
    return cairo_surface_status(surface);
}

/* The last that is done with a surface: PNG destroys the pixels. */
static cairo_status_t encode(const picture_t *picture, desk_t *desk,
                             cairo_surface_t *surface, bytes_t *bytes)
{
    cairo_surface_flush(surface);
    switch (picture->format) {
    case PICTURE_PNG:
        return written(png_encode(&desk->png, bytes, desk->pixels,
                                  (size_t)picture->width,
                                  (size_t)picture->height));
    case PICTURE_JPEG:
        return written(jpeg_encode(bytes, desk->pixels, (size_t)picture->width,
                                   (size_t)picture->height));
    default: return finish(picture, surface, bytes);
    }
}

static cairo_status_t make(const picture_t *picture, desk_t *desk,
                           bytes_t *bytes)
{
    cairo_surface_t *surface = surface_open(picture, desk, bytes);
    cairo_status_t status;

    if (surface == NULL)
        return CAIRO_STATUS_NO_MEMORY;
    status = draw(picture, surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = encode(picture, desk, surface, bytes);
    cairo_surface_destroy(surface);
    return status;
}

void picture_colour(cairo_t *cr, const PangoColor *colour)
{
    cairo_set_source_rgb(cr, colour->red / 65535.0, colour->green / 65535.0,
                         colour->blue / 65535.0);
}

static void drop_pixels(desk_t *desk)
{
    free(desk->pixels);
    desk->pixels = NULL;
    desk->size = 0;
}

apr_status_t picture_create(const hbr_child_t *child, apr_pool_t *pool,
                            void **instance)
{
    (void)child;
    *instance = apr_pcalloc(pool, sizeof(desk_t));
    return APR_SUCCESS;
}

void picture_destroy(const hbr_child_t *child, void *instance)
{
    desk_t *desk = instance;

    (void)child;
    drop_pixels(desk);
    png_end(&desk->png);
}

bool picture_fits(int width, int height)
{
    return width > 0 && height > 0 && width <= PICTURE_SIDE
           && height <= PICTURE_SIDE && width * height <= PICTURE_PIXELS;
}

int picture_send(hbr_context_t *ctx, const picture_t *picture,
                 const hbr_content_t *about)
{
    hbr_content_t content = about ? *about : (hbr_content_t){ .type = NULL };
    bytes_t bytes = { NULL, 0, 0 };
    desk_t *desk = ctx->instance;
    cairo_status_t status = make(picture, desk, &bytes);

    if (desk->size > KEPT_MAX)
        drop_pixels(desk);
    if (status != CAIRO_STATUS_SUCCESS) {
        free(bytes.data);
        hbr_log(ctx, HBR_LOG_ERROR, "drawing failed: %s",
                cairo_status_to_string(status));
        return hbr_error(ctx, 500, NULL);
    }
    content.type = picture_types[picture->format];
    content.release = free;
    return hbr_bytes(ctx, bytes.data, bytes.length, &content);
}

/* ------------------------------------------------------------------- text */

/* Text is measured before there is a surface, and is to come out the same on
 * each kind of surface: unhinted. */
static PangoContext *text_context(void)
{
    PangoContext *context =
        pango_font_map_create_context(pango_cairo_font_map_get_default());
    cairo_font_options_t *options = cairo_font_options_create();

    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(context, options);
    cairo_font_options_destroy(options);
    pango_context_set_round_glyph_positions(context, FALSE);
    return context;
}

void picture_text_set(PangoLayout *layout, const char *text)
{
    char *valid = g_utf8_make_valid(text, -1);

    pango_layout_set_text(layout, valid, -1);
    g_free(valid);
}

PangoLayout *picture_text(const char *text, double size, bool bold)
{
    PangoContext *context = text_context();
    PangoLayout *layout = pango_layout_new(context);
    PangoFontDescription *font = pango_font_description_new();

    pango_font_description_set_family_static(font, "sans-serif");
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    if (bold)
        pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
    pango_layout_set_font_description(layout, font);
    picture_text_set(layout, text);
    pango_font_description_free(font);
    g_object_unref(context);
    return layout;
}

/* Pango may start threads of its own; they must not be the ones that httpd's
 * signals land in, so they inherit a mask that blocks all. */
apr_status_t picture_start(hbr_child_t *child)
{
    sigset_t all, before;
    PangoLayout *layout;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    layout = picture_text("Aa", 16, false);
    if (pango_layout_get_unknown_glyphs_count(layout) > 0) {
        hbr_child_log(child, HBR_LOG_WARNING,
                      "no font for Latin letters is installed");
    }
    g_object_unref(layout);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return APR_SUCCESS;
}

/* ------------------------------------------------------------------- ETag */

void picture_digest_begin(picture_digest_t *digest, const char *version)
{
    apr_sha1_init(digest);
    picture_digest_add(digest, version);
    picture_digest_add(digest, cairo_version_string());
    picture_digest_add(digest, pango_version_string());
    picture_digest_add(digest, png_version);
}

/* With the NUL, so that "ab" and "c" are not "a" and "bc". */
void picture_digest_add(picture_digest_t *digest, const char *text)
{
    const char *bytes = text ? text : "";

    apr_sha1_update_binary(digest, (const unsigned char *)bytes,
                           (unsigned int)strlen(bytes) + 1);
}

void picture_digest_number(picture_digest_t *digest, int64_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "%lld", (long long)number);
    picture_digest_add(digest, text);
}

int picture_known(hbr_context_t *ctx, picture_digest_t *digest)
{
    unsigned char sum[APR_SHA1_DIGESTSIZE];
    char tag[2 * APR_SHA1_DIGESTSIZE + 1];
    int i;

    apr_sha1_final(sum, digest);
    for (i = 0; i < APR_SHA1_DIGESTSIZE; i++) {
        snprintf(tag + 2 * i, 3, "%02x", sum[i]);
    }
    if (hbr_etag(ctx, tag, false) != APR_SUCCESS)
        return hbr_error(ctx, 500, NULL);
    return hbr_preconditions(ctx);
}
