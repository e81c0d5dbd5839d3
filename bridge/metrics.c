/*
 * The block that counters lie in: its layout, and who gets what of it.
 *
 * Slots, and the words of handlers' own metrics, are given out by the parent
 * alone and never taken back: children of an older configuration go on counting
 * where they did, and a name that comes back finds its numbers. Seats are taken
 * by the children, each with one atomic exchange.
 */
#include "metrics.h"

#include <string.h>

#include "atomic.h"
#include "metrics_block.h"
#include "registry.h"

/* Sizes that differ mean another layout. */
#define MAGIC                                                                  \
    ((apr_uint64_t)0x48425202 << 32 ^ (apr_uint64_t)sizeof(hbr_slot_t) << 16   \
     ^ sizeof(hbr_cells_t) ^ HBR_TIMER_WORDS << 8)

/* The first seat is nobody's: those who found none sit there together. */
#define COMMON_SEAT 0

static apr_size_t whole_lines(apr_size_t size)
{
    return (size + HBR_CACHE_LINE - 1) / HBR_CACHE_LINE * HBR_CACHE_LINE;
}

static apr_size_t head_size(void)
{
    return whole_lines(sizeof(hbr_block_t));
}

static apr_size_t slots_size(const hbr_metrics_shape_t *shape)
{
    return whole_lines(shape->handlers * sizeof(hbr_slot_t));
}

static apr_size_t own_size(const hbr_metrics_shape_t *shape)
{
    return whole_lines(shape->handlers * HBR_OWN_EACH * sizeof(hbr_own_t));
}

static apr_size_t lane_size(const hbr_metrics_shape_t *shape)
{
    return shape->handlers
           * (sizeof(hbr_cells_t)
              + whole_lines(HBR_OWN_WORDS * sizeof(apr_uint64_t)));
}

static apr_size_t seat_size(const hbr_metrics_shape_t *shape)
{
    return sizeof(hbr_seat_t)
           + whole_lines(shape->handlers * sizeof(hbr_gauge_t));
}

apr_size_t hbr_metrics_size(const hbr_metrics_shape_t *shape)
{
    return head_size() + slots_size(shape) + own_size(shape)
           + shape->lanes * lane_size(shape)
           + (shape->seats + 1) * seat_size(shape);
}

static void lay_out(hbr_block_t *block, apr_size_t size,
                    const hbr_metrics_shape_t *shape, apr_time_t now)
{
    block->magic = MAGIC;
    block->size = size;
    block->shape = *shape;
    block->since = now;
}

static hbr_metrics_t *view(apr_pool_t *pool, hbr_block_t *block,
                           hbr_is_alive_fn *is_alive)
{
    hbr_metrics_t *metrics = apr_pcalloc(pool, sizeof(*metrics));
    const hbr_metrics_shape_t *shape = &block->shape;
    char *at = (char *)block + head_size();

    metrics->block = block;
    metrics->is_alive = is_alive;
    metrics->slots = (hbr_slot_t *)at;
    at += slots_size(shape);
    metrics->own = (hbr_own_t *)at;
    at += own_size(shape);
    metrics->lanes = at;
    metrics->lane_size = lane_size(shape);
    metrics->seats = at + shape->lanes * metrics->lane_size;
    metrics->seat_size = seat_size(shape);
    return metrics;
}

hbr_metrics_t *hbr_metrics_open(apr_pool_t *pool, void *memory, apr_size_t size,
                                const hbr_metrics_shape_t *shape,
                                apr_time_t now, hbr_is_alive_fn *is_alive)
{
    hbr_block_t *block = memory;

    if (block->magic == 0)
        lay_out(block, size, shape, now);
    if (block->magic != MAGIC || block->size != size
        || hbr_metrics_size(&block->shape) != size)
        return NULL;
    return view(pool, block, is_alive);
}

hbr_metrics_shape_t hbr_metrics_shape(const hbr_metrics_t *metrics)
{
    return metrics->block->shape;
}

/* ---- seats: emptied by the parent --------------------------------------------- */

static bool take(hbr_seat_t *seat, apr_uint32_t from, apr_uint32_t pid)
{
    return __atomic_compare_exchange_n(&seat->pid, &from, pid, false,
                                       __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static void empty(hbr_metrics_t *metrics, apr_size_t seat)
{
    hbr_gauge_t *gauges = hbr_seat_gauges(metrics, seat);
    apr_uint32_t i;

    for (i = 0; i < metrics->block->shape.handlers; i++) {
        hbr_store32(&gauges[i].in_flight, 0);
        hbr_store32(&gauges[i].in_use, 0);
        hbr_store32(&gauges[i].idle, 0);
    }
}

static void leave(hbr_metrics_t *metrics, apr_size_t seat, apr_uint32_t pid)
{
    empty(metrics, seat);
    take(hbr_seat(metrics, seat), pid, 0);
}

void hbr_metrics_leave(hbr_metrics_t *metrics, apr_uint32_t pid)
{
    apr_size_t i;

    for (i = 1; i < hbr_seats_in_use(metrics); i++)
        if (hbr_load32(&hbr_seat(metrics, i)->pid) == pid)
            leave(metrics, i, pid);
}

static void leave_dead(hbr_metrics_t *metrics)
{
    apr_size_t i;

    for (i = 1; i < hbr_seats_in_use(metrics); i++) {
        apr_uint32_t holder = hbr_load32(&hbr_seat(metrics, i)->pid);

        if (holder != 0 && !metrics->is_alive(holder))
            leave(metrics, i, holder);
    }
}

/* ---- slots: the parent -------------------------------------------------------- */

/* The slot and 1; 0: there is none. */
static apr_uint32_t claim_slot(hbr_metrics_t *metrics, const char *name,
                               apr_time_t now)
{
    hbr_block_t *block = metrics->block;
    apr_uint32_t i;

    for (i = 0; i < block->slots; i++)
        if (strcmp(metrics->slots[i].name, name) == 0)
            return i + 1;
    if (i == block->shape.handlers || strlen(name) >= HBR_SLOT_NAME)
        return 0;
    strcpy(metrics->slots[i].name, name);
    metrics->slots[i].since = now;
    __atomic_store_n(&block->slots, i + 1, __ATOMIC_RELEASE);
    return i + 1;
}

static bool is_same(const hbr_own_t *own, apr_uint32_t slot,
                    const hbr_metric_t *metric)
{
    return own->slot == slot && own->type == metric->type
           && strcmp(own->name, metric->name) == 0;
}

static apr_uint32_t words_of(const hbr_metric_t *metric)
{
    return metric->type == HBR_METRIC_TIMER ? HBR_TIMER_WORDS : 1;
}

static apr_uint32_t make_own(hbr_metrics_t *metrics, apr_uint32_t slot,
                             const hbr_metric_t *metric)
{
    hbr_block_t *block = metrics->block;
    apr_uint32_t needed = words_of(metric);
    hbr_own_t *own = &metrics->own[block->own];

    if (block->own == block->shape.handlers * HBR_OWN_EACH
        || needed > block->shape.handlers * HBR_OWN_WORDS - block->words)
        return 0;
    strcpy(own->name, metric->name);
    own->slot = slot;
    own->type = metric->type;
    own->word = block->words;
    block->words += needed;
    __atomic_store_n(&block->own, block->own + 1, __ATOMIC_RELEASE);
    return own->word + 1;
}

/* The first of its words and 1; 0: there is no room. */
static apr_uint32_t claim_own(hbr_metrics_t *metrics, apr_uint32_t slot,
                              const hbr_metric_t *metric)
{
    apr_uint32_t i;

    for (i = 0; i < metrics->block->own; i++)
        if (is_same(&metrics->own[i], slot, metric))
            return metrics->own[i].word + 1;
    return make_own(metrics, slot, metric);
}

static bool claim(hbr_metrics_t *metrics, hbr_entry_t *entry, apr_time_t now)
{
    hbr_meter_t *meter = &entry->meter;
    bool all = true;
    apr_size_t i;

    meter->place = claim_slot(metrics, entry->name, now);
    if (meter->place == 0)
        return false;
    for (i = 0; i < entry->metrics; i++) {
        meter->words[i] =
            claim_own(metrics, meter->place - 1, &entry->handler.metrics[i]);
        all = all && meter->words[i] != 0;
    }
    return all;
}

apr_size_t hbr_metrics_claim(hbr_metrics_t *metrics,
                             hbr_entry_t *const *entries, apr_size_t count,
                             apr_time_t now)
{
    apr_size_t missed = 0;
    apr_size_t i;

    leave_dead(metrics);
    for (i = 0; i < count; i++)
        missed += !claim(metrics, entries[i], now);
    metrics->block->missed = (apr_uint32_t)missed;
    return missed;
}

/* ---- seats: taken by the children --------------------------------------------- */

/* A free one, or this process' own: a single process restarts in its place. */
static apr_size_t free_seat(hbr_metrics_t *metrics, apr_uint32_t pid)
{
    apr_size_t i;

    for (i = 1; i <= metrics->block->shape.seats; i++)
        if (take(hbr_seat(metrics, i), pid, pid)
            || take(hbr_seat(metrics, i), 0, pid))
            return i;
    return COMMON_SEAT;
}

static apr_size_t dead_seat(hbr_metrics_t *metrics, apr_uint32_t pid)
{
    apr_size_t i;

    for (i = 1; i <= metrics->block->shape.seats; i++) {
        hbr_seat_t *seat = hbr_seat(metrics, i);
        apr_uint32_t holder = hbr_load32(&seat->pid);

        if (!metrics->is_alive(holder) && take(seat, holder, pid))
            return i;
    }
    return COMMON_SEAT;
}

static apr_size_t take_seat(hbr_metrics_t *metrics, apr_uint32_t pid)
{
    apr_size_t seat = free_seat(metrics, pid);

    if (seat == COMMON_SEAT)
        seat = dead_seat(metrics, pid);
    if (seat != COMMON_SEAT)
        empty(metrics, seat);
    return seat;
}

static void bind_meter(hbr_metrics_t *metrics, hbr_entry_t *entry,
                       apr_size_t seat, apr_uint32_t pid)
{
    hbr_meter_t *meter = &entry->meter;
    apr_size_t lane = seat % metrics->block->shape.lanes;
    apr_size_t i;

    meter->metrics = metrics;
    if (meter->place == 0)
        return;
    for (i = 0; i < entry->metrics; i++)
        meter->own[i] = meter->words[i] == 0 ? NULL
                                             : hbr_lane_words(metrics, lane)
                                                   + meter->words[i] - 1;
    meter->pid = pid;
    meter->is_alive = metrics->is_alive;
    meter->slot = &metrics->slots[meter->place - 1];
    meter->gauge = &hbr_seat_gauges(metrics, seat)[meter->place - 1];
    meter->instances = seat == COMMON_SEAT ? NULL : meter->gauge;
    meter->cells = &hbr_lane_cells(metrics, lane)[meter->place - 1];
}

bool hbr_metrics_enter(hbr_metrics_t *metrics, apr_uint32_t pid,
                       hbr_entry_t *const *entries, apr_size_t count)
{
    apr_size_t seat = take_seat(metrics, pid);
    apr_size_t i;

    hbr_max32(&metrics->block->seats, (apr_uint32_t)seat + 1);
    for (i = 0; i < count; i++)
        bind_meter(metrics, entries[i], seat, pid);
    return seat != COMMON_SEAT;
}
