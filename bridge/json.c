/*
 * JSON out: documents through jansson, strings one by one.
 */
#include <string.h>

#include <jansson.h>

#include "content.h"
#include "escape.h"
#include "log.h"
#include "output.h"
#include "response.h"

#define JSON_TYPE "application/json"

static void sink(void *ctx, const char *bytes, apr_size_t length)
{
    hbr_output_append(ctx, "hbr_json_string", bytes, length);
}

apr_status_t hbr_json_string(hbr_context_t *ctx, const char *text)
{
    static const char call[] = "hbr_json_string";

    if (text == NULL)
        return hbr_output_append(ctx, call, "null", 4);
    hbr_output_append(ctx, call, "\"", 1);
    hbr_json_escape_to(text, strlen(text), sink, ctx);
    return hbr_output_append(ctx, call, "\"", 1);
}

static int dump(const char *bytes, size_t length, void *ctx)
{
    return hbr_output_append(ctx, "hbr_json", bytes, length) == APR_SUCCESS
               ? 0
               : -1;
}

static int write_document(hbr_context_t *ctx, json_t *root)
{
    hbr_output_drop(ctx->state);
    hbr_content_drop(ctx->state);
    hbr_type(ctx, JSON_TYPE);
    /* What failed before stays the answer. */
    if (json_dump_callback(root, dump, ctx, JSON_COMPACT | JSON_ENCODE_ANY) != 0
        && ctx->state->write_error == APR_SUCCESS && ctx->state->failed == 0)
        return hbr_error(ctx, HBR_INTERNAL_ERROR, NULL);
    hbr_output_append(ctx, "hbr_json", "\n", 1);
    return HBR_OK;
}

int hbr_json(hbr_context_t *ctx, struct json_t *root)
{
    int result;

    if (!hbr_replaceable(ctx, "hbr_json")) {
        json_decref(root);
        return HBR_INTERNAL_ERROR;
    }
    if (root == NULL) {
        hbr_bridge_log(ctx, HBR_LOG_ERROR, APR_SUCCESS, "HBR0034",
                       "hbr_json() was given no document");
        return hbr_error(ctx, HBR_INTERNAL_ERROR, NULL);
    }
    result = write_document(ctx, root);
    json_decref(root);
    return result;
}
