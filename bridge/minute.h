/**
 * @file minute.h
 * @brief Words that count for one minute: the minute in the upper 24 bits, the
 *        number in the lower 40.
 */
#ifndef HBR_BRIDGE_MINUTE_H
#define HBR_BRIDGE_MINUTE_H

#include <apr_time.h>

#include "atomic.h"

#define HBR_MINUTE_BITS 40
#define HBR_MINUTE_MOST (((apr_uint64_t)1 << HBR_MINUTE_BITS) - 1)

/** The minute of a time, counted from 1970. */
static inline apr_uint64_t hbr_minute_of(apr_time_t time)
{
    return (apr_uint64_t)time / (60 * APR_USEC_PER_SEC);
}

static inline apr_uint64_t hbr_minute_tag(apr_uint64_t minute)
{
    return minute << HBR_MINUTE_BITS;
}

/** The number in a word; 0 when it is another minute's. */
static inline apr_uint64_t hbr_minute_get(const apr_uint64_t *word,
                                          apr_uint64_t minute)
{
    apr_uint64_t value = hbr_load64(word);

    return (value & ~HBR_MINUTE_MOST) == hbr_minute_tag(minute)
               ? value & HBR_MINUTE_MOST
               : 0;
}

/** Adds to a minute's word. It does not run over: it stays at the most, which
 *  is 12 days of microseconds. */
static inline void hbr_minute_add(apr_uint64_t *word, apr_uint64_t minute,
                                  apr_uint64_t n)
{
    apr_uint64_t tag = hbr_minute_tag(minute);
    apr_uint64_t old = hbr_load64(word);
    apr_uint64_t sum;

    do {
        sum = (old & ~HBR_MINUTE_MOST) == tag ? old & HBR_MINUTE_MOST : 0;
        sum = n < HBR_MINUTE_MOST - sum ? sum + n : HBR_MINUTE_MOST;
    } while (!hbr_swap64(word, &old, tag | sum));
}

#endif
