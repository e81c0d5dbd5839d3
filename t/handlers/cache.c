/*
 * For t/cache.t: one call of the shared cache, as the query says. The answer's
 * first line is the name of what came back; a value's length and digest, or a
 * number, follow.
 */
#include <stdlib.h>
#include <unistd.h>

#include <apr_strings.h>

#include "handlerbridge.h"

static const char *name_of(apr_status_t rv)
{
    switch (rv) {
    case APR_SUCCESS: return "ok";
    case APR_NOTFOUND: return "none";
    case APR_EEXIST: return "exists";
    case APR_ENOSPC: return "too long";
    case APR_EINVAL: return "invalid";
    case APR_ERANGE: return "range";
    case APR_EGENERAL: return "away";
    default: return "unknown";
    }
}

static int64_t number(hbr_context_t *ctx, const char *name, int64_t fallback)
{
    const char *text = hbr_query(ctx, name, NULL);

    return text != NULL ? apr_atoi64(text) : fallback;
}

static hbr_ttl_t ttl_of(hbr_context_t *ctx)
{
    return (hbr_ttl_t){ number(ctx, "ms", 60000) * 1000,
                        number(ctx, "slide", 0) != 0 };
}

/* Bytes of every kind, another order for every seed. */
static char *bytes(hbr_context_t *ctx, apr_size_t length)
{
    char *made = apr_palloc(ctx->pool, length + 1);
    apr_size_t seed = (apr_size_t)number(ctx, "seed", 0);
    apr_size_t i;

    for (i = 0; i < length; i++)
        made[i] = (char)((i * 31 + seed + (i >> 8)) & 0xff);
    return made;
}

static int show(hbr_context_t *ctx, apr_status_t rv, const hbr_cached_t *value)
{
    hbr_digest_t *digest;

    hbr_header_set(ctx, "Cache-Control", "no-store");
    if (rv != APR_SUCCESS)
        return hbr_text(ctx, "%s\n", name_of(rv));
    digest = hbr_digest_create(ctx->pool);
    hbr_digest_update(digest, value->data, value->length);
    return hbr_text(ctx, "ok\n%" APR_SIZE_T_FMT " %s\n", value->length,
                    hbr_digest_end(digest));
}

static int store(hbr_context_t *ctx, const char *key, bool only_new)
{
    apr_size_t length = (apr_size_t)number(ctx, "length", 0);
    const char *data = bytes(ctx, length);

    return hbr_text(
        ctx, "%s\n",
        name_of(only_new ? hbr_cache_add(ctx, key, data, length, ttl_of(ctx))
                         : hbr_cache_set(ctx, key, data, length, ttl_of(ctx))));
}

static int increment(hbr_context_t *ctx, const char *key)
{
    int64_t sum;
    apr_status_t rv =
        hbr_cache_increment(ctx, key, number(ctx, "by", 1), ttl_of(ctx), &sum);

    return hbr_text(ctx, "%s\n%" APR_INT64_T_FMT "\n", name_of(rv), sum);
}

/* Counts itself in the cache's own numbers. */
static int make(hbr_context_t *ctx, void *data, hbr_cached_t *made)
{
    hbr_cache_increment(ctx, "made", 1, HBR_FOR(600), NULL);
    if (number(ctx, "die", 0) != 0)
        _exit(1);
    apr_sleep(number(ctx, "takes", 0) * 1000);
    made->length = (apr_size_t)number(ctx, "length", 3);
    made->data = bytes(ctx, made->length);
    (void)data;
    return HBR_OK;
}

static int fetch(hbr_context_t *ctx, const char *key)
{
    hbr_cached_t value;
    int rc = hbr_cache_fetch(ctx, key, ttl_of(ctx), make, NULL, &value);

    return rc != HBR_OK ? rc : show(ctx, APR_SUCCESS, &value);
}

static int cache(hbr_context_t *ctx)
{
    const char *key = hbr_query(ctx, "key", "k");
    const char *what = ctx->path_info;
    hbr_cached_t value;

    if (strcmp(what, "/get") == 0)
        return show(ctx, hbr_cache_get(ctx, key, &value), &value);
    if (strcmp(what, "/take") == 0)
        return show(ctx, hbr_cache_take(ctx, key, &value), &value);
    if (strcmp(what, "/remove") == 0)
        return hbr_text(ctx, "%s\n", name_of(hbr_cache_remove(ctx, key)));
    if (strcmp(what, "/set") == 0 || strcmp(what, "/add") == 0)
        return store(ctx, key, strcmp(what, "/add") == 0);
    if (strcmp(what, "/increment") == 0)
        return increment(ctx, key);
    if (strcmp(what, "/fetch") == 0)
        return fetch(ctx, key);
    return HBR_DECLINED;
}

HBR_HANDLER(cache, .process = cache);
HBR_HANDLER(cache_other, .process = cache);
