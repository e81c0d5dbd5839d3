/**
 * @file state.h
 * @brief The private half of a context.
 *
 * One allocation. Members begin as zeros, and zero means that nothing was said
 * or made yet. The request comes first, so that the host
 * fills it where it stays. Members are grouped by the file that keeps them;
 * other files use that file's functions.
 */
#ifndef HBR_BRIDGE_STATE_H
#define HBR_BRIDGE_STATE_H

#include "dispatch.h"
#include "format.h"
#include "handlerbridge.h"

/** Statuses that the bridge itself decides on. */
enum {
    HBR_STATUS_OK = 200,
    HBR_PARTIAL_CONTENT = 206,
    HBR_FOUND = 302,
    HBR_NOT_MODIFIED = 304,
    HBR_BAD_REQUEST = 400,
    HBR_FORBIDDEN = 403,
    HBR_NOT_FOUND = 404,
    HBR_METHOD_NOT_ALLOWED = 405,
    HBR_REQUEST_TIMEOUT = 408,
    HBR_CONFLICT = 409,
    HBR_PRECONDITION_FAILED = 412,
    HBR_CONTENT_TOO_LARGE = 413,
    HBR_URI_TOO_LONG = 414,
    HBR_UNSUPPORTED_MEDIA_TYPE = 415,
    HBR_RANGE_NOT_SATISFIABLE = 416,
    HBR_FIELDS_TOO_LARGE = 431,
    HBR_INTERNAL_ERROR = 500,
    HBR_SERVICE_UNAVAILABLE = 503,
    HBR_INSUFFICIENT_STORAGE = 507
};

/** What the body of the response is. */
typedef enum {
    HBR_BODY_TEXT = 0, /**< What was written: output.c. */
    HBR_BODY_BYTES,    /**< One block: content.c. */
    HBR_BODY_FILE,
    HBR_BODY_SOURCE
} hbr_body_e;

typedef struct hbr_state_t {
    hbr_request_t request;
    hbr_entry_t *entry;

    /* dispatch.c */
    bool is_sound; /**< Nothing is to be said against the request itself,
                        whichever handler it goes to. */

    /* context.c */
    const void *options; /**< Of entry's handler; NULL: it declares none. */

    unsigned notable; /**< Of the request's fields: notable.h. */

    /* query.c */
    apr_size_t plain_query; /**< The length of one that a value may be looked
                                  for in; 0: it has to be parsed. */
    const struct hbr_query_t *query; /**< NULL until asked for. */

    /* cookies.c: NULL until asked for */
    const struct hbr_cookies_t *cookies;

    /* session.c: NULL until asked for */
    struct hbr_session_t *session;

    /* body.c */
    const char *reader;     /**< What read the request's body; NULL: nobody
                                      did. */
    bool has_length;        /**< The host was asked for, */
    apr_off_t length;       /**< what hbr_body_length() says. */
    const char *whole_body; /**< hbr_body()'s. */
    apr_size_t whole_length;
    int whole_result; /**< HBR_OK, or why it could not be read. */
    int (*tap)(void *data, const char *bytes, apr_size_t length); /**< Sees the
                                      body first; NULL: nobody does. */
    void *tap_data;

    /* json_in.c */
    struct json_t *json;

    /* form.c: NULL until asked for */
    struct hbr_form_t *form;

    /* instance.c */
    void *instance;
    struct hbr_instance_t *taken; /**< What goes back; NULL: nothing. */

    /* route.c */
    int choices; /**< How often a handler of this route chose another. */

    /* input.c */
    void *inputs;
    apr_uint64_t given; /**< One bit per declared input. */

    /* response.c */
    int status;
    const char *type; /**< NULL until hbr_type(). */
    bool html;        /**< hbr_html() wrote: the default type is HTML. */

    /* output.c */
    apr_bucket_brigade brigade; /**< Full chunks; zeros until one is full. */
    struct hbr_chunk_t *chunk;  /**< The one being filled; NULL: none. */
    hbr_room_t room;            /**< What is left of it. */
    apr_off_t closed;           /**< Bytes of all chunks before it. */
    apr_off_t passed;           /**< Bytes of them that were passed on. */
    apr_status_t write_error;   /**< Sticks. */
    const char *committed_by;   /**< NULL until committed. */
    bool answered;              /**< The host has answered in our place. */
    bool unsent;                /**< A filter of the host's refused the
                                      response. */
    int sent_status;            /**< What was committed; 0 until then. */
    bool cut;                   /**< It was cut because something failed. */
    bool reading;               /**< Inside a source's read. */
    bool bodyless;              /**< Committed without a body: bytes are
                                      dropped. */

    /* content.c */
    hbr_body_e body;
    apr_off_t body_length;
    apr_bucket *whole; /**< Shows all of it; parts are copies. */

    /* error.c */
    int failed;         /**< A failure that outranks process' result. */
    bool explained;     /**< The cause of a failure stands in the log. */
    const char *reason; /**< For the client; NULL: the status' own words. */
    bool unsatisfied;   /**< The failure is a Range outside of the body. */

    int limit; /**< The limit that was hit (limit.h) and 1; 0: none. */

    const char *told; /**< What the client was told at last; NULL: nothing. */

    /* cacheable.c */
    apr_array_header_t *vary; /**< What those varied by that handed on; NULL:
                                   nothing. */

    /* application.c */
    unsigned char locks; /**< Those it has; 0: none. */

    /* log.c */
    const char *tag; /**< Of the first line that says what went wrong. */

    /* meter.c */
    apr_time_t began;    /**< What its duration is counted from. */
    apr_off_t bytes_in;  /**< Of the body, as far as it was read. */
    apr_off_t bytes_out; /**< Of the body that was passed on. */

    /* transaction.c: NULL outside of one */
    struct hbr_transaction_t *transaction;

    /* timing.c: NULL unless asked for */
    struct hbr_timing_t *timing;

    /* trace.c: NULL until asked for */
    const struct hbr_trace_t *trace;

    /* certificate.c: NULL until asked for */
    const struct hbr_shown_t *certificate;

    /* cache_fetch.c: what this request makes now; NULL: nothing */
    struct hbr_making_t *making;

    /* content.c: as body says */
    union {
        struct {
            const char *data;
            void (*release)(void *data);
        } bytes;
        apr_file_t *file;
        hbr_source_t source;
    } content;
} hbr_state_t;

/** A state and the first view of it. */
typedef struct hbr_full_context_t {
    hbr_state_t state;
    hbr_context_t view;
} hbr_full_context_t;

#endif
