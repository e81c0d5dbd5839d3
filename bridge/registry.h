/**
 * @file registry.h
 * @brief The handlers of this process, by name.
 *
 * Filled once at start, in one thread; only read afterwards. What a child
 * process adds (start's data) is written before its first request.
 */
#ifndef HBR_BRIDGE_REGISTRY_H
#define HBR_BRIDGE_REGISTRY_H

#include <pthread.h>

#include <apr_hash.h>

#include "handlerbridge/handler.h"
#include "meter.h"
#include "method.h"

struct hbr_host_log_t;

/** A handler and what was worked out from its declaration at start. */
typedef struct hbr_entry_t {
    struct hbr_registry_t *registry;
    const hbr_handler_t *declared; /**< The original. */
    hbr_handler_t handler; /**< A copy, and so are its arrays: what an older
                                header did not know is 0. */
    const char *name;
    const char *module_file; /**< The .so it came with; NULL: the bridge's. */
    hbr_methods_t methods;
    apr_size_t inputs;     /**< How many. */
    apr_size_t statements; /**< How many. */
    apr_size_t options;    /**< How many. */
    apr_size_t metrics;    /**< How many. */
    hbr_meter_t meter;     /**< Where its requests are counted. */
    const void *fallbacks; /**< The options' struct when nothing sets one. */
    struct hbr_instances_t *instances;       /**< Of this child; NULL: none. */
    const struct hbr_cacheable_t *cacheable; /**< What it says to caches; NULL:
                                              nothing. */
    pthread_rwlock_t lock; /**< hbr_process_read()'s; made in each child. */
    bool has_forgotten;    /**< Left a lock behind; atomic. */
    struct hbr_shared_t *shared; /**< NULL: it has no shared struct. */
    apr_status_t shared_failed;  /**< Why it has none though it declares one. */
    hbr_child_t child;
    const struct hbr_host_log_t *log; /**< For start and stop. */
    apr_status_t started;             /**< What start returned. */
} hbr_entry_t;

typedef struct hbr_registry_t hbr_registry_t;

/**
 * Makes a registry of the handlers that are linked in.
 * @param pool its memory
 * @param registry set to it
 * @return NULL, or a sentence that says which declaration is wrong and why
 */
const char *hbr_registry_create(apr_pool_t *pool, hbr_registry_t **registry);

/**
 * Adds one declaration.
 * @return NULL, or a sentence that says what is wrong with it
 */
const char *hbr_registry_add(hbr_registry_t *registry,
                             const hbr_handler_t *handler);

/**
 * The same for a handler in another module.
 * @param module_file the file that module was loaded from, for messages; as
 *        long-lived as the registry. NULL: the bridge's own
 */
const char *hbr_registry_add_from(hbr_registry_t *registry,
                                  const hbr_handler_t *handler,
                                  const char *module_file);

/** The registry's memory. */
apr_pool_t *hbr_registry_pool(const hbr_registry_t *registry);

/**
 * Tells whether what was compiled for a version of the handler interface can be
 * taken: the major version has to be ours, the minor no newer.
 * @param place what was compiled, for the message
 * @return NULL, or a sentence that says why not and what to do
 */
const char *hbr_abi_refusal(apr_pool_t *pool, const char *place, int major,
                            int minor);

/** @return the handler of that name, or NULL: one hash lookup */
hbr_entry_t *hbr_registry_find(const hbr_registry_t *registry,
                               const char *name);

/** @return the handler of that declaration, or NULL */
hbr_entry_t *hbr_registry_declared(const hbr_registry_t *registry,
                                   const hbr_handler_t *handler);

/** All handlers, sorted by name. */
hbr_entry_t *const *hbr_registry_all(const hbr_registry_t *registry,
                                     apr_size_t *count);

/** The registered name nearest to a mistaken one within a distance of 2, or
 *  NULL. */
const char *hbr_registry_nearest(const hbr_registry_t *registry,
                                 const char *name);

/** "chart, customers, hello": for messages. */
const char *hbr_registry_names(const hbr_registry_t *registry,
                               apr_pool_t *pool);

/** A declared input; index below entry->inputs. */
const hbr_input_t *hbr_entry_input(const hbr_entry_t *entry, apr_size_t index);

/** A declared option; index below entry->options. */
const hbr_input_t *hbr_entry_option(const hbr_entry_t *entry, apr_size_t index);

/** A declared statement; index below entry->statements. */
const hbr_statement_t *hbr_entry_statement(const hbr_entry_t *entry,
                                           apr_size_t index);

#endif
