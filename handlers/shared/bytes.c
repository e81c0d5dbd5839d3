/*
 * Bytes that grow while a picture is written. By realloc(), so that the bridge
 * takes them as they are and free()s them.
 *
 * Threads: none of its own; a bytes_t is one request's.
 */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

#define FIRST 16384

static bool resize(bytes_t *bytes, size_t size)
{
    unsigned char *data = realloc(bytes->data, size);

    if (data == NULL)
        return false;
    bytes->data = data;
    bytes->size = size;
    return true;
}

bool bytes_reserve(bytes_t *bytes, size_t more)
{
    size_t size = bytes->size ? bytes->size : FIRST;

    if (more > BYTES_MAX - bytes->length)
        return false;
    if (more <= bytes->size - bytes->length)
        return true;
    while (size < bytes->length + more)
        size *= 2;
    return resize(bytes, size);
}

bool bytes_append(bytes_t *bytes, const void *data, size_t length)
{
    if (!bytes_reserve(bytes, length))
        return false;
    memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
    return true;
}

void bytes_trim(bytes_t *bytes)
{
    if (bytes->length > 0)
        resize(bytes, bytes->length);
}
