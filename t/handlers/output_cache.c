/**
 * @file output_cache.c
 * @brief For the tests: handlers whose answers may be kept by caches, and that
 *        count how often they ran.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handlerbridge.h"

/** Each has its own. */
typedef struct runs_t {
    uint64_t runs;
} runs_t;

static int count(hbr_context_t *ctx, bool ran)
{
    runs_t *runs = hbr_shared_lock(ctx);
    int now = (int)(ran ? ++runs->runs : runs->runs);

    hbr_shared_unlock(ctx);
    return now;
}

/* More than is collected before it streams, and then it fails. */
static int be_cut(hbr_context_t *ctx)
{
    hbr_puts(ctx, "the beginning");
    hbr_flush(ctx);
    return 500;
}

/* "ran N", what the request said, and what it was asked for. Under /plain it
 * tells how often it ran. */
static int answer(hbr_context_t *ctx)
{
    bool ran = strncmp(ctx->uri, "/plain", 6) != 0;
    const char *tag = hbr_query(ctx, "tag", NULL);
    int now = count(ctx, ran);

    if (hbr_query(ctx, "ms", NULL) != NULL)
        usleep((useconds_t)atoi(hbr_query(ctx, "ms", "0")) * 1000);
    if (hbr_query(ctx, "cut", NULL) != NULL)
        return be_cut(ctx);
    if (hbr_query(ctx, "ask", NULL) != NULL)
        hbr_cookie(ctx, "who", NULL);
    if (hbr_query(ctx, "set", NULL) != NULL)
        hbr_cookie_set(ctx, &(hbr_cookie_t){ .name = "who", .value = "you" });
    if (tag != NULL)
        hbr_etag(ctx, tag, hbr_query(ctx, "weak", NULL) != NULL);
    hbr_printf(ctx, "ran %d %s\n", now,
               hbr_header(ctx, "Accept-Language", "-"));
    if (hbr_query(ctx, "pad", NULL) != NULL)
        hbr_printf(ctx, "%2000s\n", "");
    return atoi(hbr_query(ctx, "status", "0"));
}

HBR_HANDLER(output_kept, .process = answer, .cache_for = 300,
            .shared_size = sizeof(runs_t));
HBR_HANDLER(output_brief, .process = answer, .cache_for = 1,
            .shared_size = sizeof(runs_t));
HBR_HANDLER(output_varied, .process = answer, .cache_for = 300,
            .vary = "Accept-Language", .shared_size = sizeof(runs_t));
HBR_HANDLER(output_silent, .process = answer, .shared_size = sizeof(runs_t));
