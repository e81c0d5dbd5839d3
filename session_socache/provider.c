/*
 * Which provider keeps the sessions, and what it is to be told of them. At
 * start, by one thread; read only afterwards.
 */
#include "provider.h"

#include <string.h>

#include <apr_strings.h>
#include <ap_provider.h>
#include <httpd.h>

hss_chosen_t hss_chosen;

static const char *known_providers(apr_pool_t *pool)
{
    const apr_array_header_t *names = ap_list_provider_names(
        pool, AP_SOCACHE_PROVIDER_GROUP, AP_SOCACHE_PROVIDER_VERSION);
    const char *text = "";
    int i;

    for (i = 0; i < names->nelts; i++)
        text = apr_pstrcat(
            pool, text, i > 0 ? ", \"" : "\"",
            APR_ARRAY_IDX(names, i, ap_list_provider_names_t).provider_name,
            "\"", NULL);
    return *text != '\0' ? text : "none";
}

static const char *tell_unknown(apr_pool_t *pool, const char *name)
{
    static const char *const modules[] = { "shmcb", "redis", "memcache", "dbm",
                                           "dc" };
    size_t i;

    for (i = 0; i < sizeof(modules) / sizeof(*modules); i++)
        if (strcmp(name, modules[i]) == 0)
            return apr_psprintf(pool,
                                "the provider \"%s\" is not loaded: LoadModule "
                                "socache_%s_module .../mod_socache_%s.so "
                                "comes first; loaded: %s",
                                name, name, name, known_providers(pool));
    return apr_psprintf(pool,
                        "there is no provider \"%s\"; loaded: %s; httpd has "
                        "shmcb, redis, memcache and dbm, each in "
                        "mod_socache_NAME",
                        name, known_providers(pool));
}

const char *hss_provider_choose(apr_pool_t *pool, apr_pool_t *ptemp,
                                const char *name, const char *arg)
{
    hss_chosen.provider = ap_lookup_provider(AP_SOCACHE_PROVIDER_GROUP, name,
                                             AP_SOCACHE_PROVIDER_VERSION);
    if (hss_chosen.provider == NULL)
        return tell_unknown(ptemp, name);
    hss_chosen.argument = arg;
    return hss_chosen.provider->create(&hss_chosen.instance, arg, ptemp, pool);
}

/* What shmcb was told: "/path(bytes)". */
static apr_uint64_t shmcb_size(void)
{
    const char *open =
        hss_chosen.argument != NULL ? strrchr(hss_chosen.argument, '(') : NULL;

    return open != NULL ? (apr_uint64_t)apr_atoi64(open + 1) : 512 * 1024;
}

/* shmcb's largest object is one of its subcaches, of which it makes the more
 * the smaller the average object is said to be: it takes the largest power of
 * two below sqrt(size / (2 * average)). Wanted is that one subcache is at
 * least twice the largest session. */
apr_size_t hss_provider_average(apr_size_t size_max)
{
    apr_uint64_t size = shmcb_size();
    apr_uint64_t max = size_max;
    apr_uint64_t average = size > 0 ? 2 * max * max / size : max;

    return (apr_size_t)(average > 256 ? average : 256);
}
