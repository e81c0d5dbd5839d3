/*
 * A pattern against a path: one look at each of the pattern's segments, or
 * for a pattern without a slash at each of the path's, from behind. No memory;
 * any thread.
 */
#include <string.h>

#include "pattern.h"
#include "segment.h"

/* The byte before the extension is its dot, and a name comes before it. */
static bool has_extension(const hbr_segment_t *segment, const char *bytes,
                          apr_size_t length)
{
    apr_size_t i, dot;

    if (length < segment->length + 2)
        return false;
    dot = length - segment->length - 1;
    if (bytes[dot] != '.' || hbr_segment_dots(bytes, length) >= dot)
        return false;
    for (i = 0; i < segment->length; i++)
        if (hbr_segment_fold(bytes[dot + 1 + i])
            != (unsigned char)segment->text[i])
            return false;
    return true;
}

static bool fits(const hbr_segment_t *segment, const char *bytes,
                 apr_size_t length)
{
    switch (segment->kind) {
    case HBR_SEGMENT_LITERAL:
        return length == segment->length
               && memcmp(bytes, segment->text, length) == 0;
    case HBR_SEGMENT_EXTENSION: return has_extension(segment, bytes, length);
    default: return hbr_segment_is(segment->kind, bytes, length);
    }
}

/*
 * What only the last segment can be, from the slash before it on; there may be
 * no slash for TREE alone.
 */
static bool fits_rest(hbr_segment_e kind, apr_size_t slash, apr_size_t length,
                      hbr_pattern_match_t *match)
{
    match->end = kind == HBR_SEGMENT_TREE ? slash : length;
    switch (kind) {
    case HBR_SEGMENT_FOLDER: return slash + 1 == length;
    case HBR_SEGMENT_PATH: return slash + 1 < length;
    default: return true;
    }
}

static void keep(hbr_pattern_match_t *match, apr_size_t *kept,
                 const hbr_segment_t *segment, apr_size_t begin, apr_size_t end)
{
    if (segment->name != NULL) {
        match->values[*kept].offset = begin;
        match->values[*kept].length = end - begin;
        ++*kept;
    }
}

static bool match_all(const hbr_pattern_t *pattern, const char *path,
                      apr_size_t length, unsigned options,
                      hbr_pattern_match_t *match)
{
    apr_size_t slash = 0; /* the one before the segment, or the path's end */
    apr_size_t kept = 0;
    apr_size_t i;

    for (i = 0; i < pattern->count; i++) {
        const hbr_segment_t *segment = &pattern->segments[i];
        apr_size_t begin = slash + 1;
        apr_size_t end;

        if (slash == length && segment->kind != HBR_SEGMENT_TREE)
            return false;
        if (segment->kind == HBR_SEGMENT_TREE
            || segment->kind == HBR_SEGMENT_FOLDER
            || segment->kind == HBR_SEGMENT_PATH) {
            keep(match, &kept, segment, begin, length);
            return fits_rest(segment->kind, slash, length, match);
        }
        end = hbr_segment_end(path, length, begin);
        if (!fits(segment, path + begin, end - begin))
            return false;
        keep(match, &kept, segment, begin, end);
        slash = end;
    }
    match->end = slash;
    return slash == length || (options & HBR_PATTERN_PATH_INFO) != 0;
}

static bool match_last(const hbr_segment_t *segment, const char *path,
                       apr_size_t length, unsigned options,
                       hbr_pattern_match_t *match)
{
    apr_size_t end = length;
    apr_size_t begin = hbr_segment_begin(path, end);

    match->end = length;
    if (segment->kind == HBR_SEGMENT_ANY)
        return true;
    while (!fits(segment, path + begin, end - begin)) {
        if ((options & HBR_PATTERN_PATH_INFO) == 0 || begin <= 1)
            return false;
        end = begin - 1;
        begin = hbr_segment_begin(path, end);
    }
    match->end = end;
    return true;
}

bool hbr_pattern_match(const hbr_pattern_t *pattern, const char *path,
                       apr_size_t length, unsigned options,
                       hbr_pattern_match_t *match)
{
    if (length == 0 || path[0] != '/')
        return false;
    if (!pattern->absolute)
        return match_last(pattern->segments, path, length, options, match);
    return match_all(pattern, path, length, options, match);
}
