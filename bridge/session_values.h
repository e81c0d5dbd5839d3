/**
 * @file session_values.h
 * @brief A request's session, and its values.
 */
#ifndef HBR_BRIDGE_SESSION_VALUES_H
#define HBR_BRIDGE_SESSION_VALUES_H

#include "state.h"

/** What the names begin with that are the bridge's. */
#define HBR_SESSION_OWN "hbr-"

typedef struct hbr_session_value_t {
    hbr_pair_t pair;         /**< First: hbr_session_next() hands it out. */
    const char *stored_name; /**< See session_text.h; others' as it was. */
    const char *stored_value;
    bool is_fresh; /**< A flash value of this request, for the next. */
} hbr_session_value_t;

typedef struct hbr_session_t {
    int status; /**< HBR_OK, or why it could not be loaded. */
    hbr_host_session_load_t loaded;
    apr_array_header_t *values; /**< hbr_session_value_t */
    apr_size_t length;          /**< As mod_session encodes it. */
    hbr_session_change_t change;
    bool is_closed; /**< Saved, or not to be. */
    int closed;     /**< What that came to. */
} hbr_session_t;

/** Takes over what the host has loaded. */
void hbr_session_values_take(hbr_session_t *session, apr_pool_t *pool);

static inline hbr_session_value_t *hbr_session_value_at(
    const hbr_session_t *session, int index)
{
    return &APR_ARRAY_IDX(session->values, index, hbr_session_value_t);
}

/** @return the value of that name, or NULL */
hbr_session_value_t *hbr_session_values_find(const hbr_session_t *session,
                                             const char *name);

/** A value of the bridge's making; both texts are copied. */
hbr_session_value_t hbr_session_value_make(apr_pool_t *pool, const char *name,
                                           const char *text);

/**
 * Sets a value. A session that is too long already may still shrink.
 * @param most BridgeLimitSession
 * @return 0, or how long the session would be, more than @a most
 */
apr_size_t hbr_session_values_put(hbr_session_t *session,
                                  const hbr_session_value_t *value,
                                  apr_size_t most);

/** Takes a value out that was found; its texts stay. */
void hbr_session_values_drop(hbr_session_t *session,
                             hbr_session_value_t *value);

/** Takes all out; says nothing of a change. */
void hbr_session_values_clear(hbr_session_t *session);

/** All of them as they are stored. */
const apr_table_t *hbr_session_values_stored(const hbr_session_t *session,
                                             apr_pool_t *pool);

#endif
