/*
 * SQLite, past apr_dbd: a SELECT's rows are copied once, out of the library
 * into the request's memory. apr_dbd_sqlite3 asks the library three times for
 * each value, which locks the connection each time, and keeps it in pieces of
 * memory of its own, from where each comes out again through a bucket.
 *
 * Nothing else is done differently. The statement is the driver's own, prepared
 * and ended by it; it is run in the same steps, with the same pauses, under the
 * mutex that the driver shares between all connections of a process: without it
 * they would find each other's locks, and wait a tenth of a second at a time.
 *
 * The library is not linked: the module is loaded where there is none, too.
 * apr_dbd_sqlite3 brings it into the process, with its names visible to all, so
 * it is asked for by name once a connection of that driver is at hand. What is
 * used has been in it since SQLite 3.6.5 and belongs to its stable interface.
 *
 * Nothing is kept here. Any thread may call, for a connection that it has.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* RTLD_DEFAULT, dladdr() */
#endif
#include "sqlite.h"

#include <dlfcn.h>
#include <string.h>

#include <apr_time.h>

#include "format.h"
#include "rows.h"

/* Of the library's interface, the same for ever. */
enum { SQLITE_OK = 0, SQLITE_ERROR = 1, SQLITE_BUSY = 5, SQLITE_NOMEM = 7 };
enum { SQLITE_ROW = 100, SQLITE_DONE = 101 };
enum {
    SQLITE_INTEGER = 1,
    SQLITE_FLOAT,
    SQLITE_TEXT,
    SQLITE_BLOB,
    SQLITE_NULL
};
#define SQLITE_STATIC NULL
#define SQLITE_LIMIT_LENGTH 0
#define ASK (-1) /* for a limit, without setting it */

/* The driver's. */
#define BUSY_RETRIES 16
#define BUSY_PAUSE apr_time_from_msec(100)

#define DIGITS 20 /* of an int64_t, with a sign */
#define ROWS_FIRST 32

/* ------------------------------------------------------------- the library */

/* POSIX lets dlsym() give functions, ISO C has no cast for it. */
static bool find(const char *name, void *function)
{
    void *symbol = dlsym(RTLD_DEFAULT, name);

    memcpy(function, &symbol, sizeof(symbol));
    return symbol != NULL;
}

/* A process may hold two of the library. Where all others see the one that the
 * driver brought there is no doubt. */
static bool is_the_drivers(const apr_dbd_driver_t *driver, const char *name)
{
    Dl_info info;
    void *object, *symbol;

    if (dladdr(driver, &info) == 0)
        return false;
    object = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    if (object == NULL)
        return false;
    symbol = dlsym(object, name);
    dlclose(object);
    return symbol != NULL && symbol == dlsym(RTLD_DEFAULT, name);
}

static bool find_bind(hbr_sqlite_t *sqlite)
{
    return find("sqlite3_bind_parameter_count", &sqlite->bind_parameter_count)
           && find("sqlite3_bind_blob", &sqlite->bind_blob)
           && find("sqlite3_bind_double", &sqlite->bind_double)
           && find("sqlite3_bind_int64", &sqlite->bind_int64)
           && find("sqlite3_bind_null", &sqlite->bind_null)
           && find("sqlite3_bind_text", &sqlite->bind_text);
}

static bool find_values(hbr_sqlite_t *sqlite)
{
    return find("sqlite3_column_count", &sqlite->column_count)
           && find("sqlite3_column_value", &sqlite->column_value)
           && find("sqlite3_value_type", &sqlite->value_type)
           && find("sqlite3_value_int64", &sqlite->value_int64)
           && find("sqlite3_value_blob", &sqlite->value_blob)
           && find("sqlite3_value_text", &sqlite->value_text)
           && find("sqlite3_value_bytes", &sqlite->value_bytes);
}

static bool find_mutexes(hbr_sqlite_t *sqlite)
{
    return find("sqlite3_db_mutex", &sqlite->db_mutex)
           && find("sqlite3_mutex_enter", &sqlite->mutex_enter)
           && find("sqlite3_mutex_leave", &sqlite->mutex_leave)
           && find("apr_dbd_mutex_lock", &sqlite->lock)
           && find("apr_dbd_mutex_unlock", &sqlite->unlock);
}

bool hbr_is_sqlite(const apr_dbd_driver_t *driver)
{
    return strcmp(apr_dbd_name(driver), "sqlite3") == 0;
}

bool hbr_sqlite_find(hbr_sqlite_t *sqlite, const apr_dbd_driver_t *driver)
{
    return is_the_drivers(driver, "sqlite3_step")
           && find("sqlite3_step", &sqlite->step)
           && find("sqlite3_reset", &sqlite->reset)
           && find("sqlite3_next_stmt", &sqlite->next_stmt)
           && find("sqlite3_db_handle", &sqlite->db_handle)
           && find("sqlite3_changes", &sqlite->changes)
           && find("sqlite3_limit", &sqlite->limit) && find_bind(sqlite)
           && find_values(sqlite) && find_mutexes(sqlite);
}

apr_size_t hbr_sqlite_longest(const hbr_sqlite_t *sqlite, void *connection)
{
    return (apr_size_t)sqlite->limit(connection, SQLITE_LIMIT_LENGTH, ASK);
}

/* ----------------------------------------------------------- the statement */

int hbr_sqlite_changes(const hbr_sqlite_t *sqlite, void *connection)
{
    return sqlite->changes(connection);
}

void *hbr_sqlite_newest(const hbr_sqlite_t *sqlite, void *connection)
{
    return sqlite->next_stmt(connection, NULL);
}

/* Nowhere is it said that the newest is the first. But where there is one more
 * in front of what was first before, there is only one that it can be; a
 * virtual table may have prepared more. */
void *hbr_sqlite_prepared(const hbr_sqlite_t *sqlite, void *connection,
                          void *before, const hbr_places_t *places)
{
    void *first = sqlite->next_stmt(connection, NULL);

    if (first == NULL || sqlite->next_stmt(connection, first) != before
        || (apr_size_t)sqlite->bind_parameter_count(first) != places->count)
        return NULL;
    return first;
}

/* Arguments lie there as hbr_places_bind() makes them; next is moved on behind
 * the value's. */
static int bind_one(const hbr_sqlite_t *sqlite, void *statement, int place,
                    hbr_place_e type, const void *const **next)
{
    const void *value = *(*next)++;
    const apr_size_t *length;

    if (value == NULL)
        return sqlite->bind_null(statement, place);
    switch (type) {
    case HBR_PLACE_INT:
        return sqlite->bind_int64(statement, place, *(const int *)value);
    case HBR_PLACE_INT64:
        return sqlite->bind_int64(statement, place, *(const int64_t *)value);
    case HBR_PLACE_FLOAT:
        return sqlite->bind_double(statement, place, *(const float *)value);
    case HBR_PLACE_DOUBLE:
        return sqlite->bind_double(statement, place, *(const double *)value);
    case HBR_PLACE_BLOB:
        length = **next;
        *next += 3;
        return sqlite->bind_blob(statement, place, value, (int)*length,
                                 SQLITE_STATIC);
    default:
        return sqlite->bind_text(statement, place, value, (int)strlen(value),
                                 SQLITE_STATIC);
    }
}

/* The driver does not look whether one fails, and would run on with a value
 * that is not the caller's. */
static int bind_all(const hbr_sqlite_t *sqlite, void *statement,
                    const hbr_places_t *places, const void *const *arguments)
{
    int result = SQLITE_OK;
    apr_size_t i;

    for (i = 0; i < places->count && result == SQLITE_OK; i++)
        result = bind_one(sqlite, statement, (int)i + 1, places->types[i],
                          &arguments);
    return result;
}

/* -------------------------------------------------------------------- rows */

typedef struct reader_t {
    const hbr_sqlite_t *sqlite;
    apr_pool_t *pool;
    void *statement;
    void *mutex; /* the connection's */
    hbr_rows_t *rows;
    apr_size_t room;         /* for rows, in the array of them */
    const hbr_cell_t **each; /* that array */
    hbr_cell_t *seen;        /* a row's values where the library has them */
    char *digits;            /* DIGITS for each of them */
} reader_t;

/* As "%lld": the library makes the same text, in four times as many steps. */
static void see_integer(hbr_cell_t *cell, char *digits, int64_t value)
{
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char *end = digits + DIGITS, *at = end;

    do {
        *--at = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0)
        *--at = '-';
    cell->text = at;
    cell->text_length = (apr_size_t)(end - at);
}

/* Its length is known only behind its text, which may have to be made. */
static void see_bytes(const hbr_sqlite_t *sqlite, hbr_cell_t *cell, void *value,
                      const char *bytes)
{
    cell->text = bytes != NULL ? bytes : "";
    cell->text_length =
        bytes != NULL ? (apr_size_t)sqlite->value_bytes(value) : 0;
}

static void see(const reader_t *reader, apr_size_t column)
{
    const hbr_sqlite_t *sqlite = reader->sqlite;
    hbr_cell_t *cell = &reader->seen[column];
    void *value = sqlite->column_value(reader->statement, (int)column);

    switch (sqlite->value_type(value)) {
    case SQLITE_NULL:
        cell->text = NULL;
        cell->text_length = 0;
        break;
    case SQLITE_INTEGER:
        see_integer(cell, reader->digits + column * DIGITS,
                    sqlite->value_int64(value));
        break;
    case SQLITE_BLOB:
        see_bytes(sqlite, cell, value, sqlite->value_blob(value));
        break;
    default: see_bytes(sqlite, cell, value, sqlite->value_text(value));
    }
}

/* What the row takes, each value with a NUL behind it; 0: too much. */
static apr_size_t see_row(const reader_t *reader)
{
    apr_size_t size = reader->rows->columns * sizeof(hbr_cell_t);
    apr_size_t i;

    for (i = 0; i < reader->rows->columns; i++) {
        see(reader, i);
        if (reader->seen[i].text_length >= APR_SIZE_MAX - size)
            return 0;
        size += reader->seen[i].text_length + 1;
    }
    return size;
}

static const hbr_cell_t *copy_row(const reader_t *reader, apr_size_t size)
{
    apr_size_t columns = reader->rows->columns, i;
    hbr_cell_t *cells = apr_palloc(reader->pool, size);
    char *to = (char *)(cells + columns);

    for (i = 0; i < columns; i++) {
        apr_size_t length = reader->seen[i].text_length;

        cells[i].text_length = cells[i].length = length;
        cells[i].text = cells[i].bytes = NULL;
        if (reader->seen[i].text == NULL)
            continue;
        hbr_format_copy(to, reader->seen[i].text, length);
        to[length] = '\0';
        cells[i].text = cells[i].bytes = to;
        to += length + 1;
    }
    return cells;
}

static void add_row(reader_t *reader, const hbr_cell_t *cells)
{
    hbr_rows_t *rows = reader->rows;

    if (rows->count == reader->room) {
        apr_size_t room = reader->room > 0 ? 2 * reader->room : ROWS_FIRST;
        const hbr_cell_t **each =
            apr_palloc(reader->pool, room * sizeof(*each));

        if (rows->count > 0)
            memcpy(each, reader->each, rows->count * sizeof(*each));
        rows->cells = reader->each = each;
        reader->room = room;
    }
    reader->each[rows->count++] = cells;
}

/* The connection's mutex is held while its values are looked at, as the library
 * wants it; to take it once more then costs next to nothing. */
static int read_row(reader_t *reader)
{
    apr_size_t size;

    reader->sqlite->mutex_enter(reader->mutex);
    size = see_row(reader);
    if (size > 0)
        add_row(reader, copy_row(reader, size));
    reader->sqlite->mutex_leave(reader->mutex);
    return size > 0 ? SQLITE_ROW : SQLITE_NOMEM;
}

static int wait_for_lock(const hbr_sqlite_t *sqlite, int *retries)
{
    if ((*retries)++ == BUSY_RETRIES)
        return SQLITE_ERROR;
    sqlite->unlock();
    apr_sleep(BUSY_PAUSE);
    sqlite->lock();
    return SQLITE_BUSY;
}

static int read_rows(reader_t *reader)
{
    int result, retries = 0;

    do {
        result = reader->sqlite->step(reader->statement);
        if (result == SQLITE_ROW)
            result = read_row(reader);
        else if (result == SQLITE_BUSY)
            result = wait_for_lock(reader->sqlite, &retries);
    } while (result == SQLITE_ROW || result == SQLITE_BUSY);
    return result == SQLITE_DONE ? SQLITE_OK : result;
}

static reader_t make_reader(const hbr_sqlite_t *sqlite, apr_pool_t *pool,
                            void *statement)
{
    reader_t reader = { .sqlite = sqlite,
                        .pool = pool,
                        .statement = statement,
                        .rows = apr_pcalloc(pool, sizeof(*reader.rows)) };
    apr_size_t columns = (apr_size_t)sqlite->column_count(statement);

    reader.rows->columns = columns;
    reader.mutex = sqlite->db_mutex(sqlite->db_handle(statement));
    reader.seen = apr_palloc(pool, columns * (sizeof(*reader.seen) + DIGITS));
    reader.digits = (char *)(reader.seen + columns);
    return reader;
}

int hbr_sqlite_select(const hbr_sqlite_t *sqlite, apr_pool_t *pool,
                      void *statement, const hbr_places_t *places,
                      const void *const *arguments, hbr_rows_t **rows)
{
    reader_t reader = make_reader(sqlite, pool, statement);
    int result;

    sqlite->lock();
    result = bind_all(sqlite, statement, places, arguments);
    if (result == SQLITE_OK)
        result = read_rows(&reader);
    sqlite->reset(statement);
    sqlite->unlock();
    if (result == SQLITE_OK)
        *rows = reader.rows;
    return result;
}
