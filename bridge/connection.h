/**
 * @file connection.h
 * @brief A borrowed connection, made ready for statements.
 *
 * What is known of a connection is kept with it and belongs to whoever has
 * borrowed it.
 */
#ifndef HBR_BRIDGE_CONNECTION_H
#define HBR_BRIDGE_CONNECTION_H

#include "host.h"
#include "libpq.h"
#include "sqlite.h"

/** Room for a driver's message; a longer one is cut. */
#define HBR_DRIVER_MESSAGE 256

/** Copies the driver's words for a result, the first line of them. */
void hbr_driver_message(const hbr_connection_t *connection, int result,
                        char message[HBR_DRIVER_MESSAGE]);

typedef enum {
    HBR_CONNECTION_SAME = 0, /**< As it was left, or new to the bridge. */
    HBR_CONNECTION_ANEW,     /**< It had been lost, and there is a new one: what
                                  was prepared on it is gone. */
    HBR_CONNECTION_BAD       /**< It is no use; give it back as broken. */
} hbr_connection_e;

/**
 * Readies a connection that was just borrowed, or has just failed: makes a lost
 * one anew and sets what the bridge relies on. Blocks for the database where
 * something is to be done, which is seldom.
 * @param connection outside of a transaction
 * @param message set to why, when it is bad
 */
hbr_connection_e hbr_connection_ready(const hbr_connection_t *connection,
                                      char message[HBR_DRIVER_MESSAGE]);

/**
 * Bounds the time of the next statements: by the connection's own time-out, and
 * by what is left of the request's time. PostgreSQL only.
 * @param left microseconds, or HBR_NO_DEADLINE
 * @return false when the database did not take it; see message
 */
bool hbr_connection_bound(const hbr_connection_t *connection,
                          apr_interval_time_t left,
                          char message[HBR_DRIVER_MESSAGE]);

/** The directive that bounds the next statements' time; NULL: none does. */
const char *hbr_connection_bound_by(const hbr_connection_t *connection);

/**
 * From here on the database has the statement's time, and a little more, to say
 * anything: one that cannot even give up by itself (it is stopped, or the
 * network is gone) loses the connection then. PostgreSQL only.
 * @param left as for hbr_connection_bound()
 */
void hbr_connection_watch(const hbr_connection_t *connection,
                          apr_interval_time_t left);

/** Ends that, after each hbr_connection_watch().
 *  @return whether the connection was lost by it */
bool hbr_connection_unwatch(const hbr_connection_t *connection);

/** Says that settings may have been taken back, as a ROLLBACK does. */
void hbr_connection_unsettle(const hbr_connection_t *connection);

/** The database says that it does not know what was prepared there: what looks
 *  like the same connection is another. */
void hbr_connection_disown(const hbr_connection_t *connection);

/** PostgreSQL's client library, when the connection is ready and its driver's;
 *  else NULL. */
const hbr_libpq_t *hbr_connection_libpq(const hbr_connection_t *connection);

/** The functions of SQLite, when the connection is ready, its driver's, and
 *  nothing speaks against going past the driver; else NULL. They live as long
 *  as the connection. */
const hbr_sqlite_t *hbr_connection_sqlite(const hbr_connection_t *connection);

/** True when the connection failed, and not only what it was asked. */
bool hbr_connection_is_lost(const hbr_connection_t *connection);

#endif
