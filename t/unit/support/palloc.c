/*
 * apr_palloc() for unit tests and fuzzers: one malloc per call, so that
 * AddressSanitizer sees what it cannot see inside a pool: a byte too far, and
 * memory that is used after its pool was cleared.
 *
 * The program's apr_palloc comes before libapr's for all libraries, APR's own
 * included (apr_pcalloc and apr_pstrdup call it through the PLT; apr_psprintf
 * does not, it formats into the pool's own node).
 *
 * Invariants: a pool's blocks are in one list, which a cleanup frees. It is
 * registered at the pool's first allocation and therefore before any other
 * cleanup, so it runs last, when no cleanup can use the memory any more; the
 * record of that cleanup itself comes from libapr's apr_palloc (inside).
 *
 * Any thread; one lock.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "palloc.h"

typedef void *palloc_fn(apr_pool_t *pool, apr_size_t size);

typedef struct block_t {
    struct block_t *next;
    apr_size_t size;
    void *memory;
} block_t;

typedef struct blocks_t {
    struct blocks_t *next;
    apr_pool_t *pool;
    block_t *first;
} blocks_t;

#define SLOTS 1024

static blocks_t *slots[SLOTS];
static apr_size_t live, peak;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local bool inside;

static blocks_t **find_slot(apr_pool_t *pool)
{
    blocks_t **at = &slots[((uintptr_t)pool >> 5) % SLOTS];

    while (*at != NULL && (*at)->pool != pool)
        at = &(*at)->next;
    return at;
}

static void free_block(block_t *block)
{
    live -= block->size;
    free(block->memory);
    free(block);
}

static apr_status_t free_blocks(void *data)
{
    blocks_t *blocks = data;
    block_t *block, *next;

    pthread_mutex_lock(&lock);
    *find_slot(blocks->pool) = blocks->next;
    for (block = blocks->first; block != NULL; block = next) {
        next = block->next;
        free_block(block);
    }
    pthread_mutex_unlock(&lock);
    free(blocks);
    return APR_SUCCESS;
}

static void *checked(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

/* A child that is forked to execute something keeps the memory: its image goes
 * away with all of it. */
static blocks_t *new_blocks(apr_pool_t *pool)
{
    blocks_t *blocks = checked(calloc(1, sizeof(*blocks)));

    blocks->pool = pool;
    inside = true;
    apr_pool_cleanup_register(pool, blocks, free_blocks, apr_pool_cleanup_null);
    inside = false;
    return blocks;
}

static void *add_block(apr_pool_t *pool, apr_size_t size)
{
    block_t *block = checked(malloc(sizeof(*block)));
    blocks_t **slot;

    block->size = size;
    block->memory = checked(malloc(size));
    pthread_mutex_lock(&lock);
    slot = find_slot(pool);
    if (*slot == NULL)
        *slot = new_blocks(pool);
    block->next = (*slot)->first;
    (*slot)->first = block;
    live += size;
    peak = live > peak ? live : peak;
    pthread_mutex_unlock(&lock);
    return block->memory;
}

#undef apr_palloc
__attribute__((visibility("default"))) void *apr_palloc(apr_pool_t *pool,
                                                        apr_size_t size)
{
    static palloc_fn *libapr;

    if (!inside)
        return add_block(pool, size);
    if (libapr == NULL)
        *(void **)&libapr = dlsym(RTLD_NEXT, "apr_palloc");
    return libapr(pool, size);
}

apr_size_t palloc_live(void)
{
    return live;
}

apr_size_t palloc_peak(void)
{
    return peak;
}

void palloc_mark(void)
{
    peak = live;
}
