/**
 * @file names.h
 * @brief Handler names in the configuration.
 */
#ifndef HBR_HTTPD_NAMES_H
#define HBR_HTTPD_NAMES_H

#include "bridge/registry.h"

/**
 * Finds mistaken names: one that is not registered, is none of httpd's own and
 * lies near a registered one.
 * @param registry the handlers
 * @param pool the message's memory
 * @param name the name as it stands in the configuration
 * @return NULL, or a sentence with the known names and the nearest one
 */
const char *hbr_name_mistake(const hbr_registry_t *registry, apr_pool_t *pool,
                             const char *name);

#endif
