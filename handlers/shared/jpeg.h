/**
 * @file jpeg.h
 * @brief Pixels to JPEG.
 */
#ifndef SHARED_JPEG_H
#define SHARED_JPEG_H

#include <stdint.h>

#include "bytes.h"

/**
 * Writes a picture. The same pixels give the same bytes.
 * @param bytes to which it is added; what is there when it fails is no picture
 * @param pixels native-endian words 0x--RRGGBB, as Cairo's RGB24 has them, row
 *        by row without gaps
 * @param width 1 or more, as height
 * @return false when there is no memory
 */
bool jpeg_encode(bytes_t *bytes, uint32_t *pixels, size_t width, size_t height);

#endif
