/*
 * The handler "any": runs whatever function a unit test gives.
 *
 * One thread; the function is set for the time of one request. Whatever is
 * tested, a refusal that names a limit was counted for it.
 */
#include "serve.h"

#include "kit.h"

#include "../../../bridge/limit.h"

hbr_test_t *kit;

static process_fn *current;
static apr_uint64_t named[HBR_LIMITS]; /* refusals that named this limit */

static int any(hbr_context_t *ctx)
{
    return current(ctx);
}

HBR_TEST_HANDLER(any, .process = any, .methods = "*");

int serve_setup(void **state)
{
    const char *wrong;

    (void)state;
    memset(named, 0, sizeof(named));
    kit = hbr_test_create();
    wrong = hbr_test_add(kit, &any_handler);
    if (wrong != NULL)
        print_error("%s\n", wrong);
    return wrong != NULL;
}

/* How many times a limit was hit, whatever the handler. */
static apr_uint64_t counted(const char *directive)
{
    apr_uint64_t sum = 0;
    apr_size_t i, j;

    for (i = 0; i < hbr_metrics_count(kit->metrics); i++) {
        const hbr_reading_t *r =
            hbr_metrics_read(kit->metrics, i, 0, kit->results);

        for (j = 0; j < r->limit_count; j++)
            if (strcmp(r->limits[j].directive, directive) == 0)
                sum += r->limits[j].count;
    }
    return sum;
}

int serve_teardown(void **state)
{
    int missed = 0, i;

    (void)state;
    for (i = 0; i < HBR_LIMITS; i++)
        if (named[i] > 0 && counted(hbr_limit_name(i)) < named[i]) {
            print_error("%s was hit %d times, but not counted as often\n",
                        hbr_limit_name(i), (int)named[i]);
            missed++;
        }
    hbr_test_destroy(kit);
    kit = NULL;
    return missed;
}

const hbr_test_response_t *serve_run(const hbr_test_request_t *request)
{
    const hbr_test_response_t *response = hbr_test_run(kit, request);

    if (response->violation != NULL)
        fail_msg("%s %s: %s", request->method ? request->method : "GET",
                 request->url, response->violation);
    if (response->status >= 400 && hbr_limit_in(response->body) >= 0)
        named[hbr_limit_in(response->body)]++;
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
