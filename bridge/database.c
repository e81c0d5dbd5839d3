/*
 * Runs declared statements, each on a connection of its own for as long as it
 * takes, or on the transaction's. The rows are taken out before the connection
 * goes back: it is never held while a client takes his time. The request's
 * thread calls; what it makes lives in ctx->pool.
 *
 * A statement that failed is run once more when that can do no harm: a SELECT,
 * or any one of which it is certain that nothing of it ran.
 */
#include "handlerbridge/database.h"

#include <string.h>

#include <apr_strings.h>

#include "borrow.h"
#include "failure.h"
#include "log.h"
#include "rows.h"
#include "state.h"
#include "statement.h"
#include "timing.h"
#include "transaction.h"

typedef struct run_t {
    hbr_context_t *ctx;
    apr_size_t index;
    const hbr_value_t *values;
    const hbr_connection_t *connection;
    hbr_prepared_t *prepared;
    const void **arguments;
    hbr_rows_t **rows; /* NULL: it returns none */
    int affected;
    hbr_failure_e failure;
    char message[HBR_DRIVER_MESSAGE]; /* the driver's, when it failed */
} run_t;

static hbr_transaction_t *transaction_of(const run_t *run)
{
    return run->ctx->state->transaction;
}

/* ----------------------------------------------------------------- running */

static int make_ready(run_t *run)
{
    hbr_context_t *ctx = run->ctx;
    const hbr_prepared_t *bad;
    const char *wrong;

    run->prepared = hbr_statement_get(run->connection, ctx->state->entry,
                                      run->index, apr_time_now(), &bad);
    if (run->prepared == NULL) {
        hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0203",
                       "statement \"%s\" cannot be prepared: %s",
                       bad->declared->name, bad->message);
        return hbr_borrow_unavailable(ctx);
    }
    wrong = hbr_places_bind(ctx->pool, &run->prepared->places, run->values,
                            &run->arguments);
    if (wrong != NULL) {
        hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0205",
                       "statement \"%s\": %s", run->prepared->declared->name,
                       wrong);
        return hbr_borrow_misused(ctx);
    }
    return HBR_OK;
}

static bool note_failure(run_t *run, int result)
{
    const hbr_connection_t *connection = run->connection;

    hbr_driver_message(connection, result, run->message);
    run->failure =
        hbr_failure_of(apr_dbd_name(connection->driver), result, run->message);
    return false;
}

static bool select_past_driver(run_t *run)
{
    const hbr_prepared_t *prepared = run->prepared;
    int result =
        hbr_sqlite_select(prepared->sqlite, run->ctx->pool, prepared->native,
                          &prepared->places, run->arguments, run->rows);

    return result == 0 || note_failure(run, result);
}

static bool select_by_driver(run_t *run)
{
    const hbr_connection_t *connection = run->connection;
    const hbr_prepared_t *prepared = run->prepared;
    apr_dbd_results_t *results = NULL;
    apr_status_t rv;
    int result = hbr_statement_select(connection, prepared, run->ctx->pool,
                                      run->arguments, &results);

    if (result != 0)
        return note_failure(run, result);
    rv = hbr_rows_collect(run->ctx->pool, run->ctx->state->request.bucket_alloc,
                          connection->driver, results, prepared->blobs,
                          prepared->columns, run->rows);
    run->failure = HBR_FAILURE_OTHER;
    if (rv != APR_SUCCESS)
        apr_strerror(rv, run->message, sizeof(run->message));
    return rv == APR_SUCCESS;
}

static bool select_rows(run_t *run)
{
    if (run->prepared->native == NULL || run->connection->driver_only)
        return select_by_driver(run);
    return select_past_driver(run);
}

/* Nobody wants the rows; how many were changed is known only now. */
static void ran_with_rows(run_t *run)
{
    const hbr_connection_t *connection = run->connection;

    if (run->prepared->sqlite != NULL)
        run->affected = hbr_sqlite_changes(
            run->prepared->sqlite,
            apr_dbd_native_handle(connection->driver, connection->handle));
}

static bool change_rows(run_t *run)
{
    int result =
        hbr_statement_change(run->connection, run->prepared, run->ctx->pool,
                             run->arguments, &run->affected);

    if (result == 0)
        return true;
    note_failure(run, result);
    if (run->failure != HBR_FAILURE_NONE)
        return false;
    ran_with_rows(run);
    return true;
}

static bool run_bound(run_t *run)
{
    if (!hbr_connection_bound(run->connection, hbr_time_left(run->ctx),
                              run->message)) {
        run->failure = HBR_FAILURE_OTHER;
        return false;
    }
    return run->rows != NULL ? select_rows(run) : change_rows(run);
}

/* Nothing came from it, not even that the time is over. */
static bool run_once(run_t *run)
{
    bool done;

    hbr_connection_watch(run->connection, hbr_time_left(run->ctx));
    done = run_bound(run);
    if (hbr_connection_unwatch(run->connection) && !done)
        run->failure = HBR_FAILURE_SLOW;
    return done;
}

/* ------------------------------------------------------------- once more */

static bool is_driver(const run_t *run, const char *name)
{
    return strcmp(apr_dbd_name(run->connection->driver), name) == 0;
}

/* SQLite and PostgreSQL say when a statement is stale, before anything of it
 * has run; other databases have many words for it, and any failure may be
 * that. */
static bool may_be_stale(const run_t *run)
{
    return run->failure == HBR_FAILURE_STALE
           || (run->failure == HBR_FAILURE_OTHER && !is_driver(run, "sqlite3")
               && !is_driver(run, "pgsql"));
}

/* It is prepared anew also when it must not run again, for those who come
 * later. */
static bool renew_and_run(run_t *run)
{
    bool stale = run->failure == HBR_FAILURE_STALE;

    if (!hbr_statement_renew(run->connection, run->prepared, apr_time_now(),
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

/* The server went away under a statement, or another has taken its place
 * before it. A connection that broke may have made the change first. */
static bool reconnect_and_run(run_t *run)
{
    bool unknown = run->failure != HBR_FAILURE_UNPREPARED;

    if (!unknown)
        hbr_connection_disown(run->connection);
    if (!hbr_borrow_again(run->ctx, run->connection)
        || (unknown && run->rows == NULL))
        return false;
    return make_ready(run) == HBR_OK && run_once(run);
}

static bool is_lost(const run_t *run)
{
    return run->failure == HBR_FAILURE_UNPREPARED
           || (is_driver(run, "pgsql") && run->failure == HBR_FAILURE_OTHER
               && hbr_connection_is_lost(run->connection));
}

/* In a transaction that has failed PostgreSQL takes nothing but its end; what
 * is stale is prepared anew behind that. SQLite goes on. */
static bool run_again(run_t *run)
{
    hbr_transaction_t *transaction = transaction_of(run);

    if (transaction != NULL && !is_driver(run, "sqlite3")) {
        if (may_be_stale(run))
            transaction->suspect = run->prepared;
        return false;
    }
    if (is_lost(run))
        return reconnect_and_run(run);
    return may_be_stale(run) && renew_and_run(run);
}

/* ------------------------------------------------------------ what is said */

typedef struct answer_t {
    const char *tag;
    hbr_log_level_e level;
    const char *words; /* behind the statement's name */
    int status;
    const char *sentence;
} answer_t;

static const answer_t *answer_to(hbr_failure_e failure)
{
    static const answer_t answers[] = {
        [HBR_FAILURE_OTHER] = { "HBR0204", HBR_LOG_ERROR, "failed",
                                HBR_SERVICE_UNAVAILABLE,
                                "The database is not available." },
        /* the client's doing: nothing to wake anybody for */
        [HBR_FAILURE_CONSTRAINT] = { "HBR0220", HBR_LOG_INFO,
                                     "violates a constraint", HBR_CONFLICT,
                                     "The database's constraints do not allow "
                                     "this." },
        [HBR_FAILURE_VALUES] = { "HBR0338", HBR_LOG_ERROR,
                                 "was given a value that does not fit",
                                 HBR_INTERNAL_ERROR, NULL },
        [HBR_FAILURE_BUSY] = { "HBR0332", HBR_LOG_ERROR,
                               "found the database busy",
                               HBR_SERVICE_UNAVAILABLE,
                               "The database is busy." },
        [HBR_FAILURE_FULL] = { "HBR0331", HBR_LOG_ERROR,
                               "found no room in the database",
                               HBR_INSUFFICIENT_STORAGE,
                               "The database is full." },
        [HBR_FAILURE_READ_ONLY] = { "HBR0333", HBR_LOG_ERROR,
                                    "would change a database that is read only",
                                    HBR_SERVICE_UNAVAILABLE,
                                    "The database takes no changes." },
    };
    apr_size_t count = sizeof(answers) / sizeof(answers[0]);

    if ((apr_size_t)failure >= count || answers[failure].tag == NULL)
        failure = HBR_FAILURE_OTHER;
    return &answers[failure];
}

/* What bounds it is what the client and the operator are told. */
static int too_slow(run_t *run)
{
    const char *directive = hbr_connection_bound_by(run->connection);

    if (directive == NULL)
        directive = "the database's own statement_timeout";
    hbr_bridge_log(run->ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0330",
                   "statement \"%s\" took longer than %s allows: %s",
                   run->prepared->declared->name, directive, run->message);
    return hbr_borrow_refuse(run->ctx, HBR_SERVICE_UNAVAILABLE,
                             apr_psprintf(run->ctx->pool,
                                          "The database took too long (%s).",
                                          directive));
}

static int failed(run_t *run)
{
    const answer_t *answer = answer_to(run->failure);

    if (run->failure == HBR_FAILURE_SLOW)
        return too_slow(run);
    hbr_bridge_log(run->ctx, answer->level, APR_SUCCESS, answer->tag,
                   "statement \"%s\" %s: %s", run->prepared->declared->name,
                   answer->words, run->message);
    return hbr_borrow_refuse(run->ctx, answer->status, answer->sentence);
}

/* ------------------------------------------------------------- connections */

static int run_on(run_t *run, const hbr_connection_t *connection)
{
    int result;

    run->connection = connection;
    result = make_ready(run);
    if (result != HBR_OK)
        return result;
    if (run_once(run) || run_again(run))
        return HBR_OK;
    return failed(run);
}

static int run_alone(run_t *run)
{
    hbr_connection_t connection;
    int result = hbr_borrow(run->ctx, &connection);

    if (result != HBR_OK)
        return result;
    result = run_on(run, &connection);
    hbr_give_back(run->ctx, &connection,
                  result == HBR_SERVICE_UNAVAILABLE
                      && run->failure == HBR_FAILURE_OTHER
                      && hbr_connection_is_lost(&connection));
    return result;
}

/* One that has failed takes no more. */
static int run_within(run_t *run, hbr_transaction_t *transaction)
{
    int result = transaction->failed;

    if (result == HBR_OK)
        result = run_on(run, &transaction->connection);
    transaction->failed = result;
    return result;
}

static int run_declared(run_t *run)
{
    hbr_state_t *state = run->ctx->state;
    apr_time_t started = hbr_timing_start(state);
    int result = state->transaction != NULL
                     ? run_within(run, state->transaction)
                     : run_alone(run);

    hbr_timing_stop(state, HBR_TIMED_DB, started);
    return result;
}

static int run_statement(run_t *run, int statement)
{
    if (statement < 0
        || (apr_size_t)statement >= run->ctx->state->entry->statements) {
        hbr_bridge_log(run->ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0207",
                       "it runs statement %d, which it did not declare",
                       statement);
        return hbr_borrow_misused(run->ctx);
    }
    run->index = (apr_size_t)statement;
    return run_declared(run);
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
