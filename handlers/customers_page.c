/*
 * The list of customers as a page: a form and a table, usable without script,
 * on a phone as well. All that comes from the client or the database goes
 * through hbr_html()'s %s.
 *
 * Threads: no state of its own.
 */
#include <apr_general.h>
#include <apr_strings.h>
#include <inttypes.h>

#include "customers.h"

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1c2733;--soft:#5b6b7b;--paper:#fff;"
    "--back:#f3f5f8;--line:#dde3ea;--link:#0b62a8;--on:#fff}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e5eaf0;--soft:#9aa8b7;"
    "--paper:#1b232d;--back:#11171e;--line:#313c49;--link:#74b9f5;--on:#10161c}"
    "}"
    "*{box-sizing:border-box}body{margin:0;background:var(--back);"
    "color:var(--ink);font:16px/1.5 system-ui,'DejaVu Sans',sans-serif}"
    "main{max-width:76rem;margin:auto;padding:1.5rem 1rem 3rem}"
    "a{color:var(--link)}header{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;"
    "align-items:baseline;justify-content:space-between}h1{margin:0}"
    "header nav{display:flex;flex-wrap:wrap;gap:1.2rem}"
    "form,table{background:var(--paper);border:1px solid var(--line);"
    "border-radius:.6rem}form{display:flex;flex-wrap:wrap;gap:.8rem 1rem;"
    "align-items:end;padding:1rem;margin:1rem 0}"
    "label{display:grid;gap:.2rem;font-size:.85rem;color:var(--soft)}"
    "label.wide{flex:1 1 14rem}input,select,button{font:inherit;"
    "color:var(--ink);background:var(--back);border:1px solid var(--line);"
    "border-radius:.4rem;padding:.45rem .7rem;width:100%;min-height:2.75rem}"
    "button{width:auto;background:var(--link);color:var(--on);font-weight:600;"
    "border-color:transparent;cursor:pointer}.reset{padding:.6rem .2rem}"
    "table{width:100%;border-collapse:separate;border-spacing:0}"
    "th,td{padding:.55rem .8rem;text-align:left;"
    "border-bottom:1px solid var(--line)}"
    "tbody tr:last-child>*{border:0}thead th{white-space:nowrap}"
    "thead a{color:inherit}tbody th{font-weight:600}"
    "tbody th,.long{overflow-wrap:anywhere}.word{white-space:nowrap}"
    ".n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}"
    ".since{white-space:nowrap;font-variant-numeric:tabular-nums}"
    ".none,.count{color:var(--soft)}.pager{display:flex;flex-wrap:wrap;"
    "gap:.6rem 1.4rem;margin-top:1rem;align-items:center}"
    "@media(max-width:52rem){thead{position:absolute;clip-path:inset(50%)}"
    "table,tbody,tr,td,tbody th{display:block}"
    "tbody tr{padding:.7rem 1rem;border-bottom:1px solid var(--line)}"
    "tbody tr:last-child{border:0}td,tbody th{border:0;padding:.1rem 0}"
    "td{display:flex;justify-content:space-between;gap:1rem;text-align:right}"
    "td::before{content:attr(data-label);color:var(--soft)}"
    "label,label.wide{flex:1 1 40%}label.wide{flex-basis:100%}}";

/* Nothing but the one style sheet that carries this response's own mark. */
static int page_head(hbr_context_t *ctx)
{
    uint64_t random[2];
    const char *nonce;

    if (apr_generate_random_bytes((unsigned char *)random, sizeof(random))
        != APR_SUCCESS)
        return hbr_error(ctx, 500, NULL);
    nonce = apr_psprintf(ctx->pool, "%016" PRIx64 "%016" PRIx64, random[0],
                         random[1]);
    hbr_header_set(ctx, "Content-Security-Policy",
                   apr_pstrcat(ctx->pool,
                               "default-src 'none'; style-src 'nonce-", nonce,
                               "'; form-action 'self'; base-uri 'none'; "
                               "frame-ancestors 'self'",
                               NULL));
    hbr_html(ctx,
             "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
             "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
             "content=\"width=device-width, initial-scale=1\">\n"
             "<title>Customers</title>\n<style nonce=\"%s\">",
             nonce);
    hbr_puts(ctx, style);
    hbr_puts(ctx, "</style>\n</head>\n<body>\n<main>\n");
    return HBR_OK;
}

static void page_links(hbr_context_t *ctx, const query_t *query)
{
    query_t other = *query;

    other.page = 1;
    other.size = CUSTOMERS_PAGE_SIZE;
    hbr_html(ctx, "<header>\n<h1>Customers</h1>\n"
                  "<nav aria-label=\"Other forms of this list\">");
    other.format = CSV;
    hbr_html(ctx, "<a href=\"%s\">CSV</a> ", customers_address(ctx, &other));
    other.format = JSON;
    hbr_html(ctx, "<a href=\"%s\">JSON</a> ", customers_address(ctx, &other));
    hbr_html(ctx,
             "<a href=\"report%s\">PDF report</a> "
             "<a href=\"chart?data=revenue\">Chart</a></nav>\n</header>\n",
             customers_filter_address(ctx, query));
}

/* A list to choose from; selected is an index, below 0 the choice of none. */
static void choice(hbr_context_t *ctx, const char *label, const char *name,
                   const char *const words[], int selected, const char *none)
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

static void page_form(hbr_context_t *ctx, const query_t *query)
{
    static const char *const priorities[] = { "1", "2", "3", "4", "5", NULL };

    hbr_html(ctx,
             "<form method=\"get\" role=\"search\">\n"
             "<label class=\"wide\">Search <input type=\"search\" "
             "name=\"q\" maxlength=\"100\" value=\"%s\" "
             "placeholder=\"name, city or e-mail\"></label>\n",
             query->search);
    choice(ctx, "Region", "region", customers_regions, query->region, "all");
    choice(ctx, "Priority", "priority", priorities, (int)query->priority - 1,
           "all");
    choice(ctx, "Sort by", "sort", customers_sorts, query->sort, NULL);
    choice(ctx, "Direction", "direction", customers_directions,
           query->direction, NULL);
    if (query->size != CUSTOMERS_PAGE_SIZE) {
        hbr_html(ctx, "<input type=\"hidden\" name=\"size\" value=\"%d\">\n",
                 (int)query->size);
    }
    hbr_html(ctx, "<button>Show</button> <a class=\"reset\" href=\"?\">Reset"
                  "</a>\n</form>\n");
}

static void page_count(hbr_context_t *ctx, const list_t *list)
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
static void heading(hbr_context_t *ctx, const query_t *query, int sort,
                    const char *text, bool number)
{
    bool here = query->sort == sort, down = query->direction == DESCENDING;
    const char *order = "";
    query_t other = *query;

    other.page = 1;
    other.sort = sort;
    other.direction = here ? !down : sort >= BY_SINCE ? DESCENDING : ASCENDING;
    if (here)
        order = down ? "descending" : "ascending";
    hbr_html(ctx, "<th scope=\"col\"%s", number ? " class=\"n\"" : "");
    if (here)
        hbr_html(ctx, " aria-sort=\"%s\"", order);
    hbr_html(ctx, "><a href=\"%s\">%s</a>", customers_address(ctx, &other),
             text);
    if (here) {
        hbr_html(ctx, " <span aria-hidden=\"true\">%s</span>",
                 down ? "\xe2\x96\xbc" : "\xe2\x96\xb2");
    }
    hbr_html(ctx, "</th>\n");
}

static void cell(hbr_context_t *ctx, const char *label, const char *kind,
                 const char *text)
{
    bool known = text != NULL;

    hbr_html(ctx, "<td class=\"%s%s\" data-label=\"%s\">%s</td>", kind,
             known ? "" : " none", label, known ? text : "not known");
}

static void table_row(hbr_context_t *ctx, const hbr_rows_t *rows,
                      apr_size_t row)
{
    hbr_html(ctx, "<tr><th scope=\"row\">%s</th>",
             hbr_row_text(rows, row, NAME));
    cell(ctx, "City", "word", hbr_row_text(rows, row, CITY));
    cell(ctx, "Region", "word", hbr_row_text(rows, row, REGION));
    hbr_html(ctx, "<td class=\"n\" data-label=\"Priority\">%" PRId64 "</td>",
             hbr_row_int(rows, row, PRIORITY));
    cell(ctx, "E-mail", "long", hbr_row_text(rows, row, EMAIL));
    hbr_html(ctx,
             "<td class=\"since\" data-label=\"Since\">%s</td>"
             "<td class=\"n\" data-label=\"Revenue\">%s \xe2\x82\xac</td>"
             "</tr>\n",
             hbr_row_text(rows, row, SINCE),
             customers_euros(ctx, hbr_row_int(rows, row, REVENUE)));
}

static void page_table(hbr_context_t *ctx, const list_t *list)
{
    const query_t *query = list->query;

    if (list->rows->count == 0)
        return;
    hbr_html(ctx, "<table aria-label=\"Customers\">\n<thead><tr>\n");
    heading(ctx, query, BY_NAME, "Name", false);
    heading(ctx, query, BY_CITY, "City", false);
    heading(ctx, query, BY_REGION, "Region", false);
    heading(ctx, query, BY_PRIORITY, "Priority", true);
    hbr_html(ctx, "<th scope=\"col\">E-mail</th>\n");
    heading(ctx, query, BY_SINCE, "Since", false);
    heading(ctx, query, BY_REVENUE, "Revenue", true);
    hbr_html(ctx, "</tr></thead>\n<tbody>\n");
    for (apr_size_t row = 0; row < list->rows->count; row++)
        table_row(ctx, list->rows, row);
    hbr_html(ctx, "</tbody>\n</table>\n");
}

static void pager_link(hbr_context_t *ctx, const list_t *list, int64_t page,
                       const char *text, const char *rel)
{
    if (page < 1 || page > list->pages || page == list->query->page)
        return;
    hbr_html(ctx, "<a href=\"%s\" rel=\"%s\">%s</a> ",
             customers_page_address(ctx, list->query, page), rel, text);
}

static void page_pager(hbr_context_t *ctx, const list_t *list)
{
    int64_t page = list->query->page;

    if (list->pages == 1 && page == 1)
        return;
    hbr_html(ctx, "<nav class=\"pager\" aria-label=\"Pages\">");
    pager_link(ctx, list, 1, "First", "first");
    pager_link(ctx, list, customers_page_before(list), "Previous", "prev");
    hbr_html(ctx,
             "<span aria-current=\"page\">Page %" PRId64 " of %" PRId64
             "</span> ",
             page, list->pages);
    pager_link(ctx, list, page + 1, "Next", "next");
    pager_link(ctx, list, list->pages, "Last", "last");
    hbr_html(ctx, "</nav>\n");
}

int customers_page(hbr_context_t *ctx, const list_t *list)
{
    int rc = page_head(ctx);

    if (rc != HBR_OK)
        return rc;
    page_links(ctx, list->query);
    page_form(ctx, list->query);
    page_count(ctx, list);
    page_table(ctx, list);
    page_pager(ctx, list);
    hbr_html(ctx, "</main>\n</body>\n</html>\n");
    return HBR_OK;
}
