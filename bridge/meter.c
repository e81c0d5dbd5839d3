/*
 * Counting of requests. Any thread; there is no lock: every number is one
 * atomic addition, in memory that the process shares with few others or none.
 *
 * A word of a minute has that minute in its upper bits. So the last hour needs
 * nobody who clears it: who comes first in a new minute puts his number in the
 * place of the old one, and nothing is lost between the two.
 */
#include "meter.h"

#include "atomic.h"
#include "metrics_block.h"
#include "minute.h"
#include "state.h"

void hbr_meter_begin(const hbr_state_t *state)
{
    const hbr_meter_t *meter = &state->entry->meter;

    if (meter->cells != NULL)
        hbr_add32(&meter->gauge->in_flight, 1);
}

static void leave(const hbr_meter_t *meter)
{
    if (meter->cells != NULL)
        hbr_add32(&meter->gauge->in_flight, (apr_uint32_t)-1);
}

void hbr_meter_move(const hbr_entry_t *from, const hbr_entry_t *to)
{
    leave(&from->meter);
    if (to->meter.cells != NULL)
        hbr_add32(&to->meter.gauge->in_flight, 1);
}

static void count_time(const hbr_meter_t *meter, apr_uint64_t us,
                       apr_time_t now)
{
    hbr_cells_t *cells = meter->cells;
    apr_uint64_t minute = hbr_minute_of(now);
    hbr_minute_cell_t *at = &meter->slot->minutes[minute % HBR_MINUTES_KEPT];

    hbr_add64(&cells->buckets[hbr_bucket_of(us)], 1);
    hbr_add64(&cells->sum, us);
    hbr_max64(&cells->max, us);
    hbr_minute_add(&at->buckets[hbr_coarse_of(us)], minute, 1);
    hbr_minute_add(&at->sum, minute, us);
}

static void count_bytes(hbr_cells_t *cells, const hbr_state_t *state)
{
    if (state->bytes_in > 0)
        hbr_add64(&cells->bytes_in, (apr_uint64_t)state->bytes_in);
    if (state->bytes_out > 0)
        hbr_add64(&cells->bytes_out, (apr_uint64_t)state->bytes_out);
}

static void keep_error(const hbr_meter_t *meter, const hbr_state_t *state,
                       int status, apr_time_t now)
{
    const hbr_request_t *request = &state->request;
    hbr_error_record_t error = { .time = (apr_uint64_t)now,
                                 .status = (apr_uint32_t)status,
                                 .was_cut = state->cut || state->unsent };

    hbr_error_text(error.method, sizeof(error.method), request->method);
    hbr_error_text(error.path, sizeof(error.path), request->uri);
    hbr_error_text(error.reason, sizeof(error.reason),
                   state->told != NULL ? state->told : "");
    hbr_error_text(error.tag, sizeof(error.tag),
                   state->tag != NULL ? state->tag : "");
    hbr_add64(&meter->cells->errors, 1);
    hbr_error_ring_put(&meter->slot->errors, &error, meter->pid,
                       meter->is_alive);
}

/* What few requests are. */
static void count_trouble(const hbr_meter_t *meter, const hbr_state_t *state,
                          int status, apr_time_t now)
{
    if (state->limit > 0)
        hbr_add64(&meter->cells->limits[state->limit - 1], 1);
    if (status >= 500 || state->cut || state->unsent)
        keep_error(meter, state, status, now);
}

void hbr_meter_end(const hbr_state_t *state, int status, apr_time_t now)
{
    const hbr_meter_t *meter = &state->entry->meter;
    apr_time_t took = now - state->began;

    if (meter->cells == NULL)
        return;
    hbr_add64(&meter->cells->classes[status / 100 - 1], 1);
    count_time(meter, took > 0 ? (apr_uint64_t)took : 0, now);
    count_bytes(meter->cells, state);
    if (status >= 400 || state->cut || state->unsent)
        count_trouble(meter, state, status, now);
    leave(meter);
}

bool hbr_meter_misused(hbr_meter_t *meter)
{
    return __atomic_exchange_n(&meter->misused, 1, __ATOMIC_RELAXED) == 0;
}
