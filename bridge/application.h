/**
 * @file application.h
 * @brief What a handler keeps between requests: its part in a child's start, and
 *        in the end of a request.
 */
#ifndef HBR_BRIDGE_APPLICATION_H
#define HBR_BRIDGE_APPLICATION_H

#include "state.h"

/** Makes the handler's lock of this process; before its first request. */
void hbr_application_start(hbr_entry_t *entry);

/** Gives back what an author's function has left locked, and logs it;
 *  state->locks says that there is something. */
void hbr_application_leave(hbr_context_t *ctx);

#endif
