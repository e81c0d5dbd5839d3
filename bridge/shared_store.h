/**
 * @file shared_store.h
 * @brief The blocks of shared memory that a server has, by handlers' names.
 */
#ifndef HBR_BRIDGE_SHARED_STORE_H
#define HBR_BRIDGE_SHARED_STORE_H

#include "registry.h"

/**
 * Gives each handler that declares a .shared_size its block: the one it had
 * under the name, when the size is the same, else a new one. Blocks that no
 * handler has any more go; processes that were forked before still have them,
 * and the memory is the system's again when the last of these ends. In the
 * parent, in one thread, before it forks.
 * @param keeper a pool that outlives configurations and this module's code
 * @param entries all handlers; shared, or shared_failed, is set in each that
 *        declares a size
 */
void hbr_shared_store_bind(apr_pool_t *keeper, hbr_entry_t *const *entries,
                           apr_size_t count);

#endif
