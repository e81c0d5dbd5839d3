/*
 * Modules that bring handlers of their own.
 *
 * They are not linked to the bridge. Each shows a record and gets a table of
 * the API's functions for it. All that could be wrong between the two is found
 * here, not in the module: its checks would be as old as its headers.
 */
#include "module.h"

#include <apr_strings.h>

#include "handlerbridge.h"

#define SLOT(name) .name = name,
static const hbr_api_t table = { .size = sizeof(table),
                                 .major = HBR_ABI_MAJOR,
                                 .minor = HBR_ABI_MINOR,
                                 HBR_API_FUNCTIONS(SLOT) };

/* Beyond the members that all versions have, only another major version's
 * record may differ. */
static const char *fault(apr_pool_t *pool, const hbr_module_t *module,
                         const char *place)
{
    const char *problem =
        hbr_abi_refusal(pool, place, module->major, module->minor);

    if (problem != NULL)
        return problem;
    if (module->size < sizeof(*module))
        return apr_psprintf(pool,
                            "%s: its record of %u bytes was not made by "
                            "HBR_MODULE()",
                            place, module->size);
    if (module->api_size > sizeof(table))
        return apr_psprintf(pool,
                            "%s was compiled with headers that have more "
                            "functions than this bridge (a table of %u bytes, "
                            "this one has %u): install the mod_handlerbridge "
                            "that belongs to these headers",
                            place, module->api_size, table.size);
    if (module->begin == module->end)
        return apr_psprintf(pool,
                            "%s declares no handler: a file with an "
                            "HBR_HANDLER() is not linked in",
                            place);
    return NULL;
}

const char *hbr_module_take(hbr_registry_t *registry, hbr_module_t *module,
                            const char *path)
{
    apr_pool_t *pool = hbr_registry_pool(registry);
    const char *place = apr_psprintf(pool, "%s (%s)", path, module->file);
    const char *problem = fault(pool, module, place);
    const hbr_handler_t *const *at;

    if (problem != NULL)
        return problem;
    for (at = module->begin; at != module->end; at++) {
        problem = hbr_registry_add_from(registry, *at, path);
        if (problem != NULL)
            return problem;
    }
    module->api = &table;
    return NULL;
}
