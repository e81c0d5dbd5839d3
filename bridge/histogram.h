/**
 * @file histogram.h
 * @brief How durations spread: which bucket one goes to, and quantiles of
 *        what is in the buckets.
 *
 * The fine scale has 8 buckets for each doubling, from 1 microsecond to 71
 * minutes, the coarse one bucket for each, from 8 microseconds to 9.
 */
#ifndef HBR_BRIDGE_HISTOGRAM_H
#define HBR_BRIDGE_HISTOGRAM_H

#include "metrics.h"

#define HBR_COARSE 28

/** The bucket of a duration: below 8 microseconds each has its own. */
static inline apr_size_t hbr_bucket_of(apr_uint64_t us)
{
    unsigned top;
    apr_size_t bucket;

    if (us < 8)
        return (apr_size_t)us;
    top = 63 - (unsigned)__builtin_clzll(us);
    bucket = (top - 2) * 8 + ((us >> (top - 3)) & 7);
    return bucket < HBR_BUCKETS ? bucket : HBR_BUCKETS - 1;
}

/** The same on the coarse scale. */
static inline apr_size_t hbr_coarse_of(apr_uint64_t us)
{
    apr_size_t bucket;

    if (us < 8)
        return 0;
    bucket = 61 - (unsigned)__builtin_clzll(us);
    return bucket < HBR_COARSE ? bucket : HBR_COARSE - 1;
}

/** The longest duration in a coarse bucket; APR_UINT64_MAX for the last. */
apr_uint64_t hbr_coarse_end(apr_size_t bucket);

/** Fills count, max's bound and the quantiles from buckets; sum and max are
 *  given in it (max 0: not known, the end of the last bucket in use). */
void hbr_latency_fill(hbr_latency_t *latency, const apr_uint64_t *fine);
void hbr_latency_fill_coarse(hbr_latency_t *latency,
                             const apr_uint64_t *coarse);

/** Takes durations down to one that none exceeded: a bucket's end may. */
void hbr_latency_cap(hbr_latency_t *latency, apr_uint64_t most);

#endif
