/**
 * @file handlerbridge_test.h
 * @brief The test kit: runs handlers with no server and no socket.
 *
 *     hbr_test_t *kit = hbr_test_create();
 *     const hbr_test_response_t *r = hbr_test_get(kit, "/hello?name=you");
 *     assert_int_equal(r->status, 200);
 *     assert_string_equal(r->body, "Hello, you!\n");
 *     hbr_test_destroy(kit);
 *
 * A kit is one child process of a server: it has all handlers that are linked
 * into the program, and those given to hbr_test_add(). What it hands out lives
 * until hbr_test_clear() or hbr_test_destroy(). One thread uses a kit, except that
 * several may call hbr_test_run() at once when the child process was started; a
 * handler may call it too, for a request within its own.
 *
 * It does what httpd does around a handler and no more: there is no access
 * control, no filter, no configuration. As with httpd's event MPM, bytes that
 * are not flushed leave after the handler has returned, and the request's pool
 * ends after that.
 *
 * A mistake in the test itself (an unknown handler, a header line without a
 * colon) ends the program with a message.
 */
#ifndef HANDLERBRIDGE_TEST_H
#define HANDLERBRIDGE_TEST_H

#include "handlerbridge.h"

typedef struct hbr_test_t hbr_test_t;

/** How the request's body ends. */
typedef enum {
    HBR_TEST_BODY_WHOLE = 0,
    HBR_TEST_BODY_CUT,       /**< The client goes away. */
    HBR_TEST_BODY_LATE,      /**< The client is too slow. */
    HBR_TEST_BODY_MALFORMED, /**< Its framing is wrong. */
    HBR_TEST_BODY_ANSWERED   /**< The server answers by itself. */
} hbr_test_body_e;

/** Limits, each named as its directive; 0: the default. */
typedef struct hbr_test_limits_t {
    apr_off_t body;           /**< BridgeLimitBody */
    apr_size_t name;          /**< BridgeLimitName */
    apr_size_t value;         /**< BridgeLimitValue */
    apr_size_t parts;         /**< BridgeLimitParts */
    apr_size_t part_header;   /**< BridgeLimitPartHeader */
    apr_size_t files;         /**< BridgeLimitFiles */
    apr_off_t file;           /**< BridgeLimitFile */
    apr_size_t json;          /**< BridgeLimitJSON */
    apr_size_t json_depth;    /**< BridgeLimitJSONDepth */
    apr_size_t spool_memory;  /**< BridgeSpoolMemory */
    const char *spool_dir;    /**< BridgeSpoolDir */
    apr_size_t cache_key;     /**< BridgeLimitCacheKey */
    apr_size_t cache_value;   /**< BridgeLimitCacheValue */
    apr_size_t cache_timeout; /**< BridgeCacheTimeout */
    apr_size_t cache_wait;    /**< BridgeCacheWait */
    apr_size_t session;       /**< BridgeLimitSession */
} hbr_test_limits_t;

/** A request to run. All members may be left out but the URL. */
typedef struct hbr_test_request_t {
    /** Path and query as a client sends them: "/hello/more?x=1". */
    const char *url;
    /** The handler's name; NULL: the first segment of the path. */
    const char *handler;
    /** The path that is mapped to it; path_info is what follows it. NULL: the
     *  path's first segment, "/hello". */
    const char *mapping;
    const char *method; /**< NULL: "GET". */
    /** Header lines, "Accept: text/html", NULL at the end. A name that comes
     *  twice is joined with ", " as httpd does. */
    const char *const *headers;
    bool https;                 /**< Over TLS. */
    const char *user;           /**< Authenticated as; NULL: nobody. */
    const char *client_address; /**< NULL: "192.0.2.1". */
    /** What SetEnv would set, "NAME=value", NULL at the end. */
    const char *const *variables;
    apr_time_t time;           /**< When it arrives; 0: now. */
    hbr_log_level_e log_level; /**< LogLevel; 0: HBR_LOG_TRACE, all. */
    apr_size_t buffer;         /**< BridgeBuffer; 0: the default. */
    bool unbuffered;           /**< BridgeBuffer 0. */
    apr_size_t params;         /**< BridgeLimitParams; 0: the default. */
    /** Statuses for which an ErrorDocument is configured, 0 at the end. */
    const int *error_documents;
    /** What the server says the status is, before the handler runs: 404 for
     *  the ErrorDocument of a 404. 0: 200. */
    int status;
    /** The response stands in for another, or is a part of one: an
     *  ErrorDocument, what mod_include includes. */
    bool fragment;
    bool subrequest; /**< It is made for another request's response. */
    /** Lines of the response's header that other modules set before the
     *  handler runs, NULL at the end. */
    const char *const *fields;
    /** The client goes away: this pass to him fails, and all later ones.
     *  1 is the first; 0: he stays. */
    apr_size_t fail_pass;
    /** The request's body; NULL: none. A form's or JSON's needs a Content-Type
     *  among the headers; Content-Length comes by itself. */
    const char *body;
    apr_size_t body_length; /**< 0 with a body: strlen(). */
    /** Bytes that are handed over at a time; the end then comes by itself. 0:
     *  as many as are asked for, the end with the last. */
    apr_size_t body_step;
    bool chunked; /**< The body's length is not announced. */
    /** Anything but HBR_TEST_BODY_WHOLE happens after body_stop bytes. */
    hbr_test_body_e body_end;
    apr_size_t body_stop;
    /** LimitRequestBody, as the bridge is told it; 0: none. A server that
     *  answers by itself is HBR_TEST_BODY_ANSWERED. */
    apr_off_t host_limit;
    hbr_test_limits_t limits;
    /** Handlers to try when the first declines, NULL at the end. */
    const char *const *behind;
    /** The methods that the first one is mapped for, "GET, POST"; NULL: all of
     *  the handler's. */
    const char *mapped_methods;
    /** The pattern's parameters, "name=value", NULL at the end. */
    const char *const *path_params;
    /** The handler's options, "name=value", NULL at the end. */
    const char *const *options;
    bool nested; /**< Another request of the same thread waits for it. */
    /** It is not the client that makes fail_pass fail, but a filter of the
     *  server's. */
    bool fail_filter;
    const char *auth_type; /**< NULL: "Basic" when there is a user. */
    /** mod_ssl's variables, "SSL_PROTOCOL=TLSv1.3", NULL at the end; seen when
     *  https is set. SSL_CLIENT_CERT and SSL_CLIENT_VERIFY among them make a
     *  certificate. */
    const char *const *tls;
    bool plain; /**< With https: a proxy ended TLS; only the scheme says so. */
    /** hbr_client_gone() is true from this call on; 1 is the first; 0: the
     *  client stays. */
    apr_size_t gone;
    const char
        *document_root; /**< hbr_map_path()'s; NULL: no URL has a file. */
    /** What URL paths begin with that the client may not read, NULL at the
     *  end. */
    const char *const *forbidden;
    apr_size_t deadline; /**< BridgeDeadline, in milliseconds; 0: none. */
    apr_size_t slow;     /**< BridgeSlow, in milliseconds; 0: none. */
    bool notes;          /**< BridgeNotes. */
    bool server_timing;  /**< BridgeServerTiming. */
    bool trace;          /**< BridgeTrace. */
    /** The server whose keys of the shared cache these are; NULL:
     *  "localhost". */
    const char *server;
} hbr_test_request_t;

/** A line of the error log. */
typedef struct hbr_test_line_t {
    hbr_log_level_e level;
    apr_status_t status; /**< APR_SUCCESS: none was given. */
    const char *text;
} hbr_test_line_t;

/** What came back. */
typedef struct hbr_test_response_t {
    int status;
    const char *type;           /**< Content-Type; NULL: none. */
    const apr_table_t *notes;   /**< For the access log. */
    const apr_table_t *headers; /**< Without Content-Type and -Length. */
    const char *body;           /**< What the client got; a NUL follows. */
    apr_size_t length;          /**< Of body, in bytes. */
    /** Content-Length, also for HEAD; -1: not known (it was streamed). */
    apr_off_t declared_length;
    bool complete;      /**< The end of the body was passed. */
    bool cut;           /**< The connection was cut. */
    int error_document; /**< The status whose ErrorDocument httpd is to send;
                             0: the bridge answered by itself. */
    bool answered;      /**< The server has answered by itself; status is 0. */
    bool unsent; /**< A filter failed, and the server answers, as far as it
                              still can. */
    apr_size_t passes;  /**< How often something was passed to the client. */
    apr_size_t flushes; /**< How often that was to leave at once. */
    apr_size_t line_count;
    const hbr_test_line_t *lines; /**< Of the log, in order. */
    /** What the bridge did against its contract with the server (host.h), such
     *  as sending a body for HEAD or more than it declared; NULL: nothing. */
    const char *violation;
} hbr_test_response_t;

/** Sets the clock that hbr_time_left() reads, and that a request's time comes
 *  from: it stands still until it is set again, also by a handler under test.
 *  Waiting for a busy database lets it pass. 0: the real one. */
void hbr_test_clock(hbr_test_t *kit, apr_time_t time);

/** Makes a kit with the handlers that are linked in. Calls apr_initialize(). */
hbr_test_t *hbr_test_create(void);

/** Ends the child process and frees all that the kit handed out. */
void hbr_test_destroy(hbr_test_t *kit);

/** Frees responses and log lines; for programs that run many requests. */
void hbr_test_clear(hbr_test_t *kit);

/**
 * Adds a handler that is not linked in. Only before the first request.
 * @param kit the kit
 * @param handler a declaration (HBR_HANDLER(x) makes hbr_handler_x, but links
 *        it in too); as long-lived as the kit
 * @return NULL, or what is wrong with it
 */
const char *hbr_test_add(hbr_test_t *kit, const hbr_handler_t *handler);

/** What HBR_HANDLER() stamps; for a declaration that is given to
 *  hbr_test_add(). */
#define HBR_TEST_STAMP(identifier)                                             \
    {                                                                          \
        .major = HBR_ABI_MAJOR, .minor = HBR_ABI_MINOR,                        \
        .handler_size = sizeof(hbr_handler_t),                                 \
        .input_size = sizeof(hbr_input_t),                                     \
        .statement_size = sizeof(hbr_statement_t),                             \
        .metric_size = sizeof(hbr_metric_t), .ident = #identifier,             \
        .file = __FILE__                                                       \
    }

/**
 * Declares a handler that is not linked in: HBR_TEST_HANDLER(echo, .process =
 * echo); then hbr_test_add(kit, &echo_handler).
 */
#define HBR_TEST_HANDLER(identifier, ...)                                      \
    static const hbr_handler_t identifier##_handler = {                        \
        .stamp = HBR_TEST_STAMP(identifier), __VA_ARGS__                       \
    }

/** Starts the child process: runs every handler's start. The first request
 *  does it where this was not called. */
void hbr_test_start(hbr_test_t *kit);

/** Ends the child process: runs every handler's stop. A later request starts
 *  another one. */
void hbr_test_stop(hbr_test_t *kit);

/**
 * Runs a request.
 * @return the response, never NULL
 */
const hbr_test_response_t *hbr_test_run(hbr_test_t *kit,
                                        const hbr_test_request_t *request);

/**
 * Runs requests at once, each in a thread of its own.
 * @param requests so many
 * @param responses filled, in the order of the requests
 */
void hbr_test_run_together(hbr_test_t *kit, const hbr_test_request_t *requests,
                           apr_size_t count,
                           const hbr_test_response_t **responses);

/** Runs a GET with no header fields. */
const hbr_test_response_t *hbr_test_get(hbr_test_t *kit, const char *url);

/**
 * Sets the limits of handlers' pools. Only before the first request; where it
 * is not called, they are the directives' defaults.
 * @param max BridgePoolMax; 0: no bound
 * @param wait BridgePoolWait; 0: no waiting
 * @param idle BridgePoolIdle; 0: kept for ever
 */
void hbr_test_pools(hbr_test_t *kit, apr_size_t max, apr_interval_time_t wait,
                    apr_interval_time_t idle);

/** Ends instances that were idle for too long, as the server does from time to
 *  time. */
void hbr_test_sweep(hbr_test_t *kit);

/** How many pooled instances there are at this moment. */
typedef struct hbr_test_instances_t {
    apr_size_t in_use;
    apr_size_t idle;
} hbr_test_instances_t;

/** A handler's pool; zeros for other lifetimes. */
hbr_test_instances_t hbr_test_instances(const hbr_test_t *kit,
                                        const char *handler);

/**
 * What a handler has counted since the kit was made.
 * @param metric the name of a counter or timer of its own
 * @return a counter's value; how often a timer was given something
 */
uint64_t hbr_test_counted(const hbr_test_t *kit, const char *handler,
                          const char *metric);

/**
 * A handler's shared struct (application.h), without its lock. It is the kit's:
 * the next child process finds it as it is, and a program that a test forks has
 * it too. Starts the child process.
 */
void *hbr_test_shared(hbr_test_t *kit, const char *handler);

/** A field of the response's header, any case; NULL: it was not sent. Where a
 *  name comes several times, the first. Content-Type too. */
const char *hbr_test_header(const hbr_test_response_t *response,
                            const char *name);

/**
 * Finds a line in the log of the last request, or of start and stop.
 * @param part a part of its text, such as its tag "HBR0012"
 * @return the first such line, or NULL
 */
const hbr_test_line_t *hbr_test_logged(hbr_test_t *kit, const char *part);

/**
 * Gives the kit a database; before the first request that uses it.
 * @param driver apr_dbd's name of the driver, "sqlite3"
 * @param params what DBDParams would say: a path, for SQLite
 * @return APR_SUCCESS, or why it cannot be opened
 */
apr_status_t hbr_test_database_open(hbr_test_t *kit, const char *driver,
                                    const char *params);

/** The database does not answer, until it is called with false. */
void hbr_test_database_away(hbr_test_t *kit, bool away);

/** No connection comes free within BridgeDBWait (5 s), until it is called with false. */
void hbr_test_database_busy(hbr_test_t *kit, bool busy);

/** Statements fail as they do on a broken connection, until it is called with
 *  false. */
void hbr_test_database_fail(hbr_test_t *kit, bool fail);

/** How many connections are borrowed now; 0 unless a query runs. */
apr_size_t hbr_test_database_borrowed(const hbr_test_t *kit);

/** What is wrong with where sessions are kept. */
typedef enum {
    HBR_TEST_SESSION_WELL = 0,
    HBR_TEST_SESSION_OFF,    /**< They are not configured: Session Off. */
    HBR_TEST_SESSION_AWAY,   /**< It does not answer: loading fails. */
    HBR_TEST_SESSION_NO_SAVE /**< Loading works, saving fails. */
} hbr_test_session_fault_e;

/**
 * Sets a value of the session, as if an earlier request had. A kit has one
 * client, and so one session; at first there is none.
 * @param value NULL takes it out
 */
void hbr_test_session_set(hbr_test_t *kit, const char *name, const char *value);

/** A value of the session; NULL: it has none of that name. */
const char *hbr_test_session(const hbr_test_t *kit, const char *name);

/** How many values the session has, the bridge's own included. */
apr_size_t hbr_test_session_size(const hbr_test_t *kit);

/** The session's id: 1 for the first, one more each time it is made anew or
 *  renewed; 0: there is no session. */
unsigned hbr_test_session_id(const hbr_test_t *kit);

/** How often it was saved. */
apr_size_t hbr_test_session_saves(const hbr_test_t *kit);

/** Sets what is wrong, until it is called again. */
void hbr_test_session_fault(hbr_test_t *kit, hbr_test_session_fault_e fault);

/**
 * The kit has a shared cache, empty at first. There is none until it is called
 * with false.
 */
void hbr_test_cache_none(hbr_test_t *kit, bool none);

/** The cache does not answer, until it is called with false. */
void hbr_test_cache_away(hbr_test_t *kit, bool away);

/** Most bytes of an entry, 64 KB at first: less makes chunks of smaller values.
 *  The bridge's header, 40 bytes, is in it. */
void hbr_test_cache_piece(hbr_test_t *kit, apr_size_t bytes);

/** How many entries there are: a value in chunks is one more than its chunks,
 *  and numbers are none. */
apr_size_t hbr_test_cache_count(const hbr_test_t *kit);

/** Drops an entry, as a cache does that is full; index 0 is the one that was
 *  stored last. */
void hbr_test_cache_evict(hbr_test_t *kit, apr_size_t index);

/** An entry's bytes, to be changed in place. */
char *hbr_test_cache_entry(hbr_test_t *kit, apr_size_t index,
                           apr_size_t *length);

/** How often the cache was called so far. */
apr_size_t hbr_test_cache_calls(const hbr_test_t *kit);

#endif
