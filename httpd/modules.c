/*
 * The modules with handlers of their own that httpd has loaded.
 *
 * httpd's providers are the way to them: no symbol is linked between two
 * modules, so that either may be loaded first, or be missing.
 */
#include "modules.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include <ap_provider.h>
#include <apr_strings.h>

#include "bridge/module.h"

typedef struct found_t {
    hbr_module_t *module;
    const char *path;
} found_t;

static const char *path_of(apr_pool_t *pool, const hbr_module_t *module)
{
    Dl_info info;

    if (dladdr(module, &info) == 0 || info.dli_fname == NULL)
        return "httpd";
    return apr_pstrdup(pool, info.dli_fname);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const found_t *)a)->path, ((const found_t *)b)->path);
}

/* httpd has them in the order of their addresses' hash. By path, what is wrong
 * is said in the same words at each start. */
static apr_array_header_t *find_modules(apr_pool_t *pool)
{
    apr_array_header_t *names =
        ap_list_provider_names(pool, HBR_MODULE_GROUP, HBR_MODULE_VERSION);
    apr_array_header_t *found =
        apr_array_make(pool, names->nelts + 1, sizeof(found_t));
    int i;

    for (i = 0; i < names->nelts; i++) {
        const char *name =
            APR_ARRAY_IDX(names, i, ap_list_provider_names_t).provider_name;
        found_t *next = apr_array_push(found);

        next->module =
            ap_lookup_provider(HBR_MODULE_GROUP, name, HBR_MODULE_VERSION);
        next->path = path_of(pool, next->module);
    }
    qsort(found->elts, found->nelts, sizeof(found_t), by_path);
    return found;
}

const char *hbr_modules_read(hbr_registry_t *registry, apr_pool_t *pool)
{
    apr_array_header_t *found = find_modules(pool);
    const char *problem = NULL;
    int i;

    for (i = 0; i < found->nelts && problem == NULL; i++) {
        const found_t *at = &APR_ARRAY_IDX(found, i, found_t);

        problem = hbr_module_take(registry, at->module, at->path);
    }
    return problem;
}
