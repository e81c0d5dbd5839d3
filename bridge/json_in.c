/*
 * JSON bodies.
 *
 * The depth is counted before jansson sees the text: jansson's own bound is
 * fixed when it is compiled, and it recurses.
 */
#include <string.h>

#include <jansson.h>

#include "body.h"
#include "content_type.h"
#include "error.h"
#include "handlerbridge/body.h"

#define CALL "hbr_body_json"

/* application/json, or a type whose name ends with +json (RFC 6839 3.1). */
static bool is_json(const char *type)
{
    apr_size_t length = type != NULL ? strcspn(type, "; \t") : 0;

    if (hbr_content_type_is(type, "application/json"))
        return true;
    return length > 5 && strncasecmp(type + length - 5, "+json", 5) == 0
           && memchr(type, '/', length) != NULL;
}

/* True when arrays and objects stand deeper within each other. */
static bool is_deeper(const char *text, apr_size_t length, apr_size_t most)
{
    apr_size_t depth = 0, i;
    bool quoted = false;

    for (i = 0; i < length; i++) {
        char c = text[i];

        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '[' || c == '{') && ++depth > most)
            return true;
        else if (!quoted && (c == ']' || c == '}') && depth > 0)
            depth--;
    }
    return false;
}

static apr_status_t release(void *root)
{
    json_decref(root);
    return APR_SUCCESS;
}

static int refuse_text(hbr_context_t *ctx, json_error_t *error)
{
    bool twice = json_error_code(error) == json_error_duplicate_key;

    return hbr_error(ctx, HBR_BAD_REQUEST, "The %s: line %d, column %d.",
                     twice ? "JSON has a member twice"
                           : "body is not valid JSON",
                     error->line, error->column);
}

static int parse(hbr_context_t *ctx, json_t **root)
{
    hbr_state_t *state = ctx->state;
    apr_size_t most = state->request.settings->json_depth;
    json_error_t error;

    if (is_deeper(state->whole_body, state->whole_length, most))
        return hbr_limit_error(ctx, HBR_CONTENT_TOO_LARGE,
                               "The JSON is nested deeper than %" APR_SIZE_T_FMT
                               " (BridgeLimitJSONDepth).",
                               most);
    *root = json_loadb(state->whole_body, state->whole_length,
                       JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (*root == NULL)
        return refuse_text(ctx, &error);
    state->json = *root;
    apr_pool_cleanup_register(state->request.pool, *root, release,
                              apr_pool_cleanup_null);
    return HBR_OK;
}

int hbr_body_json(hbr_context_t *ctx, struct json_t **root)
{
    hbr_state_t *state = ctx->state;
    int result;

    *root = state->json;
    if (*root != NULL)
        return HBR_OK;
    if (!is_json(apr_table_get(ctx->headers_in, "Content-Type")))
        return hbr_error(ctx, HBR_UNSUPPORTED_MEDIA_TYPE,
                         "The body is expected to be application/json.");
    result = hbr_body_gather(
        ctx, CALL, (apr_off_t)state->request.settings->json, "BridgeLimitJSON");
    return result == HBR_OK ? parse(ctx, root) : result;
}
