/**
 * @file dispatch.h
 * @brief A request's way through its handler: begin, process, finish.
 *
 * All of a request's state is in the context and none on the C stack, so that
 * finishing may happen later than beginning.
 */
#ifndef HBR_BRIDGE_DISPATCH_H
#define HBR_BRIDGE_DISPATCH_H

#include "handlerbridge/request.h"
#include "host.h"
#include "registry.h"

/** A way to a handler: what the host has worked out from its mappings. */
typedef struct hbr_route_t {
    hbr_entry_t *entry;
    /** Those it is mapped for, not more than the handler's; NULL: all of the
     *  handler's. */
    const hbr_methods_t *methods;
    const char *path_info;    /**< "" when there is none. */
    const hbr_pair_t *params; /**< Of the pattern. */
    apr_size_t param_count;
} hbr_route_t;

/** What a host knows of a request; made by hbr_request_make(). */
typedef struct hbr_request_t {
    const hbr_host_t *host;
    void *request; /**< The host's own. */
    const hbr_settings_t *settings;
    apr_pool_t *pool;
    apr_bucket_alloc_t *bucket_alloc;
    const char *method;
    const char *uri;
    const char *refused; /**< Why it is answered 404 without a handler; NULL:
                              it is not. */
    hbr_route_t route;   /**< The first to try; host.h gives those behind it. */
    const char *args;    /**< NULL when there are none. */
    apr_table_t *headers_in;
    apr_table_t *headers_out;
    /** A copy of headers_out where other modules set fields before; NULL when
     *  it is empty. */
    const apr_table_t *fields_before;
    apr_time_t time;
    int status;         /**< What the response's status is when the handler
                                sets none: an ErrorDocument keeps its error's;
                                0: 200. */
    bool head_only;     /**< HEAD. */
    bool is_fragment;   /**< The response is a part of another, or stands in
                                for one: no conditions, no ranges. */
    bool is_subrequest; /**< Errors go to the host, without a body. */
    bool is_nested;     /**< Another request of the same thread waits for
                                it. */
} hbr_request_t;

/** What hbr_finish() returns when the host has answered in the bridge's
 *  place. */
#define HBR_ANSWERED (-2)

/** What it returns when a filter of the host's refused the response: the host
 *  answers as far as it still can. */
#define HBR_UNSENT (-4)

/**
 * Makes room for a request and all of its context: one allocation.
 * @param pool the request's
 * @return the request, all zeros but for its pool; the host fills the rest
 */
hbr_request_t *hbr_request_make(apr_pool_t *pool);

/**
 * Begins a request; nothing is parsed yet.
 * @param request made by hbr_request_make(), and now the context's
 */
hbr_context_t *hbr_begin(hbr_request_t *request);

/**
 * Checks method, query and inputs and runs the handler's process; the next
 * route's when it declines.
 * @return what process returned, or the status that was decided before it ran
 */
int hbr_process(hbr_context_t *ctx);

/**
 * Sends what is left to send.
 * @param result what hbr_process() returned
 * @return HBR_OK when the response is complete or cut; HBR_ANSWERED or
 *         HBR_UNSENT, see there; else the HTTP status that the host has to
 *         answer itself (it has an ErrorDocument, or it is a subrequest)
 */
int hbr_finish(hbr_context_t *ctx, int result);

/** Begin, process and finish in one. */
int hbr_serve(hbr_request_t *request);

#endif
