/**
 * @file paths.h
 * @brief Patterns and paths by luck, that often fit each other; and what fits
 * by another reading of the grammar: POSIX regular expressions.
 */
#ifndef HBR_UNIT_PATHS_H
#define HBR_UNIT_PATHS_H

#include <regex.h>

#include "pattern.h"

/** A row of numbers; the same for the same seed, which is not 0. */
typedef struct luck_t {
    uint64_t state;
} luck_t;

/** A number below a bound. */
unsigned luck_below(luck_t *luck, unsigned bound);

/** A pattern's text. */
const char *luck_pattern(luck_t *luck, apr_pool_t *pool);

/** A path, mostly with a leading slash. */
const char *luck_path(luck_t *luck, apr_pool_t *pool);

/** A pattern as a regular expression. */
typedef struct oracle_t {
    regex_t regex;
    const char *text;
    char types[HBR_PATTERN_PARAMETERS_MAX + 1]; /**< The first letters. */
} oracle_t;

/** Translates a pattern; is freed with the pool. */
oracle_t *oracle_of(apr_pool_t *pool, const char *pattern);

/** As hbr_pattern_match(). */
bool oracle_match(const oracle_t *oracle, const char *path, unsigned options,
                  hbr_pattern_match_t *match);

#endif
