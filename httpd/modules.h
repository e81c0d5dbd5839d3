/**
 * @file modules.h
 * @brief The modules with handlers of their own that httpd has loaded.
 */
#ifndef HBR_HTTPD_MODULES_H
#define HBR_HTTPD_MODULES_H

#include "bridge/registry.h"

/**
 * Takes all of them, wherever their LoadModule stands: their handlers go into
 * the registry. In pre_config, when all modules are loaded and no directive is
 * processed yet.
 * @param registry the handlers
 * @param pool the configuration's
 * @return NULL, or a sentence that says which module cannot be taken and why
 */
const char *hbr_modules_read(hbr_registry_t *registry, apr_pool_t *pool);

#endif
