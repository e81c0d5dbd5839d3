/*
 * login: counts a client's visits in his session, to be seen going from node to
 * node.
 *
 *     GET  /login        who he is, how often he came, which node answers
 *     POST /login        begins: field "name"
 *     POST /login/out    ends
 *
 * There is no password: it is an example of sessions, not of authentication.
 */
#include <string.h>

#include <handlerbridge.h>
#include <handlerbridge_module.h>
#include <jansson.h>

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
} visit_t;

static int send_json(hbr_context_t *ctx, const visit_t *visit)
{
    return hbr_json(ctx, json_pack("{s:s, s:s?, s:I}", "node", visit->node,
                                   "user", visit->user, "visits",
                                   (json_int_t)visit->visits));
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
             "<p>%s, this is visit %lld.</p>\n"
             "<form method=\"post\" action=\"login/out\">"
             "<button>Log out</button></form>\n",
             visit->user, (long long)visit->visits);
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

static int show(hbr_context_t *ctx)
{
    static const char *const types[] = { "text/html", "application/json",
                                         NULL };
    const place_t *place = ctx->options;
    visit_t visit = { place->node, hbr_session(ctx, "user", NULL), 0 };
    int rc = HBR_OK;

    if (visit.user != NULL) {
        visit.visits = hbr_session_int(ctx, "visits", 0) + 1;
        rc = hbr_session_set_int(ctx, "visits", visit.visits);
    }
    if (rc != HBR_OK)
        return rc;
    return hbr_negotiate(ctx, types) == 1 ? send_json(ctx, &visit)
                                          : send_page(ctx, &visit);
}

/* Whoever knew the session's number before does not know it afterwards. */
static int begin(hbr_context_t *ctx)
{
    const char *name = hbr_form(ctx, "name", "");
    int rc;

    if (name[0] == '\0' || strlen(name) > 100)
        return hbr_error(ctx, 400, "Field \"name\" must have 1 to 100 bytes.");
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
