/**
 * @file database_probe.c
 * @brief For the tests: runs the statement that the query's "do" names.
 *
 * database_bad has a statement that can never be prepared, and says "fine" to
 * whoever gets past it.
 */
#include <stdlib.h>

#include "handlerbridge.h"

enum { PUT, LIST, SLOW, LARGE, WAIT };

static const hbr_statement_t statements[] = {
    [PUT] = { "put", "INSERT INTO notes (note) VALUES (%s)" },
    [LIST] = { "list", "SELECT note FROM notes ORDER BY id" },
    [SLOW] = { "slow", "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL "
                       "SELECT n + 1 FROM c WHERE n < %lld) "
                       "SELECT count(*) FROM c" },
    [LARGE] = { "large", "SELECT zeroblob(%lld)" },
    [WAIT] = { "wait", "PRAGMA busy_timeout" },
    HBR_STATEMENTS_END
};

static int64_t number(hbr_context_t *ctx)
{
    return strtoll(hbr_query(ctx, "n", "1"), NULL, 10);
}

static int put(hbr_context_t *ctx)
{
    hbr_value_t note = hbr_value_text(hbr_query(ctx, "note", NULL));
    int64_t affected;
    int rc = hbr_execute(ctx, PUT, HBR_VALUES(note), &affected);

    return rc != HBR_OK ? rc : hbr_text(ctx, "%d\n", (int)affected);
}

static int list(hbr_context_t *ctx)
{
    hbr_rows_t *rows;
    int rc = hbr_select(ctx, LIST, HBR_NO_VALUES, &rows);
    apr_size_t i;

    if (rc != HBR_OK)
        return rc;
    for (i = 0; i < rows->count; i++) {
        const char *note = hbr_row_text(rows, i, 0);

        hbr_printf(ctx, "%s\n", note != NULL ? note : "(null)");
    }
    return HBR_OK;
}

static int slow(hbr_context_t *ctx)
{
    hbr_rows_t *rows;
    int rc =
        hbr_select(ctx, SLOW, HBR_VALUES(hbr_value_int(number(ctx))), &rows);

    return rc != HBR_OK ? rc : hbr_text(ctx, "%s\n", hbr_row_text(rows, 0, 0));
}

static int large(hbr_context_t *ctx)
{
    hbr_rows_t *rows;
    apr_size_t length;
    const void *bytes;
    int rc =
        hbr_select(ctx, LARGE, HBR_VALUES(hbr_value_int(number(ctx))), &rows);

    if (rc != HBR_OK)
        return rc;
    bytes = hbr_row_bytes(rows, 0, 0, &length);
    return hbr_bytes(ctx, bytes, length,
                     &(hbr_content_t){ .ownership = HBR_REQUEST });
}

static int patience(hbr_context_t *ctx)
{
    hbr_rows_t *rows;
    int rc = hbr_select(ctx, WAIT, HBR_NO_VALUES, &rows);

    return rc != HBR_OK ? rc : hbr_text(ctx, "%s\n", hbr_row_text(rows, 0, 0));
}

static int probe(hbr_context_t *ctx)
{
    static const struct {
        const char *name;
        int (*run)(hbr_context_t *ctx);
    } actions[] = { { "put", put },
                    { "list", list },
                    { "slow", slow },
                    { "large", large },
                    { "wait", patience } };
    const char *name = hbr_query(ctx, "do", "list");
    apr_size_t i;

    for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(actions[i].name, name) == 0)
            return actions[i].run(ctx);
    }
    return hbr_error(ctx, 400, "There is no such \"do\".");
}

HBR_HANDLER(database_probe, .process = probe, .statements = statements);

static const hbr_statement_t bad_statements[] = { { "good", "SELECT 1" },
                                                  { "never",
                                                    "SELECT x FROM nowhere" },
                                                  HBR_STATEMENTS_END };

static int bad(hbr_context_t *ctx)
{
    hbr_rows_t *rows;
    int rc = hbr_select(ctx, 0, HBR_NO_VALUES, &rows);

    return rc != HBR_OK ? rc : hbr_text(ctx, "fine\n");
}

HBR_HANDLER(database_bad, .process = bad, .statements = bad_statements);
