/*
 * Content negotiation by Accept (RFC 9110 12.5.1): the field, then media types,
 * a line each. What holds is in support/choice.h.
 */
#include "choice.h"

#include "accept.h"

void fuzz_setup(void)
{
}

void fuzz(fuzz_input_t *input)
{
    check_choice(input, hbr_accept_best);
}
