/*
 * The bridge's side of `make bench BENCH=customers`: 100 rows out of the
 * demo's database as a page. bench/peers has the same page in PHP, Perl and
 * Python. No state.
 */
#include <inttypes.h>

#include "handlerbridge.h"

enum { ID, NAME, CITY, REGION, PRIORITY, EMAIL, SINCE, REVENUE };

static const hbr_statement_t statements[] = {
    { "customers", "SELECT id, name, city, region, priority, email, since, "
                   "revenue FROM customers ORDER BY id LIMIT 100" },
    HBR_STATEMENTS_END
};

static void write_row(hbr_context_t *ctx, const hbr_rows_t *rows,
                      apr_size_t row)
{
    int64_t cents = hbr_row_int(rows, row, REVENUE);

    hbr_html(ctx,
             "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td>"
             "<td>%s</td><td>%s</td><td>%" PRId64 ".%02d</td></tr>\n",
             hbr_row_text(rows, row, ID), hbr_row_text(rows, row, NAME),
             hbr_row_text(rows, row, CITY), hbr_row_text(rows, row, REGION),
             hbr_row_text(rows, row, PRIORITY), hbr_row_text(rows, row, EMAIL),
             hbr_row_text(rows, row, SINCE), cents / 100, (int)(cents % 100));
}

static int customers(hbr_context_t *ctx)
{
    hbr_rows_t *rows;
    int result = hbr_select(ctx, 0, HBR_NO_VALUES, &rows);

    if (result != HBR_OK)
        return result;
    hbr_type(ctx, "text/html; charset=utf-8");
    hbr_puts(ctx, "<!DOCTYPE html>\n<html lang=\"en\"><head>"
                  "<title>Customers</title></head>\n<body><table>\n");
    for (apr_size_t row = 0; row < rows->count; row++)
        write_row(ctx, rows, row);
    hbr_puts(ctx, "</table></body></html>\n");
    return HBR_OK;
}

HBR_HANDLER(customers, .name = "bench-customers", .process = customers,
            .statements = statements);
