/**
 * @file session.c
 * @brief For the tests: does with the session what the query's "do" names.
 *
 * session may write it, session_read read it, session_undeclared neither.
 */
#include <stdlib.h>
#include <time.h>

#include "handlerbridge.h"

static const char *name_of(hbr_context_t *ctx)
{
    return hbr_query(ctx, "name", "a");
}

static int show(hbr_context_t *ctx)
{
    const hbr_pair_t *pair = NULL;

    hbr_printf(ctx, "new=%d\n", hbr_session_is_new(ctx));
    while ((pair = hbr_session_next(ctx, pair)) != NULL)
        hbr_printf(ctx, "%s=%s\n", pair->name, pair->value);
    return HBR_OK;
}

static int count(hbr_context_t *ctx)
{
    int64_t n = hbr_session_int(ctx, "count", 0) + 1;
    int rc = hbr_session_set_int(ctx, "count", n);

    return rc != HBR_OK ? rc : hbr_text(ctx, "%d\n", (int)n);
}

static int set(hbr_context_t *ctx)
{
    int rc = hbr_session_set(ctx, name_of(ctx), hbr_query(ctx, "value", NULL));

    return rc != HBR_OK ? rc : hbr_text(ctx, "set\n");
}

/* Another request may come in between. */
static int slow(hbr_context_t *ctx)
{
    int rc = hbr_session_set(ctx, name_of(ctx), "slow");
    struct timespec pause = { .tv_sec =
                                  strtol(hbr_query(ctx, "n", "1"), NULL, 10) };

    hbr_log(ctx, HBR_LOG_INFO, "slow has its session");
    nanosleep(&pause, NULL);
    return rc != HBR_OK ? rc : hbr_text(ctx, "set\n");
}

static int fill(hbr_context_t *ctx)
{
    apr_size_t length = strtoul(hbr_query(ctx, "n", "1"), NULL, 10);
    char *text = apr_palloc(ctx->pool, length + 1);
    int rc;

    memset(text, 'v', length);
    text[length] = '\0';
    rc = hbr_session_set(ctx, name_of(ctx), text);
    return rc != HBR_OK ? rc : hbr_text(ctx, "filled\n");
}

static int login(hbr_context_t *ctx)
{
    int rc = hbr_session_renew(ctx);

    if (rc == HBR_OK)
        rc = hbr_session_set(ctx, "user", "ann");
    return rc != HBR_OK ? rc : hbr_redirect(ctx, 303, "/welcome");
}

static int status(hbr_context_t *ctx)
{
    int rc = hbr_session_set(ctx, name_of(ctx), "set");

    return rc != HBR_OK ? rc : atoi(hbr_query(ctx, "n", "404"));
}

static int tagged(hbr_context_t *ctx)
{
    int rc = count(ctx);

    hbr_etag(ctx, "tag", false);
    return rc;
}

/* Reads, and writes nothing. */
static int seen(hbr_context_t *ctx)
{
    hbr_etag(ctx, "tag", false);
    return show(ctx);
}

static int fail(hbr_context_t *ctx)
{
    hbr_session_is_new(ctx);
    return atoi(hbr_query(ctx, "n", "404"));
}

static int stream(hbr_context_t *ctx)
{
    int rc = count(ctx);

    hbr_flush(ctx);
    hbr_printf(ctx, "end\n");
    return rc;
}

static int late(hbr_context_t *ctx)
{
    hbr_printf(ctx, "begun\n");
    hbr_flush(ctx);
    return hbr_session_set(ctx, "late", "1");
}

/* Another module's reader of the session: SessionHeader. */
static int header(hbr_context_t *ctx)
{
    hbr_header_set(ctx, "X-Session", hbr_query(ctx, "value", "x=1"));
    return count(ctx);
}

static int no_session(hbr_context_t *ctx)
{
    return hbr_text(ctx, "none\n");
}

static int run_clear(hbr_context_t *ctx)
{
    int rc = hbr_session_clear(ctx);

    return rc != HBR_OK ? rc : hbr_text(ctx, "clear\n");
}

static int run_abandon(hbr_context_t *ctx)
{
    int rc = hbr_session_abandon(ctx);

    return rc != HBR_OK ? rc : hbr_text(ctx, "gone\n");
}

static int run_flash_set(hbr_context_t *ctx)
{
    int rc = hbr_session_flash_set(ctx, "notice", "On its way.");

    return rc != HBR_OK ? rc : hbr_redirect(ctx, 303, "/session?do=flash");
}

static int run_flash(hbr_context_t *ctx)
{
    const char *text = hbr_session_flash(ctx, "notice");

    return hbr_text(ctx, "%s\n", text != NULL ? text : "none");
}

static int process(hbr_context_t *ctx)
{
    static const struct {
        const char *name;
        int (*run)(hbr_context_t *ctx);
    } actions[] = { { "show", show },
                    { "count", count },
                    { "set", set },
                    { "slow", slow },
                    { "fill", fill },
                    { "login", login },
                    { "status", status },
                    { "tagged", tagged },
                    { "seen", seen },
                    { "fail", fail },
                    { "stream", stream },
                    { "late", late },
                    { "none", no_session },
                    { "header", header },
                    { "clear", run_clear },
                    { "abandon", run_abandon },
                    { "flash_set", run_flash_set },
                    { "flash", run_flash } };
    const char *name = hbr_query(ctx, "do", "show");
    apr_size_t i;

    for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(actions[i].name, name) == 0)
            return actions[i].run(ctx);
    }
    return hbr_error(ctx, 400, "There is no such \"do\".");
}

HBR_HANDLER(session, .process = process, .methods = "GET, POST",
            .session = HBR_SESSION_WRITE);
HBR_HANDLER(session_read, .process = process, .session = HBR_SESSION_READ);
HBR_HANDLER(session_undeclared, .process = process);
