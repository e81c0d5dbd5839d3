/*
 * Language negotiation (RFC 9110 12.5.4, RFC 4647): the field, then language
 * tags, a line each. What holds is in support/choice.h; and a language that is
 * asked for by itself is the one that is got.
 */
#include "choice.h"

#include "language.h"

void fuzz_setup(void)
{
}

static void check_exact(const char *field)
{
    const char *const offers[] = { "qaa", field, NULL };

    if (strlen(field) > 0
        && strspn(field, "abcdefghijklmnopqrstuvwxyz") == strlen(field))
        CHECK(hbr_language_best(field, offers)
              == (strcmp(field, "qaa") != 0 && strlen(field) <= 8));
}

void fuzz(fuzz_input_t *input)
{
    fuzz_input_t first = *input;

    check_exact(fuzz_line(&first));
    check_choice(input, hbr_language_best);
}
