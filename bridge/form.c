/*
 * A form that was read: fields and files.
 *
 * Read once, whatever its encoding, when a getter first asks. What could not
 * be read looks empty, and its error is the response's. Used by the request's
 * thread only.
 */
#include "form.h"

#include <string.h>

#include <apr_strings.h>

#include "body.h"
#include "content_type.h"
#include "error.h"
#include "form_stream.h"
#include "log.h"
#include "pairs.h"
#include "rare.h"
#include "spool.h"
#include "urlencoded.h"

#define CALL "hbr_form"

/* A multipart form while it comes in. */
typedef struct reading_t {
    hbr_context_t *ctx;
    apr_array_header_t *fields;  /* of hbr_pair_t */
    apr_array_header_t *uploads; /* of hbr_upload_t */
    hbr_pair_t *field;           /* the part that is open: a field, */
    apr_size_t room;             /* and the room its value has; */
    hbr_upload_t *upload;        /* or a file */
} reading_t;

static int too_many(hbr_context_t *ctx)
{
    apr_size_t most = ctx->state->request.settings->params;

    return hbr_limit_error(ctx, HBR_CONTENT_TOO_LARGE,
                           "The form has more than %" APR_SIZE_T_FMT " field%s "
                           "(BridgeLimitParams).",
                           most, most == 1 ? "" : "s");
}

static int begin_field(reading_t *reading, const hbr_part_t *part)
{
    const hbr_request_t *request = &reading->ctx->state->request;
    apr_pool_t *pool = request->pool;

    if ((apr_size_t)reading->fields->nelts >= request->settings->params)
        return too_many(reading->ctx);
    reading->field = apr_array_push(reading->fields);
    reading->field->name = apr_pstrdup(pool, part->name);
    reading->field->name_length = strlen(part->name);
    reading->field->value = "";
    reading->field->value_length = 0;
    reading->room = 0;
    return HBR_OK;
}

static int begin_upload(reading_t *reading, const hbr_part_t *part)
{
    const hbr_request_t *request = &reading->ctx->state->request;
    hbr_upload_t *upload = apr_array_push(reading->uploads);

    upload->field = apr_pstrdup(request->pool, part->name);
    upload->filename = apr_pstrdup(request->pool, part->filename);
    upload->type = part->type != NULL ? apr_pstrdup(request->pool, part->type)
                                      : "application/octet-stream";
    upload->size = 0;
    upload->spool =
        hbr_spool_create(request->pool, request->settings->spool_memory,
                         request->settings->spool_dir);
    reading->upload = upload;
    return HBR_OK;
}

static int begin(void *data, const hbr_part_t *part)
{
    reading_t *reading = data;

    reading->field = NULL;
    reading->upload = NULL;
    return part->filename != NULL ? begin_upload(reading, part)
                                  : begin_field(reading, part);
}

/* The value grows by doubling; its bound is held before it comes here. */
static char *room_for(reading_t *reading, apr_size_t length)
{
    hbr_pair_t *field = reading->field;
    apr_size_t needed = field->value_length + length + 1;
    char *grown;

    if (needed <= reading->room)
        return (char *)field->value;
    reading->room = field->value_length > 0 ? 2 * needed : needed;
    grown = apr_palloc(reading->ctx->state->request.pool, reading->room);
    memcpy(grown, field->value, field->value_length);
    field->value = grown;
    return grown;
}

static int take_value(reading_t *reading, const char *bytes, apr_size_t length)
{
    hbr_pair_t *field = reading->field;
    char *value;

    if (memchr(bytes, '\0', length) != NULL)
        return hbr_error(reading->ctx, HBR_BAD_REQUEST,
                         "A field of the form contains a NUL byte.");
    value = room_for(reading, length);
    memcpy(value + field->value_length, bytes, length);
    field->value_length += length;
    value[field->value_length] = '\0';
    return HBR_OK;
}

/* The disk, the user's part of it, or what one file may have of it. */
static bool is_full(apr_status_t status)
{
    return APR_STATUS_IS_ENOSPC(status) || status == EDQUOT || status == EFBIG;
}

/* A full disk is the server's trouble, told apart from others' (RFC 4918
 * 11.5). */
static int refuse_spool(hbr_context_t *ctx, apr_status_t status)
{
    hbr_bridge_log(ctx, HBR_LOG_ERROR, status, "HBR0051",
                   "an upload cannot be kept in BridgeSpoolDir");
    return hbr_limit_error(ctx,
                           is_full(status) ? HBR_INSUFFICIENT_STORAGE
                                           : HBR_SERVICE_UNAVAILABLE,
                           "The file cannot be stored now (BridgeSpoolDir).");
}

static int take(void *data, const char *bytes, apr_size_t length)
{
    reading_t *reading = data;
    apr_status_t status;

    if (reading->field != NULL)
        return take_value(reading, bytes, length);
    status = hbr_spool_write(reading->upload->spool, bytes, length);
    if (status != APR_SUCCESS)
        return refuse_spool(reading->ctx, status);
    reading->upload->size = hbr_spool_size(reading->upload->spool);
    return HBR_OK;
}

static int read_multipart(hbr_context_t *ctx, hbr_form_t *form)
{
    static const hbr_parts_t parts = { .begin = begin, .take = take };
    apr_pool_t *pool = ctx->state->request.pool;
    reading_t reading = { .ctx = ctx,
                          .fields = apr_array_make(pool, 8, sizeof(hbr_pair_t)),
                          .uploads =
                              apr_array_make(pool, 2, sizeof(hbr_upload_t)) };
    int result = hbr_form_pull(ctx, CALL, &parts, &reading);

    if (result != HBR_OK)
        return result;
    form->fields = (apr_size_t)reading.fields->nelts;
    form->field = (const hbr_pair_t *)reading.fields->elts;
    form->uploads = (apr_size_t)reading.uploads->nelts;
    form->upload = (const hbr_upload_t *)reading.uploads->elts;
    return HBR_OK;
}

static int refuse_pairs(hbr_context_t *ctx, hbr_urlencoded_e problem)
{
    if (problem == HBR_URLENCODED_MANY)
        return too_many(ctx);
    return hbr_error(ctx, HBR_BAD_REQUEST,
                     "The form contains a NUL byte (%%00).");
}

static bool is_within(const hbr_settings_t *settings, const hbr_pair_t *pair)
{
    return pair->name_length <= settings->name
           && pair->value_length <= settings->value;
}

/* One of the two is. */
static HBR_RARE int refuse_pair(hbr_context_t *ctx, const hbr_pair_t *pair)
{
    const hbr_settings_t *settings = ctx->state->request.settings;

    if (pair->name_length > settings->name)
        return hbr_too_large(ctx, "A field's name", (apr_off_t)settings->name,
                             "BridgeLimitName");
    return hbr_too_large(ctx, "A field", (apr_off_t)settings->value,
                         "BridgeLimitValue");
}

/* An urlencoded form while it comes in. */
typedef struct pairs_t {
    hbr_context_t *ctx;
    hbr_urlencoded_t parser;
    apr_size_t checked; /* pairs */
} pairs_t;

/* Each pair once, and the one that is still open, so that it cannot grow to
 * the length of the body. */
static int check_pairs(pairs_t *pairs)
{
    const hbr_settings_t *settings = pairs->ctx->state->request.settings;
    const hbr_urlencoded_t *parser = &pairs->parser;
    apr_size_t i;
    hbr_pair_t open;

    for (i = pairs->checked; i < parser->count; i++)
        if (!is_within(settings, &parser->pairs[i]))
            return refuse_pair(pairs->ctx, &parser->pairs[i]);
    pairs->checked = parser->count;
    return !hbr_urlencoded_peek(parser, &open) || is_within(settings, &open)
               ? HBR_OK
               : refuse_pair(pairs->ctx, &open);
}

/* What stands before a problem is checked first: which of two faults is told must
 * not depend on how the bytes happened to come. */
static int settle_pairs(pairs_t *pairs, hbr_urlencoded_e problem)
{
    int result = check_pairs(pairs);

    return result == HBR_OK && problem != HBR_URLENCODED_OK
               ? refuse_pairs(pairs->ctx, problem)
               : result;
}

static int feed_pairs(void *data, const char *bytes, apr_size_t length)
{
    pairs_t *pairs = data;

    return settle_pairs(pairs,
                        hbr_urlencoded_feed(&pairs->parser, bytes, length));
}

static apr_size_t announced(hbr_context_t *ctx)
{
    apr_off_t length = hbr_body_length(ctx);

    return length > 0 && (apr_uint64_t)length <= APR_SIZE_MAX / 4
               ? (apr_size_t)length
               : 0;
}

static int read_urlencoded(hbr_context_t *ctx, hbr_form_t *form)
{
    const hbr_request_t *request = &ctx->state->request;
    pairs_t pairs = { .ctx = ctx };
    int result;

    hbr_urlencoded_open(&pairs.parser, request->pool, request->settings->params,
                        announced(ctx));
    result = hbr_body_pull(ctx, CALL, 0, NULL, feed_pairs, &pairs);
    if (result == HBR_OK)
        result = settle_pairs(&pairs, hbr_urlencoded_close(&pairs.parser));
    if (result != HBR_OK)
        return result;
    form->fields = pairs.parser.count;
    form->field = pairs.parser.pairs;
    return HBR_OK;
}

static hbr_form_t *read_form(hbr_context_t *ctx)
{
    const char *type = apr_table_get(ctx->headers_in, "Content-Type");
    hbr_form_t *form = apr_pcalloc(ctx->state->request.pool, sizeof(*form));

    if (hbr_content_type_is(type, "application/x-www-form-urlencoded"))
        form->result = read_urlencoded(ctx, form);
    else if (hbr_content_type_is(type, "multipart/form-data"))
        form->result = read_multipart(ctx, form);
    return form;
}

const hbr_form_t *hbr_form_of(hbr_context_t *ctx)
{
    if (ctx->state->form == NULL)
        ctx->state->form = read_form(ctx);
    return ctx->state->form;
}

int hbr_form_read(hbr_context_t *ctx)
{
    return hbr_form_of(ctx)->result;
}

const hbr_pair_t *hbr_form_next(hbr_context_t *ctx, const char *name,
                                const hbr_pair_t *after)
{
    const hbr_form_t *form = hbr_form_of(ctx);

    return hbr_pairs_next(form->field, form->fields, name, after);
}

const char *hbr_form(hbr_context_t *ctx, const char *name, const char *fallback)
{
    const hbr_pair_t *pair = hbr_form_next(ctx, name, NULL);

    return pair != NULL ? pair->value : fallback;
}
