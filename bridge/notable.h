/**
 * @file notable.h
 * @brief Which of a request's fields the bridge may have to act on: one look
 *        over their names, where a look-up of each would cost most requests
 *        more than the rest of their response.
 */
#ifndef HBR_BRIDGE_NOTABLE_H
#define HBR_BRIDGE_NOTABLE_H

#include <apr_tables.h>

/** A bit that is not set tells that there is no such field; one that is set
 *  that there may be: it has to be looked up. */
enum {
    HBR_NOTABLE_COOKIE = 1 << 0,
    HBR_NOTABLE_CONDITION = 1 << 1, /**< Any "If-". */
    HBR_NOTABLE_RANGE = 1 << 2
};

/** What there may be. */
unsigned hbr_notable_of(const apr_table_t *headers_in);

#endif
