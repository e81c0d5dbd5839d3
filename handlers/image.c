/*
 * image: text to a picture, on the fly.
 *
 *     AddHandler image .image        /greeting.image?text=Hello
 *
 * The path has no file behind it; what is drawn stands in the query. JPEG,
 * unless `format` or the request's Accept asks for another one. The same
 * inputs give the same bytes and the same ETag, so a repeated request costs a
 * digest and no drawing.
 *
 * Threads: an instance is one request's at a time; see shared/picture.h.
 */
#include <string.h>

#include "handlerbridge.h"
#include "shared/picture.h"

/* To be changed when the drawing changes: it is part of the ETag. */
#define VERSION "image 3"

typedef struct card_t {
    const char *text;
    int64_t size;
    const char *colour;
    const char *background;
    int64_t width;
    int format;
} card_t;

static const char *const formats[] = { "jpeg", "png", "svg", NULL };
static const char *const types[] = { "image/jpeg", "image/png", "image/svg+xml",
                                     NULL };

static const hbr_input_t inputs[] = {
    HBR_STRING(card_t, text, "text", .required = true, .max = 1000,
               .help = "what the picture says; may have several lines"),
    HBR_INT(card_t, size, "size", .min = 8, .max = 144, .fallback = 32,
            .help = "of the font, in pixels"),
    HBR_STRING(card_t, colour, "colour", .max = 40, .fallback = "#1f2933",
               .help = "of the text: #rrggbb, #rgb, or a name"),
    HBR_STRING(card_t, background, "background", .max = 40, .fallback = "white",
               .help = "#rrggbb, #rgb, or a name"),
    HBR_INT(card_t, width, "width", .min = 16, .max = PICTURE_SIDE,
            .fallback = PICTURE_SIDE,
            .help = "lines that would make the picture wider are wrapped"),
    HBR_ENUM(card_t, format, "format", .values = formats, .fallback = -1,
             .help = "left out: Accept decides, else jpeg"),
    HBR_INPUTS_END
};

/* A card as it is drawn. */
typedef struct drawing_t {
    PangoColor colour;
    PangoColor background;
    PangoLayout *layout;
    PangoRectangle box; /* of the text in its layout */
    int margin;
} drawing_t;

/* Pango knows CSS' names of colours and hexadecimal with a '#'; as '#' ends a
 * URL's query unless it is escaped, hexadecimal is taken without it too. */
static bool read_colour(hbr_context_t *ctx, const char *name, const char *text,
                        PangoColor *colour)
{
    char with_sign[8] = "#";
    size_t length = strlen(text);

    if (length > 0 && pango_color_parse(colour, text))
        return true;
    if (length == 3 || length == 6) {
        memcpy(with_sign + 1, text, length + 1);
        if (pango_color_parse(colour, with_sign))
            return true;
    }
    hbr_error(ctx, 400,
              "Input \"%s\" must be a colour: #rrggbb, #rgb or a "
              "name such as navy.",
              name);
    return false;
}

static int read_colours(hbr_context_t *ctx, const card_t *card,
                        drawing_t *drawing)
{
    if (!read_colour(ctx, "colour", card->colour, &drawing->colour)
        || !read_colour(ctx, "background", card->background,
                        &drawing->background))
        return 400;
    return HBR_OK;
}

static void digest_colour(picture_digest_t *digest, const PangoColor *colour)
{
    picture_digest_number(digest, colour->red);
    picture_digest_number(digest, colour->green);
    picture_digest_number(digest, colour->blue);
}

/* HBR_OK when it has to be drawn. */
static int known(hbr_context_t *ctx, const card_t *card, int format,
                 const drawing_t *drawing)
{
    picture_digest_t digest;

    picture_digest_begin(&digest, VERSION);
    picture_digest_add(&digest, card->text);
    picture_digest_number(&digest, card->size);
    picture_digest_number(&digest, card->width);
    picture_digest_number(&digest, format);
    digest_colour(&digest, &drawing->colour);
    digest_colour(&digest, &drawing->background);
    hbr_header_set(ctx, "Cache-Control", "public, max-age=86400");
    return picture_known(ctx, &digest);
}

/* Only what is too wide gets a width: in a layout that has one, lines of
 * right-to-left text go to its right end. */
static void lay_out(drawing_t *drawing, const card_t *card)
{
    int inside;

    drawing->layout = picture_text(card->text, (double)card->size, false);
    drawing->margin = (int)card->size / 2;
    inside = (int)card->width - 2 * drawing->margin;
    pango_layout_get_pixel_extents(drawing->layout, NULL, &drawing->box);
    if (drawing->box.width > inside) {
        pango_layout_set_width(drawing->layout,
                               (inside > 1 ? inside : 1) * PANGO_SCALE);
        pango_layout_set_wrap(drawing->layout, PANGO_WRAP_WORD_CHAR);
        pango_layout_get_pixel_extents(drawing->layout, NULL, &drawing->box);
    }
}

static void draw(cairo_t *cr, const void *data)
{
    const drawing_t *drawing = data;

    picture_colour(cr, &drawing->colour);
    cairo_move_to(cr, drawing->margin - drawing->box.x,
                  drawing->margin - drawing->box.y);
    pango_cairo_show_layout(cr, drawing->layout);
}

static int deliver(hbr_context_t *ctx, int format, const drawing_t *drawing)
{
    picture_t picture = { .format = (picture_format_e)format,
                          .width = drawing->box.width + 2 * drawing->margin,
                          .height = drawing->box.height + 2 * drawing->margin,
                          .background = &drawing->background,
                          .draw = draw,
                          .data = drawing };

    if (picture_fits(picture.width, picture.height))
        return picture_send(ctx, &picture, NULL);
    return hbr_error(ctx, 400,
                     "Input \"text\" makes a picture of %d x %d pixels; it "
                     "must be at most %d x %d, and %d pixels in all: take a "
                     "smaller size or less text.",
                     picture.width, picture.height, PICTURE_SIDE, PICTURE_SIDE,
                     PICTURE_PIXELS);
}

static int image(hbr_context_t *ctx)
{
    const card_t *card = hbr_inputs(ctx);
    int format = card->format;
    drawing_t drawing;
    int rc = read_colours(ctx, card, &drawing);

    if (rc != HBR_OK)
        return rc;
    if (format < 0)
        format = hbr_negotiate(ctx, types);
    if (format < 0)
        return hbr_error(ctx, 406,
                         "The picture can be image/jpeg, image/png "
                         "or image/svg+xml.");
    rc = known(ctx, card, format, &drawing);
    if (rc != HBR_OK)
        return rc;
    lay_out(&drawing, card);
    rc = deliver(ctx, format, &drawing);
    g_object_unref(drawing.layout);
    return rc;
}

HBR_HANDLER(image, .process = image, .inputs = inputs, PICTURE_MAKER,
            .summary = "Draws a text as JPEG, PNG or SVG");
