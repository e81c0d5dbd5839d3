/**
 * @file mapping.h
 * @brief What the mapping says: path parameters, and the choice of a handler.
 */
#ifndef HANDLERBRIDGE_MAPPING_H
#define HANDLERBRIDGE_MAPPING_H

#include "context.h"

/**
 * A parameter of the mapping's pattern: "42" for "id" where
 * "/customers/{id:int}" is mapped and /customers/42 was asked for. It is
 * decoded as the path is, and of the pattern's type.
 * @param ctx the context
 * @param name the parameter's name
 * @param fallback what to return when the pattern has none of that name; may be
 *        NULL
 * @return the value, or @a fallback itself
 */
HBR_API const char *hbr_path(hbr_context_t *ctx, const char *name,
                             const char *fallback);

/** What a handler's choose fills: one of the two. */
typedef struct hbr_choice_t {
    const char *name;             /**< A handler's name. */
    const hbr_handler_t *handler; /**< &hbr_handler_x of HBR_HANDLER(x). */
} hbr_choice_t;

#endif
