/*
 * Fuzzes multipart/form-data. The first three bytes of an input choose the
 * boundary, the pieces and the limits; the rest is the body. Checked: the body
 * gives the same whole and in pieces, the calls come in order, and what is
 * given out is what a naive reader finds, to the last byte.
 */
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_pools.h>

#include "handlerbridge/escape.h"
#include "multipart.h"

#define ITEMS(array) (sizeof(array) / sizeof((array)[0]))
#define SEVENTY                                                                \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"                                      \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All that was called, one after the other, with a NUL behind each text. */
typedef struct record_t {
    char *bytes;
    size_t length;
    size_t room;
    size_t data; /* Bytes of them that are parts' data. */
    bool in_part;
    bool stopped; /* A callback has failed. */
    unsigned calls;
    unsigned fail_at;
} record_t;

static const char *const boundaries[] = {
    "b", "boundary", "----WebKitFormBoundaryAbC123", "a b", "--", SEVENTY
};

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void record(record_t *to, const char *bytes, size_t length)
{
    require(to->length + length <= to->room);
    memcpy(to->bytes + to->length, bytes, length);
    to->length += length;
}

static void record_text(record_t *to, const char *text)
{
    require(hbr_is_utf8(text, strlen(text)));
    record(to, text, strlen(text) + 1);
}

static apr_status_t count(record_t *to)
{
    require(!to->stopped);
    to->calls++;
    to->stopped = to->calls == to->fail_at;
    return to->stopped ? APR_EGENERAL : APR_SUCCESS;
}

static apr_status_t on_part(void *arg, const hbr_part_t *part)
{
    record_t *to = arg;

    require(!to->in_part);
    to->in_part = true;
    record(to, "(", 1);
    record_text(to, part->name);
    if (part->filename != NULL) {
        require(strpbrk(part->filename, "/\\") == NULL);
        record_text(to, part->filename);
    }
    if (part->type != NULL)
        record(to, part->type, strlen(part->type));
    return count(to);
}

/* Calls are not counted here: how many there are depends on the pieces. */
static apr_status_t on_data(void *arg, const char *bytes, apr_size_t length)
{
    record_t *to = arg;

    require(to->in_part && length > 0 && !to->stopped);
    to->data += length;
    record(to, bytes, length);
    return APR_SUCCESS;
}

static apr_status_t on_part_end(void *arg)
{
    record_t *to = arg;

    require(to->in_part);
    to->in_part = false;
    record(to, ")", 1);
    return count(to);
}

static const hbr_multipart_calls_t calls = { on_part, on_data, on_part_end };

/* How the naive reader sees what stands at `at`, CR LF included. */
typedef enum { NOTHING, OPEN, NEXT, LAST } naive_e;

static naive_e look(const char *boundary, const char *at, size_t left,
                    size_t *length)
{
    char line[HBR_BOUNDARY_MAX + 4];
    size_t i;

    memcpy(line, "\r\n--", 4);
    memcpy(line + 4, boundary, strlen(boundary));
    for (i = 0; i < strlen(boundary) + 4; i++) {
        if (i == left)
            return OPEN;
        if (at[i] != line[i])
            return NOTHING;
    }
    *length = i + 2;
    if (i < left && at[i] == '-')
        return i + 1 == left ? OPEN : at[i + 1] == '-' ? LAST : NOTHING;
    while (i < left && (at[i] == ' ' || at[i] == '\t'))
        i++;
    if (i - (*length - 2) > HBR_BOUNDARY_PADDING)
        return NOTHING;
    *length = i + 2;
    if (i == left || (at[i] == '\r' && i + 1 == left))
        return OPEN;
    return at[i] == '\r' && at[i + 1] == '\n' ? NEXT : NOTHING;
}

/* Where a part's header ends; NULL when it does not. */
static const char *header_end(const char *at, const char *end)
{
    if (end - at >= 2 && memcmp(at, "\r\n", 2) == 0)
        return at + 2;
    for (; end - at >= 4; at++)
        if (memcmp(at, "\r\n\r\n", 4) == 0)
            return at + 4;
    return NULL;
}

/*
 * Counts the data of the first `parts` parts; what of the last of them is open
 * at the end is no data. `text` has CR LF in front of the body, so that each
 * line begins behind one: so it does behind a header, whose last two bytes are
 * looked at again.
 */
static size_t naive_data(const char *boundary, const char *text,
                         const char *end, unsigned parts)
{
    const char *at = text;
    size_t data = 0;
    bool in_part = false;
    const char *begin = text + 2; /* Where data may begin. */

    while (at < end) {
        size_t length;
        naive_e what = look(boundary, at, (size_t)(end - at), &length);

        if (what == NOTHING) {
            if (in_part && at >= begin)
                data++;
            at++;
            continue;
        }
        if (what != NEXT || parts-- == 0)
            break;
        begin = header_end(at + length, end);
        if (begin == NULL)
            break;
        in_part = true;
        at = begin - 2;
    }
    return data;
}

/* Feeds memory of its own for each piece, so that a byte too far is seen. */
static hbr_multipart_e parse(const char *type,
                             const hbr_multipart_limits_t *limits,
                             apr_pool_t *pool, const char *body, size_t length,
                             size_t step, record_t *to, apr_status_t *status)
{
    hbr_multipart_t parser;
    size_t at = 0;

    hbr_multipart_open(&parser, pool, type, limits, &calls, to);
    while (at < length) {
        size_t piece = step < length - at ? step : length - at;
        char *copy = malloc(piece);

        require(copy != NULL);
        memcpy(copy, body + at, piece);
        hbr_multipart_feed(&parser, copy, piece);
        free(copy);
        at += piece;
    }
    *status = hbr_multipart_close(&parser);
    require((parser.problem == HBR_MULTIPART_OK)
            == (hbr_multipart_sentence(pool, parser.problem, limits) == NULL));
    require(parser.problem == HBR_MULTIPART_OK || *status == APR_EINVAL);
    require(parser.header.length <= limits->header_bytes);
    return parser.problem;
}

static hbr_multipart_limits_t choose_limits(uint8_t byte)
{
    hbr_multipart_limits_t limits = HBR_MULTIPART_LIMITS_DEFAULT;

    if (byte & 1)
        limits.parts = byte >> 4;
    if (byte & 2)
        limits.header_bytes = 40 + (byte >> 2);
    if (byte & 4)
        limits.header_fields = 1;
    if (byte & 8)
        limits.name_bytes = limits.filename_bytes = limits.outside_bytes =
            byte >> 4;
    return limits;
}

static void open_record(record_t *to, size_t length, uint8_t byte)
{
    *to = (record_t){ .room = 2 * length + 64,
                      .fail_at = byte > 224 ? byte - 224 : 0 };
    to->bytes = malloc(to->room);
    require(to->bytes != NULL);
}

static void compare(const char *boundary, const char *body, size_t length,
                    const uint8_t *choice, apr_pool_t *pool)
{
    hbr_multipart_limits_t limits = choose_limits(choice[2]);
    record_t whole, pieces;
    apr_status_t whole_status, pieces_status;
    char type[HBR_BOUNDARY_MAX + 64] = "multipart/form-data; boundary=\"";
    char *text = malloc(length + 2);
    unsigned parts;

    strcat(strcat(type, boundary), "\"");
    open_record(&whole, length, choice[1]);
    open_record(&pieces, length, choice[1]);
    require(parse(type, &limits, pool, body, length, length + 1, &whole,
                  &whole_status)
            == parse(type, &limits, pool, body, length,
                     (size_t)choice[1] % 97 + 1, &pieces, &pieces_status));
    require(whole_status == pieces_status);
    require(whole.length == pieces.length);
    require(memcmp(whole.bytes, pieces.bytes, whole.length) == 0);

    require(text != NULL);
    memcpy(text, "\r\n", 2);
    memcpy(text + 2, body, length);
    parts = whole.calls / 2 + whole.in_part;
    if (!whole.stopped || !whole.in_part)
        require(naive_data(boundary, text, text + 2 + length, parts)
                == whole.data);
    free(text);
    free(whole.bytes);
    free(pieces.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static apr_pool_t *pool;

    if (size < 3)
        return 0;
    if (pool == NULL) {
        apr_initialize();
        require(apr_pool_create(&pool, NULL) == APR_SUCCESS);
    }
    compare(boundaries[data[0] % ITEMS(boundaries)], (const char *)data + 3,
            size - 3, data, pool);
    apr_pool_clear(pool);
    return 0;
}
