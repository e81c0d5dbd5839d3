/*
 * handlers/shared/png.c and bytes.c: that a PNG holds the very pixels it was
 * made of, whatever its width, and is put together as W3C PNG 5 and 11 say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <libdeflate.h>

#include "handlers/shared/png.h"
#include "support/main.h"

static size_t number(const unsigned char *at)
{
    uint32_t word;

    memcpy(&word, at, sizeof(word));
    return ntohl(word);
}

/* Some pixels of many colours, some of one; the highest byte says nothing. */
static uint32_t *pixels_make(size_t count, unsigned seed)
{
    uint32_t *pixels = malloc(count * sizeof(*pixels));
    uint32_t pixel = seed;
    size_t i;

    assert_non_null(pixels);
    for (i = 0; i < count; i++) {
        pixel = i % 7 < 5 ? pixel * 1664525 + 1013904223 : pixel;
        pixels[i] = pixel;
    }
    return pixels;
}

/* The pixels are made twice: encoding destroys them. */
static void encode(png_t *png, bytes_t *bytes, size_t width, size_t height)
{
    uint32_t *pixels = pixels_make(width * height, (unsigned)width);

    assert_true(png_encode(png, bytes, pixels, width, height));
    assert_true(bytes->length <= bytes->size);
    free(pixels);
}

/* Looks at a chunk, and returns what follows it. */
static const unsigned char *chunk(const unsigned char *at, const char *name,
                                  size_t length)
{
    assert_int_equal(number(at), length);
    assert_memory_equal(at + 4, name, 4);
    assert_int_equal(number(at + 8 + length),
                     libdeflate_crc32(0, at + 4, length + 4));
    return at + 12 + length;
}

static void check_rows(const unsigned char *at, size_t length, size_t width,
                       size_t height)
{
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    uint32_t *pixels = pixels_make(width * height, (unsigned)width);
    size_t x, y, size = height * (1 + 3 * width);
    unsigned char *rows = malloc(size), *byte = rows;

    assert_int_equal(
        libdeflate_zlib_decompress(d, at, length, rows, size, NULL), 0);
    for (y = 0; y < height; y++) {
        assert_int_equal(*byte++, 0);
        for (x = 0; x < width; x++, byte += 3) {
            uint32_t pixel = pixels[y * width + x] & 0xffffff;

            if ((uint32_t)(byte[0] << 16 | byte[1] << 8 | byte[2]) != pixel)
                fail_msg("%dx%d: pixel %d, %d", (int)width, (int)height, (int)x,
                         (int)y);
        }
    }
    free(rows);
    free(pixels);
    libdeflate_free_decompressor(d);
}

static void check(const bytes_t *bytes, size_t width, size_t height)
{
    const unsigned char *at = bytes->data, *data;

    assert_memory_equal(at, "\x89PNG\r\n\x1a\n", 8);
    data = chunk(at + 8, "IHDR", 13);
    assert_int_equal(number(at + 16), width);
    assert_int_equal(number(at + 20), height);
    assert_memory_equal(at + 24, "\x08\x02\0\0\0", 5);
    check_rows(data + 8, number(data), width, height);
    at = chunk(chunk(data, "IDAT", number(data)), "IEND", 0);
    assert_ptr_equal(at, bytes->data + bytes->length);
}

static void test_pixels(void **state)
{
    static const size_t heights[] = { 1, 2, 3, 17 };
    png_t png = { NULL };
    size_t width, i;

    (void)state;
    for (width = 1; width < 40; width++)
        for (i = 0; i < 4; i++) {
            bytes_t bytes = { NULL, 0, 0 };

            encode(&png, &bytes, width, heights[i]);
            check(&bytes, width, heights[i]);
            free(bytes.data);
        }
    png_end(&png);
}

/* What compresses remembers nothing of the picture before. */
static void test_same_bytes(void **state)
{
    bytes_t all[4] = { { NULL, 0, 0 } };
    png_t png = { NULL };
    int i;

    (void)state;
    encode(&png, &all[0], 30, 20);
    encode(&png, &all[1], 500, 300);
    encode(&png, &all[2], 30, 20);
    png_end(&png);
    assert_null(png.compressor);
    encode(&png, &all[3], 30, 20);
    png_end(&png);
    for (i = 2; i < 4; i++) {
        assert_int_equal(all[i].length, all[0].length);
        assert_memory_equal(all[i].data, all[0].data, all[0].length);
    }
    check(&all[1], 500, 300);
    for (i = 0; i < 4; i++)
        free(all[i].data);
}

static void test_behind(void **state)
{
    bytes_t bytes = { NULL, 0, 0 }, alone = { NULL, 0, 0 };
    png_t png = { NULL };

    (void)state;
    assert_true(bytes_append(&bytes, "before", 6));
    encode(&png, &bytes, 9, 9);
    encode(&png, &alone, 9, 9);
    assert_memory_equal(bytes.data, "before", 6);
    assert_int_equal(bytes.length, alone.length + 6);
    assert_memory_equal(bytes.data + 6, alone.data, alone.length);
    assert_int_equal(bytes.size, bytes.length);
    free(bytes.data);
    free(alone.data);
    png_end(&png);
}

static void test_bound(void **state)
{
    bytes_t bytes = { NULL, BYTES_MAX - 100, BYTES_MAX - 100 };
    uint32_t *pixels = pixels_make(100, 1);
    png_t png = { NULL };

    (void)state;
    assert_false(png_encode(&png, &bytes, pixels, 10, 10));
    assert_null(bytes.data);
    assert_int_equal(bytes.length, BYTES_MAX - 100);
    assert_false(bytes_append(&bytes, pixels, 101));
    assert_false(bytes_reserve(&bytes, SIZE_MAX));
    free(pixels);
    png_end(&png);
}

MAIN(cmocka_unit_test(test_pixels), cmocka_unit_test(test_same_bytes),
     cmocka_unit_test(test_behind), cmocka_unit_test(test_bound))
