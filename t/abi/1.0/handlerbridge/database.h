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
 * A connection is borrowed for the one statement and given back before the
 * function returns; the rows are copies. These functions block: for a
 * connection at most BridgeDBWait milliseconds, then for the database.
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

/** @param text NULL gives SQL's NULL */
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
    const struct hbr_cell_t *cells; /**< The bridge's; use the getters. */
} hbr_rows_t;

/**
 * Runs a declared SELECT.
 * @param ctx the context
 * @param statement its index in the declaration
 * @param values HBR_VALUES(...), or HBR_NO_VALUES
 * @param rows set to the rows (maybe none); they live in ctx->pool
 * @return HBR_OK; 503 when the database is away, busy, or a statement of this
 *         handler is bad; 500 when the values do not fit, or the server has no
 *         DBDriver. Logged; to be returned
 */
HBR_API int hbr_select(hbr_context_t *ctx, int statement,
                       const hbr_value_t *values, hbr_rows_t **rows);

/**
 * Runs a declared statement that returns no rows.
 * @param affected set to the number of rows it changed; may be NULL
 * @return as hbr_select()
 */
HBR_API int hbr_execute(hbr_context_t *ctx, int statement,
                        const hbr_value_t *values, int64_t *affected);

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
 * A cell's bytes as they are.
 * @param length set to their number
 * @return the bytes; NULL for SQL's NULL, never NULL for an empty BLOB
 */
HBR_API const void *hbr_row_bytes(const hbr_rows_t *rows, apr_size_t row,
                                  apr_size_t column, apr_size_t *length);

#endif
