/*
 * login: counts a client's visits in his session, and everybody's in the shared
 * cache, to be seen going from node to node. Nothing in it knows that there are
 * several.
 *
 *     GET  /login        who he is, how often he came, which node answers
 *     POST /login        begins: field "name"
 *     POST /login/out    ends
 *
 * There is no password: it is an example of sessions, not of authentication.
 *
 * Threads: no state of its own.
 */
#include <string.h>

#include <jansson.h>

#include "handlerbridge_module.h"

#define NAME_MAX_BYTES 100
#define DAY 86400

typedef struct place_t {
    const char *node;
} place_t;

static const hbr_input_t options[] = {
    HBR_STRING(place_t, node, "node", .max = 40, .fallback = "",
               .help = "the name of the node, to be shown"),
    HBR_INPUTS_END
};

typedef struct visit_t {
    const char *node;
    const char *user; /* NULL: not logged in */
    int64_t visits;
    int64_t all; /* everybody's of a day; 0: nobody knows */
} visit_t;

static int send_json(hbr_context_t *ctx, const visit_t *visit)
{
    return hbr_json(ctx, json_pack("{s:s, s:s?, s:I, s:I}", "node", visit->node,
                                   "user", visit->user, "visits",
                                   (json_int_t)visit->visits, "all",
                                   (json_int_t)visit->all));
}

static void write_form(hbr_context_t *ctx)
{
    hbr_puts(ctx, "<form method=\"post\" action=\"login\">\n"
                  "<p><label>Your name <input name=\"name\" required "
                  "maxlength=\"100\"></label> <button>Log in</button></p>\n"
                  "</form>\n");
}

static void write_visits(hbr_context_t *ctx, const visit_t *visit)
{
    hbr_html(ctx,
             "<p>%s, this is visit %lld; of everybody's today it is number "
             "%lld.</p>\n"
             "<form method=\"post\" action=\"login/out\">"
             "<button>Log out</button></form>\n",
             visit->user, (long long)visit->visits, (long long)visit->all);
}

static int send_page(hbr_context_t *ctx, const visit_t *visit)
{
    hbr_type(ctx, "text/html; charset=utf-8");
    hbr_html(ctx,
             "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width\">\n"
             "<title>Node %s</title>\n<h1>Node %s</h1>\n",
             visit->node, visit->node);
    if (visit->user != NULL)
        write_visits(ctx, visit);
    else
        write_form(ctx);
    hbr_puts(ctx, "</html>\n");
    return HBR_OK;
}

/* The session's number is his: it is saved, or the answer is a 503. The cache's
 * may be lost at any time; when it is away the page does without. */
static int count(hbr_context_t *ctx, visit_t *visit)
{
    visit->visits = hbr_session_int(ctx, "visits", 0) + 1;
    if (hbr_cache_increment(ctx, "visits", 1, HBR_FOR(DAY), &visit->all)
        != APR_SUCCESS)
        visit->all = 0;
    return hbr_session_set_int(ctx, "visits", visit->visits);
}

static int show(hbr_context_t *ctx)
{
    static const char *const types[] = { "text/html", "application/json",
                                         NULL };
    const place_t *place = ctx->options;
    visit_t visit = { .node = place->node,
                      .user = hbr_session(ctx, "user", NULL) };
    int rc = visit.user != NULL ? count(ctx, &visit) : HBR_OK;

    if (rc != HBR_OK)
        return rc;
    return hbr_negotiate(ctx, types) == 1 ? send_json(ctx, &visit)
                                          : send_page(ctx, &visit);
}

/* Whoever knew the session's id before does not know it afterwards. */
static int begin(hbr_context_t *ctx)
{
    int rc = hbr_form_read(ctx);
    const char *name = hbr_form(ctx, "name", "");

    if (rc != HBR_OK)
        return rc;
    if (name[0] == '\0' || strlen(name) > NAME_MAX_BYTES
        || !hbr_is_utf8(name, strlen(name)))
        return hbr_error(ctx, 400,
                         "Field \"name\" must have 1 to %d bytes of UTF-8.",
                         NAME_MAX_BYTES);
    rc = hbr_session_renew(ctx);
    if (rc == HBR_OK)
        rc = hbr_session_clear(ctx);
    if (rc == HBR_OK)
        rc = hbr_session_set(ctx, "user", name);
    return rc == HBR_OK ? hbr_redirect(ctx, 303, "login") : rc;
}

static int end(hbr_context_t *ctx)
{
    int rc = hbr_session_abandon(ctx);

    return rc == HBR_OK ? hbr_redirect(ctx, 303, "../login") : rc;
}

static int login(hbr_context_t *ctx)
{
    bool out = strcmp(ctx->path_info, "/out") == 0;

    hbr_header_set(ctx, "Cache-Control", "no-store");
    if (ctx->path_info[0] != '\0' && !out)
        return HBR_DECLINED;
    if (strcmp(ctx->method, "POST") == 0)
        return out ? end(ctx) : begin(ctx);
    return out ? HBR_DECLINED : show(ctx);
}

HBR_HANDLER(login, .process = login, .methods = "GET, POST",
            .summary = "counts visits in the session", .options = options,
            .session = HBR_SESSION_WRITE);

HBR_MODULE(login);
