/*
 * A block of shared memory: its lock, and behind it the handler's struct.
 *
 * The lock is a robust mutex of POSIX threads, in the block itself, and no
 * apr_proc_mutex: APR's lies in memory of its own, which would have to be kept
 * over restarts beside the struct's, needs a second mutex for the threads of a
 * process, and keeps quiet about an owner who died. When a process ends with the
 * lock, however it ends, the kernel hands it to the next who wants it.
 *
 * The parent makes blocks, before it forks; processes and threads then only use
 * the lock and what is under it, is_filled among it.
 */
#include "shared.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

struct hbr_shared_t {
    apr_uint64_t magic;
    apr_uint64_t size;
    pthread_mutex_t lock;
    bool is_filled;
};

/* A size that differs means another layout. */
#define MAGIC                                                                  \
    ((apr_uint64_t)0x48425253 << 32 ^ (apr_uint64_t)sizeof(hbr_shared_t) << 8  \
     ^ HBR_SHARED_ALIGN)

static apr_size_t aligned(apr_size_t size)
{
    return (size + HBR_SHARED_ALIGN - 1) / HBR_SHARED_ALIGN * HBR_SHARED_ALIGN;
}

static hbr_shared_t *block_in(void *memory)
{
    return (hbr_shared_t *)aligned((apr_size_t)memory);
}

const char *hbr_shared_refusal(const hbr_handler_t *handler)
{
    if (handler->shared_init != NULL && handler->shared_size == 0)
        return ".shared_init needs a .shared_size";
    if (handler->shared_size > HBR_SHARED_MAX)
        return "its .shared_size is more than 1 GB";
    return NULL;
}

/* mmap() aligns to pages, but APR keeps a word of its own before the memory. */
apr_size_t hbr_shared_bytes(apr_size_t size)
{
    return aligned(sizeof(hbr_shared_t)) + size + HBR_SHARED_ALIGN;
}

static apr_status_t make_lock(pthread_mutex_t *lock)
{
    pthread_mutexattr_t attr;
    int rv = pthread_mutexattr_init(&attr);

    if (rv != 0)
        return rv;
    rv = pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    if (rv == 0)
        rv = pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    if (rv == 0)
        rv = pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
    if (rv == 0)
        rv = pthread_mutex_init(lock, &attr);
    pthread_mutexattr_destroy(&attr);
    return rv;
}

apr_status_t hbr_shared_make(void *memory, apr_size_t size,
                             hbr_shared_t **shared)
{
    hbr_shared_t *block = block_in(memory);
    apr_status_t rv = make_lock(&block->lock);

    if (rv != APR_SUCCESS)
        return rv;
    block->magic = MAGIC;
    block->size = size;
    *shared = block;
    return APR_SUCCESS;
}

hbr_shared_t *hbr_shared_open(void *memory, apr_size_t bytes, apr_size_t size)
{
    hbr_shared_t *block = block_in(memory);

    return bytes == hbr_shared_bytes(size) && block->magic == MAGIC
                   && block->size == size
               ? block
               : NULL;
}

void *hbr_shared_struct(hbr_shared_t *shared)
{
    return (char *)shared + aligned(sizeof(*shared));
}

apr_status_t hbr_shared_take(hbr_shared_t *shared, bool *orphaned)
{
    int rv = pthread_mutex_lock(&shared->lock);

    *orphaned = rv == EOWNERDEAD;
    return *orphaned ? pthread_mutex_consistent(&shared->lock) : rv;
}

void hbr_shared_give(hbr_shared_t *shared)
{
    pthread_mutex_unlock(&shared->lock);
}

/* An attempt that failed, or died, may have left something. */
static apr_status_t fill(hbr_shared_t *shared,
                         apr_status_t (*init)(void *shared, apr_size_t size))
{
    void *memory = hbr_shared_struct(shared);
    apr_status_t rv;

    memset(memory, 0, shared->size);
    rv = init != NULL ? init(memory, shared->size) : APR_SUCCESS;
    shared->is_filled = rv == APR_SUCCESS;
    return rv;
}

apr_status_t hbr_shared_fill(hbr_shared_t *shared,
                             apr_status_t (*init)(void *shared,
                                                  apr_size_t size),
                             bool *orphaned)
{
    apr_status_t rv = hbr_shared_take(shared, orphaned);

    if (rv != APR_SUCCESS)
        return rv;
    if (!shared->is_filled)
        rv = fill(shared, init);
    hbr_shared_give(shared);
    return rv;
}
