/*
 * traceparent (W3C Trace Context, Level 1). Holds: what is taken is 55 bytes of
 * its grammar at least, with ids that are not zeros; what is not taken sets
 * nothing; a valid one behind another is not taken.
 */
#include "fuzz.h"

#include <apr_strings.h>

#include "trace.h"

void fuzz_setup(void)
{
}

static void check_taken(const char *text, const char *id, bool sampled)
{
    char again[HBR_TRACE_ID + 1];
    bool flag;

    CHECK(strlen(text) >= HBR_TRACEPARENT);
    CHECK(strlen(id) == HBR_TRACE_ID);
    CHECK(memcmp(text + 3, id, HBR_TRACE_ID) == 0);
    CHECK(strspn(text, "0123456789abcdef-") >= HBR_TRACEPARENT);
    CHECK(strspn(id, "0") < HBR_TRACE_ID);
    CHECK(memcmp(text, "ff", 2) != 0);
    CHECK(memcmp(text, "00", 2) != 0 || strlen(text) == HBR_TRACEPARENT);
    CHECK(sampled == (strchr("13579bdf", text[54]) != NULL));
    if (strlen(text) == HBR_TRACEPARENT)
        CHECK(!hbr_traceparent_read(apr_pstrcat(pool, text, ", ", text, NULL),
                                    again, &flag));
}

void fuzz(fuzz_input_t *input)
{
    const char *text = fuzz_text(input);
    char id[HBR_TRACE_ID + 1] = "?";
    bool sampled = true;

    if (hbr_traceparent_read(text, id, &sampled))
        check_taken(text, id, sampled);
    else
        CHECK(strcmp(id, "?") == 0 && sampled);
}
