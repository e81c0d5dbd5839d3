/**
 * @file protocol.c
 * @brief For the tests: does what the query's "do" names, and no more.
 *
 * The query's other names: etag, status, control (Cache-Control) are set before
 * it; n is a number, v a text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handlerbridge.h"

static int number(hbr_context_t *ctx, int otherwise)
{
    const char *n = hbr_query(ctx, "n", NULL);

    return n != NULL ? atoi(n) : otherwise;
}

static const char *value(hbr_context_t *ctx)
{
    return hbr_query(ctx, "v", "");
}

static int text(hbr_context_t *ctx)
{
    return hbr_text(ctx, "the handler's text");
}

static int fail(hbr_context_t *ctx)
{
    return hbr_error(ctx, number(ctx, 404), "the handler's reason");
}

/* The preconditions that a handler asks for before its work. */
static int ask(hbr_context_t *ctx)
{
    int decided = hbr_preconditions(ctx);

    return decided != HBR_OK ? decided : text(ctx);
}

static int challenge(hbr_context_t *ctx)
{
    hbr_header_set(ctx, "WWW-Authenticate", "Bearer realm=\"tests\"");
    return hbr_error(ctx, 401, "who are you?");
}

static int redirect(hbr_context_t *ctx)
{
    char url[64];

    snprintf(url, sizeof(url), "/elsewhere/%d", number(ctx, 0));
    return hbr_redirect(ctx, 302, url);
}

/* 500 after a word that did not leave. */
static int word(hbr_context_t *ctx)
{
    hbr_puts(ctx, "a word");
    return 500;
}

static int flush(hbr_context_t *ctx)
{
    hbr_flush(ctx);
    return text(ctx);
}

/* One line, n bytes long, that the client waits for. */
static int line(hbr_context_t *ctx)
{
    hbr_flush(ctx);
    hbr_printf(ctx, "%0*d", number(ctx, 100), 7);
    hbr_flush(ctx);
    return HBR_OK;
}

/* n lines. */
static int lines(hbr_context_t *ctx)
{
    int i;

    for (i = 0; i < number(ctx, 3); i++)
        hbr_printf(ctx, "line %d\n", i);
    return HBR_OK;
}

static int bytes(hbr_context_t *ctx)
{
    return hbr_bytes(ctx, "0123456789", 10, NULL);
}

static int clear(hbr_context_t *ctx)
{
    hbr_header_set(ctx, "X-Early", "the handler's");
    hbr_header_set(ctx, "X-Mine", "1");
    hbr_clear(ctx);
    return text(ctx);
}

static int html(hbr_context_t *ctx)
{
    hbr_html(ctx, "<p>%s</p>", value(ctx));
    hbr_html(ctx, "[%*d]", number(ctx, 1), 7);
    return HBR_OK;
}

static int html_late(hbr_context_t *ctx)
{
    hbr_html(ctx, "<p>%s</p>", value(ctx));
    hbr_flush(ctx);
    return html(ctx);
}

static int variable(hbr_context_t *ctx)
{
    const char *found = hbr_variable(ctx, value(ctx));

    return hbr_text(ctx, "%s", found != NULL ? found : "(null)");
}

static int path(hbr_context_t *ctx)
{
    const char *info = hbr_variable(ctx, "PATH_INFO");
    const char *script = hbr_variable(ctx, "SCRIPT_NAME");

    return hbr_text(ctx, "%s|%s|%s", ctx->path_info,
                    info != NULL ? info : "(null)",
                    script != NULL ? script : "(null)");
}

static apr_status_t read_letters(hbr_context_t *ctx, void *data,
                                 apr_off_t offset, apr_size_t wanted,
                                 const void **piece, apr_size_t *length)
{
    const char *way = value(ctx);
    char *letters = apr_palloc(ctx->pool, wanted);

    (void)data, (void)offset;
    if (strcmp(way, "clear") == 0)
        hbr_clear(ctx);
    else if (strcmp(way, "bytes") == 0)
        hbr_bytes(ctx, "xx", 2, NULL);
    else if (strcmp(way, "json") == 0)
        hbr_json(ctx, NULL);
    else if (strcmp(way, "file") == 0)
        hbr_file(ctx, "/etc/passwd", NULL);
    memset(letters, 's', wanted);
    *piece = letters;
    *length = wanted;
    return APR_SUCCESS;
}

static int source(hbr_context_t *ctx)
{
    return hbr_source(
        ctx,
        &(hbr_source_t){ .length = number(ctx, 100), .read = read_letters },
        NULL);
}

static void set_fields(hbr_context_t *ctx)
{
    const char *etag = hbr_query(ctx, "etag", NULL);
    const char *status = hbr_query(ctx, "status", NULL);
    const char *control = hbr_query(ctx, "control", NULL);

    if (etag != NULL)
        hbr_etag(ctx, etag, false);
    if (status != NULL)
        hbr_status(ctx, atoi(status));
    if (control != NULL)
        hbr_header_set(ctx, "Cache-Control", control);
}

static int process(hbr_context_t *ctx)
{
    static const struct {
        const char *name;
        int (*run)(hbr_context_t *ctx);
    } ways[] = { { "text", text },           { "fail", fail },
                 { "challenge", challenge }, { "redirect", redirect },
                 { "word", word },           { "flush", flush },
                 { "line", line },           { "lines", lines },
                 { "bytes", bytes },         { "clear", clear },
                 { "html", html },           { "html_late", html_late },
                 { "variable", variable },   { "path", path },
                 { "source", source },       { "ask", ask } };
    const char *name = hbr_query(ctx, "do", "text");
    apr_size_t i;

    set_fields(ctx);
    for (i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
        if (strcmp(ways[i].name, name) == 0)
            return ways[i].run(ctx);
    }
    return hbr_error(ctx, 400, "There is no way \"%s\".", name);
}

HBR_HANDLER(protocol, .process = process, .methods = "GET, POST");
