/*
 * The rows of a SELECT. They are taken out of the driver's results before the
 * connection goes back, and only read afterwards, by the request's thread.
 *
 * Every value is asked for as a BLOB, which is the one way to get its length
 * with it, and to tell an empty BLOB (success, no bytes) from NULL
 * (APR_ENOENT): asked for a number, the SQLite driver reads through a NULL
 * pointer for an empty BLOB. SQLite's rows mostly come without its driver: see
 * sqlite.c.
 */
#include "rows.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <apr_lib.h>

/* A number of so many digits is in an int64_t's range. */
#define DIGITS_SAFE 18

typedef struct reader_t {
    apr_pool_t *pool;
    const apr_dbd_driver_t *driver;
    apr_bucket_brigade *brigade; /* one value on its way */
    bool keeps; /* the driver's values end with a NUL and live in the pool */
    const bool *blobs; /* columns that come as hexadecimal text; NULL: none */
} reader_t;

static apr_status_t keep_bytes(reader_t *reader, hbr_cell_t *cell)
{
    return apr_bucket_read(APR_BRIGADE_FIRST(reader->brigade), &cell->text,
                           &cell->text_length, APR_BLOCK_READ);
}

static apr_status_t copy_bytes(reader_t *reader, hbr_cell_t *cell)
{
    apr_off_t length;
    apr_status_t rv = apr_brigade_length(reader->brigade, 1, &length);
    char *text;

    if (rv != APR_SUCCESS)
        return rv;
    cell->text_length = (apr_size_t)length;
    text = apr_palloc(reader->pool, cell->text_length + 1);
    rv = apr_brigade_flatten(reader->brigade, text, &cell->text_length);
    text[cell->text_length] = '\0';
    cell->text = text;
    return rv;
}

static apr_status_t read_bytes(reader_t *reader, hbr_cell_t *cell)
{
    const apr_bucket_brigade *brigade = reader->brigade;
    const apr_bucket *first = APR_BRIGADE_FIRST(brigade);

    if (first == APR_BRIGADE_SENTINEL(brigade))
        return APR_SUCCESS;
    /* a second copy would double the memory of a picture */
    if (reader->keeps && APR_BUCKET_IS_POOL(first)
        && APR_BUCKET_NEXT(first) == APR_BRIGADE_SENTINEL(brigade))
        return keep_bytes(reader, cell);
    return copy_bytes(reader, cell);
}

static apr_status_t read_cell(reader_t *reader, apr_dbd_row_t *row, int column,
                              hbr_cell_t *cell)
{
    apr_status_t rv = apr_dbd_datum_get(reader->driver, row, column,
                                        APR_DBD_TYPE_BLOB, reader->brigade);

    if (APR_STATUS_IS_ENOENT(rv))
        return APR_SUCCESS;
    if (rv == APR_SUCCESS)
        rv = read_bytes(reader, cell);
    apr_brigade_cleanup(reader->brigade);
    if (cell->text == NULL) {
        cell->text = "";
        cell->text_length = 0;
    }
    cell->bytes = cell->text;
    cell->length = cell->text_length;
    if (rv == APR_SUCCESS && reader->blobs != NULL && reader->blobs[column]
        && !hbr_cell_unhex(reader->pool, cell))
        return APR_EGENERAL;
    return rv;
}

/* Never asks for a row behind the last one: PostgreSQL's driver frees all of
 * them then. It also wants the row it gave before. */
static apr_status_t read_rows(reader_t *reader, apr_dbd_results_t *results,
                              const hbr_rows_t *rows, hbr_cell_t *cell,
                              const hbr_cell_t **each)
{
    apr_dbd_row_t *row = NULL;
    apr_size_t i, column;
    apr_status_t rv;

    for (i = 0; i < rows->count; i++) {
        if (apr_dbd_get_row(reader->driver, reader->pool, results, &row, -1)
            != 0)
            return APR_EGENERAL;
        each[i] = cell;
        for (column = 0; column < rows->columns; column++) {
            rv = read_cell(reader, row, (int)column, cell++);
            if (rv != APR_SUCCESS)
                return rv;
        }
    }
    return APR_SUCCESS;
}

static reader_t make_reader(apr_pool_t *pool, apr_bucket_alloc_t *bucket_alloc,
                            const apr_dbd_driver_t *driver, const bool *blobs)
{
    const char *name = apr_dbd_name(driver);

    return (reader_t){ .pool = pool,
                       .driver = driver,
                       .brigade = apr_brigade_create(pool, bucket_alloc),
                       .keeps = strcmp(name, "pgsql") == 0
                                || strcmp(name, "sqlite3") == 0,
                       .blobs = blobs };
}

apr_status_t hbr_rows_collect(apr_pool_t *pool,
                              apr_bucket_alloc_t *bucket_alloc,
                              const apr_dbd_driver_t *driver,
                              apr_dbd_results_t *results, const bool *blobs,
                              apr_size_t known, hbr_rows_t **rows)
{
    int count = apr_dbd_num_tuples(driver, results);
    int columns = apr_dbd_num_cols(driver, results);
    hbr_rows_t *made = apr_pcalloc(pool, sizeof(*made));
    reader_t reader = make_reader(pool, bucket_alloc, driver, blobs);
    const hbr_cell_t **each;
    hbr_cell_t *cells;
    apr_status_t rv;

    if (count < 0 || columns < 0
        || (blobs != NULL && known != (apr_size_t)columns))
        return APR_EGENERAL;
    if (columns > 0
        && (apr_size_t)count > SIZE_MAX / sizeof(*cells) / (apr_size_t)columns)
        return APR_ENOMEM;
    made->count = (apr_size_t)count;
    made->columns = (apr_size_t)columns;
    cells = apr_pcalloc(pool, made->count * made->columns * sizeof(*cells));
    made->cells = each = apr_palloc(pool, made->count * sizeof(*each));
    *rows = made;
    rv = read_rows(&reader, results, made, cells, each);
    apr_brigade_destroy(reader.brigade);
    return rv;
}

/* A digit's value and one; 0: it is none. PostgreSQL writes small letters. */
static const unsigned char digits[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,
    ['6'] = 7,  ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
    ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16
};

/* False when one is no digit. There may be millions: no branch in there. */
static bool read_digits(const unsigned char *from, char *to, apr_size_t length)
{
    unsigned int bad = 0;
    apr_size_t i;

    for (i = 0; i < length; i++) {
        unsigned int high = digits[from[2 * i]] - 1U;
        unsigned int low = digits[from[2 * i + 1]] - 1U;

        bad |= high | low;
        to[i] = (char)(high << 4 | low);
    }
    return bad <= 0xF;
}

bool hbr_cell_unhex(apr_pool_t *pool, hbr_cell_t *cell)
{
    apr_size_t length = cell->text_length / 2;
    char *to;

    if (length == 0 || cell->text_length % 2 != 0
        || memcmp(cell->text, "\\x", 2) != 0)
        return false;
    length--;
    to = apr_palloc(pool, length + 1);
    if (!read_digits((const unsigned char *)cell->text + 2, to, length))
        return false;
    to[length] = '\0';
    cell->bytes = to;
    cell->length = length;
    return true;
}

/* NULL when there is no such cell, or SQL's NULL in it. */
static const hbr_cell_t *cell_at(const hbr_rows_t *rows, apr_size_t row,
                                 apr_size_t column)
{
    const hbr_cell_t *cell;

    if (rows == NULL || row >= rows->count || column >= rows->columns)
        return NULL;
    cell = &rows->cells[row][column];
    return cell->text != NULL ? cell : NULL;
}

bool hbr_row_is_null(const hbr_rows_t *rows, apr_size_t row, apr_size_t column)
{
    return cell_at(rows, row, column) == NULL;
}

const char *hbr_row_text(const hbr_rows_t *rows, apr_size_t row,
                         apr_size_t column)
{
    const hbr_cell_t *cell = cell_at(rows, row, column);

    return cell != NULL ? cell->text : NULL;
}

/* What mostly stands there: a sign and a few digits, as databases write them;
 * false when it is anything else. */
static bool read_plain_int(const hbr_cell_t *cell, int64_t *value)
{
    const char *at = cell->text, *end = at + cell->text_length;
    bool negative = *at == '-';
    int64_t read = 0;

    at += negative;
    if (end - at > DIGITS_SAFE)
        return false;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9')
            return false;
        read = read * 10 + (*at - '0');
    }
    *value = negative ? -read : read;
    return true;
}

int64_t hbr_row_int(const hbr_rows_t *rows, apr_size_t row, apr_size_t column)
{
    const hbr_cell_t *cell = cell_at(rows, row, column);
    int64_t plain;
    char *end;
    long long value;

    if (cell == NULL || cell->text_length == 0)
        return 0;
    if (read_plain_int(cell, &plain))
        return plain;
    errno = 0;
    value = strtoll(cell->text, &end, 10);
    return errno == 0 && end == cell->text + cell->text_length ? value : 0;
}

double hbr_row_double(const hbr_rows_t *rows, apr_size_t row, apr_size_t column)
{
    const hbr_cell_t *cell = cell_at(rows, row, column);
    char *end;
    double value;

    /* strtod also takes hexadecimal, which no database writes */
    if (cell == NULL || cell->text_length == 0
        || strpbrk(cell->text, "xX") != NULL)
        return 0;
    value = strtod(cell->text, &end);
    return end == cell->text + cell->text_length && !isnan(value) ? value : 0;
}

const void *hbr_row_bytes(const hbr_rows_t *rows, apr_size_t row,
                          apr_size_t column, apr_size_t *length)
{
    const hbr_cell_t *cell = cell_at(rows, row, column);

    *length = cell != NULL ? cell->length : 0;
    return cell != NULL ? cell->bytes : NULL;
}
