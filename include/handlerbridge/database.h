/**
 * @file database.h
 * @brief SQL declared with the handler, run over mod_dbd's connections.
 *
 *     enum { FIND, RENAME };
 *     static const hbr_statement_t statements[] = {
 *         [FIND]   = { "find", "SELECT name, photo FROM people WHERE id = %lld" },
 *         [RENAME] = { "rename", "UPDATE people SET name = %s WHERE id = %lld" },
 *         HBR_STATEMENTS_END
 *     };
 *
 *     hbr_rows_t *rows;
 *     int rc = hbr_select(ctx, FIND, HBR_VALUES(hbr_value_int(id)), &rows);
 *     if (rc != HBR_OK)
 *         return rc;
 *
 * Placeholders are those of apr_dbd_prepare(): %s text, %d and %lld integers,
 * %lf a double, %pDb a BLOB; %% is a percent sign. A value of another kind
 * than its placeholder, or another number of values, is a 500 with a log line.
 * A NULL value fits every placeholder.
 *
 * A connection is borrowed for the one statement, or for one transaction, and
 * given back before the function returns; the rows are copies. These functions
 * block: for a connection at most BridgeDBWait milliseconds, then for the
 * database, at most BridgeDBTimeout where it is PostgreSQL.
 */
#ifndef HANDLERBRIDGE_DATABASE_H
#define HANDLERBRIDGE_DATABASE_H

#include <string.h>

#include "context.h"

/** One statement. Statements are prepared on a connection's first use; a bad
 *  one is logged with the driver's words and its handler answers 503. */
typedef struct hbr_statement_t {
    const char *name; /**< For logs. */
    const char *sql;  /**< Constant text; values go in by placeholders only. */
} hbr_statement_t;

/* clang-format off */
#define HBR_STATEMENTS_END { NULL, NULL }
/* clang-format on */

typedef enum {
    HBR_VALUE_END = 0,
    HBR_VALUE_NULL,
    HBR_VALUE_INT,
    HBR_VALUE_DOUBLE,
    HBR_VALUE_TEXT,
    HBR_VALUE_BLOB
} hbr_value_type_e;

/** A value for a placeholder; made by the functions below. */
typedef struct hbr_value_t {
    hbr_value_type_e type;
    union {
        int64_t integer;
        double real;
        struct {
            const void *data;
            apr_size_t length;
        } bytes;
    } as;
} hbr_value_t;

static inline hbr_value_t hbr_value_null(void)
{
    return (hbr_value_t){ .type = HBR_VALUE_NULL };
}

static inline hbr_value_t hbr_value_int(int64_t value)
{
    return (hbr_value_t){ .type = HBR_VALUE_INT, .as.integer = value };
}

static inline hbr_value_t hbr_value_double(double value)
{
    return (hbr_value_t){ .type = HBR_VALUE_DOUBLE, .as.real = value };
}

/** @param text NULL gives SQL's NULL; what is longer than the database takes
 *        (SQLite: 1,000,000,000 bytes mostly) fails the statement */
static inline hbr_value_t hbr_value_text(const char *text)
{
    if (text == NULL)
        return hbr_value_null();
    return (hbr_value_t){ .type = HBR_VALUE_TEXT,
                          .as.bytes = { text, strlen(text) } };
}

static inline hbr_value_t hbr_value_blob(const void *data, apr_size_t length)
{
    return (hbr_value_t){ .type = HBR_VALUE_BLOB,
                          .as.bytes = { data, length } };
}

/** The values of a statement, in order. */
#define HBR_VALUES(...)                                                        \
    ((const hbr_value_t[]){ __VA_ARGS__, { .type = HBR_VALUE_END } })
/** For a statement without placeholders. */
#define HBR_NO_VALUES NULL

/** The rows of a SELECT. */
typedef struct hbr_rows_t {
    apr_size_t count; /**< Of rows. */
    apr_size_t columns;
    const struct hbr_cell_t *const *cells; /**< The bridge's; use the
                                                getters. */
} hbr_rows_t;

/**
 * Runs a declared SELECT.
 * @param ctx the context
 * @param statement its index in the declaration
 * @param values HBR_VALUES(...), or HBR_NO_VALUES
 * @param rows set to the rows (maybe none); they live in ctx->pool
 * @return HBR_OK; 409 when a constraint of the database forbids it (UNIQUE, NOT
 *         NULL, CHECK, a foreign key); 503 when the database is away, busy, or
 *         takes too long, or a statement of this handler is bad; 507 when the
 *         database is full; 500 when the values do not fit, or the server has
 *         no DBDriver. Logged; to be returned. Who has a better
 *         answer to a 409 calls hbr_clear() and gives that
 */
HBR_API int hbr_select(hbr_context_t *ctx, int statement,
                       const hbr_value_t *values, hbr_rows_t **rows);

/**
 * Runs a declared statement for what it changes; rows that it returns are
 * dropped.
 * @param affected set to the number of rows it changed; may be NULL
 * @return as hbr_select()
 */
HBR_API int hbr_execute(hbr_context_t *ctx, int statement,
                        const hbr_value_t *values, int64_t *affected);

/**
 * Runs statements together or not at all: all hbr_select() and hbr_execute()
 * calls of @a work go to one connection, inside one transaction.
 *
 *     static int move(hbr_context_t *ctx, void *data)
 *     {
 *         const move_t *move = data;
 *         int rc = hbr_execute(ctx, TAKE, HBR_VALUES(...), NULL);
 *
 *         return rc == HBR_OK ? hbr_execute(ctx, GIVE, HBR_VALUES(...), NULL)
 *                             : rc;
 *     }
 *
 *     rc = hbr_transaction(ctx, move, &wanted);
 *
 * It is committed when @a work returns HBR_OK and no statement of it failed;
 * else it is rolled back. A statement that failed makes those after it fail.
 *
 * The connection is held until @a work returns, so nothing may wait for the
 * client in there: a write that would pass bytes on (the response's buffer is
 * full, hbr_flush()), or reading the request's body, is a 500 with a log line,
 * and so is a transaction inside another. Short texts may be written; they
 * are kept like others, whatever becomes of the transaction.
 *
 * SQLite: begins with BEGIN IMMEDIATE, so that one transaction at a time runs
 * on a file, and waits 1.6 seconds for another's end; then it is a 503.
 *
 * @param ctx the context
 * @param work does the work; runs once, in this thread, never when the
 *        transaction could not begin
 * @param data for @a work
 * @return HBR_OK when it is committed; what @a work returned when that is not
 *         HBR_OK; else the status of what failed, as hbr_select(), the COMMIT's
 *         too: 409 when a constraint that is looked at there forbids it, 503
 *         otherwise. Blocks as hbr_select() does
 */
HBR_API int hbr_transaction(hbr_context_t *ctx,
                            int (*work)(hbr_context_t *ctx, void *data),
                            void *data);

/** True for SQL's NULL, and for a row or column that is not there. */
HBR_API bool hbr_row_is_null(const hbr_rows_t *rows, apr_size_t row,
                             apr_size_t column);

/** A cell as text, NUL-terminated. NULL for SQL's NULL, "" for empty. */
HBR_API const char *hbr_row_text(const hbr_rows_t *rows, apr_size_t row,
                                 apr_size_t column);

/** A cell as an integer; 0 for NULL and for what is no integer. */
HBR_API int64_t hbr_row_int(const hbr_rows_t *rows, apr_size_t row,
                            apr_size_t column);

/** A cell as a double; 0 for NULL and for what is no number. */
HBR_API double hbr_row_double(const hbr_rows_t *rows, apr_size_t row,
                              apr_size_t column);

/**
 * A cell's bytes as they are. A BLOB (a bytea) is read by this function only:
 * hbr_row_text() shows PostgreSQL's hexadecimal form of it.
 * @param length set to their number
 * @return the bytes; NULL for SQL's NULL, never NULL for an empty BLOB
 */
HBR_API const void *hbr_row_bytes(const hbr_rows_t *rows, apr_size_t row,
                                  apr_size_t column, apr_size_t *length);

#endif
