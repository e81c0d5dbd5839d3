/**
 * @file names.h
 * @brief Handler names in the configuration.
 */
#ifndef HBR_HTTPD_NAMES_H
#define HBR_HTTPD_NAMES_H

#include "bridge/registry.h"

/**
 * Finds a handler by a name that has to be one.
 * @param name in any case
 * @param mistake set when there is none: a sentence with the known names and
 *        the nearest one
 * @return the handler, or NULL
 */
hbr_entry_t *hbr_name_find(const hbr_registry_t *registry, apr_pool_t *pool,
                           const char *name, const char **mistake);

/**
 * Finds mistaken names: one that is not registered, is none of httpd's own and
 * lies near a registered one, or near the one of descriptor files.
 * @param registry the handlers
 * @param pool the message's memory
 * @param name the name as it stands in the configuration
 * @return NULL, or a sentence with the known names and the nearest one
 */
const char *hbr_name_mistake(const hbr_registry_t *registry, apr_pool_t *pool,
                             const char *name);

#endif
