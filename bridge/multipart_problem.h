/**
 * @file multipart_problem.h
 * @brief What is wrong with a multipart form, and the limits it is held to.
 */
#ifndef HBR_BRIDGE_MULTIPART_PROBLEM_H
#define HBR_BRIDGE_MULTIPART_PROBLEM_H

#include "handlerbridge/api.h"

/** The limits. Each is the most that is allowed; 0 allows none. */
typedef struct hbr_multipart_limits_t {
    apr_size_t parts;          /**< BridgeLimitParts */
    apr_size_t header_bytes;   /**< BridgeLimitPartHeader: a part's header with
                                    its line ends. */
    apr_size_t header_fields;  /**< BridgeLimitPartFields */
    apr_size_t name_bytes;     /**< BridgeLimitName: the name of a field. */
    apr_size_t filename_bytes; /**< BridgeLimitFileName: the last component. */
    apr_size_t outside_bytes;  /**< BridgeLimitPreamble: before the first part,
                                    and again behind the last. */
} hbr_multipart_limits_t;

/* A file name of 255 characters, as many systems allow, has up to 765 bytes. */
#define HBR_MULTIPART_LIMITS_DEFAULT                                           \
    {                                                                          \
        .parts = 1000, .header_bytes = 8192, .header_fields = 16,              \
        .name_bytes = 256, .filename_bytes = 1024, .outside_bytes = 8192       \
    }

typedef enum {
    HBR_MULTIPART_OK = 0,

    /* malformed: 400 */
    HBR_MULTIPART_BOUNDARY_MISSING,
    HBR_MULTIPART_BOUNDARY_TWICE,
    HBR_MULTIPART_BOUNDARY_INVALID, /**< Or all of the Content-Type. */
    HBR_MULTIPART_UNFINISHED,       /**< No final boundary. */
    HBR_MULTIPART_HEADER_CONTROL,
    HBR_MULTIPART_HEADER_SYNTAX,
    HBR_MULTIPART_HEADER_TWICE,
    HBR_MULTIPART_DISPOSITION, /**< None that is form-data with a name. */
    HBR_MULTIPART_DISPOSITION_SYNTAX,
    HBR_MULTIPART_FILENAME_STAR, /**< filename*, and no filename. */
    HBR_MULTIPART_NAME_UTF8,
    HBR_MULTIPART_FILENAME_UTF8,
    HBR_MULTIPART_NESTED,
    HBR_MULTIPART_ENCODING,

    /* too much: 413 */
    HBR_MULTIPART_PARTS,
    HBR_MULTIPART_HEADER_BYTES,
    HBR_MULTIPART_HEADER_FIELDS,
    HBR_MULTIPART_NAME,
    HBR_MULTIPART_FILENAME,
    HBR_MULTIPART_PREAMBLE,
    HBR_MULTIPART_EPILOGUE
} hbr_multipart_e;

/** The response's status: 400 or 413; 0 for HBR_MULTIPART_OK. */
int hbr_multipart_status(hbr_multipart_e problem);

/**
 * One sentence for the client. It holds nothing that came from him; of a limit
 * it tells the value and the directive.
 * @param pool the result's memory
 * @param limits what the form was held to
 * @return NULL for HBR_MULTIPART_OK
 */
const char *hbr_multipart_sentence(apr_pool_t *pool, hbr_multipart_e problem,
                                   const hbr_multipart_limits_t *limits);

#endif
