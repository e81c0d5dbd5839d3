/*
 * Runs declared statements. A connection is borrowed for the one statement
 * and given back before the function returns, with the rows already taken
 * out: it is never held while a client takes his time. The request's thread
 * calls; what it makes lives in ctx->pool.
 */
#include "handlerbridge/database.h"

#include <string.h>

#include "constraint.h"
#include "error.h"
#include "log.h"
#include "rows.h"
#include "state.h"
#include "statement.h"
#include "timing.h"

#define RETRY_AFTER "5" /* seconds, for the client */

typedef struct run_t {
    hbr_context_t *ctx;
    apr_size_t index;
    const hbr_value_t *values;
    hbr_connection_t connection;
    hbr_prepared_t *prepared;
    const void **arguments;
    hbr_rows_t **rows; /* NULL: it returns none */
    int affected;
    int code;                         /* the driver's, when it failed */
    char message[HBR_DRIVER_MESSAGE]; /* the driver's, when it failed */
} run_t;

/* In a source's read the response is on its way: its status stands, and the
 * caller's error cuts it. */
static int refuse(hbr_context_t *ctx, int status, const char *sentence)
{
    if (hbr_committed(ctx))
        return status;
    if (status == HBR_SERVICE_UNAVAILABLE)
        hbr_header_set(ctx, "Retry-After", RETRY_AFTER);
    if (sentence == NULL)
        return hbr_error(ctx, status, NULL);
    return hbr_limit_error(ctx, status, "%s", sentence);
}

static int unavailable(hbr_context_t *ctx)
{
    return refuse(ctx, HBR_SERVICE_UNAVAILABLE,
                  "The database is not available.");
}

static int misused(hbr_context_t *ctx)
{
    return refuse(ctx, HBR_INTERNAL_ERROR, NULL);
}

/* What bounds the waiting is what the client and the operator are told. */
static int busy(hbr_context_t *ctx)
{
    if (hbr_time_left(ctx) == 0) {
        hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0210",
                       "no database connection came free within "
                       "BridgeDeadline");
        return refuse(ctx, HBR_SERVICE_UNAVAILABLE,
                      "No database connection came free in time "
                      "(BridgeDeadline).");
    }
    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0202",
                   "no database connection came free within BridgeDBWait; "
                   "BridgeDBMax of them are in use");
    return refuse(ctx, HBR_SERVICE_UNAVAILABLE,
                  "No database connection came free in time "
                  "(BridgeDBWait, BridgeDBMax).");
}

static int not_borrowed(hbr_context_t *ctx, hbr_borrow_e why)
{
    switch (why) {
    case HBR_DATABASE_BUSY: return busy(ctx);
    case HBR_DATABASE_AWAY:
        hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0201",
                       "the database cannot be reached");
        return unavailable(ctx);
    default:
        hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0200",
                       "it uses SQL, but this server has no database: "
                       "DBDriver is not set");
        return misused(ctx);
    }
}

static int borrow(run_t *run)
{
    const hbr_request_t *request = &run->ctx->state->request;
    const hbr_host_database_t *database = request->host->database;
    hbr_borrow_e borrowed = HBR_NO_DATABASE;

    if (database != NULL)
        borrowed = database->borrow(request->request, run->ctx->pool,
                                    hbr_time_left(run->ctx), &run->connection);
    return borrowed == HBR_BORROWED ? HBR_OK : not_borrowed(run->ctx, borrowed);
}

static void give_back(run_t *run, bool broken)
{
    const hbr_request_t *request = &run->ctx->state->request;

    request->host->database->give_back(request->request, &run->connection,
                                       broken);
}

static int make_ready(run_t *run)
{
    hbr_context_t *ctx = run->ctx;
    const hbr_prepared_t *bad;
    const char *wrong;

    run->prepared = hbr_statement_get(&run->connection, ctx->state->entry,
                                      run->index, apr_time_now(), &bad);
    if (run->prepared == NULL) {
        hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0203",
                       "statement \"%s\" cannot be prepared: %s",
                       bad->declared->name, bad->message);
        return unavailable(ctx);
    }
    wrong = hbr_places_bind(ctx->pool, &run->prepared->places, run->values,
                            &run->arguments);
    if (wrong != NULL) {
        hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0205",
                       "statement \"%s\": %s", run->prepared->declared->name,
                       wrong);
        return misused(ctx);
    }
    return HBR_OK;
}

static bool select_rows(run_t *run)
{
    const hbr_connection_t *connection = &run->connection;
    apr_dbd_results_t *results = NULL;
    apr_status_t rv;
    int result =
        apr_dbd_pbselect(connection->driver, run->ctx->pool, connection->handle,
                         &results, run->prepared->handle, 1, run->arguments);

    if (result != 0) {
        run->code = result;
        hbr_driver_message(connection, result, run->message);
        return false;
    }
    rv = hbr_rows_collect(run->ctx->pool, run->ctx->state->request.bucket_alloc,
                          connection->driver, results, run->rows);
    if (rv != APR_SUCCESS)
        apr_strerror(rv, run->message, sizeof(run->message));
    return rv == APR_SUCCESS;
}

static bool change_rows(run_t *run)
{
    const hbr_connection_t *connection = &run->connection;
    int result =
        apr_dbd_pbquery(connection->driver, run->ctx->pool, connection->handle,
                        &run->affected, run->prepared->handle, run->arguments);

    run->code = result;
    if (result != 0)
        hbr_driver_message(connection, result, run->message);
    return result == 0;
}

static bool run_once(run_t *run)
{
    return run->rows != NULL ? select_rows(run) : change_rows(run);
}

/* SQLite's driver prepares in the old way: when another process changes the
 * schema the statement fails for good, with these words the first time. SQLite
 * looks at the schema before it does anything, so nothing of it has run. */
static bool is_stale(const run_t *run)
{
    return strcmp(apr_dbd_name(run->connection.driver), "sqlite3") == 0
           && strstr(run->message, "schema has changed") != NULL;
}

/* SQLite says when a statement is stale; other databases have many words for
 * it, and any failure may be that. */
static bool may_be_stale(const run_t *run)
{
    return strcmp(apr_dbd_name(run->connection.driver), "sqlite3") != 0;
}

/* A SELECT can always be run again. Another statement only when it is known
 * that nothing of it ran: a connection that broke after the change was made
 * fails it too, and running it again would make the change twice. It is
 * prepared anew all the same, for those who come later. */
static bool run_again(run_t *run)
{
    bool stale = is_stale(run);

    if (!stale && !may_be_stale(run))
        return false;
    if (!hbr_statement_renew(&run->connection, run->prepared, apr_time_now(),
                             stale))
        return false;
    hbr_bridge_log(run->ctx, HBR_LOG_INFO, APR_SUCCESS, "HBR0206",
                   "statement \"%s\" is prepared anew after: %s",
                   run->prepared->declared->name, run->message);
    if (run->rows == NULL && !stale)
        return false;
    if (!run_once(run))
        return false;
    hbr_statement_renewed(run->prepared);
    return true;
}

static bool is_violated(const run_t *run)
{
    return hbr_is_constraint(apr_dbd_name(run->connection.driver), run->code,
                             run->message);
}

/* The client's doing rather than the database's: nothing to wake anybody for. */
static int violated(run_t *run)
{
    hbr_bridge_log(run->ctx, HBR_LOG_INFO, APR_SUCCESS, "HBR0220",
                   "statement \"%s\" violates a constraint: %s",
                   run->prepared->declared->name, run->message);
    return refuse(run->ctx, HBR_CONFLICT,
                  "The database's constraints do not allow this.");
}

static bool connection_failed(const run_t *run)
{
    int result = apr_dbd_check_conn(run->connection.driver, run->ctx->pool,
                                    run->connection.handle);

    return result != APR_SUCCESS && result != APR_ENOTIMPL;
}

static int run_borrowed(run_t *run, bool *broken)
{
    int result = make_ready(run);

    if (result != HBR_OK)
        return result;
    if (run_once(run) || (!is_violated(run) && run_again(run)))
        return HBR_OK;
    if (is_violated(run))
        return violated(run);
    *broken = connection_failed(run);
    hbr_bridge_log(run->ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0204",
                   "statement \"%s\" failed: %s", run->prepared->declared->name,
                   run->message);
    return unavailable(run->ctx);
}

static int run_statement(run_t *run, int statement)
{
    bool broken = false;
    apr_time_t started;
    int result;

    if (statement < 0
        || (apr_size_t)statement >= run->ctx->state->entry->statements) {
        hbr_bridge_log(run->ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0207",
                       "it runs statement %d, which it did not declare",
                       statement);
        return misused(run->ctx);
    }
    run->index = (apr_size_t)statement;
    started = hbr_timing_start(run->ctx->state);
    result = borrow(run);
    if (result == HBR_OK) {
        result = run_borrowed(run, &broken);
        give_back(run, broken);
    }
    hbr_timing_stop(run->ctx->state, HBR_TIMED_DB, started);
    return result;
}

int hbr_select(hbr_context_t *ctx, int statement, const hbr_value_t *values,
               hbr_rows_t **rows)
{
    run_t run = { .ctx = ctx, .values = values, .rows = rows };
    int result = run_statement(&run, statement);

    if (result != HBR_OK)
        *rows = apr_pcalloc(ctx->pool, sizeof(**rows)); /* no rows */
    return result;
}

int hbr_execute(hbr_context_t *ctx, int statement, const hbr_value_t *values,
                int64_t *affected)
{
    run_t run = { .ctx = ctx, .values = values };
    int result = run_statement(&run, statement);

    if (affected != NULL)
        *affected = result == HBR_OK ? run.affected : 0;
    return result;
}
