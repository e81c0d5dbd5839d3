/**
 * @file section.h
 * @brief What the directives of one section say about mappings and handlers,
 *        and how the sections of a request lie within each other.
 *
 * A section is written while its directives are processed, in one thread, and
 * only read afterwards. Merging copies no section: a scope is a chain of
 * pointers to them, the nearest first.
 */
#ifndef HBR_HTTPD_SECTION_H
#define HBR_HTTPD_SECTION_H

#include <apr_tables.h>

#include "bridge/map.h"
#include "bridge/option.h"
#include "bridge/registry.h"

/** What has to lie on the disk for a mapping to count. */
typedef enum {
    HBR_REQUIRE_UNSET = 0, /**< As the sections around say. */
    HBR_REQUIRE_NONE,
    HBR_REQUIRE_FILE,
    HBR_REQUIRE_DIRECTORY,
    HBR_REQUIRE_EITHER
} hbr_require_e;

/** A handler's options as set in one place. */
typedef struct hbr_values_t {
    hbr_entry_t *entry;
    apr_array_header_t *set; /**< Of hbr_option_value_t; NULL: none. */
    void *options;           /**< The struct where only this place sets any. */
} hbr_values_t;

/** What a BridgeMap line, or a descriptor file, leads to. */
typedef struct hbr_target_t {
    hbr_entry_t *entry;
    hbr_methods_t methods; /**< Of the line and of the handler. */
    hbr_require_e require;
    hbr_values_t values;
} hbr_target_t;

/** A BridgeUnmap of something inherited. */
typedef struct hbr_removal_t {
    const char *methods;
    const hbr_pattern_t *pattern;
    bool is_logged; /**< When there is nothing to take away: .htaccess. */
} hbr_removal_t;

typedef struct hbr_section_t {
    hbr_map_t *map;               /**< Of hbr_target_t; NULL: no BridgeMap. */
    apr_size_t map_from;          /**< What stands before it was cleared. */
    apr_array_header_t *taken;    /**< Indexes (apr_size_t) taken away. */
    apr_array_header_t *removals; /**< hbr_removal_t: from the inherited. */
    bool clears;                  /**< BridgeUnmap * *: nothing is. */
    const char *set_handler;      /**< SetHandler's name; NULL: none here. */
    hbr_entry_t *set_entry;       /**< And its handler; NULL: none of ours. */
    const char *location;         /**< The path of the plain Location it stands
                                       in, without a slash at its end. */
    apr_size_t location_length;
    hbr_require_e require;
    const hbr_methods_t *methods; /**< BridgeMethods; NULL: none here. */
    bool names_files;             /**< A BridgeFiles stands here. */
    bool files;                   /**< And it is On. */
    apr_array_header_t *values;   /**< hbr_values_t, by BridgeSet. */
} hbr_section_t;

typedef struct hbr_scope_t {
    const hbr_section_t *section;
    const struct hbr_scope_t *outer; /**< NULL: none. */
    bool maps; /**< There is something to look up: a map that no nearer section
                    clears, or a BridgeUnmap. */
} hbr_scope_t;

/** Whether the section has something to look up on a request. */
bool hbr_section_maps(const hbr_section_t *section);

/** Whether a BridgeUnmap of the section itself took this entry of its map
 *  away. */
bool hbr_section_took(const hbr_section_t *section, apr_size_t index);

/** The chain of inner's sections before outer's; both may be NULL. */
const hbr_scope_t *hbr_scope_join(apr_pool_t *pool, const hbr_scope_t *inner,
                                  const hbr_scope_t *outer);

/** The nearest section with a SetHandler, or NULL. */
const hbr_section_t *hbr_scope_set_handler(const hbr_scope_t *scope);

/** The nearest BridgeMethods, or NULL. */
const hbr_methods_t *hbr_scope_methods(const hbr_scope_t *scope);

/** The nearest BridgeRequire; HBR_REQUIRE_NONE without one. */
hbr_require_e hbr_scope_require(const hbr_scope_t *scope);

/** What the nearest BridgeFiles says; Off without one. */
bool hbr_scope_files(const hbr_scope_t *scope);

/**
 * Sets an option.
 * @param pool the section's
 * @param values where; begins as zeros
 * @return NULL, or a sentence that says what is wrong
 */
const char *hbr_values_set(apr_pool_t *pool, hbr_values_t *values,
                           hbr_entry_t *entry, const char *key,
                           const char *text);

/** BridgeSet's values of a handler in a section, or NULL. */
const hbr_values_t *hbr_section_values(const hbr_section_t *section,
                                       const hbr_entry_t *entry);

/**
 * A handler's options: its fallbacks, then what the sections set, the outermost
 * first, then what the mapping sets.
 * @param nearest the mapping's; NULL: none
 * @return the struct; NULL when nothing sets any
 */
const void *hbr_scope_options(apr_pool_t *pool, const hbr_scope_t *scope,
                              const hbr_entry_t *entry,
                              const hbr_values_t *nearest);

#endif
