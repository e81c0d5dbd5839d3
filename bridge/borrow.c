/*
 * Connections: borrowed from the host for one statement or one transaction,
 * readied, and given back. The request's thread calls. A connection is never
 * held while a client takes his time.
 */
#include "borrow.h"
#include "error.h"

#include "log.h"

#define RETRY_AFTER "5" /* seconds, for the client */

int hbr_borrow_refuse(hbr_context_t *ctx, int status, const char *sentence)
{
    if (hbr_committed(ctx))
        return status;
    if (status == HBR_SERVICE_UNAVAILABLE)
        hbr_header_set(ctx, "Retry-After", RETRY_AFTER);
    if (sentence == NULL)
        return hbr_error(ctx, status, NULL);
    return hbr_limit_error(ctx, status, "%s", sentence);
}

int hbr_borrow_unavailable(hbr_context_t *ctx)
{
    return hbr_borrow_refuse(ctx, HBR_SERVICE_UNAVAILABLE,
                             "The database is not available.");
}

int hbr_borrow_misused(hbr_context_t *ctx)
{
    return hbr_borrow_refuse(ctx, HBR_INTERNAL_ERROR, NULL);
}

/* What bounds the waiting is what the client and the operator are told. */
static int busy(hbr_context_t *ctx)
{
    if (hbr_time_left(ctx) == 0) {
        hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0210",
                       "no database connection came free within "
                       "BridgeDeadline");
        return hbr_borrow_refuse(ctx, HBR_SERVICE_UNAVAILABLE,
                                 "No database connection came free in time "
                                 "(BridgeDeadline).");
    }
    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0202",
                   "no database connection came free within BridgeDBWait; "
                   "BridgeDBMax of them are in use");
    return hbr_borrow_refuse(ctx, HBR_SERVICE_UNAVAILABLE,
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
        return hbr_borrow_unavailable(ctx);
    default:
        hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0200",
                       "it uses SQL, but this server has no database: "
                       "DBDriver is not set");
        return hbr_borrow_misused(ctx);
    }
}

/* False when it is no use. */
static bool ready(hbr_context_t *ctx, const hbr_connection_t *connection)
{
    char message[HBR_DRIVER_MESSAGE] = "";

    switch (hbr_connection_ready(connection, message)) {
    case HBR_CONNECTION_SAME: return true;
    case HBR_CONNECTION_ANEW:
        hbr_bridge_log(ctx, HBR_LOG_INFO, APR_SUCCESS, "HBR0336",
                       "a connection to the database was lost, and made anew");
        return true;
    default:
        hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0201",
                       "the database cannot be reached: %s", message);
        return false;
    }
}

int hbr_borrow(hbr_context_t *ctx, hbr_connection_t *connection)
{
    const hbr_request_t *request = &ctx->state->request;
    const hbr_host_database_t *database = request->host->database;
    hbr_borrow_e borrowed = HBR_NO_DATABASE;

    if (database != NULL)
        borrowed = database->borrow(request->request, ctx->pool,
                                    hbr_time_left(ctx), connection);
    if (borrowed != HBR_BORROWED)
        return not_borrowed(ctx, borrowed);
    if (ready(ctx, connection))
        return HBR_OK;
    hbr_give_back(ctx, connection, true);
    return hbr_borrow_unavailable(ctx);
}

bool hbr_borrow_again(hbr_context_t *ctx, const hbr_connection_t *connection)
{
    return ready(ctx, connection);
}

void hbr_give_back(hbr_context_t *ctx, hbr_connection_t *connection,
                   bool broken)
{
    const hbr_request_t *request = &ctx->state->request;

    request->host->database->give_back(request->request, connection, broken);
}
