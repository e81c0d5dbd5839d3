/**
 * @file module.h
 * @brief Modules that bring handlers of their own.
 */
#ifndef HBR_BRIDGE_MODULE_H
#define HBR_BRIDGE_MODULE_H

#include "handlerbridge/module.h"
#include "registry.h"

/**
 * Takes a module: its handlers go into the registry, and it gets the table of
 * the API's functions.
 * @param registry the handlers
 * @param module its record, of any version
 * @param path the file it was loaded from; as long-lived as the registry
 * @return NULL, or a sentence that says why it cannot be taken; it then has no
 *         table, and its first handlers may have been added
 */
const char *hbr_module_take(hbr_registry_t *registry, hbr_module_t *module,
                            const char *path);

#endif
