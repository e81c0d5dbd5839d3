/*
 * The kit's database: apr_dbd without a server, and the faults a test can set.
 *
 * Invariant: there is one connection, so it is lent to one borrower at a time;
 * it is opened when it is first borrowed, and again after it was given back
 * broken.
 */
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "kit.h"

#define WAIT apr_time_from_sec(5) /* BridgeDBWait's default */

struct hbr_test_database_t {
    apr_pool_t *pool;
    const apr_dbd_driver_t *driver;
    const char *params;
    apr_pool_t *connection; /* NULL: not connected */
    apr_dbd_t *handle;
    apr_dbd_transaction_t *fault; /* open while statements fail */
    apr_size_t borrowed;
    bool away;
    bool busy;
    bool failing;
};

typedef struct hbr_test_database_t database_t;

static apr_status_t close_handle(void *data)
{
    database_t *database = data;

    return apr_dbd_close(database->driver, database->handle);
}

static apr_status_t open_connection(database_t *database)
{
    apr_status_t rv;

    apr_pool_create(&database->connection, database->pool);
    rv = apr_dbd_open(database->driver, database->connection, database->params,
                      &database->handle);
    if (rv != APR_SUCCESS) {
        apr_pool_destroy(database->connection);
        database->connection = NULL;
        return rv;
    }
    apr_pool_cleanup_register(database->connection, database, close_handle,
                              apr_pool_cleanup_null);
    return APR_SUCCESS;
}

static void close_connection(database_t *database)
{
    if (database->connection != NULL)
        apr_pool_destroy(database->connection);
    database->connection = NULL;
    database->fault = NULL;
}

/* In a transaction that has failed, apr_dbd's drivers fail each statement
 * without asking the database. The ROLLBACK lets go of the database's lock, so
 * that only this connection is disturbed. */
static void break_connection(database_t *database)
{
    int rows;

    apr_dbd_transaction_start(database->driver, database->connection,
                              database->handle, &database->fault);
    apr_dbd_query(database->driver, database->handle, &rows, "ROLLBACK");
    apr_dbd_query(database->driver, database->handle, &rows,
                  "broken by the test");
}

static void mend_connection(database_t *database)
{
    apr_dbd_transaction_end(database->driver, database->connection,
                            database->fault);
    database->fault = NULL;
}

static void set_fault(database_t *database)
{
    if (database->failing && database->fault == NULL)
        break_connection(database);
    else if (!database->failing && database->fault != NULL)
        mend_connection(database);
}

/* A set clock shows how long somebody waited in vain. */
static hbr_borrow_e wait_in_vain(hbr_test_t *kit, apr_interval_time_t most)
{
    if (kit->clock != 0)
        kit->clock += most < WAIT ? most : WAIT;
    return HBR_DATABASE_BUSY;
}

static hbr_borrow_e borrow(void *request, apr_pool_t *pool,
                           apr_interval_time_t most,
                           hbr_connection_t *connection)
{
    database_t *database = hbr_kit_of(request)->database;

    (void)pool;
    if (database == NULL)
        return HBR_NO_DATABASE;
    if (database->busy || database->borrowed > 0)
        return wait_in_vain(hbr_kit_of(request), most);
    if (database->away
        || (database->connection == NULL
            && open_connection(database) != APR_SUCCESS))
        return HBR_DATABASE_AWAY;
    set_fault(database);
    database->borrowed++;
    *connection = (hbr_connection_t){ .driver = database->driver,
                                      .handle = database->handle,
                                      .pool = database->connection,
                                      .driver_only = database->failing,
                                      .host = database };
    return HBR_BORROWED;
}

static void give_back(void *request, hbr_connection_t *connection, bool broken)
{
    database_t *database = connection->host;

    (void)request;
    if (database->borrowed == 0)
        hbr_kit_fail("a database connection was given back twice");
    database->borrowed--;
    if (broken)
        close_connection(database);
}

const hbr_host_database_t hbr_kit_database = { .borrow = borrow,
                                               .give_back = give_back };

apr_status_t hbr_test_database_open(hbr_test_t *kit, const char *driver,
                                    const char *params)
{
    database_t *database = apr_pcalloc(kit->pool, sizeof(*database));
    apr_status_t rv = apr_dbd_init(kit->pool);

    if (rv == APR_SUCCESS)
        rv = apr_dbd_get_driver(kit->pool, driver, &database->driver);
    if (rv != APR_SUCCESS)
        return rv;
    apr_pool_create(&database->pool, kit->pool);
    database->params = apr_pstrdup(kit->pool, params);
    rv = open_connection(database);
    if (rv == APR_SUCCESS)
        kit->database = database;
    return rv;
}

static database_t *opened(const hbr_test_t *kit)
{
    if (kit->database == NULL)
        hbr_kit_fail("hbr_test_database_open() comes first");
    return kit->database;
}

void hbr_test_database_away(hbr_test_t *kit, bool away)
{
    database_t *database = opened(kit);

    database->away = away;
    if (away)
        close_connection(database);
}

void hbr_test_database_busy(hbr_test_t *kit, bool busy)
{
    opened(kit)->busy = busy;
}

void hbr_test_database_fail(hbr_test_t *kit, bool fail)
{
    opened(kit)->failing = fail;
}

apr_size_t hbr_test_database_borrowed(const hbr_test_t *kit)
{
    return kit->database != NULL ? kit->database->borrowed : 0;
}
