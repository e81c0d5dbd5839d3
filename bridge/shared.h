/**
 * @file shared.h
 * @brief The block of shared memory that a handler's shared struct lies in, with
 *        the lock of it.
 */
#ifndef HBR_BRIDGE_SHARED_H
#define HBR_BRIDGE_SHARED_H

#include "handlerbridge/api.h"
#include "handlerbridge/handler.h"

/** The struct begins at a multiple of it. */
#define HBR_SHARED_ALIGN 64

/** No struct may be larger. */
#define HBR_SHARED_MAX ((apr_size_t)1024 * 1024 * 1024)

/** What is logged when a process has ended with the lock (HBR0380). */
#define HBR_SHARED_ORPHANED                                                    \
    "a process has ended with the lock of the shared struct, which is as "     \
    "that "                                                                    \
    "process left it"

typedef struct hbr_shared_t hbr_shared_t;

/** What is wrong with a declaration's .shared_size and .shared_init, or NULL. */
const char *hbr_shared_refusal(const hbr_handler_t *handler);

/** Bytes of memory for a block whose struct has that size, at most
 *  HBR_SHARED_MAX; wherever the memory begins. */
apr_size_t hbr_shared_bytes(apr_size_t size);

/**
 * Lays a block out.
 * @param memory shared, all zeros, hbr_shared_bytes(size) bytes
 * @param shared set to the block, in the memory
 * @return APR_SUCCESS, or why there is no such lock
 */
apr_status_t hbr_shared_make(void *memory, apr_size_t size,
                             hbr_shared_t **shared);

/**
 * A block that was laid out before, maybe by another version of this code.
 * @param bytes of the memory
 * @return NULL: it is laid out otherwise, or for another size
 */
hbr_shared_t *hbr_shared_open(void *memory, apr_size_t bytes, apr_size_t size);

/** The struct. */
void *hbr_shared_struct(hbr_shared_t *shared);

/**
 * Takes the lock. Blocks.
 * @param orphaned set to whether the process that had it last ended with it
 * @return APR_SUCCESS; EDEADLK when this thread has it already
 */
apr_status_t hbr_shared_take(hbr_shared_t *shared, bool *orphaned);

/** Gives it back. */
void hbr_shared_give(hbr_shared_t *shared);

/**
 * Fills the struct unless that was done before, under the lock: by init, from
 * zeros. Blocks.
 * @param init NULL: zeros are right
 * @param orphaned as hbr_shared_take()
 * @return APR_SUCCESS, or what init returned; the next call then tries again
 */
apr_status_t hbr_shared_fill(hbr_shared_t *shared,
                             apr_status_t (*init)(void *shared,
                                                  apr_size_t size),
                             bool *orphaned);

#endif
