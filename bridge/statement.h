/**
 * @file statement.h
 * @brief Declared statements, prepared on a borrowed connection.
 *
 * What is prepared is kept with the connection and belongs to whoever has
 * borrowed it.
 */
#ifndef HBR_BRIDGE_STATEMENT_H
#define HBR_BRIDGE_STATEMENT_H

#include "connection.h"
#include "placeholder.h"
#include "registry.h"

/** One statement on one connection. */
typedef struct hbr_prepared_t {
    const hbr_statement_t *declared;
    hbr_places_t places;
    apr_dbd_prepared_t *handle; /**< NULL: not prepared. */
    const hbr_sqlite_t *sqlite; /**< What runs it as a SELECT, when it is */
    void *native;               /**< not NULL, a statement of that library. */
    bool as_text;       /**< It is prepared for the message when it is bad, and
                            run as text. */
    const char *label;  /**< Its name in the database. */
    const bool *blobs;  /**< Which columns come as hexadecimal text; NULL: none
                             does. */
    apr_size_t columns; /**< Of blobs. */
    apr_pool_t *pool;   /**< What this preparation took. */
    struct hbr_statements_t *set; /**< The handler's on this connection. */
    apr_time_t renewable;         /**< See hbr_statement_renew(). */
    apr_interval_time_t patience;
    char message[HBR_DRIVER_MESSAGE]; /**< Why it is not prepared. */
} hbr_prepared_t;

/**
 * Gives a handler's statement, ready to run. At the handler's first use of the
 * connection all its statements are prepared; while one of them is bad none is
 * given, and the bad ones are tried again, at most once a second.
 * @param connection borrowed
 * @param entry the handler
 * @param index below entry->statements
 * @param now the time
 * @param bad set to the statement that stands in the way
 * @return the statement, valid until the connection is given back; or NULL
 */
hbr_prepared_t *hbr_statement_get(const hbr_connection_t *connection,
                                  const hbr_entry_t *entry, apr_size_t index,
                                  apr_time_t now, const hbr_prepared_t **bad);

/**
 * Runs a SELECT by the driver.
 * @param pool the results' memory
 * @param arguments of hbr_places_bind()
 * @return as apr_dbd_pbselect()
 */
int hbr_statement_select(const hbr_connection_t *connection,
                         const hbr_prepared_t *prepared, apr_pool_t *pool,
                         const void **arguments, apr_dbd_results_t **results);

/** Runs a statement for what it changes, as apr_dbd_pbquery() does. */
int hbr_statement_change(const hbr_connection_t *connection,
                         const hbr_prepared_t *prepared, apr_pool_t *pool,
                         const void **arguments, int *affected);

/**
 * Prepares a statement anew after it failed, because it may have grown stale.
 * @param prepared given by hbr_statement_get()
 * @param now the time
 * @param stale it is known to be stale; otherwise it is prepared anew after a
 *        second at the earliest, then after two, four and so on
 * @return true when it was prepared anew
 */
bool hbr_statement_renew(const hbr_connection_t *connection,
                         hbr_prepared_t *prepared, apr_time_t now, bool stale);

/** Says that a renewal was what helped. */
void hbr_statement_renewed(hbr_prepared_t *prepared);

/** Forgets all that was prepared, which the database has forgotten, too. The
 *  structures stay; hbr_statement_get() prepares anew. */
void hbr_statements_forget(const hbr_connection_t *connection);

/**
 * Prepares a handler's statements on a connection and logs those that are bad,
 * so that a mistake shows when the server starts.
 * @param connection borrowed
 * @param entry the handler; its log is used
 * @param now the time
 */
void hbr_statements_try(const hbr_connection_t *connection,
                        const hbr_entry_t *entry, apr_time_t now);

#endif
