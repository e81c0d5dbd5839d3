/**
 * @file cacheable.h
 * @brief What a response says to caches, as its handler declares it: Cache-Control
 *        and Vary (RFC 9111, RFC 9110 12.5.5).
 */
#ifndef HBR_BRIDGE_CACHEABLE_H
#define HBR_BRIDGE_CACHEABLE_H

#include "state.h"

/**
 * Reads .cache_for and .vary, once at start.
 * @param entry cacheable is set in it; NULL: it declares neither
 * @return NULL, or what is wrong with them
 */
const char *hbr_cacheable_declare(apr_pool_t *pool, hbr_entry_t *entry);

/** Notes what the handler at hand varies by, before another one has the
 *  request: a factory chose it, or this one declined. Only with
 *  entry->cacheable. */
void hbr_cacheable_keep(hbr_state_t *state);

/**
 * Sets the fields that the handler at hand declares, and those before it, when
 * the header leaves. Only with entry->cacheable or state->vary.
 * @param status the response's
 * Not inlined: it would cost those that declare nothing some registers.
 */
void hbr_cacheable_say(hbr_state_t *state, int status)
    __attribute__((noinline));

#endif
