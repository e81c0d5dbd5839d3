/**
 * @file sql_probe.c
 * @brief For t/postgres.t: the same statements on both databases, and what the
 *        query's "do" names inside a transaction.
 *
 * sql_sleep and sql_die have PostgreSQL's own statements.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "handlerbridge.h"

enum { PUT, GET, ADD, COUNT_ROWS, ADD_CHILD };

static const hbr_statement_t statements[] = {
    [PUT] = { "put", "INSERT INTO probe (id, t, n, r, b, yes) "
                     "VALUES (%lld, %s, %lld, %lf, %pDb, %d <> 0)" },
    [GET] = { "get", "SELECT t, n, r, b, CASE WHEN yes THEN 1 ELSE 0 END "
                     "FROM probe WHERE id = %lld" },
    [ADD] = { "add", "INSERT INTO probe (id, n) VALUES (%lld, 0) "
                     "RETURNING id" },
    [COUNT_ROWS] = { "count", "SELECT COUNT(*) FROM probe WHERE id >= %lld" },
    [ADD_CHILD] = { "add child", "INSERT INTO child (id, parent) "
                                 "VALUES (%lld, %lld)" },
    HBR_STATEMENTS_END
};

static int64_t number(hbr_context_t *ctx, const char *name)
{
    return strtoll(hbr_query(ctx, name, "0"), NULL, 10);
}

/* What is not in the query is NULL; the body is the BLOB. */
static int put(hbr_context_t *ctx)
{
    hbr_value_t n = hbr_value_null(), r = hbr_value_null(),
                b = hbr_value_null();
    int64_t affected;
    const char *body;
    apr_size_t length;
    int rc = hbr_body(ctx, 0, &body, &length);

    if (rc != HBR_OK)
        return rc;
    if (hbr_query(ctx, "n", NULL) != NULL)
        n = hbr_value_int(number(ctx, "n"));
    if (hbr_query(ctx, "r", NULL) != NULL)
        r = hbr_value_double(strtod(hbr_query(ctx, "r", ""), NULL));
    if (hbr_query(ctx, "b", NULL) != NULL)
        b = hbr_value_blob(body, length);
    rc = hbr_execute(ctx, PUT,
                     HBR_VALUES(hbr_value_int(number(ctx, "id")),
                                hbr_value_text(hbr_query(ctx, "t", NULL)), n, r,
                                b, hbr_value_int(number(ctx, "yes"))),
                     &affected);
    return rc != HBR_OK ? rc : hbr_text(ctx, "%" PRId64 "\n", affected);
}

static void show(hbr_context_t *ctx, const hbr_rows_t *rows, apr_size_t column,
                 const char *name)
{
    apr_size_t length;
    const unsigned char *bytes = hbr_row_bytes(rows, 0, column, &length);

    hbr_printf(ctx, "%s=", name);
    if (bytes == NULL)
        hbr_puts(ctx, "NULL");
    for (apr_size_t i = 0; bytes != NULL && i < length; i++)
        hbr_printf(ctx, "%02x", bytes[i]);
    hbr_puts(ctx, "\n");
}

static int get(hbr_context_t *ctx)
{
    hbr_rows_t *rows;
    int rc = hbr_select(ctx, GET, HBR_VALUES(hbr_value_int(number(ctx, "id"))),
                        &rows);

    if (rc != HBR_OK)
        return rc;
    if (rows->count == 0)
        return hbr_error(ctx, 404, NULL);
    show(ctx, rows, 0, "t");
    hbr_printf(ctx, "n=%" PRId64 "%s\nr=%.17g%s\n", hbr_row_int(rows, 0, 1),
               hbr_row_is_null(rows, 0, 1) ? " NULL" : "",
               hbr_row_double(rows, 0, 2),
               hbr_row_is_null(rows, 0, 2) ? " NULL" : "");
    show(ctx, rows, 3, "b");
    hbr_printf(ctx, "yes=%" PRId64 "\n", hbr_row_int(rows, 0, 4));
    return HBR_OK;
}

static int blob(hbr_context_t *ctx)
{
    hbr_rows_t *rows;
    apr_size_t length;
    const void *bytes;
    int rc = hbr_select(ctx, GET, HBR_VALUES(hbr_value_int(number(ctx, "id"))),
                        &rows);

    if (rc != HBR_OK)
        return rc;
    bytes = hbr_row_bytes(rows, 0, 3, &length);
    return hbr_bytes(ctx, bytes, length,
                     &(hbr_content_t){ .ownership = HBR_REQUEST });
}

static int add(hbr_context_t *ctx, int64_t id)
{
    hbr_rows_t *rows;
    int rc = hbr_select(ctx, ADD, HBR_VALUES(hbr_value_int(id)), &rows);

    if (rc == HBR_OK && hbr_row_int(rows, 0, 0) != id)
        return hbr_error(ctx, 500, "RETURNING gave another row.");
    return rc;
}

static int add_one(hbr_context_t *ctx)
{
    int rc = add(ctx, number(ctx, "id"));

    return rc != HBR_OK ? rc : hbr_text(ctx, "added\n");
}

static int plain_add(hbr_context_t *ctx, void *data)
{
    (void)data;
    return add(ctx, 1);
}

/* "how" says what comes behind the first row. */
static int work(hbr_context_t *ctx, void *data)
{
    int64_t id = number(ctx, "id");
    const char *how = data, *body;
    apr_size_t length;
    int rc = add(ctx, id);

    if (rc != HBR_OK || strcmp(how, "one") == 0)
        return rc;
    if (strcmp(how, "refuse") == 0)
        return hbr_error(ctx, 418, "No.");
    if (strcmp(how, "ignore") == 0)
        add(ctx, id);
    if (strcmp(how, "flush") == 0)
        hbr_puts(ctx, "x"), hbr_flush(ctx);
    if (strcmp(how, "fill") == 0)
        for (int i = 0; i < 100000; i++)
            hbr_puts(ctx, "0123456789abcdef");
    if (strcmp(how, "body") == 0)
        hbr_body(ctx, 0, &body, &length);
    if (strcmp(how, "nest") == 0)
        hbr_transaction(ctx, plain_add, NULL);
    if (strcmp(how, "orphan") == 0)
        hbr_execute(ctx, ADD_CHILD,
                    HBR_VALUES(hbr_value_int(id), hbr_value_int(-1)), NULL);
    add(ctx, id + 1);
    hbr_puts(ctx, "worked\n");
    return HBR_OK;
}

static int transact(hbr_context_t *ctx)
{
    return hbr_transaction(ctx, work, (void *)hbr_query(ctx, "how", "two"));
}

static int count(hbr_context_t *ctx)
{
    hbr_rows_t *rows;
    int rc = hbr_select(ctx, COUNT_ROWS,
                        HBR_VALUES(hbr_value_int(number(ctx, "id"))), &rows);

    return rc != HBR_OK ? rc : hbr_text(ctx, "%s\n", hbr_row_text(rows, 0, 0));
}

static int probe(hbr_context_t *ctx)
{
    static const struct {
        const char *name;
        int (*run)(hbr_context_t *ctx);
    } actions[] = { { "put", put },           { "get", get },
                    { "blob", blob },         { "add", add_one },
                    { "transact", transact }, { "count", count } };
    const char *name = hbr_query(ctx, "do", "count");

    for (apr_size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(actions[i].name, name) == 0)
            return actions[i].run(ctx);
    }
    return hbr_error(ctx, 400, "There is no such \"do\".");
}

HBR_HANDLER(sql_probe, .process = probe, .methods = "GET, POST",
            .statements = statements);

enum { SLEEP, SETTINGS, DIE };

static const hbr_statement_t own_statements[] = {
    [SLEEP] = { "sleep", "SELECT pg_backend_pid() FROM pg_sleep(%lf)" },
    [SETTINGS] = { "settings", "SELECT current_setting('client_encoding'), "
                               "current_setting('bytea_output'), "
                               "current_setting('statement_timeout')" },
    /* a sequence goes on whatever becomes of the statement */
    [DIE] = { "die", "SELECT nextval('tries'), "
                     "pg_terminate_backend(pg_backend_pid()), pg_sleep(20)" },
    HBR_STATEMENTS_END
};

static int sleep_there(hbr_context_t *ctx)
{
    double seconds = strtod(hbr_query(ctx, "seconds", "0"), NULL);
    hbr_rows_t *rows;
    int rc =
        hbr_select(ctx, SLEEP, HBR_VALUES(hbr_value_double(seconds)), &rows);

    if (rc == HBR_OK)
        rc = hbr_select(ctx, SETTINGS, HBR_NO_VALUES, &rows);
    return rc != HBR_OK
               ? rc
               : hbr_text(ctx, "%s %s %s\n", hbr_row_text(rows, 0, 0),
                          hbr_row_text(rows, 0, 1), hbr_row_text(rows, 0, 2));
}

/* Its server process ends under it. */
static int die(hbr_context_t *ctx)
{
    hbr_rows_t *rows;

    if (strcmp(hbr_query(ctx, "as", ""), "change") == 0)
        return hbr_execute(ctx, DIE, HBR_NO_VALUES, NULL);
    return hbr_select(ctx, DIE, HBR_NO_VALUES, &rows);
}

HBR_HANDLER(sql_die, .process = die, .statements = own_statements);

HBR_HANDLER(sql_sleep, .process = sleep_there, .statements = own_statements);
