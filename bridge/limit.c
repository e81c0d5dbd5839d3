/*
 * The directives that requests are refused for. Their places are those of
 * counters in shared memory: the list grows at its end.
 */
#include "limit.h"

#include <ctype.h>
#include <string.h>

static const char *const names[HBR_LIMITS] = {
    "BridgeLimitBody",       "LimitRequestBody",     "BridgeLimitParams",
    "BridgeLimitJSON",       "BridgeLimitJSONDepth", "BridgeLimitName",
    "BridgeLimitValue",      "BridgeLimitFile",      "BridgeLimitFileName",
    "BridgeLimitFiles",      "BridgeLimitParts",     "BridgeLimitPartHeader",
    "BridgeLimitPartFields", "BridgeLimitPreamble",  "BridgeDBWait",
    "BridgeDeadline",        "BridgePoolMax",        "BridgeSpoolDir",
    "BridgeDBTimeout"
};

const char *hbr_limit_name(int index)
{
    return names[index];
}

static int find(const char *word, size_t length)
{
    int i;

    for (i = 0; i < HBR_LIMITS; i++)
        if (strlen(names[i]) == length && memcmp(names[i], word, length) == 0)
            return i;
    return -1;
}

/* Word by word: BridgeLimitFile is the beginning of others. */
int hbr_limit_in(const char *sentence)
{
    const char *at = sentence;
    int found = -1;

    while (at != NULL && *at != '\0' && found < 0) {
        const char *word = at;

        while (isalnum((unsigned char)*at))
            at++;
        found = find(word, (size_t)(at - word));
        if (at == word)
            at++;
    }
    return found;
}
