/*
 * customers: the list out of a database, as a page, as JSON and as CSV.
 *
 *     SetHandler customers
 *     /customers?region=North&priority=1&q=son&sort=revenue&direction=desc
 *
 * A request reads the number of customers and one page of them, each with one
 * declared statement, and writes only when the connection is back. What a
 * client sends reaches SQL as a value and nowhere else: the column to sort by
 * picks one of twelve statements. The page needs no script, and its policy
 * lets none run.
 *
 * Threads: no state of its own.
 */
#include <apr_strings.h>
#include <inttypes.h>
#include <jansson.h>

#include "customers.h"

/* What CSV hands out when it is asked for no page: a bound on memory, since
 * rows are copied out before the first byte leaves. */
#define ALL_ROWS 50000
#define PAGE_SIZE_MAX 200

const char *const customers_regions[] = { "North", "South",    "East",
                                          "West",  "Overseas", NULL };
const char *const customers_directions[] = { "asc", "desc", NULL };
static const char *const formats[] = { "html", "json", "csv", NULL };
static const char *const types[] = { "text/html", "application/json",
                                     "text/csv", NULL };
const char *const customers_sorts[] = { "name",     "city",  "region",
                                        "priority", "since", "revenue",
                                        NULL };

static const hbr_input_t inputs[] = {
    HBR_ENUM(query_t, region, "region", .values = customers_regions,
             .fallback = -1, .help = "only customers of this region"),
    HBR_INT(query_t, priority, "priority", .min = 1, .max = 5,
            .help = "only customers of this priority"),
    HBR_STRING(query_t, search, "q", .max = 100, .fallback = "",
               .help = "a part of the name, the city or the address"),
    HBR_ENUM(query_t, sort, "sort", .values = customers_sorts,
             .help = "the column to sort by"),
    HBR_ENUM(query_t, direction, "direction", .values = customers_directions,
             .help = "up or down"),
    HBR_INT(query_t, page, "page", .min = 1, .max = 1000000, .fallback = 1,
            .help = "which page"),
    HBR_INT(query_t, size, "size", .min = 1, .max = PAGE_SIZE_MAX,
            .fallback = CUSTOMERS_PAGE_SIZE, .help = "customers on a page"),
    HBR_ENUM(query_t, format, "format", .values = formats, .fallback = -1,
             .help = "left out: Accept decides, else html"),
    HBR_INPUTS_END
};

/* ---- the database ------------------------------------------------------ */

#define FILTER                                                                 \
    " FROM customers WHERE (%s = '' OR region = %s)"                           \
    " AND (%d = 0 OR priority = %d)"                                           \
    " AND (lower(name) LIKE lower(%s) ESCAPE '!'"                              \
    " OR lower(city) LIKE lower(%s) ESCAPE '!'"                                \
    " OR lower(email) LIKE lower(%s) ESCAPE '!')"

#define FILTER_VALUES(region, priority, like)                                  \
    hbr_value_text(region), hbr_value_text(region), hbr_value_int(priority),   \
        hbr_value_int(priority), hbr_value_text(like), hbr_value_text(like),   \
        hbr_value_text(like)

#define LIST(order)                                                            \
    "SELECT id, name, city, region, priority, email, since, revenue" FILTER    \
    " ORDER BY " order " LIMIT %lld OFFSET %lld"

/* The statements that list by a column: at twice its index in customers_sorts,
 * behind it the other way round. */
#define LISTS(by, column)                                                      \
    [2 * (by)] = { "list " column, LIST(column ", id") },                      \
         [2 * (by) + 1] = { "list " column " desc", LIST(column " DESC, id") }

enum { COUNT = 2 * SORTS };

static const hbr_statement_t statements[] = {
    LISTS(BY_NAME, "lower(name)"),
    LISTS(BY_CITY, "lower(city)"),
    LISTS(BY_REGION, "region"),
    LISTS(BY_PRIORITY, "priority"),
    LISTS(BY_SINCE, "since"),
    LISTS(BY_REVENUE, "revenue"),
    [COUNT] = { "count", "SELECT COUNT(*)" FILTER },
    HBR_STATEMENTS_END
};

/* A pattern that finds text anywhere, its own wildcards being letters. */
static const char *like_pattern(apr_pool_t *pool, const char *text)
{
    char *pattern = apr_palloc(pool, 2 * strlen(text) + 3);
    char *out = pattern;

    *out++ = '%';
    for (; *text != '\0'; text++) {
        if (*text == '%' || *text == '_' || *text == '!')
            *out++ = '!';
        *out++ = *text;
    }
    *out++ = '%';
    *out = '\0';
    return pattern;
}

static const char *region_of(const query_t *query)
{
    return query->region < 0 ? "" : customers_regions[query->region];
}

static int read_list(hbr_context_t *ctx, int64_t size, int64_t page,
                     list_t *list)
{
    const query_t *query = list->query;
    const char *region = region_of(query);
    const char *like = like_pattern(ctx->pool, query->search);
    hbr_rows_t *count;
    int rc = hbr_select(
        ctx, COUNT, HBR_VALUES(FILTER_VALUES(region, query->priority, like)),
        &count);

    if (rc != HBR_OK)
        return rc;
    list->total = hbr_row_int(count, 0, 0);
    list->pages = list->total == 0 ? 1 : (list->total + size - 1) / size;
    return hbr_select(ctx, 2 * query->sort + query->direction,
                      HBR_VALUES(FILTER_VALUES(region, query->priority, like),
                                 hbr_value_int(size),
                                 hbr_value_int((page - 1) * size)),
                      &list->rows);
}

/* ---- links ------------------------------------------------------------- */

const char *customers_filter_address(hbr_context_t *ctx, const query_t *query)
{
    const char *region = region_of(query);
    const char *address = "?";

    if (region[0] != '\0')
        address = apr_pstrcat(ctx->pool, address, "region=", region, "&", NULL);
    if (query->priority > 0) {
        address = apr_psprintf(ctx->pool, "%spriority=%d&", address,
                               (int)query->priority);
    }
    return address;
}

const char *customers_address(hbr_context_t *ctx, const query_t *query)
{
    apr_pool_t *pool = ctx->pool;
    const char *address = customers_filter_address(ctx, query);

    if (query->search[0] != '\0') {
        address =
            apr_pstrcat(pool, address,
                        "q=", hbr_url_escape(pool, query->search), "&", NULL);
    }
    if (query->size != CUSTOMERS_PAGE_SIZE)
        address = apr_psprintf(pool, "%ssize=%d&", address, (int)query->size);
    if (query->format >= 0) {
        address = apr_pstrcat(pool, address, "format=", formats[query->format],
                              "&", NULL);
    }
    if (query->page != 1)
        address = apr_psprintf(pool, "%spage=%d&", address, (int)query->page);
    return apr_pstrcat(pool, address, "sort=", customers_sorts[query->sort],
                       "&direction=", customers_directions[query->direction],
                       NULL);
}

const char *customers_page_address(hbr_context_t *ctx, const query_t *query,
                                   int64_t page)
{
    query_t other = *query;

    other.page = page;
    return customers_address(ctx, &other);
}

int64_t customers_page_before(const list_t *list)
{
    int64_t before = list->query->page - 1;

    return before < list->pages ? before : list->pages;
}

/* ---- CSV --------------------------------------------------------------- */

/* A cell of RFC 4180. A spreadsheet takes a text that begins with = + - @, a
 * tab or a carriage return for a formula and runs it: such a text gets an
 * apostrophe, which spreadsheets take for "this is text". */
static void csv_text(hbr_context_t *ctx, const char *text)
{
    const char *guard, *quote;

    if (text == NULL || text[0] == '\0')
        return;
    guard = strchr("=+-@\t\r", text[0]) != NULL ? "'" : "";
    if (strpbrk(text, "\",\r\n") == NULL) {
        hbr_printf(ctx, "%s%s", guard, text);
        return;
    }
    hbr_printf(ctx, "\"%s", guard);
    while ((quote = strchr(text, '"')) != NULL) {
        hbr_write(ctx, text, (apr_size_t)(quote - text));
        hbr_puts(ctx, "\"\"");
        text = quote + 1;
    }
    hbr_printf(ctx, "%s\"", text);
}

const char *customers_euros(hbr_context_t *ctx, int64_t cents)
{
    uint64_t amount = cents < 0 ? 0 - (uint64_t)cents : (uint64_t)cents;

    return apr_psprintf(ctx->pool, "%s%" APR_UINT64_T_FMT ".%02u",
                        cents < 0 ? "-" : "", amount / 100,
                        (unsigned int)(amount % 100));
}

static void csv_row(hbr_context_t *ctx, const hbr_rows_t *rows, apr_size_t row)
{
    hbr_printf(ctx, "%" PRId64 ",", hbr_row_int(rows, row, ID));
    csv_text(ctx, hbr_row_text(rows, row, NAME));
    hbr_puts(ctx, ",");
    csv_text(ctx, hbr_row_text(rows, row, CITY));
    hbr_puts(ctx, ",");
    csv_text(ctx, hbr_row_text(rows, row, REGION));
    hbr_printf(ctx, ",%" PRId64 ",", hbr_row_int(rows, row, PRIORITY));
    csv_text(ctx, hbr_row_text(rows, row, EMAIL));
    hbr_puts(ctx, ",");
    csv_text(ctx, hbr_row_text(rows, row, SINCE));
    hbr_printf(ctx, ",%s\r\n",
               customers_euros(ctx, hbr_row_int(rows, row, REVENUE)));
}

static int write_csv(hbr_context_t *ctx, const list_t *list)
{
    hbr_type(ctx, "text/csv; charset=utf-8; header=present");
    hbr_disposition(ctx, HBR_ATTACHMENT, "customers.csv");
    hbr_puts(ctx, "id,name,city,region,priority,email,since,revenue\r\n");
    for (apr_size_t row = 0; row < list->rows->count; row++)
        csv_row(ctx, list->rows, row);
    return HBR_OK;
}

/* ---- JSON -------------------------------------------------------------- */

static json_t *json_link(hbr_context_t *ctx, const list_t *list, int64_t page)
{
    if (page < 1 || page > list->pages)
        return json_null();
    return json_string(customers_page_address(ctx, list->query, page));
}

static json_t *json_customer(const hbr_rows_t *rows, apr_size_t row)
{
    return json_pack(
        "{s:I, s:s, s:s?, s:s, s:I, s:s?, s:s, s:I}", "id",
        (json_int_t)hbr_row_int(rows, row, ID), "name",
        hbr_row_text(rows, row, NAME), "city", hbr_row_text(rows, row, CITY),
        "region", hbr_row_text(rows, row, REGION), "priority",
        (json_int_t)hbr_row_int(rows, row, PRIORITY), "email",
        hbr_row_text(rows, row, EMAIL), "since", hbr_row_text(rows, row, SINCE),
        "revenue_cents", (json_int_t)hbr_row_int(rows, row, REVENUE));
}

static int write_json(hbr_context_t *ctx, const list_t *list)
{
    int64_t page = list->query->page;
    json_t *customers = json_array();

    for (apr_size_t row = 0; row < list->rows->count; row++) {
        if (json_array_append_new(customers, json_customer(list->rows, row))) {
            hbr_log(ctx, HBR_LOG_ERROR, "customer %" PRId64 " is not UTF-8",
                    hbr_row_int(list->rows, row, ID));
            json_decref(customers);
            return hbr_error(ctx, 500, NULL);
        }
    }
    return hbr_json(
        ctx, json_pack(
                 "{s:I, s:I, s:I, s:I, s:{s:o, s:o, s:o, s:o}, s:o}", "total",
                 (json_int_t)list->total, "page", (json_int_t)page, "pages",
                 (json_int_t)list->pages, "size", (json_int_t)list->query->size,
                 "links", "first", json_link(ctx, list, 1), "prev",
                 json_link(ctx, list, customers_page_before(list)), "next",
                 json_link(ctx, list, page + 1), "last",
                 json_link(ctx, list, list->pages), "customers", customers));
}

/* ---- the handler ------------------------------------------------------- */

/* CSV goes to a spreadsheet, which wants the whole list. */
static bool wants_all(hbr_context_t *ctx, int format)
{
    return format == CSV && !hbr_input_given(ctx, "page")
           && !hbr_input_given(ctx, "size");
}

static int customers(hbr_context_t *ctx)
{
    const query_t *query = hbr_inputs(ctx);
    list_t list = { .query = query };
    int format = query->format;
    int rc;

    /* Links are relative: there is no list below the list. */
    if (ctx->path_info[0] != '\0')
        return HBR_DECLINED;
    if (format < 0)
        format = hbr_negotiate(ctx, types);
    if (format < 0) {
        return hbr_error(ctx, 406,
                         "There are text/html, application/json and "
                         "text/csv.");
    }
    rc = wants_all(ctx, format)
             ? read_list(ctx, ALL_ROWS, 1, &list)
             : read_list(ctx, query->size, query->page, &list);
    if (rc != HBR_OK)
        return rc;
    hbr_header_set(ctx, "Cache-Control", "private, no-cache");
    hbr_header_set(ctx, "X-Content-Type-Options", "nosniff");
    if (format == JSON)
        return write_json(ctx, &list);
    return format == CSV ? write_csv(ctx, &list) : customers_page(ctx, &list);
}

HBR_HANDLER(customers, .process = customers, .inputs = inputs,
            .statements = statements,
            .summary = "a list out of a database: HTML, JSON, CSV");
