/**
 * @file atomic.h
 * @brief Counters that processes share: atomic, in no order with anything
 *        else.
 */
#ifndef HBR_BRIDGE_ATOMIC_H
#define HBR_BRIDGE_ATOMIC_H

#include <stdbool.h>

#include <apr.h>

static inline apr_uint64_t hbr_load64(const apr_uint64_t *at)
{
    return __atomic_load_n(at, __ATOMIC_RELAXED);
}

static inline void hbr_store64(apr_uint64_t *at, apr_uint64_t value)
{
    __atomic_store_n(at, value, __ATOMIC_RELAXED);
}

static inline void hbr_add64(apr_uint64_t *at, apr_uint64_t n)
{
    __atomic_fetch_add(at, n, __ATOMIC_RELAXED);
}

/** Puts a value where another was; on failure *old is what is there. */
static inline bool hbr_swap64(apr_uint64_t *at, apr_uint64_t *old,
                              apr_uint64_t value)
{
    return __atomic_compare_exchange_n(at, old, value, true, __ATOMIC_RELAXED,
                                       __ATOMIC_RELAXED);
}

static inline void hbr_max64(apr_uint64_t *at, apr_uint64_t value)
{
    apr_uint64_t old = hbr_load64(at);

    while (value > old && !hbr_swap64(at, &old, value))
        continue;
}

static inline apr_uint32_t hbr_load32(const apr_uint32_t *at)
{
    return __atomic_load_n(at, __ATOMIC_RELAXED);
}

static inline void hbr_store32(apr_uint32_t *at, apr_uint32_t value)
{
    __atomic_store_n(at, value, __ATOMIC_RELAXED);
}

static inline void hbr_max32(apr_uint32_t *at, apr_uint32_t value)
{
    apr_uint32_t old = hbr_load32(at);

    while (value > old
           && !__atomic_compare_exchange_n(at, &old, value, true,
                                           __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        continue;
}

static inline void hbr_add32(apr_uint32_t *at, apr_uint32_t n)
{
    __atomic_fetch_add(at, n, __ATOMIC_RELAXED);
}

#endif
