/**
 * @file bytes.h
 * @brief Bytes that grow while a picture is written, up to a bound.
 */
#ifndef SHARED_BYTES_H
#define SHARED_BYTES_H

#include <stdbool.h>
#include <stddef.h>

/** More than the largest picture takes in any format, so that only a drawing
 *  that went wrong is stopped. */
#define BYTES_MAX ((size_t)64 * 1024 * 1024)

/** Empty when it is all zero; data is realloc()'s, to be freed by who has it
 *  last. */
typedef struct bytes_t {
    unsigned char *data;
    size_t length;
    size_t size; /**< Of the memory. */
} bytes_t;

/** Makes room for so many more behind the length. @return false when there is
 *  no memory or that would be more than BYTES_MAX; nothing is changed then */
bool bytes_reserve(bytes_t *bytes, size_t more);

/** Adds a copy. @return as bytes_reserve() */
bool bytes_append(bytes_t *bytes, const void *data, size_t length);

/** Gives back the room behind the length. */
void bytes_trim(bytes_t *bytes);

#endif
