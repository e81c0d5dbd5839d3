/**
 * @file kit.h
 * @brief The kit's own: one child process, and the requests it runs.
 *
 * testkit/ is the host in memory. The files are those of host.h's tables:
 * facts.c, client.c, output.c, body.c, log.c, database.c, session.c, cache.c;
 * route.c says which handler it is, kit.c is the child process, run.c one
 * request, together.c several at once.
 *
 * Requests may run in several threads: each has pools of its own, and what they
 * share, the log, has a lock.
 */
#ifndef HBR_TESTKIT_KIT_H
#define HBR_TESTKIT_KIT_H

#include <apr_thread_mutex.h>

#include "../bridge/dispatch.h"
#include "../bridge/host.h"
#include "../bridge/instance.h"
#include "../bridge/registry.h"
#include "handlerbridge_test.h"

struct hbr_test_database_t;
struct hbr_test_cache_t;

struct hbr_test_t {
    apr_pool_t *pool;
    apr_pool_t *results; /**< Responses, lines; cleared by hbr_test_clear(). */
    apr_pool_t *child;   /**< NULL: no child process runs. */
    hbr_registry_t *registry;
    hbr_host_t host;
    hbr_pool_limits_t limits;
    hbr_metrics_t *metrics;          /**< NULL until a child process ran. */
    apr_thread_mutex_t *lock;        /**< For the lines. */
    apr_array_header_t *child_lines; /**< hbr_test_line_t of start and stop. */
    apr_array_header_t *lines;       /**< Of the last request. */
    struct hbr_test_database_t *database; /**< database.c; NULL: none. */
    struct hbr_test_session_t *session;   /**< session.c; NULL: unused. */
    struct hbr_test_cache_t *cache;       /**< cache.c */
    apr_time_t clock;                     /**< 0: the real one. */
};

/** One request on its way: what host.h calls `request`. */
typedef struct hbr_kit_run_t {
    hbr_test_t *kit;
    const hbr_test_request_t *request;
    apr_pool_t *results;    /**< The response's; goes with kit->results. */
    apr_pool_t *connection; /**< Outlives the request's pool. */
    apr_pool_t *pool;       /**< The request's. */
    apr_bucket_alloc_t *bucket_alloc;
    const char *method;
    const char *uri;
    const char *mapping;
    const char *path_info;
    const char *args;
    apr_table_t *headers_in;
    apr_table_t *headers_out;
    apr_array_header_t *lines;
    apr_table_t *notes;            /**< The response's. */
    apr_size_t tried;              /**< The route at hand: 0 is the first. */
    hbr_test_response_t *response; /**< In results. */
    bool has_head;
    bool whole;             /**< The head said that one pass brings all. */
    bool pass_failed;       /**< Nothing more may be passed. */
    apr_size_t body_length; /**< Of the request's body. */
    apr_size_t body_read;
    bool body_ended;          /**< Its end was told, good or bad. */
    bool answered;            /**< The server has answered by itself. */
    apr_bucket_brigade *held; /**< Passed, but not yet on the wire. */
    apr_size_t held_bytes;
    apr_array_header_t *body; /**< The bytes that are. */
    apr_size_t looks;         /**< How often hbr_client_gone() looked. */
    bool session_saved;       /**< The bridge may do so once. */
} hbr_kit_run_t;

extern const hbr_host_request_t hbr_kit_facts;
extern const hbr_host_client_t hbr_kit_client;
extern const hbr_host_output_t hbr_kit_output;
extern const hbr_host_body_t hbr_kit_body;
extern const hbr_host_log_t hbr_kit_log;
extern const hbr_host_database_t hbr_kit_database;
extern const hbr_host_session_t hbr_kit_session;
extern const hbr_host_cache_t hbr_kit_cache;

/** The kit of a request; for a NULL request the one that this thread works
 *  for. */
hbr_test_t *hbr_kit_of(void *request);

/** The time by the kit's clock. */
apr_time_t hbr_kit_now(const hbr_test_t *kit);

/** The value of a name in lines of "NAME=value"; NULL: none (facts.c). */
const char *hbr_kit_line(const char *const *line, const char *name);

/** Notes which kit this thread works for.
 *  @return the one before, to be noted again afterwards */
hbr_test_t *hbr_kit_work_for(hbr_test_t *kit);

/** Ends the program: the test itself is wrong. */
void hbr_kit_fail(const char *format, ...) HBR_PRINTF(1, 2)
    __attribute__((noreturn));

/** Notes what the bridge did against host.h; the first thing stays. */
void hbr_kit_violate(hbr_kit_run_t *run, const char *what);

/** Makes the request's log ready: it is the last request's (log.c). */
void hbr_kit_open_log(hbr_kit_run_t *run);

/** Makes the request's body ready, and its header fields (body.c). */
void hbr_kit_open_body(hbr_kit_run_t *run);

/** Reads path, query and path_info from the request's URL (url.c). */
void hbr_kit_read_url(hbr_kit_run_t *run);

/** The route number index; false: there is none (route.c). */
bool hbr_kit_route(hbr_kit_run_t *run, apr_size_t index, hbr_route_t *route);
bool hbr_kit_next_route(void *request, hbr_route_t *route);
const void *hbr_kit_options(void *request, hbr_entry_t *entry);

/** Makes the kit's cache (cache.c). */
void hbr_kit_make_cache(hbr_test_t *kit);

/** Makes the response ready to be filled (output.c). */
void hbr_kit_open_output(hbr_kit_run_t *run);

/** Sends what was held back, and completes the response. */
void hbr_kit_close_output(hbr_kit_run_t *run);

#endif
