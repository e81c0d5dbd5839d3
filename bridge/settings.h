/**
 * @file settings.h
 * @brief The limits in force for a request. Each has one directive.
 */
#ifndef HBR_BRIDGE_SETTINGS_H
#define HBR_BRIDGE_SETTINGS_H

#include <stdbool.h>

#include <apr.h>

typedef struct hbr_settings_t {
    /** BridgeBuffer: bytes of text that are collected before the response is
     *  committed and streams. */
    apr_size_t buffer;
    /** BridgeDeadline: milliseconds from a request's beginning; 0: none. */
    apr_size_t deadline;
    /** BridgeSlow: milliseconds from which on a request is logged; 0: none. */
    apr_size_t slow;
    /** BridgeNotes: requests' notes for the access log. */
    bool notes;
    /** BridgeServerTiming: the field of that name. */
    bool server_timing;
    /** BridgeTrace: each request has a trace id. */
    bool trace;
    /** BridgeLimitParams: pairs in a query, fields in a form, cookies. */
    apr_size_t params;
    /** BridgeLimitBody: bytes of a request's body. */
    apr_off_t body;
    /** BridgeLimitName: bytes of a form field's name. */
    apr_size_t name;
    /** BridgeLimitValue: bytes of a form field's value. */
    apr_size_t value;
    /** BridgeLimitParts: parts of a multipart body. */
    apr_size_t parts;
    /** BridgeLimitPartHeader: bytes of a part's header. */
    apr_size_t part_header;
    /** BridgeLimitPartFields: fields of a part's header. */
    apr_size_t part_fields;
    /** BridgeLimitPreamble: bytes before a multipart body's first part, and
     *  again behind its last. */
    apr_size_t preamble;
    /** BridgeLimitFileName: bytes of a file's name. */
    apr_size_t file_name;
    /** BridgeLimitFiles: files of a form. */
    apr_size_t files;
    /** BridgeLimitFile: bytes of a file. */
    apr_off_t file;
    /** BridgeLimitJSON: bytes of a JSON body. */
    apr_size_t json;
    /** BridgeLimitJSONDepth: arrays and objects within each other. */
    apr_size_t json_depth;
    /** BridgeLimitSession: bytes of a session as mod_session encodes it. */
    apr_size_t session;
    /** BridgeSpoolMemory: bytes of a file that are kept in memory before it
     *  goes to disk. */
    apr_size_t spool_memory;
    /** BridgeSpoolDir: where it goes; NULL: the system's folder for such. */
    const char *spool_dir;
    /** BridgeLimitCacheKey: bytes of a key of the shared cache. */
    apr_size_t cache_key;
    /** BridgeLimitCacheValue: bytes of a value of the shared cache. */
    apr_size_t cache_value;
    /** BridgeCacheTimeout: milliseconds that a call of the cache may take. */
    apr_size_t cache_timeout;
    /** BridgeCacheWait: milliseconds to wait for a value that another request
     *  makes. */
    apr_size_t cache_wait;
} hbr_settings_t;

#define HBR_SETTINGS_DEFAULT                                                   \
    {                                                                          \
        .buffer = 1024 * 1024, .params = 1000, .body = 16 * 1024 * 1024,       \
        .name = 1024, .value = 1024 * 1024, .parts = 1000,                     \
        .part_header = 8 * 1024, .part_fields = 16, .preamble = 8 * 1024,      \
        .file_name = 1024, .files = 20, .file = 16 * 1024 * 1024,              \
        .json = 256 * 1024, .json_depth = 64, .session = 2800,                 \
        .spool_memory = 64 * 1024, .cache_key = 1024,                          \
        .cache_value = 1024 * 1024, .cache_timeout = 1000, .cache_wait = 5000  \
    }

#endif
