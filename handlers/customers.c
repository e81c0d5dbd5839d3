/*
 * customers: the list out of a database, as a page, as JSON and as CSV.
 *
 *     SetHandler customers
 *     /customers?region=North&priority=1&q=son&sort=revenue&direction=desc
 *
 * A request reads the number of customers and one page of them, each with one
 * declared statement, and writes only when the connection is back. What a
 * client sends reaches SQL as a value and nowhere else: the column to sort by
 * picks one of twelve statements. It reaches the page through hbr_html()'s %s,
 * and so does what the database holds. The page is a form and a table: it
 * needs no script, its policy lets none run, and it fits a phone.
 *
 * Threads: no state of its own.
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <inttypes.h>
#include <jansson.h>

#include "handlerbridge.h"
#include "shared/asset.h"
#include "shared/page.h"

#define PAGE_SIZE 25
#define PAGE_SIZE_MAX 200
/* What CSV hands out when it is asked for no page: a bound on memory, since
 * rows are copied out before the first byte leaves. */
#define ALL_ROWS 50000

/* ---- types ------------------------------------------------------------- */

enum { HTML, JSON, CSV };
enum { ASCENDING, DESCENDING };
/* The columns of a row. */
enum { ID, NAME, CITY, REGION, PRIORITY, EMAIL, SINCE, REVENUE };
/* What a list can be sorted by: the order of sorts[]. */
enum { BY_NAME, BY_CITY, BY_REGION, BY_PRIORITY, BY_SINCE, BY_REVENUE, SORTS };

typedef struct query_t {
    int region;       /* an index of regions; -1: all */
    int64_t priority; /* 0: all */
    const char *search;
    int sort;
    int direction;
    int64_t page;
    int64_t size;
    int format; /* -1: Accept decides */
} query_t;

/* One page of a list, and how long the whole is. */
typedef struct list_t {
    const query_t *query;
    hbr_rows_t *rows;
    int64_t total;
    int64_t pages; /* at least 1 */
} list_t;

/* ---- inputs ------------------------------------------------------------ */

static const char *const regions[] = { "North", "South",    "East",
                                       "West",  "Overseas", NULL };
static const char *const sorts[] = { "name",  "city",    "region", "priority",
                                     "since", "revenue", NULL };
static const char *const directions[] = { "asc", "desc", NULL };
static const char *const formats[] = { "html", "json", "csv", NULL };
static const char *const types[] = { "text/html", "application/json",
                                     "text/csv", NULL };

static const hbr_input_t inputs[] = {
    HBR_ENUM(query_t, region, "region", .values = regions, .fallback = -1,
             .help = "only customers of this region"),
    HBR_INT(query_t, priority, "priority", .min = 1, .max = 5,
            .help = "only customers of this priority"),
    HBR_STRING(query_t, search, "q", .max = 100, .fallback = "",
               .help = "a part of the name, the city or the address"),
    HBR_ENUM(query_t, sort, "sort", .values = sorts,
             .help = "the column to sort by"),
    HBR_ENUM(query_t, direction, "direction", .values = directions,
             .help = "up or down"),
    HBR_INT(query_t, page, "page", .min = 1, .max = 1000000, .fallback = 1,
            .help = "which page"),
    HBR_INT(query_t, size, "size", .min = 1, .max = PAGE_SIZE_MAX,
            .fallback = PAGE_SIZE, .help = "customers on a page"),
    HBR_ENUM(query_t, format, "format", .values = formats, .fallback = -1,
             .help = "left out: Accept decides, else html"),
    HBR_INPUTS_END
};

/* ---- statements -------------------------------------------------------- */

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

/* The statements that list by a column: at twice its index in sorts, behind it
 * the other way round. */
#define LISTS(by, column)                                                      \
    [2 * (by)] = { "list " column, LIST(column ", id") },                      \
         [2 * (by) + 1] = { "list " column " desc", LIST(column " DESC, id") }

enum { COUNT = 2 * SORTS };

static const hbr_statement_t statements[] = {
    LISTS(BY_NAME, "lower(name)"),
    /* who has none comes first: databases differ about where NULL is sorted */
    LISTS(BY_CITY, "lower(COALESCE(city, ''))"), LISTS(BY_REGION, "region"),
    LISTS(BY_PRIORITY, "priority"), LISTS(BY_SINCE, "since"),
    LISTS(BY_REVENUE, "revenue"),
    [COUNT] = { "count", "SELECT COUNT(*)" FILTER }, HBR_STATEMENTS_END
};

/* ---- reading ----------------------------------------------------------- */

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
    return query->region < 0 ? "" : regions[query->region];
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

/* ---- what the writers share -------------------------------------------- */

/* Cents as "1234.50". */
static const char *euros(apr_pool_t *pool, int64_t cents)
{
    uint64_t amount = cents < 0 ? 0 - (uint64_t)cents : (uint64_t)cents;

    return apr_psprintf(pool, "%s%" APR_UINT64_T_FMT ".%02u",
                        cents < 0 ? "-" : "", amount / 100,
                        (unsigned int)(amount % 100));
}

/* The filter alone, which the report understands, too: "?region=North&". */
static const char *filter_link(apr_pool_t *pool, const query_t *query)
{
    const char *link = "?";

    if (query->region >= 0)
        link = apr_pstrcat(pool, link, "region=", region_of(query), "&", NULL);
    if (query->priority > 0)
        link = apr_psprintf(pool, "%spriority=%d&", link, (int)query->priority);
    return link;
}

/* A list's address, relative to this one's: "?region=North&sort=name". What
 * has its ordinary value is left out. */
static const char *list_link(apr_pool_t *pool, const query_t *query)
{
    const char *link = filter_link(pool, query);

    if (query->search[0] != '\0') {
        link = apr_pstrcat(
            pool, link, "q=", hbr_url_escape(pool, query->search), "&", NULL);
    }
    if (query->size != PAGE_SIZE)
        link = apr_psprintf(pool, "%ssize=%d&", link, (int)query->size);
    if (query->format >= 0) {
        link = apr_pstrcat(pool, link, "format=", formats[query->format], "&",
                           NULL);
    }
    if (query->page != 1)
        link = apr_psprintf(pool, "%spage=%d&", link, (int)query->page);
    return apr_pstrcat(pool, link, "sort=", sorts[query->sort],
                       "&direction=", directions[query->direction], NULL);
}

/* The address of another page of a list; NULL when it has no such page. */
static const char *page_link(apr_pool_t *pool, const list_t *list, int64_t page)
{
    query_t other = *list->query;

    if (page < 1 || page > list->pages)
        return NULL;
    other.page = page;
    return list_link(pool, &other);
}

/* The page before this one, for one behind the end the last there is. */
static const char *previous_link(apr_pool_t *pool, const list_t *list)
{
    int64_t before = list->query->page - 1;

    return page_link(pool, list, before < list->pages ? before : list->pages);
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

static void csv_row(hbr_context_t *ctx, const hbr_rows_t *rows, apr_size_t row)
{
    for (apr_size_t column = ID; column < REVENUE; column++) {
        csv_text(ctx, hbr_row_text(rows, row, column));
        hbr_puts(ctx, ",");
    }
    hbr_printf(ctx, "%s\r\n",
               euros(ctx->pool, hbr_row_int(rows, row, REVENUE)));
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

static json_t *json_links(apr_pool_t *pool, const list_t *list)
{
    return json_pack("{s:s?, s:s?, s:s?, s:s?}", "first",
                     page_link(pool, list, 1), "prev",
                     previous_link(pool, list), "next",
                     page_link(pool, list, list->query->page + 1), "last",
                     page_link(pool, list, list->pages));
}

static int write_json(hbr_context_t *ctx, const list_t *list)
{
    json_t *customers = json_array();

    for (apr_size_t row = 0; row < list->rows->count; row++) {
        if (json_array_append_new(customers, json_customer(list->rows, row))) {
            hbr_log(ctx, HBR_LOG_ERROR, "customer %" PRId64 " is not UTF-8",
                    hbr_row_int(list->rows, row, ID));
            json_decref(customers);
            return hbr_error(ctx, 500, NULL);
        }
    }
    return hbr_json(ctx, json_pack("{s:I, s:I, s:I, s:I, s:o, s:o}", "total",
                                   (json_int_t)list->total, "page",
                                   (json_int_t)list->query->page, "pages",
                                   (json_int_t)list->pages, "size",
                                   (json_int_t)list->query->size, "links",
                                   json_links(ctx->pool, list), "customers",
                                   customers));
}

/* ---- HTML: the head ---------------------------------------------------- */

ASSET(customers_style, "handlers/assets/customers.css");

static void html_links(hbr_context_t *ctx, const query_t *query)
{
    query_t csv = *query, json;

    csv.page = 1;
    csv.size = PAGE_SIZE;
    csv.format = CSV;
    json = csv;
    json.format = JSON;
    hbr_html(ctx,
             "<header>\n<h1>Customers</h1>\n"
             "<nav aria-label=\"Other forms of this list\">"
             "<a href=\"%s\">CSV</a> <a href=\"%s\">JSON</a> "
             "<a href=\"report%s\">PDF report</a> "
             "<a href=\"chart?data=revenue\">Chart</a></nav>\n</header>\n",
             list_link(ctx->pool, &csv), list_link(ctx->pool, &json),
             filter_link(ctx->pool, query));
}

/* ---- HTML: the form ---------------------------------------------------- */

/* A list to choose from; selected is an index, below 0 the choice of none. */
static void html_choice(hbr_context_t *ctx, const char *label, const char *name,
                        const char *const words[], int selected,
                        const char *none)
{
    hbr_html(ctx, "<label>%s <select name=\"%s\">", label, name);
    if (none != NULL)
        hbr_html(ctx, "<option value=\"\">%s</option>", none);
    for (int i = 0; words[i] != NULL; i++) {
        hbr_html(ctx, "<option%s>%s</option>", i == selected ? " selected" : "",
                 words[i]);
    }
    hbr_html(ctx, "</select></label>\n");
}

static void html_form(hbr_context_t *ctx, const query_t *query)
{
    static const char *const priorities[] = { "1", "2", "3", "4", "5", NULL };

    hbr_html(ctx,
             "<form method=\"get\" role=\"search\">\n"
             "<label class=\"wide\">Search <input type=\"search\" "
             "name=\"q\" maxlength=\"100\" value=\"%s\" "
             "placeholder=\"name, city or e-mail\"></label>\n",
             query->search);
    html_choice(ctx, "Region", "region", regions, query->region, "all");
    html_choice(ctx, "Priority", "priority", priorities,
                (int)query->priority - 1, "all");
    html_choice(ctx, "Sort by", "sort", sorts, query->sort, NULL);
    html_choice(ctx, "Direction", "direction", directions, query->direction,
                NULL);
    if (query->size != PAGE_SIZE) {
        hbr_html(ctx, "<input type=\"hidden\" name=\"size\" value=\"%d\">\n",
                 (int)query->size);
    }
    hbr_html(ctx, "<button>Show</button> <a class=\"reset\" href=\"?\">Reset"
                  "</a>\n</form>\n");
}

/* ---- HTML: the table --------------------------------------------------- */

static void html_count(hbr_context_t *ctx, const list_t *list)
{
    int64_t first = (list->query->page - 1) * list->query->size + 1;
    int64_t last = first + (int64_t)list->rows->count - 1;

    if (list->total == 0) {
        hbr_html(ctx, "<p class=\"count\">No customer fits.</p>\n");
    } else if (list->rows->count == 0) {
        hbr_html(ctx, "<p class=\"count\">There is no such page.</p>\n");
    } else {
        hbr_html(ctx,
                 "<p class=\"count\">%" PRId64 " to %" PRId64 " of %" PRId64
                 " customers</p>\n",
                 first, last, list->total);
    }
}

/* A column's heading, a link that sorts by it; by a number or a date the
 * greatest first. */
static void html_heading(hbr_context_t *ctx, const query_t *query, int sort,
                         const char *kind, const char *text)
{
    bool here = query->sort == sort, down = query->direction == DESCENDING;
    query_t other = *query;

    other.page = 1;
    other.sort = sort;
    other.direction = here ? !down : sort >= BY_SINCE ? DESCENDING : ASCENDING;
    hbr_html(ctx, "<th scope=\"col\" class=\"%s\"", kind);
    if (here)
        hbr_html(ctx, " aria-sort=\"%s\"", down ? "descending" : "ascending");
    hbr_html(ctx, "><a href=\"%s\">%s</a>", list_link(ctx->pool, &other), text);
    if (here) {
        hbr_html(ctx, " <span aria-hidden=\"true\">%s</span>",
                 down ? "\xe2\x96\xbc" : "\xe2\x96\xb2");
    }
    hbr_html(ctx, "</th>\n");
}

static void html_cell(hbr_context_t *ctx, const char *label, const char *kind,
                      const char *text)
{
    bool known = text != NULL;

    hbr_html(ctx, "<td class=\"%s%s\" data-label=\"%s\">%s</td>", kind,
             known ? "" : " none", label, known ? text : "not known");
}

static void html_row(hbr_context_t *ctx, const hbr_rows_t *rows, apr_size_t row)
{
    hbr_html(ctx, "<tr><th scope=\"row\">%s</th>",
             hbr_row_text(rows, row, NAME));
    html_cell(ctx, "City", "word", hbr_row_text(rows, row, CITY));
    html_cell(ctx, "Region", "word", hbr_row_text(rows, row, REGION));
    html_cell(ctx, "Priority", "n", hbr_row_text(rows, row, PRIORITY));
    html_cell(ctx, "E-mail", "long", hbr_row_text(rows, row, EMAIL));
    html_cell(ctx, "Since", "since", hbr_row_text(rows, row, SINCE));
    hbr_html(ctx,
             "<td class=\"n\" data-label=\"Revenue\">%s \xe2\x82\xac</td>"
             "</tr>\n",
             euros(ctx->pool, hbr_row_int(rows, row, REVENUE)));
}

static void html_table(hbr_context_t *ctx, const list_t *list)
{
    const query_t *query = list->query;

    if (list->rows->count == 0)
        return;
    hbr_html(ctx, "<table aria-label=\"Customers\">\n<thead><tr>\n");
    html_heading(ctx, query, BY_NAME, "word", "Name");
    html_heading(ctx, query, BY_CITY, "word", "City");
    html_heading(ctx, query, BY_REGION, "word", "Region");
    html_heading(ctx, query, BY_PRIORITY, "n", "Priority");
    hbr_html(ctx, "<th scope=\"col\">E-mail</th>\n");
    html_heading(ctx, query, BY_SINCE, "since", "Since");
    html_heading(ctx, query, BY_REVENUE, "n", "Revenue");
    hbr_html(ctx, "</tr></thead>\n<tbody>\n");
    for (apr_size_t row = 0; row < list->rows->count; row++)
        html_row(ctx, list->rows, row);
    hbr_html(ctx, "</tbody>\n</table>\n");
}

/* ---- HTML: the pager, and the whole ------------------------------------ */

static void html_turn(hbr_context_t *ctx, const char *link, const char *text,
                      const char *rel)
{
    if (link != NULL)
        hbr_html(ctx, "<a href=\"%s\" rel=\"%s\">%s</a> ", link, rel, text);
}

static void html_pager(hbr_context_t *ctx, const list_t *list)
{
    apr_pool_t *pool = ctx->pool;
    int64_t page = list->query->page;

    if (list->pages == 1 && page == 1)
        return;
    hbr_html(ctx, "<nav class=\"pager\" aria-label=\"Pages\">");
    if (page != 1)
        html_turn(ctx, page_link(pool, list, 1), "First", "first");
    html_turn(ctx, previous_link(pool, list), "Previous", "prev");
    hbr_html(ctx,
             "<span aria-current=\"page\">Page %" PRId64 " of %" PRId64
             "</span> ",
             page, list->pages);
    html_turn(ctx, page_link(pool, list, page + 1), "Next", "next");
    if (page != list->pages)
        html_turn(ctx, page_link(pool, list, list->pages), "Last", "last");
    hbr_html(ctx, "</nav>\n");
}

static int write_html(hbr_context_t *ctx, const list_t *list)
{
    page_t page = { .title = "Customers", .style = customers_style };
    int rc = page_begin(ctx, &page);

    if (rc != HBR_OK)
        return rc;
    html_links(ctx, list->query);
    html_form(ctx, list->query);
    html_count(ctx, list);
    html_table(ctx, list);
    html_pager(ctx, list);
    page_end(ctx, &page);
    return HBR_OK;
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
    switch (format) {
    case CSV: return write_csv(ctx, &list);
    case JSON: return write_json(ctx, &list);
    default: return write_html(ctx, &list);
    }
}

HBR_HANDLER(customers, .process = customers, .inputs = inputs,
            .statements = statements,
            .summary = "a list out of a database: HTML, JSON, CSV");
