/**
 * @file api.h
 * @brief Attributes and basic types shared by the public headers.
 */
#ifndef HANDLERBRIDGE_API_H
#define HANDLERBRIDGE_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <apr.h>
#include <apr_errno.h>
#include <apr_pools.h>
#include <apr_tables.h>
#include <apr_time.h>

/** A function of the API: visible outside the module. */
#define HBR_API __attribute__((visibility("default")))

/** A printf-like function: parameter @a f is the format, @a a the first value. */
#define HBR_PRINTF(f, a) __attribute__((format(printf, f, a)))

/** The type of a struct member, without an object of the struct. */
#define HBR_MEMBER(type, member) (((type *)0)->member)

typedef struct hbr_context_t hbr_context_t;
typedef struct hbr_handler_t hbr_handler_t;

/**
 * What a handler returns. Besides these, an HTTP status: 200 to 299 sends what
 * was written with that status, 300 to 599 makes the bridge write the
 * response for it (see hbr_error()).
 */
enum {
    HBR_OK = 0,        /**< Done: send what was written. */
    HBR_DECLINED = -1, /**< Not mine: 404. Only before output. */
    HBR_PENDING = -3   /**< Reserved. */
};

#endif
