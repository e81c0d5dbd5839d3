/**
 * @file handlerbridge_module.h
 * @brief For handlers in a module of their own, built with apxs.
 *
 * One file of the module includes this, besides handlerbridge.h, and says
 *
 *     HBR_MODULE(calendar);
 *
 * which makes it a module of httpd's. All its other files include
 * handlerbridge.h alone; their HBR_HANDLER()s are found by themselves. It is
 * loaded before or after mod_handlerbridge:
 *
 *     LoadModule handlerbridge_module modules/mod_handlerbridge.so
 *     LoadModule calendar_module      modules/mod_calendar.so
 *
 * Nothing is linked to mod_handlerbridge: the functions of the API are this
 * module's own, hidden, and call through a table that the bridge hands over
 * when httpd starts, before any configuration is processed. A module that was
 * compiled with an older minor version of these headers goes on working.
 *
 * This is the only public header that includes httpd's.
 */
#ifndef HANDLERBRIDGE_MODULE_MAIN_H
#define HANDLERBRIDGE_MODULE_MAIN_H

#include <httpd.h>
#include <http_config.h>
#include <http_log.h>
#include <ap_provider.h>
#include <apr_strings.h>

#include "handlerbridge.h"
#include "handlerbridge/api_calls.h"
#include "handlerbridge/module.h"

/* The linker puts the pointers that HBR_HANDLER() made between these two. */
extern const hbr_handler_t *const __start_hbr_handlers[]
    __attribute__((weak, visibility("hidden")));
extern const hbr_handler_t *const __stop_hbr_handlers[]
    __attribute__((weak, visibility("hidden")));

/** Behind the bridge, which has taken the module by now, if it is there. */
static inline int hbr_module_check(apr_pool_t *pconf, apr_pool_t *plog,
                                   apr_pool_t *ptemp)
{
    (void)pconf;
    (void)plog;
    (void)ptemp;
    if (hbr_this_module.api != NULL)
        return OK;
    ap_log_error(APLOG_MARK, APLOG_STARTUP | APLOG_CRIT, 0, NULL,
                 "HBR0240: the handlers of %s_module need mod_handlerbridge, "
                 "which is not loaded: add \"LoadModule handlerbridge_module "
                 "modules/mod_handlerbridge.so\" (on Debian: a2enmod "
                 "handlerbridge)",
                 hbr_this_module.name);
    return HTTP_INTERNAL_SERVER_ERROR;
}

/**
 * Shows the module to the bridge. HBR_MODULE() does it; a module with a record
 * of its own does it in its register_hooks.
 * @param pool what register_hooks was given
 */
static inline void hbr_module_register(apr_pool_t *pool)
{
    /* A restart need not have unloaded this file. */
    hbr_this_module.api = NULL;
    ap_register_provider(pool, HBR_MODULE_GROUP,
                         apr_psprintf(pool, "%pp", (void *)&hbr_this_module),
                         HBR_MODULE_VERSION, &hbr_this_module);
    ap_hook_pre_config(hbr_module_check, NULL, NULL, APR_HOOK_LAST);
}

/**
 * For a module that has directives or hooks of its own: what HBR_MODULE() makes
 * but httpd's record. Its register_hooks calls hbr_module_register().
 */
#define HBR_MODULE_HANDLERS(identifier)                                        \
    hbr_module_t hbr_this_module = { .size = sizeof(hbr_module_t),             \
                                     .major = HBR_ABI_MAJOR,                   \
                                     .minor = HBR_ABI_MINOR,                   \
                                     .name = #identifier,                      \
                                     .file = __FILE__,                         \
                                     .api_size = sizeof(hbr_api_t),            \
                                     .begin = __start_hbr_handlers,            \
                                     .end = __stop_hbr_handlers }

/**
 * Makes a module of httpd's out of the handlers that are linked into it. At
 * file scope, in one file. LoadModule's name for it is identifier_module.
 */
#define HBR_MODULE(identifier)                                                 \
    HBR_MODULE_HANDLERS(identifier);                                           \
    static void hbr_module_hooks(apr_pool_t *pool)                             \
    {                                                                          \
        hbr_module_register(pool);                                             \
    }                                                                          \
    extern module AP_MODULE_DECLARE_DATA identifier##_module;                  \
    APLOG_USE_MODULE(identifier);                                              \
    __attribute__((visibility("default"))) module AP_MODULE_DECLARE_DATA       \
        identifier##_module = { STANDARD20_MODULE_STUFF,                       \
                                NULL,                                          \
                                NULL,                                          \
                                NULL,                                          \
                                NULL,                                          \
                                NULL,                                          \
                                hbr_module_hooks,                              \
                                AP_MODULE_FLAG_NONE }

#endif
