/**
 * @file choice.h
 * @brief What holds of every function that picks by a list with qualities.
 */
#ifndef HBR_FUZZ_CHOICE_H
#define HBR_FUZZ_CHOICE_H

#include "fuzz.h"

typedef int choose_t(const char *field, const char *const offers[]);

/**
 * Reads a field and then offers, a line each, and checks: the choice is one of
 * the offers; a chosen one is taken when it is alone too, and where none was
 * chosen none is; capitals and empty elements change nothing; a field without
 * one good element is as none.
 */
void check_choice(fuzz_input_t *input, choose_t *choose);

#endif
