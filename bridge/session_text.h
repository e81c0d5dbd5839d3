/**
 * @file session_text.h
 * @brief Names and values of a session as mod_session can keep them.
 *
 * mod_session's table ignores case, "expiry" in it is mod_session's own, and a
 * pair without a value does not survive its encoding. What is lower case and
 * not empty stays as it is, so that others who read the session (mod_auth_form
 * its "user" and "pw") see the same names; the rest is marked with a '^':
 *
 *     userId  user^id        ^   ^^        expiry  ^_expiry
 *
 * and for a value, "" is "^", and one that begins with "^" gets another.
 */
#ifndef HBR_BRIDGE_SESSION_TEXT_H
#define HBR_BRIDGE_SESSION_TEXT_H

#include <stdbool.h>

#include <apr_pools.h>

/** A name as it is stored. */
const char *hbr_session_store_name(apr_pool_t *pool, const char *name);

/** A stored name as a handler knows it; one that others stored in their own
 *  way stays as it is. */
const char *hbr_session_read_name(apr_pool_t *pool, const char *stored);

/** A value as it is stored. */
const char *hbr_session_store_value(apr_pool_t *pool, const char *value);

/** A stored value as a handler knows it: a part of @a stored. */
const char *hbr_session_read_value(const char *stored);

/** Bytes of a pair as mod_session encodes it, "name=value&". */
apr_size_t hbr_session_encoded_length(const char *stored_name,
                                      const char *stored_value);

/** True for the pair that is mod_session's own. */
bool hbr_session_is_expiry(const char *stored_name);

#endif
