/**
 * @file api.h
 * @brief Attributes and basic types shared by the public headers.
 */
#ifndef HANDLERBRIDGE_API_H
#define HANDLERBRIDGE_API_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <apr.h>
#include <apr_errno.h>
#include <apr_pools.h>
#include <apr_tables.h>
#include <apr_time.h>

/** A function of the API. mod_handlerbridge shows its own. In a module of its
 *  own they are that module's calls into the bridge, and stay hidden: httpd
 *  loads modules with RTLD_GLOBAL, and the first one's would be everybody's. */
#ifdef HBR_IN_BRIDGE
#define HBR_API __attribute__((visibility("default")))
#else
#define HBR_API __attribute__((visibility("hidden")))
#endif

/** A printf-like function: parameter @a f is the format, @a a the first value,
 *  or 0 where the values are a va_list. Each has a form with a va_list beside
 *  it, whose name has a "v" behind "hbr_". */
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
