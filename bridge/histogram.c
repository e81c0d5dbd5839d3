/*
 * Buckets of durations, and quantiles of them. Nothing here has a state.
 */
#include "histogram.h"

apr_uint64_t hbr_bucket_end(apr_size_t bucket)
{
    unsigned shift;

    if (bucket < 8)
        return bucket;
    if (bucket >= HBR_BUCKETS - 1)
        return APR_UINT64_MAX;
    shift = (unsigned)(bucket / 8 - 1);
    return ((apr_uint64_t)(8 + bucket % 8 + 1) << shift) - 1;
}

apr_uint64_t hbr_coarse_end(apr_size_t bucket)
{
    if (bucket >= HBR_COARSE - 1)
        return APR_UINT64_MAX;
    return ((apr_uint64_t)8 << bucket) - 1;
}

/* One of the two scales. */
typedef struct scale_t {
    const apr_uint64_t *buckets;
    apr_size_t count;
    apr_uint64_t (*end)(apr_size_t bucket);
} scale_t;

static apr_uint64_t total(const scale_t *scale)
{
    apr_uint64_t sum = 0;
    apr_size_t i;

    for (i = 0; i < scale->count; i++)
        sum += scale->buckets[i];
    return sum;
}

/* The duration that so many of a hundred do not exceed: the nearest rank,
 * rounded up to its bucket's end. */
static apr_uint64_t quantile(const scale_t *scale, apr_uint64_t count,
                             unsigned percent)
{
    apr_uint64_t rank =
        count / 100 * percent + (count % 100 * percent + 99) / 100;
    apr_uint64_t seen = 0;
    apr_size_t i;

    for (i = 0; i < scale->count; i++) {
        seen += scale->buckets[i];
        if (seen >= rank && seen > 0)
            return scale->end(i);
    }
    return 0;
}

static apr_uint64_t least(apr_uint64_t a, apr_uint64_t b)
{
    return a < b ? a : b;
}

void hbr_latency_cap(hbr_latency_t *latency, apr_uint64_t most)
{
    latency->max = least(latency->max, most);
    latency->p50 = least(latency->p50, most);
    latency->p90 = least(latency->p90, most);
    latency->p99 = least(latency->p99, most);
}

static void fill(hbr_latency_t *latency, const scale_t *scale)
{
    apr_uint64_t count = total(scale);

    latency->count = count;
    if (latency->max == 0)
        latency->max = quantile(scale, count, 100);
    latency->p50 = quantile(scale, count, 50);
    latency->p90 = quantile(scale, count, 90);
    latency->p99 = quantile(scale, count, 99);
    hbr_latency_cap(latency, latency->max);
}

void hbr_latency_fill(hbr_latency_t *latency, const apr_uint64_t *fine)
{
    fill(latency, &(scale_t){ fine, HBR_BUCKETS, hbr_bucket_end });
}

void hbr_latency_fill_coarse(hbr_latency_t *latency, const apr_uint64_t *coarse)
{
    fill(latency, &(scale_t){ coarse, HBR_COARSE, hbr_coarse_end });
}
