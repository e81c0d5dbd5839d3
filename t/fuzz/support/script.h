/**
 * @file script.h
 * @brief A handler that does what bytes say.
 */
#ifndef HBR_FUZZ_SCRIPT_H
#define HBR_FUZZ_SCRIPT_H

#include "fuzz.h"
#include "handlerbridge.h"

/** What hbr_select() runs; there is no database. */
extern const hbr_statement_t script_statements[];

/** Once: makes the file that hbr_file() sends. */
void script_setup(void);

/** Before each request. */
void script_begin(void);

/**
 * Runs a script: a byte for each step, a letter by its meaning (the table in
 * script.c), others by their value; then what the step reads: a byte, or text
 * up to a line end.
 * @return what the handler returns
 */
int script_run(hbr_context_t *ctx, fuzz_input_t *script);

/** True when the script itself asked for this status. */
bool script_returned(int status);

/** True when all that was given to the bridge to be released was, once. */
bool script_all_released(void);

#endif
