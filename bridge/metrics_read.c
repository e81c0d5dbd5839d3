/*
 * Reading what was counted. Everything is copied word by word while others go
 * on counting; nobody is held up.
 */
#include "metrics.h"

#include <string.h>

#include "atomic.h"
#include "metrics_block.h"
#include "minute.h"
#include "state.h"

const hbr_metrics_t *hbr_metrics_of(const hbr_context_t *ctx)
{
    return ctx->state->entry->meter.metrics;
}

apr_time_t hbr_metrics_since(const hbr_metrics_t *metrics)
{
    return metrics->block->since;
}

apr_size_t hbr_metrics_count(const hbr_metrics_t *metrics)
{
    return hbr_slots_in_use(metrics);
}

apr_size_t hbr_metrics_missed(const hbr_metrics_t *metrics)
{
    return hbr_load32(&metrics->block->missed);
}

static void add_all(apr_uint64_t *to, const apr_uint64_t *from,
                    apr_size_t count)
{
    apr_size_t i;

    for (i = 0; i < count; i++)
        to[i] += hbr_load64(&from[i]);
}

static apr_uint64_t larger(apr_uint64_t a, apr_uint64_t b)
{
    return a > b ? a : b;
}

static void add_cells(hbr_cells_t *sum, const hbr_cells_t *cells)
{
    add_all(sum->classes, cells->classes, HBR_CLASSES);
    add_all(&sum->bytes_in, &cells->bytes_in, 1);
    add_all(&sum->bytes_out, &cells->bytes_out, 1);
    add_all(&sum->errors, &cells->errors, 1);
    add_all(&sum->sum, &cells->sum, 1);
    sum->max = larger(sum->max, hbr_load64(&cells->max));
    add_all(sum->buckets, cells->buckets, HBR_BUCKETS);
    add_all(sum->limits, cells->limits, HBR_LIMITS);
}

static void read_limits(const hbr_cells_t *sum, hbr_reading_t *reading,
                        apr_pool_t *pool)
{
    hbr_limit_reading_t *limits =
        apr_palloc(pool, HBR_LIMITS * sizeof(*limits));
    int i;

    reading->limits = limits;
    for (i = 0; i < HBR_LIMITS; i++)
        if (sum->limits[i] > 0)
            limits[reading->limit_count++] =
                (hbr_limit_reading_t){ hbr_limit_name(i), sum->limits[i] };
}

static void read_cells(const hbr_metrics_t *metrics, apr_size_t slot,
                       hbr_reading_t *reading, apr_pool_t *pool)
{
    hbr_cells_t *sum = apr_pcalloc(pool, sizeof(*sum));
    apr_size_t i;

    for (i = 0; i < hbr_lanes_in_use(metrics); i++)
        add_cells(sum, &hbr_lane_cells(metrics, i)[slot]);
    for (i = 0; i < HBR_CLASSES; i++)
        reading->requests += reading->classes[i] = sum->classes[i];
    reading->bytes_in = sum->bytes_in;
    reading->bytes_out = sum->bytes_out;
    reading->errors = sum->errors;
    reading->buckets = sum->buckets;
    reading->latency.sum = sum->sum;
    reading->latency.max = sum->max;
    hbr_latency_fill(&reading->latency, sum->buckets);
    read_limits(sum, reading, pool);
}

static void read_minute(const hbr_slot_t *slot, apr_uint64_t minute,
                        hbr_minute_t *reading)
{
    const hbr_minute_cell_t *cell = &slot->minutes[minute % HBR_MINUTES_KEPT];
    apr_uint64_t coarse[HBR_COARSE];
    apr_size_t i;

    for (i = 0; i < HBR_COARSE; i++)
        coarse[i] = hbr_minute_get(&cell->buckets[i], minute);
    reading->start = apr_time_from_sec((apr_time_t)minute * 60);
    reading->latency.sum = hbr_minute_get(&cell->sum, minute);
    hbr_latency_fill_coarse(&reading->latency, coarse);
}

static void read_hour(const hbr_slot_t *slot, apr_time_t now,
                      hbr_reading_t *reading)
{
    apr_uint64_t first = hbr_minute_of(now) - (HBR_MINUTES - 1);
    apr_size_t i;

    for (i = 0; i < HBR_MINUTES; i++) {
        read_minute(slot, first + i, &reading->minutes[i]);
        hbr_latency_cap(&reading->minutes[i].latency, reading->latency.max);
    }
}

static void read_errors(const hbr_slot_t *slot, hbr_reading_t *reading,
                        apr_pool_t *pool)
{
    hbr_error_record_t *errors =
        apr_palloc(pool, HBR_ERRORS_KEPT * sizeof(*errors));

    reading->last_errors = errors;
    reading->error_count = hbr_error_ring_get(&slot->errors, errors);
}

static void read_seats(const hbr_metrics_t *metrics, apr_size_t slot,
                       hbr_reading_t *reading)
{
    apr_size_t i;

    for (i = 0; i < hbr_seats_in_use(metrics); i++) {
        const hbr_gauge_t *gauge = &hbr_seat_gauges(metrics, i)[slot];

        reading->in_flight += hbr_load32(&gauge->in_flight);
        reading->instances_in_use += hbr_load32(&gauge->in_use);
        reading->instances_idle += hbr_load32(&gauge->idle);
    }
}

static void read_timer(const hbr_metrics_t *metrics, const hbr_own_t *own,
                       hbr_own_reading_t *reading)
{
    apr_uint64_t coarse[HBR_COARSE] = { 0 };
    hbr_latency_t *latency = &reading->latency;
    apr_size_t i;

    for (i = 0; i < hbr_lanes_in_use(metrics); i++) {
        const apr_uint64_t *at = hbr_lane_words(metrics, i) + own->word;

        latency->sum += hbr_load64(&at[HBR_TIMER_SUM]);
        latency->max = larger(latency->max, hbr_load64(&at[HBR_TIMER_MAX]));
        add_all(coarse, &at[HBR_TIMER_BUCKETS], HBR_COARSE);
    }
    hbr_latency_fill_coarse(latency, coarse);
    reading->count = latency->count;
}

static void read_counter(const hbr_metrics_t *metrics, const hbr_own_t *own,
                         hbr_own_reading_t *reading)
{
    apr_size_t i;

    for (i = 0; i < hbr_lanes_in_use(metrics); i++)
        add_all(&reading->count, hbr_lane_words(metrics, i) + own->word, 1);
}

static void read_own(const hbr_metrics_t *metrics, apr_size_t slot,
                     hbr_reading_t *reading, apr_pool_t *pool)
{
    apr_uint32_t count =
        __atomic_load_n(&metrics->block->own, __ATOMIC_ACQUIRE);
    hbr_own_reading_t *all;
    apr_uint32_t i;

    all = apr_pcalloc(pool, (count + 1) * sizeof(*all));
    reading->own = all;
    for (i = 0; i < count; i++) {
        const hbr_own_t *own = &metrics->own[i];
        hbr_own_reading_t *to = &all[reading->own_count];

        if (own->slot != slot)
            continue;
        to->name = own->name;
        to->type = own->type;
        if (own->type == HBR_METRIC_TIMER)
            read_timer(metrics, own, to);
        else
            read_counter(metrics, own, to);
        reading->own_count++;
    }
}

const hbr_reading_t *hbr_metrics_read(const hbr_metrics_t *metrics,
                                      apr_size_t index, apr_time_t now,
                                      apr_pool_t *pool)
{
    const hbr_slot_t *slot = &metrics->slots[index];
    hbr_reading_t *reading;

    if (index >= hbr_metrics_count(metrics))
        return NULL;
    reading = apr_pcalloc(pool, sizeof(*reading));
    reading->handler = slot->name;
    reading->since = slot->since;
    read_cells(metrics, index, reading, pool);
    read_hour(slot, now, reading);
    read_errors(slot, reading, pool);
    read_seats(metrics, index, reading);
    read_own(metrics, index, reading, pool);
    return reading;
}

const hbr_reading_t *hbr_metrics_find(const hbr_metrics_t *metrics,
                                      const char *handler, apr_time_t now,
                                      apr_pool_t *pool)
{
    apr_size_t count = hbr_metrics_count(metrics);
    apr_size_t i;

    for (i = 0; i < count; i++)
        if (strcmp(metrics->slots[i].name, handler) == 0)
            return hbr_metrics_read(metrics, i, now, pool);
    return NULL;
}
