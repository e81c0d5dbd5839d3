/* For the tests: a module with a directive of its own beside its handler. */
#include "handlerbridge_module.h"

HBR_MODULE_HANDLERS(own);

static const char *word;

static const char *set_word(cmd_parms *cmd, void *config, const char *value)
{
    (void)cmd;
    (void)config;
    word = value;
    return NULL;
}

static int process(hbr_context_t *ctx)
{
    return hbr_text(ctx, "%s over %s\n", word, hbr_request_rec(ctx)->protocol);
}

HBR_HANDLER(own, .process = process);

static void register_hooks(apr_pool_t *pool)
{
    hbr_module_register(pool);
}

static const command_rec directives[] = {
    AP_INIT_TAKE1("OwnWord", set_word, NULL, RSRC_CONF, "what to answer"),
    { .name = NULL }
};

AP_DECLARE_MODULE(own) = {
    STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, directives, register_hooks,
    AP_MODULE_FLAG_NONE
};
