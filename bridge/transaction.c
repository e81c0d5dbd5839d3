/*
 * Transactions: statements of one handler on one borrowed connection, done
 * together or not at all.
 *
 * BEGIN, COMMIT and ROLLBACK go to the database as such. apr_dbd's transactions
 * would take no statement after one that had to be prepared anew, and with
 * SQLite begin as readers: two of those that both come to write can only give
 * up. BEGIN IMMEDIATE takes the lock first, where waiting for it still helps.
 *
 * Invariant: state->transaction is set while the author's function runs and at
 * no other time. What would wait for the client is refused there, so that the
 * time a connection is held is the author's and the database's.
 */
#include "transaction.h"

#include "borrow.h"
#include "failure.h"
#include "handlerbridge/database.h"
#include "log.h"
#include "response.h"
#include "timing.h"

bool hbr_transaction_forbids(hbr_context_t *ctx, const char *call,
                             const char *what)
{
    hbr_transaction_t *transaction = ctx->state->transaction;

    if (transaction == NULL)
        return false;
    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0335",
                   "%s() %s inside a transaction, which is rolled back", call,
                   what);
    hbr_fail(ctx);
    transaction->failed = HBR_INTERNAL_ERROR;
    return true;
}

static int tell(const hbr_connection_t *connection, const char *sql)
{
    int rows = 0, result;

    hbr_connection_watch(connection, HBR_NO_DEADLINE);
    result = apr_dbd_query(connection->driver, connection->handle, &rows, sql);
    hbr_connection_unwatch(connection);
    return result;
}

static hbr_failure_e cause(const hbr_connection_t *connection, int result,
                           char message[HBR_DRIVER_MESSAGE])
{
    hbr_driver_message(connection, result, message);
    return hbr_failure_of(apr_dbd_name(connection->driver), result, message);
}

/* ------------------------------------------------------------------- begin */

static int not_begun(hbr_context_t *ctx, const hbr_connection_t *connection,
                     int result)
{
    char message[HBR_DRIVER_MESSAGE];
    bool busy = cause(connection, result, message) == HBR_FAILURE_BUSY;

    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0337",
                   "a transaction cannot begin: %s", message);
    if (busy)
        return hbr_borrow_refuse(ctx, HBR_SERVICE_UNAVAILABLE,
                                 "The database is busy.");
    return hbr_borrow_unavailable(ctx);
}

/* Prepared before it begins: what cannot be prepared would end it. */
static int prepare(hbr_context_t *ctx, const hbr_connection_t *connection)
{
    const hbr_prepared_t *bad = NULL;

    if (ctx->state->entry->statements == 0
        || hbr_statement_get(connection, ctx->state->entry, 0, apr_time_now(),
                             &bad)
               != NULL)
        return HBR_OK;
    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0203",
                   "statement \"%s\" cannot be prepared: %s",
                   bad->declared->name, bad->message);
    return hbr_borrow_unavailable(ctx);
}

static int begin(hbr_context_t *ctx, const hbr_connection_t *connection)
{
    int rc = prepare(ctx, connection);
    int result;

    if (rc != HBR_OK)
        return rc;
    result =
        tell(connection,
             hbr_is_sqlite(connection->driver) ? "BEGIN IMMEDIATE" : "BEGIN");
    return result == 0 ? HBR_OK : not_begun(ctx, connection, result);
}

/* --------------------------------------------------------------------- end */

/* A connection that broke takes the change's fate with it. */
static int not_committed(hbr_context_t *ctx, const hbr_connection_t *connection,
                         int result)
{
    char message[HBR_DRIVER_MESSAGE];
    hbr_failure_e failure = cause(connection, result, message);

    if (failure == HBR_FAILURE_CONSTRAINT) {
        hbr_bridge_log(ctx, HBR_LOG_INFO, APR_SUCCESS, "HBR0220",
                       "the transaction violates a constraint: %s", message);
        return hbr_borrow_refuse(ctx, HBR_CONFLICT,
                                 "The database's constraints do not allow "
                                 "this.");
    }
    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0334",
                   "the transaction's COMMIT failed%s: %s",
                   hbr_connection_is_lost(connection)
                       ? ", and nobody can say whether it was made"
                       : ", nothing of it was made",
                   message);
    if (failure == HBR_FAILURE_FULL)
        return hbr_borrow_refuse(ctx, HBR_INSUFFICIENT_STORAGE,
                                 "The database is full.");
    return hbr_borrow_unavailable(ctx);
}

static void roll_back(const hbr_transaction_t *transaction)
{
    const hbr_connection_t *connection = &transaction->connection;

    /* SQLite may have done it already, and says that as an error */
    tell(connection, "ROLLBACK");
    hbr_connection_unsettle(connection);
    if (transaction->suspect != NULL)
        hbr_statement_renew(connection, transaction->suspect, apr_time_now(),
                            true);
}

/* rc: what the author's function returned */
static int end(hbr_context_t *ctx, hbr_transaction_t *transaction, int rc)
{
    int result;

    if (rc == HBR_OK)
        rc = transaction->failed;
    if (rc == HBR_OK) {
        result = tell(&transaction->connection, "COMMIT");
        if (result == 0)
            return HBR_OK;
        rc = not_committed(ctx, &transaction->connection, result);
    }
    roll_back(transaction);
    return rc;
}

/* -------------------------------------------------------------- public API */

static int begin_borrowed(hbr_context_t *ctx, hbr_transaction_t *transaction)
{
    apr_time_t started = hbr_timing_start(ctx->state);
    int rc = hbr_borrow(ctx, &transaction->connection);

    if (rc == HBR_OK) {
        rc = begin(ctx, &transaction->connection);
        if (rc != HBR_OK)
            hbr_give_back(ctx, &transaction->connection,
                          hbr_connection_is_lost(&transaction->connection));
    }
    hbr_timing_stop(ctx->state, HBR_TIMED_DB, started);
    return rc;
}

static int end_borrowed(hbr_context_t *ctx, hbr_transaction_t *transaction,
                        int rc)
{
    apr_time_t started = hbr_timing_start(ctx->state);

    rc = end(ctx, transaction, rc);
    hbr_give_back(ctx, &transaction->connection,
                  rc != HBR_OK
                      && hbr_connection_is_lost(&transaction->connection));
    hbr_timing_stop(ctx->state, HBR_TIMED_DB, started);
    return rc;
}

int hbr_transaction(hbr_context_t *ctx,
                    int (*work)(hbr_context_t *ctx, void *data), void *data)
{
    hbr_transaction_t transaction = { .failed = HBR_OK };
    int rc;

    if (hbr_transaction_forbids(ctx, "hbr_transaction", "begins another"))
        return HBR_INTERNAL_ERROR;
    rc = begin_borrowed(ctx, &transaction);
    if (rc != HBR_OK)
        return rc;
    ctx->state->transaction = &transaction;
    rc = work(ctx, data);
    ctx->state->transaction = NULL;
    return end_borrowed(ctx, &transaction, rc);
}
