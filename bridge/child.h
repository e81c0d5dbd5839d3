/**
 * @file child.h
 * @brief Handlers' start and stop in a child process.
 */
#ifndef HBR_BRIDGE_CHILD_H
#define HBR_BRIDGE_CHILD_H

#include "host.h"
#include "instance.h"
#include "registry.h"

/**
 * Runs every handler's start, and makes the instances that live as long as the
 * child. A handler for which one of the two fails is logged and answers 503 in
 * this child.
 * @param registry the handlers
 * @param pool lives as long as the child; its cleanup ends the instances and runs
 *        the stops, but not while a request is in flight
 * @param log where start's and stop's messages go
 * @param limits of each handler's pool
 */
void hbr_child_start(hbr_registry_t *registry, apr_pool_t *pool,
                     const hbr_host_log_t *log,
                     const hbr_pool_limits_t *limits);

/**
 * Counts a request until its pool ends: while there is one, no stop runs.
 * @param pool the request's
 */
void hbr_child_enter(apr_pool_t *pool);

#endif
