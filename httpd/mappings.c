/*
 * Which handlers the configuration maps, and on which server. Written while
 * the configuration is read, in one thread; only read afterwards.
 */
#include "mappings.h"

typedef struct mapping_t {
    const server_rec *server;
    hbr_entry_t *entry;
} mapping_t;

static apr_array_header_t *mappings;
static bool reading;

void hbr_mappings_begin(apr_pool_t *pconf)
{
    mappings = apr_array_make(pconf, 16, sizeof(mapping_t));
    reading = true;
}

void hbr_mappings_end(void)
{
    reading = false;
}

void hbr_mappings_add(const server_rec *server, hbr_entry_t *entry)
{
    if (reading)
        APR_ARRAY_PUSH(mappings, mapping_t) = (mapping_t){ server, entry };
}

static bool holds(const apr_array_header_t *entries, const hbr_entry_t *entry)
{
    int i;

    for (i = 0; i < entries->nelts; i++)
        if (APR_ARRAY_IDX(entries, i, hbr_entry_t *) == entry)
            return true;
    return false;
}

hbr_entry_t *const *hbr_mappings_of(apr_pool_t *pool, const server_rec *server,
                                    const server_rec *main_server,
                                    apr_size_t *count)
{
    apr_array_header_t *entries =
        apr_array_make(pool, mappings->nelts + 1, sizeof(hbr_entry_t *));
    int i;

    for (i = 0; i < mappings->nelts; i++) {
        const mapping_t *mapping = &APR_ARRAY_IDX(mappings, i, mapping_t);

        if ((mapping->server == server || mapping->server == main_server)
            && !holds(entries, mapping->entry))
            APR_ARRAY_PUSH(entries, hbr_entry_t *) = mapping->entry;
    }
    *count = entries->nelts;
    return (hbr_entry_t *const *)entries->elts;
}
