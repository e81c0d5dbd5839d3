/*
 * Pixels to PNG (W3C PNG, Third Edition): IHDR, one IDAT, IEND, by libdeflate.
 *
 * Libraries for PNG go row by row: they swap the samples, try five filters and
 * hand on to zlib, which took nine tenths of the time of a picture. Here the
 * rows are packed once, within the memory they were drawn in, and compressed
 * in one call. Text on flat colour is smallest without a filter: a row is much
 * like the one before it, which compression finds by itself; filters make the
 * edges of letters look different from each other.
 *
 * Threads: a png_t and its pixels belong to one at a time.
 */
#include <arpa/inet.h>
#include <string.h>

#include <libdeflate.h>

#include "png.h"

/* As zlib's: what compress() and other libraries for PNG take by default. */
#define LEVEL 6

#define NO_FILTER 0

enum {
    SIGNATURE = 8,
    CHUNK = 12, /* a chunk's length, name and checksum */
    HEADER = 13,
    BEFORE = SIGNATURE + CHUNK + HEADER + 8, /* 8: IDAT's length and name */
    AFTER = 4 + CHUNK                        /* 4: its checksum */
};

const char png_version[] = "libdeflate " LIBDEFLATE_VERSION_STRING;

static unsigned char *put(unsigned char *to, size_t number)
{
    uint32_t word = htonl((uint32_t)number);

    memcpy(to, &word, sizeof(word));
    return to + sizeof(word);
}

/* Length, name and checksum around data that stands at its place already.
 * Returns what follows the chunk. */
static unsigned char *chunk(unsigned char *at, const char *name, size_t length)
{
    put(at, length);
    memcpy(at + 4, name, 4);
    return put(at + 8 + length, libdeflate_crc32(0, at + 4, 4 + length));
}

static unsigned char *header(unsigned char *at, size_t width, size_t height)
{
    static const unsigned char rest[] = { 8 /* bits */, 2 /* RGB */, 0, 0, 0 };

    memcpy(at, "\x89PNG\r\n\x1a\n", SIGNATURE);
    at += SIGNATURE;
    memcpy(put(put(at + 8, width), height), rest, sizeof(rest));
    return chunk(at, "IHDR", HEADER);
}

/* Four pixels are three words. All are read before the first is written: the
 * two may overlap. */
static void pack_four(unsigned char *to, const uint32_t *from)
{
    uint32_t a = from[0], b = from[1], c = from[2], d = from[3];
    uint32_t words[3] = { htonl(a << 8 | (b >> 16 & 0xff)),
                          htonl(b << 16 | (c >> 8 & 0xffff)),
                          htonl(c << 24 | (d & 0xffffff)) };

    memcpy(to, words, sizeof(words));
}

static void pack_one(unsigned char *to, uint32_t pixel)
{
    to[0] = (unsigned char)(pixel >> 16);
    to[1] = (unsigned char)(pixel >> 8);
    to[2] = (unsigned char)pixel;
}

/* The filter's number and three bytes for each pixel. They end at or before
 * the place where the row's words end, so rows can be packed where they are,
 * from the first on. But the number must not overwrite the first pixel. */
static unsigned char *pack(unsigned char *to, const uint32_t *row, size_t width)
{
    uint32_t first = row[0];
    size_t x;

    *to++ = NO_FILTER;
    pack_one(to, first);
    for (x = 1; x + 4 <= width; x += 4)
        pack_four(to + 3 * x, row + x);
    for (; x < width; x++)
        pack_one(to + 3 * x, row[x]);
    return to + 3 * width;
}

static size_t pack_all(uint32_t *pixels, size_t width, size_t height)
{
    unsigned char *to = (unsigned char *)pixels;
    size_t y;

    for (y = 0; y < height; y++)
        to = pack(to, pixels + y * width, width);
    return (size_t)(to - (unsigned char *)pixels);
}

bool png_encode(png_t *png, bytes_t *bytes, uint32_t *pixels, size_t width,
                size_t height)
{
    size_t length = pack_all(pixels, width, height), room;
    unsigned char *at;

    if (png->compressor == NULL)
        png->compressor = libdeflate_alloc_compressor(LEVEL);
    if (png->compressor == NULL)
        return false;
    room = libdeflate_zlib_compress_bound(png->compressor, length);
    if (!bytes_reserve(bytes, BEFORE + room + AFTER))
        return false;
    at = header(bytes->data + bytes->length, width, height);
    length =
        libdeflate_zlib_compress(png->compressor, pixels, length, at + 8, room);
    at = chunk(chunk(at, "IDAT", length), "IEND", 0);
    bytes->length = (size_t)(at - bytes->data);
    bytes_trim(bytes);
    return true;
}

void png_end(png_t *png)
{
    libdeflate_free_compressor(png->compressor);
    png->compressor = NULL;
}
