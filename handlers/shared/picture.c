/*
 * Pictures made while the client waits: surfaces of Cairo's, text by Pango,
 * and the bytes they become.
 *
 * Everything is drawn and encoded within picture_send(), so that no surface
 * lives while a slow client takes the bytes, and every path frees it. The
 * bytes grow to a bound and go to the bridge without a copy.
 *
 * Threads: a surface and a layout belong to the thread that made them. Pango's
 * default font map is one per thread; fontconfig underneath is shared and
 * locks for itself.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <jpeglib.h>

#include "picture.h"

/* More than the largest picture takes in any format, so that only a drawing
 * that went wrong is stopped. */
#define BYTES_MAX ((size_t)64 * 1024 * 1024)
#define JPEG_QUALITY 90
#define JPEG_CHUNK 16384

const char *const picture_types[] = {
    [PICTURE_JPEG] = "image/jpeg",
    [PICTURE_PNG] = "image/png",
    [PICTURE_SVG] = "image/svg+xml",
    [PICTURE_PDF] = "application/pdf",
};

typedef struct bytes_t {
    unsigned char *data;
    size_t length;
    size_t size;
} bytes_t;

static bool bytes_grow(bytes_t *bytes, size_t least)
{
    size_t size = bytes->size ? bytes->size : 16384;
    unsigned char *data;

    while (size < least)
        size *= 2;
    data = realloc(bytes->data, size);
    if (data == NULL)
        return false;
    bytes->data = data;
    bytes->size = size;
    return true;
}

static bool bytes_append(bytes_t *bytes, const void *data, size_t length)
{
    if (length > BYTES_MAX - bytes->length)
        return false;
    if (length > bytes->size - bytes->length
        && !bytes_grow(bytes, bytes->length + length))
        return false;
    memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
    return true;
}

static cairo_status_t take(void *bytes, const unsigned char *data,
                           unsigned int length)
{
    return bytes_append(bytes, data, length) ? CAIRO_STATUS_SUCCESS
                                             : CAIRO_STATUS_WRITE_ERROR;
}

/* ------------------------------------------------------------------- JPEG */

/* A destination of our own: jpeg_mem_dest() loses track of its memory when an
 * error ends the compression. The libjpeg structs come first, so that a
 * pointer to one is a pointer to the whole. */
typedef struct jpeg_sink_t {
    struct jpeg_destination_mgr manager;
    bytes_t *bytes;
    JOCTET chunk[JPEG_CHUNK];
} jpeg_sink_t;

typedef struct jpeg_trap_t {
    struct jpeg_error_mgr manager;
    jmp_buf leave;
} jpeg_trap_t;

static void jpeg_fail(j_common_ptr info)
{
    longjmp(((jpeg_trap_t *)info->err)->leave, 1);
}

static void jpeg_silent(j_common_ptr info)
{
    (void)info;
}

static void sink_rewind(j_compress_ptr info)
{
    jpeg_sink_t *sink = (jpeg_sink_t *)info->dest;

    sink->manager.next_output_byte = sink->chunk;
    sink->manager.free_in_buffer = JPEG_CHUNK;
}

static void sink_store(j_compress_ptr info, size_t length)
{
    jpeg_sink_t *sink = (jpeg_sink_t *)info->dest;

    if (!bytes_append(sink->bytes, sink->chunk, length))
        jpeg_fail((j_common_ptr)info);
}

static boolean sink_full(j_compress_ptr info)
{
    sink_store(info, JPEG_CHUNK);
    sink_rewind(info);
    return TRUE;
}

static void sink_end(j_compress_ptr info)
{
    sink_store(info, JPEG_CHUNK - info->dest->free_in_buffer);
}

/* Cairo's RGB24 is a native-endian word 0x00RRGGBB; libjpeg-turbo reads it as
 * it is. Every colour sample is kept (4:4:4): the usual halving blurs text. */
static void jpeg_compress(j_compress_ptr info, cairo_surface_t *surface)
{
    unsigned char *data = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);

    info->image_width = (JDIMENSION)cairo_image_surface_get_width(surface);
    info->image_height = (JDIMENSION)cairo_image_surface_get_height(surface);
    info->input_components = 4;
    info->in_color_space = APR_IS_BIGENDIAN ? JCS_EXT_XRGB : JCS_EXT_BGRX;
    jpeg_set_defaults(info);
    jpeg_set_quality(info, JPEG_QUALITY, TRUE);
    info->comp_info[0].h_samp_factor = 1;
    info->comp_info[0].v_samp_factor = 1;
    jpeg_start_compress(info, TRUE);
    while (info->next_scanline < info->image_height) {
        JSAMPROW row = data + info->next_scanline * stride;
        jpeg_write_scanlines(info, &row, 1);
    }
    jpeg_finish_compress(info);
}

/* libjpeg reports errors by a jump. Nothing that is read after the jump is
 * changed between it and setjmp(). */
static bool jpeg_encode(cairo_surface_t *surface, bytes_t *bytes)
{
    struct jpeg_compress_struct info;
    jpeg_trap_t trap;
    jpeg_sink_t sink;

    memset(&info, 0, sizeof(info));
    info.err = jpeg_std_error(&trap.manager);
    trap.manager.error_exit = jpeg_fail;
    trap.manager.output_message = jpeg_silent;
    if (setjmp(trap.leave)) {
        jpeg_destroy_compress(&info);
        return false;
    }
    jpeg_create_compress(&info);
    sink.bytes = bytes;
    sink.manager.init_destination = sink_rewind;
    sink.manager.empty_output_buffer = sink_full;
    sink.manager.term_destination = sink_end;
    info.dest = &sink.manager;
    jpeg_compress(&info, surface);
    jpeg_destroy_compress(&info);
    return true;
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

/* A surface in error is a surface too: drawing on it does nothing, and its
 * status is looked at in the end. */
static cairo_surface_t *surface_open(const picture_t *picture, bytes_t *bytes)
{
    switch (picture->format) {
    case PICTURE_SVG: return svg_surface(picture, bytes);
    case PICTURE_PDF: return pdf_surface(picture, bytes);
    default:
        return cairo_image_surface_create(CAIRO_FORMAT_RGB24, picture->width,
                                          picture->height);
    }
}

static cairo_status_t draw(const picture_t *picture, cairo_surface_t *surface)
{
    cairo_t *cr = cairo_create(surface);
    cairo_status_t status;

    if (picture->format != PICTURE_PDF) {
        cairo_set_source_rgb(cr, 1, 1, 1);
        cairo_paint(cr);
    }
    picture->draw(cr, picture->data);
    status = cairo_status(cr);
    cairo_destroy(cr);
    return status;
}

static cairo_status_t encode(const picture_t *picture, cairo_surface_t *surface,
                             bytes_t *bytes)
{
    cairo_surface_flush(surface);
    switch (picture->format) {
    case PICTURE_PNG:
        return cairo_surface_write_to_png_stream(surface, take, bytes);
    case PICTURE_JPEG:
        return jpeg_encode(surface, bytes) ? CAIRO_STATUS_SUCCESS
                                           : CAIRO_STATUS_WRITE_ERROR;
    default:
        cairo_surface_finish(surface);
        return cairo_surface_status(surface);
    }
}

static cairo_status_t make(const picture_t *picture, bytes_t *bytes)
{
    cairo_surface_t *surface = surface_open(picture, bytes);
    cairo_status_t status = draw(picture, surface);

    if (status == CAIRO_STATUS_SUCCESS)
        status = encode(picture, surface, bytes);
    cairo_surface_destroy(surface);
    return status;
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
    cairo_status_t status = make(picture, &bytes);

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
