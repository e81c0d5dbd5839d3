/**
 * @file input_value.h
 * @brief The value of one declared input: from text to the author's member.
 */
#ifndef HBR_BRIDGE_INPUT_VALUE_H
#define HBR_BRIDGE_INPUT_VALUE_H

#include "handlerbridge/input.h"

/*
 * The bounds as input.h tells them.
 */
bool hbr_int_fits(const hbr_int_input_t *input, int64_t value);
bool hbr_double_fits(const hbr_double_input_t *input, double value);
bool hbr_date_fits(const hbr_date_input_t *input, apr_time_t value);
bool hbr_length_fits(apr_size_t min, apr_size_t max, apr_size_t characters);

/** True when there is an upper bound; without one .max is 0. */
bool hbr_int_has_max(const hbr_int_input_t *input);
bool hbr_double_has_max(const hbr_double_input_t *input);

/** How many words an enum has. */
int hbr_enum_count(const hbr_enum_input_t *input);

/**
 * Checks a text and sets the member to its value.
 * @param pool memory of the sentence
 * @param input the declaration; of any type but HBR_INPUT_STRINGS
 * @param text the value; it ends with a NUL after @a length bytes. A string
 *        member is set to it, so it has to live as long as the struct
 * @param member where it goes
 * @return NULL, or the end of a sentence that begins with its name: "must be
 *         a whole number."; the member is unchanged then
 */
const char *hbr_input_set(apr_pool_t *pool, const hbr_input_t *input,
                          const char *text, apr_size_t length, void *member);

/**
 * Checks one value of an HBR_STRINGS.
 * @return as hbr_input_set()
 */
const char *hbr_input_check_string(apr_pool_t *pool, const hbr_input_t *input,
                                   const char *text, apr_size_t length);

/** The size of its member; 0: the type is unknown. */
apr_size_t hbr_input_size(const hbr_input_t *input);

/** Sets the member to its fallback. */
void hbr_input_fall_back(const hbr_input_t *input, void *member);

#endif
