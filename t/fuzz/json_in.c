/*
 * JSON bodies (RFC 8259; include/handlerbridge/body.h). The first byte is how
 * deep one may nest, the rest is the body.
 *
 * Holds: what jansson takes and is not too deep is taken, as the same value;
 * what is too deep is a 413 that names its directive; all else is refused.
 */
#include "fuzz.h"

#include <jansson.h>

#include "handlerbridge_test.h"

static hbr_test_t *kit;
static json_t *wanted; /* NULL: jansson does not take it */

static int process(hbr_context_t *ctx)
{
    json_t *root;
    int result = hbr_body_json(ctx, &root);

    CHECK((result == HBR_OK) == (root != NULL));
    if (result != HBR_OK)
        return result;
    CHECK(wanted != NULL && json_equal(root, wanted));
    return hbr_text(ctx, "ok");
}

HBR_TEST_HANDLER(probe, .process = process, .methods = "POST");

void fuzz_setup(void)
{
    kit = hbr_test_create();
    CHECK(hbr_test_add(kit, &probe_handler) == NULL);
}

static apr_size_t depth_of(const json_t *value)
{
    apr_size_t deepest = 0, index, depth;
    const char *name;
    json_t *member;

    json_array_foreach(value, index, member)
    {
        depth = depth_of(member);
        deepest = depth > deepest ? depth : deepest;
    }
    json_object_foreach((json_t *)value, name, member)
    {
        depth = depth_of(member);
        deepest = depth > deepest ? depth : deepest;
    }
    return json_is_array(value) || json_is_object(value) ? deepest + 1 : 0;
}

static void check_answer(const hbr_test_response_t *response, apr_size_t most)
{
    bool is_deep = strstr(response->body, "(BridgeLimitJSONDepth)") != NULL;

    CHECK(response->violation == NULL && response->complete);
    CHECK(is_deep == (response->status == 413));
    if (wanted == NULL)
        CHECK(response->status == 400 || response->status == 413);
    else
        CHECK(response->status == (depth_of(wanted) > most ? 413 : 200));
}

void fuzz(fuzz_input_t *input)
{
    apr_size_t most = fuzz_byte(input) % 16 + 1;
    apr_size_t length = input->left;
    const char *bytes = length > 0 ? fuzz_bytes(input, &length) : "";
    static const char *const headers[] = { "Content-Type: application/json",
                                           NULL };
    const hbr_test_request_t request = { .url = "/probe",
                                         .method = "POST",
                                         .headers = headers,
                                         .body = bytes,
                                         .body_length = length,
                                         .limits = { .json_depth = most } };

    wanted = json_loadb(bytes, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
                        NULL);
    check_answer(hbr_test_run(kit, &request), most);
    json_decref(wanted);
    hbr_test_clear(kit);
}
