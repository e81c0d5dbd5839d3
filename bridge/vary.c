/*
 * The response's Vary field: a set of field names.
 */
#include "vary.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include "state.h"

static bool ends_name(char c)
{
    return c == '\0' || c == ',' || apr_isspace(c);
}

static bool holds(const char *vary, const char *name)
{
    apr_size_t length = strlen(name);
    const char *at = vary;

    while (*at != '\0') {
        while (*at == ',' || apr_isspace(*at))
            at++;
        if (*at == '*'
            || (strncasecmp(at, name, length) == 0 && ends_name(at[length])))
            return true;
        while (!ends_name(*at))
            at++;
    }
    return false;
}

/* Stops where it stands. */
static int lacks(void *name, const char *key, const char *vary)
{
    (void)key;
    return !holds(vary, name);
}

bool hbr_varies_by(const apr_table_t *headers_out, const char *name)
{
    return !apr_table_do(lacks, (void *)name, headers_out, "Vary", NULL);
}

void hbr_vary_add(apr_table_t *headers_out, const char *name)
{
    if (!hbr_varies_by(headers_out, name))
        apr_table_merge(headers_out, "Vary", name);
}

void hbr_vary(hbr_context_t *ctx, const char *name)
{
    hbr_vary_add(ctx->state->request.headers_out, name);
}
