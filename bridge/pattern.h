/**
 * @file pattern.h
 * @brief One pattern of URL paths, as BridgeMap takes it.
 *
 * Without a slash it is about the path's last segment, in whatever folder:
 *
 *     *                     anything, folders too
 *     *.image  *.tar.gz     by extension, in any case, as AddHandler does it;
 *                           dots that lead a name begin no extension, so that
 *                           neither ".image" nor "..image" matches
 *     ScriptResource.axd    the whole name, case-sensitive
 *
 * With a leading slash it is the whole path, segment by segment,
 * case-sensitive:
 *
 *     log                   this segment
 *     *                     one segment that is not empty
 *     {name}                as "*", kept as a path parameter
 *     {name:int}            an optional "-" and digits, within int64_t
 *     {name:word}           one or more of A-Z a-z 0-9 _ -
 *     {name:uuid}           8-4-4-4-12 hexadecimal digits (RFC 9562 4)
 *     {name:date}           2026-11-21, a day that there is (RFC 3339 5.6)
 *
 * and as the last segment only:
 *
 *     **                    the folder itself, with or without its slash, and
 *                           all below; path_info is what follows the folder
 *     {name:path}           the rest, slashes and all; not empty
 *     *.image               by extension, in this folder
 *     (nothing)             "/log/" is the folder with its slash, "/" the root
 *
 * Patterns are compared with the decoded path, and are written decoded. A
 * path that does not begin with a slash ("OPTIONS *") matches none of them.
 *
 * A pattern does not change once it is parsed: any thread.
 */
#ifndef HBR_BRIDGE_PATTERN_H
#define HBR_BRIDGE_PATTERN_H

#include "handlerbridge/api.h"

/** The longest pattern, in bytes. */
#define HBR_PATTERN_LENGTH_MAX 1024

/** The most path parameters of a pattern. */
#define HBR_PATTERN_PARAMETERS_MAX 16

typedef enum {
    HBR_SEGMENT_ANY = 0,   /**< "*", "{name}". */
    HBR_SEGMENT_INT,       /**< "{name:int}". */
    HBR_SEGMENT_WORD,      /**< "{name:word}". */
    HBR_SEGMENT_UUID,      /**< "{name:uuid}". */
    HBR_SEGMENT_DATE,      /**< "{name:date}". */
    HBR_SEGMENT_EXTENSION, /**< "*.image". */
    HBR_SEGMENT_FOLDER,    /**< Nothing, behind the last slash. */
    HBR_SEGMENT_PATH,      /**< "{name:path}". */
    HBR_SEGMENT_TREE,      /**< "**". */
    HBR_SEGMENT_LITERAL
} hbr_segment_e;

/** One segment of a pattern. */
typedef struct hbr_segment_t {
    hbr_segment_e kind;
    const char *text;  /**< LITERAL: the segment. EXTENSION: "tar.gz", in lower
                            case and without the first dot. Otherwise NULL. */
    apr_size_t length; /**< Of text. */
    const char *name;  /**< The parameter's, or NULL. */
} hbr_segment_t;

/** A pattern. */
typedef struct hbr_pattern_t {
    const char *text; /**< As it was written. */
    bool absolute;    /**< It has the leading slash. */
    apr_size_t count;
    const hbr_segment_t *segments; /**< One, if it is not absolute. */
    apr_size_t parameters;         /**< How many of them have a name. */
} hbr_pattern_t;

/** For hbr_pattern_match() and hbr_map_open(), joined by "|". */
enum {
    /**
     * More may follow in the path: "/log" takes "/log/extra" with the path_info
     * "/extra", and "*.image" takes "/a/x.image/extra": the last segment that
     * fits. A pattern that ends in a slash takes none.
     */
    HBR_PATTERN_PATH_INFO = 1
};

/** A piece of a path. */
typedef struct hbr_path_value_t {
    apr_size_t offset;
    apr_size_t length;
} hbr_path_value_t;

/** How a pattern fits a path. */
typedef struct hbr_pattern_match_t {
    apr_size_t end; /**< Where path_info begins: "" at the path's length, or
                         something that begins with a slash. */
    /** The parameters' values, in the order of the pattern's. */
    hbr_path_value_t values[HBR_PATTERN_PARAMETERS_MAX];
} hbr_pattern_match_t;

/**
 * Parses a pattern.
 * @param pool the pattern's memory
 * @param text is copied; one pattern: a comma in it is a comma
 * @param pattern set to it; unchanged if it is wrong
 * @return NULL, or a sentence that says what was found and what is known,
 *         and names the pattern
 */
const char *hbr_pattern_parse(apr_pool_t *pool, const char *text,
                              const hbr_pattern_t **pattern);

/**
 * Compares a pattern with a path, in steps linear in the path's length.
 * @param path decoded; need not end with a NUL
 * @param options HBR_PATTERN_PATH_INFO or 0
 * @param match set when it fits, otherwise unspecified
 */
bool hbr_pattern_match(const hbr_pattern_t *pattern, const char *path,
                       apr_size_t length, unsigned options,
                       hbr_pattern_match_t *match);

/**
 * The place of a parameter in hbr_pattern_match_t.values.
 * @return -1 when the pattern has no parameter of that name
 */
int hbr_pattern_parameter(const hbr_pattern_t *pattern, const char *name);

/** The name of the parameter at a place below pattern->parameters. */
const char *hbr_pattern_name(const hbr_pattern_t *pattern, apr_size_t place);

#endif
