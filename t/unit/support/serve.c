/*
 * The handler "any": runs whatever function a unit test gives.
 *
 * One thread; the function is set for the time of one request.
 */
#include "serve.h"

hbr_test_t *kit;

static process_fn *current;

static int any(hbr_context_t *ctx)
{
    return current(ctx);
}

HBR_TEST_HANDLER(any, .process = any, .methods = "*");

int serve_setup(void **state)
{
    const char *wrong;

    (void)state;
    kit = hbr_test_create();
    wrong = hbr_test_add(kit, &any_handler);
    if (wrong != NULL)
        print_error("%s\n", wrong);
    return wrong != NULL;
}

int serve_teardown(void **state)
{
    (void)state;
    hbr_test_destroy(kit);
    kit = NULL;
    return 0;
}

const hbr_test_response_t *serve_run(const hbr_test_request_t *request)
{
    const hbr_test_response_t *response = hbr_test_run(kit, request);

    if (response->violation != NULL)
        fail_msg("%s %s: %s", request->method ? request->method : "GET",
                 request->url, response->violation);
    return response;
}

const hbr_test_response_t *serve(process_fn *process,
                                 const hbr_test_request_t *request)
{
    process_fn *before = current;
    const hbr_test_response_t *response;
    hbr_test_request_t filled = *request;

    filled.handler = "any";
    if (filled.url == NULL)
        filled.url = "/any";
    current = process;
    response = serve_run(&filled);
    current = before;
    return response;
}

int count_lines(const hbr_test_response_t *response, hbr_log_level_e level)
{
    apr_size_t i;
    int count = 0;

    for (i = 0; i < response->line_count; i++)
        count += response->lines[i].level <= level;
    return count;
}
