/*
 * The socache provider that was chosen.
 */
#ifndef SESSION_SOCACHE_PROVIDER_H
#define SESSION_SOCACHE_PROVIDER_H

#include <ap_socache.h>

typedef struct hss_chosen_t {
    const ap_socache_provider_t *provider; /**< NULL: none */
    ap_socache_instance_t *instance;
    const char *argument;
} hss_chosen_t;

/** Valid while the configuration is. */
extern hss_chosen_t hss_chosen;

/**
 * Chooses one, and has it read its arguments.
 *
 * @param arg NULL for its defaults
 * @return NULL, or what is wrong, with the providers there are
 */
const char *hss_provider_choose(apr_pool_t *pool, apr_pool_t *ptemp,
                                const char *name, const char *arg);

/** The average size of a session that makes shmcb take one of `size_max`. */
apr_size_t hss_provider_average(apr_size_t size_max);

#endif
