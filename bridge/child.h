/**
 * @file child.h
 * @brief Handlers' start and stop in a child process.
 */
#ifndef HBR_BRIDGE_CHILD_H
#define HBR_BRIDGE_CHILD_H

#include "host.h"
#include "registry.h"

/**
 * Runs every handler's start. A handler whose start fails is logged and
 * answers 503 in this child.
 * @param registry the handlers
 * @param pool lives as long as the child; its cleanup runs the stops, but not
 *        that of a handler with a request in it
 * @param log where start's and stop's messages go
 */
void hbr_child_start(hbr_registry_t *registry, apr_pool_t *pool,
                     const hbr_host_log_t *log);

/** Runs process, counted so that stop can be skipped while it runs. */
int hbr_child_run(hbr_entry_t *entry, hbr_context_t *ctx);

#endif
