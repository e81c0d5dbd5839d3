/**
 * @file serve.h
 * @brief Runs a process function as the handler "any", for unit tests.
 *
 *     const hbr_test_response_t *r = SERVE(process, .method = "HEAD");
 *
 * Every response is checked for what the bridge did against host.h.
 */
#ifndef HBR_UNIT_SERVE_H
#define HBR_UNIT_SERVE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "handlerbridge_test.h"

typedef int process_fn(hbr_context_t *ctx);

/** The kit of the running test; set by serve_setup(). */
extern hbr_test_t *kit;

/** cmocka's setup and teardown: a kit for each test. */
int serve_setup(void **state);
int serve_teardown(void **state);

/** Runs process once; the handler takes any method. */
const hbr_test_response_t *serve(process_fn *process,
                                 const hbr_test_request_t *request);

/** Runs the tests of a program with a kit for each. */
#define SERVE_TEST(f)                                                          \
    cmocka_unit_test_setup_teardown(f, serve_setup, serve_teardown)

/** SERVE(process, .method = "POST", ...); the URL is "/any" if left out. */
#define SERVE(process, ...) serve(process, &(hbr_test_request_t){ __VA_ARGS__ })

/** HEADERS("Accept: text/html", "Range: bytes=0-1") */
#define HEADERS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/** Runs a request and looks at violations as serve() does. */
const hbr_test_response_t *serve_run(const hbr_test_request_t *request);

/** How many lines of the response's log are at this level or worse. */
int count_lines(const hbr_test_response_t *response, hbr_log_level_e level);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
