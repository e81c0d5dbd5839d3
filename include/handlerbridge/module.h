/**
 * @file module.h
 * @brief What a module with handlers of its own shows to the bridge.
 *
 * Authors include handlerbridge_module.h instead.
 *
 * A new minor version of the interface is made so that modules that were
 * compiled with an older one go on working: HBR_ABI_MINOR goes up by one;
 * members are added at the end of hbr_handler_t, hbr_input_t,
 * hbr_statement_t, hbr_metric_t and hbr_module_t, and 0 in them means "as before"; structs that a function is
 * given keep their size; functions are appended to api.list behind a line with
 * the new version. Nothing else changes. `make keep-abi` puts a version's headers
 * into t/abi when it is out: the build compares the table with them, and the
 * suite loads a module that was compiled with them.
 */
#ifndef HANDLERBRIDGE_MODULE_H
#define HANDLERBRIDGE_MODULE_H

#include "handlerbridge/api_table.h"
#include "handlerbridge/handler.h"

/** httpd's list of providers in which the bridge looks for these records; a
 *  record's address is its name there. The same for all versions. */
#define HBR_MODULE_GROUP "handlerbridge-module"
#define HBR_MODULE_VERSION "0"

/** One module. The members down to `file` are the same in all versions, other
 *  majors too; further ones are only ever added at the end. */
typedef struct hbr_module_t {
    uint32_t size;    /**< Of this struct. */
    uint16_t major;   /**< HBR_ABI_MAJOR it was compiled with. */
    uint16_t minor;   /**< HBR_ABI_MINOR. */
    const char *name; /**< The module's, without "_module". */
    const char *file; /**< The source file. */

    uint32_t api_size;                 /**< Of the table it knows. */
    const hbr_handler_t *const *begin; /**< Its declarations. */
    const hbr_handler_t *const *end;
    const hbr_api_t *api; /**< The bridge's table; set when the bridge has
                               taken the module. */
} hbr_module_t;

/** This module's record, for its calls into the bridge. */
extern hbr_module_t hbr_this_module __attribute__((visibility("hidden")));

#endif
