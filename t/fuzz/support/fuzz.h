/**
 * @file fuzz.h
 * @brief What the fuzzers share: a pool for each input, checks, and reading an
 * input as text, lines and numbers.
 *
 *     void fuzz(fuzz_input_t *input)
 *     {
 *         const char *field = fuzz_line(input);
 *         CHECK(hbr_accept_best(field, types) >= -1);
 *     }
 */
#ifndef HBR_FUZZ_H
#define HBR_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <apr_pools.h>
#include <apr_strings.h>
#include <apr_tables.h>

/** What is left of an input. Reading past its end gives 0, "", no bytes. */
typedef struct fuzz_input_t {
    const char *at;
    apr_size_t left;
} fuzz_input_t;

/** The pool of this input. */
extern apr_pool_t *pool;

/** Each fuzzer's own: takes one input. */
void fuzz(fuzz_input_t *input);

/** Each fuzzer's own: is called once, before the first input. */
void fuzz_setup(void);

/** Ends the program with where and what, so that libFuzzer keeps the input. */
#define CHECK(condition)                                                       \
    ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))

void fuzz_fail(const char *file, int line, const char *what)
    __attribute__((noreturn));

/** The next byte. */
unsigned fuzz_byte(fuzz_input_t *input);

/** A number of so many bytes, the highest first. */
uint64_t fuzz_number(fuzz_input_t *input, unsigned bytes);

/** The next line, without its line end; NULs become blanks. It is a block of
 *  its own, so that ASan sees reading behind it. */
char *fuzz_line(fuzz_input_t *input);

/** As fuzz_line(), but NULL when the line is "-": a field that is missing. */
char *fuzz_field(fuzz_input_t *input);

/** All that is left, NULs made blanks. */
char *fuzz_text(fuzz_input_t *input);

/** All that is left, as it is, in a block of its own and no NUL behind it. */
const char *fuzz_bytes(fuzz_input_t *input, apr_size_t *length);

/** True when both are NULL or equal. */
bool fuzz_same(const char *a, const char *b);

/** A copy with its ASCII letters turned to capitals. */
char *fuzz_upper(const char *text);

#endif
