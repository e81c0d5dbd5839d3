/**
 * @file application.h
 * @brief A handler's own memory between requests: in its process, and of the
 *        whole server.
 *
 *     typedef struct { uint64_t sold; } tickets_t;
 *
 *     HBR_HANDLER(tickets, .process = tickets, .shared_size = sizeof(tickets_t));
 *
 *     tickets_t *shared = hbr_shared_lock(ctx);
 *     if (shared == NULL)
 *         return hbr_error(ctx, 503, "Try again.");
 *     number = ++shared->sold;
 *     hbr_shared_unlock(ctx);
 *
 * - ctx->child->data is the process': made in start, gone with the child. Its
 *   threads share it, under hbr_process_read() and hbr_process_write().
 * - The shared struct is the server's: one for each handler, in shared memory,
 *   zeros at first. It stays over graceful restarts as long as its handler's
 *   name and size stay, and goes when the server stops. It must hold no
 *   pointers: processes have it at different addresses.
 *
 * A lock is for a few instructions: no call that may block between taking it and
 * giving it back. One that process has not given back when it returns is given
 * back then, and logged.
 */
#ifndef HANDLERBRIDGE_APPLICATION_H
#define HANDLERBRIDGE_APPLICATION_H

#include "context.h"

/** Takes the handler's reader-writer lock of this process for reading: other
 *  readers go on. Blocks; not to be taken twice by one request. */
HBR_API void hbr_process_read(hbr_context_t *ctx);

/** Takes it for writing: nobody else has it. Blocks; as above. */
HBR_API void hbr_process_write(hbr_context_t *ctx);

/** Gives it back. */
HBR_API void hbr_process_unlock(hbr_context_t *ctx);

/**
 * Takes the lock of the handler's shared struct, which all processes of the
 * server have. Blocks; not to be taken twice by one request. A process that dies
 * while it has the lock leaves the struct as it is then.
 * @return the struct; NULL when the handler has no .shared_size, or there is no
 *         shared memory: logged
 */
HBR_API void *hbr_shared_lock(hbr_context_t *ctx);

/** Gives it back. */
HBR_API void hbr_shared_unlock(hbr_context_t *ctx);

/**
 * The shared struct without its lock: for atomic members, and for reading what
 * is never changed.
 * @return as hbr_shared_lock()
 */
HBR_API void *hbr_shared(hbr_context_t *ctx);

#endif
