/**
 * @file config.h
 * @brief What the directives say: per section, and for the whole server.
 */
#ifndef HBR_HTTPD_CONFIG_H
#define HBR_HTTPD_CONFIG_H

#include <httpd.h>
#include <http_config.h>

#include "bridge/registry.h"
#include "bridge/settings.h"
#include "host.h"
#include "section.h"

/** Whether httpd walks through the directories for a request. */
typedef enum {
    HBR_WALK_UNSET = 0, /**< As the sections around say. */
    HBR_WALK_DONE,      /**< BridgeVirtual Off. */
    HBR_WALK_NONE       /**< BridgeVirtual On. */
} hbr_walk_e;

/** A section's configuration. Made only for sections in which a directive of
 *  ours, SetHandler or AddHandler stands; immutable once read. */
typedef struct hbr_dir_config_t {
    hbr_settings_t settings;
    unsigned settings_given; /**< One bit for each setting. */
    hbr_walk_e walk;
    const hbr_scope_t *scope; /**< NULL: nothing about mappings. */
    hbr_section_t *section;   /**< The section's own, while it is read. */
} hbr_dir_config_t;

/** What the sections of a request say; NULL: nothing. */
static inline const hbr_dir_config_t *hbr_config_of(const request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &handlerbridge_module);
}

/** What they say about mappings; NULL: nothing. */
static inline const hbr_scope_t *hbr_scope_of(const request_rec *r)
{
    const hbr_dir_config_t *config = hbr_config_of(r);

    return config != NULL ? config->scope : NULL;
}

extern const hbr_settings_t hbr_settings_default;

/** The handlers of this process. */
extern hbr_registry_t *hbr_registry;

/** Finds BridgeStrict in the configuration before its directives are
 *  processed. The pool is for a while. */
void hbr_config_read_strict(apr_pool_t *pool);

void *hbr_dir_config_create(apr_pool_t *pool, char *path);
void *hbr_dir_config_merge(apr_pool_t *pool, void *base, void *add);

/** The section that a directive stands in, made when there is none yet. */
hbr_section_t *hbr_config_section(cmd_parms *cmd, hbr_dir_config_t *config);

/** The path of the plain Location a directive stands in, maybe under
 *  conditions; NULL in any other section: there what follows in the URL is not
 *  known. For a regular expression it is "~", which no request's path begins
 *  with. */
const char *hbr_plain_location(const cmd_parms *cmd);

/* Directives; see docs/directives.md. */
const char *hbr_set_limit(cmd_parms *cmd, void *config, const char *value);
const char *hbr_set_flag(cmd_parms *cmd, void *config, int on);
const char *hbr_set_spool_dir(cmd_parms *cmd, void *config, const char *value);
const char *hbr_set_strict(cmd_parms *cmd, void *config, int on);

/** Looks at a SetHandler of core's; core still does its work. */
const char *hbr_see_set_handler(cmd_parms *cmd, void *config, const char *name);

/** Looks at an SSLVerifyClient of mod_ssl's; mod_ssl still does its work. */
const char *hbr_see_verify_client(cmd_parms *cmd, void *config,
                                  const char *level);

/** Whether an SSLVerifyClient optional_no_ca was seen: clients may show
 *  certificates that nobody verifies. In .htaccess it is seen when this process
 *  first reads it. */
bool hbr_httpd_takes_unverified(void);

/** Looks at an AddHandler of mod_mime's; mod_mime still does its work. */
const char *hbr_see_add_handler(cmd_parms *cmd, void *config, const char *name,
                                const char *extension);

#endif
