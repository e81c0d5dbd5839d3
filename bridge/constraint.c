/*
 * Whether a statement failed for what the data may be, and not for what the
 * database is: the client then did something that cannot be done again with
 * more luck.
 *
 * apr_dbd has no word for it, so each driver is asked in its own way. What is
 * not known for sure counts as an outage. Pure, for any thread.
 */
#include "constraint.h"

#include <string.h>

/* SQLITE_CONSTRAINT; the low byte of its extended codes. */
#define SQLITE_CONSTRAINT 19

/* The driver prepares in the old way, where a step gives SQLITE_ERROR for
 * everything; the words are the same in every version since 3.8. */
static bool sqlite_constraint(int result, const char *message)
{
    return (result & 0xFF) == SQLITE_CONSTRAINT
           || strstr(message, " constraint failed") != NULL;
}

/* What the client wrote stands in quotes behind a colon; he may know the words
 * too. Names of the schema's stand behind a word. */
static bool is_before_values(const char *message, const char *at)
{
    const char *value = strstr(message, ": \"");

    return value == NULL || at < value;
}

/* libpq keeps the SQLSTATE from whoever has its message only. These are the
 * words of class 23 in English; another lc_messages has others. */
static bool pgsql_constraint(const char *message)
{
    static const char *const kinds[] = {
        " violates unique constraint ",    " violates not-null constraint",
        " violates check constraint ",     " violates foreign key constraint ",
        " violates exclusion constraint ", NULL
    };
    int i;

    for (i = 0; kinds[i] != NULL; i++) {
        const char *at = strstr(message, kinds[i]);

        if (at != NULL && is_before_values(message, at))
            return true;
    }
    return false;
}

bool hbr_is_constraint(const char *driver, int result, const char *message)
{
    if (strcmp(driver, "sqlite3") == 0)
        return sqlite_constraint(result, message);
    return strcmp(driver, "pgsql") == 0 && pgsql_constraint(message);
}
