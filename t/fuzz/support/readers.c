/* See readers.h. What was read may have been read before, in this mode or in
 * another: then the answer is the same again, or an error. */
#include "readers.h"

#include <jansson.h>

#include "dispatch.h"

static int check_result(int result)
{
    CHECK(result == HBR_OK || result == HBR_ANSWERED
          || (result >= 400 && result <= 599));
    return result;
}

int readers_form(hbr_context_t *ctx, fuzz_input_t *script)
{
    int result = check_result(hbr_form_read(ctx));
    const hbr_pair_t *pair = NULL;

    (void)script;
    CHECK(hbr_form_read(ctx) == result);
    while ((pair = hbr_form_next(ctx, NULL, pair)) != NULL) {
        CHECK(result == HBR_OK);
        CHECK(strlen(pair->name) == pair->name_length);
        CHECK(strlen(pair->value) == pair->value_length);
    }
    return result;
}

/* Reads a file in steps; they have to add up to its size. */
static void read_upload(const hbr_upload_t *upload, apr_size_t step)
{
    char *buffer = apr_palloc(pool, step);
    apr_off_t at = 0;
    apr_size_t length = 0;

    do {
        at += (apr_off_t)length;
        CHECK(hbr_upload_read(upload, at, buffer, step, &length)
              == APR_SUCCESS);
        CHECK(length <= step);
    } while (length > 0);
    CHECK(at == upload->size);
}

int readers_uploads(hbr_context_t *ctx, fuzz_input_t *script)
{
    apr_size_t step = fuzz_byte(script) + 16;
    const hbr_upload_t *upload = NULL;

    while ((upload = hbr_upload_next(ctx, NULL, upload)) != NULL) {
        CHECK(hbr_is_utf8(upload->filename, strlen(upload->filename)));
        CHECK(strpbrk(upload->filename, "/\\") == NULL);
        CHECK(hbr_upload_next(ctx, upload->field, NULL) <= upload);
        CHECK(upload->type[0] != '\0');
        CHECK(strlen(hbr_upload_sha256(ctx, upload)) == 64);
        read_upload(upload, step);
    }
    return HBR_OK;
}

int readers_body(hbr_context_t *ctx, fuzz_input_t *script)
{
    apr_size_t most = fuzz_byte(script) * 8;
    const char *bytes;
    apr_size_t length;
    int result = check_result(hbr_body(ctx, most, &bytes, &length));

    if (result == HBR_OK) {
        CHECK(most == 0 || length <= most);
        CHECK(bytes[length] == '\0');
        CHECK(hbr_body_length(ctx) < 0
              || hbr_body_length(ctx) == (apr_off_t)length);
    }
    return result;
}

/* Ends the reading once it has taken so much. */
typedef struct taker_t {
    apr_size_t most;
    apr_off_t taken;
    bool ended;
    bool in_part;
} taker_t;

static int take(void *data, const char *bytes, apr_size_t length)
{
    taker_t *taker = data;

    CHECK(!taker->ended && length > 0);
    memset(apr_palloc(pool, length), bytes[length - 1], length);
    taker->taken += (apr_off_t)length;
    taker->ended = taker->most > 0 && taker->taken > (apr_off_t)taker->most;
    return taker->ended ? 418 : HBR_OK;
}

int readers_stream(hbr_context_t *ctx, fuzz_input_t *script)
{
    taker_t taker = { .most = fuzz_byte(script) };
    int result = check_result(hbr_body_stream(ctx, take, &taker));

    CHECK((result == 418) == taker.ended);
    if (result == HBR_OK && hbr_body_length(ctx) >= 0)
        CHECK(taker.taken == hbr_body_length(ctx));
    return result;
}

static int begin_part(void *data, const hbr_part_t *part)
{
    taker_t *taker = data;

    CHECK(!taker->in_part && !taker->ended);
    CHECK(part->name != NULL);
    taker->in_part = true;
    return HBR_OK;
}

static int take_part(void *data, const char *bytes, apr_size_t length)
{
    CHECK(((taker_t *)data)->in_part);
    return take(data, bytes, length);
}

static int end_part(void *data)
{
    taker_t *taker = data;

    CHECK(taker->in_part && !taker->ended);
    taker->in_part = false;
    return HBR_OK;
}

int readers_parts(hbr_context_t *ctx, fuzz_input_t *script)
{
    static const hbr_parts_t parts = { .begin = begin_part,
                                       .take = take_part,
                                       .end = end_part };
    taker_t taker = { .most = fuzz_byte(script) };
    int result = check_result(hbr_form_stream(ctx, &parts, &taker));

    CHECK((result == 418) == taker.ended);
    if (result == HBR_OK)
        CHECK(!taker.in_part);
    return result;
}

int readers_json(hbr_context_t *ctx, fuzz_input_t *script)
{
    json_t *root = NULL;
    int result = check_result(hbr_body_json(ctx, &root));
    char *text;

    (void)script;
    if (result != HBR_OK)
        return result;
    text = json_dumps(root, JSON_ENCODE_ANY);
    CHECK(text != NULL);
    free(text);
    return HBR_OK;
}
