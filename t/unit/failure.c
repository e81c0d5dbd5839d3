/*
 * What a driver says of a failure, told apart: SQLite's words (3.40) and
 * PostgreSQL's SQLSTATE (15, error codes in appendix A of its manual).
 */
#include "support/pool.h"

#include "failure.h"

static void test_failure(void **state)
{
    static const struct {
        const char *driver;
        int result;
        const char *message;
        hbr_failure_e is;
    } cases[] = {
        { "sqlite3", 1, "UNIQUE constraint failed: t.id",
          HBR_FAILURE_CONSTRAINT },
        { "sqlite3", 1, "NOT NULL constraint failed: t.v",
          HBR_FAILURE_CONSTRAINT },
        { "sqlite3", 1, "CHECK constraint failed: v", HBR_FAILURE_CONSTRAINT },
        { "sqlite3", 1, "FOREIGN KEY constraint failed",
          HBR_FAILURE_CONSTRAINT },
        { "sqlite3", 19, "not that", HBR_FAILURE_CONSTRAINT },
        { "sqlite3", 2067, "UNIQUE", HBR_FAILURE_CONSTRAINT },
        { "sqlite3", 5, "", HBR_FAILURE_BUSY },
        { "sqlite3", 6, "", HBR_FAILURE_BUSY },
        { "sqlite3", 1, "database is locked", HBR_FAILURE_BUSY },
        { "sqlite3", 1, "database table is locked: t", HBR_FAILURE_BUSY },
        { "sqlite3", 1, "database schema has changed", HBR_FAILURE_STALE },
        { "sqlite3", 1, "not an error", HBR_FAILURE_STALE },
        { "sqlite3", 100, "not an error", HBR_FAILURE_NONE },
        { "sqlite3", 100, "database is locked", HBR_FAILURE_BUSY },
        { "sqlite3", 100, "FOREIGN KEY constraint failed",
          HBR_FAILURE_CONSTRAINT },
        { "sqlite3", 1, "database or disk is full", HBR_FAILURE_FULL },
        { "sqlite3", 13, "", HBR_FAILURE_FULL },
        { "sqlite3", 1, "attempt to write a readonly database",
          HBR_FAILURE_READ_ONLY },
        { "sqlite3", 8, "", HBR_FAILURE_READ_ONLY },
        { "sqlite3", 1, "string or blob too big", HBR_FAILURE_VALUES },
        { "sqlite3", 1, "no such table: t", HBR_FAILURE_OTHER },
        { "sqlite3", 1, "ERROR:  23505: x", HBR_FAILURE_OTHER },
        { "pgsql", 7, "ERROR:  23505: duplicate key", HBR_FAILURE_CONSTRAINT },
        { "pgsql", 7, "FEHLER:  23502: NULL-Wert", HBR_FAILURE_CONSTRAINT },
        { "pgsql", 7, "ERROR:  22P02: invalid \"ERROR:  23505: \"",
          HBR_FAILURE_VALUES },
        { "pgsql", 7, "ERROR:  0A000: cached plan must not change",
          HBR_FAILURE_STALE },
        { "pgsql", 7, "ERROR:  26000: prepared statement \"hbr_1\"",
          HBR_FAILURE_UNPREPARED },
        { "pgsql", 7, "ERROR:  57014: canceling", HBR_FAILURE_SLOW },
        { "pgsql", 7, "ERROR:  40P01: deadlock detected", HBR_FAILURE_BUSY },
        { "pgsql", 7, "ERROR:  40001: could not serialize", HBR_FAILURE_BUSY },
        { "pgsql", 7, "ERROR:  55P03: lock", HBR_FAILURE_BUSY },
        { "pgsql", 7, "ERROR:  53100: could not extend", HBR_FAILURE_FULL },
        { "pgsql", 7, "ERROR:  25006: read-only", HBR_FAILURE_READ_ONLY },
        { "pgsql", 7, "FATAL:  57P01: terminating", HBR_FAILURE_OTHER },
        { "pgsql", 19, "server closed the connection", HBR_FAILURE_OTHER },
        { "pgsql", 7, "ERROR:  23505 ", HBR_FAILURE_OTHER },
        { "pgsql", 7, "ERROR:  2350: ", HBR_FAILURE_OTHER },
        { "pgsql", 7, "ERROR:  ", HBR_FAILURE_OTHER },
        { "pgsql", 7, "", HBR_FAILURE_OTHER },
        { "pgsql", 7, "UNIQUE constraint failed: t.id", HBR_FAILURE_OTHER },
        { "mysql", 19, "UNIQUE constraint failed", HBR_FAILURE_OTHER },
        { "mysql", 7, "ERROR:  23505: x", HBR_FAILURE_OTHER },
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++) {
        if (hbr_failure_of(cases[i].driver, cases[i].result, cases[i].message)
            != cases[i].is)
            fail_msg("%s: %s", cases[i].driver, cases[i].message);
    }
}

MAIN(cmocka_unit_test(test_failure))
