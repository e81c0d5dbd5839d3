/*
 * The boundary lines of a multipart body (RFC 2046 5.1.1), found in pieces of
 * any size. The delimiter (CR LF "--" boundary) begins with its only CR. That
 * makes everything simple and linear: a match that fails has no other match
 * within it, only the last CR of a piece can begin one that goes on in the
 * next, and what is held of it need not be copied, as it is the delimiter's own
 * text.
 *
 * Within a piece the delimiter is looked for at 16 places at a time: its first
 * four bytes and its last. Few places pass that without being one, whatever the
 * bytes are: the four cannot overlap themselves.
 *
 * Invariant: held bytes are the first of text; given is 0 or 2, and not more
 * than held. A finder belongs to one thread.
 */
#include "boundary.h"

#include <string.h>

#include "vector.h"

#define PREFIX "\r\n--"
#define PREFIX_LENGTH 4
#define LINE_END_LENGTH 2

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* bcharsnospace */
static bool is_boundary_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
           || (c >= 'a' && c <= 'z')
           || (c != '\0' && strchr("'()+_,-./:=?", c) != NULL);
}

bool hbr_boundary_ok(const char *boundary)
{
    apr_size_t length = 0;

    while (is_boundary_char(boundary[length]) || boundary[length] == ' ')
        if (++length > HBR_BOUNDARY_MAX)
            return false;
    return boundary[length] == '\0' && length > 0
           && boundary[length - 1] != ' ';
}

void hbr_boundary_open(hbr_boundary_t *finder, const char *boundary)
{
    apr_size_t length = strlen(boundary);

    *finder = (hbr_boundary_t){ .length = PREFIX_LENGTH + length };
    memcpy(finder->text, PREFIX, PREFIX_LENGTH);
    memcpy(finder->text + PREFIX_LENGTH, boundary, length);
    hbr_boundary_begin_line(finder);
}

/* As if the line end before it had been read, which is not ours to give out. */
void hbr_boundary_begin_line(hbr_boundary_t *finder)
{
    finder->held = finder->given = LINE_END_LENGTH;
}

/* Reads what follows the delimiter. HBR_BOUNDARY_DATA: it was none. */
static hbr_boundary_e read_line_rest(const char *rest, const char *end,
                                     const char **behind)
{
    const char *at = rest;

    *behind = rest + LINE_END_LENGTH;
    if (at < end && *at == '-') {
        if (at + 1 == end)
            return HBR_BOUNDARY_MORE;
        return at[1] == '-' ? HBR_BOUNDARY_LAST : HBR_BOUNDARY_DATA;
    }
    while (at < end && is_blank(*at))
        if (++at - rest > HBR_BOUNDARY_PADDING)
            return HBR_BOUNDARY_DATA;
    if (at == end || (*at == '\r' && at + 1 == end))
        return HBR_BOUNDARY_MORE;
    *behind = at + LINE_END_LENGTH;
    return *at == '\r' && at[1] == '\n' ? HBR_BOUNDARY_NEXT : HBR_BOUNDARY_DATA;
}

/* Whether a delimiter may begin at one of the 16 places from `at` on. */
static bool may_begin(const hbr_boundary_t *finder, const char *at)
{
    const char *text = finder->text;
    hbr_vector_t same =
        (hbr_vector_t)(hbr_vector_load(at) == (unsigned char)text[0]);

    same &= (hbr_vector_t)(hbr_vector_load(at + 1) == (unsigned char)text[1]);
    same &= (hbr_vector_t)(hbr_vector_load(at + 2) == (unsigned char)text[2]);
    same &= (hbr_vector_t)(hbr_vector_load(at + 3) == (unsigned char)text[3]);
    same &= (hbr_vector_t)(hbr_vector_load(at + finder->length - 1)
                           == (unsigned char)text[finder->length - 1]);
    return !hbr_vector_is_zero(same);
}

/* Looks at the places from *at up to stop. */
static bool find_before(const hbr_boundary_t *finder, const char **at,
                        const char *stop)
{
    const char *cr = *at;

    while (cr < stop) {
        cr = memchr(cr, '\r', (apr_size_t)(stop - cr));
        if (cr == NULL)
            break;
        if (memcmp(cr, finder->text, finder->length) == 0) {
            *at = cr;
            return true;
        }
        cr++;
    }
    *at = stop;
    return false;
}

/* Moves *at to the delimiter. When there is none it ends less than a
 * delimiter's length before the end, and none begins before it. */
static bool find(const hbr_boundary_t *finder, const char **at, const char *end)
{
    const apr_size_t step = sizeof(hbr_vector_t);

    while ((apr_size_t)(end - *at) >= finder->length - 1 + step) {
        if (!may_begin(finder, *at))
            *at += step;
        else if (find_before(finder, at, *at + step))
            return true;
    }
    if ((apr_size_t)(end - *at) < finder->length)
        return false;
    return find_before(finder, at, end - finder->length + 1);
}

/* Finds the begin of a delimiter that the piece cuts off: only its last CR can
 * be one. */
static const char *find_begin(const hbr_boundary_t *finder, const char *at,
                              const char *end)
{
    const char *cr = end;

    while (cr > at && *--cr != '\r')
        ;
    if (cr < end && memcmp(cr, finder->text, (apr_size_t)(end - cr)) == 0)
        return cr;
    return end;
}

/* Returns where the data ends that begins at `at`: at a boundary line, at what
 * may become one, or at the end. Sets what stands there, and its end. */
static const char *data_end(const hbr_boundary_t *finder, const char *at,
                            const char *end, hbr_boundary_e *what,
                            const char **behind)
{
    while (find(finder, &at, end)) {
        *what = read_line_rest(at + finder->length, end, behind);
        if (*what != HBR_BOUNDARY_DATA)
            return at;
        at += finder->length;
    }
    *what = HBR_BOUNDARY_MORE;
    return find_begin(finder, at, end);
}

/* Keeps the bytes that the piece ends in. There are never more than fit: of the
 * line's rest only blanks within bounds and half a line end are open. */
static void hold(hbr_boundary_t *finder, const char *at, const char *end)
{
    memcpy(finder->text, at, (apr_size_t)(end - at));
    finder->held = (apr_size_t)(end - at);
}

/* Reads where nothing is held. */
static hbr_boundary_e read_piece(hbr_boundary_t *finder, const char **at,
                                 const char *end, const char **data,
                                 apr_size_t *length)
{
    hbr_boundary_e what;
    const char *behind;
    const char *stop = data_end(finder, *at, end, &what, &behind);

    if (stop > *at) {
        *data = *at;
        *length = (apr_size_t)(stop - *at);
        *at = stop;
        return HBR_BOUNDARY_DATA;
    }
    if (what == HBR_BOUNDARY_MORE) {
        hold(finder, *at, end);
        behind = end;
    }
    *at = behind;
    return what;
}

/* Reads one byte where some are held. HBR_BOUNDARY_DATA: it does not go with
 * them, and was not read. */
static hbr_boundary_e read_held(hbr_boundary_t *finder, char byte)
{
    char *next = finder->text + finder->held;
    const char *behind;

    if (finder->held < finder->length) {
        if (byte != *next)
            return HBR_BOUNDARY_DATA;
        finder->held++;
        return HBR_BOUNDARY_MORE;
    }
    *next = byte;
    finder->held++;
    return read_line_rest(finder->text + finder->length, next + 1, &behind);
}

static void release(hbr_boundary_t *finder, const char **data,
                    apr_size_t *length)
{
    *data = finder->text + finder->given;
    *length = finder->held - finder->given;
    finder->held = finder->given = 0;
}

hbr_boundary_e hbr_boundary_next(hbr_boundary_t *finder, const char **at,
                                 const char *end, const char **data,
                                 apr_size_t *length)
{
    while (finder->held > 0) {
        apr_size_t held = finder->held;
        hbr_boundary_e what;

        if (*at == end)
            return HBR_BOUNDARY_MORE;
        what = read_held(finder, **at);
        if (what == HBR_BOUNDARY_DATA) {
            finder->held = held;
            release(finder, data, length);
            if (*length > 0)
                return HBR_BOUNDARY_DATA;
        } else {
            (*at)++;
            if (what != HBR_BOUNDARY_MORE) {
                finder->held = finder->given = 0;
                return what;
            }
        }
    }
    return *at < end ? read_piece(finder, at, end, data, length)
                     : HBR_BOUNDARY_MORE;
}
