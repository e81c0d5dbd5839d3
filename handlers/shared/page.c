/*
 * Pages for people. Threads: any number; nothing is kept.
 */
#include "page.h"

#include <apr_escape.h>
#include <apr_general.h>
#include <apr_strings.h>

#include "asset.h"

#define MARK_BYTES 16

ASSET(page_style, "handlers/assets/page.css");

const char *page_mark(hbr_context_t *ctx)
{
    unsigned char bytes[MARK_BYTES];

    if (apr_generate_random_bytes(bytes, sizeof(bytes)) != APR_SUCCESS) {
        hbr_log(ctx, HBR_LOG_ERROR, "the system has no random bytes");
        return NULL;
    }
    return apr_pescape_hex(ctx->pool, bytes, sizeof(bytes), 0);
}

static const char *policy_of(hbr_context_t *ctx, const page_t *page)
{
    const char *script =
        page->script == NULL
            ? ""
            : apr_pstrcat(ctx->pool, "script-src 'nonce-", page->mark,
                          "'; connect-src 'self'; ", NULL);

    return apr_pstrcat(ctx->pool, "default-src 'none'; style-src 'nonce-",
                       page->mark, "'; ", script,
                       page->policy != NULL ? page->policy : "",
                       "form-action 'self'; base-uri 'none'; "
                       "frame-ancestors 'self'",
                       NULL);
}

int page_begin(hbr_context_t *ctx, page_t *page)
{
    page->mark = page_mark(ctx);
    if (page->mark == NULL)
        return hbr_error(ctx, 500, NULL);
    hbr_type(ctx, "text/html; charset=utf-8");
    hbr_header_set(ctx, "X-Content-Type-Options", "nosniff");
    hbr_header_set(ctx, "Content-Security-Policy", policy_of(ctx, page));
    hbr_html(ctx,
             "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
             "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
             "content=\"width=device-width, initial-scale=1\">\n"
             "<title>%s</title>\n<style nonce=\"%s\">\n",
             page->title, page->mark);
    hbr_puts(ctx, page_style);
    hbr_puts(ctx, page->style);
    hbr_puts(ctx, "</style>\n</head>\n<body>\n<main>\n");
    return HBR_OK;
}

void page_end(hbr_context_t *ctx, const page_t *page)
{
    hbr_puts(ctx, "</main>\n");
    if (page->script != NULL) {
        hbr_html(ctx, "<script nonce=\"%s\">\n", page->mark);
        hbr_puts(ctx, page->script);
        hbr_puts(ctx, "</script>\n");
    }
    hbr_puts(ctx, "</body>\n</html>\n");
}
