/*
 * Declared statements on a connection. A handler's statements are prepared
 * together when it first uses a connection, and kept in a table that hangs on
 * the connection's pool: not by ap_dbd_prepare(), where one bad statement
 * fails the connection for everyone. Whoever has borrowed the connection is
 * the only one to touch its table, so there is no lock.
 *
 * Memory: apr_dbd_sqlite3 takes what a prepared statement needs from the
 * connection and gives it back only when that is closed, whatever pool it is
 * handed. So a statement that is prepared is not prepared again without need:
 * a retry goes over the bad ones alone, and those take nothing. What other
 * drivers take lies in a pool per statement and goes with it. What it would make
 * stale by itself, with each run, is not run prepared.
 */
#include "statement.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <apr_hash.h>
#include <apr_strings.h>

#include "failure.h"
#include "handlerbridge/request.h"

#define USERDATA_KEY "hbr_statements"
#define RETRY_AFTER APR_USEC_PER_SEC
#define PATIENCE_MAX apr_time_from_sec(3600)
/* While another process makes the schema or opens the journal SQLite's file is
 * locked, and the driver does not wait when it prepares. */
#define BUSY_MOST apr_time_from_msec(1500)
#define BUSY_PAUSE apr_time_from_msec(50)

typedef struct hbr_statements_t {
    const hbr_entry_t *entry; /* the key */
    bool good;                /* all of them are prepared */
    apr_time_t tried;         /* when not good */
    hbr_prepared_t each[];
} hbr_statements_t;

typedef struct table_t {
    apr_hash_t *sets;
    unsigned int labels; /* given out */
} table_t;

static table_t *table_of(const hbr_connection_t *connection)
{
    void *data = NULL;
    table_t *table;

    apr_pool_userdata_get(&data, USERDATA_KEY, connection->pool);
    if (data != NULL)
        return data;
    table = apr_pcalloc(connection->pool, sizeof(*table));
    table->sets = apr_hash_make(connection->pool);
    apr_pool_userdata_setn(table, USERDATA_KEY, NULL, connection->pool);
    return table;
}

static hbr_statements_t *make_set(const hbr_connection_t *connection,
                                  table_t *table, const hbr_entry_t *entry)
{
    hbr_statements_t *set =
        apr_pcalloc(connection->pool,
                    sizeof(*set) + entry->statements * sizeof(set->each[0]));
    apr_size_t i;

    set->entry = entry;
    for (i = 0; i < entry->statements; i++) {
        set->each[i].declared = hbr_entry_statement(entry, i);
        set->each[i].set = set;
    }
    apr_hash_set(table->sets, &set->entry, sizeof(set->entry), set);
    return set;
}

static void drop(hbr_prepared_t *prepared)
{
    prepared->handle = NULL;
    prepared->native = NULL;
    prepared->label = NULL;
    prepared->blobs = NULL;
    if (prepared->pool != NULL)
        apr_pool_destroy(prepared->pool);
    prepared->pool = NULL;
}

/* PostgreSQL keeps a statement until it is told not to. */
static void deallocate(const hbr_connection_t *connection,
                       const hbr_prepared_t *prepared)
{
    int rows;

    if (prepared->handle != NULL && hbr_is_pgsql(connection->driver))
        apr_dbd_query(
            connection->driver, connection->handle, &rows,
            apr_pstrcat(prepared->pool, "DEALLOCATE ", prepared->label, NULL));
}

/* A driver for a database server makes the label the statement's name there,
 * where a name cannot be given twice. */
static const char *new_label(const hbr_connection_t *connection,
                             apr_pool_t *pool)
{
    return apr_psprintf(pool, "hbr_%u", table_of(connection)->labels++);
}

/* Which columns are BLOBs cannot be seen in what PostgreSQL's driver hands
 * out, and a text may look like one: so it is asked here. */
static bool ask_columns(const hbr_connection_t *connection,
                        hbr_prepared_t *prepared)
{
    const hbr_libpq_t *pq = hbr_connection_libpq(connection);

    if (pq == NULL)
        return true;
    prepared->blobs = hbr_libpq_blobs(
        pq, prepared->pool,
        apr_dbd_native_handle(connection->driver, connection->handle),
        prepared->label, &prepared->columns);
    return prepared->blobs != NULL;
}

static bool is_busy(const hbr_connection_t *connection, int result,
                    const char *message)
{
    return hbr_failure_of(apr_dbd_name(connection->driver), result, message)
           == HBR_FAILURE_BUSY;
}

static int prepare_by_driver(const hbr_connection_t *connection,
                             hbr_prepared_t *prepared,
                             apr_dbd_prepared_t **handle)
{
    return apr_dbd_prepare(connection->driver, prepared->pool,
                           connection->handle, prepared->places.sql,
                           prepared->label, handle);
}

/* SQLite's own statement is found out, too, where that can be. */
static int prepare_noted(const hbr_connection_t *connection,
                         hbr_prepared_t *prepared, apr_dbd_prepared_t **handle)
{
    const hbr_sqlite_t *sqlite = hbr_connection_sqlite(connection);
    void *native, *before;
    int result;

    if (sqlite == NULL || prepared->as_text)
        return prepare_by_driver(connection, prepared, handle);
    native = apr_dbd_native_handle(connection->driver, connection->handle);
    before = hbr_sqlite_newest(sqlite, native);
    result = prepare_by_driver(connection, prepared, handle);
    prepared->sqlite = sqlite;
    prepared->places.longest = hbr_sqlite_longest(sqlite, native);
    prepared->native =
        hbr_sqlite_prepared(sqlite, native, before, &prepared->places);
    return result;
}

static int prepare_once(const hbr_connection_t *connection,
                        hbr_prepared_t *prepared)
{
    apr_dbd_prepared_t *handle = NULL;
    int result;

    prepared->label = new_label(connection, prepared->pool);
    hbr_connection_watch(connection, HBR_NO_DEADLINE);
    result = prepare_noted(connection, prepared, &handle);
    if (result == 0 && ask_columns(connection, prepared))
        prepared->handle = handle;
    else
        hbr_driver_message(connection, result, prepared->message);
    hbr_connection_unwatch(connection);
    return result;
}

/* until: how long a lock is waited for. */
static void prepare_text(const hbr_connection_t *connection,
                         hbr_prepared_t *prepared, apr_time_t until)
{
    int result = prepare_once(connection, prepared);

    while (prepared->handle == NULL
           && is_busy(connection, result, prepared->message)
           && apr_time_now() < until) {
        apr_sleep(BUSY_PAUSE);
        result = prepare_once(connection, prepared);
    }
}

/* Most PRAGMAs are stale once they have run, and a new preparation's memory
 * comes back only when the connection ends. A text is run whole and as it
 * stands, so that it must be one statement, and have no %%. */
static bool runs_once(const hbr_connection_t *connection, const char *sql)
{
    const char *word = sql + strspn(sql, " \t\r\n");
    const char *end = sql + strcspn(sql, "%;");

    return hbr_is_sqlite(connection->driver)
           && strncasecmp(word, "PRAGMA", 6) == 0
           && (*end == '\0' || strcmp(end, ";") == 0);
}

static bool prepare(const hbr_connection_t *connection,
                    hbr_prepared_t *prepared, apr_time_t until)
{
    const char *wrong;

    deallocate(connection, prepared);
    drop(prepared);
    prepared->as_text = runs_once(connection, prepared->declared->sql);
    apr_pool_create(&prepared->pool, connection->pool);
    wrong =
        hbr_places_scan(prepared->pool, prepared->declared->sql,
                        hbr_is_pgsql(connection->driver), &prepared->places);
    if (wrong == NULL)
        prepare_text(connection, prepared, until);
    else
        apr_cpystrn(prepared->message, wrong, sizeof(prepared->message));
    if (prepared->handle == NULL)
        drop(prepared);
    return prepared->handle != NULL;
}

/* Tries those that are not prepared. */
static void complete(const hbr_connection_t *connection, hbr_statements_t *set,
                     apr_time_t now)
{
    apr_time_t until = apr_time_now() + BUSY_MOST;
    apr_size_t i;

    set->tried = now;
    set->good = true;
    for (i = 0; i < set->entry->statements; i++) {
        if (set->each[i].handle == NULL
            && !prepare(connection, &set->each[i], until))
            set->good = false;
    }
}

/* Also when the clock was set back. */
static bool may_retry(const hbr_statements_t *set, apr_time_t now)
{
    return now < set->tried || now - set->tried >= RETRY_AFTER;
}

static hbr_statements_t *set_of(const hbr_connection_t *connection,
                                const hbr_entry_t *entry, apr_time_t now)
{
    table_t *table = table_of(connection);
    hbr_statements_t *set = apr_hash_get(table->sets, &entry, sizeof(entry));

    if (set == NULL) {
        set = make_set(connection, table, entry);
        complete(connection, set, now);
    } else if (!set->good && may_retry(set, now)) {
        complete(connection, set, now);
    }
    return set;
}

static const hbr_prepared_t *bad_one(const hbr_statements_t *set)
{
    apr_size_t i = 0;

    while (set->each[i].handle != NULL)
        i++;
    return &set->each[i];
}

hbr_prepared_t *hbr_statement_get(const hbr_connection_t *connection,
                                  const hbr_entry_t *entry, apr_size_t index,
                                  apr_time_t now, const hbr_prepared_t **bad)
{
    hbr_statements_t *set = set_of(connection, entry, now);

    if (!set->good) {
        *bad = bad_one(set);
        return NULL;
    }
    *bad = NULL;
    return &set->each[index];
}

int hbr_statement_select(const hbr_connection_t *connection,
                         const hbr_prepared_t *prepared, apr_pool_t *pool,
                         const void **arguments, apr_dbd_results_t **results)
{
    if (prepared->as_text)
        return apr_dbd_select(connection->driver, pool, connection->handle,
                              results, prepared->declared->sql, 1);
    return apr_dbd_pbselect(connection->driver, pool, connection->handle,
                            results, prepared->handle, 1, arguments);
}

int hbr_statement_change(const hbr_connection_t *connection,
                         const hbr_prepared_t *prepared, apr_pool_t *pool,
                         const void **arguments, int *affected)
{
    if (prepared->as_text)
        return apr_dbd_query(connection->driver, connection->handle, affected,
                             prepared->declared->sql);
    return apr_dbd_pbquery(connection->driver, pool, connection->handle,
                           affected, prepared->handle, arguments);
}

/* Whether a failure may be put to staleness once more. The pauses double: one
 * that fails for another reason would be prepared without end, and a driver
 * need not give back what a preparation took. */
static bool patient(hbr_prepared_t *prepared, apr_time_t now)
{
    if (now < prepared->renewable)
        return false;
    prepared->patience =
        prepared->patience == 0 ? RETRY_AFTER : prepared->patience * 2;
    if (prepared->patience > PATIENCE_MAX)
        prepared->patience = PATIENCE_MAX;
    prepared->renewable = now + prepared->patience;
    return true;
}

bool hbr_statement_renew(const hbr_connection_t *connection,
                         hbr_prepared_t *prepared, apr_time_t now, bool stale)
{
    if (!stale && !patient(prepared, now))
        return false;
    if (prepare(connection, prepared, apr_time_now() + BUSY_MOST))
        return true;
    prepared->set->good = false;
    prepared->set->tried = now;
    return false;
}

void hbr_statement_renewed(hbr_prepared_t *prepared)
{
    prepared->patience = 0;
    prepared->renewable = 0;
}

void hbr_statements_forget(const hbr_connection_t *connection)
{
    apr_hash_index_t *at = apr_hash_first(NULL, table_of(connection)->sets);

    for (; at != NULL; at = apr_hash_next(at)) {
        hbr_statements_t *set = apr_hash_this_val(at);
        apr_size_t i;

        for (i = 0; i < set->entry->statements; i++)
            drop(&set->each[i]);
        set->good = false;
        set->tried = 0;
    }
}

static void log_bad(const hbr_entry_t *entry, const hbr_prepared_t *bad)
{
    char line[HBR_DRIVER_MESSAGE * 2];

    snprintf(line, sizeof(line),
             "HBR0203: %s: statement \"%s\" cannot be prepared: %s",
             entry->name, bad->declared->name, bad->message);
    entry->log->write(NULL, HBR_LOG_ERROR, APR_SUCCESS, line);
}

void hbr_statements_try(const hbr_connection_t *connection,
                        const hbr_entry_t *entry, apr_time_t now)
{
    const hbr_statements_t *set;
    apr_size_t i;

    if (entry->statements == 0)
        return;
    set = set_of(connection, entry, now);
    for (i = 0; i < entry->statements; i++) {
        if (set->each[i].handle == NULL)
            log_bad(entry, &set->each[i]);
    }
}
