/**
 * @file plain_query.h
 * @brief One value out of a query that holds no escape, without parsing it.
 *
 * In such a query a name stands as it is: only '+', which means a space, is
 * another byte than it says. Pure functions, for any thread.
 */
#ifndef HBR_BRIDGE_PLAIN_QUERY_H
#define HBR_BRIDGE_PLAIN_QUERY_H

#include "handlerbridge/api.h"

/** How long a query is that holds no '%'; 0: it holds one, or is empty. */
apr_size_t hbr_plain_query_length(const char *args);

/** How many bytes a name has that can be looked for here; -1: it holds one of
 *  "&=+ ", so the query has to be parsed. */
apr_ssize_t hbr_plain_name_length(const char *name);

/** A part of the query. */
typedef struct hbr_plain_value_t {
    const char *bytes; /**< NULL: there is none of that name. */
    apr_size_t length;
} hbr_plain_value_t;

/**
 * Finds the first pair of a name, as hbr_urlencoded_feed() would make it.
 * @param args a query without '%' and NUL
 * @param length its length
 * @param name a name without "&=+ "
 * @param name_length its length
 * @return its value, as it stands in the query
 */
hbr_plain_value_t hbr_plain_query_find(const char *args, apr_size_t length,
                                       const char *name,
                                       apr_size_t name_length);

#endif
