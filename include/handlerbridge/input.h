/**
 * @file input.h
 * @brief Declared inputs: named, typed, bounded, checked before process runs.
 *
 *     typedef struct card_t { const char *text; int64_t size; } card_t;
 *
 *     static const hbr_input_t inputs[] = {
 *         HBR_STRING(card_t, text, "text", .required = true, .max = 200),
 *         HBR_INT   (card_t, size, "size", .min = 8, .max = 144, .fallback = 32),
 *         HBR_INPUTS_END
 *     };
 *
 * and in process: `const card_t *in = hbr_inputs(ctx);`. They come from the
 * query, or from where `.from` says. A missing or bad one is answered with 400, naming it and what was
 * expected, and process does not run. Where a name is repeated the first one
 * counts (HBR_STRINGS: all). An empty value counts as not given, except for
 * HBR_STRING and HBR_STRINGS: HTML forms send their empty fields too.
 *
 * Rules for all types: name and what it sets are fixed by the macro's first
 * three arguments; `.help` is one line about it; `.required = true` refuses a
 * request without it (and a required string may not be empty); `.fallback` is
 * the value when it is not given.
 *
 * .min and .max are inclusive; both left out: no bound. `.max` left out (0)
 * with `.min` of 0 or more: no upper bound. `.max` given, `.min` left out: 0 is
 * the lower bound. A declaration that contradicts itself (min over max, a
 * fallback out of bounds, a fallback for a required input, two inputs of one
 * name) stops the server at start.
 */
#ifndef HANDLERBRIDGE_INPUT_H
#define HANDLERBRIDGE_INPUT_H

#include "context.h"

/** Where an input comes from. */
typedef enum {
    HBR_FROM_QUERY = 0,
    HBR_FROM_FORM,   /**< A field of the form, of either encoding. */
    HBR_FROM_PATH,   /**< The pattern's parameter of that name; where it has
                          none: what follows the mapping, without its first
                          slash, and the name is for messages. */
    HBR_FROM_HEADER, /**< A field of the request's header; any case. */
    HBR_FROM_COOKIE
} hbr_from_e;

typedef enum {
    HBR_INPUT_END = 0,
    HBR_INPUT_STRING,
    HBR_INPUT_STRINGS,
    HBR_INPUT_INT,
    HBR_INPUT_DOUBLE,
    HBR_INPUT_BOOL,
    HBR_INPUT_ENUM,
    HBR_INPUT_DATE
} hbr_input_type_e;

/** What HBR_STRINGS fills: all values of a repeated name, in order. */
typedef struct hbr_strings_t {
    apr_size_t count;
    const char *const *values;
} hbr_strings_t;

/** Text: UTF-8, no NUL. min and max count characters (code points). */
typedef struct hbr_string_input_t {
    bool required;
    apr_size_t min;
    apr_size_t max;
    const char *fallback;
    const char *help;
    hbr_from_e from;
} hbr_string_input_t;

/** Repeated text. min and max count characters of each; most: how many values
 *  at most, 0 for no bound of its own. */
typedef struct hbr_strings_input_t {
    bool required;
    apr_size_t min;
    apr_size_t max;
    apr_size_t most;
    const char *help;
    hbr_from_e from;
} hbr_strings_input_t;

/** A decimal integer with an optional sign. */
typedef struct hbr_int_input_t {
    bool required;
    int64_t min;
    int64_t max;
    int64_t fallback;
    const char *help;
    hbr_from_e from;
} hbr_int_input_t;

/** A decimal number: 3, -0.5, 1e3; neither inf nor nan. */
typedef struct hbr_double_input_t {
    bool required;
    double min;
    double max;
    double fallback;
    const char *help;
    hbr_from_e from;
} hbr_double_input_t;

/** 1, true, yes, on, or 0, false, no, off; case does not matter. */
typedef struct hbr_bool_input_t {
    bool required;
    bool fallback;
    const char *help;
    hbr_from_e from;
} hbr_bool_input_t;

/** One of a list of words, case-sensitive; the member is set to its index. */
typedef struct hbr_enum_input_t {
    bool required;
    const char *const *values; /**< NULL at the end. */
    int fallback;              /**< An index; -1: none of them. */
    const char *help;
    hbr_from_e from;
} hbr_enum_input_t;

/** A date as RFC 3339: 2026-11-21 (midnight UTC), 2026-11-21T08:30:00Z or with
 *  an offset. min and max as APR times, 0: no bound. */
typedef struct hbr_date_input_t {
    bool required;
    apr_time_t min;
    apr_time_t max;
    apr_time_t fallback;
    const char *help;
    hbr_from_e from;
} hbr_date_input_t;

/** One declared input. Made by the macros below, never by hand. */
typedef struct hbr_input_t {
    hbr_input_type_e type;
    const char *name;
    apr_size_t offset;      /**< Of the member in the author's struct. */
    apr_size_t struct_size; /**< Of the author's struct. */
    union {
        hbr_string_input_t string;
        hbr_strings_input_t strings;
        hbr_int_input_t integer;
        hbr_double_input_t real;
        hbr_bool_input_t boolean;
        hbr_enum_input_t enumeration;
        hbr_date_input_t date;
    } as;
} hbr_input_t;

/* clang-format off */
/** The member's offset; does not compile when the member is of another type. */
#define HBR_INPUT_OFFSET(struct_type, member, member_type)                     \
    (offsetof(struct_type, member)                                             \
     + 0 * _Generic(&HBR_MEMBER(struct_type, member), member_type *: 1))

#define HBR_INPUT(kind, field, struct_type, member, member_type, label, ...)   \
    {                                                                          \
        .type = (kind), .name = (label),                                       \
        .offset = HBR_INPUT_OFFSET(struct_type, member, member_type),          \
        .struct_size = sizeof(struct_type), .as.field = { __VA_ARGS__ }        \
    }

/** The author's struct, the member that is set, the input's name; then
 *  .required, .min, .max, .fallback, .help, .from as in the structs above. */
#define HBR_STRING(struct_type, member, ...)                                   \
    HBR_INPUT(HBR_INPUT_STRING, string, struct_type, member, const char *,     \
              __VA_ARGS__)
#define HBR_STRINGS(struct_type, member, ...)                                  \
    HBR_INPUT(HBR_INPUT_STRINGS, strings, struct_type, member, hbr_strings_t,  \
              __VA_ARGS__)
#define HBR_INT(struct_type, member, ...)                                      \
    HBR_INPUT(HBR_INPUT_INT, integer, struct_type, member, int64_t,            \
              __VA_ARGS__)
#define HBR_DOUBLE(struct_type, member, ...)                                   \
    HBR_INPUT(HBR_INPUT_DOUBLE, real, struct_type, member, double, __VA_ARGS__)
#define HBR_BOOL(struct_type, member, ...)                                     \
    HBR_INPUT(HBR_INPUT_BOOL, boolean, struct_type, member, bool, __VA_ARGS__)
#define HBR_ENUM(struct_type, member, ...)                                     \
    HBR_INPUT(HBR_INPUT_ENUM, enumeration, struct_type, member, int,           \
              __VA_ARGS__)
#define HBR_DATE(struct_type, member, ...)                                     \
    HBR_INPUT(HBR_INPUT_DATE, date, struct_type, member, apr_time_t,           \
              __VA_ARGS__)
#define HBR_INPUTS_END { .type = HBR_INPUT_END }
/* clang-format on */

/**
 * The checked inputs of this request.
 * @return the author's struct; NULL when the handler declares no inputs
 */
HBR_API const void *hbr_inputs(hbr_context_t *ctx);

/**
 * Tells a given input from a missing one that got its fallback.
 * @param name its name
 */
HBR_API bool hbr_input_given(hbr_context_t *ctx, const char *name);

#endif
