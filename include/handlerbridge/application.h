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
 *     number = ++shared->sold;
 *     hbr_shared_unlock(ctx);
 *
 * - ctx->child->data is the process': made in start, gone with the child. Its
 *   threads share it, under hbr_process_read() and hbr_process_write().
 * - The shared struct is the server's: one for each handler, in shared memory,
 *   zeros at first, or what .shared_init made of them. It stays over graceful
 *   restarts as long as its handler's name and size stay, and goes when the
 *   server stops. With another size there is a new struct; children of the old
 *   configuration go on with the old one until they end. A struct whose members
 *   change needs another size, or a stop and a start. It must hold no pointers:
 *   another version of the handler finds it again, at other addresses. It is
 *   aligned to 64 bytes. The most bytes are BridgeLimitShared's.
 *
 * A lock is for a few instructions: no call that may block between taking it and
 * giving it back, nor one that writes to the client. Who takes both takes the
 * process' first. What a function of the handler's (process, choose, a source's
 * read) has not given back when it returns is given back then, and logged once.
 */
#ifndef HANDLERBRIDGE_APPLICATION_H
#define HANDLERBRIDGE_APPLICATION_H

#include "context.h"

/**
 * Takes the handler's reader-writer lock of this process for reading: other
 * readers go on; none begins while somebody waits to write. Blocks. Taken again
 * by the request that has it, it is logged and stays what it was.
 */
HBR_API void hbr_process_read(hbr_context_t *ctx);

/**
 * Takes it for writing: nobody else has it. Blocks. Taken by a request that has
 * it for reading, it is logged, given back and taken anew: others may have written
 * in between.
 */
HBR_API void hbr_process_write(hbr_context_t *ctx);

/** Gives it back. */
HBR_API void hbr_process_unlock(hbr_context_t *ctx);

/**
 * Takes the lock of the handler's shared struct, which all processes of the
 * server have. Blocks. When a process ends while it has the lock, killed or
 * crashed, the next one gets it, with the struct as that process left it: this is
 * logged (HBR0380).
 * @return the struct; NULL, logged, when the handler declares no .shared_size,
 *         or the request has the lock already
 */
HBR_API void *hbr_shared_lock(hbr_context_t *ctx);

/** Gives it back. */
HBR_API void hbr_shared_unlock(hbr_context_t *ctx);

/**
 * The shared struct without its lock: for atomic members, and for reading what
 * is never changed.
 * @return the struct; NULL, logged, when the handler declares no .shared_size
 */
HBR_API void *hbr_shared(hbr_context_t *ctx);

#endif
