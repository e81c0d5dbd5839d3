/**
 * @file png.h
 * @brief Pixels to PNG: RGB of 8 bits, for text and charts on flat colour.
 */
#ifndef SHARED_PNG_H
#define SHARED_PNG_H

#include <stdint.h>

#include "bytes.h"

/** What compresses, kept from picture to picture: one thread at a time. All
 *  zero to begin with; made by the first png_encode(). */
typedef struct png_t {
    struct libdeflate_compressor *compressor;
} png_t;

/** What compresses, in which version: others may give other bytes. */
extern const char png_version[];

/**
 * Writes a picture. The same pixels give the same bytes.
 * @param bytes to which it is added; what is there when it fails is no picture
 * @param pixels native-endian words 0x--RRGGBB, as Cairo's RGB24 has them, row
 *        by row without gaps; they are destroyed, also when it fails
 * @param width 1 or more; with height no more than BYTES_MAX takes
 * @return false when there is no memory
 */
bool png_encode(png_t *png, bytes_t *bytes, uint32_t *pixels, size_t width,
                size_t height);

/** Frees what was kept; png_encode() would make it again. */
void png_end(png_t *png);

#endif
