/*
 * mod_session_socache: keeps mod_session's sessions in a provider of httpd's
 * small object cache: in shared memory, in Redis, in memcached.
 *
 * The module record, the directives and the hooks. session.c loads and saves,
 * cookie.c knows the cookie, store.c the provider, job.c what is asked of it,
 * remote.c how one that is elsewhere is asked.
 */
#include <httpd.h>
#include <http_config.h>
#include <http_core.h>

#include <apr_strings.h>

#include "session.h"
#include "store.h"

#define DEFAULT_IDLE apr_time_from_sec(30 * 60)
#define IDLE_MAX apr_time_from_sec(30 * 24 * 60 * 60)
#define WAIT_MAX apr_time_from_sec(60)
#define SIZE_MIN 512
#define SIZE_MAX_BYTES (16 * 1024 * 1024)

static void *create_config(apr_pool_t *pool, char *path)
{
    hss_config_t *config = apr_pcalloc(pool, sizeof(*config));

    (void)path;
    config->idle = DEFAULT_IDLE;
    return config;
}

static void *merge_config(apr_pool_t *pool, void *base_, void *add_)
{
    const hss_config_t *base = base_;
    const hss_config_t *add = add_;
    hss_config_t *config = apr_pmemdup(pool, base, sizeof(*base));

    if (add->cookie != NULL)
        config->cookie = add->cookie;
    if (add->realm != NULL)
        config->realm = add->realm;
    if (add->is_idle_set) {
        config->idle = add->idle;
        config->is_idle_set = true;
    }
    return config;
}

static const char *fail(cmd_parms *cmd, const char *text)
{
    return apr_pstrcat(cmd->pool, cmd->cmd->name, ": ", text, NULL);
}

/* In .htaccess it comes when the server runs, which makes no store any more. */
static const char *set_cookie(cmd_parms *cmd, void *config_, const char *text)
{
    hss_cookie_t *cookie = apr_pcalloc(cmd->pool, sizeof(*cookie));
    const char *error = hss_cookie_declare(cmd->pool, text, cookie);
    hss_config_t *config = config_;

    if (error != NULL)
        return fail(cmd, error);
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_RUN_MPM
        && !hss_store_is_open())
        return fail(cmd, "in .htaccess it wants a SessionSocache in the "
                         "server's configuration");
    hss_store_settings.wanted = true;
    config->cookie = cookie;
    return NULL;
}

/* "90", "30m", "1h": seconds when there is no unit, as httpd's Timeout. */
static const char *take_time(cmd_parms *cmd, const char *text, const char *unit,
                             apr_interval_time_t least,
                             apr_interval_time_t most,
                             apr_interval_time_t *value)
{
    if (ap_timeout_parameter_parse(text, value, unit) == APR_SUCCESS
        && *value >= least && *value <= most)
        return NULL;
    return apr_psprintf(cmd->pool,
                        "%s: \"%s\" is no time from %" APR_TIME_T_FMT
                        " to %" APR_TIME_T_FMT " milliseconds",
                        cmd->cmd->name, text, apr_time_as_msec(least),
                        apr_time_as_msec(most));
}

static const char *set_timeout(cmd_parms *cmd, void *config_, const char *text)
{
    hss_config_t *config = config_;

    config->is_idle_set = true;
    return take_time(cmd, text, "s", apr_time_from_sec(1), IDLE_MAX,
                     &config->idle);
}

static const char *set_wait(cmd_parms *cmd, void *config, const char *text)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);

    (void)config;
    if (error != NULL)
        return error;
    return take_time(cmd, text, "ms", apr_time_from_msec(1), WAIT_MAX,
                     &hss_store_settings.wait);
}

static apr_int64_t factor_of(const char *unit)
{
    if (*unit == '\0')
        return 1;
    if (unit[1] != '\0')
        return 0;
    return *unit == 'k' || *unit == 'K'   ? 1024
           : *unit == 'm' || *unit == 'M' ? 1024 * 1024
                                          : 0;
}

static const char *set_size(cmd_parms *cmd, void *config, const char *text)
{
    const char *error = ap_check_cmd_context(cmd, GLOBAL_ONLY);
    char *end;
    apr_int64_t size = apr_strtoi64(text, &end, 10);
    apr_int64_t factor = factor_of(end);

    (void)config;
    if (error != NULL)
        return error;
    if (end == text || factor == 0 || size < 0 || size > SIZE_MAX_BYTES / factor
        || size * factor < SIZE_MIN)
        return apr_psprintf(cmd->pool,
                            "%s: \"%s\" is no size from %d to %d bytes; K and "
                            "M may stand behind it",
                            cmd->cmd->name, text, SIZE_MIN, SIZE_MAX_BYTES);
    hss_store_settings.size_max = (apr_size_t)(size * factor);
    return NULL;
}

static const command_rec directives[] = {
    AP_INIT_TAKE1("SessionSocache", hss_store_choose, NULL, RSRC_CONF,
                  "provider[:arguments] of the socache that keeps sessions"),
    AP_INIT_RAW_ARGS("SessionSocacheCookie", set_cookie, NULL,
                     RSRC_CONF | OR_AUTHCFG,
                     "name [attributes] of the cookie with a session's id"),
    AP_INIT_TAKE1("SessionSocacheTimeout", set_timeout, NULL,
                  RSRC_CONF | OR_AUTHCFG,
                  "how long a session without SessionMaxAge lives unused"),
    AP_INIT_TAKE1("SessionSocacheRealm", ap_set_string_slot,
                  (void *)APR_OFFSETOF(hss_config_t, realm),
                  RSRC_CONF | ACCESS_CONF,
                  "a name; sessions of one are unknown in others"),
    AP_INIT_TAKE1("SessionSocacheMaxSize", set_size, NULL, RSRC_CONF,
                  "most bytes of a session"),
    AP_INIT_TAKE1("SessionSocacheWait", set_wait, NULL, RSRC_CONF,
                  "milliseconds that a request waits for a store elsewhere"),
    { NULL }
};

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_pre_config(hss_store_reset, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_check_config(hss_store_check, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(hss_store_open, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_init(hss_store_child, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_session_load(hss_session_load, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_session_save(hss_session_save, NULL, NULL, APR_HOOK_MIDDLE);
}

__attribute__((visibility("default"))) module AP_MODULE_DECLARE_DATA
    session_socache_module = { STANDARD20_MODULE_STUFF,
                               create_config,
                               merge_config,
                               NULL,
                               NULL,
                               directives,
                               register_hooks,
                               AP_MODULE_FLAG_NONE };
