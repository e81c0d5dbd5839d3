/**
 * @file method.h
 * @brief The methods a handler declares (RFC 9110 9).
 */
#ifndef HBR_BRIDGE_METHOD_H
#define HBR_BRIDGE_METHOD_H

#include "handlerbridge/api.h"

typedef struct hbr_methods_t {
    bool any;      /**< "*". */
    bool get_only; /**< GET and HEAD: the common case. */
    apr_size_t count;
    const char **names;
    const char *allow; /**< The Allow field's value. */
} hbr_methods_t;

/**
 * Reads a declaration's list.
 * @param text "GET, POST", "*", or NULL for "GET"
 * @return NULL, or what is wrong with it; the caller says which list it is
 */
const char *hbr_methods_parse(apr_pool_t *pool, const char *text,
                              hbr_methods_t *methods);

/** True when a request with this method may reach the handler. */
bool hbr_methods_allow(const hbr_methods_t *methods, const char *method);

/**
 * The methods that both allow.
 * @param met set to them, may be one of the two; may be none, only OPTIONS is answered then
 */
void hbr_methods_meet(apr_pool_t *pool, const hbr_methods_t *a,
                      const hbr_methods_t *b, hbr_methods_t *met);

/** The methods that one of the two allows; joined may be one of them. */
void hbr_methods_join(apr_pool_t *pool, const hbr_methods_t *a,
                      const hbr_methods_t *b, hbr_methods_t *joined);

/** Whether it is GET: asked several times a request. */
static inline bool hbr_method_is_get(const char *method)
{
    return method[0] == 'G' && method[1] == 'E' && method[2] == 'T'
           && method[3] == '\0';
}

#endif
