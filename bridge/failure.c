/*
 * Why a statement failed, as far as it can be known: the data's own fault, the
 * time's, or the database's.
 *
 * apr_dbd has no word for it, so each driver is asked in its own way. What is
 * not known for sure counts as an outage. Pure, for any thread.
 */
#include "failure.h"

#include <stdbool.h>
#include <string.h>

#include <apr_lib.h>

/* ------------------------------------------------------------------ SQLite */

/* The low byte of its extended codes. */
enum {
    SQLITE_BUSY = 5,
    SQLITE_LOCKED = 6,
    SQLITE_READONLY = 8,
    SQLITE_FULL = 13,
    SQLITE_CONSTRAINT = 19,
    SQLITE_TOOBIG = 18,
    SQLITE_ROW = 100
};

#define NO_ERROR "not an error"

/* The driver prepares in the old way, where a step gives SQLITE_ERROR for
 * everything; the words are the same in every version since 3.8. */
static hbr_failure_e sqlite_by_words(const char *message)
{
    static const struct {
        const char *words;
        hbr_failure_e failure;
    } known[] = {
        { " constraint failed", HBR_FAILURE_CONSTRAINT },
        { "schema has changed", HBR_FAILURE_STALE },
        { NO_ERROR, HBR_FAILURE_STALE }, /* by its own connection */
        { "database is locked", HBR_FAILURE_BUSY },
        { "database table is locked", HBR_FAILURE_BUSY },
        { "database or disk is full", HBR_FAILURE_FULL },
        { "attempt to write a readonly database", HBR_FAILURE_READ_ONLY },
        { "string or blob too big", HBR_FAILURE_VALUES },
    };
    size_t i;

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strstr(message, known[i].words) != NULL)
            return known[i].failure;
    }
    return HBR_FAILURE_OTHER;
}

/* A statement that changes rows has changed all of them when its first row is
 * there. The words are of its end, which is its commit. */
static hbr_failure_e with_rows(const char *message)
{
    return strcmp(message, NO_ERROR) == 0 ? HBR_FAILURE_NONE
                                          : sqlite_by_words(message);
}

static hbr_failure_e sqlite_failure(int result, const char *message)
{
    switch (result & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return HBR_FAILURE_BUSY;
    case SQLITE_READONLY: return HBR_FAILURE_READ_ONLY;
    case SQLITE_FULL: return HBR_FAILURE_FULL;
    case SQLITE_CONSTRAINT: return HBR_FAILURE_CONSTRAINT;
    case SQLITE_TOOBIG: return HBR_FAILURE_VALUES;
    case SQLITE_ROW: return with_rows(message);
    default: return sqlite_by_words(message);
    }
}

/* -------------------------------------------------------------- PostgreSQL */

/* "ERROR:  23505: duplicate key ...": a word in the server's language, then the
 * SQLSTATE. NULL when there is none, as in what the client library says
 * itself. */
static const char *sqlstate_in(const char *message)
{
    const char *at = strstr(message, ":  ");
    int i;

    if (at == NULL)
        return NULL;
    at += 3;
    for (i = 0; i < 5; i++) {
        if (!apr_isdigit(at[i]) && !apr_isupper(at[i]))
            return NULL;
    }
    return at[5] == ':' ? at : NULL;
}

static hbr_failure_e pgsql_failure(const char *message)
{
    static const struct {
        const char *begins;
        hbr_failure_e failure;
    } known[] = {
        { "23", HBR_FAILURE_CONSTRAINT },    { "22", HBR_FAILURE_VALUES },
        { "0A000", HBR_FAILURE_STALE }, /* "cached plan must not change ..." */
        { "26000", HBR_FAILURE_UNPREPARED }, { "57014", HBR_FAILURE_SLOW },
        { "40", HBR_FAILURE_BUSY }, /* a deadlock, or not serializable */
        { "55P03", HBR_FAILURE_BUSY },       { "53100", HBR_FAILURE_FULL },
        { "25006", HBR_FAILURE_READ_ONLY },
    };
    const char *state = sqlstate_in(message);
    size_t i;

    if (state == NULL)
        return HBR_FAILURE_OTHER;
    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strncmp(state, known[i].begins, strlen(known[i].begins)) == 0)
            return known[i].failure;
    }
    return HBR_FAILURE_OTHER;
}

hbr_failure_e hbr_failure_of(const char *driver, int result,
                             const char *message)
{
    if (strcmp(driver, "sqlite3") == 0)
        return sqlite_failure(result, message);
    if (strcmp(driver, "pgsql") == 0)
        return pgsql_failure(message);
    return HBR_FAILURE_OTHER;
}
