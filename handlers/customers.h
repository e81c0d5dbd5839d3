/*
 * The list of customers, as customers.c reads it and customers_page.c shows it.
 */
#ifndef CUSTOMERS_H
#define CUSTOMERS_H

#include "handlerbridge.h"

#define CUSTOMERS_PAGE_SIZE 25

enum { HTML, JSON, CSV };
enum { ASCENDING, DESCENDING };
/* The columns of a row. */
enum { ID, NAME, CITY, REGION, PRIORITY, EMAIL, SINCE, REVENUE };
/* What a list can be sorted by: the order of customers_sorts. */
enum { BY_NAME, BY_CITY, BY_REGION, BY_PRIORITY, BY_SINCE, BY_REVENUE, SORTS };

typedef struct query_t {
    int region;       /* an index of customers_regions; -1: all */
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

/* NULL at the end. */
extern const char *const customers_regions[];
extern const char *const customers_sorts[];
extern const char *const customers_directions[];

/* The filter alone, which the report understands, too: "?region=North&". */
const char *customers_filter_address(hbr_context_t *ctx, const query_t *query);

/* The address of a list, relative to this one's: "?region=North&sort=name".
 * What has its ordinary value is left out. */
const char *customers_address(hbr_context_t *ctx, const query_t *query);

/* The same for another page. */
const char *customers_page_address(hbr_context_t *ctx, const query_t *query,
                                   int64_t page);

/* The page before this one, the last one there is for one far behind; 0 when
 * there is none. */
int64_t customers_page_before(const list_t *list);

/* Cents as "1234.50". */
const char *customers_euros(hbr_context_t *ctx, int64_t cents);

/* Writes a list as an HTML page. Returns a handler's result. */
int customers_page(hbr_context_t *ctx, const list_t *list);

#endif
