/*
 * The two locks of a handler, as its requests use them.
 *
 * The process' is a reader-writer lock in the handler's entry: made by POSIX and
 * not by APR, whose lock lets readers that come and go keep a writer out for
 * ever, and whose making could fail. state->locks says what a request has, so
 * that it can neither wait for itself nor leave with it. Who waits for a lock is
 * in a request's thread; each request has its own state.
 */
#include "application.h"

#include <pthread.h>

#include "log.h"
#include "response.h"
#include "shared.h"

enum { READS = 1, WRITES = 2, SHARES = 4 };

/* It is never destroyed: it holds nothing but its memory, and prefork ends a
 * child, with its pool, in the middle of a request. */
void hbr_application_start(hbr_entry_t *entry)
{
    pthread_rwlockattr_t attr;

    pthread_rwlockattr_init(&attr);
#ifdef __GLIBC__
    pthread_rwlockattr_setkind_np(&attr,
                                  PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
#endif
    pthread_rwlock_init(&entry->lock, &attr);
    pthread_rwlockattr_destroy(&attr);
    entry->has_forgotten = false;
}

static void refuse(hbr_context_t *ctx, const char *call, const char *why)
{
    hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0378", "%s() %s", call,
                   why);
}

/* A lock that is held already is as good for reading; for writing another is
 * taken, so that nobody writes beside readers. */
static bool has_it(hbr_context_t *ctx, unsigned char wanted, const char *call)
{
    hbr_state_t *state = ctx->state;

    if ((state->locks & (READS | WRITES)) == 0)
        return false;
    refuse(ctx, call, "was called by a request that has the lock already");
    if (wanted == READS || (state->locks & WRITES) != 0)
        return true;
    pthread_rwlock_unlock(&state->entry->lock);
    state->locks &= (unsigned char)~READS;
    return false;
}

static void take(hbr_context_t *ctx, unsigned char wanted, const char *call)
{
    hbr_state_t *state = ctx->state;
    int rv;

    if (has_it(ctx, wanted, call))
        return;
    rv = wanted == READS ? pthread_rwlock_rdlock(&state->entry->lock)
                         : pthread_rwlock_wrlock(&state->entry->lock);
    if (rv == 0) {
        state->locks |= wanted;
        return;
    }
    refuse(ctx, call, "was called within a request that has the lock");
    hbr_fail(ctx);
}

void hbr_process_read(hbr_context_t *ctx)
{
    take(ctx, READS, "hbr_process_read");
}

void hbr_process_write(hbr_context_t *ctx)
{
    take(ctx, WRITES, "hbr_process_write");
}

void hbr_process_unlock(hbr_context_t *ctx)
{
    hbr_state_t *state = ctx->state;

    if ((state->locks & (READS | WRITES)) == 0) {
        refuse(ctx, "hbr_process_unlock",
               "was called by a request that does not have the lock");
        return;
    }
    state->locks &= (unsigned char)~(READS | WRITES);
    pthread_rwlock_unlock(&state->entry->lock);
}

void *hbr_shared(hbr_context_t *ctx)
{
    hbr_shared_t *shared = ctx->state->entry->shared;

    if (shared != NULL)
        return hbr_shared_struct(shared);
    refuse(ctx, "hbr_shared", "was called by a handler without .shared_size");
    return NULL;
}

static void say_orphaned(hbr_context_t *ctx)
{
    hbr_bridge_log(ctx, HBR_LOG_WARNING, APR_SUCCESS, "HBR0380",
                   HBR_SHARED_ORPHANED);
}

/* Why it cannot be taken, or NULL. */
static const char *shared_refusal(const hbr_state_t *state)
{
    if (state->entry->shared == NULL)
        return "was called by a handler without .shared_size";
    if ((state->locks & SHARES) != 0)
        return "was called by a request that has the lock already";
    return NULL;
}

void *hbr_shared_lock(hbr_context_t *ctx)
{
    hbr_state_t *state = ctx->state;
    const char *refusal = shared_refusal(state);
    bool orphaned = false;

    if (refusal == NULL
        && hbr_shared_take(state->entry->shared, &orphaned) != APR_SUCCESS)
        refusal = "was called within a request that has the lock";
    if (refusal != NULL) {
        refuse(ctx, "hbr_shared_lock", refusal);
        return NULL;
    }
    state->locks |= SHARES;
    if (orphaned)
        say_orphaned(ctx);
    return hbr_shared_struct(state->entry->shared);
}

void hbr_shared_unlock(hbr_context_t *ctx)
{
    hbr_state_t *state = ctx->state;

    if ((state->locks & SHARES) == 0) {
        refuse(ctx, "hbr_shared_unlock",
               "was called by a request that does not have the lock");
        return;
    }
    state->locks &= (unsigned char)~SHARES;
    hbr_shared_give(state->entry->shared);
}

void hbr_application_leave(hbr_context_t *ctx)
{
    hbr_state_t *state = ctx->state;
    bool shares = (state->locks & SHARES) != 0;
    bool process = (state->locks & (READS | WRITES)) != 0;

    if (shares)
        hbr_shared_unlock(ctx);
    if (process)
        hbr_process_unlock(ctx);
    if (!__atomic_exchange_n(&state->entry->has_forgotten, true,
                             __ATOMIC_RELAXED))
        hbr_bridge_log(ctx, HBR_LOG_WARNING, APR_SUCCESS, "HBR0379",
                       "the handler returned with %s%s%s locked, which is "
                       "given back; not said again in this process",
                       shares ? "its shared struct" : "",
                       shares && process ? " and " : "",
                       process ? "its process' lock" : "");
}
