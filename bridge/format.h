/**
 * @file format.h
 * @brief printf(3) in one pass: what handlers write most, straight into a room.
 */
#ifndef HBR_BRIDGE_FORMAT_H
#define HBR_BRIDGE_FORMAT_H

#include <stdarg.h>
#include <string.h>

#include <apr_errno.h>

/** Where bytes go. */
typedef struct hbr_room_t {
    char *at;  /**< Where the next one goes, */
    char *end; /**< and where the room ends. */
} hbr_room_t;

/**
 * A format on its way out. Who makes one fills in all members; args is a
 * va_copy() of its own, and its va_end() too.
 */
typedef struct hbr_format_t {
    const char *rest;    /**< What is left of the format. */
    va_list args;        /**< The values of rest. */
    hbr_room_t *room;    /**< It writes straight into. */
    apr_status_t status; /**< An error sticks: nothing more is written. */
    /** Takes bytes that the room is too small for; makes room anew, or sets
     *  status. Is never called with status set. */
    void (*spill)(struct hbr_format_t *format, const char *bytes,
                  apr_size_t length);
    /** Writes the text of a %s or %c: hbr_format_put(), or what escapes it. */
    void (*value)(struct hbr_format_t *format, const char *bytes,
                  apr_size_t length);
    const char *null; /**< What a NULL for %s writes, if its precision lets all
                           of it through; else nothing is written. */
} hbr_format_t;

/**
 * Writes literal text and the conversions
 *
 *     %%   %c   %s   %d %i %u %x %X with hh, h, l, ll, j, z, t or none
 *
 * with the flag '-', for numbers also '0', a width of up to three digits, and
 * for %s a precision of up to nine digits or a star. Any other conversion is
 * the C library's: it stops before it.
 *
 * @param format rest becomes "", or begins at the '%' of the conversion that
 *        is not done here; args then stands at its first value. Positional
 *        values ("%1$s") are not done here: nothing was taken before the first
 *        of them, for a format has all or none. With status set, rest only
 *        says where it stopped.
 */
void hbr_format(hbr_format_t *format);

/* As many bytes from both ends, which may overlap. */
#define HBR_COPY_ENDS(type)                                                    \
    do {                                                                       \
        type first, last;                                                      \
        memcpy(&first, from, sizeof(type));                                    \
        memcpy(&last, from + length - sizeof(type), sizeof(type));             \
        memcpy(to, &first, sizeof(type));                                      \
        memcpy(to + length - sizeof(type), &last, sizeof(type));               \
    } while (0)

/** memcpy(3) for what is mostly short: up to 16 bytes are copied where the call
 *  would be. */
static inline void hbr_format_copy(char *to, const char *from,
                                   apr_size_t length)
{
    if (length > 16) {
        memcpy(to, from, length);
    } else if (length >= 8) {
        HBR_COPY_ENDS(apr_uint64_t);
    } else if (length >= 4) {
        HBR_COPY_ENDS(apr_uint32_t);
    } else if (length > 0) {
        char middle = from[length / 2], last = from[length - 1];

        to[0] = from[0];
        to[length / 2] = middle;
        to[length - 1] = last;
    }
}

#undef HBR_COPY_ENDS

/** Writes bytes as they stand. */
static inline void hbr_format_put(hbr_format_t *format, const char *bytes,
                                  apr_size_t length)
{
    hbr_room_t *room = format->room;
    char *at = room->at;

    if (length <= (apr_size_t)(room->end - at)) {
        room->at = at + length;
        hbr_format_copy(at, bytes, length);
    } else if (format->status == APR_SUCCESS) {
        format->spill(format, bytes, length);
    }
}

/** Writes a byte so many times; none when times is negative. */
void hbr_format_pad(hbr_format_t *format, char byte, int times);

#endif
