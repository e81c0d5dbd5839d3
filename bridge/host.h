/**
 * @file host.h
 * @brief What the bridge needs of the server it runs in.
 *
 * A host is a few small tables of functions, one per noun. httpd/ is the host
 * on a live request_rec, testkit/ the one in memory. The bridge calls a host
 * only from the thread that runs the request (log and database of a child:
 * from the thread that runs start), and never after hbr_finish() returned.
 *
 * `request` is the host's own; the bridge hands it back and looks into
 * nothing.
 */
#ifndef HBR_BRIDGE_HOST_H
#define HBR_BRIDGE_HOST_H

#include <apr_buckets.h>
#include <apr_dbd.h>
#include <apr_file_io.h>

#include "handlerbridge/api.h"
#include "flight.h"
#include "handlerbridge/log.h"
#include "settings.h"

struct hbr_entry_t;
struct hbr_route_t;

/** A line of the configuration that maps a handler. Strings are as long-lived as
 *  the pool they were asked with. */
typedef struct hbr_host_mapping_t {
    const char *handler;
    const char *server;    /**< "main", "shop.example.org:443" */
    const char *section;   /**< "<Location /x>"; NULL: none. */
    const char *directive; /**< "SetHandler" */
    const char *methods;   /**< NULL: it names none. */
    const char *what;      /**< A pattern or extension; NULL: it names none. */
    const char *file;
    int line;
} hbr_host_mapping_t;

/** Facts about the request that few handlers ask for. */
typedef struct hbr_host_request_t {
    /** A server variable by its CGI name; NULL when there is none. Secrets
     *  (HTTP_AUTHORIZATION and its like) are withheld. */
    const char *(*variable)(void *request, const char *name);
    /** The time by the clock that the request's time was read from. */
    apr_time_t (*now)(void *request);
    /** The file that a URL path is mapped to, made in pool; see
     *  hbr_map_path(). The path begins with one slash and has no "..". */
    apr_status_t (*map_path)(void *request, apr_pool_t *pool, const char *path,
                             const char **file);
    /** The request_rec, or NULL. */
    struct request_rec *(*native)(void *request);
    /** The next route to try after the one at hand was declined; false: there
     *  is none. NULL: there never is. */
    bool (*next_route)(void *request, struct hbr_route_t *route);
    /** Another handler than the first route's has the request now; NULL: the
     *  host does not care. */
    void (*went_to)(void *request, struct hbr_entry_t *entry);
    /** Sets a note of the request's, which its access log may show; both
     *  strings live as long as the request. NULL: there are none. */
    void (*note)(void *request, const char *name, const char *value);
    /** The options of a handler that declares some, as configured for this
     *  request; NULL: the declaration's fallbacks. */
    const void *(*options)(void *request, struct hbr_entry_t *entry);
    /** The mappings of all servers, hbr_host_mapping_t, made in pool. NULL:
     *  they are not known. */
    const apr_array_header_t *(*mappings)(void *request, apr_pool_t *pool);
} hbr_host_request_t;

/** Facts about the client and his connection. */
typedef struct hbr_host_client_t {
    const char *(*address)(void *request);
    const char *(*user)(void *request);      /**< NULL: not authenticated. */
    const char *(*auth_type)(void *request); /**< NULL: not authenticated. */
    const char *(*scheme)(void *request);
    bool (*is_secure)(void *request);
    /** A TLS variable of mod_ssl's by its name, made in pool; NULL when there
     *  is none. Called only while is_secure, for names that begin with SSL_. */
    const char *(*tls)(void *request, apr_pool_t *pool, const char *name);
    /** What the TLS module says of the client's certificate, made in pool:
     *  "SUCCESS" only when it is verified beyond doubt, "FAILED:" and why, or
     *  any other word. Called as tls is. */
    const char *(*verdict)(void *request, apr_pool_t *pool);
    bool (*is_gone)(void *request); /**< Does not block. */
} hbr_host_client_t;

/** The response's head, as the bridge decided it. The header fields are in the
 *  table that the host gave with the request. */
typedef struct hbr_head_t {
    int status;
    const char *type; /**< Content-Type; NULL: none. */
    apr_off_t length; /**< Of the body, also for HEAD; -1: not known. */
    bool whole;       /**< The body follows in one pass that ends with EOS. */
} hbr_head_t;

typedef struct hbr_host_output_t {
    /** Takes the head; called once, before the first pass. After it the host
     *  answers no Range of its own. */
    void (*head)(void *request, const hbr_head_t *head);
    /** Passes buckets on and empties the brigade; for HEAD the host drops the
     *  body. May block. APR_ECONNABORTED means that the client is gone; any
     *  other error that the host could not send this, and answers itself as
     *  far as it still can. Nothing more is passed then. */
    apr_status_t (*pass)(void *request, apr_bucket_brigade *brigade);
    /** Cuts the connection (HTTP/2: resets the stream) so that the client can
     *  tell that the response is not whole. */
    void (*cut)(void *request);
    /** True when the server is configured to write the body for this status
     *  itself (ErrorDocument): hbr_finish() then returns the status. */
    bool (*has_error_document)(void *request, int status);
    /** Flags for apr_file_open() besides reading; mmap set to whether the
     *  file may be mapped. */
    apr_int32_t (*file_flags)(void *request, bool *mmap);
} hbr_host_output_t;

/** How reading a piece of the request's body ended. */
typedef enum {
    HBR_READ_MORE = 0,     /**< Some bytes; there may be more. */
    HBR_READ_END,          /**< The last bytes, maybe none. */
    HBR_READ_CUT,          /**< The client went away before the end. */
    HBR_READ_LATE,         /**< The client was too slow. */
    HBR_READ_MALFORMED,    /**< The body's framing is wrong. */
    HBR_READ_TOO_LONG,     /**< Longer than the host allows. */
    HBR_READ_ANSWERED,     /**< The host has answered the request already, */
    HBR_READ_ANSWERED_LONG /**< and this is why: longer than it allows. */
} hbr_read_e;

typedef struct hbr_host_body_t {
    /** The length the client announced; -1: he did not. */
    apr_off_t (*length)(void *request);
    /** The host's own limit and the directive that sets it; 0: none. */
    apr_off_t (*limit)(void *request, const char **directive);
    /** Reads some bytes into an empty brigade: data buckets only. Blocks. */
    hbr_read_e (*read)(void *request, apr_bucket_brigade *brigade,
                       apr_size_t wanted);
} hbr_host_body_t;

typedef struct hbr_host_log_t {
    /** request is NULL for messages of a child's start and stop. */
    bool (*enabled)(void *request, hbr_log_level_e level);
    /** message is one line without line end, with the tag where it has one. */
    void (*write)(void *request, hbr_log_level_e level, apr_status_t status,
                  const char *message);
} hbr_host_log_t;

/** A borrowed connection. */
typedef struct hbr_connection_t {
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
    apr_pool_t *pool; /**< Lives as long as the connection; userdata on it is
                           per connection. */
    apr_interval_time_t timeout;     /**< Of a statement, where the database can
                                      bound it; 0: as the database does. */
    struct hbr_watchdog_t *watchdog; /**< Ends waiting for a database that says
                                          nothing at all; NULL: nobody does. */
    void *host;                      /**< The host's own. */
    bool driver_only; /**< All goes through apr_dbd, nothing past it. */
} hbr_connection_t;

typedef enum {
    HBR_BORROWED = 0,
    HBR_NO_DATABASE,   /**< None is configured. */
    HBR_DATABASE_AWAY, /**< It does not answer. */
    HBR_DATABASE_BUSY  /**< No connection came free in time. */
} hbr_borrow_e;

typedef struct hbr_host_database_t {
    /** Borrows a connection for a statement or a transaction. Blocks at most
     *  BridgeDBWait for a free one, and no longer than most, in microseconds.
     *  The result is valid until it is given back. */
    hbr_borrow_e (*borrow)(void *request, apr_pool_t *pool,
                           apr_interval_time_t most,
                           hbr_connection_t *connection);
    /** Gives it back; broken tells that the connection failed, so that the
     *  host can drop it where it is able to. */
    void (*give_back)(void *request, hbr_connection_t *connection, bool broken);
} hbr_host_database_t;

/** How loading a session ended. */
typedef enum {
    HBR_SESSION_LOADED = 0, /**< Maybe an empty new one. */
    HBR_SESSION_OFF,        /**< Sessions are not configured here. */
    HBR_SESSION_AWAY        /**< Where it is kept does not answer. */
} hbr_session_load_e;

/** What is to become of a session when it is saved. */
typedef struct hbr_session_change_t {
    bool changed;   /**< Its values were. */
    bool renewed;   /**< It gets a new id, and the old one ends. */
    bool abandoned; /**< The one that was loaded ends; values there are begin a
                         new one. */
} hbr_session_change_t;

/** A session as the host loaded it. */
typedef struct hbr_host_session_load_t {
    const apr_table_t *values; /**< As session_text.h stores them; the bridge
                                    changes nothing in it. */
    bool is_new;               /**< The client had none that still counts. */
    const char *missing;       /**< When it is off: the directive or module
                                    that is missing, "Session On". */
    void *host;                /**< The host's own. */
} hbr_host_session_load_t;

typedef struct hbr_host_session_t {
    /** Loads the request's session; called once. May block.
     *  @param loaded zeros, to be filled in */
    hbr_session_load_e (*load)(void *request, hbr_host_session_load_t *loaded);
    /** Saves it, before the response's head; called at most once, and only
     *  when there is something to save. May block.
     *  @param values all that it holds from now on */
    apr_status_t (*save)(void *request, const hbr_host_session_load_t *loaded,
                         const apr_table_t *values,
                         const hbr_session_change_t *change);
} hbr_host_session_t;

/** Bytes of an entry's key: a digest, so that every key is as good as any other
 *  for spreading. */
#define HBR_CACHE_KEY 32

/** What a call of the cache is about. */
typedef struct hbr_cache_call_t {
    unsigned char key[HBR_CACHE_KEY];
    /** Bytes of the longest entry that the caller has a use for: what is longer
     *  may be taken for none, and need not be read. */
    apr_size_t most;
    /** It waits no longer than this, by the host's clock. */
    apr_time_t until;
    /** The request's own deadline leaves it so little time that a cache that is
     *  late for it may still be well. */
    bool hurried;
} hbr_cache_call_t;

/** The provider of the shared cache. An entry is at most `piece` bytes: names,
 *  chunks, and what sliding means are bridge/'s work. The life of an entry is
 *  counted by the cache's own clock, so that machines need not agree on the
 *  time. What is handed out is made in the pool and has a NUL behind it.
 *
 *  Each call may block, at most until call->until. APR_NOTFOUND: there is none;
 *  APR_EGENERAL: the cache is away; APR_ENOSPC: it does not take this entry. */
typedef struct hbr_host_cache_t {
    /** Most bytes that one entry may have; 0: there is no cache, and the host
     *  has said so. */
    apr_size_t (*piece)(void *request);
    /** What keeps the keys of this server apart from other servers'. */
    const char *(*space)(void *request);
    apr_status_t (*get)(void *request, const hbr_cache_call_t *call,
                        apr_pool_t *pool, char **data, apr_size_t *length);
    apr_status_t (*set)(void *request, const hbr_cache_call_t *call,
                        const char *data, apr_size_t length,
                        apr_interval_time_t life);
    apr_status_t (*remove)(void *request, const hbr_cache_call_t *call);
    /** As set, but APR_EEXIST when there is one. */
    apr_status_t (*add)(void *request, const hbr_cache_call_t *call,
                        const char *data, apr_size_t length,
                        apr_interval_time_t life);
    /** Get and remove in one. */
    apr_status_t (*take)(void *request, const hbr_cache_call_t *call,
                         apr_pool_t *pool, char **data, apr_size_t *length);
    /** Writes over the first bytes of an entry and begins its life anew, in one,
     *  when these bytes are still as they were; APR_NOTFOUND: they are not. */
    apr_status_t (*renew)(void *request, const hbr_cache_call_t *call,
                          const char *was, const char *is, apr_size_t length,
                          apr_interval_time_t life);
    /** Adds to a number; one that is not there is 0 and lives from now on.
     *  APR_ERANGE: the sum is no int64. */
    apr_status_t (*increment)(void *request, const hbr_cache_call_t *call,
                              int64_t by, apr_interval_time_t life,
                              int64_t *sum);
    /** For one maker of a value on this machine: APR_SUCCESS when the caller is
     *  it, APR_EBUSY when another is. A maker is believed in for term. */
    apr_status_t (*begin)(void *request, const unsigned char *key,
                          apr_interval_time_t term, hbr_flight_t *flight);
    /** The maker is done; lost: he made it, but the cache has not taken it. */
    void (*end)(void *request, const hbr_flight_t *flight, bool lost);
    /** Waits for another maker, at most until then. APR_SUCCESS: he is done;
     *  APR_INCOMPLETE: he is, but what he made was lost; APR_TIMEUP. */
    apr_status_t (*await)(void *request, const hbr_flight_t *flight,
                          apr_time_t until);
} hbr_host_cache_t;

typedef struct hbr_host_t {
    const hbr_host_request_t *request;
    const hbr_host_client_t *client;
    const hbr_host_output_t *output;
    const hbr_host_body_t *body;
    const hbr_host_log_t *log;
    const hbr_host_database_t *database;
    const hbr_host_session_t *session;
    const hbr_host_cache_t *cache;
} hbr_host_t;

#endif
