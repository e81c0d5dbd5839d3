/*
 * Which handler has which block of shared memory, over restarts.
 *
 * What is kept between two configurations is made of APR's types alone, since
 * this module's code may be another then: a hash from names to apr_shm_t, each
 * in a pool of its own, which also holds the name. The memory is anonymous, so
 * only processes that are forked later have it, and letting go of it here takes
 * it from nobody.
 */
#include "shared_store.h"

#include <string.h>

#include <apr_hash.h>
#include <apr_shm.h>
#include <apr_strings.h>

#include "shared.h"

#define KEY "mod_handlerbridge:shared"

static apr_hash_t *kept_in(apr_pool_t *keeper)
{
    void *kept = NULL;

    apr_pool_userdata_get(&kept, KEY, keeper);
    if (kept == NULL) {
        kept = apr_hash_make(keeper);
        /* The key is copied: ours goes when the module is unloaded. */
        apr_pool_userdata_set(kept, KEY, NULL, keeper);
    }
    return kept;
}

static bool is_wanted(const char *name, hbr_entry_t *const *entries,
                      apr_size_t count)
{
    apr_size_t i;

    for (i = 0; i < count; i++)
        if (strcmp(entries[i]->name, name) == 0)
            return entries[i]->handler.shared_size > 0;
    return false;
}

static void let_go(apr_hash_t *kept, const char *name, apr_shm_t *shm)
{
    apr_hash_set(kept, name, APR_HASH_KEY_STRING, NULL);
    apr_pool_destroy(apr_shm_pool_get(shm));
}

static void let_go_of_unwanted(apr_hash_t *kept, hbr_entry_t *const *entries,
                               apr_size_t count)
{
    apr_hash_index_t *at = apr_hash_first(NULL, kept);

    while (at != NULL) {
        const char *name = apr_hash_this_key(at);
        apr_shm_t *shm = apr_hash_this_val(at);

        at = apr_hash_next(at);
        if (!is_wanted(name, entries, count))
            let_go(kept, name, shm);
    }
}

static hbr_shared_t *open_kept(apr_hash_t *kept, const hbr_entry_t *entry)
{
    apr_shm_t *shm = apr_hash_get(kept, entry->name, APR_HASH_KEY_STRING);
    hbr_shared_t *shared;

    if (shm == NULL)
        return NULL;
    shared = hbr_shared_open(apr_shm_baseaddr_get(shm), apr_shm_size_get(shm),
                             entry->handler.shared_size);
    if (shared == NULL)
        let_go(kept, entry->name, shm);
    return shared;
}

static apr_status_t make(apr_pool_t *pool, apr_size_t size, apr_shm_t **shm,
                         hbr_shared_t **shared)
{
    apr_status_t rv = apr_shm_create(shm, hbr_shared_bytes(size), NULL, pool);

    if (rv != APR_SUCCESS)
        return rv;
    return hbr_shared_make(apr_shm_baseaddr_get(*shm), size, shared);
}

static apr_status_t make_kept(apr_pool_t *keeper, apr_hash_t *kept,
                              hbr_entry_t *entry)
{
    apr_pool_t *pool;
    apr_shm_t *shm;
    apr_status_t rv;

    apr_pool_create(&pool, keeper);
    rv = make(pool, entry->handler.shared_size, &shm, &entry->shared);
    if (rv != APR_SUCCESS)
        apr_pool_destroy(pool);
    else
        apr_hash_set(kept, apr_pstrdup(pool, entry->name), APR_HASH_KEY_STRING,
                     shm);
    return rv;
}

void hbr_shared_store_bind(apr_pool_t *keeper, hbr_entry_t *const *entries,
                           apr_size_t count)
{
    apr_hash_t *kept = kept_in(keeper);
    apr_size_t i;

    let_go_of_unwanted(kept, entries, count);
    for (i = 0; i < count; i++) {
        hbr_entry_t *entry = entries[i];

        if (entry->handler.shared_size == 0)
            continue;
        entry->shared = open_kept(kept, entry);
        if (entry->shared == NULL)
            entry->shared_failed = make_kept(keeper, kept, entry);
    }
}
