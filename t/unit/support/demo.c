/* See demo.h. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <apr_dbd.h>
#include <apr_file_io.h>
#include <apr_strings.h>

#include "demo.h"
#include "folder.h"

static char file[80];

/* The driver takes a line end behind the last statement for a bad one. */
static const char *read_schema(apr_pool_t *pool)
{
    apr_finfo_t info;
    apr_file_t *schema;
    char *text;

    assert_int_equal(
        apr_file_open(&schema, "demo/schema.sql", APR_READ, 0, pool),
        APR_SUCCESS);
    assert_int_equal(apr_file_info_get(&info, APR_FINFO_SIZE, schema),
                     APR_SUCCESS);
    text = apr_pcalloc(pool, (apr_size_t)info.size + 1);
    assert_int_equal(
        apr_file_read_full(schema, text, (apr_size_t)info.size, NULL),
        APR_SUCCESS);
    text[strlen(text) - 1] = '\0';
    return text;
}

static void run(apr_pool_t *pool, const char *sql)
{
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
    int rows;

    apr_dbd_init(pool);
    assert_int_equal(apr_dbd_get_driver(pool, "sqlite3", &driver), 0);
    assert_int_equal(apr_dbd_open(driver, pool, file, &handle), 0);
    if (apr_dbd_query(driver, handle, &rows, sql) != 0)
        fail_msg("%s", apr_dbd_error(driver, handle, 0));
    apr_dbd_close(driver, handle);
}

void demo_sql(const char *sql)
{
    apr_pool_t *pool;

    apr_pool_create(&pool, NULL);
    run(pool, sql != NULL ? sql : read_schema(pool));
    apr_pool_destroy(pool);
}

int demo_setup(void **state)
{
    if (folder_make() != 0)
        return -1;
    snprintf(file, sizeof(file), "%s/demo.db", folder);
    demo_sql(NULL);
    return serve_setup(state)
           || hbr_test_database_open(kit, "sqlite3", file) != APR_SUCCESS;
}

int demo_teardown(void **state)
{
    int failed = serve_teardown(state);

    unlink(file);
    return failed || folder_remove();
}
