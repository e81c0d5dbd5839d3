/**
 * @file borrow.h
 * @brief A request's connection to the database, and what a client is told
 *        when he gets nothing from there.
 */
#ifndef HBR_BRIDGE_BORROW_H
#define HBR_BRIDGE_BORROW_H

#include "connection.h"
#include "state.h"

/**
 * Borrows a connection, ready for statements. Blocks: for a free one at most
 * BridgeDBWait, then maybe for the database.
 * @return HBR_OK; or the status that was set, and logged
 */
int hbr_borrow(hbr_context_t *ctx, hbr_connection_t *connection);

/** Readies a borrowed connection once more after it failed.
 *  @return whether it is one to go on with */
bool hbr_borrow_again(hbr_context_t *ctx, const hbr_connection_t *connection);

/** Gives it back; broken: it is no use to anybody. */
void hbr_give_back(hbr_context_t *ctx, hbr_connection_t *connection,
                   bool broken);

/**
 * Answers with a status, when it is not too late to: in a source's read the
 * response is on its way, and the caller's error cuts it.
 * @param sentence for the client; NULL: the status' own words
 * @return status
 */
int hbr_borrow_refuse(hbr_context_t *ctx, int status, const char *sentence);

/** 503: the database does not do its part. */
int hbr_borrow_unavailable(hbr_context_t *ctx);

/** 500: the handler or the configuration is at fault. */
int hbr_borrow_misused(hbr_context_t *ctx);

#endif
