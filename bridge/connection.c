/*
 * A borrowed connection, made ready for statements: what the bridge relies on
 * is set when it first meets a connection, and again when the driver has put a
 * new one in its place.
 *
 * PostgreSQL. The server may have been restarted while the connection lay in
 * the pool. That is looked for before a statement, because afterwards nobody
 * could say whether it ran. apr_dbd_check_conn() then connects anew under the
 * same handle, and so does mod_dbd without a word: another server process
 * behind it means that settings and prepared statements are gone.
 *
 * SQLite. Its own waiting for a lock is turned off: it would wait inside the
 * driver's mutex, which all of a child's connections share, so that the thread
 * which has the lock could not run the statement that lets go of it. The
 * driver tries again by itself for 1.6 seconds, without the mutex.
 */
#include "connection.h"

#include <stdio.h>
#include <string.h>

#include <apr_strings.h>

#include "handlerbridge/request.h"
#include "statement.h"
#include "watchdog.h"

#define USERDATA_KEY "hbr_known_connection"

/* No statement_timeout of the bridge's. */
#define OWN_BOUND 0
#define UNKNOWN_BOUND (-1)

/* Beyond its time for a database that is alive to say that it gives up. */
#define GRACE apr_time_from_sec(1)

/* Text is UTF-8, a bytea comes as hexadecimal text, a time as ISO 8601. */
static const char pgsql_settings[] = "SET client_encoding = 'UTF8'; "
                                     "SET bytea_output = 'hex'; "
                                     "SET datestyle = 'ISO'";
static const char sqlite_settings[] = "PRAGMA busy_timeout = 0";

typedef struct known_t {
    bool ready;
    hbr_libpq_t pq; /* when ready, and the driver is PostgreSQL's */
    hbr_sqlite_t sqlite;
    bool past_driver; /* sqlite can be used */
    int backend;      /* the server's process behind it */
    int bound;        /* of a statement, in milliseconds */
    int wanted;       /* what that should be now */
    hbr_watch_t watch;
} known_t;

void hbr_driver_message(const hbr_connection_t *connection, int result,
                        char message[HBR_DRIVER_MESSAGE])
{
    const char *words =
        apr_dbd_error(connection->driver, connection->handle, result);

    apr_cpystrn(message, words != NULL ? words : "", HBR_DRIVER_MESSAGE);
    /* PostgreSQL's next lines repeat values, which have no place in a log */
    message[strcspn(message, "\r\n")] = '\0';
    if (*message == '\0')
        snprintf(message, HBR_DRIVER_MESSAGE, "driver's error %d", result);
}

static known_t *known_of(const hbr_connection_t *connection)
{
    void *data = NULL;
    known_t *known;

    apr_pool_userdata_get(&data, USERDATA_KEY, connection->pool);
    if (data != NULL)
        return data;
    known = apr_pcalloc(connection->pool, sizeof(*known));
    apr_pool_userdata_setn(known, USERDATA_KEY, NULL, connection->pool);
    return known;
}

static void *native(const hbr_connection_t *connection)
{
    return apr_dbd_native_handle(connection->driver, connection->handle);
}

static bool tell(const hbr_connection_t *connection, const char *sql,
                 char message[HBR_DRIVER_MESSAGE])
{
    int rows = 0;
    int result =
        apr_dbd_query(connection->driver, connection->handle, &rows, sql);

    if (result != 0)
        hbr_driver_message(connection, result, message);
    return result == 0;
}

static void watch(const hbr_connection_t *connection, known_t *known, int bound)
{
    int fd = known->pq.socket(native(connection));

    if (connection->watchdog != NULL && bound > OWN_BOUND && fd >= 0)
        hbr_watchdog_arm(connection->watchdog, &known->watch, fd,
                         apr_time_now() + apr_time_from_msec(bound) + GRACE);
}

static bool unwatch(const hbr_connection_t *connection, known_t *known)
{
    return known->watch.armed
           && hbr_watchdog_disarm(connection->watchdog, &known->watch);
}

static bool settle(const hbr_connection_t *connection, known_t *known,
                   char message[HBR_DRIVER_MESSAGE])
{
    bool told;

    hbr_libpq_say_states(&known->pq, native(connection));
    watch(connection, known, (int)apr_time_as_msec(connection->timeout));
    told = tell(connection, pgsql_settings, message);
    unwatch(connection, known);
    if (!told)
        return false;
    known->backend = known->pq.backendPID(native(connection));
    known->bound = OWN_BOUND;
    known->ready = true;
    return true;
}

static hbr_connection_e ready_pgsql(const hbr_connection_t *connection,
                                    known_t *known,
                                    char message[HBR_DRIVER_MESSAGE])
{
    bool was_ready = known->ready;

    if (!was_ready && !hbr_libpq_find(&known->pq)) {
        apr_cpystrn(message, "libpq's functions are not to be found",
                    HBR_DRIVER_MESSAGE);
        return HBR_CONNECTION_BAD;
    }
    if (!hbr_libpq_is_alive(&known->pq, native(connection))
        && apr_dbd_check_conn(connection->driver, connection->pool,
                              connection->handle)
               != APR_SUCCESS) {
        hbr_driver_message(connection, 0, message);
        return HBR_CONNECTION_BAD;
    }
    if (was_ready && known->backend == known->pq.backendPID(native(connection)))
        return HBR_CONNECTION_SAME;
    known->ready = false;
    if (was_ready)
        hbr_statements_forget(connection);
    if (!settle(connection, known, message))
        return HBR_CONNECTION_BAD;
    return was_ready ? HBR_CONNECTION_ANEW : HBR_CONNECTION_SAME;
}

hbr_connection_e hbr_connection_ready(const hbr_connection_t *connection,
                                      char message[HBR_DRIVER_MESSAGE])
{
    known_t *known = known_of(connection);

    if (hbr_is_pgsql(connection->driver))
        return ready_pgsql(connection, known, message);
    if (!known->ready && hbr_is_sqlite(connection->driver)) {
        /* it answers with a row, which the driver takes for a failure */
        tell(connection, sqlite_settings, message);
        known->past_driver =
            hbr_sqlite_find(&known->sqlite, connection->driver);
    }
    known->ready = true;
    return HBR_CONNECTION_SAME;
}

/* Rounded down, by less than an eighth, so that most requests find the bound
 * as the last one has left it. */
static apr_interval_time_t rounded(apr_interval_time_t ms)
{
    apr_interval_time_t step = 1;

    while (step * 16 <= ms)
        step *= 2;
    return ms - ms % step;
}

static int wanted_bound(const hbr_connection_t *connection,
                        apr_interval_time_t left)
{
    apr_interval_time_t ms = apr_time_as_msec(connection->timeout);

    if (left == HBR_NO_DEADLINE)
        return (int)ms;
    left = rounded(apr_time_as_msec(left));
    if (ms == 0 || left < ms)
        ms = left < INT32_MAX ? left : INT32_MAX;
    return ms > 0 ? (int)ms : 1;
}

void hbr_connection_watch(const hbr_connection_t *connection,
                          apr_interval_time_t left)
{
    known_t *known;

    if (hbr_connection_libpq(connection) == NULL)
        return;
    known = known_of(connection);
    watch(connection, known, wanted_bound(connection, left));
}

bool hbr_connection_unwatch(const hbr_connection_t *connection)
{
    return unwatch(connection, known_of(connection));
}

bool hbr_connection_bound(const hbr_connection_t *connection,
                          apr_interval_time_t left,
                          char message[HBR_DRIVER_MESSAGE])
{
    char sql[64] = "SET statement_timeout TO DEFAULT";
    known_t *known;
    int wanted;

    if (!hbr_is_pgsql(connection->driver))
        return true;
    known = known_of(connection);
    wanted = wanted_bound(connection, left);
    known->wanted = wanted;
    if (wanted == known->bound)
        return true;
    if (wanted != OWN_BOUND)
        snprintf(sql, sizeof(sql), "SET statement_timeout = %d", wanted);
    if (!tell(connection, sql, message))
        return false;
    known->bound = wanted;
    return true;
}

const char *hbr_connection_bound_by(const hbr_connection_t *connection)
{
    int bound = known_of(connection)->wanted;

    if (bound <= OWN_BOUND)
        return NULL;
    return bound == (int)apr_time_as_msec(connection->timeout)
               ? "BridgeDBTimeout"
               : "BridgeDeadline";
}

void hbr_connection_unsettle(const hbr_connection_t *connection)
{
    known_of(connection)->bound = UNKNOWN_BOUND;
}

void hbr_connection_disown(const hbr_connection_t *connection)
{
    known_of(connection)->backend = 0; /* is no process */
}

const hbr_libpq_t *hbr_connection_libpq(const hbr_connection_t *connection)
{
    const known_t *known = known_of(connection);

    return known->ready && hbr_is_pgsql(connection->driver) ? &known->pq : NULL;
}

const hbr_sqlite_t *hbr_connection_sqlite(const hbr_connection_t *connection)
{
    const known_t *known = known_of(connection);

    return known->past_driver ? &known->sqlite : NULL;
}

bool hbr_connection_is_lost(const hbr_connection_t *connection)
{
    const hbr_libpq_t *pq = hbr_connection_libpq(connection);
    apr_status_t rv;

    if (pq != NULL)
        return !hbr_libpq_is_alive(pq, native(connection));
    rv = apr_dbd_check_conn(connection->driver, connection->pool,
                            connection->handle);
    return rv != APR_SUCCESS && rv != APR_ENOTIMPL;
}
