/*
 * A violated constraint told from an outage, by each driver's words (SQLite's
 * 3.40; PostgreSQL's 15, errors of class 23).
 */
#include "support/pool.h"

#include "constraint.h"

static void test_constraint(void **state)
{
    static const struct {
        const char *driver;
        int result;
        const char *message;
        bool is;
    } cases[] = {
        { "sqlite3", 1, "UNIQUE constraint failed: t.id", true },
        { "sqlite3", 1, "NOT NULL constraint failed: t.v", true },
        { "sqlite3", 1, "CHECK constraint failed: v", true },
        { "sqlite3", 1, "FOREIGN KEY constraint failed", true },
        { "sqlite3", 19, "not that", true },
        { "sqlite3", 2067, "UNIQUE", true },
        { "sqlite3", 5, "database is locked", false },
        { "sqlite3", 1, "no such table: t", false },
        { "sqlite3", 1, " violates check constraint ", false },
        { "pgsql", 7,
          "ERROR:  duplicate key value violates unique constraint \"t_pkey\"",
          true },
        { "pgsql", 7,
          "ERROR:  null value in column \"v\" of relation \"t\" violates "
          "not-null constraint",
          true },
        { "pgsql", 7,
          "ERROR:  new row for relation \"t\" violates check constraint "
          "\"c\"",
          true },
        { "pgsql", 7,
          "ERROR:  insert or update on table \"t\" violates foreign key "
          "constraint \"f\"",
          true },
        { "pgsql", 7,
          "ERROR:  conflicting key value violates exclusion constraint \"x\"",
          true },
        { "pgsql", 19, "server closed the connection unexpectedly", false },
        { "pgsql", 7, "ERROR:  UNIQUE constraint failed: t.id", false },
        { "pgsql", 7,
          "ERROR:  invalid input syntax for type integer: \"1 violates unique "
          "constraint \"",
          false },
        { "pgsql", 7,
          "ERROR:  duplicate key value violates unique constraint \"t_pkey\"\n"
          "DETAIL:  Key (v)=(: \"x) already exists.",
          true },
        { "mysql", 19, "UNIQUE constraint failed", false },
        { "mysql", 7, "x violates unique constraint y", false },
    };
    size_t i;

    (void)state;
    for (i = 0; i < ITEMS(cases); i++)
        assert_int_equal(hbr_is_constraint(cases[i].driver, cases[i].result,
                                           cases[i].message),
                         cases[i].is);
}

MAIN(cmocka_unit_test(test_constraint))
