/**
 * @file sqlite.h
 * @brief The rows of a SELECT straight out of SQLite, past apr_dbd.
 */
#ifndef HBR_BRIDGE_SQLITE_H
#define HBR_BRIDGE_SQLITE_H

#include <apr_dbd.h>

#include "placeholder.h"

/** The library's functions by their own names, without sqlite3_, and the mutex
 *  of apr_dbd's drivers. A connection is a sqlite3 *, a statement a
 *  sqlite3_stmt *, a value a sqlite3_value *: whoever has this file needs no
 *  header of the library's. */
typedef struct hbr_sqlite_t {
    void *(*next_stmt)(void *connection, void *statement);
    void *(*db_handle)(void *statement);
    void *(*db_mutex)(void *connection);
    int (*changes)(void *connection);
    int (*limit)(void *connection, int what, int value);
    void (*mutex_enter)(void *mutex);
    void (*mutex_leave)(void *mutex);
    int (*bind_parameter_count)(void *statement);
    int (*bind_blob)(void *statement, int place, const void *data, int length,
                     void (*release)(void *data));
    int (*bind_double)(void *statement, int place, double value);
    int (*bind_int64)(void *statement, int place, int64_t value);
    int (*bind_null)(void *statement, int place);
    int (*bind_text)(void *statement, int place, const char *text, int length,
                     void (*release)(void *text));
    int (*step)(void *statement);
    int (*reset)(void *statement);
    int (*column_count)(void *statement);
    void *(*column_value)(void *statement, int column);
    int (*value_type)(void *value);
    int64_t (*value_int64)(void *value);
    const void *(*value_blob)(void *value);
    const char *(*value_text)(void *value);
    int (*value_bytes)(void *value);
    apr_status_t (*lock)(void);   /**< apr_dbd_mutex_lock() */
    apr_status_t (*unlock)(void); /**< apr_dbd_mutex_unlock() */
} hbr_sqlite_t;

/** True when apr_dbd's driver is the one that uses the library. */
bool hbr_is_sqlite(const apr_dbd_driver_t *driver);

/**
 * Finds the library that apr_dbd_sqlite3 uses.
 * @param sqlite filled in
 * @param driver apr_dbd_sqlite3
 * @return false when there is none, or it cannot be told which; all goes
 *         through the driver then
 */
bool hbr_sqlite_find(hbr_sqlite_t *sqlite, const apr_dbd_driver_t *driver);

/** How many bytes a text or a BLOB may have on a connection. The driver binds
 *  NULL instead of a longer one, and does not say so. */
apr_size_t hbr_sqlite_longest(const hbr_sqlite_t *sqlite, void *connection);

/** How many rows the last statement that has ended changed, of those that
 *  change any. The driver asks before one that answers with rows has ended. */
int hbr_sqlite_changes(const hbr_sqlite_t *sqlite, void *connection);

/** The statement that was prepared last on a connection; NULL: none was. */
void *hbr_sqlite_newest(const hbr_sqlite_t *sqlite, void *connection);

/**
 * The statement that the driver has prepared.
 * @param connection borrowed
 * @param before hbr_sqlite_newest() before the driver was called
 * @param places its placeholders
 * @return NULL when it cannot be told; the driver runs it then
 */
void *hbr_sqlite_prepared(const hbr_sqlite_t *sqlite, void *connection,
                          void *before, const hbr_places_t *places);

/**
 * Runs a SELECT and takes its rows out. Does what apr_dbd_pbselect() does with
 * this driver, in its order, so that a failure has the same number and words,
 * but that a value which could not be bound is one, too; the values are those that hbr_rows_collect() takes out of its results. Blocks
 * for a lock for 1.6 seconds, as the driver does.
 * @param pool the rows' memory
 * @param statement prepared, on a borrowed connection
 * @param places its placeholders
 * @param arguments of hbr_places_bind()
 * @param rows set to the rows when the result is 0
 * @return as apr_dbd_pbselect()
 */
int hbr_sqlite_select(const hbr_sqlite_t *sqlite, apr_pool_t *pool,
                      void *statement, const hbr_places_t *places,
                      const void *const *arguments, hbr_rows_t **rows);

#endif
