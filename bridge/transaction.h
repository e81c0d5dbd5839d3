/**
 * @file transaction.h
 * @brief A request's transaction.
 */
#ifndef HBR_BRIDGE_TRANSACTION_H
#define HBR_BRIDGE_TRANSACTION_H

#include "statement.h"

/** One that is open. */
typedef struct hbr_transaction_t {
    hbr_connection_t connection;
    int failed; /**< What its first failure was answered with; HBR_OK: none. */
    hbr_prepared_t *suspect; /**< To be prepared anew behind its end; NULL:
                                  none. */
} hbr_transaction_t;

/**
 * Whether a transaction is open, in which nothing may wait for the client: then
 * that is logged, and transaction and request fail.
 * @param call the function that would
 * @param what it does
 */
bool hbr_transaction_forbids(hbr_context_t *ctx, const char *call,
                             const char *what);

#endif
