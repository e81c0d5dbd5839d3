/**
 * @file segment.h
 * @brief The segments of a URL path, and what kinds of them there are.
 */
#ifndef HBR_BRIDGE_SEGMENT_H
#define HBR_BRIDGE_SEGMENT_H

#include "pattern.h"

/** Where the segment ends that begins at an offset: at a slash or the path's
 *  length. */
apr_size_t hbr_segment_end(const char *path, apr_size_t length, apr_size_t at);

/** Where the segment begins that ends at an offset: behind a slash, or 0. */
apr_size_t hbr_segment_begin(const char *path, apr_size_t end);

/** Whether bytes are a value of a kind from HBR_SEGMENT_ANY to
 *  HBR_SEGMENT_DATE. */
bool hbr_segment_is(hbr_segment_e kind, const char *bytes, apr_size_t length);

/** How many dots lead a file's name: they begin no extension. */
apr_size_t hbr_segment_dots(const char *bytes, apr_size_t length);

/** An ASCII letter as a small one, whatever the locale. */
static inline unsigned char hbr_segment_fold(char byte)
{
    unsigned char c = (unsigned char)byte;

    return c >= 'A' && c <= 'Z' ? (unsigned char)(c | 0x20) : c;
}

#endif
